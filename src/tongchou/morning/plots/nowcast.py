"""Cases by onset: bars for those reported, a line and a 95 % band for those there are."""

from typing import Any

import altair as alt
import polars as pl

from tongchou.morning.plots.ground import FAN95, FORECAST, REPORTED, days, panels
from tongchou.vocabulary.text import Lang, Text

_TITLE = Text(zh="每日发病数", en="cases by day of onset")
_REPORTED = Text(zh="已报告", en="reported")
_ESTIMATED = Text(zh="估计（中位数与95%区间）", en="estimated (median and 95 % interval)")


def nowcast_chart(frame: pl.DataFrame, lang: Lang) -> Any:
    """Give the drawing of a nowcast.

    Parameters
    ----------
    frame
        ``place, date, reported, q025, median, q975`` and others.
    lang
        Language of the axis and the legend.
    """
    names = [_REPORTED[lang], _ESTIMATED[lang]]
    colour = alt.Color(
        "what:N", scale=alt.Scale(domain=names, range=[REPORTED, FORECAST]), sort=names
    )
    single = frame["place"].n_unique() == 1
    axis = alt.Axis(title=_TITLE[lang] if single else None, tickCount=5)
    base = alt.Chart()
    bars = (
        base.transform_calculate(what=f"'{names[0]}'")
        .mark_bar(width={"band": 0.8})
        .encode(x=days(lang), y=alt.Y("reported:Q", axis=axis), color=colour)
    )
    band = base.mark_area(color=FAN95, opacity=0.6, interpolate="step").encode(
        x=days(lang), y=alt.Y("q025:Q", axis=axis), y2="q975:Q"
    )
    line = (
        base.transform_calculate(what=f"'{names[1]}'")
        .mark_line(strokeWidth=2, interpolate="step")
        .encode(x=days(lang), y=alt.Y("median:Q", axis=axis), color=colour)
    )
    return panels(alt.layer(bars, band, line), frame, "reported")
