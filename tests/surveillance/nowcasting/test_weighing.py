import numpy as np
import pytest

from tongchou.surveillance.nowcasting.weighing import EFFECTIVE, _weights, keep_likely

HAZARD = np.array([0.3, 0.6, 0.9, 1.2, 1.5])[::-1]


def test_a_hazard_that_would_break_the_course_is_dropped():
    # 100 cases a day all along; half of the proposals say that twice as much is reported as is.
    counts = np.full(40, 100.0)
    counts[-5:] *= 1 - np.exp(-HAZARD)
    rng = np.random.default_rng(1)
    right = HAZARD * np.exp(0.05 * rng.normal(size=(200, 1)))
    wrong = np.tile(np.array([0.05, 0.1, 0.2, 0.4, 0.8])[::-1], (200, 1))
    kept = keep_likely(np.round(counts), np.concatenate([right, wrong]), 1e5, 200, rng)
    assert kept.shape == (200, 5)
    # Tempering keeps a quarter of all in effect, so some of the wrong ones may stay.
    assert np.mean(kept[:, -1] < 0.1) < 0.2


def test_equal_draws_are_all_kept():
    rng = np.random.default_rng(2)
    kept = keep_likely(np.zeros(20), np.tile(HAZARD, (40, 1)), 100.0, 10, rng)
    assert kept == pytest.approx(np.tile(HAZARD, (10, 1)))


def test_weights_never_rest_on_a_handful_of_draws():
    weights = _weights(np.random.default_rng(3).normal(0, 50, 1000))
    assert 1 / (weights**2).sum() >= EFFECTIVE * 1000


def test_a_draw_without_a_score_stops_nothing():
    assert _weights(np.array([np.nan, -np.inf, 1.0, 1.0])).sum() == pytest.approx(1.0)
