"""How many of n persons move on: drawn exactly, drawn by a corrected normal where many move, or expected.

References
----------
Kachitvichyanukul V, Schmeiser BW. Commun ACM 1988;31:216, doi 10.1145/42372.42381 (inversion; squeeze).
Hörmann W. J Stat Comput Simul 1993;46:101, doi 10.1080/00949659308811496 (BTRS, transformed rejection).
Cornish EA, Fisher RA. Rev Inst Int Stat 1938;5:307, doi 10.2307/1400905 (correction for skewness).
Wichura MJ. J R Stat Soc C 1988;37:477, doi 10.2307/2347330 (AS 241, the normal quantile).
"""

import math
from typing import Any

import numpy as np

from tongchou.transmission.metapopulation.streams import uniform
from tongchou.vocabulary.compiled import compiled

EXACT, HYBRID, EXPECTED = 0, 1, 2
"""How chance is drawn: exact sampling, the corrected normal from ``NORMAL_FROM`` on, or no chance at all."""

NORMAL_FROM = 30.0
"""Variance from which the hybrid takes the normal with a correction for skewness."""

INVERT_UP_TO = 30.0
"""Mean up to which a count is found by walking up the distribution from zero."""

FARTHEST = 128
"""Count at which the walk ends; from a mean of 30 a larger one has a probability below 1e-34."""

RECIPROCALS = 1.0 / np.arange(1, FARTHEST + 1)
"""One over the counts, from 1: a product is quicker than a division."""

SQUARED_UP_TO = 1024.0
"""Persons up to whom a power is had by squaring instead of by logarithms."""

NEAR = 15
"""Steps from the mode up to which probabilities are worked out one from the other."""

DRAWS_EACH = 64
"""Numbers of a stream set apart for one draw, so that a rejection shifts no other draw."""


