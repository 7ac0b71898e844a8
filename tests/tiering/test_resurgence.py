from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from tongchou.tiering.resurgence import (
    chain_parameters,
    compare_with_published,
    daily_weights,
    extinction_probability,
    incubation_beyond,
    resurgence_range,
    solve_chain,
)
from tongchou.vocabulary.errors import BadParameter

CENTRAL = chain_parameters("central")
ONE = np.array([1.0])


def test_the_model_meets_one_published_figure_and_comes_near_the_other():
    # Hao et al 2020, abstract: 0.22 with 79 % unascertained, 0.10 with 60 %
    beside = compare_with_published()
    met, check = beside.rows(named=True)
    assert met["model"] == pytest.approx(0.22, abs=1e-6)
    assert met["fitted"]
    # the second figure is not fitted: the model gives 0.08, a fifth less than published
    assert check["model"] == pytest.approx(0.081, abs=0.001)
    assert 0.6 * check["published"] < check["model"] < 1.4 * check["published"]
    # and the one fitted number is a handful of last cases, not hundreds
    assert 1 < met["last_cases"] < 10


def test_incubation_beyond_fourteen_days_is_as_published():
    beyond = incubation_beyond(14)
    # Lauer et al 2020: 101 of 10,000 at most under a cautious assumption; log-mean 1.621, sd 0.418
    assert beyond["Lauer 2020"] == pytest.approx(
        stats.norm.sf((np.log(14) - 1.621) / 0.418), abs=1e-3
    )
    # Qin et al 2020: about 5 to 10 % beyond 14 days; the gamma through two quantiles gives 10.8 %
    assert 0.05 < beyond["Qin 2020"] < 0.11


def simulate(parameters, days, chains, rng):
    """Follow chains person by person: silent on the last day, and over by then."""
    p = parameters
    g = daily_weights(p.generation_mean, p.generation_sd, days)
    delay = daily_weights(p.detection_mean, p.detection_sd, days)
    ages = np.arange(1, days + 2)
    later = np.append(g, 1 - g.sum())
    found = np.append(delay, 1 - delay.sum())
    silent, over = np.ones(chains, bool), np.ones(chains, bool)
    chain, born = np.arange(chains), np.zeros(chains, int)
    while chain.size:
        seen = rng.random(chain.size) < p.ascertainment
        day = born + rng.choice(ages, chain.size, p=found)
        silent[chain[seen & (day <= days) & (day - born <= days)]] = False
        k = p.dispersion
        n = rng.negative_binomial(k, k / (k + p.reproduction_controlled), chain.size)
        chain, parent = np.repeat(chain, n), np.repeat(born, n)
        age = rng.choice(ages, chain.size, p=later)
        born = parent + age
        over[chain[born > days]] = False
        inside = born <= days
        chain, born = chain[inside], born[inside]
    return silent, over


@pytest.mark.parametrize("reproduction", [0.4, 0.9])
def test_the_renewal_equations_equal_a_person_by_person_simulation(reproduction):
    parameters = replace(CENTRAL, reproduction_controlled=reproduction)
    chains, days = 60_000, 14
    silent, over = simulate(parameters, days, chains, np.random.default_rng(7))
    curves = solve_chain(parameters, days)
    # five standard errors of a proportion from 60,000 chains are at most 0.0102
    tolerance = 5 * 0.5 / np.sqrt(chains)
    assert curves.silent[days] == pytest.approx(silent.mean(), abs=tolerance)
    assert curves.silent_over[days] == pytest.approx((silent & over).mean(), abs=tolerance)


def test_a_fully_seen_chain_leaves_nobody_hidden():
    everyone = solve_chain(replace(CENTRAL, ascertainment=1.0), 20)
    assert everyone.probability(np.array([14.0]), ONE, "alive") == pytest.approx(0.0)


def test_relaxing_to_below_one_cannot_bring_a_resurgence_but_the_chain_may_be_alive():
    mild = solve_chain(replace(CENTRAL, reproduction_relaxed=0.9), 30)
    n = np.array([14.0])
    assert mild.probability(n, ONE, "resurgence") == pytest.approx(0.0, abs=1e-9)
    assert mild.probability(n, ONE, "alive") > 0.01


def test_risk_falls_with_silence_and_grows_with_cases_and_with_what_is_hidden():
    silence = np.arange(1.0, 61.0)
    curves = solve_chain(CENTRAL, 60)
    for outcome in ("alive", "resurgence"):
        risk = curves.probability(silence, np.ones(60), outcome)
        assert np.all(np.diff(risk) < 0)
        assert np.all(curves.probability(silence, np.full(60, 5.0), outcome) > risk)
        hidden = solve_chain(replace(CENTRAL, ascertainment=0.13), 60)
        assert np.all(hidden.probability(silence, np.ones(60), outcome) > risk)


def test_the_packaged_range_is_ordered_at_every_length_of_silence():
    found = resurgence_range(np.arange(1.0, 61.0), np.ones(60)).values
    assert np.all(found[0] <= found[1])
    assert np.all(found[1] <= found[2])


@pytest.mark.parametrize("reproduction", [1.5, 2.2, 3.89])
def test_extinction_solves_its_equation(reproduction):
    q = extinction_probability(reproduction, 0.58)
    assert q == pytest.approx((1 + reproduction * (1 - q) / 0.58) ** -0.58)
    assert extinction_probability(0.99, 0.58) == 1.0


def test_an_impossible_parameter_is_refused_by_name():
    with pytest.raises(BadParameter, match="ascertainment"):
        replace(CENTRAL, ascertainment=0.0)
    with pytest.raises(BadParameter, match="generation_mean"):
        replace(CENTRAL, generation_mean=-1.0)
