"""Where residents spend their time, as the engine takes it: a sparse layer of links with daily brakes.

References
----------
Lenormand M et al. J Transp Geogr 2016;51:158, doi 10.1016/j.jtrangeo.2015.12.008 (common
part of commuters).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from tongchou.transmission.metapopulation.world import Layer
from tongchou.transmission.mobility.brakes import Brakes, fit_brakes
from tongchou.transmission.mobility.flows import Flows
from tongchou.vocabulary.errors import BadInput, BadParameter, Fault
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text, join, same

Floats = npt.NDArray[np.float64]

STAY_DAYS = parameter("travel_stay_days").value
MOST_AWAY = 0.5
"""Largest share of residents' time away that a travel layer takes."""

NAMED = 20
"""Places named in a message; more are only counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """A layer, what the link cap discarded, and what else was done to the data.

    ``discarded`` (place) share of the time away from home that the cap left out and spread over the
    links kept; ``discarded_in_all`` the same over all residents.
    """

    layer: Layer
    discarded: Floats
    discarded_in_all: float
    disconnected: tuple[str, ...]
    notes: tuple[Text, ...]


def cap_links(matrix: sparse.csr_array, cap: int) -> tuple[sparse.csr_array, Floats]:
    """Keep the largest links of each row and spread the rest over them; give the share discarded by row.

    Examples
    --------
    >>> kept, discarded = cap_links(sparse.csr_array([[0.0, 6.0, 3.0, 1.0]]), 2)
    >>> kept.toarray().round(3).tolist(), discarded.round(3).tolist()
    ([[0.0, 6.667, 3.333, 0.0]], [0.1])
    """
    if cap < 1:
        raise BadParameter("cap", cap, Text(zh="至少为 1。", en="it must be at least 1."))
    rows = sparse.csr_array(matrix)
    count = np.diff(rows.indptr)
    number = np.repeat(np.arange(rows.shape[0]), count)
    order = np.lexsort((-rows.data, number))
    rank = np.arange(order.size) - np.repeat(rows.indptr[:-1], count)
    kept = np.sort(order[rank < cap])
    before = _sums(number, rows.data, rows.shape[0])
    after = _sums(number[kept], rows.data[kept], rows.shape[0])
    scale = np.divide(before, after, out=np.ones_like(before), where=after > 0)
    start = np.concatenate([[0], np.cumsum(np.minimum(count, cap))])
    capped = sparse.csr_array(
        (rows.data[kept] * scale[number[kept]], rows.indices[kept], start), shape=rows.shape
    )
    share = 1 - np.divide(after, before, out=np.ones_like(before), where=before > 0)
    return capped, np.clip(share, 0.0, 1.0)


def _sums(number: npt.NDArray[np.intp], values: Floats, rows: int) -> Floats:
    return np.bincount(number, values, rows).astype(float)  # of nothing, numpy gives whole numbers


def travel_links(
    flows: Flows,
    people: npt.ArrayLike,
    *,
    cap: int = 100,
    stay_days: float = STAY_DAYS,
    most: float = MOST_AWAY,
    brakes: Brakes | None = None,
) -> tuple[Links, Brakes]:
    """Give the travel layer of the engine from daily flows.

    A link's share of residents' time is m_ij = F_ij D / N_i, with F the mean persons a day, D the days
    away on one trip and N the residents; the brakes make it m_ij a_i(t) b_j(t) on each day.

    Parameters
    ----------
    flows
        Persons a day by link and date.
    people
        N (place), persons, in the order of ``flows.places``.
    cap
        Most links of an origin.
    stay_days
        D, days.
    most
        Largest share of residents' time away on the busiest day; an origin above it is scaled down to it
        and named, because most who leave it are visitors who go home.
    brakes
        Handed in where they were fitted before.
    """
    fitted = brakes or fit_brakes(flows)
    return links_of(
        flows.matrix(), people, flows.places, fitted, stay_days=stay_days, most=most, cap=cap
    ), fitted


def links_of(
    flow: sparse.csr_array,
    people: npt.ArrayLike,
    places: Sequence[str],
    brakes: Brakes,
    *,
    stay_days: float = STAY_DAYS,
    most: float = MOST_AWAY,
    cap: int = 100,
) -> Links:
    """Give a layer from a mean flow, persons a day, and daily brakes: see :func:`travel_links`."""
    residents = _residents(people, places)
    shares = _per_resident(sparse.csr_array(flow * stay_days), residents)
    held, note = _scale_down(shares, brakes, most, places)
    links = make_links(held, residents, places, leave=brakes.leave, enter=brakes.enter, cap=cap)
    return replace(links, notes=(*note, *links.notes))


def _scale_down(
    shares: sparse.csr_array, brakes: Brakes, most: float, places: Sequence[str]
) -> tuple[sparse.csr_array, tuple[Text, ...]]:
    """Hold each origin's time away on its busiest day at ``most``."""
    if not 0 < most <= 1:
        raise BadParameter(
            "most", most, Text(zh="须在 0 与 1 之间。", en="it must lie between 0 and 1.")
        )
    busiest = (brakes.leave * (shares @ brakes.enter.T).T).max(axis=0)
    over = np.flatnonzero(busiest > most)
    if not over.size:
        return shares, ()
    scale = np.ones(busiest.size)
    scale[over] = most / busiest[over]
    some = join([same(f"{places[i]} ({busiest[i]:.2g})") for i in over[:NAMED]])
    note = Text(
        zh=f"{over.size:,} 个地区的流出多于居民所能（多为返程的来访者），在外时间压到 {most:.0%}：{some.zh}。",
        en=f"More leave {over.size:,} places than their residents could (mostly visitors who go home); time away is held at {most:.0%}: {some.en}.",
    )
    return sparse.csr_array(sparse.diags_array(scale) @ shares), (note,)


