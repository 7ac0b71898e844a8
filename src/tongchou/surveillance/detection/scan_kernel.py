"""The inner loops of the scan: the likelihood ratio of every cylinder, and the highest of each replicate.

Counts and expectations arrive as sums over the last 1, 2, … steps, so a cylinder that ends today is one
column; a circle is its predecessor and one place more. No cylinder needs a logarithm unless it can be the
highest: with p = c / C and q = μ / C, where q ≤ p ≤ 1 − q the Kullback–Leibler divergence of p from q is at
most (p − q)² / (2 q (1 − q)), so that ::

    λ = C KL(p, q) ≤ (c − μ)² / (2 μ (1 − μ / C))

and a cylinder whose bound lies below the highest so far is passed over.
"""

import math

import numpy as np
import numpy.typing as npt
from numba import njit, prange

Floats = npt.NDArray[np.float64]

ABREAST = 4
"""Replicates that one thread carries at once: they share the reading of members and expectations."""
SLACK = 1e-3
"""By how much the bound is widened, so that rounding of single precision passes over nothing."""


@njit(cache=True, inline="always")
def log_likelihood_ratio(c: float, mu: float, total: float) -> float:
    """Give c log(c / μ) + (C − c) log((C − c) / (C − μ)), zero where there is no excess."""
    if c <= mu:
        return 0.0
    inside = c * math.log(c / mu)
    if c >= total:
        return inside
    return inside + (total - c) * math.log((total - c) / (total - mu))


@njit(cache=True, parallel=True)
def every_circle(
    cases: Floats,
    expected: Floats,
    total: float,
    fewest: float,
    starts: npt.NDArray[np.int64],
    members: npt.NDArray[np.int32],
    ends: npt.NDArray[np.bool_],
) -> tuple[Floats, npt.NDArray[np.int32]]:
    """Give the best likelihood ratio of each circle over all lengths, and that length less one.

    ``cases`` and ``expected``: (place, length), sums over the last 1, 2, … steps.
    """
    steps = cases.shape[1]
    best = np.zeros(members.size)
    length = np.zeros(members.size, np.int32)
    for centre in prange(starts.size - 1):
        c, mu = np.zeros(steps), np.zeros(steps)
        for row in range(starts[centre], starts[centre + 1]):
            place = members[row]
            for t in range(steps):
                c[t] += cases[place, t]
                mu[t] += expected[place, t]
            if ends[row]:
                for t in range(steps):
                    if c[t] >= fewest:
                        ratio = log_likelihood_ratio(c[t], mu[t], total)
                        if ratio > best[row]:
                            best[row], length[row] = ratio, t
    return best, length


@njit(cache=True, parallel=True)
def highest(
    cases: npt.NDArray[np.float32],
    expected: Floats,
    total: float,
    fewest: float,
    starts: npt.NDArray[np.int64],
    members: npt.NDArray[np.int32],
    ends: npt.NDArray[np.bool_],
) -> Floats:
    """Give the highest likelihood ratio of each replicate.

    ``cases``: (group, place, ABREAST × length), so that one addition serves all replicates of a group.
    """
    groups, places, width = cases.shape
    steps = expected.shape[1]
    abreast = width // steps
    result = np.zeros((groups, abreast))
    for group in prange(groups):
        here = cases[group]
        holds = np.zeros(places, np.bool_)
        for place in range(places):
            holds[place] = here[place].any()
        c = np.zeros(width, here.dtype)
        mean = np.zeros(steps)
        mu, spread = np.zeros(steps, here.dtype), np.zeros(steps, here.dtype)
        for centre in range(starts.size - 1):
            c[:] = 0
            mean[:] = 0
            changed = False
            for row in range(starts[centre], starts[centre + 1]):
                place = members[row]
                for t in range(steps):
                    mean[t] += expected[place, t]
                if holds[place]:
                    changed = True
                    for k in range(width):
                        c[k] += here[place, k]
                # Without a new case the circle only dilutes the one before it.
                if not (changed and ends[row]):
                    continue
                changed = False
                for t in range(steps):
                    mu[t] = mean[t]
                    spread[t] = mean[t] * (1 - mean[t] / total)
                for b in range(abreast):
                    _look(
                        c[b * steps : (b + 1) * steps],
                        mean,
                        mu,
                        spread,
                        total,
                        fewest,
                        result[group, b : b + 1],
                    )
    return result


@njit(cache=True, inline="always")
def _look(c, mean, mu, spread, total, fewest, best):  # type: ignore[no-untyped-def]
    """Raise ``best[0]`` to the highest ratio of one circle, if its bound allows that at all."""
    bar = c.dtype.type(2 * best[0] * (1 - SLACK))
    all_but = c.dtype.type(total)
    few = c.dtype.type(fewest)
    hopeful = 0
    for t in range(c.size):
        more = c[t] - mu[t]
        hopeful += (c[t] >= few) & ((more * abs(more) > bar * spread[t]) | (c[t] + mu[t] > all_but))
    if hopeful:
        for t in range(c.size):
            if c[t] >= fewest:
                best[0] = max(best[0], log_likelihood_ratio(c[t], mean[t], total))
