"""Quantiles of ever more futures in memory that does not grow with them.

Of each number (a place, a day, a variable) only its quantiles at ``LEVELS`` are kept. Two such
summaries are put together by mixing the two distributions they stand for, each taken as straight
between its levels, and reading the levels off the mixture. Blocks are always put together in the
order of their replicates, so the result does not depend on who made them.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from tongchou.vocabulary.compiled import compiled

Floats = npt.NDArray[np.float64]
Grid = npt.NDArray[np.float32]

_LOW = [
    0,
    0.0025,
    0.005,
    0.01,
    0.015,
    0.02,
    0.025,
    0.03,
    0.04,
    0.05,
    0.075,
    0.1,
    0.15,
    0.2,
    0.25,
    0.3,
    0.4,
]
LEVELS: Floats = np.array([*_LOW, 0.5, *(round(1 - low, 4) for low in reversed(_LOW))])
"""Levels kept: the smallest and the largest, those of the usual bands, closer together in the tails."""


def summary_of(values: npt.NDArray[np.float32]) -> Grid:
    """Give the quantiles at ``LEVELS`` of values (…, replicate): the k-th of n stands at (k − ½) / n.

    >>> summary_of(np.arange(40, dtype=np.float32))[[0, 6, 17, 28, 34]].tolist()
    [0.0, 0.5, 19.5, 38.5, 39.0]
    """
    ordered = np.sort(values, axis=-1)
    last = values.shape[-1] - 1
    at = np.clip(LEVELS * (last + 1) - 0.5, 0, last)
    below = np.floor(at).astype(int)
    above = np.minimum(below + 1, last)
    part = (at - below).astype(np.float32)
    return np.asarray((1 - part) * ordered[..., below] + part * ordered[..., above], np.float32)


@compiled()
def _reached(quantiles: Any, levels: Any, x: float, right: bool) -> float:
    """Give the level reached at x: with ``right`` the largest level whose quantile is not above x."""
    count = levels.shape[0]
    low, high = 0, count  # the first quantile above x (right), or not below x
    while low < high:
        middle = (low + high) // 2
        q = quantiles[middle]
        if q > x or (not right and q == x):
            high = middle
        else:
            low = middle + 1
    if low == 0:
        return 0.0
    if low == count:
        return 1.0
    before, after = quantiles[low - 1], quantiles[low]
    if after == before:
        return float(levels[low])
    return float(
        levels[low - 1] + (levels[low] - levels[low - 1]) * (x - before) / (after - before)
    )


@compiled(nogil=True)
def _mix(one: Any, other: Any, share: float, levels: Any) -> None:
    """Put ``other`` into ``one`` (number, level), in place; ``share`` is the weight of ``other``."""
    count = levels.shape[0]
    points = np.empty(2 * count)
    mixed = np.empty(count)
    for n in range(one.shape[0]):
        a, b = one[n], other[n]
        if a[0] == a[count - 1] and b[0] == b[count - 1] and a[0] == b[0]:
            continue
        for k in range(count):
            points[k], points[count + k] = a[k], b[k]
        points.sort()
        level, at = 0, 0
        last_x, last_level = points[0], 0.0
        while level < count and at < 2 * count:
            x = points[at]
            low = (1 - share) * _reached(a, levels, x, False) + share * _reached(
                b, levels, x, False
            )
            high = (1 - share) * _reached(a, levels, x, True) + share * _reached(b, levels, x, True)
            while level < count and levels[level] <= low:
                rise = low - last_level
                part = (levels[level] - last_level) / rise if rise > 0 else 1.0
                mixed[level] = last_x + max(part, 0.0) * (x - last_x)
                level += 1
            while level < count and levels[level] <= high:
                mixed[level] = x
                level += 1
            last_x, last_level = x, high
            at += 1
        for k in range(level, count):
            mixed[k] = points[2 * count - 1]
        for k in range(count):
            one[n, k] = mixed[k]


def put_together(one: Grid, count: int, other: Grid, more: int) -> None:
    """Put the summary of ``more`` values into that of ``count`` values, in place.

    Examples
    --------
    >>> low = summary_of(np.zeros((1, 30), np.float32))
    >>> put_together(low, 30, summary_of(np.full((1, 10), 8, np.float32)), 10)
    >>> low[0, [0, 17, 21, 34]].tolist()  # smallest, median, 80 %, largest
    [0.0, 0.0, 8.0, 8.0]
    """
    rows = one.reshape(-1, len(LEVELS))
    _mix(rows, other.reshape(-1, len(LEVELS)), more / (count + more), LEVELS)