def _residents(people: npt.ArrayLike, places: Sequence[str]) -> Floats:
    residents = np.asarray(people, dtype=float)
    if (
        residents.shape != (len(places),)
        or not np.isfinite(residents).all()
        or (residents < 0).any()
    ):
        raise BadParameter(
            "people",
            residents.shape,
            Text(
                zh=f"须为 {len(places)} 个地区各给一个不小于 0 的人数。",
                en=f"one number of at least 0 is needed for each of the {len(places)} places.",
            ),
        )
    return residents


def _per_resident(time: sparse.csr_array, residents: Floats) -> sparse.csr_array:
    """Give time by link as a share of residents' time; a place without residents sends nobody."""
    each = np.divide(1.0, residents, out=np.zeros_like(residents), where=residents > 0)
    return sparse.csr_array(sparse.diags_array(each) @ time)


def make_links(
    shares: sparse.csr_array,
    people: npt.ArrayLike,
    places: Sequence[str],
    *,
    leave: npt.ArrayLike | None = None,
    enter: npt.ArrayLike | None = None,
    days: int = 1,
    cap: int = 100,
) -> Links:
    """Give a layer of the engine from shares of residents' time by origin and destination.

    On each day Σ_j m_ij a_i b_j of a place's time is spent away and the rest, ``stay``, at home; ``present``
    are those at home and those who came, so it adds up to the residents of all places.

    Parameters
    ----------
    shares
        m, origin × destination. The diagonal is left out.
    people
        Residents (place), persons.
    places
        Codes, in the order of rows and columns.
    leave, enter
        a and b (date, place); 1 where not given.
    days
        Days, where neither is given.
    cap
        Most links of an origin; the rest is spread over those kept.

    Raises
    ------
    BadInput
        Where the shares of a place add to more than 1 on a day, or one is negative.

    Examples
    --------
    >>> links = make_links(sparse.csr_array([[0.0, 0.1], [0.0, 0.0]]), [1000, 50], ["a", "b"])
    >>> links.layer.stay.tolist(), links.layer.present.tolist()
    ([[0.8999999761581421, 1.0]], [[900.0, 150.0]])
    """
    residents = _residents(people, places)
    matrix = _clean(shares, residents, places)
    before = np.asarray(matrix.sum(axis=1))
    matrix, discarded = cap_links(matrix, cap)
    given = [np.asarray(brake) for brake in (leave, enter) if brake is not None]
    n_days = given[0].shape[0] if given else days
    ones = np.ones((n_days, len(places)))
    a = np.asarray(ones if leave is None else leave, dtype=np.float32)
    b = np.asarray(ones if enter is None else enter, dtype=np.float32)
    _check_brakes(a, b, (n_days, len(places)))
    away = a.astype(float) * (matrix @ b.astype(float).T).T
    _check_rows(away, places)
    stay = (1 - away).clip(0.0, 1.0)
    came = (matrix.T @ (a.astype(float) * residents).T).T * b.astype(float)
    moved = before * residents
    alone = _disconnected(matrix)
    return Links(
        layer=Layer(
            start=matrix.indptr.astype(np.int64),
            place=matrix.indices.astype(np.int32),
            share=matrix.data.astype(np.float64),
            leave=a,
            enter=b,
            stay=stay.astype(np.float32),
            present=(stay * residents + came).astype(np.float32),
        ),
        discarded=discarded,
        discarded_in_all=float((discarded * moved).sum() / moved.sum()) if moved.sum() > 0 else 0.0,
        disconnected=tuple(str(places[i]) for i in alone),
        notes=_notes(discarded, moved, alone, residents, places, cap),
    )


