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
    days,
    panels,
)
from tongchou.vocabulary.text import Lang, Text

_CASES = Text(zh="新增病例（人/日）", en="new cases a day")
_RATIO = Text(
    zh="WIS 与持续性基线之比（小于1为好）", en="WIS, ratio to persistence (below 1 is better)"
)
_AHEAD = Text(zh="第几天", en="days ahead")
MODELS = {
    "renewal": Text(zh="更新方程", en="renewal"),
    "ensemble": Text(zh="集合", en="ensemble"),
    "persistence": Text(zh="持续性", en="persistence"),
    "random_walk": Text(zh="对数随机游走", en="random walk of logs"),
    "damped_trend": Text(zh="阻尼趋势", en="damped trend"),
    "weekday": Text(zh="上周同日", en="same weekday"),
}
COLOURS = (FORECAST, ACCENT, BLACK, FAINT, FAINT, FAN50)
DASHES = ([1, 0], [1, 0], [1, 0], [6, 3], [2, 2], [1, 0])


def forecast_chart(frame: pl.DataFrame, lang: Lang) -> Any:
    """Give the drawing of a forecast.

    Parameters
    ----------
    frame
        ``place, date, q025, q25, median, q75, q975``; rows with ``observed`` and no forecast are the days before.
    lang
        Language of the axis.
    """
    x = days(lang)
    title = _CASES[lang] if frame["place"].n_unique() == 1 else None
    axis = alt.Axis(title=title, tickCount=5)
    base = alt.Chart()
    layers = [
        base.mark_area(color=FAN95).encode(x=x, y=alt.Y("q025:Q", axis=axis), y2="q975:Q"),
        base.mark_area(color=FAN50).encode(x=x, y=alt.Y("q25:Q", axis=axis), y2="q75:Q"),
        base.mark_line(color=FORECAST, strokeWidth=2).encode(x=x, y=alt.Y("median:Q", axis=axis)),
    ]
    if "observed" in frame.columns:
        layers.insert(
            0, base.mark_bar(color=REPORTED, size=4).encode(x=x, y=alt.Y("observed:Q", axis=axis))
        )
    return panels(alt.layer(*layers), frame, "median")


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
