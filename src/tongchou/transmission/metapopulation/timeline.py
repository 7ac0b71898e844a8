"""What measures do by place and day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.metapopulation.disease import Disease
from tongchou.transmission.metapopulation.entries import Entry
from tongchou.transmission.metapopulation.hazards import laplace
from tongchou.transmission.metapopulation.levers import Effect, End, combined, levers
from tongchou.vocabulary.distributions import Delay
from tongchou.vocabulary.errors import UnknownPlace
from tongchou.vocabulary.measure import effective

TARGETS: tuple[str, ...] = tuple(asdict(Effect()))
"""Names of what a timeline holds, those of the engine's days first."""

UNITS = {"isolate": "per day", "trace": "per day", "traced": "share"}


@dataclass(frozen=True, slots=True)
class Timeline:
    """What measures do by day and place.

    Attributes
    ----------
    effects : Dataset (date, place)
        ``home``, ``school``, ``work``, ``other`` multiply contacts, ``leave`` and ``enter``
        journeys at origin and destination, ``transmissibility`` everything; ``isolate`` and
        ``trace`` are hazards per day, ``traced`` a share: see :class:`.levers.Effect`.
    """

    effects: xr.Dataset

    @property
    def inside(self) -> xr.Dataset:
        """What acts inside places, all but journeys, as the model takes it."""
        return self.effects.drop_vars(["leave", "enter"])

    @property
    def journeys(self) -> xr.Dataset:
        """What acts on journeys between places, ``leave`` and ``enter`` (date, place)."""
        return self.effects[["leave", "enter"]]


def timeline(
    entries: Iterable[Entry],
    places: Sequence[str],
    first: date,
    days: int,
    disease: Disease,
    *,
    within: Mapping[str, Sequence[str]] | None = None,
    end: End = "value",
) -> Timeline:
    """Lay measures out over places and days.

    Where the same measure is in force twice, the stronger counts; different measures combine as
    :func:`.levers.combined` says.

    Parameters
    ----------
    entries
        What is in force; order does not matter.
    places
        Codes of the engine's places, in its order.
    first, days
        First day and number of days.
    disease
        Whose days the delays of isolation and tracing act on.
    within
        Codes above a place (city, province) by place; an entry for one of them holds below it.
    end
        Expected, strongest (``low``) or weakest (``high``) effect.

    Raises
    ------
    UnknownMeasure
        If the library does not hold a measure.
    UnknownPlace
        If an entry names a code that is neither a place nor above one.

    Examples
    --------
    >>> from tongchou.transmission.metapopulation.disease import disease
    >>> closed = Entry(what="close_schools", places=("A",), start=date(2020, 2, 2), until=date(2020, 2, 3))
    >>> t = timeline([closed], ["A", "B"], date(2020, 2, 1), 4, disease("covid2020"))
    >>> t.effects["school"].to_numpy().tolist()
    [[1.0, 1.0], [0.0, 1.0], [0.0, 1.0], [1.0, 1.0]]
    """
    laid = list(entries)
    # Asked here once, so that an unknown measure is refused even where it is never in force.
    effective(m for entry in laid for m in entry.measures)
    columns = sorted({c for entry in laid for c in _columns(entry)}, key=str)
    spans = _spans(laid, first, days)
    strength = _strengths(laid, columns, places, first, spans, within or {})
    # Few sets of measures differ among many places and days: each is combined once.
    cells = strength.reshape(strength.shape[0] * len(places), len(columns))
    kinds, which = _distinct(cells)
    effects = [asdict(_together(columns, row, disease, end)) for row in kinds]
    span_of_day = np.searchsorted(spans, np.arange(days), side="right") - 1
    which = which.reshape(strength.shape[:2])[span_of_day]
    dates = np.array(first, dtype="datetime64[ns]") + np.arange(days) * np.timedelta64(1, "D")
    data = {
        name: (
            ("date", "place"),
            np.array([e[name] for e in effects])[which],
            {"units": UNITS.get(name, "1")},
        )
        for name in TARGETS
    }
    return Timeline(xr.Dataset(data, coords={"date": dates, "place": list(places)}))


Column = tuple[str, Delay | None]
"""A measure, and its own delay if it has one."""


def _columns(entry: Entry) -> list[Column]:
    """Give the columns that an entry stands in: its delay belongs to measures that have one."""
    return [
        (m, entry.delay if any(lever.delay for lever in levers().get(m, ())) else None)
        for m in entry.measures
    ]


def _distinct(
    cells: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]]:
    """Give the different rows, and which of them each row is."""
    if cells.shape[1] == 0:
        return np.zeros((1, 0)), np.zeros(len(cells), dtype=np.intp)
    kinds, which = np.unique(cells, axis=0, return_inverse=True)
    return kinds, which.reshape(-1)


def _together(
    columns: Sequence[Column], strengths: npt.NDArray[np.float64], disease: Disease, end: End
) -> Effect:
    """Combine what is in force; of one measure with two delays the one that finds more counts."""
    chosen: dict[str, float] = {}
    delays: dict[str, Delay] = {}
    found: dict[str, float] = {}
    for (measure, own), strength in zip(columns, strengths.tolist(), strict=True):
        delay = own or next((lv.delay for lv in levers().get(measure, ()) if lv.delay), None)
        reach = strength * (laplace(delay, 1 / disease.symptomatic_days) if delay else 1.0)
        if strength > 0 and reach > found.get(measure, -1.0):
            chosen[measure], found[measure] = strength, reach
            if delay:
                delays[measure] = delay
    return combined(chosen, disease, end, delays)


def _spans(entries: Sequence[Entry], first: date, days: int) -> list[int]:
    """Give the days on which something starts or has ended, and the first."""
    edges = {(d - first).days for e in entries for d in (e.start, e.last + timedelta(days=1))}
    return [0, *sorted(d for d in edges if 0 < d < days)]


def _strengths(
    entries: Sequence[Entry],
    columns: Sequence[Column],
    places: Sequence[str],
    first: date,
    spans: Sequence[int],
    within: Mapping[str, Sequence[str]],
) -> npt.NDArray[np.float64]:
    """Give the strength of each measure (span, place, column).

    Raises
    ------
    UnknownPlace
        If an entry names a code that is neither a place nor above one.
    """
    below: dict[str, list[int]] = {}
    for i, place in enumerate(places):
        for code in (place, *within.get(place, ())):
            below.setdefault(code, []).append(i)
    starts = np.asarray(spans)
    strength = np.zeros((len(spans), len(places), len(columns)))
    for entry in entries:
        missing = [p for p in entry.places if p not in below]
        if missing:
            raise UnknownPlace(missing[0])
        from_day, to_day = (entry.start - first).days, (entry.last - first).days
        rows = np.flatnonzero((starts >= from_day) & (starts <= to_day))
        cols = np.array(sorted({i for p in entry.places for i in below[p]}))
        for column in _columns(entry):
            at = np.ix_(rows, cols, np.array([columns.index(column)]))
            strength[at] = np.maximum(strength[at], entry.strength)
    return strength
