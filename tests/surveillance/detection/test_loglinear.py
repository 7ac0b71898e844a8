"""The regression along one line beside the regression by matrices."""

import numpy as np
import pytest

from tongchou.surveillance.detection.loglinear import quasi_poisson

WEEKS, NOW, PERIODS = np.arange(200), 230, 4
PERIOD = WEEKS // 5 % PERIODS
NEVER, ALWAYS = np.full(400, np.inf), np.zeros(400)


def by_matrices(y, X, w):
    """Give coefficients, fitted means and covariance (without φ) by Newton's method on the whole."""
    beta = np.linalg.lstsq(X, np.log(y + 1), rcond=None)[0]
    for _ in range(100):
        mu = np.exp(X @ beta)
        beta = beta + np.linalg.solve((X.T * (w * mu)) @ X, X.T @ (w * (y - mu)))
    mu = np.exp(X @ beta)
    return beta, mu, np.linalg.inv((X.T * (w * mu)) @ X)


def judged_by_matrices(y, X, now, limit):
    n, p = X.shape
    w = np.ones(n)
    _, mu, cov = by_matrices(y, X, w)
    phi = max(((y - mu) ** 2 / mu).sum() / (n - p), 1)
    leverage = mu * np.einsum("ij,jk,ik->i", X, cov, X)
    s = 1.5 * (y ** (2 / 3) * mu ** (-1 / 6) - mu**0.5) / np.sqrt(phi * (1 - leverage))
    w = np.where(s > limit, s**-2.0, 1)
    w *= n / w.sum()
    beta, mu, cov = by_matrices(y, X, w)
    phi = max((w * (y - mu) ** 2 / mu).sum() / (n - p), 1)
    return np.exp(now @ beta), phi * now @ cov @ now, phi


@pytest.fixture(scope="module")
def counts():
    rng = np.random.default_rng(4)
    mean = 6 * np.exp(0.3 * PERIOD + 0.002 * WEEKS)
    y = rng.negative_binomial(4, 4 / (4 + mean), (5, 200)).astype(float)
    y[:, 60:63] *= 6  # a past outbreak
    return y


@pytest.mark.parametrize("limit", [1.0, 2.58])
@pytest.mark.parametrize("trend", [True, False])
def test_mean_variance_and_scatter(counts, trend, limit):
    ours = quasi_poisson(counts, WEEKS, PERIOD, NOW, PERIODS, limit, trend, ALWAYS)
    season = np.eye(PERIODS)[PERIOD]
    X = np.column_stack([season, (WEEKS - NOW) / 100]) if trend else season
    now = np.eye(PERIODS + trend)[PERIODS - 1]
    for place, y in enumerate(counts):
        # Newton on the whole loses digits to the inverse of its matrix: eight remain.
        assert ours[place, :3] == pytest.approx(judged_by_matrices(y, X, now, limit), rel=1e-8)
    assert np.isnan(ours[:, 3]).all() == (not trend)


def test_a_slope_that_the_test_refuses_leaves_the_fit_without_one(counts):
    refused = quasi_poisson(counts, WEEKS, PERIOD, NOW, PERIODS, 2.58, True, NEVER)
    without = quasi_poisson(counts, WEEKS, PERIOD, NOW, PERIODS, 2.58, False, ALWAYS)
    assert np.array_equal(refused, without, equal_nan=True)


def test_a_slope_that_expects_more_than_ever_was_is_left_out():
    y = np.exp(np.linspace(0, 4, 200)).round()[None]
    fit = quasi_poisson(y, WEEKS, np.zeros(200, dtype=int), 400, 1, 2.58, True, ALWAYS)
    assert np.isnan(fit[0, 3])
    assert fit[0, 0] < y.max()


def test_missing_weeks_are_left_out(counts):
    y = counts.copy()
    y[:, 100:] = np.nan
    fit = quasi_poisson(y, WEEKS, PERIOD, NOW, PERIODS, 2.58, True, ALWAYS)
    half = quasi_poisson(counts, WEEKS[:100], PERIOD[:100], NOW, PERIODS, 2.58, True, ALWAYS)
    assert np.array_equal(fit, half, equal_nan=True)


@pytest.mark.parametrize(
    "y",
    [np.zeros(200), np.eye(200)[0], np.eye(200)[199], np.eye(200)[77], np.full(200, 1e9)],
    ids=["zeros", "one case at the beginning", "at the end", "between", "huge"],
)
def test_hard_cases_end_in_finite_means(y):
    for periods, period in ((1, np.zeros(200, dtype=int)), (PERIODS, PERIOD)):
        fit = quasi_poisson(y[None], WEEKS, period, NOW, periods, 2.58, True, ALWAYS)
        assert np.isfinite(fit[0, [0, 2]]).all()
        assert 0 <= fit[0, 0] <= y.max()
        assert fit[0, 2] >= 1
