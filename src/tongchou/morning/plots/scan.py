"""Clusters of a scan drawn: the places as points, each cluster in its circle, and what it holds beside it."""

from typing import Any

import altair as alt
import numpy as np
import polars as pl
import xarray as xr

from tongchou.morning.plots.ground import ACCENT, BLACK, FAINT
from tongchou.surveillance.detection.scan_clusters import Scan
from tongchou.vocabulary.errors import UnknownPlace
from tongchou.vocabulary.places import china
from tongchou.vocabulary.text import Lang, Text, estimate

DRAWN, LIKELY = 10, 0.1
"""Clusters drawn at most, and the p up to which; the first and all alarms are among them."""
KM_PER_DEGREE = 111.195
SMALLEST = 0.012
"""Radius of the circle of a single place, as a share of the width of the drawing."""
WIDTH = 520
SMALL_P, LONG_YEARS = 1e-5, 1000
"""Beyond these a p and a recurrence are not told apart."""

NAMED_AT_MOST = 40
"""Places up to which each bears its name on the map."""

_LINE = Text(
    zh="{n}. {where}，{first}起：{observed}例，预期{expected}例；P {p}，{often}",
    en="{n}. {where}, since {first}: {observed} cases, {expected} expected; p {p}, {often}",
)
_AROUND = Text(zh="{centre}等{places}地", en="{centre} and {others} more around it")
_MARKS = Text(
    zh="点为各地区中心，圈为聚集区，圈内大点为其地区；上北下南。红：超过报警限。",
    en="Dots: centres of places; rings: clusters, their places in large dots; north is up. Red: beyond the limit of an alarm.",
)
_DAYS = Text(zh="约{n}天一遇", en="recurrence {n} d")
_YEARS = Text(zh="约{n}年一遇", en="recurrence {n} years")
_LONG = Text(zh="千年以上一遇", en="recurrence over {n} years")
_ALARM = Text(zh="（报警）", en=" (alarm)")
_NONE = Text(zh="没有聚集区。", en="There is no cluster.")


def scan_chart(found: Scan, points: xr.Dataset, lang: Lang) -> Any:
    """Give the map of the clusters, and above it a line on each.

    Parameters
    ----------
    found
        The scan.
    points : Dataset (place)
        ``longitude`` and ``latitude``, degrees.
    lang
        Language of the lines.
    """
    likely = found.clusters.filter((pl.col("p_value") <= LIKELY) | (pl.col("cluster") == 1))
    shown = likely.head(max(DRAWN, found.alarms.height))
    x, y = points["longitude"].to_numpy(), points["latitude"].to_numpy()
    squeeze = float(np.cos(np.radians(y.mean())))
    span = _span(x * squeeze, y)
    height = int(np.clip(WIDTH * span[1] / max(span[0], 1e-9), 220, 620))
    smallest = SMALLEST * max(span)
    codes = points["place"].to_numpy().astype(str)
    where = pl.DataFrame({"place": codes, "x": x, "y": y}).with_columns(
        name=pl.Series([_name(code, lang) for code in codes], dtype=pl.String)
    )
    inside = found.members.join(shown.select("cluster", "score"), on="cluster").join(
        where, on="place"
    )
    inside = inside.with_columns(alarm=pl.col("score") > found.critical)
    rings = [_ring(row, where, smallest, found.critical) for row in shown.to_dicts()]
    map_ = alt.layer(
        _dots(where),
        *([_names(where)] if where.height <= NAMED_AT_MOST else ()),
        _members(inside),
        *(_outlines(rings) if rings else ()),
    ).properties(width=WIDTH, height=height)
    said = [_MARKS[lang], *_lines(shown, found, lang)]
    return map_.properties(usermeta={"said": said, "speaks": True, "map": True})


def _name(place: str, lang: Lang) -> str:
    """Give the name of a place: of a division of China its own, of any other what the file calls it."""
    try:
        return china().resolve(place).short_name[lang] if place.isdigit() else place
    except UnknownPlace:
        return place


def _names(where: pl.DataFrame) -> Any:
    return (
        alt.Chart(alt.InlineData(values=where.to_dicts()))
        .mark_text(dy=11, fontSize=9, color=BLACK, opacity=0.75)
        .encode(x="x:Q", y="y:Q", text="name:N")
    )


def _span(x: Any, y: Any) -> tuple[float, float]:
    return float(np.ptp(x)) * 1.08 + 1e-6, float(np.ptp(y)) * 1.08 + 1e-6


