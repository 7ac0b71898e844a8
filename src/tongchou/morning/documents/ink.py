"""The inks of a drawing: colours of a page's style sheet, or fixed ones for Word.

A drawing is made once by Vega-Lite with stand-in colours and inked twice: for a page the colours
become variables of the page's style sheet, so that one drawing serves light, dark and print; for
Word they become fixed and the drawing a PNG. Tiers are told apart by hatch as well as by colour.
"""

import json
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import escape

import altair as alt
import vl_convert as vlc

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
    "#01010e": ("var(--nowcast)", "#2c6a3b"),
    "#01010f": ("var(--nowcast-band)", "#d5e6d6"),
}
"""Stand-in colour in the drawing, its ink on a page, its ink in a PNG."""

BLACK, FAINT, HAIR, REPORTED, FAN50, FAN95, FORECAST, ACCENT, PAPER = list(INK)[:9]
TIER_INK = dict(zip(("low", "medium", "high"), list(INK)[9:12], strict=True))
UNKNOWN, NOWCAST, NOWCAST_BAND = list(INK)[12:]

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
    svg = re.sub(r' (?:class="marks"|version="[^"]*"|xmlns:xlink="[^"]*")', "", svg)
    return re.sub(r'<svg([^>]*?) width="[\d.]+" height="[\d.]+"', rf"{opening}\1", svg, count=1)


def for_word(svg: str) -> bytes:
    """Ink a drawing in fixed colours and give it as PNG, two pixels to the unit."""
    register_fonts()
    body = re.sub(r"(<svg[^>]*>)", rf"\g<1>{hatches(for_page=False)}", _inked(svg, 1), count=1)
    return bytes(vlc.svg_to_png(body, scale=2.5))


def _inked(svg: str, which: int) -> str:
    return re.sub(r"#0101[0-9a-f]{2}", lambda m: INK[m.group()][which], svg)


@cache
def register_fonts() -> None:
    """Make the Chinese typeface of the wheel known to whatever draws a PNG, once."""
    found = find_spec("cvttf_NotoSansCJK_Regular")
    if found is not None and found.origin is not None:
        vlc.register_font_directory(str(Path(found.origin).parent))


FONT = "Noto Sans CJK TC, Noto Sans CJK SC, sans-serif"


def _config() -> dict[str, object]:
    axis = {
        "labelColor": BLACK,
        "titleColor": BLACK,
        "domainColor": FAINT,
        "tickColor": FAINT,
        "gridColor": HAIR,
        "gridWidth": 0.6,
        "labelFontSize": 10,
        "tickSize": 3,
    }
    return {
        "font": FONT,
        "axis": axis,
        "view": {"stroke": None},
        "background": None,
        "padding": 2,
    }


def _titled(found: re.Match[str]) -> str:
    title, rest = found.groups()
    return f"<path{rest}><title>{title}</title></path>"


def draw(chart: alt.LayerChart | alt.FacetChart, data: Mapping[str, object]) -> str:
    """Draw a chart in stand-in colours; its named data are handed in as plain rows."""
    spec = chart.to_dict()
    spec["datasets"] = data
    spec["config"] = _config()
    return _drawn(json.dumps(spec, ensure_ascii=False))


@lru_cache(maxsize=8)
def _drawn(spec: str) -> str:
    """Draw a specification; page and Word document ask for the same drawings."""
    svg = str(vlc.vegalite_to_svg(spec))
    svg = re.sub(
        r'<path aria-label="([^"]+)" role="graphics-symbol" aria-roledescription="geoshape"([^>]*)/>',
        _titled,
        svg,
    )
    svg = re.sub(r' (?:role|aria-roledescription|aria-hidden|aria-label)="[^"]*"', "", svg)
    return re.sub(
        r'(?<=[ "MLZ,])-?\d+\.\d{2,}', lambda m: f"{float(m.group()):.1f}".removesuffix(".0"), svg
    )
