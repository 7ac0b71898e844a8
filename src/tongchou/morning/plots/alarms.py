"""Counts with what was expected, the limit and the alarms, one panel for each place."""

from datetime import timedelta
from typing import Any

import altair as alt
import numpy as np
import numpy.typing as npt
import polars as pl

from tongchou.morning.plots.ground import (
    ACCENT,
    BLACK,
    FORECAST,
    REPORTED,
    days,
    panels,
)
from tongchou.vocabulary.text import Lang, Text

LONG_DAYS = 300
"""Dates further apart than this are labelled with their year."""

WEEK = 7

_CASES = Text(zh="病例数", en="cases")
_KINDS = {
    "observed": Text(zh="观察数", en="observed"),
    "expected": Text(zh="预期", en="expected"),
    "threshold": Text(zh="阈值", en="threshold"),
    "alarm": Text(zh="预警", en="alarm"),
}


def alarms_chart(frame: pl.DataFrame, lang: Lang) -> Any:
    """Give the drawing of a detector's findings; of many places, those with most alarms.

    Parameters
    ----------
    frame
        ``place, date, observed, expected, threshold, score, alarm``.
    lang
        Language of axis and legend.
    """
    single = frame["place"].n_unique() == 1
    y = alt.Y("value:Q", axis=alt.Axis(title=_CASES[lang] if single else None, tickCount=5))
    kinds = [kind[lang] for kind in _KINDS.values()]
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=kinds, range=[REPORTED, FORECAST, BLACK, ACCENT]),
        legend=alt.Legend(orient="top", title=None, symbolType="square"),
    )
    base = alt.Chart().encode(x=_axis(frame, lang), y=y, color=colour)

    def only(kind: str) -> Any:
        return base.transform_filter(alt.datum.kind == _KINDS[kind][lang])

    layers = alt.layer(
        only("observed")
        .mark_rect()
        .encode(x=_axis(frame, lang, "since"), x2="until:T", y2=alt.datum(0)),
        only("expected").mark_line(strokeWidth=1.5),
        only("threshold").mark_line(interpolate="step", strokeDash=[3, 2], strokeWidth=0.9),
        only("alarm").mark_point(shape="triangle-down", size=55, filled=True, yOffset=-8),
    )
    return panels(layers, _long(frame, lang), "alarms")


def _axis(frame: pl.DataFrame, lang: Lang, field: str = "date") -> Any:
    """Give the axis of dates, with years where there are several."""
    dates = _dates(frame)
    if dates[-1] - dates[0] <= LONG_DAYS:
        return days(lang, field)
    axis = alt.Axis(
        format="%Y/%-m" if lang == "zh" else "%b %Y", title=None, tickCount=6, grid=False,
        labelAngle=0, labelFlush=True, labelOverlap=True,
    )  # fmt: skip
    return alt.X(f"{field}:T", scale=alt.Scale(type="utc"), axis=axis)


def _dates(frame: pl.DataFrame) -> npt.NDArray[np.int64]:
    """Give the dates of a result as sorted numbers of days."""
    return frame["date"].unique().sort().to_numpy().astype("datetime64[D]").astype(np.int64)


def _long(frame: pl.DataFrame, lang: Lang) -> pl.DataFrame:
    """Give one row for each mark, and with each the number of alarms of its place."""
    step = int(np.diff(_dates(frame)).min(initial=WEEK))
    frame = frame.with_columns(
        alarms=pl.col("alarm").sum().over("place"),
        since=pl.col("date").cast(pl.Datetime) - timedelta(days=0.4 * step),
        until=pl.col("date").cast(pl.Datetime) + timedelta(days=0.4 * step),
    )
    keep = ["place", "date", "since", "until", "alarms"]
    lines = frame.unpivot(
        ["observed", "expected", "threshold"], index=keep, variable_name="kind"
    ).drop_nulls("value")
    marks = frame.filter("alarm").select(*keep, kind=pl.lit("alarm"), value="observed")
    names = {kind: text[lang] for kind, text in _KINDS.items()}
    return pl.concat([lines, marks]).with_columns(pl.col("kind").replace(names))
