"""What several methods here share: a maximum in two numbers, and intervals by profile likelihood."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy
from scipy import special

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LogLikelihood = Callable[[Floats], float]

STEP, REACH = 0.1, 60
"""A bound is looked for in steps that grow by half, this many at most."""

FAR = 500.0
SIMPLEX = np.array([[0.0, 0.0], [0.1, 0.0], [0.0, 0.1]])
"""Where a maximum is first looked for, about the start."""

DERIVATIVE_STEP, LONGEST_STEP = 1e-4, 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with its confidence interval."""

    value: float
    low: float
    high: float

    def rounded(self, digits: int = 2) -> tuple[float, float, float]:
        """Give value, low and high, rounded."""
        return round(self.value, digits), round(self.low, digits), round(self.high, digits)


def maximise(loglik: LogLikelihood, start: Floats) -> tuple[Floats, float]:
    """Give the place and the height of the maximum: Nelder and Mead from ``start``, then Newton."""
    place, _ = climb(loglik, start, 1e-11)
    for _ in range(2):
        place = _newton(loglik, place)
    return place, loglik(place)


def climb(loglik: LogLikelihood, start: Floats, within: float) -> tuple[Floats, float]:
    """Give place and height near the maximum by Nelder and Mead: the height to ``within``."""
    found = scipy.optimize.minimize(
        lambda x: -loglik(x),
        start,
        method="Nelder-Mead",
        options={
            "xatol": max(float(np.sqrt(within)) / 300, 1e-8),
            "fatol": within,
            "maxiter": 4000,
            "maxfev": 4000,
            "initial_simplex": start + SIMPLEX,
        },
    )
    return np.asarray(found.x), -float(found.fun)


def _newton(loglik: LogLikelihood, at: Floats) -> Floats:
    """Give the place one Newton step on, or the same where that is no higher."""
    n, moves = len(at), DERIVATIVE_STEP * np.eye(len(at))
    slope = np.array([loglik(at + d) - loglik(at - d) for d in moves]) / (2 * DERIVATIVE_STEP)
    bend = np.empty((n, n))
    for i, one in enumerate(moves):
        for j, other in enumerate(moves):
            bend[i, j] = (
                loglik(at + one + other)
                - loglik(at + one - other)
                - loglik(at - one + other)
                + loglik(at - one - other)
            ) / (4 * DERIVATIVE_STEP**2)
    if not np.isfinite(bend).all() or np.linalg.det(bend) == 0:
        return at
    step = np.linalg.solve(bend, slope)
    there = at - step
    if np.abs(step).max() > LONGEST_STEP or loglik(there) < loglik(at) - 1e-10:
        return at
    return there


def profile(
    loglik: LogLikelihood,
    peak: Floats,
    height: float,
    which: int,
    level: float = 0.95,
    inflation: float = 1.0,
) -> tuple[float, float]:
    """Give the interval of one of two coordinates in which the profile likelihood stays near its maximum.

    The bounds are where 2 (ℓ_max − ℓ_profile) equals the quantile of χ² with one degree of
    freedom; a bound that is never reached is infinite.

    Parameters
    ----------
    loglik
        Of both coordinates.
    peak, height
        Where the maximum is, and how high.
    which
        The coordinate.
    level
        Coverage.
    inflation
        Times the variance that observations in groups have over independent ones; the quantile is
        taken that many times (Chandler RE, Bate S. Biometrika 2007;94:167-183,
        doi 10.1093/biomet/asm015).
    """
    drop = inflation * float(special.chdtri(1, 1 - level)) / 2
    found = {float(peak[which]): float(peak[1 - which])}
    heights: dict[float, float] = {float(peak[which]): -drop}

    def short_of(value: float) -> float:
        if value in heights:
            return heights[value]
        # Where the other coordinate hardly matters a search from afar would lose its way.
        last = found[min(found, key=lambda known: abs(known - value))]

        def inner(other: float) -> float:
            return -loglik(np.array([value, other] if which == 0 else [other, value]))

        best = scipy.optimize.minimize_scalar(inner, bracket=(last - 0.1, last + 0.1), tol=1e-7)
        found[value] = float(best.x)
        heights[value] = height + float(best.fun) - drop
        return heights[value]

    low, high = (_bound(short_of, float(peak[which]), side) for side in (-1.0, 1.0))
    return low, high


def _bound(short_of: Callable[[float], float], peak: float, side: float) -> float:
    near, step = peak, STEP
    for _ in range(REACH):
        far = near + side * step
        if abs(far - peak) > FAR:
            break
        if short_of(far) > 0:
            return float(scipy.optimize.brentq(short_of, *sorted((near, far)), xtol=1e-7))
        near, step = far, step * 1.5
    return float(side * np.inf)


LEAST_INFLATION = 0.25
"""Intervals along a chain cancel each other's errors, but the variance is not taken lower than this."""


def inflation_of_variance(scores: Floats, information: Floats, first: Ints, second: Ints) -> Floats:
    """Give how many times the variance of each estimate grows because pairs share cases.

    Two intervals with a case in common share the error of its onset: from one infector they err to the
    same side, along a chain to opposite sides. With s_p the score and A_p the information of pair p, A
    the sum, and P(c) the pairs in which case c stands, the variance by leaving out is ::

        V = Σ_c z_c z_cᵀ − Σ_p z_p z_pᵀ,   z_c = (A − Σ_{P(c)} A_p)⁻¹ Σ_{P(c)} s_p,   z_p = (A − A_p)⁻¹ s_p

    (each pair stands with both of its cases, hence the second sum); the result is the ratio of its
    diagonal to that of A⁻¹.

    Parameters
    ----------
    scores : array (pair, parameter)
    information : array (pair, parameter, parameter)
        Minus the second derivatives.
    first, second : array (pair)
        Number of the two cases of each pair.

    References
    ----------
    Aronow PM, Samii C, Assenova VA. Polit Anal 2015;23:564-577, doi 10.1093/pan/mpv018 (variance of
    pairs that share members; here with leaving out).
    """
    total = information.sum(axis=0)
    cases = int(max(first.max(), second.max())) + 1
    score = np.zeros((cases, scores.shape[1]))
    known = np.zeros((cases, *total.shape))
    for case in (first, second):
        np.add.at(score, case, scores)
        np.add.at(known, case, information)
    try:
        by_case = np.linalg.solve(total - known, score[..., None])[..., 0]
        by_pair = np.linalg.solve(total - information, scores[..., None])[..., 0]
        usual = np.diag(np.linalg.inv(total))
    except np.linalg.LinAlgError:
        return np.ones(scores.shape[1])
    ratio = np.diag(by_case.T @ by_case - by_pair.T @ by_pair) / usual
    return np.asarray(np.where(ratio > 0, np.maximum(ratio, LEAST_INFLATION), 1.0))
