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
    counts,
    days,
    panels,
)
from tongchou.vocabulary.text import Lang, Text

LONG_DAYS = 300
"""Dates further apart than this are labelled with their year."""

WEEK = 7

_CASES = Text(zh="病例数（例）", en="cases")
_KINDS = {
    "observed": Text(zh="观察数", en="observed"),
    "expected": Text(zh="预期", en="expected"),
    "threshold": Text(zh="阈值（虚线）", en="threshold (dashed)"),
    "alarm": Text(zh="预警（▼）", en="alarm (▼)"),
}
HIGH = 5
"""Where the threshold is so many times all else that is drawn, the vertical axis shows square roots."""
_ROOTS = Text(
    zh="纵轴按平方根刻度，因阈值远高于观察数。",
    en="The vertical axis shows square roots, since thresholds are far above what was observed.",
)


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
    roots = _far_above(frame)
    y = alt.Y(
        "value:Q",
        axis=counts(_CASES[lang] if single else None),
        scale=alt.Scale(type="sqrt") if roots else alt.Scale(),
    )
    kinds = [kind[lang] for kind in _KINDS.values()]
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=kinds, range=[REPORTED, FORECAST, BLACK, ACCENT]),
        legend=alt.Legend(symbolType="square", labelLimit=0),
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
    said = [_ROOTS[lang]] if roots else []
    return panels(layers, _long(frame, lang), "alarms", measure=_CASES[lang], lang=lang, said=said)


def _far_above(frame: pl.DataFrame) -> bool:
    """Tell whether half the places would show their counts as a thin line under the threshold."""
    most = frame.group_by("place").agg(
        pl.max("threshold"), drawn=pl.max_horizontal(pl.max("observed"), pl.max("expected"))
    )
    times = (most["threshold"] / most["drawn"]).median()
    return isinstance(times, float) and times >= HIGH


def _axis(frame: pl.DataFrame, lang: Lang, field: str = "date") -> Any:
    """Give the axis of dates, with years where there are several."""
    dates = _dates(frame)
    if dates[-1] - dates[0] <= LONG_DAYS:
        return days(lang, field)
    return days(lang, field, axis={"format": "%Y/%-m" if lang == "zh" else "%b %Y"})


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
