"""Cases whose onset nobody wrote down: an onset drawn backward from the day of their report."""

import numpy as np
import numpy.typing as npt

from tongchou.surveillance.nowcasting.triangle import Counts, Triangle

Floats = npt.NDArray[np.float64]

REACH = 7
"""Days of report on either side whose delays tell of the delays of one day."""
COMMON_CASES = 20.0
"""Weight of the delays of all places beside those of the place, as cases."""


def backward_delays(cells: npt.ArrayLike) -> Floats:
    """Give, for each place and day of report, the share of its cases that fell ill d days before.

    Among the cases reported on one day every onset has had its time: no right truncation. The share
    comes from cases with a known onset, reported within a week of that day,
    in the place and, with the weight of 20 cases, in all places.

    Parameters
    ----------
    cells : (place, onset, delay), persons

    Returns
    -------
    (place, report, delay)
        Each row sums to 1.

    Examples
    --------
    >>> backward_delays([[[3, 1], [1, 0]]])[0].round(2).tolist()
    [[1.0, 0.0], [0.8, 0.2]]
    """
    n = np.asarray(cells, dtype=float)
    places, days, delays = n.shape
    by_report = np.zeros_like(n)
    for d in range(min(delays, days)):
        by_report[:, d:, d] = n[:, : days - d, d]
    total = np.concatenate([np.zeros((places, 1, delays)), np.cumsum(by_report, axis=1)], axis=1)
    last = np.minimum(np.arange(days) + REACH + 1, days)
    near = total[:, last] - total[:, np.maximum(np.arange(days) - REACH, 0)]
    common = near.sum(axis=0) + 1e-9 * (total[:, -1].sum(axis=0) + 1e-9)
    possible = np.arange(delays)[None, :] <= np.arange(days)[:, None]
    common = np.where(possible, common, 0.0)
    own = np.where(possible, near, 0.0) + COMMON_CASES * common / common.sum(axis=1, keepdims=True)
    return np.asarray(own / own.sum(axis=2, keepdims=True))


def draw_onsets(triangle: Triangle, rng: np.random.Generator) -> Counts:
    """Give cases by onset (place, onset) drawn for those reported without one."""
    missing = triangle.undated.to_numpy().astype(np.int64)
    drawn = np.zeros(missing.shape, dtype=np.int32)
    if missing.any():
        shares = backward_delays(triangle.cells())
        for place, report in zip(*np.nonzero(missing), strict=True):
            delays = rng.multinomial(missing[place, report], shares[place, report])
            d = np.flatnonzero(delays)
            drawn[place, report - d] += delays[d].astype(np.int32)
    return drawn
