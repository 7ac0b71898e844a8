"""Write areas that share borders as TopoJSON: every border once."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

GRID = 0.1  # kilometres

Point = tuple[int, int]
Arc = tuple[Point, ...]


def encode(areas: Mapping[str, Any]) -> dict[str, Any]:
    """Give areas on the plane as a TopoJSON topology.

    The object ``units`` holds a feature for each area with the property ``code``. Coordinates are
    whole steps of 100 m, so a border common to two areas stays common.

    Parameters
    ----------
    areas
        Polygons by code, kilometres.

    References
    ----------
    Bostock, M. & Metcalf, C. (2012). The TopoJSON format specification, version 1.0, sections
    2.1.3 (arcs, delta-encoded), 2.1.4 (arc indexes, reversed arcs as ones' complement).

    Examples
    --------
    >>> made = encode({"a": shapely.box(0, 0, 1, 1), "b": shapely.box(1, 0, 2, 1)})
    >>> len(made["arcs"])  # one common border, two outer ones
    3
    """
    arcs, units = _cut(areas)
    geometries = [
        {"type": "MultiPolygon", "properties": {"code": code}, "arcs": polygons}
        for code, polygons in units.items()
    ]
    return _topology(arcs, "units", geometries)


def encode_outline(areas: Mapping[str, Any], lines: Any = None) -> dict[str, Any]:
    """Give the borders of areas, each once, as a TopoJSON topology.

    The object ``outline`` holds a feature with the property ``kind`` = ``border``, and one with
    ``kind`` = ``line`` for further lines to be drawn with them.
    """
    arcs, _ = _cut(areas)
    features = [_lines("border", [[index] for index in range(len(arcs.stored))])]
    if lines is not None and not lines.is_empty:
        features.append(_lines("line", [arcs.line(part) for part in shapely.get_parts(lines)]))
    return _topology(arcs, "outline", features)


class _Arcs:
    """The arcs met so far, each stored once."""

    def __init__(self, crossings: frozenset[Point]) -> None:
        self.stored: list[Arc] = []
        self._crossings = crossings
        self._known: dict[Arc, int] = {}

    def ring(self, ring: Arc) -> list[int]:
        """Give the arc indexes of a closed ring of an area."""
        cuts = [i for i, point in enumerate(ring[:-1]) if point in self._crossings]
        if not cuts:  # an island, or an enclave: start where its twin would start
            first = ring.index(min(ring))
            turned = ring[first:-1] + ring[: first + 1]
            return [self._index(turned)]
        turned = ring[cuts[0] : -1] + ring[: cuts[0] + 1]
        ends = [cut - cuts[0] for cut in cuts] + [len(ring) - 1]
        return [self._index(turned[a : b + 1]) for a, b in pairwise(ends)]

    def line(self, line: Any) -> list[int]:
        """Give the arc index of a line that bounds no area."""
        return [self._index(_on_grid(line))]

    def _index(self, arc: Arc) -> int:
        back = arc[::-1]
        forward = arc <= back
        key = arc if forward else back
        if key not in self._known:
            self._known[key] = len(self.stored)
            self.stored.append(key)
        index = self._known[key]
        return index if forward else ~index


def _cut(areas: Mapping[str, Any]) -> tuple[_Arcs, dict[str, list[list[list[int]]]]]:
    """Cut the rings of all areas into arcs; give for each area its polygons as arc indexes."""
    found = {code: [_rings(part) for part in shapely.get_parts(a)] for code, a in areas.items()}
    kept = {code: [part for part in parts if part] for code, parts in found.items()}
    arcs = _Arcs(_crossings(r for parts in kept.values() for part in parts for r in part))
    units = {
        code: [[arcs.ring(ring) for ring in part] for part in parts]
        for code, parts in kept.items()
        if parts
    }
    return arcs, units


def _lines(kind: str, arcs: list[list[int]]) -> dict[str, Any]:
    return {"type": "MultiLineString", "properties": {"kind": kind}, "arcs": arcs}


def _topology(arcs: _Arcs, name: str, geometries: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": "Topology",
        "transform": {"scale": [GRID, GRID], "translate": [0.0, 0.0]},
        "objects": {name: {"type": "GeometryCollection", "geometries": geometries}},
        "arcs": [_deltas(arc) for arc in arcs.stored],
    }


def _rings(part: Any) -> list[Arc]:
    """Give the rings of a polygon on the grid, outer first; none where it is too small for it."""
    rings = [_on_grid(ring) for ring in shapely.get_rings(part)]
    whole = [ring for ring in rings if len(set(ring)) > 2]
    return whole if rings and len(set(rings[0])) > 2 else []


def _on_grid(line: Any) -> Arc:
    steps = np.round(shapely.get_coordinates(line) / GRID).astype(int)
    moved = np.ones(len(steps), dtype=bool)
    moved[1:] = (steps[1:] != steps[:-1]).any(axis=1)
    return tuple(map(tuple, steps[moved].tolist()))


def _crossings(rings: Iterable[Arc]) -> frozenset[Point]:
    """Give the points where borders part: met with different neighbours along the ring."""
    beside: dict[Point, frozenset[Point]] = {}
    found: set[Point] = set()
    for ring in rings:
        for before, point, after in zip((ring[-2], *ring[:-2]), ring[:-1], ring[1:], strict=True):
            pair = frozenset((before, after))
            if beside.setdefault(point, pair) != pair:
                found.add(point)
    return frozenset(found)


def _deltas(arc: Arc) -> list[list[int]]:
    steps = np.array(arc)
    steps[1:] = np.diff(np.array(arc), axis=0)
    return steps.tolist()  # type: ignore[no-any-return]
