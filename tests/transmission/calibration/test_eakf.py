"""The filter against the Kalman filter of the textbook, and what it may not move."""

import numpy as np
import pytest

from tongchou.transmission.calibration.eakf import DAMPED, FULLY, NOT, Reach, assimilate, damping


def reach(observations: int, how: int, latents: int = 1, since: int = 0) -> Reach:
    return Reach(
        owner=np.zeros(observations, np.int64),
        day=np.arange(observations),
        latent=np.full((1, latents), how),
        others=np.full((1, 1), FULLY),
        since=np.full(latents, since),
    )


def test_a_linear_problem_gives_the_kalman_filter():
    """X ~ N(0, 1) seen n times with variance v: the posterior is N(Σy / (v + n), v / (v + n)), of the sample's moments exactly."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal((1, 50))
    mean, s2 = x.mean(), x.var(ddof=1)
    y, v = np.array([0.8, 1.4, 1.1]), 0.5
    assimilate(np.repeat(x, 3, axis=0), y, np.full(3, v), reach(3, FULLY), x)
    precision = 1 / s2 + 3 / v
    assert x.mean() == pytest.approx((mean / s2 + y.sum() / v) / precision, rel=1e-9)
    assert x.var(ddof=1) == pytest.approx(1 / precision, rel=1e-9)


def test_the_same_data_several_times_with_larger_error_are_used_once():
    rng = np.random.default_rng(1)
    once = rng.standard_normal((1, 40))
    often = once.copy()
    assimilate(once.copy(), np.array([1.0]), np.array([0.4]), reach(1, FULLY), once)
    for _ in range(5):
        assimilate(often.copy(), np.array([1.0]), np.array([5 * 0.4]), reach(1, FULLY), often)
    np.testing.assert_allclose(often, once, rtol=1e-9)


@pytest.mark.parametrize("more", [{"how": NOT}, {"how": FULLY, "since": 1}])
def test_what_is_out_of_reach_does_not_move(more):
    x = np.random.default_rng(2).standard_normal((1, 30))
    before = x.copy()
    assimilate(x.copy(), np.array([3.0]), np.array([0.1]), reach(1, **more), x)
    np.testing.assert_array_equal(x, before)


def test_damping_takes_out_what_chance_alone_would_show():
    """Of latents that have nothing to do with the observation the variance stays, which undamped falls by 1 / (M - 1) a look."""
    rng = np.random.default_rng(3)
    left = {}
    for how in (DAMPED, FULLY):
        x = rng.standard_normal((400, 30))
        for _ in range(10):
            seen = rng.standard_normal((1, 30))
            assimilate(seen, np.zeros(1), np.full(1, 1e-6), reach(1, how, latents=400), x)
        left[how] = x.var(axis=1, ddof=1).mean()
    assert left[FULLY] < 0.75
    assert 1 - left[DAMPED] < 0.8 * (1 - left[FULLY])


def test_damping_is_none_for_a_straight_line_and_full_for_no_correlation():
    assert damping(1.0, 20) == 1.0
    assert damping(0.0, 20) == 0.0
