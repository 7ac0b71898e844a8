"""What may be decided: measures added and lifted, here or there, from one day to another."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tongchou.transmission.metapopulation.entries import Entry
from tongchou.vocabulary.errors import BadParameter, UnknownPlace
from tongchou.vocabulary.text import Text

EVERYTHING = "all"
"""In the place of a measure to be lifted: whatever is in force there."""

JOURNEYS = ("control_exits", "suspend_transport")
"""Measures of the library that close a place to journeys; ``hold_arrivals`` watches those who arrive."""

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """A measure no longer in force in some places, from one day on, or for some days.

    Attributes
    ----------
    what
        Id of a measure of the library, or :data:`EVERYTHING`.
    places
        Codes; a province or city stands for all that is in it.
    start, until
        First and last day without it; to the end of the horizon where ``until`` is not given.
    """

    what: str
    places: tuple[str, ...]
    start: date
    until: date | None = None

    def __post_init__(self) -> None:
        if self.until is not None and self.until < self.start:
            raise BadParameter("until", self.until, _BACKWARDS.fill(what=self.what, day=self.start))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to decide, against what is in force.

    Attributes
    ----------
    id, name
        How it is called in tables, and to readers.
    add
        Measures put in force, each with its places, its days and its strength.
    lift
        Measures lifted.
    shift_days
        Days by which what is in force comes and ends later (below zero: earlier). What has begun
        by tonight has begun.
    """

    id: str
    name: Text
    add: tuple[Entry, ...] = ()
    lift: tuple[Lift, ...] = ()
    shift_days: int = 0

    def after(
        self, in_force: Iterable[Entry], units: Mapping[str, Sequence[str]], tonight: date
    ) -> tuple[Entry, ...]:
        """Give all that is in force once this is chosen, a measure to an entry, place by place.

        Lifting comes before adding: who lifts a measure everywhere and adds it in one county keeps
        it in that county.

        Parameters
        ----------
        in_force
            What is in force, or will be, if nothing is decided.
        units
            Places of the model by code, for each place and every area above it.
        tonight
            Last day before the first of the horizon.

        Raises
        ------
        UnknownPlace
            If a measure is added or lifted in a place that is not there.

        Examples
        --------
        >>> closed = Entry(what="close_schools", places=("P",), start=date(2020, 2, 1), until=date(2020, 3, 9))
        >>> units = {"P": ["a", "b"], "a": ["a"], "b": ["b"]}
        >>> open_a = Lift(what="close_schools", places=("a",), start=date(2020, 3, 2))
        >>> chosen = Choice(id="open", name=Text("开学", "open schools"), lift=(open_a,))
        >>> for e in chosen.after([closed], units, date(2020, 2, 29)):
        ...     print(e.places, e.start, e.last)
        ('b',) 2020-02-01 2020-03-09
        ('a',) 2020-02-01 2020-03-01
        """
        moved = [m for e in in_force for m in _moved(e, self.shift_days, tonight)]
        standing = _single(moved, units)
        for lift in self.lift:
            standing = [p for e in standing for p in _without(e, lift, _places(lift.places, units))]
        return (*standing, *_single(self.add, units))


def _moved(entry: Entry, by: int, tonight: date) -> list[Entry]:
    """Move what is still to come by some days: the start of what has not begun, the end of all."""
    if by == 0 or entry.last < tonight:
        return [entry]
    shift = timedelta(days=by)
    start = entry.start if entry.start <= tonight else max(entry.start + shift, tonight + DAY)
    until = entry.until and entry.until + shift
    if until is not None and until < start:
        return []
    return [replace(entry, start=start, until=until)]


def _single(entries: Iterable[Entry], units: Mapping[str, Sequence[str]]) -> list[Entry]:
    """Give a measure to an entry, the places as the model has them."""
    return [
        replace(entry, what=measure, places=_places(entry.places, units))
        for entry in entries
        for measure in entry.measures
    ]


def _places(codes: Iterable[str], units: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for code in codes:
        if code not in units:
            raise UnknownPlace(code)
        found |= dict.fromkeys(units[code])
    return tuple(found)


def _without(entry: Entry, lift: Lift, where: Sequence[str]) -> list[Entry]:
    """Give what is left of an entry: elsewhere as it was, here before and after it is lifted."""
    if lift.what not in (EVERYTHING, entry.what):
        return [entry]
    gone = set(where)
    there = tuple(p for p in entry.places if p not in gone)
    here = tuple(p for p in entry.places if p in gone)
    if not here:
        return [entry]
    left = [replace(entry, places=there)] if there else []
    if entry.start < lift.start:
        left.append(replace(entry, places=here, until=min(entry.last, lift.start - DAY)))
    if lift.until is not None and entry.last > lift.until:
        left.append(replace(entry, places=here, start=max(entry.start, lift.until + DAY)))
    return left


_BACKWARDS = Text(
    zh="措施“{what}”恢复的前一日早于解除之日 {day}。请更正 from 与 until。",
    en="the measure “{what}” would be back before it is lifted on {day}. Correct from and until.",
)
