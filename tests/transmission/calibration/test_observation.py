"""Delays, the scale of counts, journeys of the infected, whole persons, and the second opinion."""

import numpy as np
import pytest
import xarray as xr

from tongchou.transmission.calibration.abc_smc import abc_smc
from tongchou.transmission.calibration.members import Journeys, move, whole_persons
from tongchou.transmission.calibration.observation import CountScale, arrive, delay_table
from tongchou.vocabulary.errors import BadParameter

DATES = np.datetime64("2020-01-01") + np.arange(4)


@pytest.mark.parametrize("mean", [0.05, 0.7, 8.0, 300.0, 20_000.0])
def test_moments_of_the_scale_are_those_of_simulated_counts(mean):
    """100,000 counts: the standard error of the mean is 0.003, of the variance below 0.01."""
    scale = CountScale(10.0)
    rng = np.random.default_rng(4)
    f = scale.of(rng.negative_binomial(10, 10 / (10 + mean), 100_000))
    assert scale.expected(mean) == pytest.approx(f.mean(), abs=0.015)
    assert scale.variance(mean) == pytest.approx(f.var(), abs=0.03)


def test_reports_come_after_the_delay_of_the_day_of_infection():
    by_day = xr.DataArray(
        [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        {"date": [DATES[0].astype("datetime64[ns]"), DATES[1].astype("datetime64[ns]")]},
        ("date", "lag"),
    )
    table = delay_table(by_day, DATES)
    infections = np.array([[10.0], [20.0], [0.0], [0.0]])
    out = np.empty_like(infections)
    arrive(infections, table, out)
    assert out[:, 0].tolist() == [0, 10, 0, 20]


@pytest.mark.parametrize("delay", [[0.5, 0.6], [1.2, -0.2], [0.0]])
def test_a_delay_that_is_no_distribution_is_refused(delay):
    with pytest.raises(BadParameter, match="delay"):
        delay_table(delay, DATES)


def test_the_infected_travel_and_nobody_is_lost():
    state = np.zeros((2, 1, 14))
    state[0, 0, [0, 1, 5]] = 900.0, 90.0, 10.0
    state[1, 0, 0] = 500.0
    journeys = Journeys(
        np.array([0, 1, 1]), np.array([1], np.int32), np.full((4, 1), 100.0, np.float32)
    )
    infections = np.zeros((4, 2), np.float32)
    infections[2, 0] = 90
    ill = np.zeros(2, bool)
    move(state, journeys, 3, np.array([1000.0, 500.0]), ill, infections)
    assert state[1, 0, 1] == pytest.approx(9.0)  # a tenth of the exposed; those who feel ill stay
    assert state[1, 0, 5] == 0
    assert state.sum(axis=(1, 2)).tolist() == [1000.0, 500.0]
    assert infections[2].tolist() == [81.0, 9.0]
    assert ill[1]


def test_whole_persons_are_the_same_in_expectation():
    state = np.zeros((4000, 14))
    state[:, [0, 1, 5]] = 97.3, 0.3, 2.4
    whole = whole_persons(state, np.random.default_rng(1))
    assert (whole.sum(axis=1) == 100).all()
    assert whole.min() >= 0
    # 4,000 draws: standard error of a mean 0.008
    np.testing.assert_allclose(whole.mean(axis=0)[[1, 5]], [0.3, 2.4], atol=0.04)


def test_a_scale_of_hardly_any_information_is_refused():
    with pytest.raises(BadParameter, match="dispersion"):
        CountScale(0.5)


def test_abc_comes_near_a_posterior_that_is_known():
    """A normal mean with prior N(0, 1), seen as 1 with variance 1/4: posterior N(0.8, 0.447²); the distance widens it a little."""
    rng = np.random.default_rng(6)

    def distance(draws):
        return np.abs(draws[:, 0] + 0.5 * rng.standard_normal(len(draws)) - 1.0)

    kept = abc_smc(distance, {"mean": (0.0, 1.0)}, draws=400, populations=4, rng=rng)
    low, middle, high = kept.quantiles((0.025, 0.5, 0.975))[:, 0]
    assert middle == pytest.approx(0.8, abs=0.12)
    assert high - low == pytest.approx(4 * 0.447, abs=0.4)


def test_abc_with_too_few_draws_is_refused():
    with pytest.raises(BadParameter, match="draws"):
        abc_smc(lambda d: d[:, 0], {"x": (0.0, 1.0)}, draws=3, rng=np.random.default_rng(1))
