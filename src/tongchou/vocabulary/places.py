"""Places: one code, two names, one hierarchy from the nation down to the county.

A gazetteer is a folder of tables, so another country is another folder::

    country.toml        levels, boundaries, plane of the map
    places.csv          code, level, names, parent, point, source
    population.csv      code, date, population, source, confidence
    crosswalk.csv       codes that were replaced, and by which
    boundary_codes.csv  codes of boundary features that differ from ours

Names and codes are read once; boundaries (:mod:`tongchou.vocabulary.boundaries`) only when asked.
"""

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import polars as pl

from tongchou.reference import path as reference_path
from tongchou.vocabulary.boundaries import Boundaries
from tongchou.vocabulary.crosswalk import Crosswalk, Succession
from tongchou.vocabulary.errors import BadParameter, UnknownPlace
from tongchou.vocabulary.place_names import index_names, normalise
from tongchou.vocabulary.place_tables import read
from tongchou.vocabulary.text import Text

Method = Literal["boundary", "nearest boundary", "nearest point"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A unit of administration: who it is, where it stands, how many live there.

    ``population`` is ``None`` where the folder holds no figure; ``counted`` is false for a unit
    that is shown but stands outside national totals.
    """

    code: str
    level: str
    name: Text
    short_name: Text
    parent: str | None
    longitude: float
    latitude: float
    population: int | None = None
    counted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A place found for a point, and how: inside a boundary, near one, or by the nearest point."""

    place: Place
    method: Method


@dataclass(frozen=True, kw_only=True)
class Gazetteer:
    """All places of one country, read from a folder of tables.

    Examples
    --------
    >>> china().place("420100").name["en"]
    'Wuhan'
    >>> [p.code for p in china().find("jiang'an district", within="420000")]
    ['420102']
    >>> china().path("420102")
    '100000/420000/420100/420102'
    """

    folder: Path
    country: Mapping[str, Any]
    frame: pl.DataFrame
    crosswalk: Crosswalk
    boundaries: Boundaries
    _places: Mapping[str, Place] = field(repr=False)
    _children: Mapping[str, tuple[str, ...]] = field(repr=False)
    _names: Mapping[str, tuple[str, ...]] = field(repr=False)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, code: object) -> bool:
        return code in self._places

    @property
    def levels(self) -> tuple[str, ...]:
        """Give the levels, highest first."""
        return tuple(self.country["country"]["levels"])

    @property
    def nation(self) -> Place:
        """Give the place above all others."""
        return self.place(str(self.country["country"]["code"]))

    def place(self, code: str) -> Place:
        """Give the place that bears a code."""
        found = self._places.get(code)
        if found is None:
            raise self._unknown_code(code)
        return found

    def find(
        self, name: str, *, level: str | None = None, within: str | None = None
    ) -> tuple[Place, ...]:
        """Give the places that bear a name in either language, highest level first.

        A full or short name or an alias counts as written; failing that, letter case, accents,
        spaces and a word of rank ("City", "District") are disregarded.

        Parameters
        ----------
        name
            Such as ``"武汉"``, ``"武汉市"``, ``"wuhan"`` or ``"Wuhan City"``.
        level
            Only places of this level.
        within
            Only this place and those below it, by code.
        """
        inside = None if within is None else {within, *self._below(self.place(within).code)}
        for key in self._keys(name):
            found = [self._places[code] for code in self._names.get(key, ())]
            kept = tuple(
                place
                for place in found
                if level in (None, place.level) and (inside is None or place.code in inside)
            )
            if kept:
                return kept
        raise UnknownPlace(name, self._near(name), _LOOK_UP)

    def at(self, longitude: float, latitude: float, *, level: str | None = None) -> Place:
        """Give the place that holds a point; :meth:`locate` also says how it was found."""
        return self.locate(longitude, latitude, level=level).place

    def locate(self, longitude: float, latitude: float, *, level: str | None = None) -> Located:
        """Give the place that holds a point and the method that found it.

        Inside a boundary where there is one; within 20 km of a boundary for points on a quay or a
        coast; by the nearest point of the table where the country has no boundaries at all.

        Parameters
        ----------
        longitude, latitude
            Degrees, WGS 84.
        level
            The level wanted; the lowest where not given. Where no unit of that level exists at
            the point, the one that stands in for it, as in :meth:`reporting_units`.
        """
        if self.boundaries.available:
            code, inside = self.boundaries.leaf_at(longitude, latitude)
            if code is None:
                raise UnknownPlace(f"{longitude}, {latitude}", (), _OUTSIDE)
            method: Method = "boundary" if inside else "nearest boundary"
        else:
            code, method = self._nearest(longitude, latitude), "nearest point"
        return Located(place=self.standing(code, level or self.levels[-1]), method=method)

    def children(self, code: str, level: str | None = None) -> tuple[Place, ...]:
        """Give the places directly below a place."""
        below = self._children.get(self.place(code).code, ())
        return tuple(p for p in map(self.place, below) if level in (None, p.level))

    def ancestors(self, code: str) -> tuple[Place, ...]:
        """Give the places above a place, nearest first."""
        found, parent = [], self.place(code).parent
        while parent is not None:
            found.append(self.place(parent))
            parent = found[-1].parent
        return tuple(found)

    def descendants(self, code: str, level: str | None = None) -> tuple[Place, ...]:
        """Give all places below a place, in order of code."""
        below = map(self.place, sorted(self._below(self.place(code).code)))
        return tuple(p for p in below if level in (None, p.level))

    def leaves(self, code: str) -> tuple[Place, ...]:
        """Give the undivided units that make up a place; itself where it is one.

        >>> [p.name["en"] for p in china().leaves("441900")]
        ['Dongguan']
        """
        everyone = (self.place(code), *self.descendants(code))
        return tuple(p for p in everyone if not self._children.get(p.code))

    def neighbours(self, code: str) -> tuple[Place, ...]:
        """Give the places that share a border line with a place, of its level.

        Where a neighbour has no unit of that level, the unit that stands in for it, as in
        :meth:`reporting_units`: a city that answers to its province directly is a neighbour of
        the prefectures around it, and of the counties too.
        """
        level = self.place(code).level
        own = {leaf.code for leaf in self.leaves(code)}
        beyond = {other for leaf in own for other in self.boundaries.adjacent(leaf)} - own
        found = {self.standing(leaf, level).code for leaf in beyond} - {code}
        return tuple(self.place(c) for c in sorted(found))

    def path(self, code: str) -> str:
        """Give the codes from the nation down to a place, joined by strokes."""
        above = [place.code for place in reversed(self.ancestors(code))]
        return "/".join([*above, code])

    def units(self, level: str) -> tuple[Place, ...]:
        """Give all places of a level, in order of code.

        >>> len(china().units("province")), len(china().units("prefecture"))
        (34, 333)
        """
        self._rank(level)
        return tuple(p for p in self._places.values() if p.level == level)

    def reporting_units(self, level: str, *, counted: bool = True) -> tuple[Place, ...]:
        """Give the units that together make up the nation at a level, none twice.

        Where a branch of the hierarchy has no unit of the level, the unit that stands in for it:
        a municipality without prefectures, a county that answers to its province directly.

        Parameters
        ----------
        level
            The level wanted.
        counted
            Only units inside national totals; ``False`` adds those shown apart.
        """
        found = {self.standing(leaf.code, level).code for leaf in self.leaves(self.nation.code)}
        units = map(self.place, sorted(found))
        return tuple(p for p in units if p.counted or not counted)

    def standing(self, code: str, level: str) -> Place:
        """Give the unit of a level that holds a place, or the one that stands in for it.

        >>> china().standing("420102", "prefecture").name["en"]
        'Wuhan'
        >>> china().standing("110101", "prefecture").name["en"]
        'Beijing'
        """
        wanted = self._rank(level)
        line = (*reversed(self.ancestors(code)), self.place(code))
        for place in line:
            below = map(self.place, self._children.get(place.code, ()))
            if place.level == level or not any(self._rank(p.level) <= wanted for p in below):
                return place
        return line[-1]

    def population(self, code: str) -> int | None:
        """Give the persons living in a place, ``None`` where the tables hold no figure."""
        return self.place(code).population

    def urban(self, code: str) -> bool | None:
        """Give whether a unit is of a city rather than of the country around it, as its code says.

        ``None`` where the country has no such rule, or for a unit of another level.

        Examples
        --------
        >>> from tongchou.vocabulary.places import china
        >>> china().urban("360102"), china().urban("360121"), china().urban("360100")
        (True, False, None)
        """
        rule = self.country.get("urban")
        if rule is None or self.place(code).level != rule["level"]:
            return None
        last = int(code[-rule["digits"] :])
        return any(low <= last <= high for low, high in rule["city"])

    def successors(self, code: str) -> tuple[Succession, ...]:
        """Give the places of this edition that a code of another year stands for.

        >>> [s.new_code for s in china().successors("421023")]
        ['421088']
        """
        found = self.crosswalk.resolve(code, frozenset(self._places))
        if not found:
            raise self._unknown_code(code)
        return found

    def predecessors(self, code: str) -> tuple[Succession, ...]:
        """Give the codes whose territory a place took over, as the crosswalk records them."""
        return self.crosswalk.before(self.place(code).code)

    def resolve(self, code: str) -> Place:
        """Give the one place that holds a code of any year, or most of what it stood for."""
        return self.place(self.successors(code)[0].new_code)

    def _below(self, code: str) -> Iterable[str]:
        for child in self._children.get(code, ()):
            yield child
            yield from self._below(child)

    def _nearest(self, longitude: float, latitude: float) -> str:
        leaves = [p for p in self._places.values() if not self._children.get(p.code)]
        return min(leaves, key=lambda p: _distance2(p, longitude, latitude)).code

    def _keys(self, name: str) -> Iterable[str]:
        yield name
        plain = normalise(name)
        yield plain
        for word in self.country.get("words", {}).get("en", ()):
            if plain.endswith(normalise(word)):
                yield plain.removesuffix(normalise(word))

    def _near(self, name: str) -> tuple[str, ...]:
        keys = difflib.get_close_matches(normalise(name), self._names, n=5, cutoff=0.6)
        codes = dict.fromkeys(code for key in keys for code in self._names[key])
        return tuple(self._label(code) for code in list(codes)[:5])

    def _label(self, code: str) -> str:
        name = self._places[code].name
        return f"{code} {name.zh} {name.en}" if name.zh != name.en else f"{code} {name.en}"

    def _unknown_code(self, code: str) -> UnknownPlace:
        near = difflib.get_close_matches(str(code), self._places, n=3, cutoff=0.8)
        return UnknownPlace(code, [self._label(c) for c in near], _REPLACED)

    def _rank(self, level: str) -> int:
        if level not in self.levels:
            raise BadParameter("level", level, _LEVELS.fill(levels=", ".join(self.levels)))
        return self.levels.index(level)


