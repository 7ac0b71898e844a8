"""Drawings of the station, from the same specifications as the order of the day.

Each is a pure function of what it shows and is kept by content: whoever asks for the same drawing
again gets it at once. Colours are variables of the style sheet, so one drawing serves light and dark.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Literal

import altair as alt
import polars as pl
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from tongchou.morning.documents import charts as order_charts
from tongchou.morning.documents import ink, tier_map
from tongchou.morning.order import Curve, Evidence, TierBoard, TierRow
from tongchou.morning.words import TIER_NAMES
from tongchou.station.desk.templatetags.words import language
from tongchou.vocabulary import shapes as areas
from tongchou.vocabulary.places import china
from tongchou.vocabulary.text import Lang, Text, day, same

KEPT = 128
"""Drawings kept in memory, the least used forgotten first."""


def epidemic_curve(counts: Sequence[tuple[date, int]], *, label: Text) -> SafeString | None:
    """Draw persons a day against the date; None where there is no day to draw.

    Parameters
    ----------
    counts
        Days with their counts, in order; days between without a row have none.
    label
        What is counted, for the sentence under the curve, which is also its text for a screen reader.
    """
    if not counts:
        return None
    return mark_safe(_curve(tuple(counts), label, language()))


@lru_cache(maxsize=KEPT)
def _curve(counts: tuple[tuple[date, int], ...], label: Text, lang: Lang) -> str:
    total = sum(n for _, n in counts)
    sentence = Text(
        zh="{label}：{first}至{last}共 {total} 人，最近一日 {latest} 人。",
        en="{label}: {total} persons from {first} to {last}, {latest} on the latest day.",
    ).fill(
        label=label,
        first=day(counts[0][0]),
        last=day(counts[-1][0]),
        total=f"{total:,}",
        latest=f"{counts[-1][1]:,}",
    )
    drawn = order_charts.curve_svg(_as_curve(counts, sentence), lang)
    return format_html("{}<p class=\"note\">{}</p>", mark_safe(ink.for_page(drawn, sentence[lang])), sentence[lang])  # fmt: skip


def _as_curve(counts: Sequence[tuple[date, int]], sentence: Text) -> Curve:
    history = pl.DataFrame(
        {
            "date": [d for d, _ in counts],
            "reported": [n for _, n in counts],
            "adjusted": [None for _ in counts],
        },
        schema={"date": pl.Date, "reported": pl.Int64, "adjusted": pl.Float64},
    )
    quantiles = ("q025", "q25", "median", "q75", "q975")
    return Curve(
        history=history,
        fan=pl.DataFrame(schema={"date": pl.Date, **dict.fromkeys(quantiles, pl.Float64)}),
        yesterday=pl.DataFrame(schema={"date": pl.Date, "median": pl.Float64}),
        sentence=sentence,
        evidence=_evidence(sentence),
    )


def _evidence(title: Text) -> Evidence:
    return Evidence(
        id="station", title=title, method="", formula=same(""), rows=pl.DataFrame(), total_rows=0
    )


Tier = Literal["low", "medium", "high"]


def tier_chart(tiers: Mapping[str, Tier], names: Mapping[str, Text]) -> SafeString | None:
    """Draw the tiers of units by code, by hatch and colour, with a key; None where there are none."""
    if not tiers:
        return None
    asked = tuple((code, tier, names[code]) for code, tier in tiers.items())
    return mark_safe(_tiers(asked, language()))


@lru_cache(maxsize=KEPT)
def _tiers(asked: tuple[tuple[str, Tier, Text], ...], lang: Lang) -> str:
    counted: Counter[str] = Counter(tier for _, tier, _ in asked)
    board = _board(asked, counted)
    country = china()
    known = [code for code, _, _ in asked if code in country]
    if known:
        above = {country.place(code).parent or code for code in known}
        drawn = tier_map.map_svg(board, tier_map.shapes_of(known, sorted(above), country), lang)
    else:
        drawn = tier_map.tiles(board, lang)
    key = [(tier, TIER_NAMES[tier], counted[tier]) for tier in ink.TIER_INK]
    text = Text(
        zh="风险等级图：高 {high}、中 {medium}、低 {low}",
        en="Map of tiers: {high} high, {medium} medium, {low} low",
    ).fill(**{tier: n for tier, _, n in key})
    keys = "".join(
        f"<span>{tier_map.swatch(tier)} {name[lang]} {n:,}</span> " for tier, name, n in key
    )
    return (
        f'<svg class="hatches" aria-hidden="true">{ink.hatches()}</svg>'
        f'{ink.for_page(drawn, text[lang])}<p class="key note">{keys}</p>'
    )


def _board(asked: Sequence[tuple[str, Tier, Text]], counted: Mapping[str, int]) -> TierBoard:
    rows = tuple(
        TierRow(
            place=code, name=name, path=code, tier=tier, before=None, reason=same(""),
            change_possible=same(""), population=None, confirmed=0, new_14=0,
            days_since_last=None, resurgence=None,
        )
        for code, tier, name in asked
    )  # fmt: skip
    return TierBoard(
        unit_level=same(""), coarse=None, rows=rows, counts=counted, population={},
        moved_up=(), moved_down=(), evidence=_evidence(same("")),
    )  # fmt: skip


def locator(codes: Sequence[str], here: str, points: Sequence[tuple[float, float]], *, text: Text) -> SafeString | None:  # fmt: skip
    """Draw places with one of them filled, and points by longitude and latitude; None where no shape is known."""
    country = china()
    known = tuple(code for code in codes if code in country)
    if not known:
        return None
    lang = language()
    return mark_safe(_locator(known, here, tuple(points), text[lang], lang))


@lru_cache(maxsize=KEPT)
def _locator(
    codes: tuple[str, ...],
    here: str,
    points: tuple[tuple[float, float], ...],
    text: str,
    lang: Lang,
) -> str:
    country = china()
    shapes = areas.shapes(codes, gazetteer=country)
    units = tier_map.features(shapes, "units")
    for unit in units:
        unit["title"] = country.place(unit["code"]).name[lang]
    plane = [country.boundaries.project(_point(*p)) for p in points]
    data: dict[str, object] = {
        "units": units,
        "here": [u for u in units if u["code"] == here],
        "points": [{"x": p.x, "y": p.y} for p in plane],
    }
    base = alt.Chart(alt.NamedData("units")).mark_geoshape(fill=ink.UNKNOWN, stroke=ink.FAINT, strokeWidth=0.6)  # fmt: skip
    mine = alt.Chart(alt.NamedData("here")).mark_geoshape(fill=ink.FAN50, stroke=ink.FORECAST, strokeWidth=1.2)  # fmt: skip
    dots = alt.Chart(alt.NamedData("points")).mark_circle(size=36, color=ink.ACCENT, opacity=1)
    chart = alt.layer(
        base.encode(description="title:N"), mine, dots.encode(longitude="x:Q", latitude="y:Q")
    ).project(type="identity", reflectY=True)
    return ink.for_page(ink.draw(chart.properties(width=430, height=310), data), text)


def _point(longitude: float, latitude: float) -> object:
    from shapely import Point

    return Point(longitude, latitude)
