"""Delays drawn: distributions by place or week, days lost by step, late cases, share found in quarantine."""

from typing import Any

import altair as alt
import polars as pl

from tongchou.morning.plots.ground import (
    ACCENT,
    FAINT,
    FAN50,
    FORECAST,
    PAPER,
    REPORTED,
    days,
    drawn_places,
)
from tongchou.morning.plots.words import said
from tongchou.surveillance.delays import EARLIES, STEPS
from tongchou.surveillance.timeliness.late import LATE_STANDINGS, service_levels
from tongchou.vocabulary.text import Lang, Text

_DAYS = Text(zh="天", en="days")
_PER_CASE = Text(zh="每例天数", en="days per case")
_SHARE = Text(
    zh="确诊时已在隔离或观察中的比例", en="share in quarantine or under watch when confirmed"
)
_LATE = Text(zh="超时次数", en="times a level was not met")
_MEAN = Text(
    zh="均值（校正）与95%区间；空心为各组共享",
    en="mean, corrected, with 95% interval; hollow: shared between strata",
)
_BARS = Text(zh="点为比例，线为95%区间。", en="Dots are shares, lines their 95 % intervals.")
_P90 = Text(zh="第90百分位（校正）", en="90th percentile, corrected")
_SEEN = Text(zh="所见均值（未校正）", en="mean as seen, uncorrected")
_WEEK = Text(zh="开始所在周（周一）", en="week of the start (its Monday)")
_SLOWEST = Text(zh="最费时的一步", en="slowest step of the place")
_OTHERS = Text(zh="其他步骤", en="other steps")


def delays_chart(frame: pl.DataFrame, lang: Lang) -> Any:
    """Give the drawing of fitted delays: over weeks if the result has them, else by place.

    Parameters
    ----------
    frame
        ``delay``, ``place`` and ``week`` as asked, ``mean, mean_low, mean_high, p90, observed_mean``.
    lang
        Language of names and axes.
    """
    if "place" not in frame.columns:
        frame = frame.with_columns(place=pl.lit("all"))
    shown = frame.filter(pl.col("place").is_in(drawn_places(frame, "measured")))
    shown = _worded(shown, lang)
    chart = _over_weeks(shown, lang) if "week" in frame.columns else _by_place(shown, lang)
    of = {"drawn": shown["place"].n_unique(), "of": frame["place"].n_unique()}
    return chart.properties(usermeta=of)


def _worded(frame: pl.DataFrame, lang: Lang) -> pl.DataFrame:
    """Give delays and places as a reader says them."""
    return frame.with_columns(
        name=_names(frame["delay"], lang),
        place=pl.col("place").replace("all", said("place", "all", lang)),
    )


def _names(delay: pl.Series, lang: Lang) -> pl.Series:
    known = {span.name: span.label[lang] for span in (*EARLIES, *STEPS)}
    return delay.replace(known)


def _rows(frame: pl.DataFrame) -> alt.InlineData:
    dates = [name for name, dtype in frame.schema.items() if dtype == pl.Date]
    return alt.InlineData(values=frame.with_columns(pl.col(dates).dt.to_string()).to_dicts())


def _scale(lang: Lang) -> alt.Color:
    marks = [_MEAN[lang], _P90[lang], _SEEN[lang]]
    return alt.Color(
        "mark:N",
        scale=alt.Scale(domain=marks, range=[FORECAST, FAN50, REPORTED]),
        legend=alt.Legend(labelLimit=500, symbolStrokeWidth=0),
    )


def _shapes(lang: Lang) -> alt.Shape:
    marks = [_MEAN[lang], _P90[lang], _SEEN[lang]]
    return alt.Shape(
        "mark:N",
        scale=alt.Scale(domain=marks, range=["circle", "diamond", "cross"]),
        legend=alt.Legend(labelLimit=500, symbolStrokeWidth=0),
    )


def _layers(lang: Lang, along: Any, across: str) -> list[Any]:
    """Give the interval, the mean, the 90th percentile and the mean as seen, as marks of one panel."""
    base = alt.Chart()

    def of(field: str, more: str | None = None) -> dict[str, Any]:
        axis = alt.Axis(title=_DAYS[lang], tickCount=5)
        other = "x" if across == "y" else "y"
        channel = alt.Y if across == "y" else alt.X
        ends = {} if more is None else {f"{across}2": more}
        return {across: channel(f"{field}:Q", axis=axis), other: along, **ends}

    def marked(text: Text) -> Any:
        return base.transform_calculate(mark=f"'{text[lang]}'")

    return [
        marked(_MEAN)
        .mark_rule(strokeWidth=2)
        .encode(**of("mean_low", "mean_high"), color=_scale(lang)),
        marked(_MEAN).mark_point(filled=True, size=52, opacity=1).encode(
            **of("mean"), color=_scale(lang), shape=_shapes(lang)
        ),
        marked(_MEAN)
        .transform_filter("datum.basis != 'own'")
        .mark_point(filled=True, size=16, opacity=1, color=PAPER)
        .encode(**of("mean")),
        marked(_P90).mark_point(filled=True, size=52, opacity=1).encode(
            **of("p90"), color=_scale(lang), shape=_shapes(lang)
        ),
        marked(_SEEN).mark_point(filled=True, size=34, opacity=1).encode(
            **of("observed_mean"), color=_scale(lang), shape=_shapes(lang)
        ),
    ]  # fmt: skip


def _by_place(frame: pl.DataFrame, lang: Lang) -> Any:
    places = frame["place"].unique(maintain_order=True).to_list()
    along = alt.Y("place:N", sort=places, axis=alt.Axis(title=None, grid=True, ticks=False))
    layers = alt.layer(*_layers(lang, along, "x"))
    return _faceted(layers, frame, width=330, height=max(60, 24 * len(places)), columns=2)


