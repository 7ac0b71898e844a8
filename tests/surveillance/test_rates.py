from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tongchou.surveillance.rates import (
    admission_rate,
    cohort_recovery,
    health_worker_infection_rate,
    infection_rate,
    recovery_rate,
    wilson,
)
from tongchou.vocabulary.errors import MissingData

DAY = date(2020, 2, 1)


def case_table(**columns):
    """One place, dates as days after 1 February 2020."""
    rows = {
        name: [None if d is None else DAY + timedelta(d) for d in days]
        for name, days in columns.items()
    }
    schema = dict.fromkeys(rows, pl.Date)
    frame = pl.DataFrame(rows, schema=schema)
    return frame.with_columns(place=pl.lit("420100"))


@given(part=st.integers(0, 200), more=st.integers(0, 200))
def test_wilson_agrees_with_scipy(part, more):
    if part + more == 0:
        assert np.isnan(wilson(0, 0)[0])
        return
    peer = stats.binomtest(part, part + more).proportion_ci(method="wilson")
    low, high = wilson(part, part + more)
    assert (low, high) == pytest.approx((peer.low, peer.high), abs=1e-12)


def test_admission_counts_the_due_and_brackets_what_days_cannot_tell():
    cases = case_table(
        confirmed_on=[0, 0, 0, 0, 0, 4, 5, None],
        admitted_on=[0, 1, 2, None, -3, 9, 5, None],
    )
    row = admission_rate(cases, DAY + timedelta(5)).row(0, named=True)
    # Due: the six confirmed up to 5 February; the one of the last day is not due yet. Somebody
    # admitted before confirmation is in time; an admission after the cut-off is not known yet.
    assert (row["due"], row["in_time"], row["same_day"], row["waiting"]) == (6, 3, 2, 2)
    assert row["same_day_share"] < row["admission_rate"] == 0.5
    assert row["low"] < 0.5 < row["high"]


def test_admission_of_a_period_leaves_out_what_came_before():
    cases = case_table(confirmed_on=[0, 8, 9], admitted_on=[None, 8, 9])
    recent = admission_rate(cases, DAY + timedelta(12), confirmed_from=DAY + timedelta(5))
    assert recent.select("due", "admission_rate").row(0) == (2, 1.0)


@given(
    waits=st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=1, max_size=30),
    later=st.integers(0, 10),
)
def test_as_time_passes_nobody_admitted_in_time_is_lost_again(waits, later):
    cases = case_table(confirmed_on=[0] * len(waits), admitted_on=waits)
    first, second = (admission_rate(cases, DAY + timedelta(days)) for days in (1, 1 + later))
    assert second["in_time"][0] == first["in_time"][0]
    assert second["waiting"][0] <= first["waiting"][0]


def test_white_paper_recovery_and_fatality_of_closed_cases_to_31_may_2020():
    # "Fighting COVID-19: China in Action", June 2020: 83,017 confirmed, 78,307 cured, 4,634 dead.
    one = {"place": ["100000"]}
    cured, dead = (xr.DataArray([float(n)], one, ("place",)) for n in (78_307, 4_634))
    result = recovery_rate(cured, dead)
    # 94.3 % is its cure rate of all confirmed; of the 82,941 closed it is a little more.
    assert pytest.approx(0.943, abs=5e-4) == 78_307 / 83_017
    assert result["rate"].item() == pytest.approx(0.9441, abs=5e-5)
    assert result["low"].item() < result["rate"].item() < result["high"].item()


def test_nothing_closed_gives_no_rate():
    one = {"place": ["420100"]}
    zero = xr.DataArray([0.0], one, ("place",))
    assert np.isnan(recovery_rate(zero, zero)["rate"].item())


def test_the_cohort_is_not_misled_by_quick_deaths():
    # Ten confirmed on one day: one dies within a week, nine recover after 24 days.
    cases = case_table(
        confirmed_on=[0] * 10, recovered_on=[None] + [24] * 9, died_on=[6] + [None] * 9
    )
    one = {"place": ["420100"]}
    early = recovery_rate(
        xr.DataArray([0.0], one, ("place",)), xr.DataArray([1.0], one, ("place",))
    )
    assert early["rate"].item() == 0.0  # on day 10: closed cases only
    assert cohort_recovery(cases, DAY + timedelta(10)).is_empty()
    row = cohort_recovery(cases, DAY + timedelta(28)).row(0, named=True)
    assert (row["cohort"], row["recovered"], row["dead"], row["open"]) == (10, 9, 1, 0)


def test_the_cohort_does_not_know_what_comes_after_its_follow_up():
    cases = case_table(confirmed_on=[0, 0], recovered_on=[20, 40], died_on=[None, None])
    row = cohort_recovery(cases, DAY + timedelta(60)).row(0, named=True)
    assert (row["recovered"], row["open"], row["recovery_rate"]) == (1, 1, 0.5)


def test_infection_rate_by_hand(cube):
    rate = infection_rate(
        cube([[7, 0, 0, 0, 0, 0, 0, 14]]), xr.DataArray([1e6], {"place": ["420000"]}, ("place",))
    )
    assert rate["seven_day"].values[0, -2:] == pytest.approx([0.7, 1.4])
    assert rate["cumulative"].values[0] == pytest.approx([0.7] * 7 + [2.1])


@given(st.integers(0, 300), st.floats(10, 1e5))
def test_health_worker_interval_is_the_exact_poisson_one(infected, weeks):
    one = {"place": ["420100"]}
    result = health_worker_infection_rate(
        xr.DataArray([float(infected)], one, ("place",)), xr.DataArray([weeks], one, ("place",))
    )
    low, high = (result[name].item() * weeks / 1000 for name in ("low", "high"))
    # Garwood: each end is the mean under which what was seen, or more extreme, has 2.5 %.
    if infected:
        assert stats.poisson.sf(infected - 1, low) == pytest.approx(0.025, rel=1e-6)
    else:
        assert low == 0
    assert stats.poisson.cdf(infected, high) == pytest.approx(0.025, rel=1e-6)


def test_a_missing_column_is_named_with_what_cannot_be_computed():
    with pytest.raises(MissingData) as refused:
        admission_rate(pl.DataFrame({"place": ["420100"]}), DAY)
    assert "cases.confirmed_on" in refused.value.text()["en"]
    assert "收治率" in refused.value.text()["zh"]
