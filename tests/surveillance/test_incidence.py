import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.surveillance.incidence import (
    daily_new,
    days_since_last,
    fill_gaps,
    seven_day_incidence,
)

counts = st.lists(st.integers(0, 500), min_size=8, max_size=40)


@settings(deadline=None)
@given(totals=counts)
def test_new_and_correction_together_give_back_every_cumulative_count(cube, totals):
    result = daily_new(cube(totals))
    back = totals[0] + (result["new"] + result["correction"]).cumsum("date")
    assert back.values[0].tolist() == totals[1:]
    assert (result["new"] >= 0).all()
    assert (result["correction"] <= 0).all()


def test_a_downward_revision_stays_visible(cube):
    # Such as those of cities in Hubei on 18-20 February 2020; figures made up.
    result = daily_new(cube([1000, 1040, 940, 950]))
    assert result["new"].values[0].tolist() == [40, 0, 10]
    assert result["correction"].values[0].tolist() == [0, -100, 0]
    assert result["correction"].attrs["units"] == "persons per day"


def test_a_day_without_a_report_makes_two_increments_unknown(cube):
    result = daily_new(cube([10, np.nan, 14, 15]))
    assert np.isnan(result["new"].values[0]).tolist() == [True, True, False]


def test_gaps_are_filled_with_the_weeks_level_and_stay_marked(cube):
    result = fill_gaps(cube([[np.nan, 4, 6, np.nan, 5], [1, 1, 1, 1, 1]]))
    assert result["new_cases"].values[0] == pytest.approx([0, 4, 6, 10 / 3, 5])
    assert result["reported"].values[0].tolist() == [False, True, True, False, True]
    assert result["new_cases"].values[1].tolist() == [1] * 5


@settings(deadline=None)
@given(daily=counts, factor=st.integers(2, 9))
def test_incidence_knows_only_cases_per_resident(cube, daily, factor):
    people = xr.DataArray([120_000.0], {"place": ["420000"]}, ("place",))
    small = seven_day_incidence(cube(daily), people)
    large = seven_day_incidence(cube(daily) * factor, people * factor)
    assert np.isnan(small.values[0, :6]).all()
    assert large.values[0, 6:] == pytest.approx(small.values[0, 6:])
    assert small.values[0, -1] == pytest.approx(sum(daily[-7:]) / 1.2)


def test_places_that_do_not_match_are_not_guessed(cube):
    people = xr.DataArray([1e5], {"place": ["430000"]}, ("place",))
    with pytest.raises(ValueError, match="place"):
        seven_day_incidence(cube([1] * 7), people)


@settings(deadline=None)
@given(daily=counts)
def test_days_since_last_is_the_length_of_the_run_of_zeros_at_the_end(cube, daily):
    since = days_since_last(cube(daily)).values[0]
    for day in range(len(daily)):
        run = next((k for k, c in enumerate(reversed(daily[: day + 1])) if c), None)
        assert (np.isnan(since[day]) and run is None) or since[day] == run
