import numpy as np
import pytest
import xarray as xr

from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.renewal import forecast
from tongchou.transmission.reporting import weekday_effect, weekday_of
from tongchou.transmission.score import coverage, weighted_interval_score

TABLE = ForecastAssumptions.from_table()
HABIT = np.array([1.3, 1.1, 1.0, 1.0, 1.0, 0.9, 0.7])


def reported(cube, places=60, days=70, seed=4):
    """Steady epidemics, seen through a habit of weekdays."""
    rng = np.random.default_rng(seed)
    usual = cube(np.full((places, days), 40.0))
    habit = HABIT[weekday_of(usual["date"].values)]
    return usual.copy(data=rng.poisson(usual * habit))


def test_a_habit_comes_back(cube):
    effect = weekday_effect(reported(cube))
    assert effect.mean("place").values == pytest.approx(HABIT, abs=0.02)
    assert effect.mean("weekday").values == pytest.approx(1.0)


def test_without_cases_or_habit_there_is_none(cube):
    assert weekday_effect(cube(np.zeros((2, 60)))).values == pytest.approx(1.0)
    assert weekday_effect(cube(np.full((2, 60), 7.0))).values == pytest.approx(1.0)


def test_a_forecast_that_knows_the_habit_scores_better(cube):
    rows = reported(cube)
    known, came = rows[:, :56], rows[:, 56:]
    plain, knowing = (
        forecast(known, TABLE, draws=300, weekday=habit, rng=np.random.default_rng(1))["new_cases"]
        for habit in (None, weekday_effect(known))
    )
    scores = [weighted_interval_score(f, came).mean().item() for f in (plain, knowing)]
    assert scores[1] < 0.93 * scores[0]
    sunday = came["date"].dt.dayofweek == 6
    assert (
        knowing.sel(quantile=0.5).where(sunday).mean()
        < plain.sel(quantile=0.5).where(sunday).mean()
    )
    assert coverage(knowing, came, 0.95).mean().item() > 0.93


def test_a_habit_of_ones_changes_nothing(cube):
    rows = reported(cube, places=3)
    ones = xr.DataArray(np.ones(7), {"weekday": range(7)}, ("weekday",))
    one, two = (
        forecast(rows, TABLE, draws=100, weekday=habit, rng=np.random.default_rng(1))
        for habit in (None, ones)
    )
    xr.testing.assert_identical(one, two)
