"""Bayesian count regression by Laplace's method, for thousands of places and every date at once."""

import math

import numpy as np
import numpy.typing as npt
from numba import njit, prange

Floats = npt.NDArray[np.float64]

STEPS = 50
TOLERANCE = 1e-4
"""Of the largest change of a coefficient in the last Newton step; the error left is about its square."""
NEGLIGIBLE = 8.0
"""Log evidence below the best at which a scatter, and all beyond it, no longer count."""
PRIOR_CASES = 0.5
"""Half a case in no time, as in Jeffreys' prior of a Poisson mean: a level that zeros cannot push to zero."""


@njit(cache=True)
def _cholesky(H: Floats) -> float:
    """Turn a symmetric positive matrix into its lower factor in place; give the logarithm of its determinant."""
    p = len(H)
    log_det = 0.0
    for j in range(p):
        for i in range(j, p):
            total = H[i, j]
            for k in range(j):
                total -= H[i, k] * H[j, k]
            if i == j:
                H[j, j] = math.sqrt(max(total, 1e-300))
                log_det += 2.0 * math.log(H[j, j])
            else:
                H[i, j] = total / H[j, j]
    return log_det


@njit(cache=True)
def _solve(L: Floats, b: Floats, both: bool) -> None:
    """Solve L v = b in place, and then Lᵀ v = b where ``both``."""
    p = len(b)
    for i in range(p):
        for k in range(i):
            b[i] -= L[i, k] * b[k]
        b[i] /= L[i, i]
    if both:
        for i in range(p - 1, -1, -1):
            for k in range(i + 1, p):
                b[i] -= L[k, i] * b[k]
            b[i] /= L[i, i]


@njit(cache=True)
def _curve(
    y: Floats, X: Floats, beta: Floats, precision: Floats, omega: float, g: Floats, H: Floats
) -> None:
    """Fill gradient and negative Hessian of the log posterior of a negative binomial regression."""
    n, p = X.shape
    for j in range(p):
        g[j] = -precision[j] * beta[j]
        for k in range(j + 1):
            H[j, k] = 0.0
        H[j, j] = precision[j]
    g[0] += PRIOR_CASES
    for i in range(n):
        eta = 0.0
        for j in range(p):
            eta += X[i, j] * beta[j]
        mu = math.exp(min(eta, 60.0))
        damped = 1.0 + omega * mu
        slope = (y[i] - mu) / damped
        bend = mu * (1.0 + omega * y[i]) / (damped * damped)
        for j in range(p):
            x = X[i, j]
            if x != 0.0:
                g[j] += slope * x
                v = bend * x
                for k in range(j + 1):
                    H[j, k] += v * X[i, k]


@njit(cache=True)
def _evidence(
    y: Floats, X: Floats, beta: Floats, precision: Floats, omega: float, constant: float
) -> float:
    """Give the log posterior at its top; ``constant`` is what does not depend on the coefficients."""
    total: float = constant + PRIOR_CASES * beta[0]
    for j in range(len(beta)):
        total -= precision[j] * beta[j] ** 2 / 2.0
    for i in range(len(y)):
        eta = 0.0
        for j in range(len(beta)):
            eta += X[i, j] * beta[j]
        mu = math.exp(min(eta, 60.0))
        if omega > 0.0:
            total += y[i] * eta - (y[i] + 1.0 / omega) * math.log1p(omega * mu)
        else:
            total += y[i] * eta - mu
    return total


@njit(cache=True)
def _constants(counts: Floats, scatters: Floats) -> Floats:
    """Give, for each scatter, running sums over dates of ln Γ(y + 1/ω) − ln Γ(1/ω) + y ln ω."""
    sums = np.zeros((len(scatters), len(counts) + 1))
    for s in range(len(scatters)):
        omega = scatters[s]
        for i in range(len(counts)):
            y, term = counts[i], 0.0
            if omega > 0.0 and y > 1.0:  # no sum at all for NaN, 0 and 1
                size = 1.0 / omega
                term = math.lgamma(y + size) - math.lgamma(size) + y * math.log(omega)
            sums[s, i + 1] = sums[s, i] + term
    return sums


@njit(cache=True)
def _mode(
    y: Floats, X: Floats, beta: Floats, precision: Floats, omega: float, g: Floats, H: Floats
) -> float:
    """Climb to the top of the posterior from ``beta``; leave the factor of the Hessian in ``H``."""
    log_det = 0.0
    for _ in range(STEPS):
        _curve(y, X, beta, precision, omega, g, H)
        log_det = _cholesky(H)
        _solve(H, g, True)
        largest = 0.0
        for j in range(len(beta)):
            largest = max(largest, abs(g[j]))
        shrink = 1.0 if largest < 2.0 else 2.0 / largest
        for j in range(len(beta)):
            beta[j] += shrink * g[j]
        if largest < TOLERANCE:
            break
    return log_det


