"""Log-linear counts with seasons and a trend, for thousands of places at once, to machine precision.

With one slope and any number of seasons the level of each season is known in closed form once the
slope is, so that the whole regression is a search along one line, and its variances need no matrix.
"""

import math

import numpy as np
import numpy.typing as npt
from numba import njit, prange

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

STEPS = 200
TOLERANCE = 1e-13
"""Of the change of log μ over the whole baseline in the last step."""
STEEPEST = 40.0
"""Largest change of log μ over the baseline; beyond it no slope exists (all cases at one end)."""


@njit(cache=True)
def _exponents(slope: float, x: Floats, out: Floats) -> None:
    """Give exp(slope x); neighbouring weeks differ by one factor."""
    factor = math.exp(slope)
    out[0] = math.exp(slope * x[0])
    for i in range(1, len(x)):
        out[i] = out[i - 1] * factor if x[i] - x[i - 1] == 1.0 else math.exp(slope * x[i])


@njit(cache=True)
def _sums(y: Floats, w: Floats, x: Floats, group: Integers, cases: Floats) -> float:
    """Sum weighted cases by season into ``cases``; give the weighted sum of x y."""
    cases[:] = 0.0
    moment = 0.0
    for i in range(len(y)):
        cases[group[i]] += w[i] * y[i]
        moment += w[i] * y[i] * x[i]
    return moment


@njit(cache=True)
def _moments(
    e: Floats, w: Floats, x: Floats, group: Integers, cases: Floats, base: Floats, centre: Floats
) -> tuple[float, float]:
    """Give Σ x μ and the information D of the slope; fill Σ w e and the mean of x of each season."""
    groups = len(cases)
    second = np.zeros(groups)
    base[:] = 0.0
    centre[:] = 0.0
    for i in range(len(e)):
        g = group[i]
        v = w[i] * e[i]
        base[g] += v
        centre[g] += v * x[i]
        second[g] += v * x[i] * x[i]
    first, information = 0.0, 0.0
    for g in range(groups):
        if base[g] > 0.0:
            centre[g] /= base[g]
            first += cases[g] * centre[g]
            information += cases[g] * max(second[g] / base[g] - centre[g] ** 2, 0.0)
    return first, information


@njit(cache=True)
def _fit(
    y: Floats,
    w: Floats,
    x: Floats,
    group: Integers,
    trend: bool,
    start: float,
    e: Floats,
    cases: Floats,
    base: Floats,
    centre: Floats,
) -> tuple[float, float, bool]:
    """Fit log μ = level of the season + slope x; give slope, its information D, and whether it exists.

    Fills ``e``, ``cases``, ``base``, ``centre``; then μ_i = cases_g e_i / base_g.
    """
    moment = _sums(y, w, x, group, cases)
    if not trend:
        e[:] = 1.0
        _moments(e, w, x, group, cases, base, centre)
        return 0.0, 0.0, True
    span = max(x[-1] - x[0], 1.0)
    slope = start
    for _ in range(STEPS):
        _exponents(slope, x, e)
        first, information = _moments(e, w, x, group, cases, base, centre)
        if information <= 0.0:
            return slope, 0.0, False
        step = (moment - first) / information
        if step * span > 2.0:
            step = 2.0 / span
        elif step * span < -2.0:
            step = -2.0 / span
        slope += step
        if abs(slope) * span > STEEPEST:
            return slope, information, False
        if abs(step) * span < TOLERANCE:
            _exponents(slope, x, e)
            _, information = _moments(e, w, x, group, cases, base, centre)
            return slope, information, True
    return slope, information, False


@njit(cache=True)
def _pearson(
    y: Floats, w: Floats, group: Integers, e: Floats, cases: Floats, base: Floats
) -> float:
    """Give Σ w (y − μ)² / μ."""
    total = 0.0
    for i in range(len(y)):
        mu = cases[group[i]] * e[i] / base[group[i]]
        if mu > 0.0:
            total += w[i] * (y[i] - mu) ** 2 / mu
    return total


