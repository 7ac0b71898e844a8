import dataclasses

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.renewal import HUB_QUANTILES, forecast
from tongchou.transmission.score import coverage
from tongchou.vocabulary.distributions import serial_interval_probabilities
from tongchou.vocabulary.errors import BadParameter

TABLE = ForecastAssumptions.from_table()
slow_case = settings(max_examples=15, deadline=None)


def rng(seed=20200222):
    return np.random.default_rng(seed)


def epidemic(R, places, chance, k=5.0, seed_cases=30):
    w = serial_interval_probabilities(TABLE.serial_interval)
    cases = np.zeros((places, len(R)))
    cases[:, :7] = seed_cases
    for day in range(7, len(R)):
        lags = np.arange(1, min(day, len(w) - 1) + 1)
        mean = R[day] * (cases[:, day - lags] @ w[lags])
        cases[:, day] = chance.poisson(mean * chance.gamma(k, 1 / k, places))
    return cases


@pytest.mark.parametrize("R", [0.7, 0.95])
def test_the_band_holds_an_epidemic_whose_r_stays_as_it_is(cube, R):
    rows = cube(epidemic(np.full(59, R), 200, np.random.default_rng(5), seed_cases=60))
    known, came = rows[:, :45], rows[:, 45:]
    ahead = forecast(known, TABLE, draws=400, rng=rng())["new_cases"]
    # The forecast allows R to drift, the simulated one does not: its bands may be too wide, but
    # must not be too narrow.
    assert coverage(ahead, came, 0.95).mean().item() > 0.94
    assert coverage(ahead, came, 0.5).mean().item() > 0.45
    assert ahead.sel(quantile=0.5).sum().item() == pytest.approx(came.sum().item(), rel=0.2)


def test_the_same_seed_gives_the_same_forecast(cube):
    rows = cube(epidemic(np.full(30, 1.0), 4, np.random.default_rng(1)))
    first, second = (forecast(rows, TABLE, draws=150, rng=rng()) for _ in range(2))
    xr.testing.assert_identical(first, second)


def test_appending_places_leaves_the_chance_of_the_others_unchanged(cube):
    # Dispersion, trend and sparks are learnt from all places; with quiet copies they stay nearly
    # alike, and so do the draws: it is the same chance.
    rows = np.tile(epidemic(np.full(40, 1.0), 1, np.random.default_rng(2)), (3, 1))
    few = forecast(cube(rows[:2]), TABLE, draws=200, rng=rng())["new_cases"]
    more = forecast(cube(rows), TABLE, draws=200, rng=rng())["new_cases"].isel(place=[0, 1])
    other = forecast(cube(rows[:2]), TABLE, draws=200, rng=rng(1))["new_cases"]

    def distance(a, b):
        return np.abs(a - b).mean().item()

    assert distance(few, more) < distance(few, other) / 2


def test_draws_do_not_depend_on_how_many_are_asked_for(cube):
    # 23 levels of 100 draws against the same 100 among 200: equal if and only if chunks are.
    rows = cube(epidemic(np.full(30, 1.0), 2, np.random.default_rng(3)))
    one = forecast(rows, TABLE, draws=100, quantiles=(0.0, 1.0), rng=rng())["new_cases"]
    two = forecast(rows, TABLE, draws=200, quantiles=(0.0, 1.0), rng=rng())["new_cases"]
    assert (two.sel(quantile=0.0) <= one.sel(quantile=0.0)).all()
    assert (two.sel(quantile=1.0) >= one.sel(quantile=1.0)).all()


@slow_case
@given(factor=st.floats(0.3, 0.95))
def test_a_package_that_lowers_r_gives_no_more_cases_under_the_same_chance(cube, factor):
    rows = cube(epidemic(np.full(30, 1.1), 3, np.random.default_rng(4)))
    ahead = {
        m: forecast(rows, TABLE, draws=100, multiplier=xr.DataArray(m), rng=rng())["cumulative"]
        for m in (1.0, factor)
    }
    # +1: where two forms of the Poisson quantile meet, they may differ by one.
    assert (ahead[factor] <= ahead[1.0] + 1).all()
    assert ahead[factor].sum() < ahead[1.0].sum()


