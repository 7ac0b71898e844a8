"""Adjusting an ensemble to counts: totals first, then how a total is spread over groups, and a group over places."""

from typing import Any

import numpy as np
import numpy.typing as npt

from tongchou.transmission.calibration.eakf import DAMPED, FULLY, NOT, Reach, assimilate
from tongchou.transmission.calibration.observation import CountScale
from tongchou.transmission.calibration.priors import Latents

Floats = npt.NDArray[np.float64]

NOTHING = 1e12
"""Error variance of a count that is not read."""

LEAST = 0.2
"""Mean count, persons, below which the error of an observation is taken as of so many."""


def smoothed(by_group: Floats) -> Floats:
    """Give the mean of the seven days around each (day, group); at the ends of those there are.

    >>> smoothed(np.array([[1.0], [3.0]])).ravel().tolist()
    [2.0, 2.0]
    """
    days = _around(np.ones((len(by_group), 1)), 7)
    return np.asarray(_around(by_group, 7) / days)


def _around(values: Floats, width: int) -> Floats:
    """Give the sum over so many rows, an odd number, centred on each row."""
    half = width // 2
    padded = np.pad(values, ((half + 1, half), (0, 0)))
    summed = np.cumsum(padded, axis=0)
    return np.asarray(summed[width:] - summed[:-width])


def adjust_totals(
    latent: Floats,
    latents: Latents,
    reported: Floats,
    by_group: Floats,
    blind: npt.NDArray[np.bool_],
    first: int,
    scale: CountScale,
    rounds: int,
) -> None:
    """Adjust everything but places to the daily counts of each source, and of all other groups together."""
    days = len(by_group)
    total_of = _totals(latents.own)
    totals = total_of.shape[1]
    counts = by_group @ total_of
    means = np.moveaxis(reported @ total_of, 0, -1).reshape(days * totals, -1)
    variance = scale.variance(np.maximum(smoothed(counts), LEAST)) * rounds
    variance[(blind @ total_of) > 0] = NOTHING
    reach = Reach(
        owner=np.tile(np.arange(totals), days),
        day=np.repeat(np.arange(days) + first, totals),
        latent=latents.within_totals(total_of),
        others=DAMPED + np.eye(totals, dtype=np.int64),
        since=latents.since,
    )
    assimilate(scale.expected(means), scale.of(counts).ravel(), variance.ravel(), reach, latent)


def _totals(own: npt.NDArray[np.bool_]) -> Floats:
    """Give which group belongs to which total (group, total): each source alone, the others together.

    >>> _totals(np.array([False, True, False])).T.tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
    """
    columns = [np.eye(len(own))[g] for g in np.flatnonzero(own)]
    if not own.all():
        columns.append((~own).astype(float))
    return np.stack(columns, axis=1)


def adjust_shares(
    latent: Floats,
    latents: Latents,
    means: npt.NDArray[np.floating[Any]],
    counts: Floats,
    parent: npt.NDArray[np.int64],
    owned: npt.NDArray[np.bool_],
    window: int,
    first: int,
    scale: CountScale,
    rounds: int,
) -> None:
    """Adjust what each part has of its own to its share of the whole, window by window.

    ``means`` (member, day, part) are expected, ``counts`` (day, part) came, ``parent`` (part) numbers
    the wholes and ``owned`` (part, latent) says what a part may move. A part that is the whole tells nothing.
    """
    parts = np.bincount(parent)[parent] > 1
    starts = np.arange(0, len(counts), window)
    member_of = np.eye(parent.max() + 1)[parent]
    cases = np.add.reduceat(counts, starts, axis=0)  # (window, part)
    whole = (cases @ member_of)[:, parent]
    expected = np.maximum(np.add.reduceat(means, starts, axis=1).astype(float), 0.0)
    share = expected / np.maximum((expected @ member_of)[..., parent], 1e-12)
    when, part = np.nonzero((whole > 0) & parts)
    if not len(when):
        return
    wanted = share[:, when, part].T * whole[when, part][:, None]
    reach = Reach(
        owner=part,
        day=np.minimum(starts[when] + window, len(counts)) - 1 + first,
        latent=np.where(owned, FULLY, NOT),
        others=FULLY * np.eye(len(parent), dtype=np.int64),
        since=latents.since,
    )
    near = whole * _share_near(cases, whole)
    variance = scale.variance(np.maximum(near[when, part], LEAST)) * rounds
    assimilate(scale.expected(wanted), scale.of(cases[when, part]), variance, reach, latent)


def _share_near(cases: Floats, whole: Floats) -> Floats:
    """Give each part's share of the whole over three windows, from the counts themselves."""
    return np.asarray(_around(cases, 3) / np.maximum(_around(whole, 3), 1e-12))
