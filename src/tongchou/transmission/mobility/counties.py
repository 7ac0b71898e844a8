"""From prefectures down to counties: flows shared out by a model, and commuting where none was counted."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from tongchou.transmission.mobility.gravity import Gravity
from tongchou.transmission.mobility.links import Links, make_links
from tongchou.transmission.mobility.radiation import radiation_weights
from tongchou.transmission.mobility.spatial import Weights, kilometres, spread, unit_vectors
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

COMMUTING_SHARE = parameter("commuting_share").value


def share_out(
    flow: sparse.csr_array,
    above: npt.ArrayLike,
    people: npt.ArrayLike,
    points: npt.ArrayLike,
    model: Gravity,
    *,
    cap: int = 50,
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
    vectors = unit_vectors(points)
    members = [np.flatnonzero((home == k) & (size > 0)) for k in range(flow.shape[0])]
    pairs = sparse.coo_array(flow)
    pull = np.where(size > 0, np.maximum(size, 1.0) ** model.destination, 0.0)
    rows, columns, values, whole, lost = [], [], [], 0.0, 0.0
    for origin, destination, persons in zip(pairs.row, pairs.col, pairs.data, strict=True):
        if origin == destination or persons <= 0:
            continue
        whole += persons
        i, j = members[origin], members[destination]
        if not i.size or not j.size:
            lost += persons
            continue
        chord = np.maximum(2 - 2 * vectors[i] @ vectors[j].T, 1e-8)
        weight = (size[i, None] * pull[j] * chord ** (-model.distance / 2)).ravel()
        kept = (
            np.argpartition(-weight, cap - 1)[:cap] if weight.size > cap else np.arange(weight.size)
        )
        lost += persons * (1 - weight[kept].sum() / weight.sum())
        rows.append(i[kept // j.size])
        columns.append(j[kept % j.size])
        values.append(persons * weight[kept] / weight[kept].sum())
    n = size.size
    if not rows:
        return sparse.csr_array((n, n)), lost / whole if whole > 0 else 0.0
    shared = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csr_array(shared, shape=(n, n)), float(lost / whole)


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
