"""A night's calibration of one area: R, share reported, infections, and the counts it expects beside those reported."""

from typing import Any

import altair as alt
import polars as pl

from tongchou.morning.plots.ground import (
    FAN50,
    FAN95,
    FORECAST,
    REPORTED,
    days,
    legend,
    marked,
    panels,
)
from tongchou.vocabulary.text import Lang, Text

LABELS = {
    "reproduction": Text(zh="再生数 R", en="reproduction number R"),
    "reporting": Text(zh="感染者被报告的比例", en="share of infections reported"),
    "infections": Text(zh="新增感染（人/日）", en="new infections a day"),
    "reported": Text(zh="报告病例（人/日）", en="cases reported a day"),
}

_MEASURE = Text(zh="单位见各图标题", en="units as each panel says")
_MARKS = (
    Text(zh="实际报告", en="reported"),
    Text(zh="校准（中位数）", en="calibration (median)"),
    Text(zh="50%区间", en="50 % interval"),
    Text(zh="95%区间", en="95 % interval"),
)


def calibration_chart(frame: pl.DataFrame, place: str, lang: Lang) -> Any:
    """Give the drawing of one place.

    Parameters
    ----------
    frame
        From :func:`tongchou.morning.calibration_table.table`.
    place
        Code of the place drawn.
    lang
        Language of the panels.
    """
    named = {k: v[lang] for k, v in LABELS.items()}
    rows = frame.filter(pl.col("place") == place).select(
        pl.col("variable").replace_strict(named).alias("place"),
        *("date", "q025", "q25", "median", "q75", "q975", "observed"),
    )
    x, axis = days(lang), alt.Axis(title=None, tickCount=5)
    names = [mark[lang] for mark in _MARKS]
    colour = legend(names, [REPORTED, FORECAST, FAN50, FAN95], symbolType="square")
    base = alt.Chart()

    def band(name: str, low: str, high: str) -> Any:
        y = alt.Y(f"{low}:Q", axis=axis)
        return marked(base, name).mark_area(opacity=1).encode(x=x, y=y, y2=high, color=colour)

    middle = alt.Y("median:Q", axis=axis)
    line = marked(base, names[1]).mark_line(strokeWidth=2).encode(x=x, y=middle, color=colour)
    came = base.transform_filter("isValid(datum.observed)")
    dots = (
        marked(came, names[0])
        .mark_point(filled=True, size=16, opacity=1)
        .encode(x=x, y=alt.Y("observed:Q", axis=axis), color=colour)
    )
    bands = (band(names[3], "q025", "q975"), band(names[2], "q25", "q75"))
    return panels(alt.layer(*bands, line, dots), rows, measure=_MEASURE[lang], lang=lang)
