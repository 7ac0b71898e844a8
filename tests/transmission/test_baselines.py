import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.transmission.baselines import damped_trend, random_walk, weekday_naive
from tongchou.transmission.renewal import HUB_QUANTILES
from tongchou.transmission.score import coverage
from tongchou.vocabulary.errors import BadParameter

ALL = (random_walk, weekday_naive, damped_trend)
few = settings(max_examples=25, deadline=None)


@pytest.mark.parametrize("baseline", ALL)
def test_where_nothing_changes_it_is_right_about_its_own_errors(cube, baseline):
    rng = np.random.default_rng(19)
    rows = cube(rng.poisson(30, (300, 74)))
    ahead = baseline(rows[:, :60])
    assert ahead.dims == ("place", "date", "quantile")
    assert coverage(ahead, rows[:, 60:], 0.95).mean().item() == pytest.approx(0.95, abs=0.035)
    assert coverage(ahead, rows[:, 60:], 0.5).mean().item() == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize("baseline", ALL)
@few
@given(daily=st.lists(st.integers(0, 500), min_size=30, max_size=45))
def test_quantiles_are_sorted_and_no_count_is_negative(cube, baseline, daily):
    ahead = baseline(cube(daily))
    assert ahead.sizes["quantile"] == len(HUB_QUANTILES)
    assert np.isfinite(ahead).all()
    assert (ahead >= 0).all()
    assert (ahead.diff("quantile") >= -1e-9).all()


@pytest.mark.parametrize("baseline", ALL)
def test_all_zeros_stay_zero_and_a_short_series_is_refused(cube, baseline):
    assert (baseline(cube(np.zeros((2, 40)))) == 0).all()
    with pytest.raises(BadParameter, match="at least"):
        baseline(cube([1] * 10))


def test_the_trend_goes_on_and_fades(cube):
    growing = cube(np.round(20 * np.exp(0.1 * np.arange(40))))
    median = damped_trend(growing).sel(quantile=0.5).values[0]
    steps = np.diff(np.log1p(median))
    assert (steps > 0).all()
    assert (np.diff(steps) < 1e-9).all()
    assert median[0] > growing.values[0, -1]


def test_a_weekly_rhythm_comes_back(cube):
    week = [40, 30, 30, 30, 30, 10, 5]
    ahead = weekday_naive(cube(week * 6), horizon=10).sel(quantile=0.5).values[0]
    assert ahead.tolist() == [*week, *week[:3]]


def test_the_walk_moves_by_factors(cube):
    # Halving and doubling are equally far on the log scale: the band is as wide up as down, in factors.
    rng = np.random.default_rng(3)
    rows = cube(np.round(400 * np.exp(np.cumsum(rng.normal(0, 0.1, (1, 80)), axis=1))))
    ahead = np.log1p(random_walk(rows)).sel(quantile=[0.025, 0.5, 0.975]).values[0]
    assert ahead[:, 2] - ahead[:, 1] == pytest.approx(ahead[:, 1] - ahead[:, 0], rel=0.01)