def _over_weeks(frame: pl.DataFrame, lang: Lang) -> Any:
    panel = pl.concat_str(["place", "name"], separator=" · ")
    one = frame["place"].n_unique() == 1
    frame = frame.with_columns(name=pl.col("name") if one else panel)
    weeks = [week.isoformat() for week in frame["week"].unique().sort()]
    along = days(lang, "week", axis={"values": weeks, "title": _WEEK[lang]}, padding=14)
    layers = alt.layer(*_layers(lang, along, "y"))
    return _faceted(layers, frame, width=330, height=170, columns=2)


def _faceted(layers: Any, frame: pl.DataFrame, *, width: int, height: int, columns: int) -> Any:
    names = frame["name"].unique(maintain_order=True).to_list()
    return (
        layers.properties(width=width, height=height)
        .facet(
            data=_rows(frame),
            facet=alt.Facet("name:N", sort=names, title=None, header=alt.Header(labelFontSize=11)),
            columns=columns,
        )
        .resolve_axis(x="independent", y="independent")
    )


def lost_chart(frame: pl.DataFrame, lang: Lang) -> Any:
    """Give the days per case in each step, for each place; the slowest step of a place is marked.

    Parameters
    ----------
    frame
        ``place, delay, per_case, lost, slowest``.
    lang
        Language of names and axes.
    """
    shown = frame.filter(pl.col("place").is_in(drawn_places(frame, "lost")))
    marks = [_SLOWEST[lang], _OTHERS[lang]]
    shown = _worded(shown, lang).with_columns(
        mark=pl.when("slowest").then(pl.lit(marks[0])).otherwise(pl.lit(marks[1]))
    )
    steps = [s.label[lang] for s in STEPS]
    colour = alt.Color(
        "mark:N",
        scale=alt.Scale(domain=marks, range=[ACCENT, FORECAST]),
        legend=alt.Legend(labelLimit=0),
    )
    places = shown["place"].unique(maintain_order=True).to_list()
    return (
        alt.Chart(_rows(shown))
        .mark_bar(height=11)
        .encode(
            x=alt.X("per_case:Q", axis=alt.Axis(title=_PER_CASE[lang], tickCount=5)),
            y=alt.Y("name:N", sort=steps, axis=alt.Axis(title=None, grid=False)),
            color=colour,
        )
        .properties(width=220, height=alt.Step(18))
        .facet(facet=alt.Facet("place:N", sort=places, title=None), columns=2)
        .resolve_axis(x="independent", y="independent")
        .properties(usermeta={"drawn": len(places), "of": frame["place"].n_unique()})
    )


def late_chart(frame: pl.DataFrame, lang: Lang) -> Any:
    """Give the number of service levels not met, by place and level, open ones apart.

    Parameters
    ----------
    frame
        ``place, clock, standing``, one row per case and level.
    lang
        Language of names and axes.
    """
    counts = frame.group_by("place", "clock", "standing").agg(n=pl.len())
    shown = counts.filter(pl.col("place").is_in(drawn_places(counts, "n"))).with_columns(
        place=pl.col("place").replace("all", said("place", "all", lang)),
        name=pl.col("clock").replace({k: v.label[lang] for k, v in service_levels().items()}),
        standing=pl.col("standing").replace({str(k): v[lang] for k, v in LATE_STANDINGS.items()}),
    )
    words = [text[lang] for text in LATE_STANDINGS.values()]
    return (
        alt.Chart(_rows(shown.sort("place", "clock")))
        .mark_bar(height=12)
        .encode(
            x=alt.X("sum(n):Q", axis=alt.Axis(title=_LATE[lang], tickMinStep=1)),
            y=alt.Y("place:N", axis=alt.Axis(title=None, grid=False)),
            color=alt.Color(
                "standing:N",
                scale=alt.Scale(domain=words, range=[ACCENT, FAINT]),
                legend=alt.Legend(labelLimit=0),
            ),
        )
        .properties(width=260, height=alt.Step(20))
        .facet(facet=alt.Facet("name:N", title=None), columns=2)
        .resolve_axis(x="independent", y="independent")
        .properties(usermeta={"drawn": shown["place"].n_unique(), "of": frame["place"].n_unique()})
    )


def inside_chart(frame: pl.DataFrame, lang: Lang) -> Any:
    """Give the share of cases found inside quarantine with its interval, for each place.

    Parameters
    ----------
    frame
        ``place, share, low, high``.
    lang
        Language of names and axes.
    """
    shown = frame.filter(pl.col("place").is_in(drawn_places(frame, "confirmed"))).with_columns(
        place=pl.col("place").replace("all", said("place", "all", lang))
    )
    base = alt.Chart(_rows(shown)).encode(
        y=alt.Y("place:N", sort="-x", axis=alt.Axis(title=None, grid=False))
    )
    axis = alt.Axis(title=_SHARE[lang], format="%", tickCount=5)
    scale = alt.Scale(domain=[0, 1])
    rule = base.mark_rule(color=FORECAST, strokeWidth=2).encode(
        x=alt.X("low:Q", axis=axis, scale=scale), x2="high:Q"
    )
    dot = base.mark_point(filled=True, size=50, opacity=1, color=FORECAST).encode(
        x=alt.X("share:Q", axis=axis, scale=scale)
    )
    return alt.layer(rule, dot).properties(
        width=420,
        height=alt.Step(22),
        usermeta={
            "said": [_BARS[lang]],
            "drawn": shown["place"].n_unique(),
            "of": frame["place"].n_unique(),
        },
    )
