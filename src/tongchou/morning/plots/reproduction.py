"""R_t over time with its 95 % band and the line at 1, one panel for each place."""

from typing import Any

import altair as alt
import polars as pl

from tongchou.morning.plots.ground import ACCENT, FAN95, FORECAST, days, panels
from tongchou.vocabulary.text import Lang, Text

_TITLE = Text(zh="再生数 R_t（每例传染人数）", en="R_t, persons infected by one case")


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
    base = alt.Chart()
    band = base.mark_area(color=FAN95, interpolate="linear").encode(
        x=x, y=alt.Y("q025:Q", axis=axis), y2="q975:Q"
    )
    line = base.mark_line(color=FORECAST, strokeWidth=2).encode(x=x, y=alt.Y("mean:Q", axis=axis))
    once = base.transform_aggregate(days="count()", groupby=["place"])
    one = once.mark_rule(color=ACCENT, strokeDash=[4, 3]).encode(y=alt.datum(1))
    return panels(alt.layer(band, line, one), with_gaps(frame))


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
