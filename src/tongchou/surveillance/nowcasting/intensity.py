"""How many fall ill each day in a place: a smooth course with its growth, seen through the reports."""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from tongchou.vocabulary.compiled import compiled

Floats = npt.NDArray[np.float64]

MEMORIES = (0.0, 0.6, 0.85, 0.95)
"""Grid of ρ: the share of today's growth that is left tomorrow."""
STEPS = (0.01, 0.03, 0.06, 0.12, 0.25, 0.5)
"""Grid of σ: sd of the daily change of growth, log scale."""
GROWTH_SD = 0.15
"""Prior sd of daily growth, log scale: doubling in five days is ordinary, in two days rare."""
APART_SD = 0.05
"""Prior sd of daily growth of a place beyond the common growth."""
EXCESSES = (0.001, 0.03, 0.1, 0.25, 0.6)
"""Grid of 1/r: variance of a day's cases beyond chance, as a share of the squared mean."""
LEVEL_SD = 2.0
"""Prior sd of the log level of a place around that of all: a factor of 50 either way."""
BUSIEST = 40
"""Places that set the three scales; the others hold too few cases to say anything about them."""
LEAST_WEIGHT = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One setting of the scales of the course of cases, with its posterior weight."""

    memory: float
    step: float
    excess: float
    weight: float


def bands(days: int, memory: float, step: float) -> Floats:
    """Give the precision of the log course as a band: diagonal, first and second off it.

    With growth δ_t = x_t − x_(t−1) ::

        δ_t = ρ δ_(t−1) + Normal(0, σ²),   δ_1 ~ Normal(0, σ² / (1 − ρ²)),   x_0 ~ Normal(m, s²)

    ρ = 0 is a random walk of the level; ρ near 1 one of the growth. Growth dies out when nothing more is seen.

    Examples
    --------
    >>> bands(3, 0.0, 0.5).tolist()
    [[4.25, 8.0, 4.0], [-4.0, -4.0, 0.0], [0.0, 0.0, 0.0]]
    """
    Q = np.zeros((3, days))
    Q[0, 0] = 1 / LEVEL_SD**2
    if days > 1:
        sharp = (1 - memory**2) / step**2
        Q[0, :2] += sharp
        Q[1, 0] -= sharp
    sharp, both = 1 / step**2, 1 + memory
    for off, factor in enumerate((1.0, both, memory)):
        Q[0, 2 - off : days - off] += factor**2 * sharp
    Q[1, 1 : days - 1] -= both * sharp
    Q[1, : max(days - 2, 0)] -= both * memory * sharp
    Q[2, : max(days - 2, 0)] += memory * sharp
    return Q


def fit_courses(
    counts: Floats, share: Floats, unevenness: Floats, growth_sd: float = GROWTH_SD
) -> tuple[Course, ...]:
    """Give the settings of the scales that the data support, with their weights.

    The reported cases of onset t are negative binomial with mean e^(x_t) F_t and variance
    μ + μ² (1/r + c_t), c_t the unevenness of reporting. Settings are weighted by the Laplace approximation of
    their marginal likelihood over the busiest places.

    Parameters
    ----------
    counts : (place, onset), persons per day
        Reported so far.
    share : (place, onset)
        F_t, share reported by now; times the common course, where x is the course around it.
    unevenness : (place, onset)
        c_t.
    growth_sd
        Prior sd of the daily growth.
    """
    busy = np.argsort(-counts.sum(axis=1), kind="stable")[:BUSIEST]
    y, F, c = counts[busy], share[busy], unevenness[busy]
    mean = level(counts, share)
    grid = list(product(MEMORIES, STEPS, EXCESSES))
    score = np.array([
        _evidence(y, F, 1 / (excess + c), bands(y.shape[1], memory, step), mean)
        - (step / growth_sd) ** 2 / (1 - memory**2) / 2
        for memory, step, excess in grid
    ])  # fmt: skip
    weights = np.exp(score - score.max())
    weights /= weights.sum()
    kept = [
        Course(memory=a, step=b, excess=e, weight=float(w))
        for (a, b, e), w in zip(grid, weights, strict=True)
        if w >= LEAST_WEIGHT
    ]
    return tuple(kept)


def level(counts: Floats, share: Floats) -> float:
    """Give the log of the mean cases a day of a place, half a case added."""
    return float(np.log((counts.sum() + 0.5) / (share.sum() + 1.0)))


@compiled()
def _evidence(y, F, r, Q, mean):  # type: ignore[no-untyped-def]
    places, days = y.shape
    L = np.zeros((3, days))
    _factor(Q, L)
    prior = np.log(L[0]).sum()
    value = 0.0
    x = np.zeros(days)
    for p in range(places):
        value += prior + log_evidence(y[p], F[p], r[p], Q, mean, x, L)
    return value


@compiled()
def log_evidence(y, F, r, Q, mean, x, L):  # type: ignore[no-untyped-def]
    """Give the Laplace approximation of the log probability of one series, less a term of the prior alone.

    Leaves the mode in ``x`` and the factor of its precision in ``L``.
    """
    climb(y, F, r, Q, mean, x, L)
    days = len(y)
    value = -np.log(L[0]).sum()
    for t in range(days):
        value += _log_count(y[t], np.exp(x[t]) * F[t], r[t])
        apart = Q[0, t] * (x[t] - mean) ** 2
        for k in range(1, 3):
            if t + k < days:
                apart += 2 * Q[k, t] * (x[t] - mean) * (x[t + k] - mean)
        value -= apart / 2
    return value


@compiled()
def _log_count(y, mu, r):  # type: ignore[no-untyped-def]
    """Give the log of the negative binomial probability."""
    base = math.lgamma(r + y) - math.lgamma(r) - math.lgamma(y + 1.0)
    return base - r * np.log1p(mu / r) + y * (np.log(mu) - np.log(r + mu))


@compiled()
def climb(y, F, r, Q, mean, x, L):  # type: ignore[no-untyped-def]
    """Climb to the mode of the log course; leave it in ``x`` and the factor of its precision in ``L``."""
    days = len(y)
    A = np.zeros((3, days))
    g = np.zeros(days)
    total_y, total_F = 0.5, 1.0
    for t in range(days):
        total_y += y[t]
        total_F += F[t]
    x[:] = np.log(total_y / total_F)
    for _ in range(40):
        for t in range(days):
            mu = np.exp(x[t]) * F[t]
            g[t] = r[t] * (y[t] - mu) / (r[t] + mu)
            A[0, t] = Q[0, t] + (r[t] + y[t]) * r[t] * mu / (r[t] + mu) ** 2
            A[1, t] = Q[1, t]
            A[2, t] = Q[2, t]
        pull(Q, x, mean, g)
        _factor(A, L)
        solve(L, g)
        largest = 0.0
        for t in range(days):
            largest = max(largest, abs(g[t]))
        scale = min(1.0, 2.0 / max(largest, 1e-12))
        for t in range(days):
            x[t] += scale * g[t]
        if largest < 1e-5:
            break


@compiled()
def pull(Q, x, mean, g):  # type: ignore[no-untyped-def]
    """Take Q (x − mean) off ``g``."""
    days = len(x)
    for t in range(days):
        g[t] -= Q[0, t] * (x[t] - mean)
        for k in range(1, 3):
            if t + k < days:
                g[t] -= Q[k, t] * (x[t + k] - mean)
                g[t + k] -= Q[k, t] * (x[t] - mean)


@compiled()
def _factor(A, L):  # type: ignore[no-untyped-def]
    """Give the Cholesky factor of a band of width two."""
    days = A.shape[1]
    for t in range(days):
        d = A[0, t]
        if t > 0:
            d -= L[1, t - 1] ** 2
        if t > 1:
            d -= L[2, t - 2] ** 2
        L[0, t] = np.sqrt(d)
        if t + 1 < days:
            v = A[1, t]
            if t > 0:
                v -= L[2, t - 1] * L[1, t - 1]
            L[1, t] = v / L[0, t]
        if t + 2 < days:
            L[2, t] = A[2, t] / L[0, t]


@compiled()
def solve(L, b):  # type: ignore[no-untyped-def]
    """Solve L Lᵀ x = b in place."""
    days = len(b)
    for t in range(days):
        if t > 0:
            b[t] -= L[1, t - 1] * b[t - 1]
        if t > 1:
            b[t] -= L[2, t - 2] * b[t - 2]
        b[t] /= L[0, t]
    back(L, b, 0)


@compiled()
def back(L, b, stop):  # type: ignore[no-untyped-def]
    """Solve Lᵀ x = b in place, from the last day down to ``stop``."""
    days = len(b)
    for t in range(days - 1, stop - 1, -1):
        if t + 1 < days:
            b[t] -= L[1, t] * b[t + 1]
        if t + 2 < days:
            b[t] -= L[2, t] * b[t + 2]
        b[t] /= L[0, t]
