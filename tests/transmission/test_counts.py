import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from tongchou.transmission.counts import EXACT_BELOW, poisson_count


@given(
    mean=st.floats(0, EXACT_BELOW - 0.01),
    z=st.floats(-6, 6),
)
def test_small_means_are_the_exact_quantile(mean, z):
    count = poisson_count(np.array([mean]), np.array([z]))[0]
    u = special.ndtr(z)
    # The smallest count whose probability of not being passed reaches u; rounding of the sum at
    # the very edge of u allows the neighbour.
    assert stats.poisson.cdf(count, mean) >= u - 1e-9
    assert count == 0 or stats.poisson.cdf(count - 1, mean) < u + 1e-9


@given(mean=st.floats(EXACT_BELOW, 1e5), z=st.floats(-3.5, 3.5))
def test_large_means_are_within_one_of_the_exact_quantile(mean, z):
    count = poisson_count(np.array([mean]), np.array([z]))[0]
    assert abs(count - stats.poisson.ppf(special.ndtr(z), mean)) <= 1


@given(
    means=st.tuples(st.floats(0, 200), st.floats(0, 200)),
    z=st.floats(-4, 4),
)
def test_with_the_same_chance_a_larger_mean_never_gives_fewer(means, z):
    low, high = sorted(means)
    few, many = poisson_count(np.array([low, high]), np.array([z, z]))
    # Where the two forms meet, at a mean of 30, they may differ by one.
    assert few <= many + (low < EXACT_BELOW <= high)


def test_mean_and_variance_are_those_of_poisson():
    rng = np.random.default_rng(3)
    for mean in (0.2, 4.0, 29.0, 31.0, 500.0):
        drawn = poisson_count(np.full(200_000, mean), rng.standard_normal(200_000))
        # standard errors: √(mean / 200 000), and √(2 / 200 000) = 0.3 % of the variance
        assert drawn.mean() == pytest.approx(mean, abs=4 * np.sqrt(mean / 200_000))
        assert drawn.var() == pytest.approx(mean, rel=0.03)
