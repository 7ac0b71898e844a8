import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tongchou.surveillance.detection.negative_binomial import quantile, tail_at_least

means = st.floats(1e-6, 1e6)
sizes = st.one_of(st.floats(1e-3, 1e5), st.just(np.inf))


def law(mean, size):
    return stats.poisson(mean) if np.isinf(size) else stats.nbinom(size, size / (size + mean))


@given(mean=means, size=sizes, y=st.integers(0, 2_000_000))
def test_the_tail_is_that_of_scipy(mean, size, y):
    # scipy takes 1 − cdf or the same special function: nine digits of a probability
    assert tail_at_least(y, mean, size) == pytest.approx(
        law(mean, size).sf(y - 1), rel=1e-7, abs=1e-9
    )


@given(mean=means, size=sizes, probability=st.sampled_from([0.5, 0.9, 0.995, 0.9999]))
def test_the_quantile_is_the_smallest_count_that_is_enough(mean, size, probability):
    y = quantile(probability, mean, size)
    assert y == int(y) >= 0
    assert tail_at_least(y + 1, mean, size) <= 1 - probability
    assert y == 0 or tail_at_least(y, mean, size) > 1 - probability


def test_no_cases_expected_and_unknown_means():
    assert quantile(0.995, [0.0, np.nan], np.inf).tolist() == pytest.approx(
        [0, np.nan], nan_ok=True
    )
    assert tail_at_least([0, 1], 0.0, np.inf).tolist() == [1, 0]
