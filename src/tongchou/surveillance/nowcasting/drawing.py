"""Draw the cases of the open days: the course, the unevenness of reports and chance, place by place.

Inside compiled code ``np.random`` is numba's generator of the thread; it is seeded anew for each place, so that
a place's numbers depend neither on the number of threads nor on the places before it.
"""
# ruff: noqa: NPY002

import numpy as np
from numba import prange

from tongchou.surveillance.nowcasting.compiled import compiled
from tongchou.surveillance.nowcasting.intensity import back, climb, pull, solve

FEW = 40.0
"""Expected missing cases up to which their distribution is summed exactly."""
ROUNDS = 4
"""Rounds of the alternation between share, excess and count beyond that."""


@compiled(parallel=True)
def draw_open_days(y, Lambda, u, Q, mean, r, M, seeds, out):  # type: ignore[no-untyped-def]
    """Fill ``out`` (draw, place, open day) with the cases not yet reported.

    ``y`` (place, day) reported; ``Lambda`` (draw, open day) cumulated hazard; ``u`` (draw, place) log
    speed; ``Q`` band of the course; ``mean`` its level; ``r``, ``M`` as in the docstring of
    :func:`~tongchou.surveillance.nowcasting.hierarchical.nowcast_draws`.
    """
    number, open_days = Lambda.shape
    places, days = y.shape
    first = days - open_days
    for p in prange(places):
        np.random.seed(seeds[p])
        F, spread = np.ones(days), np.full(days, r)
        x, L, g, z = np.zeros(days), np.zeros((3, days)), np.zeros(days), np.zeros(days)
        for i in range(open_days):
            total = 0.0
            for s in range(number):
                total += -np.expm1(-np.exp(u[s, p]) * Lambda[s, i])
            F[first + i] = max(total / number, 1e-6)
            spread[first + i] = 1 / (1 / r + (1 - F[first + i]) / (F[first + i] * (M + 1)))
        climb(y[p], F, spread, Q, mean, x, L)
        for s in range(number):
            for i in range(open_days):
                F[first + i] = max(-np.expm1(-np.exp(u[s, p]) * Lambda[s, i]), 1e-6)
            for t in range(days):
                mu = np.exp(x[t]) * F[t]
                g[t] = spread[t] * (y[p, t] - mu) / (spread[t] + mu)
            pull(Q, x, mean, g)
            solve(L, g)
            for t in range(first, days):
                z[t] = np.random.normal()
            back(L, z, first)
            for i in range(open_days):
                t = first + i
                rate = np.exp(min(x[t] + g[t] + z[t], 16.0))
                out[s, p, i] = _missing(y[p, t], rate, F[t], r, M)


@compiled()
def _missing(y, rate, F, r, M):  # type: ignore[no-untyped-def]
    """Draw the cases of a day still missing, given those reported.

    N ~ NegativeBinomial(rate, r) and y | N ~ BetaBinomial(N, M F, M (1 − F)), so that the
    probabilities of k = N − y missing cases stand in the ratio
    p(k + 1) / p(k) = (r + y + k) / (k + 1) · rate / (rate + r) · (M (1 − F) + k) / (M + y + k).
    """
    lost = M * (1 - F)
    if rate * (1 - F) < FEW and y < 20 * FEW:
        q = rate / (rate + r)
        top = 1.0
        total, k = 1.0, 0.0
        while k < 5000.0:
            top *= (r + y + k) / (k + 1) * q * (lost + k) / (M + y + k)
            total += top
            k += 1.0
            if top < 1e-7 * total and k > rate * (1 - F):
                break
        left = np.random.random() * total - 1.0
        k, top = 0.0, 1.0
        while left > 0 and k < 5000.0:
            top *= (r + y + k) / (k + 1) * q * (lost + k) / (M + y + k)
            left -= top
            k += 1.0
        return int(k)
    missing = rate * (1 - F)
    for _ in range(ROUNDS):
        share = np.random.beta(M * F + y, lost + missing + 1e-9)
        excess = np.random.gamma(r + y + missing, 1 / (r + rate))
        missing = float(np.random.poisson(rate * excess * (1 - share)))
    return int(missing)
