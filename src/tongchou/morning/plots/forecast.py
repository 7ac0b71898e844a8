"""The days ahead: reported counts, then median with its half and 95 % bands; and scores by days ahead."""

from typing import Any

import altair as alt
import polars as pl

from tongchou.morning.plots.ground import (
    ACCENT,
    BLACK,
    FAINT,
    FAN50,
    FAN95,
    FORECAST,
    REPORTED,
    counts,
    days,
    legend,
    marked,
    panels,
)
from tongchou.morning.plots.words import MODELS
from tongchou.vocabulary.text import Lang, Text

_CASES = Text(zh="新增病例（人/日）", en="new cases a day")
_MARKS = (
    Text(zh="已报告", en="reported"),
    Text(zh="预测（中位数）", en="forecast (median)"),
    Text(zh="50%区间", en="50 % interval"),
    Text(zh="95%区间", en="95 % interval"),
)
_RATIO = Text(
    zh="WIS 与持续性基线之比（小于1为好）", en="WIS, ratio to persistence (below 1 is better)"
)
_AHEAD = Text(zh="预测提前的天数", en="days ahead")
COLOURS = (FORECAST, ACCENT, BLACK, FAINT, FAINT, FAN50)
DASHES = ([1, 0], [1, 0], [1, 0], [6, 3], [2, 2], [1, 0])


def forecast_chart(frame: pl.DataFrame, lang: Lang, measure: Text = _CASES) -> Any:
    """Give the drawing of a forecast.

    Parameters
    ----------
    frame
        ``place, date, q025, q25, median, q75, q975``; rows with ``observed`` and no forecast are the days before.
    lang
        Language of the axis.
    measure
        What the vertical axes count.
    """
    x = days(lang)
    title = measure[lang] if frame["place"].n_unique() == 1 else None
    axis = counts(title)
    names = [mark[lang] for mark in _MARKS]
    before = "observed" in frame.columns
    inks = [REPORTED, FORECAST, FAN50, FAN95]
    colour = legend(names[not before :], inks[not before :], symbolType="square")
    base = alt.Chart()

    def band(name: str, low: str, high: str) -> Any:
        y = alt.Y(f"{low}:Q", axis=axis)
        return (
            marked(base, name).mark_area(opacity=1).encode(x=x, y=y, y2=f"{high}:Q", color=colour)
        )

    layers = [
        band(names[3], "q025", "q975"),
        band(names[2], "q25", "q75"),
        marked(base, names[1])
        .mark_line(strokeWidth=2)
        .encode(x=x, y=alt.Y("median:Q", axis=axis), color=colour),
    ]
    if before:
        layers.insert(0, _bars(marked(base, names[0]), lang, axis, colour))
    return panels(alt.layer(*layers), frame, "median", measure=measure[lang], lang=lang)


def _bars(base: Any, lang: Lang, axis: Any, colour: Any) -> Any:
    """Give the counts of the days before, each as wide as most of its day."""
    wide = base.transform_filter("isValid(datum.observed)").transform_calculate(
        since="toDate(datum.date) - 34560000", until="toDate(datum.date) + 34560000"
    )
    y = alt.Y("observed:Q", axis=axis)
    return wide.mark_rect().encode(
        x=days(lang, "since"), x2="until:T", y=y, y2=alt.datum(0), color=colour
    )


def score_chart(frame: pl.DataFrame, lang: Lang) -> Any:
    """Give the drawing of a table of scores: each model beside persistence, by days ahead.

    Parameters
    ----------
    frame
        From :func:`tongchou.transmission.forecast_table.score_table`.
    lang
        Language of axis and legend.
    """
    names = {name: text[lang] for name, text in MODELS.items()}
    rows = frame.filter((pl.col("ahead") != "all") & pl.col("ratio").is_not_null())
    rows = rows.select(
        pl.col("ahead").cast(pl.Int64), "ratio", model=pl.col("model").replace(names)
    )
    scale = alt.Scale(domain=list(names.values()), range=list(COLOURS))
    dashes = alt.Scale(domain=list(names.values()), range=[list(d) for d in DASHES])
    line = (
        alt.Chart(alt.InlineData(values=rows.to_dicts()))
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("ahead:Q", axis=alt.Axis(title=_AHEAD[lang], tickMinStep=1, grid=False)),
            y=alt.Y(
                "ratio:Q",
                axis=alt.Axis(title=_RATIO[lang], values=[0.25, 0.5, 1, 2, 4, 8, 16]),
                scale=alt.Scale(type="log", nice=False),
            ),
            color=alt.Color("model:N", scale=scale),
            strokeDash=alt.StrokeDash("model:N", scale=dashes),
        )
    )
    return line.properties(width=640, height=300)
