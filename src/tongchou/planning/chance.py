"""The chance that something runs out by a given day."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

EARLY, MIDDLE, LATE = 0.05, 0.5, 0.95
"""Chances at which the early, the central and the late date of a range are read: a 90 % range."""


def chance_by_day(excess: Floats, levels: Floats | None) -> Floats:
    """Give the chance that need has exceeded what is there on or before each day.

    With draws, it is the share of draws. With quantile paths, it is 1 − q, where q is the level
    at which the excess is zero, read in a straight line between the two paths around it; where
    all paths exceed it is 1 and where none does 0, which is known only to within the outermost
    level.

    Parameters
    ----------
    excess
        Need less what is there, (…, day, path); exceeded where above 0.
    levels
        Quantile level of each path in ascending order, or None where paths are draws.

    Returns
    -------
    array
        Chance, (…, day), never falling from one day to the next.

    Examples
    --------
    On day two the 25 % path is one bed short of running out, the median one bed over it.

    >>> chance_by_day(np.array([[-9.0, -8.0, -7.0], [-1.0, 1.0, 3.0]]), np.array([0.25, 0.5, 0.75]))
    array([0.   , 0.625])
    """
    worst = np.maximum.accumulate(excess, axis=-2)
    if levels is None:
        return np.asarray((worst > 0).mean(axis=-1))
    worst = np.maximum.accumulate(worst, axis=-1)
    over = worst > 0
    first = over.argmax(axis=-1)
    before = np.maximum(first - 1, 0)
    low = np.take_along_axis(worst, before[..., None], axis=-1)[..., 0]
    high = np.take_along_axis(worst, first[..., None], axis=-1)[..., 0]
    step = np.where(high > low, high - low, 1.0)
    crossing = levels[before] + (levels[first] - levels[before]) * (-low / step)
    chance = np.where(first == 0, 1.0, 1.0 - crossing)
    return np.asarray(np.where(over.any(axis=-1), chance, 0.0))


def first_day(chance: Floats, level: float) -> Ints:
    """Give the first day on which a chance (…, day) reaches a level; −1 where it never does."""
    reached = chance >= level
    return np.where(reached.any(axis=-1), reached.argmax(axis=-1), -1)