_LOOK_UP = Text(
    zh="请写全称或简称，或改用行政区划代码。", en="Write the full or short name, or use the code."
)
_REPLACED = Text(
    zh="代码可能属于其他年份：可用 successors(code) 对照。",
    en="The code may be of another year: try successors(code).",
)
_LEVELS = Text(zh="可用的级别：{levels}。", en="the levels are {levels}.")
_OUTSIDE = Text(
    zh="该点不在任何边界 20 千米之内：请核对坐标，先经度后纬度。",
    en="The point is not within 20 km of any boundary: check it; longitude comes first.",
)


def _distance2(place: Place, longitude: float, latitude: float) -> float:
    shrink = math.cos(math.radians(latitude))
    east = (place.longitude - longitude + 180) % 360 - 180
    return (east * shrink) ** 2 + (place.latitude - latitude) ** 2


@lru_cache
def china() -> Gazetteer:
    """Give the gazetteer of China."""
    return load(reference_path("places/china"))


def load(folder: Path) -> Gazetteer:
    """Read the gazetteer of a country from a folder of tables.

    Raises
    ------
    BadInput
        With every fault of the tables.
    """
    tables = read(folder)
    places = {row["code"]: _place(row) for row in tables.places.iter_rows(named=True)}
    children: dict[str, list[str]] = {}
    for place in places.values():
        if place.parent is not None:
            children.setdefault(place.parent, []).append(place.code)
    return Gazetteer(
        folder=folder,
        country=tables.country,
        frame=tables.places,
        crosswalk=tables.crosswalk,
        boundaries=Boundaries(
            folder=folder,
            country=tables.country,
            leaves=tuple(code for code in places if code not in children),
            codes=tables.boundary_codes,
        ),
        _places=places,
        _children={code: tuple(below) for code, below in children.items()},
        _names=index_names(tables.places, tables.crosswalk, tables.country["country"]["levels"]),
    )


def _place(row: Mapping[str, Any]) -> Place:
    return Place(
        code=row["code"],
        level=row["level"],
        name=Text(zh=row["name_zh"], en=row["name_en"]),
        short_name=Text(zh=row["name_short_zh"], en=row["name_short_en"]),
        parent=row["parent"],
        longitude=row["longitude"],
        latitude=row["latitude"],
        population=row["population"],
        counted=row["counted"],
    )
