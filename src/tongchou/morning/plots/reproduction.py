"""R_t over time with its 95 % band and the line at 1, one panel for each place."""

import math
from typing import Any

import altair as alt
import polars as pl

from tongchou.morning.plots.ground import ACCENT, FAN95, FORECAST, days, legend, marked, panels
from tongchou.vocabulary.text import Lang, Text

HIGH, TAIL = 6.0, 0.1
"""A drawing is cut off where this share of upper bounds is above, and never below ``HIGH``."""

_TITLE = Text(zh="再生数 Rt（每例传染人数）", en="Rt, persons infected by one case")
_MEAN = Text(zh="均值", en="mean")
_BAND = Text(zh="95%区间", en="95 % interval")
_ONE = Text(zh="1：不增不减（虚线）", en="1: neither growth nor decline (dashed)")
_CUT = Text(
    zh="高于 {top} 的部分未画，见数字表。",
    en="What is above {top} is cut off; the table of numbers holds it.",
)


def reproduction_chart(frame: pl.DataFrame, lang: Lang) -> Any:
    """Give the drawing of R_t.

    Parameters
    ----------
    frame
        ``place, date, mean, q025, q975`` and others.
    lang
        Language of the axis.
    """
    x = days(lang)
    axis = alt.Axis(title=_TITLE[lang] if frame["place"].n_unique() == 1 else None, tickCount=5)
    top = _top(frame)
    scale = alt.Scale(domain=[0, top]) if top else alt.Scale()
    names = [text[lang] for text in (_MEAN, _BAND, _ONE)]
    colour = legend(names, [FORECAST, FAN95, ACCENT], symbolType="square")
    base = alt.Chart()
    band = (
        marked(base, names[1])
        .mark_area(interpolate="linear", clip=True, opacity=1)
        .encode(x=x, y=alt.Y("q025:Q", axis=axis, scale=scale), y2="q975:Q", color=colour)
    )
    line = (
        marked(base, names[0])
        .mark_line(strokeWidth=2, clip=True)
        .encode(x=x, y=alt.Y("mean:Q", axis=axis, scale=scale), color=colour)
    )
    once = base.transform_aggregate(days="count()", groupby=["place"])
    one = marked(once, names[2]).mark_rule(strokeDash=[4, 3]).encode(y=alt.datum(1), color=colour)
    said = [_CUT.fill(top=f"{top:g}")[lang]] if top else []
    return panels(
        alt.layer(band, line, one),
        with_gaps(frame),
        measure=_TITLE[lang],
        lang=lang,
        said=said,
        shared=top is not None,
    )


def _top(frame: pl.DataFrame) -> float | None:
    """Give the height at which the drawing is cut off; nothing where a few days do not dwarf the rest."""
    upper = frame["q975"].drop_nulls()
    most, usual = upper.max(), upper.quantile(1 - TAIL)
    if not isinstance(most, float) or usual is None or most <= 2 * max(usual, HIGH):
        return None
    return float(math.ceil(max(usual, HIGH)))


def with_gaps(frame: pl.DataFrame) -> pl.DataFrame:
    """Give a row without figures for each day left out, so that no line is drawn across it.

    >>> from datetime import date
    >>> frame = pl.DataFrame({"place": ["甲"] * 2, "date": [date(2020, 2, 1), date(2020, 2, 3)], "mean": [1.0, 2.0]})
    >>> with_gaps(frame)["mean"].to_list()
    [1.0, None, 2.0]
    """
    if frame.is_empty():
        return frame
    spans = frame.group_by("place", maintain_order=True).agg(
        date=pl.date_range(pl.col("date").min(), pl.col("date").max())
    )
    return spans.explode("date").join(
        frame, on=["place", "date"], how="left", maintain_order="left"
    )
