"""Write areas that share borders as TopoJSON: every border once."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import shapely

GRID = 0.1  # kilometres

Point = tuple[int, int]
Arc = tuple[Point, ...]


def encode(
    areas: Mapping[str, Any], groups: Mapping[str, str], lines: Any = None
) -> dict[str, Any]:
    """Give areas on the plane as a TopoJSON topology.

    Objects: ``units``, a feature for each area with the property ``code``; ``outline``, the
    borders between areas of different groups and towards the outside; ``lines``, further lines as
    they are. Coordinates are whole steps of 100 m, so a border common to two areas stays common.

    Parameters
    ----------
    areas
        Polygons by code, kilometres.
    groups
        The group of each code, such as its province.
    lines
        Lines to be drawn with the areas.

    References
    ----------
    Bostock, M. & Metcalf, C. (2012). The TopoJSON format specification, version 1.0, sections
    2.1.3 (arcs, delta-encoded), 2.1.4 (arc indexes, reversed arcs as ones' complement).

    Examples
    --------
    >>> pair = {"a": shapely.box(0, 0, 1, 1), "b": shapely.box(1, 0, 2, 1)}
    >>> made = encode(pair, {"a": "A", "b": "A"})
    >>> len(made["arcs"])  # one common border, two outer ones
    3
    >>> len(made["objects"]["outline"]["arcs"])
    2
    """
    rings = {code: [_rings(part) for part in shapely.get_parts(a)] for code, a in areas.items()}
    kept = {code: [part for part in parts if part] for code, parts in rings.items()}
    crossings = _crossings(ring for parts in kept.values() for part in parts for ring in part)
    arcs = _Arcs(crossings)
    geometries = [_unit(code, parts, arcs) for code, parts in kept.items() if parts]
    drawn = [arcs.line(part) for part in shapely.get_parts(lines)] if lines is not None else []
    objects = {
        "units": {"type": "GeometryCollection", "geometries": geometries},
        "outline": {"type": "MultiLineString", "arcs": arcs.between(groups)},
        "lines": {"type": "MultiLineString", "arcs": drawn},
    }
    return {
        "type": "Topology",
        "transform": {"scale": [GRID, GRID], "translate": [0.0, 0.0]},
        "objects": objects,
        "arcs": [_deltas(arc) for arc in arcs.stored],
    }


class _Arcs:
    """The arcs met so far, each stored once, with the areas on its sides."""

    def __init__(self, crossings: frozenset[Point]) -> None:
        self.stored: list[Arc] = []
        self.sides: dict[int, set[str]] = {}
        self._crossings = crossings
        self._known: dict[Arc, int] = {}

    def ring(self, ring: Arc, code: str) -> list[int]:
        """Give the arc indexes of a closed ring of an area."""
        cuts = [i for i, point in enumerate(ring[:-1]) if point in self._crossings]
        if not cuts:  # an island, or an enclave: start where its twin would start
            first = ring.index(min(ring))
            turned = ring[first:-1] + ring[: first + 1]
            return [self._index(turned, code)]
        turned = ring[cuts[0] : -1] + ring[: cuts[0] + 1]
        ends = [cut - cuts[0] for cut in cuts] + [len(ring) - 1]
        return [
            self._index(turned[a : b + 1], code) for a, b in zip(ends[:-1], ends[1:], strict=True)
        ]

    def line(self, line: Any) -> list[int]:
        """Give the arc index of a line that bounds no area."""
        return [self._index(_on_grid(line), None)]

    def between(self, groups: Mapping[str, str]) -> list[list[int]]:
        """Give the arcs with one area, or areas of two groups, on their sides."""
        return [
            [index]
            for index, codes in self.sides.items()
            if len(codes) == 1 or len({groups[code] for code in codes}) > 1
        ]

    def _index(self, arc: Arc, code: str | None) -> int:
        back = arc[::-1]
        forward = arc <= back
        key = arc if forward else back
        if key not in self._known:
            self._known[key] = len(self.stored)
            self.stored.append(key)
        index = self._known[key]
        if code is not None:
            self.sides.setdefault(index, set()).add(code)
        return index if forward else ~index


def _unit(code: str, parts: list[list[Arc]], arcs: _Arcs) -> dict[str, Any]:
    polygons = [[arcs.ring(ring, code) for ring in part] for part in parts]
    return {"type": "MultiPolygon", "properties": {"code": code}, "arcs": polygons}


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
