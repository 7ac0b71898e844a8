"""What several methods here share: a maximum in two numbers, and intervals by profile likelihood."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

Floats = npt.NDArray[np.float64]
LogLikelihood = Callable[[Floats], float]

STEP, REACH = 0.5, 60
"""A bound is looked for in steps that grow by half, this many at most."""


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
    """Give the place and the height of the maximum, by Nelder and Mead from ``start``."""
    found = optimize.minimize(
        lambda x: -loglik(x),
        start,
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000, "maxfev": 4000},
    )
    return np.asarray(found.x), float(-found.fun)


def profile(
    loglik: LogLikelihood, peak: Floats, height: float, which: int, level: float = 0.95
) -> tuple[float, float]:
    """Give the interval of one coordinate in which the profile likelihood stays near its maximum.

    The bounds are where 2 (ℓ_max − ℓ_profile) equals the quantile of χ² with one degree of
    freedom; a bound that is never reached is infinite.

    Parameters
    ----------
    loglik
        Of all coordinates.
    peak, height
        Where the maximum is, and how high.
    which
        The coordinate.
    level
        Coverage.
    """
    drop = float(stats.chi2.ppf(level, 1)) / 2
    rest = np.delete(peak, which)

    def short_of(value: float) -> float:
        def inner(others: Floats) -> float:
            return loglik(np.insert(others, which, value))

        best = maximise_rest(inner, rest)
        return height - best - drop

    return (
        _bound(short_of, float(peak[which]), -1.0),
        _bound(short_of, float(peak[which]), 1.0),
    )


def maximise_rest(inner: LogLikelihood, start: Floats) -> float:
    """Give the height of the maximum over the other coordinates."""
    if start.size == 0:
        return inner(start)
    if start.size == 1:
        centre = float(start[0])
        found = optimize.minimize_scalar(
            lambda x: -inner(np.array([x])), bracket=(centre - 0.1, centre + 0.1), tol=1e-9
        )
        return float(-found.fun)
    return maximise(inner, start)[1]


def _bound(short_of: Callable[[float], float], peak: float, side: float) -> float:
    near, step = peak, STEP * 0.2
    for _ in range(REACH):
        far = near + side * step
        if not np.isfinite(far) or abs(far - peak) > 500:
            break
        if short_of(far) > 0:
            return float(optimize.brentq(short_of, *sorted((near, far)), xtol=1e-9))
        near, step = far, step * 1.5
    return float(side * np.inf)
