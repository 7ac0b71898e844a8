"""Which measures are in force where and when, and what they do by place and day.

Every entry ends: on its last day, or on the day by which it must be reviewed. Who wants it longer
renews it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr

from tongchou.transmission.metapopulation.disease import Disease
from tongchou.transmission.metapopulation.levers import Effect, End, combined
from tongchou.vocabulary.errors import BadParameter, UnknownPlace
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.measure import effective, measures
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

TARGETS: tuple[str, ...] = tuple(asdict(Effect()))
"""Names of what a timeline holds, those of the engine's days first."""

UNITS = {"isolate": "per day", "trace": "per day", "traced": "share"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One measure, or the package of a tier, in some places for some days.

    Attributes
    ----------
    what
        Id of a measure of the library, or ``low``, ``medium``, ``high`` for a tier's package.
    places
        Codes; a province or city stands for all that is in it.
    start, until
        First and last day in force.
    review
        Day by which it must be renewed; without ``until`` it lapses on that day by itself.
    strength
        From 0, nothing, to 1, in full.
    """

    what: str
    places: tuple[str, ...]
    start: date
    until: date | None = None
    review: date | None = None
    strength: float = 1.0

    def __post_init__(self) -> None:
        if self.until is None and self.review is None:
            raise BadParameter(
                "until",
                None,
                Text(
                    zh=f"措施“{self.what}”须有截止日或复核日：没有期限的措施不予执行。",
                    en=f"the measure “{self.what}” needs a last day or a day of review: nothing is in force without an end.",
                ),
            )
        if self.last < self.start:
            raise BadParameter(
                "until",
                self.last,
                Text(
                    zh=f"措施“{self.what}”的截止日早于开始日 {self.start}。",
                    en=f"the measure “{self.what}” ends before it starts on {self.start}.",
                ),
            )
        if not 0.0 <= self.strength <= 1.0:
            raise BadParameter(
                "strength",
                self.strength,
                Text(
                    zh="力度须在0（无）与1（全部）之间。",
                    en="strength lies between 0 and 1, in full.",
                ),
            )

    @property
    def last(self) -> date:
        """Last day in force: the earlier of its end and the day of review."""
        return min(d for d in (self.until, self.review) if d is not None)

    @property
    def measures(self) -> tuple[str, ...]:
        """Measures of the library that it puts in force."""
        return tier_package(self.what) if self.what in tiers() else (self.what,)


@cache
def measure_kinds() -> Mapping[str, str]:
    """Give the measure of the library by kind of the contract's table ``measures``.

    Kinds with an effect on R are those of ``reference/morning/measure_links.csv``; those that act
    on travel alone stand in ``reference/transmission/measure_kinds.csv``. Other kinds have no
    known effect on transmission.

    >>> measure_kinds()["community_closed"], measure_kinds()["outbound_control"]
    ('stay_home', 'control_exits')
    """
    links = packaged("morning/measure_links").select("measure", "lever")
    travel = packaged("transmission/measure_kinds").select("kind", "measure")
    return dict([*links.iter_rows(), *travel.iter_rows()])


@cache
def tiers() -> tuple[str, ...]:
    """Give the tiers that have a package, the lowest first."""
    return tuple(packaged("tiering/packages")["tier"].unique(maintain_order=True))


@cache
def tier_package(tier: str) -> tuple[str, ...]:
    """Give the measures of the library that a tier's package turns on.

    The packages are those of the risk tiers, ``reference/tiering/packages.csv``.

    >>> tier_package("low")
    ('isolate_cases', 'protect_work', 'trace_contacts')
    """
    rows = packaged("tiering/packages").filter(pl.col("tier") == tier, pl.col("state") == "on")
    known = measure_kinds()
    return tuple(sorted({known[k] for k in rows["measure"] if k in known}))


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

    def plain(self) -> dict[str, npt.NDArray[np.float32]]:
        """Give the effects as arrays (day, place) by name, as the engine takes them."""
        return {
            name: np.ascontiguousarray(self.effects[name].to_numpy(), dtype=np.float32)
            for name in TARGETS
        }


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
    # Where nothing is in force one measure stands for all, at strength 0.
    names = sorted({m for entry in laid for m in entry.measures}) or sorted(measures())[:1]
    # Asked here once, so that an unknown measure is refused even where it is never in force.
    effective(names)
    spans = _spans(laid, first, days)
    strength = _strengths(laid, names, places, first, spans, within or {})
    # Few sets of measures differ among many places and days: each is combined once.
    kinds, which = np.unique(strength.reshape(-1, len(names)), axis=0, return_inverse=True)
    effects = [
        asdict(
            combined({n: float(s) for n, s in zip(names, row, strict=True) if s > 0}, disease, end)
        )
        for row in kinds
    ]
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


def _spans(entries: Sequence[Entry], first: date, days: int) -> list[int]:
    """Give the days on which something starts or has ended, and the first."""
    edges = {(d - first).days for e in entries for d in (e.start, e.last + timedelta(days=1))}
    return [0, *sorted(d for d in edges if 0 < d < days)]


def _strengths(
    entries: Sequence[Entry],
    names: Sequence[str],
    places: Sequence[str],
    first: date,
    spans: Sequence[int],
    within: Mapping[str, Sequence[str]],
) -> npt.NDArray[np.float64]:
    """Give the strength of each measure (span, place, measure).

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
    strength = np.zeros((len(spans), len(places), len(names)))
    for entry in entries:
        missing = [p for p in entry.places if p not in below]
        if missing:
            raise UnknownPlace(missing[0])
        from_day, to_day = (entry.start - first).days, (entry.last - first).days
        rows = np.flatnonzero((starts >= from_day) & (starts <= to_day))
        cols = np.array(sorted({i for p in entry.places for i in below[p]}))
        for measure in entry.measures:
            at = np.ix_(rows, cols, np.array([names.index(measure)]))
            strength[at] = np.maximum(strength[at], entry.strength)
    return strength


def recorded_entries(
    recorded: pl.DataFrame, as_of: date, review_days: int | None = None
) -> tuple[tuple[Entry, ...], tuple[Text, ...]]:
    """Give the entries of the contract's table ``measures`` as known on a day.

    A row counts once it is known. It is in force from ``start_on`` to ``expires_on`` or the day
    before ``lifted_on``, whichever comes first; a lifting later than ``as_of`` is not yet known.
    A row without either lapses by itself ``review_days`` after ``as_of``. Its kind is read as
    :func:`measure_kinds` says, in full strength, because the table records none.

    Parameters
    ----------
    recorded
        Table ``measures`` of a situation.
    as_of
        Day from which the situation is seen.
    review_days
        Days a measure without an end goes on; by default the parameter ``measure_review_days``.

    Returns
    -------
    entries, and notes on kinds that have no effect here.
    """
    ahead = int(parameter("measure_review_days").value) if review_days is None else review_days
    known = recorded.filter(pl.col("known_on") <= as_of)
    found: list[Entry] = []
    for row in known.iter_rows(named=True):
        measure = measure_kinds().get(row["kind"])
        if measure is None:
            continue
        lifted = row["lifted_on"] if row["lifted_on"] and row["lifted_on"] <= as_of else None
        ends = [d for d in (row["expires_on"], lifted and lifted - timedelta(days=1)) if d]
        until = min(ends) if ends else None
        if until is not None and until < row["start_on"]:
            continue
        review = None if until else max(as_of, row["start_on"]) + timedelta(days=ahead)
        found.append(
            Entry(
                what=measure,
                places=(row["place"],),
                start=row["start_on"],
                until=until,
                review=review,
            )
        )
    return tuple(found), _without_effect(known)


def _without_effect(known: pl.DataFrame) -> tuple[Text, ...]:
    kinds = sorted(set(known["kind"]) - set(measure_kinds()))
    if not kinds:
        return ()
    return (
        Text(
            zh=f"以下措施种类在传播模型中没有已知作用，未计入：{'、'.join(kinds)}。",
            en=f"These kinds of measure have no known effect in the model and are left out: {', '.join(kinds)}.",
        ),
    )
