"""Generation times from dated onsets: known truth, laws, refusals."""

import numpy as np
import pytest

from tongchou.surveillance.chains.generation import fit_generation_time, presymptomatic_share
from tongchou.surveillance.chains.interval_fit import Pairs
from tongchou.surveillance.chains.simulate import Outbreak, simulate_outbreak
from tongchou.vocabulary.distributions import Gamma
from tongchou.vocabulary.errors import BadParameter

GENERATION, INCUBATION = Gamma(mean=5, sd=2), Gamma(mean=5.2, sd=2.8)


def pairs_of(cases):
    first = cases.select(true_infector="case_id", first="onset_on")
    pairs = cases.drop_nulls("true_infector").join(first, "true_infector")
    days = (pairs["onset_on"] - pairs["first"]).dt.total_days().to_numpy()
    return Pairs.of(
        days,
        infectee=pairs["case_id"].to_numpy(),
        infector=pairs["true_infector"].to_numpy(),
    )


@pytest.fixture(scope="module")
def outbreak():
    how = Outbreak(
        R=0.8, k=1.0, generation_time=GENERATION, incubation=INCUBATION, seeds_per_day=2, days=60
    )
    return simulate_outbreak(how, np.random.default_rng(1))


def test_the_truth_comes_back(outbreak):
    found = fit_generation_time(pairs_of(outbreak), INCUBATION)
    # Some 500 pairs: the 95 % range of the mean is about half a day wide; seed fixed.
    assert found.mean.low < 5 < found.mean.high
    assert found.mean.high - found.mean.low < 1.0
    assert found.sd.low < 2 < found.sd.high
    truth = outbreak.drop_nulls("true_infector")["before_onset"].mean()
    assert presymptomatic_share(GENERATION, INCUBATION) == pytest.approx(truth, abs=0.05)
    assert found.presymptomatic.low < truth < found.presymptomatic.high


def test_alternatives_that_are_the_same_change_nothing():
    once = fit_generation_time(Pairs.of([2, 5, 6, 9]), INCUBATION)
    twice = fit_generation_time(
        Pairs.of([2, 5, 6, 9, 9], infectee=["a", "b", "c", "d", "d"]), INCUBATION
    )
    assert once.mean.rounded(2) == pytest.approx(twice.mean.rounded(2), abs=0.02)


def test_ten_thousand_pairs_narrow_it_down():
    rng = np.random.default_rng(2)
    X, first, second = GENERATION, INCUBATION, INCUBATION
    onset = rng.random(10_000)
    later = onset - first.quantile(rng.random(10_000)) + X.quantile(rng.random(10_000))
    days = np.floor(later + second.quantile(rng.random(10_000))).astype(int)
    found = fit_generation_time(Pairs.of(days), INCUBATION)
    # standard error of the mean 4.4 / √10000
    assert found.mean.value == pytest.approx(5, abs=0.15)
    assert found.mean.high - found.mean.low < 0.25


def test_a_short_incubation_leaves_little_before_symptoms():
    long = presymptomatic_share(GENERATION, Gamma(mean=10, sd=3))
    short = presymptomatic_share(GENERATION, Gamma(mean=2, sd=1))
    assert short < 0.1 < 0.9 < long


def test_links_in_a_circle_do_not_stop_it():
    pairs = Pairs.of([3, -3, 4, 5], infectee=["b", "a", "c", "d"], infector=["a", "b", "a", "a"])
    assert 0 < fit_generation_time(pairs, INCUBATION).mean.value < 10


def test_too_few_are_refused():
    with pytest.raises(BadParameter, match="at least 3"):
        fit_generation_time(Pairs.of([4, 5]), INCUBATION)