@njit(cache=True)
def _at(
    y: Floats,
    X: Floats,
    now: Floats,
    precision: Floats,
    omega: float,
    constant: float,
    beta: Floats,
    g: Floats,
    H: Floats,
) -> tuple[float, float, float]:
    """Give log evidence of a scatter, the mean of the next count, its variance beyond the Poisson's in mean²."""
    log_det = _mode(y, X, beta, precision, omega, g, H)
    evidence = _evidence(y, X, beta, precision, omega, constant) - log_det / 2.0
    eta = 0.0
    for j in range(len(beta)):
        eta += now[j] * beta[j]
    g[:] = now
    _solve(H, g, False)
    variance = 0.0
    for j in range(len(beta)):
        variance += g[j] * g[j]
    # A gamma with this top and curvature on the log scale: mean e^η, relative variance v.
    return evidence, math.exp(min(eta, 60.0)), omega * (1.0 + variance) + variance


@njit(cache=True)
def _predict(
    y: Floats,
    X: Floats,
    now: Floats,
    precision: Floats,
    scatters: Floats,
    constants: Floats,
    beta: Floats,
    start: int,
) -> tuple[float, float, float, int]:
    """Give the mean of the next count, mean and sd of the log of its variance beyond the Poisson's, and the best scatter.

    That variance is in units of mean².

    From the scatter that was best the day before it goes both ways until the evidence is e^−NEGLIGIBLE
    of the best: it has one top.
    """
    many, p = len(scatters), len(beta)
    g, H = np.empty(p), np.empty((p, p))
    mean, spread = np.zeros(many), np.zeros(many)
    weight = np.full(many, -math.inf)
    weight[start], mean[start], spread[start] = _at(
        y, X, now, precision, scatters[start], constants[start], beta, g, H
    )
    best = start
    middle = beta.copy()
    for direction in (1, -1):
        beta[:] = middle
        s = start + direction
        while 0 <= s < many:
            weight[s], mean[s], spread[s] = _at(
                y, X, now, precision, scatters[s], constants[s], beta, g, H
            )
            if weight[s] > weight[best]:
                best = s
            if weight[s] < weight[best] - NEGLIGIBLE:
                break
            s += direction
    beta[:] = middle
    share = np.exp(weight - weight[best])
    share /= share.sum()
    m, middle_log, square = 0.0, 0.0, 0.0
    for s in range(many):
        if share[s] > 0.0:
            logarithm = math.log(spread[s])
            m += share[s] * mean[s]
            middle_log += share[s] * logarithm
            square += share[s] * logarithm * logarithm
    return m, middle_log, math.sqrt(max(square - middle_log * middle_log, 0.0)), best


@njit(cache=True, parallel=True)
def predictive(
    counts: Floats,
    features: Floats,
    first: int,
    baseline: int,
    guard: int,
    precision: Floats,
    scatters: Floats,
) -> Floats:
    """Give (place, date from ``first``, 3): mean of each count, mean and sd of the log of 1/size.

    Parameters
    ----------
    counts : (place, date), persons per step
        NaN is left out.
    features : (date, feature)
        Known beforehand, such as the day of the week; level and trend are added.
    first
        Position of the first date judged.
    baseline, guard
        Most steps of a baseline, and steps between its end and the date judged.
    precision : (2 + feature)
        1/sd² of the normal prior of level (0), trend over the baseline, and features.
    scatters
        Values of ω, var = μ + ω μ², equally likely beforehand, from small to large.
    """
    places, dates = counts.shape
    p = 2 + features.shape[1]
    result = np.full((places, dates - first, 3), np.nan)
    for place in prange(places):
        y, X = np.empty(baseline), np.empty((baseline, p))
        now, beta = np.empty(p), np.zeros(p)
        best = 0
        sums = _constants(counts[place], scatters)
        for date in range(first, dates):
            end = date - guard
            start = max(end - baseline, 0)
            middle, length = (start + end - 1) / 2.0, max(end - start - 1, 1)
            n = 0
            for i in range(start, end):
                if not math.isnan(counts[place, i]):
                    y[n] = counts[place, i]
                    X[n, 0] = 1.0
                    X[n, 1] = (i - middle) / length
                    X[n, 2:] = features[i]
                    n += 1
            if n < 2:
                continue
            now[0], now[1] = 1.0, (date - middle) / length
            now[2:] = features[date]
            if date == first or math.isnan(beta[0]) or abs(beta[0]) > 30.0:
                beta[:] = 0.0
                beta[0] = math.log((y[:n].sum() + PRIOR_CASES) / n)
                best = 0
            m, middle, sd, best = _predict(
                y[:n], X[:n], now, precision, scatters, sums[:, end] - sums[:, start], beta, best
            )
            result[place, date - first, 0] = m
            result[place, date - first, 1] = middle
            result[place, date - first, 2] = sd
    return result