def test_a_package_acts_where_and_when_it_is_in_force(cube):
    rows = cube(epidemic(np.full(30, 1.1), 2, np.random.default_rng(6)))
    plain = forecast(rows, TABLE, draws=200, rng=rng())
    path = xr.ones_like(plain["mean"])
    path[0, 7:] = 0.2
    closed = forecast(rows, TABLE, draws=200, multiplier=path, rng=rng())
    same = plain["new_cases"] == closed["new_cases"]
    assert same.isel(place=1).all()
    assert same.isel(place=0, date=slice(0, 7)).all()
    assert (closed["mean"] < plain["mean"]).isel(place=0, date=slice(7, None)).all()


@pytest.mark.parametrize("name", ["multiplier", "importation"])
def test_a_path_that_leaves_out_a_place_is_refused_by_name(cube, name):
    rows = cube(np.ones((2, 30)))
    with pytest.raises(BadParameter, match="every place and day") as refused:
        forecast(
            rows,
            TABLE,
            rng=rng(),
            **{name: xr.DataArray([0.5], {"place": rows["place"][:1]}, ("place",))},
        )
    assert refused.value.name == name
    assert "420001" in str(refused.value.value)


def test_imported_cases_start_an_epidemic_where_there_is_none(cube):
    rows = cube(np.zeros((2, 30)))
    pressure = xr.DataArray([3.0, 0.0], {"place": rows["place"]}, ("place",))
    ahead = forecast(rows, TABLE, draws=2000, importation=pressure, rng=rng())
    first_day = ahead["mean"].isel(date=0)
    # standard error of the mean of 2 000 counts of mean 3 and k = 1: √(12 / 2000) = 0.08
    assert first_day.values == pytest.approx([3.0, 0.0], abs=0.3)
    assert (ahead["mean"].isel(place=0).diff("date").mean() > 0).item()
    assert ahead["mean"].isel(place=1).sum() == 0


def test_a_place_without_cases_has_a_forecast_from_what_quiet_places_have_seen(cube):
    calm, sparked = np.zeros((40, 30)), np.zeros((40, 30))
    sparked[:8, [20, 24, 28]] = 1
    means = [
        forecast(cube(rows), TABLE, draws=200, rng=rng())["mean"].isel(place=-1).sum()
        for rows in (calm, sparked)
    ]
    assert 0 < means[0] < means[1] < 3


@slow_case
@given(st.lists(st.integers(0, 60), min_size=15, max_size=30))
def test_quantiles_are_sorted_and_cumulative_counts_never_fall(cube, daily):
    ahead = forecast(cube(daily), TABLE, horizon=5, draws=100, rng=rng())
    assert ahead["new_cases"].sizes["quantile"] == len(HUB_QUANTILES) == 23
    for name in ("new_cases", "cumulative"):
        assert (ahead[name].diff("quantile") >= 0).all()
        assert (ahead[name] >= 0).all()
    assert (ahead["cumulative"].diff("date") >= 0).all()
    xr.testing.assert_allclose(ahead["cumulative"].isel(date=0), ahead["new_cases"].isel(date=0))


def test_growth_is_answered_and_faster_if_assumed_so(cube):
    rows = cube(epidemic(np.full(40, 1.6), 10, np.random.default_rng(8), seed_cases=5))
    swift, slow = (
        forecast(rows, dataclasses.replace(TABLE, response_half_life=days), draws=200, rng=rng())[
            "mean"
        ].sum()
        for days in (3.0, 30.0)
    )
    assert swift < slow / 2


def test_a_larger_drift_gives_a_wider_band(cube):
    rows = cube(epidemic(np.full(40, 0.9), 10, np.random.default_rng(9), seed_cases=80))
    width = [
        forecast(rows, dataclasses.replace(TABLE, drift_sd=sd), draws=300, rng=rng())["new_cases"]
        .sel(quantile=[0.025, 0.975])
        .diff("quantile")
        .isel(date=-1)
        .mean()
        for sd in (0.0, 0.2)
    ]
    assert width[1] > 1.3 * width[0]


def test_no_draw_exceeds_what_the_ceiling_of_r_allows(cube):
    # Twenty cases on the last day only: whatever R was drawn, tomorrow holds R ≤ 3.9 times w_1,
    # and a spark of less than a tenth of a case (one quiet day with cases in 14 of one place).
    rows = cube([0] * 29 + [20])
    w = serial_interval_probabilities(TABLE.serial_interval)
    mean = forecast(rows, TABLE, draws=2000, horizon=1, rng=rng())["mean"].item()
    assert mean <= TABLE.reproduction_ceiling * 20 * w[1] + 0.2