@njit(cache=True)
def _reweigh(
    y: Floats,
    w: Floats,
    x: Floats,
    group: Integers,
    e: Floats,
    cases: Floats,
    base: Floats,
    centre: Floats,
    information: float,
    phi: float,
    limit: float,
) -> None:
    """Replace unit weights by γ s⁻² where the standardised Anscombe residual s exceeds the limit, else γ."""
    total = 0.0
    for i in range(len(y)):
        g = group[i]
        mu = cases[g] * e[i] / base[g]
        leverage = e[i] / base[g]
        if information > 0.0:
            leverage += mu * (x[i] - centre[g]) ** 2 / information
        weight = 1.0
        if mu > 0.0 and leverage < 1.0:
            s = 1.5 * (y[i] ** (2 / 3) * mu ** (-1 / 6) - math.sqrt(mu))
            s /= math.sqrt(phi * (1.0 - leverage))
            if s > limit:
                weight = 1.0 / (s * s)
        w[i] = weight
        total += weight
    for i in range(len(y)):
        w[i] *= len(y) / total


@njit(cache=True)
def _one(
    y: Floats,
    x: Floats,
    group: Integers,
    periods: int,
    trend: bool,
    limit: float,
    out: Floats,
) -> tuple[float, bool]:
    """Fit, reweigh, fit again; give D of the slope and whether a slope was fitted.

    Fills ``out``: mean now (x = 0, last season), variance of its logarithm, φ, slope, dispersion.
    """
    n = len(y)
    w, e = np.ones(n), np.empty(n)
    cases, base, centre = np.zeros(periods), np.zeros(periods), np.zeros(periods)
    slope, information, fits = _fit(y, w, x, group, trend, 0.0, e, cases, base, centre)
    if not fits:
        trend = False
        slope, information, _ = _fit(y, w, x, group, False, 0.0, e, cases, base, centre)
    used = 0
    for g in range(periods):
        if base[g] > 0.0:
            used += 1
    freedom = max(n - used - (1 if trend else 0), 1)
    phi = max(_pearson(y, w, group, e, cases, base) / freedom, 1.0)
    _reweigh(y, w, x, group, e, cases, base, centre, information, phi, limit)
    slope, information, fits = _fit(y, w, x, group, trend, slope, e, cases, base, centre)
    dispersion = _pearson(y, w, group, e, cases, base) / freedom
    phi = max(dispersion, 1.0)
    last = periods - 1
    if base[last] > 0.0:
        out[0] = cases[last] / base[last]
        out[1] = phi / cases[last] if cases[last] > 0.0 else math.inf
        if information > 0.0:
            out[1] += phi * centre[last] ** 2 / information
    else:
        out[0], out[1] = math.nan, math.nan
    out[2] = phi
    out[3] = slope
    out[4] = dispersion
    return information, trend and fits


@njit(cache=True, parallel=True)
def quasi_poisson(
    counts: Floats,
    weeks: Integers,
    period: Integers,
    now: int,
    periods: int,
    limit: float,
    trend: bool,
    critical: Floats,
) -> Floats:
    """Judge one week of many places; give (place, 4): mean, variance of its log, φ, slope (NaN: none).

    Parameters
    ----------
    counts : (place, date), persons per week
    weeks, period
        The baseline and the season of each week in it.
    now
        Position of the week judged.
    periods
        Number of seasons; the week judged is in the last.
    limit
        Residuals above it are weighed down.
    trend
        Whether to look for a slope.
    critical : (degrees of freedom)
        Smallest |t| of a slope that is kept; nor is it kept where it expects more cases now than in
        any week of the baseline.
    """
    places = counts.shape[0]
    result = np.full((places, 4), np.nan)
    for p in prange(places):
        n = 0
        y, x = np.empty(len(weeks)), np.empty(len(weeks))
        group = np.empty(len(weeks), dtype=np.int64)
        for i in range(len(weeks)):
            value = counts[p, weeks[i]]
            if not math.isnan(value):
                y[n], x[n], group[n] = value, weeks[i] - now, period[i]
                n += 1
        y, x, group = y[:n], x[:n], group[:n]
        if n <= periods + 1:
            continue
        out = np.empty(5)
        information, sloped = _one(y, x, group, periods, trend, limit, out)
        if sloped:
            seen = np.zeros(periods)
            for g in group:
                seen[g] = 1.0
            freedom = n - int(seen.sum()) - 1
            t = abs(out[3]) * math.sqrt(information / max(out[4], TOLERANCE))
            sloped = t > critical[freedom] and out[0] <= y.max()
            if not sloped:
                _one(y, x, group, periods, False, limit, out)
        result[p, :3] = out[:3]
        if sloped:
            result[p, 3] = out[3]
    return result