@compiled(inline="always")
def normal_quantile(u: Any) -> Any:
    """Give the standard normal quantile (AS 241, PPND7: about seven digits).

    >>> round(normal_quantile(0.975), 5), round(normal_quantile(0.001), 5)
    (1.95996, -3.09023)
    """
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        up = ((59.10937472 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179
        down = ((67.1875636 * r + 78.757757664) * r + 17.895169469) * r + 1.0
        return q * up / down
    r = math.sqrt(-math.log(u if q < 0 else 1.0 - u))
    if r <= 5.0:
        r -= 1.6
        up = ((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777
        down = (0.12021132975 * r + 0.73700164250) * r + 1.0
    else:
        r -= 5.0
        up = ((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150
        down = (0.012258202635 * r + 0.24197894225) * r + 1.0
    return -up / down if q < 0 else up / down


@compiled()
def _stirling_tail(k: float) -> Any:
    """Give what Stirling's formula leaves out of log k!."""
    if k < 9:
        return math.lgamma(k + 1.0) - (k + 0.5) * math.log(k + 1.0) + (k + 1.0) - 0.9189385332046727
    square = (k + 1.0) * (k + 1.0)
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1.0)


@compiled(forceinline=True)
def _beside_the_mode(n: Any, p: Any, k: Any, m: Any) -> Any:
    """Give the probability of k relative to that of the mode m, step by step."""
    odds = p / (1.0 - p)
    top = (n + 1.0) * odds
    up, down = 1.0, 1.0
    for i in range(int(m) + 1, int(k) + 1):
        up *= top - odds * i
        down *= i
    for i in range(int(k) + 1, int(m) + 1):
        up *= i
        down *= top - odds * i
    return up / down


@compiled()
def _transformed_rejection(n: float, p: float, start: Any, step: Any, number: int) -> Any:
    """Draw from a binomial of mean 10 or more, p at most one half (BTRS)."""
    variance = n * p * (1.0 - p)
    sd = math.sqrt(variance)
    b = 1.15 + 2.53 * sd
    a = -0.0873 + 0.0248 * b + 0.01 * p
    c = n * p + 0.5
    alpha = (2.83 + 5.1 / b) * sd
    sure = 0.92 - 4.2 / b
    m = math.floor((n + 1.0) * p)
    for attempt in range(DRAWS_EACH // 2 - 1):
        u = uniform(start, step, number + 2 * attempt) - 0.5
        v = uniform(start, step, number + 2 * attempt + 1)
        us = 0.5 - abs(u)
        k = math.floor((2.0 * a / us + b) * u + c)
        if us >= 0.07 and v <= sure:
            return k
        if k < 0 or k > n:
            continue
        v *= alpha / (a / (us * us) + b)
        away = abs(k - m)
        if away <= NEAR:
            if v <= _beside_the_mode(n, p, k, m):
                return k
            continue
        v = math.log(v)
        if away < variance / 2.0 - 1.0:  # bounds of the logarithm below (squeeze of BTPE)
            parabola = -away * away / (2.0 * variance)
            doubt = ((away / 3.0 + 0.625) * away + 1.0 / 6.0) / variance + 0.5
            doubt *= away / variance
            if v < parabola - doubt:
                return k
            if v > parabola + doubt:
                continue
        bound = (
            (m + 0.5) * math.log((m + 1.0) / (p / (1.0 - p) * (n - m + 1.0)))
            + (n + 1.0) * math.log((n - m + 1.0) / (n - k + 1.0))
            + (k + 0.5) * math.log(p / (1.0 - p) * (n - k + 1.0) / (k + 1.0))
            + _stirling_tail(m)
            + _stirling_tail(n - m)
            - _stirling_tail(k)
            - _stirling_tail(n - k)
        )
        if v <= bound:
            return k
    return m


@compiled(forceinline=True)
def _nobody(n: Any, p: Any) -> Any:
    """Give the probability that nobody of n moves, (1 - p)^n."""
    if n >= SQUARED_UP_TO:
        return math.exp(n * math.log1p(-p))
    power, square, left = 1.0, 1.0 - p, int(n)
    while left > 0:
        power *= square if left & 1 else 1.0
        square *= square
        left >>= 1
    return power


@compiled(forceinline=True)
def _few(n: Any, p: Any, u: Any) -> Any:
    """Find the count whose upper tail holds u, walking up from zero: exact, falling with u."""
    if u >= n * p:  # nobody moves with probability (1 - p)^n, which is at least 1 - n p
        return 0.0
    if n == 1.0:
        return 1.0
    u = 1.0 - u
    share = _nobody(n, p)
    odds = p / (1.0 - p)
    k = 0
    while u > share and k < FARTHEST:
        u -= share
        share *= odds * (n - k) * RECIPROCALS[k]
        k += 1
    return min(np.float64(k), n)


@compiled()
def _moved_less(n: float, p: float, start: Any, step: Any, number: int, mode: int) -> Any:
    """Draw where p is at most one half."""
    mean = n * p
    if mean <= INVERT_UP_TO:
        return _few(n, p, uniform(start, step, number))
    variance = mean * (1.0 - p)
    if mode == HYBRID and variance >= NORMAL_FROM:
        z = -normal_quantile(uniform(start, step, number))
        k = math.floor(mean + math.sqrt(variance) * z + (1.0 - 2.0 * p) * (z * z - 1.0) / 6.0 + 0.5)
        return min(max(k, 0.0), n)
    return _transformed_rejection(n, p, start, step, number)


@compiled()
def moved(n: float, p: float, start: Any, step: Any, number: int, mode: int) -> Any:
    """Give how many of n move, each with probability p.

    Parameters
    ----------
    n
        Persons, a whole number (any number of at least zero where only the expectation is asked).
    p
        Probability to move.
    start, step, number
        The stream, and the first of the ``DRAWS_EACH`` numbers of it that this draw may use.
    mode
        ``EXACT``, ``HYBRID`` or ``EXPECTED``.
    """
    if n <= 0.0 or p <= 0.0:
        return 0.0
    if mode == EXPECTED:
        return n * p
    if p >= 1.0:
        return n
    if p > 0.5:
        return n - _moved_less(n, 1.0 - p, start, step, number, mode)
    return _moved_less(n, p, start, step, number, mode)
