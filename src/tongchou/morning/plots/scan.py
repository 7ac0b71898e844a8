"""Clusters of a scan drawn: the places as points, each cluster in its circle, and what it holds beside it."""

from typing import Any

import altair as alt
import numpy as np
import polars as pl
import xarray as xr

from tongchou.morning.plots.ground import ACCENT, BLACK, FAINT
from tongchou.surveillance.detection.scan_clusters import Scan
from tongchou.vocabulary.text import Lang, Text, estimate

DRAWN, LIKELY = 10, 0.1
"""Clusters drawn at most, and the p up to which; the first and all alarms are among them."""
KM_PER_DEGREE = 111.195
SMALLEST = 0.012
"""Radius of the circle of a single place, as a share of the width of the drawing."""
WIDTH = 520
SMALL_P, LONG_YEARS = 1e-5, 1000
"""Beyond these a p and a recurrence are not told apart."""

_LINE = Text(
    zh="{n}. {centre}等{places}地，{first}起：{observed}例，预期{expected}例；P {p}，{often}",
    en="{n}. {centre}, places: {places}, since {first}: {observed} cases, {expected} expected; p {p}, {often}",
)
_DAYS = Text(zh="约{n}天一遇", en="recurrence {n} d")
_YEARS = Text(zh="约{n}年一遇", en="recurrence {n} years")
_LONG = Text(zh="千年以上一遇", en="recurrence over {n} years")
_NONE = Text(zh="没有聚集区。", en="There is no cluster.")
_ALARM = Text(zh="红：超过报警限", en="red: beyond the limit of an alarm")


def scan_chart(found: Scan, points: xr.Dataset, lang: Lang) -> Any:
    """Give the map of the clusters, and a line on each.

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
    where = pl.DataFrame({"place": points["place"].to_numpy().astype(str), "x": x, "y": y})
    inside = found.members.join(shown.select("cluster", "score"), on="cluster").join(
        where, on="place"
    )
    inside = inside.with_columns(alarm=pl.col("score") > found.critical)
    rings = [_ring(row, where, smallest, found.critical) for row in shown.to_dicts()]
    map_ = alt.layer(
        _dots(where),
        _members(inside),
        *(_outlines(rings) if rings else ()),
    ).properties(width=WIDTH, height=height)
    return alt.vconcat(map_, _lines(shown, found, lang), spacing=14)


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
        .encode(x=_axis("x", where["x"]), y=_axis("y", where["y"]), tooltip=["place:N"])
    )


def _members(inside: pl.DataFrame) -> Any:
    return (
        alt.Chart(alt.InlineData(values=inside.to_dicts()))
        .mark_circle(size=26, opacity=0.9)
        .encode(
            x="x:Q",
            y="y:Q",
            color=alt.condition("datum.alarm", alt.value(ACCENT), alt.value(BLACK)),
            tooltip=["place:N", "observed:Q", "expected:Q"],
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


def _lines(shown: pl.DataFrame, found: Scan, lang: Lang) -> Any:
    rows = [
        {"n": row["cluster"], "text": _line(row, lang), "alarm": row["score"] > found.critical}
        for row in shown.to_dicts()
    ]
    rows = rows or [{"n": 1, "text": _NONE[lang], "alarm": False}]
    if any(row["alarm"] for row in rows):
        rows.append({"n": len(rows) + 1, "text": _ALARM[lang], "alarm": True})
    return (
        alt.Chart(alt.InlineData(values=rows))
        .mark_text(align="left", x=0, fontSize=12)
        .encode(
            y=alt.Y("n:O", axis=None),
            text="text:N",
            color=alt.condition("datum.alarm", alt.value(ACCENT), alt.value(BLACK)),
        )
        .properties(width=WIDTH, height=alt.Step(19))
    )


def _line(row: dict[str, Any], lang: Lang) -> str:
    days, p, first = row["recurrence_days"], row["p_value"], row["first"]
    if days < 730:
        often = _DAYS.fill(n=f"{days:.0f}")
    elif days < LONG_YEARS * 365.25:
        often = _YEARS.fill(n=f"{days / 365.25:,.0f}")
    else:
        often = _LONG.fill(n=f"{LONG_YEARS:,}")
    return _LINE.fill(
        n=row["cluster"],
        centre=row["centre"],
        places=row["places"],
        first=f"{first.month}月{first.day}日" if lang == "zh" else f"{first:%-d %b}",
        observed=row["observed"],
        expected=estimate(row["expected"], 2),
        p=f"= {p:.2g}" if p >= SMALL_P else f"< {SMALL_P:f}".rstrip("0"),
        often=often,
    )[lang]
