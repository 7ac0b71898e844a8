"""R and k: closed forms, laws, sizes of chains."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tongchou.surveillance.chains.cluster_size import fit_cluster_sizes, size_probability
from tongchou.surveillance.chains.offspring import fit_offspring, negative_binomial
from tongchou.surveillance.chains.superspreading import (
    expected_share,
    fraction_causing,
    observed_share,
    superspreading_events,
)
from tongchou.vocabulary.errors import BadParameter

COUNTS = [0, 0, 0, 0, 0, 0, 1, 0, 2, 7, 0, 1, 0, 0, 3, 0, 0, 1, 4]


def test_the_probability_is_that_of_scipy():
    n = np.arange(30)
    ours = negative_binomial(n, 1.7, 0.35)
    assert ours == pytest.approx(stats.nbinom.logpmf(n, 0.35, 0.35 / 2.05), rel=1e-10)


def test_R_is_the_mean():
    assert fit_offspring(COUNTS).R.value == pytest.approx(np.mean(COUNTS), rel=1e-7)


def test_half_seen_cases_count_half():
    full = fit_offspring([0, 1, 4, 0, 2, 0, 0, 3])
    half = fit_offspring([0, 1, 4, 0, 2, 0, 0, 3], exposure=[0.5] * 8)
    assert half.R.value == pytest.approx(2 * full.R.value, rel=1e-6)
    assert half.k.value == pytest.approx(full.k.value, rel=1e-5)


def test_no_overdispersion_has_no_upper_bound():
    fit = fit_offspring([1] * 30)
    assert fit.k.value == np.inf == fit.k.high
    assert fit.k.low > 5
    # the Poisson range of 30 in 30, by profile: 2 (30 (R − 1) − 30 ln R) = 3.84
    assert (fit.R.low, fit.R.high) == pytest.approx((0.684, 1.402), abs=0.001)


def test_nobody_infected_anybody():
    fit = fit_offspring([0] * 40)
    assert fit.R.value == 0
    assert fit.R.high == pytest.approx(-np.log(0.025) / 40)
    assert (fit.k.low, fit.k.high) == (0, np.inf)


@pytest.mark.parametrize("bad", [[], [-1, 2], [0.5], [np.nan, 1], [[0, 1], [1, 0]]])
def test_counts_that_are_none_are_refused(bad):
    with pytest.raises(BadParameter, match="counts"):
        fit_offspring(bad)


def test_a_share_beyond_one_is_refused():
    with pytest.raises(BadParameter, match="exposure"):
        fit_offspring([1, 2], exposure=[1, 2])


@given(R=st.floats(0.05, 0.9), k=st.floats(0.05, 50))
def test_sizes_below_one_add_up_to_one(R, k):
    p = np.exp(size_probability(np.arange(1, 30_000), R, k))
    # the heaviest tail here (R 0.9, k 0.05) leaves less than 1 in 1000 beyond 30,000
    assert p.sum() == pytest.approx(1, abs=2e-3)


def test_sizes_of_chains_of_poisson_are_those_of_borel():
    y = np.arange(1, 12)
    borel = np.exp(-0.6 * y + (y - 1) * np.log(0.6 * y) - np.cumsum(np.log(y)))
    assert np.exp(size_probability(y, 0.6, 1e8)) == pytest.approx(borel, rel=1e-5)


def test_R_of_ended_chains_is_one_less_chains_over_cases():
    sizes = [1] * 40 + [2] * 6 + [3, 3, 5, 12]
    fit = fit_cluster_sizes(sizes)
    assert fit.R.value == pytest.approx(1 - len(sizes) / sum(sizes), rel=1e-6)
    assert fit.k.low < fit.k.value < fit.k.high


def test_an_open_chain_says_that_it_is_at_least_so_large():
    sizes = [1] * 40 + [2] * 6 + [3, 3, 5, 12]
    ended = fit_cluster_sizes(sizes)
    going_on = fit_cluster_sizes(sizes, ended=[True] * 49 + [False])
    assert going_on.R.value > ended.R.value


def test_several_first_cases():
    # two chains that began together are less surprising than one of the same size
    assert size_probability(2, 0.5, 1, seeds=2) > size_probability(2, 0.5, 1)
    with pytest.raises(BadParameter, match="fewer than its first cases"):
        fit_cluster_sizes([2, 1], seeds=[1, 2])


@given(st.floats(0.02, 200))
def test_a_fifth_makes_at_least_a_fifth(k):
    assert 0.2 - 1e-9 <= expected_share(k) <= 1


def test_without_overdispersion_the_poisson_is_meant():
    assert fraction_causing(2.0, np.inf) == pytest.approx(fraction_causing(2.0, 1e7), abs=1e-4)
    assert expected_share(np.inf) == 0.2


def test_the_share_seen():
    assert observed_share([5, 0, 0, 0, 0]) == 1
    assert observed_share([1] * 10) == pytest.approx(0.2)
    assert np.isnan(observed_share([0, 0]))


def test_superspreading_is_beyond_the_99th_percentile_of_a_poisson():
    counts = np.array([[9, 1, 3, 0], [8, 1, 4, 0]])
    events = superspreading_events(("A", "B", "C", "D"), counts, R=0.8)
    # the 99th percentile of a Poisson of mean 0.8 is 3
    assert events.select("case_id", "infected", "probability").rows() == [
        ("A", 8.5, 1.0),
        ("C", 3.5, 0.5),
    ]
