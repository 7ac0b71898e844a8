import dataclasses

import numpy as np
import pytest

from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.transmissibility import estimate_transmissibility
from tongchou.vocabulary.distributions import serial_interval_probabilities
from tongchou.vocabulary.errors import BadParameter

TABLE = ForecastAssumptions.from_table()


def epidemic(R, places, rng, k=4.0, seed_cases=30):
    """Draw from the renewal equation with negative-binomial counts, place by day."""
    w = serial_interval_probabilities(TABLE.serial_interval)
    cases = np.zeros((places, len(R)))
    cases[:, :7] = seed_cases
    for day in range(7, len(R)):
        lags = np.arange(1, min(day, len(w) - 1) + 1)
        mean = R[day] * (cases[:, day - lags] @ w[lags])
        cases[:, day] = rng.poisson(mean * rng.gamma(k, 1 / k, places))
    return cases


@pytest.mark.parametrize("truth", [0.8, 1.0, 1.2])
def test_the_common_r_and_the_dispersion_come_back(cube, truth):
    rng = np.random.default_rng(41)
    now = estimate_transmissibility(cube(epidemic(np.full(45, truth), 60, rng)), TABLE)
    assert now.common == pytest.approx(truth, rel=0.05)
    # Counts of a place move its own R, which eats some of the scatter: k = 4 within 2.5 … 7.
    assert 2.5 < now.dispersion < 7
    assert abs(now.trend) < 0.02


def test_a_place_with_few_cases_takes_the_common_r_and_one_with_many_its_own(cube):
    rng = np.random.default_rng(42)
    # Nearly Poisson counts, so that a week of one place tells its R.
    falling = epidemic(np.full(45, 0.85), 30, rng, k=200)
    growing = epidemic(np.full(45, 1.25), 1, rng, k=200, seed_cases=60)
    lonely = np.zeros((1, 45))
    lonely[0, 40] = 1
    now = estimate_transmissibility(cube(np.vstack([falling, growing, lonely])), TABLE)
    R = now.shape / now.rate
    assert R[30] == pytest.approx(1.25, rel=0.1)
    assert R[31] == pytest.approx(now.common, rel=0.15)


def test_one_large_place_does_not_speak_for_all(cube):
    rng = np.random.default_rng(43)
    others = epidemic(np.full(45, 0.8), 30, rng, seed_cases=10)
    capital = epidemic(np.full(45, 1.3), 1, rng, seed_cases=3000)
    now = estimate_transmissibility(cube(np.vstack([others, capital])), TABLE)
    plain_sum = np.vstack([others, capital]).sum(axis=0)
    assert plain_sum[-1] > 50 * others[:, -1].mean()
    assert now.common < 1.1


def test_a_rising_trend_is_not_extrapolated_and_a_falling_one_is_limited(cube):
    rng = np.random.default_rng(44)
    rising = estimate_transmissibility(cube(epidemic(np.linspace(0.5, 1.5, 45), 40, rng)), TABLE)
    falling = estimate_transmissibility(cube(epidemic(np.linspace(2.5, 0.5, 45), 40, rng)), TABLE)
    assert rising.trend == 0
    assert -TABLE.trend_limit <= falling.trend < -0.02


def test_sparks_are_counted_in_quiet_places_only(cube):
    rows = np.zeros((20, 40))
    rows[:10] = 50.0  # busy: none of their cases is a spark
    rows[10, 30] = 1  # two quiet places see one spark each; a cluster found at once is one
    rows[11, 38] = 200
    now = estimate_transmissibility(cube(rows), TABLE)
    rate = now.spark_shape / now.spark_rate
    assert rate[10] > rate[12] > 0
    assert rate[11] == pytest.approx(rate[10], rel=0.3)
    # All places together: about the two sparks seen in 14 days (and the half that keeps it above 0).
    assert rate[10:].sum() * 14 == pytest.approx(2.5, rel=0.3)


def test_with_no_case_anywhere_the_basic_number_stands(cube):
    now = estimate_transmissibility(cube(np.zeros((3, 30))), TABLE)
    assert now.common == pytest.approx(TABLE.basic_reproduction)
    assert (now.spark_shape / now.spark_rate < 0.05).all()


def test_a_series_too_short_is_refused_with_the_days_it_needs(cube):
    with pytest.raises(BadParameter, match="at least 15 days"):
        estimate_transmissibility(cube([3] * 14), TABLE)


def test_an_assumption_that_must_be_positive_is_refused_by_name():
    with pytest.raises(BadParameter, match="pooling_cases"):
        dataclasses.replace(TABLE, pooling_cases=0.0)
