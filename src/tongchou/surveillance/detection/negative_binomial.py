"""Tails and quantiles of counts: negative binomial by mean and size, Poisson as its limit."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]


def tail_at_least(y: npt.ArrayLike, mean: npt.ArrayLike, size: npt.ArrayLike) -> Floats:
    """Give P(Y ≥ y) for a negative binomial of this mean and size k, var = mean + mean² / k.

    An infinite size is the Poisson. With p = k / (k + mean), P(Y ≥ y) = I_(1−p)(y, k), the
    regularised incomplete beta function; for the Poisson P(y, mean), the incomplete gamma.

    Examples
    --------
    >>> round(float(tail_at_least(1, 2.0, np.inf)), 6), round(float(np.exp(-2)), 6)
    (0.864665, 0.135335)
    >>> round(float(tail_at_least(1, 3.0, 1.0)), 6)  # geometric: 1 − 1/4
    0.75
    """
    y, mean, size = np.broadcast_arrays(
        np.asarray(y, dtype=float), np.asarray(mean, dtype=float), np.asarray(size, dtype=float)
    )
    poisson = np.isinf(size)
    # Special functions want positive arguments; P(Y ≥ 0) = 1 and a mean of zero are set below.
    above_zero = np.maximum(y, 1.0)
    k = np.maximum(np.where(poisson, 1.0, size), 1e-300)
    tail = special.betainc(above_zero, k, mean / np.where(k + mean > 0, k + mean, 1.0))
    if poisson.any():
        tail = np.where(poisson, special.gammainc(above_zero, np.maximum(mean, 0.0)), tail)
    tail = np.where(mean == 0, 0.0, tail)
    return np.where(np.isnan(mean + y), np.nan, np.where(y <= 0, 1.0, tail))


def quantile(probability: float, mean: npt.ArrayLike, size: npt.ArrayLike) -> Floats:
    """Give the smallest whole y with P(Y ≤ y) ≥ ``probability``.

    Starts from the normal quantile with its correction for skewness (Cornish–Fisher), widens until
    the answer is between two numbers and halves.

    Examples
    --------
    >>> quantile(0.995, [0.0, 1.0, 100.0], np.inf).tolist()
    [0.0, 4.0, 127.0]
    """
    mean, size = np.broadcast_arrays(np.asarray(mean, dtype=float), np.asarray(size, dtype=float))
    variance = mean * (1 + mean / size)
    skewness = (1 + 2 * mean / size) / np.sqrt(np.where(variance > 0, variance, 1.0))
    z = special.ndtri(probability)
    start = np.floor(mean + np.sqrt(variance) * (z + skewness * (z**2 - 1) / 6))
    limit = 1 - probability
    y = np.where(np.isfinite(mean), 0.0, np.nan).reshape(-1)
    rows = np.flatnonzero(np.isfinite(mean) & (mean > 0))
    m, k = mean.reshape(-1)[rows], size.reshape(-1)[rows]
    y[rows] = smallest(start.reshape(-1)[rows], lambda y: tail_at_least(y + 1, m, k) <= limit)
    return y.reshape(mean.shape)


def smallest(start: Floats, enough: Callable[[Floats], npt.NDArray[np.bool_]]) -> Floats:
    """Give the smallest whole numbers from 0 on that are enough, looked for from ``start``.

    >>> smallest(np.array([3.0, 90.0]), lambda y: y**2 >= [100, 50]).tolist()
    [10.0, 8.0]
    """
    low, high = _bracket(np.maximum(start, 0.0), enough)
    while (open_ := high - low > 1).any():
        middle = low + np.floor((high - low) / 2)
        down = enough(middle) & open_
        high = np.where(down, middle, high)
        low = np.where(down | ~open_, low, middle)
    return high


def _bracket(
    start: Floats, enough: Callable[[Floats], npt.NDArray[np.bool_]]
) -> tuple[Floats, Floats]:
    """Give whole numbers of which the lower is not enough (or −1) and the upper is."""
    low, high = start - 1, start.copy()
    stride = 1.0
    while (short := ~enough(high)).any():
        low = np.where(short, high, low)
        high = np.where(short, high + stride, high)
        stride *= 2
    stride = 1.0
    while (spare := (low >= 0) & enough(low)).any():
        high = np.where(spare, low, high)
        low = np.where(spare, np.maximum(low - stride, -1.0), low)
        stride *= 2
    return low, high
