from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongchou.surveillance.delays import EARLIES, STEPS
from tongchou.surveillance.timeliness.lost import lost_days
from tongchou.surveillance.timeliness.strata import BASES, estimate_delays
from tongchou.vocabulary.distributions import Gamma

FIRST = date(2020, 1, 6)
FOUND, _, ISOLATED, _ = EARLIES
SLOW, QUICK = Gamma(mean=7.0, sd=3.0), Gamma(mean=3.0, sd=2.0)


@pytest.fixture(scope="module")
def two_places(outbreak, line_list):
    rng = np.random.default_rng(11)
    slow, quick = (outbreak(d, rng, cases=300) for d in (SLOW, QUICK))
    starts, ends = (np.concatenate(part) for part in zip(slow, quick, strict=True))
    return line_list(["330300"] * 300 + ["440300"] * 300, onset_on=starts, confirmed_on=ends)


AS_OF = FIRST + timedelta(days=59)


def test_each_place_gets_its_own_delay(two_places):
    table = estimate_delays(two_places, AS_OF, (FOUND,))
    assert table["basis"].to_list() == ["own", "own"]
    for row, truth in zip(table.iter_rows(named=True), (SLOW, QUICK), strict=True):
        assert row["mean_low"] < truth.mean < row["mean_high"]
        assert row["observed_mean"] < truth.mean


def test_by_week_the_newest_weeks_do_not_look_quicker_than_they_are(two_places):
    slow = two_places.filter(pl.col("place") == "330300")
    table = estimate_delays(slow, AS_OF, (FOUND,), by=("week",)).drop_nulls("mean")
    last = table.row(-1, named=True)
    assert last["observed_mean"] < 5 < SLOW.mean
    assert last["mean_low"] < SLOW.mean < last["mean_high"]


def test_strata_add_up_to_the_list(two_places):
    every = estimate_delays(two_places, AS_OF, (FOUND,), by=()).row(0, named=True)
    for by in (("place",), ("week",), ("place", "week")):
        table = estimate_delays(two_places, AS_OF, (FOUND,), by=by)
        for column in ("cases", "measured", "before", "fault", "open", "unknown", "same_day"):
            assert table[column].sum() == every[column]
        assert set(table["basis"].drop_nulls()) <= set(BASES)


def test_the_cut_off_takes_back_what_was_not_known_yet(two_places):
    early = AS_OF - timedelta(days=14)
    then = estimate_delays(two_places, early, (FOUND,))
    known = two_places.with_columns(
        pl.when(pl.col("confirmed_on") <= early).then("confirmed_on").alias("confirmed_on")
    ).filter(pl.col("onset_on") <= early)
    assert then.equals(estimate_delays(known, early, (FOUND,)))


def test_few_cases_in_few_places_take_the_fit_of_all(two_places, line_list):
    few = line_list("420100", onset_on=[0, 1, 2], confirmed_on=[5, 9, 3])
    table = estimate_delays(pl.concat([two_places, few]), AS_OF, (FOUND,))
    row = table.filter(pl.col("place") == "420100").row(0, named=True)
    assert (row["basis"], row["fitted"]) == ("all", 603)


@pytest.mark.parametrize("by", [(), ("place",), ("week",), ("place", "week")])
def test_one_case_is_counted_and_not_fitted(by, line_list):
    row = estimate_delays(line_list(onset_on=[0], confirmed_on=[4]), AS_OF, (FOUND,), by=by).row(
        0, named=True
    )
    assert (row["cases"], row["measured"], row["observed_mean"]) == (1, 1, 4.0)
    assert row["family"] is row["mean"] is row["basis"] is None


def test_no_case_at_all_is_an_empty_table(line_list):
    cases = line_list(onset_on=[0], confirmed_on=[4]).clear()
    assert estimate_delays(cases, AS_OF, (FOUND,)).is_empty()


def test_everybody_on_the_same_day_has_no_distribution(line_list):
    cases = line_list(onset_on=list(range(50)), confirmed_on=list(range(50)))
    row = estimate_delays(cases, AS_OF, (FOUND,)).row(0, named=True)
    assert (row["same_day"], row["observed_mean"], row["family"]) == (50, 0.0, None)


def test_ten_years_of_data(outbreak, line_list):
    rng = np.random.default_rng(12)
    start = rng.integers(0, 3650, 20_000)
    end = np.floor(start + rng.random(20_000) + QUICK.quantile(rng.random(20_000)))
    cases = line_list(onset_on=start, confirmed_on=end)
    row = estimate_delays(cases, FIRST + timedelta(days=3700), (FOUND,), by=()).row(0, named=True)
    assert row["mean"] == pytest.approx(QUICK.mean, rel=0.02)  # standard error 0.5 %


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(0, 40)), st.one_of(st.none(), st.integers(0, 60))
        ),
        min_size=1,
        max_size=60,
    )
)
def test_whatever_the_dates_every_case_has_one_standing_and_no_number_is_endless(days):
    columns = {
        name: [None if d[k] is None else FIRST + timedelta(d[k]) for d in days]
        for k, name in enumerate(("onset_on", "isolated_on"))
    }
    cases = pl.DataFrame(
        {"place": ["a"] * len(days), **columns}, schema_overrides=dict.fromkeys(columns, pl.Date)
    )
    table = estimate_delays(cases, FIRST + timedelta(50), (ISOLATED,), least=5)
    row = table.row(0, named=True)
    assert row["cases"] == sum(row[s] for s in ("measured", "before", "fault", "open", "unknown"))
    for name in ("mean", "sd", "median", "p90", "p95"):
        if row[name] is not None:
            assert 0 < row[f"{name}_low"] <= row[name] <= row[f"{name}_high"] < np.inf


def test_the_slowest_step_is_not_excused_by_the_cases_still_in_it(outbreak, line_list):
    # Visits come after 7 days and look shorter than they are; results take a steady 6.
    starts, visits = outbreak(SLOW, np.random.default_rng(13), cases=300, growth=0.25)
    cases = line_list(
        onset_on=starts, visited_on=visits, sampled_on=starts - 7, result_on=starts - 1
    )
    seen = estimate_delays(cases, AS_OF, STEPS[:1])["observed_mean"][0]
    table = lost_days(cases, AS_OF)
    assert seen < 6 < table.filter(pl.col("delay") == "to_visit")["mean"][0]
    assert table.filter("slowest")["delay"].to_list() == ["to_visit"]


def test_a_step_without_columns_is_left_out_and_one_without_cases_loses_nothing(line_list):
    cases = line_list(onset_on=[0, 0], visited_on=[2, 4], sampled_on=[None, None])
    table = lost_days(cases, AS_OF)
    assert table["delay"].to_list() == ["to_visit", "to_sample"]
    assert table["lost"].to_list() == [6.0, None]
    assert table["slowest"].to_list() == [True, False]
