"""Draw the cases of the open days: the course, the unevenness of reports and chance, place by place.

Inside compiled code ``np.random`` is numba's generator of the thread; it is seeded anew for each place, so that
a place's numbers depend neither on the number of threads nor on the places before it.
"""
# ruff: noqa: NPY002

import numpy as np
from numba import prange

from tongchou.surveillance.nowcasting.intensity import climb
from tongchou.vocabulary.compiled import compiled

FEW = 40.0
"""Expected missing cases up to which their distribution is summed exactly."""
MANY = 2000.0
"""Reported cases above which it is not."""
ROUNDS = 4
"""Rounds of the alternation between share, excess and count beyond that."""
ENOUGH = 100
"""Draws that tell the mean share around which the course is expanded."""
LEAST = 1e-6
"""Least share reported: keeps the rate of a day on which nothing can have come in finite."""


@compiled(parallel=True)
def draw_open_days(y, common, lift, hazard, speed, Q, mean, r, M, seeds, mine, out):  # type: ignore[no-untyped-def]
    """Add to ``out`` (place, draw, day) the cases not yet reported of the open days.

    Parameters
    ----------
    y : (place, day)
        Cases reported.
    common : (day,)
        Mode of the common log course.
    lift : (draw, open day)
        Draws of e to it.
    hazard : (draw, open day)
        Cumulated common hazard Λ.
    speed : (draw, place)
        e^u.
    Q, mean
        Band of the course of a place around the common one, and its level.
    r, M
        Size of the negative binomial and precision of the beta-binomial.
    seeds : (place,)
    mine
        Draws of ``out`` to fill, in the order of ``hazard``.
    """
    number, width = hazard.shape
    places, days = y.shape
    first = days - width
    for p in prange(places):
        np.random.seed(seeds[p])
        E, spread = np.exp(common), np.full(days, r)
        x, L, shift = np.zeros(days), np.zeros((3, days)), np.zeros(width)
        share, rate, base = np.zeros(width), np.zeros(width), np.zeros(width)
        for i in range(width):
            total, step = 0.0, max(number // ENOUGH, 1)
            for s in range(0, number, step):
                total += 1 - np.exp(-speed[s, p] * hazard[s, i])
            F = max(total / len(range(0, number, step)), LEAST)
            E[first + i] *= F
            spread[first + i] = 1 / (1 / r + (1 - F) / (F * (M + 1)))
        climb(y[p], E, spread, Q, mean, x, L)
        slope = _slopes(y[p], E, spread, x, width)
        for i in range(width):
            base[i] = np.exp(min(x[first + i], 16.0))
        for s in range(number):
            for i in range(width):
                share[i] = max(1 - np.exp(-speed[s, p] * hazard[s, i]), LEAST)
                rate[i] = base[i] * lift[s, i]
            _draw_shift(y[p], rate, share, spread, slope, L, shift)
            for i in range(width):
                mu = rate[i] * np.exp(min(shift[i], 8.0))
                out[p, mine[s], first + i] += _missing(y[p, first + i], mu, share[i], r, M)


@compiled()
def draw_course(y, share, hazard, Q, mean, r, M, seed):  # type: ignore[no-untyped-def]
    """Give the mode (day,) of the log course of one series, and draws (draw, open day) of it.

    Parameters
    ----------
    y, share : (day,)
        Cases reported and share reported.
    hazard : (draw, open day)
        Cumulated hazard Λ.
    Q, mean, r, M
        As in :func:`draw_open_days`.
    """
    np.random.seed(seed)
    number, width = hazard.shape
    days = len(y)
    x, L, shift = np.zeros(days), np.zeros((3, days)), np.zeros(width)
    spread, F, rate = np.zeros(days), np.zeros(width), np.zeros(width)
    for t in range(days):
        spread[t] = 1 / (1 / r + (1 - share[t]) / (share[t] * (M + 1)))
    climb(y, share, spread, Q, mean, x, L)
    slope = _slopes(y, share, spread, x, width)
    out = np.zeros((number, width))
    for s in range(number):
        for i in range(width):
            F[i] = max(1 - np.exp(-hazard[s, i]), LEAST)
            rate[i] = np.exp(x[days - width + i])
        _draw_shift(y, rate, F, spread, slope, L, shift)
        for i in range(width):
            out[s, i] = x[days - width + i] + shift[i]
    return x, out


@compiled()
def _slopes(y, exposure, spread, x, width):  # type: ignore[no-untyped-def]
    first = len(y) - width
    slope = np.zeros(width)
    for i in range(width):
        t = first + i
        slope[i] = _slope(y[t], np.exp(x[t]) * exposure[t], spread[t])
    return slope


@compiled()
def _draw_shift(y, rate, share, spread, slope, L, shift):  # type: ignore[no-untyped-def]
    """Draw how far the log course of the open days is off its mode.

    At the mode all slopes balance; another share or rate changes the slope of the open days alone, and one
    Newton step follows it. ``L`` is the factor of the precision.
    """
    width = len(rate)
    first = len(y) - width
    for i in range(width):
        t = first + i
        value = _slope(y[t], rate[i] * share[i], spread[t]) - slope[i]
        if i > 0:
            value -= L[1, t - 1] * shift[i - 1]
        if i > 1:
            value -= L[2, t - 2] * shift[i - 2]
        shift[i] = value / L[0, t]
    for i in range(width - 1, -1, -1):
        t = first + i
        value = shift[i] + np.random.normal()
        if i + 1 < width:
            value -= L[1, t] * shift[i + 1]
        if i + 2 < width:
            value -= L[2, t] * shift[i + 2]
        shift[i] = value / L[0, t]


@compiled()
def _slope(y, mu, r):  # type: ignore[no-untyped-def]
    return r * (y - mu) / (r + mu)


@compiled()
def _missing(y, rate, F, r, M):  # type: ignore[no-untyped-def]
    """Draw the cases of a day still missing, given those reported.

    N ~ NegativeBinomial(rate, r) and y | N ~ BetaBinomial(N, M F, M (1 − F)), so that the
    probabilities of k = N − y missing cases stand in the ratio
    p(k + 1) / p(k) = (r + y + k) / (k + 1) · rate / (rate + r) · (M (1 − F) + k) / (M + y + k).
    """
    lost = M * (1 - F)
    if rate * (1 - F) < FEW and y < MANY:
        q = rate / (rate + r)
        top, total, k = 1.0, 1.0, 0.0
        while k < 5000.0:
            top *= (r + y + k) * q * (lost + k) / ((k + 1) * (M + y + k))
            total += top
            k += 1.0
            if top < 1e-7 * total and k > rate * (1 - F):
                break
        left = np.random.random() * total - 1.0
        k, top = 0.0, 1.0
        while left > 0 and k < 5000.0:
            top *= (r + y + k) * q * (lost + k) / ((k + 1) * (M + y + k))
            left -= top
            k += 1.0
        return int(k)
    missing = rate * (1 - F)
    for _ in range(ROUNDS):
        share = np.random.beta(M * F + y, lost + missing + 1e-9)
        excess = np.random.gamma(r + y + missing, 1 / (r + rate))
        missing = float(np.random.poisson(rate * excess * (1 - share)))
    return int(missing)
