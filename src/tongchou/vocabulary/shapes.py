"""Maps: any set of places as one consistent set of areas on the plane.

What :func:`shapes` gives is a TopoJSON topology in kilometres on the plane of the country's maps.
Draw it with Vega-Lite as it stands, under ``projection: {type: identity, reflectY: true}``; a
spherical projection would take the plane for degrees.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any, Literal

import numpy as np
import shapely

from tongchou.vocabulary.boundaries import LAYOUT, cache_folder, write_whole
from tongchou.vocabulary.places import Gazetteer, Place
from tongchou.vocabulary.topology import encode, encode_outline

Part = Literal["main", "inset"]
VERTICES_ACROSS = 1000.0  # a detail finer than a thousandth of the map's width is not drawn


def shapes(
    units: str | Iterable[str], *, gazetteer: Gazetteer, part: Part = "main"
) -> dict[str, Any]:
    """Give places as areas of a map: a TopoJSON topology on the plane, kilometres.

    The object ``units`` holds a feature for each place, with the property ``code``.

    Parameters
    ----------
    units
        A level, for all its units and those that stand in for them; or codes, of any levels and
        any year. Each undivided unit is drawn with the nearest place above it that was asked for.
        A unit younger than the codes asked for is drawn with the one it was taken from, where
        the codes name units beside it; so the units of 2020 give a map without holes.
    gazetteer
        The country.
    part
        The map itself, or the box with what lies south of it. The box is empty for units that
        have nothing there, and for countries whose folder names none.

    Examples
    --------
    >>> from tongchou.vocabulary.places import china
    >>> hubei = shapes([p.code for p in china().children("420000")], gazetteer=china())
    >>> len(hubei["objects"]["units"]["geometries"])
    17
    """
    codes = _codes(units, gazetteer)
    return _kept("areas", codes, gazetteer, part, lambda: encode(_areas(codes, gazetteer, part)[0]))


def outline(
    units: str | Iterable[str], *, gazetteer: Gazetteer, part: Part = "main"
) -> dict[str, Any]:
    """Give the borders of places, each once, to be drawn over the areas of smaller ones.

    The object ``outline`` holds a feature of ``kind`` ``border`` and, where the provider has lines
    that belong to no unit (the dashes in the South China Sea), one of ``kind`` ``line``. Arguments
    are those of :func:`shapes`. Borders lie exactly on those of :func:`shapes` when both cover the
    same country.
    """
    codes = _codes(units, gazetteer)
    return _kept(
        "outline", codes, gazetteer, part, lambda: encode_outline(*_areas(codes, gazetteer, part))
    )


def without_shape(units: Iterable[str], *, gazetteer: Gazetteer) -> tuple[str, ...]:
    """Give the codes that no area would bear: their land is drawn under another code asked for.

    That happens to codes of another year that were merged since.

    >>> from tongchou.vocabulary.places import china
    >>> without_shape(["330103", "330105"], gazetteer=china())  # one district since 2021
    ('330103',)
    """
    codes = tuple(dict.fromkeys(units))
    drawn = set(_drawn_as(codes, gazetteer).values())
    return tuple(code for code in codes if code not in drawn)


def _codes(units: str | Iterable[str], gazetteer: Gazetteer) -> tuple[str, ...]:
    if isinstance(units, str):
        return tuple(p.code for p in gazetteer.reporting_units(units, counted=False))
    return tuple(dict.fromkeys(units))


def _kept(
    kind: str,
    codes: tuple[str, ...],
    gazetteer: Gazetteer,
    part: Part,
    make: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """Take a map from the cache, or make it and put it there."""
    rules = {k: gazetteer.country.get(k) for k in ("plane", "inset", "lines")}
    changes = [(s.old_code, s.new_code) for s in gazetteer.crosswalk.rows]
    tree = gazetteer.frame.select("code", "level", "parent").rows()
    asked = json.dumps(
        [gazetteer.boundaries.digest, LAYOUT, kind, codes, part, rules, changes, tree], default=str
    )
    name = hashlib.sha256(asked.encode()).hexdigest()[:24]
    file = cache_folder() / "maps" / f"{name}.json"
    if file.is_file():
        found: dict[str, Any] = json.loads(file.read_bytes())
        return found
    made = make()
    text = json.dumps(made, separators=(",", ":"))
    write_whole(file, lambda path: path.write_text(text, encoding="utf-8"))
    return made


def _areas(codes: tuple[str, ...], gazetteer: Gazetteer, part: Part) -> tuple[dict[str, Any], Any]:
    """Give areas by code and the lines that belong to no unit."""
    groups: dict[str, list[str]] = {}
    for leaf, code in _drawn_as(codes, gazetteer).items():
        groups.setdefault(code, []).append(leaf)
    plane = _plane([leaf for leaves in groups.values() for leaf in leaves], gazetteer)
    areas = {
        code: shapely.coverage_union_all([plane[leaf] for leaf in leaves])
        for code, leaves in groups.items()
    }
    if "inset" not in gazetteer.country:
        return (areas, _within(gazetteer.boundaries.lines, areas)) if part == "main" else ({}, None)
    return _part(areas, gazetteer.boundaries.lines, gazetteer, part)


def _plane(leaves: list[str], gazetteer: Gazetteer) -> dict[str, Any]:
    """Give the boundaries at the detail that a map of these units can show."""
    tolerances = sorted(gazetteer.country["plane"]["tolerances_km"])
    coarsest = gazetteer.boundaries.plane(tolerances[-1])
    finest = _width([coarsest[leaf] for leaf in leaves]) / VERTICES_ACROSS
    return gazetteer.boundaries.plane(next((t for t in tolerances if t >= finest), tolerances[-1]))


def _drawn_as(codes: tuple[str, ...], gazetteer: Gazetteer) -> dict[str, str]:
    """Give, for each undivided unit that is drawn, the code asked for that it is drawn under."""
    asked = {code: code for code in codes if code in gazetteer}
    for code in codes:
        if code not in gazetteer:
            asked.setdefault(gazetteer.resolve(code).code, code)
    places = [gazetteer.place(code) for code in asked]
    families = {(p.parent, p.level) for p in places}
    found: dict[str, str] = {}
    for leaf in gazetteer.leaves(gazetteer.nation.code):
        line = _line(leaf, gazetteer)
        if not any(code in asked for code in line) and (leaf.parent, leaf.level) in families:
            line = _former_line(leaf, gazetteer)
        holder = next((code for code in line if code in asked), None)
        if holder is not None:
            found[leaf.code] = asked[holder]
    return found


def _line(place: Place, gazetteer: Gazetteer) -> list[str]:
    return [place.code, *(p.code for p in gazetteer.ancestors(place.code))]


def _former_line(place: Place, gazetteer: Gazetteer) -> list[str]:
    """Give the line of the place that a younger one was taken from."""
    former = [s.old_code for s in gazetteer.predecessors(place.code) if s.old_code != place.code]
    known = [code for code in former if code in gazetteer]
    return _line(gazetteer.place(known[0]), gazetteer) if known else []


def _width(areas: list[Any]) -> float:
    if not areas:
        return 0.0
    west, south, east, north = shapely.total_bounds(np.array(areas, dtype=object))
    return float(max(east - west, north - south))


def _part(
    areas: dict[str, Any], lines: Any, gazetteer: Gazetteer, part: Part
) -> tuple[dict[str, Any], Any]:
    """Divide areas and lines between the map and its inset."""
    rule = gazetteer.country["inset"]
    project = gazetteer.boundaries.project
    west, south, east, north = rule["box"]
    end = rule["main_ends_south_at"]
    beyond = project(shapely.segmentize(shapely.box(west - 30, south - 20, east + 30, end), 0.5))
    whole = {code: shapely.get_parts(area) for code, area in areas.items()}
    far = {code: shapely.covered_by(parts, beyond) for code, parts in whole.items()}
    if part == "main":
        near = {code: parts[~far[code]] for code, parts in whole.items()}
        kept = {code: shapely.multipolygons(parts) for code, parts in near.items() if len(parts)}
        return kept, _within(shapely.difference(lines, beyond), kept)
    if not any(there.any() for there in far.values()):
        return {}, None
    box = project(shapely.segmentize(shapely.box(west, south, east, north), 0.25))
    cut = {code: _areal(shapely.intersection(area, box)) for code, area in areas.items()}
    return {code: a for code, a in cut.items() if not a.is_empty}, shapely.intersection(lines, box)


def _within(lines: Any, areas: dict[str, Any]) -> Any:
    """Keep the lines inside the frame of the areas, so that they do not widen the map."""
    if not areas:
        return None
    frame = shapely.total_bounds(np.array(list(areas.values()), dtype=object))
    return shapely.intersection(lines, shapely.box(*frame))


def _areal(geometry: Any) -> Any:
    """Keep the polygons of a cut, which may leave stray lines and points too."""
    parts = shapely.get_parts(geometry)
    return shapely.multipolygons(parts[shapely.get_dimensions(parts) == 2])
