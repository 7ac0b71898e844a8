"""Poisson counts that keep step: the same chance and a larger mean never give fewer cases."""

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]

EXACT_BELOW = 30.0
"""Mean below which the count is found exactly; above it the Cornish-Fisher form is off by less than one."""


def poisson_count(mean: Floats, normal: Floats) -> Floats:
    """Give Poisson counts of these means, made from standard normal numbers.

    The count is the quantile of the Poisson distribution at Φ(z). A library's own generator
    spends a varying amount of chance on each draw, so that two runs with different means soon meet
    different chance; here draw and chance stay together, and two packages of measures can be compared
    draw by draw.

    - mean < 30: exact, by summing the probabilities;
    - else: round(μ + √μ z + (z² − 1) / 6), the Cornish-Fisher quantile.

    Parameters
    ----------
    mean : array, persons
        Not negative.
    normal : array of the same shape
        Standard normal numbers z.

    Returns
    -------
    array, persons
        Whole numbers.

    References
    ----------
    Cornish EA, Fisher RA. Rev Inst Int Stat 1938;5:307-320, doi 10.2307/1400905.

    Examples
    --------
    >>> poisson_count(np.array([0.0, 2.0, 2.0, 400.0]), np.array([3.0, 0.0, 1.0, 1.0])).tolist()
    [0.0, 2.0, 3.0, 420.0]
    """
    root = np.sqrt(mean)
    count = np.rint(np.maximum(mean + root * normal + (normal**2 - 1) / 6, 0.0))
    small = np.flatnonzero(mean < EXACT_BELOW)
    count.flat[small] = _exact(mean.flat[small], special.ndtr(normal.flat[small]))
    return count


def _exact(mean: Floats, u: Floats) -> Floats:
    count = np.zeros(len(mean))
    p = np.exp(-mean)
    total = p.copy()
    rest = np.flatnonzero(u > total)
    mean, u, p, total = mean[rest], u[rest], p[rest], total[rest]
    k = 0
    while len(rest):
        k += 1
        count[rest] = k
        p = p * mean / k
        total = total + p
        # p vanishes against total far in the tail: then the sum can grow no further.
        on = (u > total) & (p > 1e-18)
        rest, mean, u, p, total = rest[on], mean[on], u[on], p[on], total[on]
    return count
