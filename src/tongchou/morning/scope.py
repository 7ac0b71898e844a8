"""For whom the order is written: an area, the areas below it, and its finest reporting units."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tongchou.situation.situation import Situation
from tongchou.vocabulary.errors import UnknownPlace
from tongchou.vocabulary.places import Gazetteer
from tongchou.vocabulary.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The area of an order.

    ``areas`` are the next level below that reports or holds reporting units; ``units`` the finest
    reporting units; ``ancestors`` maps each of them to the codes above it. ``population`` is the
    pack's where it has one, else the gazetteer's.
    """

    place: str
    name: Text
    areas: tuple[str, ...]
    units: tuple[str, ...]
    names: Mapping[str, Text]
    ancestors: Mapping[str, tuple[str, ...]]
    population: Mapping[str, int | None]
    members: frozenset[str]

    def inside(self, frame: pl.DataFrame, column: str = "place") -> pl.DataFrame:
        """Give the rows of a record table that belong to the area."""
        return frame.filter(pl.col(column).is_in(list(self.members)))

    def units_in(self, place: str) -> list[str]:
        """Give the reporting units of a place: those below it, or itself where it is one."""
        return [u for u in self.units if place in (u, *self.ancestors[u])]

    def area_of(self, place: str) -> str:
        """Give the area below the scope that a place belongs to (itself where it is one)."""
        line = (place, *self.ancestors.get(place, ()))
        return next((c for c in line if c in self.areas), self.place)


def scope_of(situation: Situation, place: str | None = None) -> Scope:
    """Give the scope of an order.

    Parameters
    ----------
    situation
        What was known.
    place
        Code or name in either language; the highest reporting area of the pack where none is named.

    Raises
    ------
    UnknownPlace
        If the place is unknown or nothing in it reports.
    """
    gazetteer = situation.gazetteer
    reporting = set(situation.table("case_counts")["place"].unique())
    top = _highest(gazetteer, reporting) if place is None else _named(gazetteer, place)
    below = {p.code for p in gazetteer.descendants(top) if p.counted}
    inside = (reporting & below) | ({top} & reporting)
    if not inside:
        raise UnknownPlace(
            top,
            sorted(reporting)[:5],
            Text(
                zh="此地在数据包中没有报告单位；请选上列之一，或其上级地区。",
                en="Nothing in this place reports in the pack; choose one of these, or an area above it.",
            ),
        )
    holders = {a.code for code in inside for a in gazetteer.ancestors(code)}
    units = sorted(inside - holders) or [top]
    children = [p.code for p in gazetteer.children(top) if p.counted]
    areas = [c for c in children if c in inside or c in holders]
    known = {top, *areas, *units, *inside}
    own = _populations(situation)
    return Scope(
        place=top,
        name=gazetteer.place(top).name,
        areas=tuple(areas),
        units=tuple(units),
        names={c: gazetteer.place(c).name for c in known | below},
        ancestors={c: tuple(a.code for a in gazetteer.ancestors(c)) for c in known},
        population={c: own.get(c, gazetteer.population(c)) for c in known},
        members=frozenset({top, *below}),
    )


def _named(gazetteer: Gazetteer, place: str) -> str:
    return place if place in gazetteer else gazetteer.find(place)[0].code


def _highest(gazetteer: Gazetteer, reporting: set[str]) -> str:
    lines = [tuple(gazetteer.path(c).split("/")) for c in reporting]
    shared = set(lines[0]).intersection(*lines[1:])
    return max(shared, key=lambda code: len(gazetteer.path(code)))


def _populations(situation: Situation) -> dict[str, int | None]:
    if not situation.has("places"):
        return {}
    frame = situation.table("places").filter(pl.col("population").is_not_null())
    return dict(zip(frame["place"], frame["population"], strict=True))
