import numpy as np
import pytest
from scipy import optimize

from tongchou.surveillance.nowcasting.delay_likelihood import inverse, likelihood
from tongchou.surveillance.nowcasting.reporting import _first_report, fit_reporting

WEEKDAY = np.arange(40) % 7


def multinomial(rng, hazards, cases):
    """Report the cases of each onset by a hazard (onset, delay), those left at the last delay."""
    kept = np.exp(-np.cumsum(hazards, axis=1))
    left = np.concatenate([np.ones((len(kept), 1)), kept], axis=1)
    p = np.concatenate([left[:, :-1] - left[:, 1:], left[:, -1:]], axis=1)
    return np.stack([rng.multinomial(n, row / row.sum()) for n, row in zip(cases, p, strict=True)])


def cut(full):
    days, delays = full.shape
    return np.where(np.add.outer(np.arange(days), np.arange(delays)) < days, full, 0).astype(float)


def parts(n):
    tail = np.cumsum(n[:, ::-1], axis=1)[:, ::-1]
    return n, np.concatenate([tail[:, 1:], np.zeros((len(n), 1))], axis=1), _first_report(n)


def test_slope_and_curvature_are_those_of_the_likelihood():
    rng = np.random.default_rng(0)
    n = cut(rng.poisson(3.0, (12, 5)))
    x = rng.normal(-1.5, 0.4, 4 + 12)
    _, slope, bend, lost = likelihood(*parts(n), x)
    by_hand = optimize.approx_fprime(x, lambda x: likelihood(*parts(n), x)[0], 1e-7)
    assert slope == pytest.approx(by_hand, abs=1e-4)
    steps = np.eye(16) * 1e-5
    twice = [
        (likelihood(*parts(n), x + s)[1] - likelihood(*parts(n), x - s)[1]) / 2e-5 for s in steps
    ]
    assert lost - bend == pytest.approx(np.array(twice), abs=1e-5)


def test_the_inverse():
    A = np.random.default_rng(1).normal(size=(30, 30))
    A = A @ A.T + np.eye(30)
    assert inverse(A) == pytest.approx(np.linalg.inv(A), abs=1e-10)


def test_a_known_hazard_comes_back():
    rng = np.random.default_rng(2)
    truth = np.array([0.1, 0.3, 0.5, 0.5])
    n = cut(multinomial(rng, np.tile(truth, (40, 1)), np.full(40, 2000)))
    fit = fit_reporting(n, WEEKDAY)
    share = 1 - np.exp(-fit.cumulated(fit.settings[0].mode))
    # sd of each about 0.01 with 2,000 cases a day
    assert share == pytest.approx((1 - np.exp(-np.cumsum(truth)))[::-1], abs=0.03)


def test_a_day_without_reports_is_recognised():
    # All reports of the last day are held back; cases of older onsets betray it.
    rng = np.random.default_rng(3)
    hazards = np.full((40, 6), 0.4)
    for t in range(40):
        for d in range(6):
            if t + d == 39:
                hazards[t, d] = 1e-9
    n = cut(multinomial(rng, hazards, np.full(40, 50)))
    fit = fit_reporting(n, WEEKDAY)
    share = 1 - np.exp(-fit.cumulated(fit.settings[0].mode))
    assert share[-1] < 0.1  # of the last onset; an ordinary day would have 0.33
    # Yesterday's onsets had an ordinary first day.
    assert share[-2] == pytest.approx(1 - np.exp(-0.4), abs=0.08)


def test_the_days_before_the_first_report_say_nothing():
    # Reporting began on day 20 and was quick from then on.
    rng = np.random.default_rng(4)
    hazards = np.full((40, 6), 1.0)
    for t in range(40):
        for d in range(6):
            if t + d < 20:
                hazards[t, d] = 0.0
    n = cut(multinomial(rng, hazards, np.where(np.arange(40) < 14, 0, 50)))
    fit = fit_reporting(n, WEEKDAY)
    assert fit.first_report == 20
    share = 1 - np.exp(-fit.cumulated(fit.settings[0].mode))
    assert share[-1] == pytest.approx(1 - np.exp(-1.0), abs=0.1)


def test_draws_spread_around_the_mode():
    rng = np.random.default_rng(5)
    n = cut(multinomial(rng, np.full((40, 4), 0.5), np.full(40, 30)))
    fit = fit_reporting(n, WEEKDAY)
    draws = fit.draws(4000, rng)
    assert draws.shape == (4000, 4 + 40)
    middle = sum(s.weight * s.mode for s in fit.settings) / sum(s.weight for s in fit.settings)
    # 4,000 draws of sd about 0.3: standard error 0.005
    assert draws.mean(axis=0) == pytest.approx(middle, abs=0.03)
