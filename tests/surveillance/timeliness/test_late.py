from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongchou.station.cases.clocks import clocks, read_clock
from tongchou.surveillance.timeliness.late import LATE_STANDINGS, late_cases, service_levels

DAY = date(2020, 2, 3)
TIMES = ("suspected", "sampled", "result", "confirmed", "reported", "isolated", "admitted", "excluded", "recovered", "died")  # fmt: skip


def test_the_levels_are_the_clocks_of_a_case_page():
    assert list(service_levels()) == list(clocks())
    for name, level in service_levels().items():
        assert level.hours == clocks()[name].hours
        assert level.label == clocks()[name].label


@given(
    hours=st.fixed_dictionaries(
        {name: st.one_of(st.none(), st.integers(0, 240)) for name in TIMES}
    ),
    days=st.integers(0, 9),
)
def test_whoever_is_on_the_list_is_late_on_the_page(hours, days):
    midnight = datetime.combine(DAY, datetime.min.time(), tzinfo=UTC)
    as_of = DAY + timedelta(days)
    now = midnight + timedelta(days=days + 1)
    at = {
        f"{name}_at": midnight + timedelta(hours=h)
        for name, h in hours.items()
        if h is not None and midnight + timedelta(hours=h) < now
    }
    row = {f"{name}_on": at[f"{name}_at"].date() if f"{name}_at" in at else None for name in TIMES}
    cases = pl.DataFrame(
        {"case_id": ["a"], "place": ["420100"], **{name: [value] for name, value in row.items()}},
        schema_overrides=dict.fromkeys(row, pl.Date),
    )
    for found in late_cases(cases, as_of).iter_rows(named=True):
        reading = read_clock(clocks()[found["clock"]], at, now)
        assert reading.standing == found["standing"]
        assert abs(found["days_late"] - reading.late_by / timedelta(days=1)) <= 1


@pytest.mark.parametrize(
    ("admitted", "as_of", "expected"),
    [
        (0, 5, []),  # the same day
        (1, 5, []),  # the day after may be within 24 hours
        (2, 5, [("missed", 1.0)]),  # two days on cannot be
        (None, 0, []),
        (None, 1, [("late", 0.5)]),  # a day and a night have passed at the end of the next day
        (None, 9, [("late", 8.5)]),
        (4, 3, [("late", 2.5)]),  # not known yet at the cut-off
    ],
)
def test_dates_decide_only_what_they_can(admitted, as_of, expected, line_list):
    cases = line_list(confirmed_on=[0], admitted_on=[admitted])
    found = late_cases(cases, date(2020, 1, 6) + timedelta(as_of))
    assert found.select("standing", "days_late").rows() == expected


def test_the_latest_comes_first_and_a_death_ends_the_waiting(line_list):
    cases = line_list(
        confirmed_on=[0, 3, 1], admitted_on=[None, None, None], died_on=[None, None, 2]
    )
    found = late_cases(cases, date(2020, 1, 16))
    assert found["case_id"].to_list() == ["c0", "c1"]
    assert found["days_late"].is_sorted(descending=True)


def test_a_list_without_the_dates_of_a_level_is_not_held_against_it(line_list):
    assert late_cases(line_list(onset_on=[0]), date(2020, 3, 1)).is_empty()


def test_standings_are_said_in_both_languages():
    for text in LATE_STANDINGS.values():
        assert text.zh
        assert text.en
