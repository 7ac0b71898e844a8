import numpy as np
import pytest

from tongchou.surveillance.nowcasting.places import SPEEDS, fit_places


def counts(rng, speeds, hazards, cases, precision):
    days, delays = hazards.shape
    full = np.zeros((len(speeds), days, delays + 1), dtype=np.int32)
    for p, u in enumerate(speeds):
        left = np.exp(-np.exp(u) * np.cumsum(hazards, axis=1))
        left = np.concatenate([np.ones((days, 1)), left], axis=1)
        share = np.concatenate([left[:, :-1] - left[:, 1:], left[:, -1:]], axis=1)
        for t in range(days):
            q = rng.dirichlet(precision * share[t]) if precision else share[t]
            full[p, t] = rng.multinomial(cases, q)
    full[:, np.add.outer(np.arange(days), np.arange(delays + 1)) >= days] = 0
    return full


@pytest.fixture(scope="module")
def hazards():
    return np.full((40, 8), 0.25)


def test_speeds_of_places_come_back(hazards):
    truth = np.array([-0.6, 0.0, 0.6, 0.3, -0.3])
    fit = fit_places(counts(np.random.default_rng(1), truth, hazards, 40, None), hazards)
    # 1,600 cases a place: sd of u about 0.03
    assert fit.weights @ SPEEDS == pytest.approx(truth, abs=0.12)
    assert fit.precision > 500
    assert 0.2 <= fit.spread <= 0.8


def test_uneven_days_are_recognised(hazards):
    cells = counts(np.random.default_rng(2), [0.0], hazards, 60, 25.0)
    assert 12 <= fit_places(cells, hazards).precision <= 50


def test_a_place_with_few_cases_stays_near_the_others(hazards):
    cells = counts(np.random.default_rng(3), np.zeros(6), hazards, 40, None)
    cells[5] = 0
    cells[5, 5, 6] = 1
    fit = fit_places(cells, hazards)
    assert abs(float(fit.weights[5] @ SPEEDS)) < 0.3
    assert fit.spread < 0.3


def test_one_place_has_no_speed_of_its_own(hazards):
    fit = fit_places(counts(np.random.default_rng(4), [0.0], hazards, 40, None), hazards)
    assert fit.spread == 0
    assert (fit.draws(7, np.random.default_rng(5)) == 0).all()


def test_draws_follow_the_weights(hazards):
    cells = counts(np.random.default_rng(6), np.array([-0.5, 0.5, 0.2]), hazards, 10, None)
    fit = fit_places(cells, hazards)
    u = fit.draws(4000, np.random.default_rng(7))
    assert u.shape == (4000, 3)
    # sd of u below 0.2: standard error 0.003
    assert u.mean(axis=0) == pytest.approx(fit.weights @ SPEEDS, abs=0.02)