def _axis(field: str, values: pl.Series) -> Any:
    low, high = float(values.min()), float(values.max())  # type: ignore[arg-type]
    room = 0.06 * (high - low) + 1e-6
    scale = alt.Scale(domain=[low - room, high + room], nice=False, zero=False)
    channel = alt.X if field.startswith("x") else alt.Y
    return channel(f"{field}:Q", scale=scale, axis=None)


def _dots(where: pl.DataFrame) -> Any:
    return (
        alt.Chart(alt.InlineData(values=where.to_dicts()))
        .mark_circle(color=FAINT, size=9, opacity=0.55)
        .encode(x=_axis("x", where["x"]), y=_axis("y", where["y"]), tooltip=["name:N"])
    )


def _members(inside: pl.DataFrame) -> Any:
    return (
        alt.Chart(alt.InlineData(values=inside.to_dicts()))
        .mark_circle(size=26, opacity=0.9)
        .encode(
            x="x:Q",
            y="y:Q",
            color=alt.condition("datum.alarm", alt.value(ACCENT), alt.value(BLACK)),
            tooltip=["name:N", "observed:Q", "expected:Q"],
        )
    )


def _ring(
    row: dict[str, Any], where: pl.DataFrame, smallest: float, critical: float
) -> dict[str, Any]:
    """Give the points at the radius from the centre on every bearing, along great circles."""
    centre = where.row(by_predicate=pl.col("place") == row["centre"], named=True)
    away = np.radians(max(row["radius_km"] / KM_PER_DEGREE * 1.03, smallest))
    bearing = np.linspace(0, 2 * np.pi, 73)
    east, north = np.radians(centre["x"]), np.radians(centre["y"])
    y = np.arcsin(np.sin(north) * np.cos(away) + np.cos(north) * np.sin(away) * np.cos(bearing))
    x = east + np.arctan2(
        np.sin(bearing) * np.sin(away) * np.cos(north), np.cos(away) - np.sin(north) * np.sin(y)
    )
    x, y = np.degrees(x), np.degrees(y)
    top = min(float(y.max()), float(where["y"].max()))  # type: ignore[arg-type]
    return {
        "cluster": row["cluster"],
        "alarm": row["score"] > critical,
        "x": x,
        "y": y,
        "top": top,
        "at": centre["x"],
    }


def _outlines(rings: list[dict[str, Any]]) -> list[Any]:
    values = [
        {"cluster": r["cluster"], "alarm": bool(r["alarm"]), "x": x, "y": y, "order": k}
        for r in rings
        for k, (x, y) in enumerate(zip(r["x"].tolist(), r["y"].tolist(), strict=True))
    ]
    colour = alt.condition("datum.alarm", alt.value(ACCENT), alt.value(BLACK))
    line = (
        alt.Chart(alt.InlineData(values=values))
        .mark_line(strokeWidth=1.2, clip=True)
        .encode(x="x:Q", y="y:Q", order="order:Q", detail="cluster:N", color=colour)
    )
    tops = [
        {"cluster": r["cluster"], "alarm": bool(r["alarm"]), "x": r["at"], "y": r["top"]}
        for r in rings
    ]
    label = (
        alt.Chart(alt.InlineData(values=tops))
        .mark_text(dy=-7, fontSize=12, fontWeight="bold")
        .encode(x="x:Q", y="y:Q", text="cluster:N", color=colour)
    )
    return [line, label]


def _lines(shown: pl.DataFrame, found: Scan, lang: Lang) -> list[str]:
    """Give a sentence on each cluster."""
    lines = []
    for row in shown.to_dicts():
        alarm = _ALARM[lang] if row["score"] > found.critical else ""
        lines.append(_line(row, lang) + alarm)
    return lines or [_NONE[lang]]


def _line(row: dict[str, Any], lang: Lang) -> str:
    days, p, first = row["recurrence_days"], row["p_value"], row["first"]
    if days < 730:
        often = _DAYS.fill(n=f"{days:.0f}")
    elif days < LONG_YEARS * 365.25:
        often = _YEARS.fill(n=f"{days / 365.25:,.0f}")
    else:
        often = _LONG.fill(n=f"{LONG_YEARS:,}")
    centre = _name(row["centre"], lang)
    around = _AROUND.fill(centre=centre, places=row["places"], others=row["places"] - 1)[lang]
    return _LINE.fill(
        n=row["cluster"],
        where=around if row["places"] > 1 else centre,
        first=f"{first.month}月{first.day}日" if lang == "zh" else f"{first:%-d %b}",
        observed=f"{row['observed']:,}",
        expected=estimate(row["expected"], 2),
        p=f"= {p:.2g}" if p >= SMALL_P else f"< {SMALL_P:f}".rstrip("0"),
        often=often,
    )[lang]
