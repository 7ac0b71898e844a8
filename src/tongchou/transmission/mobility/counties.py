"""From prefectures down to counties: flows shared out by a model, and commuting where none was counted."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from tongchou.transmission.mobility.brakes import Brakes, fit_brakes
from tongchou.transmission.mobility.flows import Flows
from tongchou.transmission.mobility.gravity import Gravity
from tongchou.transmission.mobility.links import (
    MOST_AWAY,
    STAY_DAYS,
    Links,
    links_of,
    make_links,
)
from tongchou.transmission.mobility.radiation import radiation_weights
from tongchou.transmission.mobility.spatial import (
    NEAREST_KM,
    Weights,
    kilometres,
    spread,
    unit_vectors,
)
from tongchou.vocabulary.compiled import compiled
from tongchou.vocabulary.distance import EARTH_RADIUS_KM
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

COMMUTING_SHARE = parameter("commuting_share").value

LEAST_CHORD = (NEAREST_KM / EARTH_RADIUS_KM) ** 2
"""Square of the least chord of two counties on the unit sphere."""


def share_out(
    flow: sparse.csr_array,
    above: npt.ArrayLike,
    people: npt.ArrayLike,
    points: npt.ArrayLike,
    model: Gravity,
    *,
    cap: int = 200,
) -> tuple[sparse.csr_array, float]:
    """Share flows between prefectures out over their counties; every prefecture total is kept.

    F_ij = F_IJ w_ij / Σ w over the counties i of I and j of J, w_ij = m_i n_j^β d_ij^(−γ). For
    a county, only the ``cap`` largest counties of each prefecture pair are kept, so that totals stay exact.

    Parameters
    ----------
    flow
        Prefecture × prefecture, persons a day; its diagonal is left out.
    above
        Number of the prefecture of each county (a row of ``flow``).
    people
        Residents (county).
    points
        Longitude and latitude (county, 2), degrees.
    model
        Its exponents β and γ are used.
    cap
        Most county pairs of one pair of prefectures: the largest; the rest is spread over them.

    Returns
    -------
    csr_array (county, county)
        Persons a day.
    float
        Share of persons whom the cap moved to another pair of counties; flows of a prefecture whose counties
        have no residents stay out and count as moved.

    Examples
    --------
    Two counties of the first prefecture, of 100 and 300 people, as far from the second:

    >>> model = Gravity(constant=0.0, origin=1.0, destination=1.0, distance=2.0, errors=(), explained=1.0, pairs=5)
    >>> pair = sparse.csr_array([[0.0, 8.0], [4.0, 0.0]])
    >>> shared, moved = share_out(pair, [0, 0, 1], [100, 300, 50], [[100, 30], [100, 32], [100, 31]], model)
    >>> shared.toarray().round(6).tolist(), moved
    ([[0.0, 0.0, 2.0], [0.0, 0.0, 6.0], [1.0, 3.0, 0.0]], 0.0)
    """
    size, home = np.asarray(people, dtype=float), np.asarray(above, dtype=int)
    if home.shape != size.shape or (home < 0).any() or (home >= flow.shape[0]).any():
        raise BadParameter("above", home.shape, _ABOVE)
    lived = np.flatnonzero(size > 0)
    order = lived[np.argsort(home[lived], kind="stable")]
    start = np.concatenate([[0], np.cumsum(np.bincount(home[lived], minlength=flow.shape[0]))])
    pairs = sparse.coo_array(flow)
    real = (pairs.row != pairs.col) & (pairs.data > 0)
    row, column, persons = pairs.row[real], pairs.col[real], pairs.data[real].astype(float)
    many = np.diff(start)
    room = np.minimum(many[row] * many[column], cap)
    pull = np.maximum(size, 1.0) ** model.destination
    i, j, shared, lost = _share_pairs(
        row.astype(np.int64),
        column.astype(np.int64),
        persons,
        np.concatenate([[0], np.cumsum(room)]),
        start,
        order,
        size,
        pull,
        unit_vectors(points),
        model.distance / 2,
    )
    whole = persons.sum()
    matrix = sparse.csr_array((shared, (i, j)), shape=(size.size, size.size))
    return matrix, float(lost / whole) if whole > 0 else 0.0


@compiled(nogil=True)
def _share_pairs(
    row: Any,
    column: Any,
    persons: Any,
    room: Any,
    start: Any,
    order: Any,
    size: Any,
    pull: Any,
    vectors: Any,
    half_exponent: float,
) -> Any:
    """Share each pair of prefectures out over its largest pairs of counties; give what the cap moved."""
    i = np.empty(room[-1], dtype=np.int32)
    j = np.empty(room[-1], dtype=np.int32)
    shared = np.empty(room[-1])
    lost = 0.0
    for pair in range(row.size):
        origins = order[start[row[pair]] : start[row[pair] + 1]]
        targets = order[start[column[pair]] : start[column[pair] + 1]]
        keep = room[pair + 1] - room[pair]
        if keep == 0:
            lost += persons[pair]
            continue
        weight = np.empty(origins.size * targets.size)
        for a in range(origins.size):
            for b in range(targets.size):
                u, v = vectors[origins[a]], vectors[targets[b]]
                chord = max(2.0 - 2.0 * (u[0] * v[0] + u[1] * v[1] + u[2] * v[2]), LEAST_CHORD)
                weight[a * targets.size + b] = (
                    size[origins[a]] * pull[targets[b]] * chord**-half_exponent
                )
        best = np.argsort(-weight)[:keep] if keep < weight.size else np.arange(keep)
        total = weight[best].sum()
        lost += persons[pair] * (1.0 - total / weight.sum())
        for k in range(keep):
            at = room[pair] + k
            i[at] = origins[best[k] // targets.size]
            j[at] = targets[best[k] % targets.size]
            shared[at] = persons[pair] * weight[best[k]] / total
    return i, j, shared, lost


_ABOVE = Text(
    zh="须为每个县区给出所属地市的行号。",
    en="the row of its prefecture is needed for each county.",
)


def commuting_links(
    people: npt.ArrayLike,
    points: npt.ArrayLike,
    places: Sequence[str],
    *,
    share: float | npt.ArrayLike = COMMUTING_SHARE,
    farthest_km: float = 150.0,
    weights: Weights | None = None,
    days: int = 1,
    cap: int = 30,
) -> Links:
    """Give the commuting layer of the engine, where nobody counted commuters.

    A share of the residents' work time is spent in other counties within ``farthest_km``, by the radiation
    model (or another). A county with no other county in reach keeps its own.

    Parameters
    ----------
    people
        Residents (place).
    points
        Longitude and latitude (place, 2), degrees.
    places
        Codes.
    share
        Share of work time spent away, one or by place: an assumption (``commuting_share``).
    farthest_km
        Nobody commutes farther.
    weights
        Weights of destinations; radiation where not given.
    days
        Days of the layer.
    cap
        Most destinations of a place.

    Examples
    --------
    >>> links = commuting_links([1000, 500, 80], [[100, 30], [100.5, 30], [110, 30]], ["a", "b", "c"])
    >>> links.layer.stay.round(3).tolist(), links.disconnected
    ([[0.8999999761581421, 0.8999999761581421, 1.0]], ('c',))
    """
    size = np.asarray(people, dtype=float)
    vectors = unit_vectors(points)
    pull = weights or radiation_weights(people, points)

    def near(rows: slice) -> Floats:
        return np.where(kilometres(vectors, rows) <= farthest_km, pull(rows), 0.0)

    away = np.broadcast_to(np.asarray(share, dtype=float), size.shape)
    if not ((away >= 0) & (away <= 1)).all():
        raise BadParameter(
            "share", share, Text(zh="须在 0 与 1 之间。", en="it must lie between 0 and 1.")
        )
    matrix, _ = spread(near, away, cap=size.size if size.size <= cap else 4 * cap)
    return make_links(matrix, size, places, days=days, cap=cap)


def county_travel_links(
    flows: Flows,
    above: npt.ArrayLike,
    people: npt.ArrayLike,
    points: npt.ArrayLike,
    places: Sequence[str],
    model: Gravity,
    *,
    brakes: Brakes | None = None,
    stay_days: float = STAY_DAYS,
    most: float = MOST_AWAY,
    cap: int = 200,
) -> tuple[Links, float]:
    """Give the travel layer of the counties from daily flows between their prefectures.

    The mean flow is shared out (:func:`share_out`); the daily brakes of a county are those of its prefecture.
    Travel inside a prefecture is none of it: see :func:`commuting_links`.

    Parameters
    ----------
    flows
        Persons a day between prefectures.
    above
        Number of the prefecture of each county, in the order of ``flows.places``.
    people, points, places
        Residents, longitude and latitude, code of each county.
    model
        Gravity model whose exponents share the flows out.
    brakes
        Of the prefectures; fitted where not given.
    stay_days, most, cap
        As in :func:`tongchou.transmission.mobility.links.travel_links`.

    Returns
    -------
    Links
    float
        Share of persons whom the sharing out moved to another pair of counties.
    """
    home = np.asarray(above, dtype=int)
    fitted = brakes or fit_brakes(flows)
    shared, moved = share_out(flows.matrix(), home, people, points, model)
    below = Brakes(
        leave=fitted.leave[:, home], enter=fitted.enter[:, home], misplaced=fitted.misplaced
    )
    return links_of(shared, people, places, below, stay_days=stay_days, most=most, cap=cap), moved
