from datetime import date, timedelta

import pytest

from tongchou.surveillance.delays import EARLIES, Span
from tongchou.surveillance.timeliness.windows import dated_delays, windows_of
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import same

FOUND, _, ISOLATED, _ = EARLIES
INCUBATION = Span(
    name="incubation", start="exposed_from..exposed_to", end="onset_on", label=same("incubation")
)
FIRST = date(2020, 1, 6)


def day(n):
    return FIRST + timedelta(n)


def standings(cases, span, as_of=60, **more):
    return dated_delays(cases, span, day(as_of), **more)["standing"].to_list()


def test_every_record_is_something_and_none_is_lost(line_list):
    cases = line_list(onset_on=[0, 3, 5, 2, None], confirmed_on=[4, 3, 1, None, 4])
    assert standings(cases, FOUND) == ["measured", "measured", "fault", "open", "unknown"]


def test_isolated_before_falling_ill_is_the_aim_and_confirmed_before_it_is_a_fault(line_list):
    cases = line_list(onset_on=[5], isolated_on=[2], confirmed_on=[2])
    assert standings(cases, ISOLATED) == ["before"]
    assert standings(cases, FOUND) == ["fault"]


def test_what_ends_after_the_cut_off_is_open_and_who_starts_after_it_is_not_there(line_list):
    cases = line_list(onset_on=[0, 3, 9], confirmed_on=[4, 8, 10])
    assert standings(cases, FOUND, as_of=7) == ["measured", "open"]


def test_a_case_that_became_known_after_the_cut_off_is_not_there(line_list):
    cases = line_list(onset_on=[0, 0], confirmed_on=[4, 4], known_on=[5, 9])
    assert standings(cases, FOUND, as_of=7) == ["measured"]


def test_a_day_runs_from_midnight_to_midnight(line_list):
    dated = dated_delays(line_list(onset_on=[0], confirmed_on=[4]), FOUND, day(6))
    windows = windows_of(dated.with_columns(stratum=0), day(6))
    assert windows.start_to - windows.start_from == 1
    assert windows.end_to - windows.end_from == 1
    assert windows.end_from - windows.start_from == 4
    assert windows.cutoff - windows.start_from == 7  # the cut-off is the end of the seventh day


def test_an_exposure_is_a_window_and_no_later_than_the_onset(line_list):
    cases = line_list(exposed_from=[0, 3], exposed_to=[4, 9], onset_on=[8, 6])
    dated = dated_delays(cases, INCUBATION, day(60))
    assert dated["standing"].to_list() == ["measured", "measured"]
    assert dated["start_last"].to_list() == [day(4), day(6)]


def test_a_window_of_which_one_bound_is_known(line_list):
    cases = line_list(exposed_from=[None, 2, None], exposed_to=[4, None, None], onset_on=[8, 9, 7])
    assert standings(cases, INCUBATION) == ["unknown", "measured", "unknown"]
    dated = dated_delays(cases, INCUBATION, day(60), since=day(-20))
    assert dated["standing"].to_list() == ["measured", "measured", "unknown"]
    assert dated["start_first"].to_list()[:2] == [day(-20), day(2)]
    assert dated["start_last"].to_list()[:2] == [day(4), day(9)]


def test_ill_before_the_exposure_began_is_a_fault(line_list):
    cases = line_list(exposed_from=[5], exposed_to=[9], onset_on=[3])
    assert standings(cases, INCUBATION) == ["fault"]


def test_bounds_the_wrong_way_round_are_a_fault(line_list):
    cases = line_list(exposed_from=[5], exposed_to=[2], onset_on=[9])
    assert standings(cases, INCUBATION) == ["fault"]


def test_a_missing_column_is_named(line_list):
    with pytest.raises(MissingData, match=r"confirmed_on"):
        dated_delays(line_list(onset_on=[0]), FOUND, day(9))


def test_the_week_is_that_of_the_start(line_list):
    cases = line_list(onset_on=[0, 6, 7], confirmed_on=[8, 8, 8])
    assert dated_delays(cases, FOUND, day(30))["week"].to_list() == [day(0), day(0), day(7)]