def _clean(shares: sparse.csr_array, residents: Floats, places: Sequence[str]) -> sparse.csr_array:
    """Leave out the diagonal and the rows of places without residents; refuse a wrong size or sign."""
    matrix = sparse.coo_array(shares)
    if matrix.shape != (len(places),) * 2:
        raise BadParameter(
            "shares",
            matrix.shape,
            Text(
                zh=f"行列数必须等于地区数 {len(places)}。",
                en=f"it must have one row and column for each of the {len(places)} places.",
            ),
        )
    bad = ~(matrix.data >= 0) | ~np.isfinite(matrix.data)
    if bad.any():
        raise BadInput([_fault(places[i], "share", matrix.data[bad][k]) for k, i in enumerate(matrix.row[bad][:NAMED])])  # fmt: skip
    kept = (matrix.row != matrix.col) & (matrix.data > 0) & (residents[matrix.row] > 0)
    return sparse.csr_array(
        (matrix.data[kept], (matrix.row[kept], matrix.col[kept])), shape=matrix.shape
    )


def _fault(place: str, column: str, value: float) -> Fault:
    return Fault(
        file="mobility",
        column=column,
        value=f"{value:.4f}",
        problem=Text(
            zh=f"地区 {place} 的占比不是不小于 0 的数。",
            en=f"A share of place {place} is not a number of at least 0.",
        ),
        remedy=Text(zh="请核对该行。", en="Check that row."),
    )


def _check_brakes(
    a: npt.NDArray[np.float32], b: npt.NDArray[np.float32], shape: tuple[int, int]
) -> None:
    for name, values in (("leave", a), ("enter", b)):
        if values.shape != shape or not np.isfinite(values).all() or (values < 0).any():
            raise BadParameter(
                name,
                values.shape,
                Text(
                    zh=f"须为 {shape[0]} 天 × {shape[1]} 个地区、不小于 0 且无缺日的数。",
                    en=f"it must be {shape[0]} days by {shape[1]} places, at least 0, with no day missing.",
                ),
            )


def _check_rows(away: Floats, places: Sequence[str]) -> None:
    over = np.flatnonzero(away.max(axis=0) > 1 + 1e-6)
    if over.size:
        raise BadInput(
            [
                Fault(
                    file="mobility",
                    column="share",
                    value=f"{away[:, i].max():.3f}",
                    problem=Text(
                        zh=f"地区 {places[i]} 居民在外时间的占比在第 {away[:, i].argmax() + 1} 天超过 1。",
                        en=f"Residents of place {places[i]} would be away more than all their time on day {away[:, i].argmax() + 1}.",
                    ),
                    remedy=Text(
                        zh="请减小停留天数或核对人口数。",
                        en="Take fewer days away on a trip, or check the population.",
                    ),
                )
                for i in over[:NAMED]
            ],
            unlisted=max(over.size - NAMED, 0),
        )


def _disconnected(matrix: sparse.csr_array) -> npt.NDArray[np.intp]:
    linked = (np.diff(matrix.indptr) > 0) | (
        np.bincount(matrix.indices, minlength=matrix.shape[0]) > 0
    )
    return np.flatnonzero(~linked)


def _notes(
    discarded: Floats,
    moved: Floats,
    alone: npt.NDArray[np.intp],
    residents: Floats,
    places: Sequence[str],
    cap: int,
) -> tuple[Text, ...]:
    notes = []
    if discarded.max(initial=0.0) > 0:
        worst = int(discarded.argmax())
        whole = (discarded * moved).sum() / moved.sum()
        notes.append(
            Text(
                zh=f"每个出发地只留 {cap} 条最大的连线：全部在外时间的 {whole:.1%} 被并入所留连线，最多为 {places[worst]}（{discarded[worst]:.1%}）。",
                en=f"The {cap} largest links of each origin are kept: {whole:.1%} of all time away is spread over them, most at {places[worst]} ({discarded[worst]:.1%}).",
            )
        )
    for which, zh, en in (
        (alone, "与其他地区没有任何连线", "have no link to any other place"),
        (
            np.flatnonzero(residents == 0),
            "没有居民，无人外出",
            "have no residents, and nobody leaves",
        ),
    ):
        if which.size:
            some = join([same(str(places[i])) for i in which[:NAMED]])
            notes.append(
                Text(
                    zh=f"{which.size:,} 个地区{zh}：{some.zh}。",
                    en=f"{which.size:,} places {en}: {some.en}.",
                )
            )
    return tuple(notes)
