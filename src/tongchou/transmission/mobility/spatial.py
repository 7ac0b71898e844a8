"""Places on the sphere, row by row: distances, the largest links of each row, how alike two flow tables are.

A model of movement is a function that gives the weights of all destinations for a block of origins, so
2,900 places never need all their pairs at once.

References
----------
Lenormand M, Bassolas A, Ramasco JJ. J Transp Geogr 2016;51:158, doi 10.1016/j.jtrangeo.2015.12.008 (common
part of commuters, eq. 7).
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from scipy import sparse

from tongchou.vocabulary.distance import chord_km, on_unit_sphere
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
Weights = Callable[[slice], Floats]
"""Weights (origin of the block, destination); only their proportions within a row count."""

NEAREST_KM = 1.0
"""Least distance of two places: representative points of two districts may nearly coincide."""

BLOCK = 256


def unit_vectors(points: npt.ArrayLike) -> Floats:
    """Give places as points of the unit sphere, from longitude and latitude (place, 2) in degrees."""
    angles = np.asarray(points, dtype=float)
    if angles.ndim != 2 or angles.shape[1] != 2 or not np.isfinite(angles).all():
        raise BadParameter(
            "points",
            angles.shape,
            Text(
                zh="须为各地区的经度、纬度两列，单位为度，且无缺失。",
                en="it must be longitude and latitude of every place in two columns, degrees, none missing.",
            ),
        )
    return on_unit_sphere(angles[:, 0], angles[:, 1])


def kilometres(vectors: Floats, rows: slice = slice(None)) -> Floats:
    """Give great-circle distances (origin of the block, destination), km, at least ``NEAREST_KM``.

    d = 2 R asin(|u - v| / 2), with u and v on the unit sphere.

    Examples
    --------
    A quarter of a meridian:

    >>> kilometres(unit_vectors([[114.3, 0.0], [114.3, 90.0]])).round(1).tolist()
    [[1.0, 10007.6], [10007.6, 1.0]]
    """
    chord = np.sqrt(np.clip(2 - 2 * vectors[rows] @ vectors.T, 0.0, 4.0))
    return np.maximum(chord_km(chord), NEAREST_KM)


def blocks(places: int) -> Iterator[slice]:
    """Give the rows of all places in blocks."""
    for start in range(0, places, BLOCK):
        yield slice(start, min(start + BLOCK, places))


def spread(
    weights: Weights, leaving: npt.ArrayLike, *, cap: int = 100
) -> tuple[sparse.csr_array, Floats]:
    """Spread those who leave each place over its destinations, in proportion to the weights.

    Parameters
    ----------
    weights
        Of all destinations for a block of origins.
    leaving
        Persons a day (or share of residents) who leave each place.
    cap
        Most destinations of a place: the largest; those left out are spread over them.

    Returns
    -------
    csr_array (origin, destination)
        In the unit of ``leaving``; a row without any weight is empty.
    Floats (place)
        Share of those leaving whom the cap moved to other destinations.

    Examples
    --------
    >>> matrix, moved = spread(lambda rows: np.array([[0.0, 3.0, 1.0]] * 3)[rows], [8, 0, 0], cap=1)
    >>> matrix.toarray().tolist(), moved.tolist()
    ([[0.0, 8.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], [0.25, 0.0, 0.0])
    """
    persons = np.asarray(leaving, dtype=float)
    n, keep = persons.size, min(cap, persons.size)
    parts, moved = [], np.zeros(n)
    for rows in blocks(n):
        values = weights(rows)
        best = np.argpartition(-values, keep - 1, axis=1)[:, :keep]
        kept = np.take_along_axis(values, best, axis=1)
        total, whole = kept.sum(axis=1), values.sum(axis=1)
        scale = np.divide(persons[rows], total, out=np.zeros_like(total), where=total > 0)
        lost = 1 - np.divide(total, whole, out=np.ones_like(total), where=whole > 0)
        moved[rows] = np.where(persons[rows] > 0, np.clip(lost, 0.0, 1.0), 0.0)
        parts.append(_block(kept * scale[:, None], best, n))
    return sparse.csr_array(sparse.vstack(parts)), moved


def _block(values: Floats, columns: npt.NDArray[np.intp], n: int) -> sparse.csr_array:
    row, at = np.nonzero(values)
    return sparse.csr_array((values[row, at], (row, columns[row, at])), shape=(values.shape[0], n))


def common_part(one: npt.ArrayLike, other: npt.ArrayLike) -> float:
    """Give the common part of commuters: 1 for the same flows, 0 for none in common.

    CPC = 2 Σ min(T, T̂) / (Σ T + Σ T̂)

    Examples
    --------
    >>> common_part([6.0, 2.0], [4.0, 4.0])
    0.75
    """
    a, b = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    both = a.sum() + b.sum()
    return float(2 * np.minimum(a, b).sum() / both) if both > 0 else 1.0
