"""Clusters of cases drawn: a line for each, a dot for each day with cases, open ones in the colour of alarms."""

from datetime import date
from typing import Any

import altair as alt
import polars as pl

from tongchou.morning.plots.ground import ACCENT, FAINT, FORECAST, days
from tongchou.surveillance.detection.cluster_summary import Clusters
from tongchou.vocabulary.text import Lang, Text

DRAWN = 30
"""Clusters drawn: the largest, those still open first."""
LETTERS = 44

_OPEN = Text(zh="未结束", en="open")
_CLOSED = Text(zh="已结束", en="closed")
_CASES = Text(zh="当日例数", en="cases on a day")
_LABEL = Text(zh="{n}. {settings}（{cases}例）", en="{n}. {settings} ({cases} cases)")
_KINDS = {
    "household": Text(zh="家庭", en="household"),
    "workplace": Text(zh="工作场所", en="workplace"),
    "health_facility": Text(zh="医疗机构", en="health facility"),
    "transport": Text(zh="交通工具", en="transport"),
    "community": Text(zh="社区", en="community"),
    "travel": Text(zh="旅行", en="travel"),
    "cluster": Text(zh="", en=""),
}
_DOTS = Text(
    zh="点：当日有病例发病（不详者按报告等日期）；大小为例数。",
    en="Dots: days on which cases fell ill (or, where that is not known, were reported); size: how many.",
)
_MORE = Text(
    zh="另有 {n} 起较小的已结束聚集性疫情未画，见数字表。",
    en="{n} more, smaller or closed, are not drawn; the table of numbers holds them.",
)
_LINKED = Text(zh="个案{case}及有关个案", en="case {case} and those linked")


def clusters_chart(found: Clusters, today: date, lang: Lang) -> Any:
    """Give the timeline of the clusters.

    Parameters
    ----------
    found
        Clusters and their members.
    today
        Last day of the axis.
    lang
        Language of labels.
    """
    shown = found.clusters.sort(["open", "cases"], descending=True).head(DRAWN).sort("first_on")
    names = {row["cluster"]: _name(row, lang) for row in shown.to_dicts()}
    state = pl.when(pl.col("open")).then(pl.lit(_OPEN[lang])).otherwise(pl.lit(_CLOSED[lang]))
    lines = shown.select(
        name=pl.col("cluster").replace_strict(names, return_dtype=pl.String),
        first=pl.col("first_on").dt.to_string(),
        last=pl.col("last_on").dt.to_string(),
        state=state,
    )
    dots = (
        found.members.join(shown.select("cluster", "open"), on="cluster")
        .filter(pl.col("on").is_not_null())
        .group_by("cluster", "on", "open")
        .agg(n=pl.len())
        .select(
            name=pl.col("cluster").replace_strict(names, return_dtype=pl.String),
            date=pl.col("on").dt.to_string(),
            n="n",
            state=state,
        )
        .sort("name", "date")
    )
    order = list(names.values())
    along = alt.Y("name:N", sort=order, axis=alt.Axis(title=None, grid=True, ticks=False))
    words = [_OPEN[lang], _CLOSED[lang]]
    colour = alt.Color(
        "state:N",
        scale=alt.Scale(domain=words, range=[ACCENT, FORECAST]),
        legend=alt.Legend(symbolType="circle"),
    )
    first = shown["first_on"].min() if shown.height else None
    domain = [
        first.isoformat() if isinstance(first, date) else today.isoformat(),
        today.isoformat(),
    ]
    axis = days(lang, domain=domain)
    size = alt.Size(
        "n:Q",
        scale=alt.Scale(type="sqrt", range=[30, 420], domainMin=1),
        legend=alt.Legend(
            title=_CASES[lang], tickCount=3, symbolFillColor=FAINT, symbolStrokeWidth=0, format="d"
        ),
    )
    rule = (
        alt.Chart(alt.InlineData(values=lines.to_dicts()))
        .mark_rule(strokeWidth=1.5)
        .encode(x=days(lang, "first"), x2="last:T", y=along, color=colour)
    )
    dot = (
        alt.Chart(alt.InlineData(values=dots.to_dicts()))
        .mark_circle(opacity=0.9)
        .encode(x=axis, y=along, size=size, color=colour, tooltip=["name:N", "date:T", "n:Q"])
    )
    more = found.clusters.height - shown.height
    above = [_DOTS[lang], *([_MORE.fill(n=more)[lang]] if more > 0 else [])]
    return alt.layer(rule, dot).properties(
        width=460, height=alt.Step(22), usermeta={"said": above, "named": 180}
    )


def _name(row: dict[str, Any], lang: Lang) -> str:
    linked = _LINKED.fill(case=row["index_case"])[lang]
    named = (
        [_setting(s, lang) for s in row["settings"].split("; ")] if row["settings"] else [linked]
    )
    settings = "; ".join(dict.fromkeys(named))
    if len(settings) > LETTERS:
        settings = settings[: LETTERS - 1] + "…"
    return _LABEL.fill(n=row["cluster"], settings=settings, cases=row["cases"])[lang]


def _setting(setting: str, lang: Lang) -> str:
    kind, _, name = setting.partition(" ")
    return f"{_KINDS[kind][lang]} {name}".strip() if kind in _KINDS else setting
