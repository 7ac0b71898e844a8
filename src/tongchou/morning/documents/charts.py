"""The drawings of the order beside the map: epidemic curve with its fan, small lines of trend."""

from collections.abc import Sequence
from datetime import date
from xml.sax.saxutils import escape

import altair as alt
import polars as pl

from tongchou.morning.documents.ink import (
    ACCENT,
    BLACK,
    FAN50,
    FAN95,
    FORECAST,
    NOWCAST,
    NOWCAST_BAND,
    REPORTED,
    draw,
)
from tongchou.morning.order import Curve
from tongchou.morning.words import word
from tongchou.vocabulary.text import Lang, estimate


def curve_svg(curve: Curve, lang: Lang, *, days: int = 56) -> str:
    """Draw reported cases, the analytic series, the nowcast, the forecast fan, and yesterday's forecast.

    ``days`` is how far back the drawing goes; persons a day against the date.
    """
    history = curve.history.sort("date").tail(days)
    start = history["date"].min() if history.height else None
    yesterday = curve.yesterday.sort("date")
    nowcast = curve.nowcast.sort("date")
    if start is not None:
        yesterday = yesterday.filter(pl.col("date") >= start)
        nowcast = nowcast.filter(pl.col("date") >= start)
    data: dict[str, object] = {
        "history": _records(history),
        "fan": _records(curve.fan.sort("date")),
        "yesterday": _records(yesterday),
        "nowcast": _records(nowcast),
    }
    form = "%-m/%-d" if lang == "zh" else "%-d %b"
    axis = alt.Axis(format=form, title=None, tickCount=7, grid=False, labelAngle=0)
    x = alt.X("date:T", scale=alt.Scale(type="utc"), axis=axis)
    upright = alt.Axis(
        title=None, format=",d", tickCount=5, tickMinStep=1, domain=False, ticks=False
    )

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", axis=upright)

    past, fan, before, now = (
        alt.Chart(alt.NamedData(n)) for n in ("history", "fan", "yesterday", "nowcast")
    )
    layers = [
        fan.mark_area(fill=FAN95, fillOpacity=1).encode(x=x, y=y("q025"), y2="q975:Q"),
        fan.mark_area(fill=FAN50, fillOpacity=1).encode(x=x, y=y("q25"), y2="q75:Q"),
        now.mark_area(fill=NOWCAST_BAND, fillOpacity=1).encode(x=x, y=y("q025"), y2="q975:Q"),
        past.mark_bar(fill=REPORTED, width=4).encode(x=x, y=y("reported")),
        past.mark_line(stroke=BLACK, strokeWidth=1.5).encode(x=x, y=y("adjusted")),
        now.mark_line(stroke=NOWCAST, strokeWidth=1.4, strokeDash=[1, 2]).encode(
            x=x, y=y("estimate")
        ),
        before.mark_line(stroke=ACCENT, strokeWidth=1.4, strokeDash=[4, 3]).encode(
            x=x, y=y("median")
        ),
        fan.mark_line(stroke=FORECAST, strokeWidth=2).encode(x=x, y=y("median")),
    ]
    return draw(alt.layer(*layers).properties(width=372, height=196), data)


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
