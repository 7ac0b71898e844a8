"""Cases by onset: bars for those reported, a line and a 95 % band for those there are."""

from typing import Any

import altair as alt
import polars as pl

from tongchou.morning.plots.ground import (
    FAN95,
    FORECAST,
    REPORTED,
    counts,
    days,
    legend,
    marked,
    panels,
)
from tongchou.vocabulary.text import Lang, Text

_TITLE = Text(zh="每日发病数（例）", en="cases by day of onset")
_REPORTED = Text(zh="已报告", en="reported")
_ESTIMATED = Text(zh="估计（中位数）", en="estimated (median)")
_INTERVAL = Text(zh="95%区间", en="95 % interval")


def nowcast_chart(frame: pl.DataFrame, lang: Lang) -> Any:
    """Give the drawing of a nowcast.

    Parameters
    ----------
    frame
        ``place, date, reported, q025, median, q975`` and others.
    lang
        Language of the axis and the legend.
    """
    names = [_REPORTED[lang], _ESTIMATED[lang], _INTERVAL[lang]]
    colour = legend(names, [REPORTED, FORECAST, FAN95])
    single = frame["place"].n_unique() == 1
    axis = counts(_TITLE[lang] if single else None)
    # A day is a step from its midnight to the next.
    base = alt.Chart().transform_calculate(until="toDate(datum.date) + 86400000")
    x, until = days(lang), alt.X2("until")
    bars = (
        marked(base, names[0])
        .mark_bar(binSpacing=1)
        .encode(x=x, x2=until, y=alt.Y("reported:Q", axis=axis), y2=alt.datum(0), color=colour)
    )
    band = (
        marked(base, names[2])
        .transform_filter("datum.q975 > datum.q025")
        .mark_bar(opacity=0.75, binSpacing=1)
        .encode(x=x, x2=until, y=alt.Y("q025:Q", axis=axis), y2="q975:Q", color=colour)
    )
    middle = (
        marked(base, names[1])
        .transform_filter("datum.q975 > datum.q025")
        .mark_rule(strokeWidth=2)
        .encode(x=x, x2=until, y=alt.Y("median:Q", axis=axis), color=colour)
    )
    layers = alt.layer(bars, band, middle)
    return panels(layers, frame, "reported", measure=_TITLE[lang], lang=lang)
