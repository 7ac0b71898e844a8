"""The drawings of the order: tier map, epidemic curve with its fan, small lines of trend.

A drawing is made once by Vega-Lite and inked twice: for a page its colours become the variables
of the page's style sheet, so that one drawing serves light, dark and print; for Word they become
fixed colours and the drawing a PNG. Tiers are told apart by hatch as well as by colour.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import escape

import altair as alt
import polars as pl
import vl_convert as vlc

from tongchou.morning.order import Curve, TierBoard
from tongchou.morning.words import TIER_LETTERS, TIER_NAMES, word
from tongchou.vocabulary.text import Lang, estimate

Feature = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """The geography of the map as GeoJSON features in plane coordinates, north upwards.

    ``units`` carry their code as ``properties.code``; ``outlines`` are drawn above them as lines;
    ``inset`` is drawn in a frame of its own (the South China Sea islands on a national map).
    """

    units: Sequence[Feature]
    outlines: Sequence[Feature] = ()
    inset: Sequence[Feature] = ()


INK: Mapping[str, tuple[str, str]] = {
    "#010101": ("var(--ink)", "#1c1c1a"),
    "#010102": ("var(--faint)", "#8a887f"),
    "#010103": ("var(--hair)", "#d5d1c5"),
    "#010104": ("var(--reported)", "#8d8a80"),
    "#010105": ("var(--fan50)", "#9aaec2"),
    "#010106": ("var(--fan95)", "#d3dce5"),
    "#010107": ("var(--forecast)", "#1d4e79"),
    "#010108": ("var(--accent)", "#9c1c1c"),
    "#010109": ("var(--paper)", "#ffffff"),
    "#01010a": ("url(#hatch-low)", "url(#hatch-low)"),
    "#01010b": ("url(#hatch-medium)", "url(#hatch-medium)"),
    "#01010c": ("url(#hatch-high)", "url(#hatch-high)"),
    "#01010d": ("var(--unknown)", "#f4f2ec"),
}
"""Stand-in colour in the drawing, its ink on a page, its ink in a PNG."""

_INK, _FAINT, _HAIR, _REPORTED, _FAN50, _FAN95, _FORECAST, _ACCENT, _PAPER = list(INK)[:9]
_TIER_INK = dict(zip(("low", "medium", "high"), list(INK)[9:12], strict=True))
_UNKNOWN = "#01010d"

_HATCHES = {
    "low": '<rect width="6" height="6" fill="{low}"/>',
    "medium": '<rect width="6" height="6" fill="{medium}"/><path d="M-1.5 1.5l3-3M0 6l6-6M4.5 7.5l3-3" stroke="{medium_line}" stroke-width=".9"/>',
    "high": '<rect width="4" height="4" fill="{high}"/><path d="M0 0l4 4M4 0l-4 4" stroke="{high_line}" stroke-width=".7"/>',
}
_PAGE_HATCH = {
    "low": "var(--low)",
    "medium": "var(--medium)",
    "medium_line": "var(--medium-line)",
    "high": "var(--high)",
    "high_line": "var(--high-line)",
}
_PNG_HATCH = {
    "low": "#e9efe6",
    "medium": "#f0d493",
    "medium_line": "#8a6210",
    "high": "#a8322a",
    "high_line": "#f2c9c4",
}

LETTERED = 120
"""Above this many units the letters on the map would hide it; hatch and table remain."""


def _pattern(tier: str, ink: Mapping[str, str]) -> str:
    size = 4 if tier == "high" else 6
    body = _HATCHES[tier].format(**ink)
    return f'<pattern id="hatch-{tier}" width="{size}" height="{size}" patternUnits="userSpaceOnUse">{body}</pattern>'


def hatches(*, for_page: bool = True) -> str:
    """Give the SVG definitions of the three hatches, once for a page or once for a PNG."""
    ink = _PAGE_HATCH if for_page else _PNG_HATCH
    return f"<defs>{''.join(_pattern(tier, ink) for tier in _HATCHES)}</defs>"


def for_page(svg: str, text: str) -> str:
    """Ink a drawing for a page: variables of the style sheet, one image with a text for it."""
    svg = _inked(svg, 0)
    opening = f'<svg class="chart" role="img" aria-label="{escape(text, {chr(34): "&quot;"})}"'
    return re.sub(r'<svg(?: class="marks")? width="[\d.]+" height="[\d.]+"', opening, svg, count=1)


def for_word(svg: str) -> bytes:
    """Ink a drawing in fixed colours and give it as PNG, two pixels to the unit."""
    _register_fonts()
    body = re.sub(r"(<svg[^>]*>)", rf"\g<1>{hatches(for_page=False)}", _inked(svg, 1), count=1)
    return bytes(vlc.svg_to_png(body, scale=2.5))


def _inked(svg: str, which: int) -> str:
    return re.sub(r"#0101[0-9a-f]{2}", lambda m: INK[m.group()][which], svg)


@cache
def _register_fonts() -> None:
    found = find_spec("cvttf_NotoSansCJK_Regular")
    if found is not None and found.origin is not None:
        vlc.register_font_directory(str(Path(found.origin).parent))


_FONT = "Noto Sans CJK TC, Noto Sans CJK SC, sans-serif"


def _config() -> dict[str, object]:
    axis = {
        "labelColor": _INK,
        "titleColor": _INK,
        "domainColor": _FAINT,
        "tickColor": _FAINT,
        "gridColor": _HAIR,
        "gridWidth": 0.6,
        "labelFontSize": 10,
        "tickSize": 3,
    }
    return {
        "font": _FONT,
        "axis": axis,
        "view": {"stroke": None},
        "background": None,
        "padding": 2,
    }


def _draw(chart: alt.LayerChart | alt.Chart, data: Mapping[str, object]) -> str:
    spec = chart.to_dict()
    spec["datasets"] = data
    spec["config"] = _config()
    svg = str(vlc.vegalite_to_svg(spec))
    svg = re.sub(r' (?:role|aria-roledescription|aria-hidden|aria-label)="[^"]*"', "", svg)
    return re.sub(
        r'(?<=[ "MLZ,])-?\d+\.\d{2,}', lambda m: f"{float(m.group()):.1f}".removesuffix(".0"), svg
    )


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
    tiers = {row.place: row for row in board.rows}
    moved = {*board.moved_up, *board.moved_down}
    units = [_unit(f, tiers[_code(f)].tier) for f in shapes.units if _code(f) in tiers]
    rest = [_unit(f, "") for f in shapes.units if _code(f) not in tiers]
    known = [*rest, *units]
    data = {
        "units": known,
        "moved": [u for u in units if u["code"] in moved],
        "outlines": [{"type": "Feature", "geometry": f["geometry"]} for f in shapes.outlines],
    }
    colour = alt.Color(
        "tier:N",
        legend=None,
        scale=alt.Scale(domain=[*_TIER_INK, ""], range=[*_TIER_INK.values(), _UNKNOWN]),
    )
    thin = 0.5 if len(known) <= 400 else 0.15
    base = alt.Chart(alt.NamedData("units")).mark_geoshape(stroke=_PAPER, strokeWidth=thin)
    layers = [base.encode(fill=colour)]
    if shapes.outlines:
        lines = alt.Chart(alt.NamedData("outlines"))
        layers.append(lines.mark_geoshape(fill=None, stroke=_FAINT, strokeWidth=0.7))
    if data["moved"]:
        lines = alt.Chart(alt.NamedData("moved"))
        layers.append(lines.mark_geoshape(fill=None, stroke=_INK, strokeWidth=1.6))
    if len(units) <= LETTERED:
        data["letters"] = [
            {**_middle(f), "letter": TIER_LETTERS[tiers[_code(f)].tier][lang]}
            for f in shapes.units
            if _code(f) in tiers and tiers[_code(f)].tier != "low"
        ]
        text = alt.Chart(alt.NamedData("letters")).mark_text(
            fontSize=9, fontWeight="bold", fill=_INK, stroke=_PAPER, strokeWidth=2.4
        )
        over = alt.Chart(alt.NamedData("letters")).mark_text(
            fontSize=9, fontWeight="bold", fill=_INK
        )
        at = {"longitude": "x:Q", "latitude": "y:Q", "text": "letter:N"}
        layers += [text.encode(**at), over.encode(**at)]
    chart = alt.layer(*layers).project(type="identity", reflectY=True)
    drawn = _draw(chart.properties(width=430, height=330), data)
    return _with_inset(drawn, shapes.inset, lang) if shapes.inset else drawn


def _code(feature: Feature) -> str:
    properties = feature["properties"]
    return str(properties["code"]) if isinstance(properties, Mapping) else ""


def _unit(feature: Feature, tier: str) -> dict[str, object]:
    return {
        "type": "Feature",
        "code": _code(feature),
        "tier": tier,
        "geometry": feature["geometry"],
    }


def _middle(feature: Feature) -> dict[str, float]:
    from shapely.geometry import shape

    at = shape(feature["geometry"]).representative_point()
    return {"x": float(at.x), "y": float(at.y)}


def _with_inset(svg: str, features: Sequence[Feature], lang: Lang) -> str:
    """Set the inset in the lower right corner, in a frame with its name."""
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    if box is None:
        return svg
    wide, high = float(box.group(1)), float(box.group(2))
    chart = (
        alt.Chart(alt.NamedData("inset"))
        .mark_geoshape(fill=_UNKNOWN, stroke=_FAINT, strokeWidth=0.6)
        .project(type="identity", reflectY=True)
        .properties(width=58, height=74)
    )
    data = {"inset": [{"type": "Feature", "geometry": f["geometry"]} for f in features]}
    inner = re.sub(r"<\?xml[^>]*>|<!DOCTYPE[^>]*>", "", _draw(chart, data))
    x, y = wide - 70, high - 98
    frame = (
        f'<g><rect x="{x:.0f}" y="{y:.0f}" width="66" height="94" fill="{_PAPER}" stroke="{_FAINT}" stroke-width=".8"/>'
        f'<svg x="{x + 2:.0f}" y="{y + 2:.0f}"{inner[inner.index("<svg") + 4 :]}'
        f'<text x="{x + 33:.0f}" y="{y + 90:.0f}" text-anchor="middle" font-size="7.5" font-family="{_FONT}" fill="{_INK}">{word("inset", lang)}</text></g>'
    )
    return svg.replace("</svg>", frame + "</svg>") if svg.count("</svg>") == 1 else svg


def curve_svg(curve: Curve, lang: Lang, *, days: int = 56) -> str:
    """Draw reported cases, nowcast, forecast fan and what was forecast the night before.

    ``days`` is how far back the drawing goes; persons a day against the date.
    """
    history = curve.history.sort("date").tail(days)
    start = history["date"].min() if history.height else None
    yesterday = curve.yesterday.sort("date")
    if start is not None:
        yesterday = yesterday.filter(pl.col("date") >= start)
    data: dict[str, object] = {
        "history": _records(history),
        "fan": _records(curve.fan.sort("date")),
        "yesterday": _records(yesterday),
    }
    form = "%-m/%-d" if lang == "zh" else "%-d %b"
    axis = alt.Axis(format=form, title=None, tickCount=7, grid=False, labelAngle=0)
    x = alt.X("date:T", scale=alt.Scale(type="utc"), axis=axis)
    upright = alt.Axis(title=None, format=",d", tickCount=5, domain=False, ticks=False)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", axis=upright)

    past, fan, before = (alt.Chart(alt.NamedData(n)) for n in ("history", "fan", "yesterday"))
    fade = {"fillOpacity": 1}
    layers = [
        fan.mark_area(fill=_FAN95, **fade).encode(x=x, y=y("q025"), y2="q975:Q"),
        fan.mark_area(fill=_FAN50, **fade).encode(x=x, y=y("q25"), y2="q75:Q"),
        past.mark_bar(fill=_REPORTED, width=4).encode(x=x, y=y("reported")),
        past.mark_line(stroke=_INK, strokeWidth=1.5).encode(x=x, y=y("adjusted")),
        before.mark_line(stroke=_ACCENT, strokeWidth=1.4, strokeDash=[4, 3]).encode(
            x=x, y=y("median")
        ),
        fan.mark_line(stroke=_FORECAST, strokeWidth=2).encode(x=x, y=y("median")),
    ]
    return _draw(alt.layer(*layers).properties(width=400, height=210), data)


def _records(frame: pl.DataFrame) -> list[dict[str, object]]:
    return [
        {k: v.isoformat()[:10] if isinstance(v, date) else _plain(v) for k, v in row.items()}
        for row in frame.iter_rows(named=True)
    ]


def _plain(value: object) -> object:
    return None if isinstance(value, float) and value != value else value


def spark(trend: Sequence[float | None], lang: Lang) -> str:
    """Draw the last 28 days as a small line, broken where days are unknown.

    Its text says the lowest, the highest and the latest value.
    """
    known = [v for v in trend if v is not None and v == v]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    spread = (high - low) or 1.0
    step = 96 / (len(trend) - 1)
    pieces: list[list[str]] = [[]]
    last = (0.0, 0.0)
    for i, value in enumerate(trend):
        if value is None or value != value:
            pieces.append([])
            continue
        last = (2 + i * step, 2 + 16 * (1 - (value - low) / spread))
        pieces[-1].append(f"{last[0]:.1f},{last[1]:.1f}")
    lines = "".join(f'<polyline points="{" ".join(p)}"/>' for p in pieces if p)
    text = word(
        "trend_text",
        lang,
        n=len(trend),
        low=estimate(low),
        high=estimate(high),
        last=estimate(known[-1]),
    )
    return (
        f'<svg class="spark" viewBox="0 0 100 20" preserveAspectRatio="none" role="img" aria-label="{escape(text)}">'
        f'{lines}<circle cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="1.6"/></svg>'
    )


def tiles(board: TierBoard, lang: Lang) -> str:
    """Draw one tile a unit where no boundary is known, in order of place, moved ones outlined."""
    across = max(1, round(len(board.rows) ** 0.5 * 1.2))
    size = 430 / across
    moved = {*board.moved_up, *board.moved_down}
    body = []
    for i, row in enumerate(sorted(board.rows, key=lambda r: r.path)):
        x, y = (i % across) * size, (i // across) * size
        heavy = f'stroke="{_INK}" stroke-width="2"' if row.place in moved else f'stroke="{_PAPER}"'
        title = escape(f"{row.name[lang]} · {TIER_NAMES[row.tier][lang]}")
        body.append(
            f'<g><title>{title}</title><rect x="{x + 1.5:.1f}" y="{y + 1.5:.1f}" width="{size - 3:.1f}" height="{size - 3:.1f}" fill="{_TIER_INK[row.tier]}" {heavy}/></g>'
        )
    rows = -(-len(board.rows) // across)
    return f'<svg width="430" height="{rows * size:.0f}" viewBox="0 0 430 {rows * size:.0f}" xmlns="http://www.w3.org/2000/svg">{"".join(body)}</svg>'


def swatch(tier: str) -> str:
    """Give the key of one tier: a small field in its hatch."""
    return f'<svg class="swatch" viewBox="0 0 18 12" aria-hidden="true"><rect x=".5" y=".5" width="17" height="11" fill="url(#hatch-{tier})" stroke="var(--faint)" stroke-width=".6"/></svg>'
