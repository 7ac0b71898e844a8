"""The map of tiers: every unit with hatch and colour, those that moved outlined."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any
from xml.sax.saxutils import escape

import altair as alt
from shapely import get_parts
from shapely.geometry import shape

from tongchou.morning.documents.fit import ems
from tongchou.morning.documents.ink import BLACK, FAINT, FONT, PAPER, TIER_INK, UNKNOWN, draw
from tongchou.morning.order import TierBoard
from tongchou.morning.words import TIER_LETTERS, TIER_NAMES, word
from tongchou.vocabulary import shapes as areas
from tongchou.vocabulary.places import Gazetteer
from tongchou.vocabulary.text import Lang

Topology = Mapping[str, Any]
Feature = dict[str, Any]

MAP_SIZE = (430, 310)
LETTERED = 120
"""Above this many units the letters on the map would hide it; hatch and table remain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """The geography of the map: TopoJSON topologies in plane coordinates, north upwards.

    ``units`` and ``outline`` are the map, ``inset_units`` and ``inset_outline`` the box beside it
    (the South China Sea islands), left out where it is empty.
    """

    units: Topology
    outline: Topology
    inset_units: Topology
    inset_outline: Topology


def shapes_of(units: Sequence[str], outlines: Sequence[str], gazetteer: Gazetteer) -> Shapes:
    """Give the geography of an order: areas of ``units``, borders of ``outlines`` over them."""
    return Shapes(
        units=areas.shapes(units, gazetteer=gazetteer),
        outline=areas.outline(outlines, gazetteer=gazetteer),
        inset_units=areas.shapes(units, gazetteer=gazetteer, part="inset"),
        inset_outline=areas.outline(outlines, gazetteer=gazetteer, part="inset"),
    )


def features(topology: Topology, name: str) -> list[Feature]:
    """Give the features of one object of a topology as GeoJSON.

    References
    ----------
    Bostock, M. & Metcalf, C. (2012). The TopoJSON format specification, sections 2.1.3, 2.1.4.
    """
    (kx, ky), (dx, dy) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        xs = accumulate(step[0] for step in arc)
        ys = accumulate(step[1] for step in arc)
        arcs.append([(x * kx + dx, y * ky + dy) for x, y in zip(xs, ys, strict=True)])

    def line(indexes: Sequence[int]) -> list[tuple[float, float]]:
        points: list[tuple[float, float]] = []
        for index in indexes:
            arc = arcs[index] if index >= 0 else arcs[~index][::-1]
            points += arc[1:] if points else arc
        return points

    def feature(geometry: Mapping[str, Any]) -> Feature:
        if geometry["type"] == "MultiPolygon":
            coordinates: Any = [[line(ring) for ring in part] for part in geometry["arcs"]]
        else:
            coordinates = [line(part) for part in geometry["arcs"]]
        return {
            "type": "Feature",
            **geometry["properties"],
            "geometry": {"type": geometry["type"], "coordinates": coordinates},
        }

    return [feature(g) for g in topology["objects"][name]["geometries"] if g["arcs"]]


def map_svg(board: TierBoard, shapes: Shapes, lang: Lang) -> str:
    """Draw the tiers of the units, hatch and colour, with those moved since yesterday outlined.

    Parameters
    ----------
    board
        The tiers; a unit without a shape is in the table all the same.
    shapes
        Plane geography; shapes of units that the board does not hold stay unpainted.
    lang
        Language of the letters and of the inset's name.
    """
    units = _painted(features(shapes.units, "units"), board, lang)
    drawn = _layers(units, features(shapes.outline, "outline"), board, MAP_SIZE, lang)
    inset = _painted(features(shapes.inset_units, "units"), board, lang)
    if not inset:
        return drawn
    lines = features(shapes.inset_outline, "outline")
    return _with_inset(drawn, _layers(inset, lines, board, (58, 74), None), lang)


def _painted(units: list[Feature], board: TierBoard, lang: Lang) -> list[Feature]:
    rows = {row.place: row for row in board.rows}
    for unit in units:
        row = rows.get(unit["code"])
        unit["tier"] = row.tier if row else ""
        unit["title"] = f"{row.name[lang]} · {TIER_NAMES[row.tier][lang]}" if row else ""
    return units


