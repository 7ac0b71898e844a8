"""Boundaries of places: read from their provider, put on the plane, simplified together.

The provider (a package or a file in the country's folder) is named in ``country.toml``. What is
computed from it is kept under the user's cache directory (``TONGCHOU_CACHE`` puts it elsewhere),
under a name made of the provider's version and all parameters, so nothing there grows stale; the
directory may be deleted at any time.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import polars as pl
import pyproj
import shapely
from numpy.typing import NDArray

from tongchou.vocabulary.errors import BadInput, Fault, MissingData
from tongchou.vocabulary.text import Text

LAYOUT = 1  # raise when the layout of a cached file changes
REACH_METRES = 20_000.0

Geometries = dict[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class Boundaries:
    """Boundaries of the undivided units of one country, read when first asked for."""

    folder: Path
    country: Mapping[str, Any]
    leaves: tuple[str, ...]
    codes: Mapping[str, str]

    @property
    def available(self) -> bool:
        """Say whether the country has boundaries at all."""
        return "boundaries" in self.country

    def leaf_at(self, longitude: float, latitude: float) -> tuple[str | None, bool]:
        """Give the unit at a point, and whether the point is inside its boundary.

        A point outside all boundaries belongs to the nearest within 20 km, else to none.
        """
        if abs(longitude) > 180 or abs(latitude) > 90:
            return None, False
        codes, shapes, tree = self._tree
        here = shapely.Point(longitude, latitude)
        inside = tree.query(here, predicate="intersects")
        if len(inside):
            return codes[int(min(inside))], True
        nearest = int(tree.nearest(here))
        there = shapely.shortest_line(here, shapes[nearest])
        away = pyproj.Geod(ellps="GRS80").geometry_length(there)
        return (codes[nearest], False) if away <= REACH_METRES else (None, False)

    def adjacent(self, leaf: str) -> frozenset[str]:
        """Give the units that share a line with a unit; a common corner is not enough."""
        return self._adjacency.get(leaf, frozenset())

    @lru_cache(maxsize=4)  # noqa: B019 - one object per country lives as long as the programme
    def plane(self, tolerance_km: float) -> Geometries:
        """Give the simplified boundaries on the plane, kilometres, to tenths.

        Neighbours are simplified together (a common line stays common), by the area of the
        triangle that a vertex spans: what is smaller than ``tolerance_km`` squared goes.
        """
        return self._kept(f"plane-{tolerance_km:g}", lambda: self._simplified(tolerance_km))

    @cached_property
    def lines(self) -> Any:
        """Give the line features of the provider that belong to no unit, on the plane, km."""
        rule = self.country.get("lines")
        if rule is None:
            return shapely.MultiLineString()
        found = [
            shapely.geometry.shape(f["geometry"])
            for f in json.loads(self._source(rule["file"]))["features"]
            if not f["properties"].get(self.country["boundaries"]["code_property"])
        ]
        kept = [line for line in found if line.bounds[1] < rule["reaching_south_of"]]
        return _rounded(self.project(shapely.union_all(kept)))

    def project(self, degrees: Any) -> Any:
        """Put geometries in degrees on the plane of the map, in kilometres."""
        crs = self.country["plane"]
        plane = pyproj.Transformer.from_crs(crs["boundary_crs"], crs["crs"], always_xy=True)

        def to_plane(xy: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.column_stack(plane.transform(xy[:, 0], xy[:, 1])) / 1000.0

        return shapely.transform(degrees, to_plane)

    @cached_property
    def degrees(self) -> Geometries:
        """Give the boundaries as the provider draws them, in degrees."""
        return self._kept("degrees", self._read)

    @cached_property
    def _tree(self) -> tuple[list[str], list[Any], shapely.STRtree]:
        shapes = list(self.degrees.values())
        return list(self.degrees), shapes, shapely.STRtree(shapes)

    @cached_property
    def _adjacency(self) -> dict[str, frozenset[str]]:
        def pairs() -> dict[str, Any]:
            codes = list(self.degrees)
            found = sorted(shared_lines(list(self.degrees.values())))
            return {"a": [codes[a] for a, _ in found], "b": [codes[b] for _, b in found]}

        beside: dict[str, set[str]] = {}
        for a, b in self._table("adjacent", pairs).iter_rows():
            beside.setdefault(a, set()).add(b)
            beside.setdefault(b, set()).add(a)
        return {code: frozenset(others) for code, others in beside.items()}

    def _simplified(self, tolerance_km: float) -> Geometries:
        shapes = self.project(np.array(list(self.degrees.values()), dtype=object))
        simple = shapely.orient_polygons(shapely.coverage_simplify(shapes, tolerance_km))
        return dict(zip(self.degrees, simple, strict=True))

    def _read(self) -> Geometries:
        """Read the provider's features and join those of one unit."""
        rule = self._rule
        known, parts = frozenset(self.leaves), dict[str, list[Any]]()
        strange = []
        for feature in json.loads(self._source(rule["file"]))["features"]:
            given = str(feature["properties"].get(rule["code_property"]) or "")
            if not given:
                continue  # a line, not a unit
            code = given.removeprefix(rule.get("code_prefix", ""))
            code = self.codes.get(code, code)
            if code not in known:
                strange.append(code)
                continue
            parts.setdefault(code, []).append(shapely.geometry.shape(feature["geometry"]))
        missing = sorted(set(self.leaves) - set(parts))
        if strange or missing:
            raise BadInput(
                [_fault(rule["file"], code, _STRANGE) for code in strange]
                + [_fault(rule["file"], code, _NO_SHAPE) for code in missing]
            )
        return {
            code: shapes[0] if len(shapes) == 1 else shapely.coverage_union_all(shapes)
            for code, shapes in sorted(parts.items())
        }

    @property
    def _rule(self) -> Mapping[str, Any]:
        if not self.available:
            raise MissingData("boundaries", Text(zh="地图和相邻关系", en="map or neighbourhood"))
        found: Mapping[str, Any] = self.country["boundaries"]
        return found

    def _source(self, file: str) -> bytes:
        package = self._rule.get("package")
        if package is None:
            return (self.folder / file).read_bytes()
        return files(package).joinpath(file).read_bytes()

    @cached_property
    def digest(self) -> str:
        """Give what the boundaries depend on as one short word."""
        rule = self._rule
        if "distribution" in rule:
            provider = f"{rule['distribution']} {version(rule['distribution'])}"
        else:
            provider = hashlib.sha256(self._source(rule["file"])).hexdigest()
        known = [LAYOUT, provider, rule, self.country["plane"], self.leaves, dict(self.codes)]
        text = json.dumps(known, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _kept(self, name: str, make: Callable[[], Geometries]) -> Geometries:
        """Take geometries from the cache, or make them and put them there."""

        def rows() -> dict[str, Any]:
            made = make()
            return {"code": list(made), "wkb": shapely.to_wkb(list(made.values()))}

        table = self._table(name, rows)
        return dict(zip(table["code"], shapely.from_wkb(table["wkb"].to_numpy()), strict=True))

    def _table(self, name: str, make: Callable[[], dict[str, Any]]) -> pl.DataFrame:
        file = cache_folder() / "boundaries" / f"{self.digest}-{name}.parquet"
        if not file.is_file():
            write_whole(file, lambda path: pl.DataFrame(make()).write_parquet(path))
        return pl.read_parquet(file)


def cache_folder() -> Path:
    """Give the folder for what can be computed again."""
    chosen = os.environ.get("TONGCHOU_CACHE")
    return Path(chosen) if chosen else platformdirs.user_cache_path("tongchou")


def write_whole(file: Path, write: Callable[[Path], object]) -> None:
    """Write a file that is there whole or not at all, whoever else is writing it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        write(part)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def shared_lines(shapes: list[Any]) -> set[tuple[int, int]]:
    """Give the pairs of shapes that have an edge (two successive vertices) in common.

    >>> square = shapely.box(0, 0, 1, 1)
    >>> shared_lines([square, shapely.box(1, 0, 2, 1), shapely.box(2, 1, 3, 2)])
    {(0, 1)}
    """
    rings, owner_of_ring = _rings(shapes)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same_ring = ring[1:] == ring[:-1]
    start, end = xy[:-1][same_ring], xy[1:][same_ring]
    owner = owner_of_ring[ring[:-1][same_ring]]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    start[swap], end[swap] = end[swap], start[swap].copy()
    edges = np.column_stack([start, end])
    order = np.lexsort(edges.T)
    edges, owner = edges[order], owner[order]
    meet = (edges[1:] == edges[:-1]).all(axis=1) & (owner[1:] != owner[:-1])
    pairs = np.sort(np.column_stack([owner[:-1], owner[1:]])[meet], axis=1)
    return {(int(a), int(b)) for a, b in np.unique(pairs, axis=0)}


def _rings(shapes: list[Any]) -> tuple[Any, NDArray[np.int64]]:
    parts, owner = shapely.get_parts(np.array(shapes, dtype=object), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    return rings, owner[part]


def _rounded(geometry: Any) -> Any:
    return shapely.transform(geometry, lambda xy: np.round(xy, 1))


def _fault(file: str, code: str, problem: Text) -> Fault:
    return Fault(file=file, value=code, problem=problem, remedy=_REMEDY)


_STRANGE = Text(
    zh="places.csv 中没有不再划分的这一单位。", en="places.csv has no undivided unit of this code."
)
_NO_SHAPE = Text(zh="该单位没有边界。", en="This unit has no boundary.")
_REMEDY = Text(
    zh="请在 boundary_codes.csv 中对照代码，或更正 places.csv。",
    en="Match the codes in boundary_codes.csv or correct places.csv.",
)