def _layers(
    units: list[Feature],
    lines: list[Feature],
    board: TierBoard,
    size: tuple[int, int],
    lettered: Lang | None,
) -> str:
    moved = {*board.moved_up, *board.moved_down}
    data = {
        "units": units,
        "moved": [u for u in units if u["code"] in moved],
        "lines": lines,
        "letters": _letters(units, lettered),
    }
    colour = alt.Fill(
        "tier:N",
        legend=None,
        scale=alt.Scale(domain=[*TIER_INK, ""], range=[*TIER_INK.values(), UNKNOWN]),
    )
    thin = 0.5 if len(units) <= 400 else 0.15
    heavy = 0.4 if lettered is None else 1.6 if len(units) <= 400 else 0.9
    base = alt.Chart(alt.NamedData("units")).mark_geoshape(stroke=PAPER, strokeWidth=thin)
    border = alt.Chart(alt.NamedData("lines"))
    change = alt.Chart(alt.NamedData("moved"))
    at = {"longitude": "x:Q", "latitude": "y:Q", "text": "letter:N"}
    letter = alt.Chart(alt.NamedData("letters")).encode(**at)
    points = 13 if len(data["letters"]) <= 40 else 9
    chart = alt.layer(
        base.encode(fill=colour, description="title:N"),
        border.mark_geoshape(filled=False, stroke=FAINT, strokeWidth=0.6),
        change.mark_geoshape(filled=False, stroke=BLACK, strokeWidth=heavy),
        letter.mark_text(
            fontSize=points, fontWeight="bold", fill=BLACK, stroke=PAPER, strokeWidth=2.4
        ),
        letter.mark_text(fontSize=points, fontWeight="bold", fill=BLACK),
    )
    chart = chart.project(type="identity", reflectY=True)
    return draw(chart.properties(width=size[0], height=size[1]), data)


def _letters(units: list[Feature], lang: Lang | None) -> list[Feature]:
    """Give the letters of the units that are not low, each at a point inside its largest part."""
    if lang is None or len(units) > LETTERED:
        return []
    found = []
    for unit in units:
        if unit["tier"] in ("medium", "high"):
            parts = get_parts(shape(unit["geometry"]))
            at = max(parts, key=lambda part: part.area).representative_point()
            found.append({"x": at.x, "y": at.y, "letter": TIER_LETTERS[unit["tier"]][lang]})
    return found


def _with_inset(svg: str, inner: str, lang: Lang) -> str:
    """Set the inset beside the lower right corner, in a frame with its name, covering nothing."""
    size = r'width="([\d.]+)" height="([\d.]+)" viewBox="0 0 [\d.]+ [\d.]+"'
    found = re.search(size, svg)
    wide, high = (float(n) for n in found.groups()) if found else (437.0, 334.0)
    x, y = wide, high - 98
    wide += 70
    svg = re.sub(
        size,
        f'width="{wide:.0f}" height="{high:.0f}" viewBox="0 0 {wide:.0f} {high:.0f}"',
        svg,
        count=1,
    )
    name = word("inset", lang)
    points = min(7.5, 60 / ems(name))
    frame = (
        f'<g><rect x="{x:.0f}" y="{y:.0f}" width="66" height="94" fill="{PAPER}" stroke="{FAINT}" stroke-width=".8"/>'
        f'<svg x="{x + 2:.0f}" y="{y + 2:.0f}"{inner[inner.index("<svg") + 4 :]}'
        f'<text x="{x + 33:.0f}" y="{y + 90:.0f}" text-anchor="middle" font-size="{points:.1f}" font-family="{FONT}" fill="{BLACK}">{name}</text></g>'
    )
    return f"{svg.removesuffix('</svg>')}{frame}</svg>"


def tiles(board: TierBoard, lang: Lang) -> str:
    """Draw one tile a unit where no boundary is known, in order of place, moved ones outlined."""
    across = max(1, round(len(board.rows) ** 0.5 * 1.2))
    size = 430 / across
    moved = {*board.moved_up, *board.moved_down}
    body = []
    for i, row in enumerate(sorted(board.rows, key=lambda r: r.path)):
        x, y = (i % across) * size, (i // across) * size
        heavy = f'stroke="{BLACK}" stroke-width="2"' if row.place in moved else f'stroke="{PAPER}"'
        title = escape(f"{row.name[lang]} · {TIER_NAMES[row.tier][lang]}")
        body.append(
            f'<g><title>{title}</title><rect x="{x + 1.5:.1f}" y="{y + 1.5:.1f}" width="{size - 3:.1f}" height="{size - 3:.1f}" fill="{TIER_INK[row.tier]}" {heavy}/></g>'
        )
    rows = -(-len(board.rows) // across)
    return f'<svg width="430" height="{rows * size:.0f}" viewBox="0 0 430 {rows * size:.0f}" xmlns="http://www.w3.org/2000/svg">{"".join(body)}</svg>'


def swatch(tier: str) -> str:
    """Give the key of one tier: a small field in its hatch."""
    return f'<svg class="swatch" viewBox="0 0 18 12" aria-hidden="true"><rect x=".5" y=".5" width="17" height="11" fill="url(#hatch-{tier})" stroke="var(--faint)" stroke-width=".6"/></svg>'
