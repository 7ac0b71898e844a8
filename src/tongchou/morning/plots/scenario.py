"""Options compared: their days over each other, how each differs from keeping on, and health beside burden."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import polars as pl

from tongchou.morning.plots.ground import BLACK, FAINT, days
from tongchou.morning.plots.projection import LABELS
from tongchou.morning.what_if import Answer, daily, table
from tongchou.vocabulary.text import Lang, Text, same

OTHERS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d31")
"""Colours of the options beside "keep", told apart by the colour-blind (Okabe and Ito 2008)."""

DASHES = ([1, 0], [6, 3], [2, 2])
"""Strokes, where there are more options than colours."""

KEPT = [5, 3]
"""Stroke of "keep", which is drawn over the others and lets them be seen."""

PANELS = ("infections", "deaths", "ward", "icu")
PLACES_DRAWN = 2
TIMES_APART = 50.0
"""Ratio of the highest median to that of "keep" from which a panel counts upward by powers of ten."""


def scenario_chart(found: Answer, lang: Lang) -> Any:
    """Give the drawing of an answer: for the whole area and the first place that the question names."""
    names = {c.id: c.name[lang] for c in found.comparison.choices}
    frame = daily(found).with_columns(option=pl.col("option").replace_strict(names))
    rows = [
        _days_of(frame.filter(pl.col("place") == place), list(names.values()), lang).properties(
            title=_title(_name(found, place)[lang])
        )
        for place in found.shown[:PLACES_DRAWN]
    ]
    rows.append(_differences(found, names, lang))
    rows.append(_both_sides(found, names, lang))
    return alt.vconcat(*rows, spacing=30).properties(usermeta={"said": [_READ[lang]]})


def differences_table(found: Answer, lang: Lang) -> pl.DataFrame:
    """Give the numbers shown beside the drawing: each outcome of each option, and its paired difference."""
    names = {c.id: c.name[lang] for c in found.comparison.choices}
    places = {p: _name(found, p)[lang] for p in found.comparison.totals["place"].values}
    kept = table(found).filter(pl.col("place").is_in(list(found.shown)))
    return kept.select(
        pl.col("option").replace_strict(names).alias(_OPTION[lang]),
        pl.col("place").replace_strict(places, default=None).alias(_PLACE[lang]),
        pl.col("outcome").replace_strict({k: v[lang] for k, v in OUTCOMES.items()}).alias(_OUTCOME[lang]),
        *(pl.col(c).alias(t[lang]) for c, t in _COLUMNS.items()),
    )  # fmt: skip


def _name(found: Answer, place: str) -> Text:
    return found.names.get(place, same(place))


def _inks(names: Sequence[str]) -> alt.Scale:
    inks = [BLACK, *(OTHERS[k % len(OTHERS)] for k in range(len(names) - 1))]
    return alt.Scale(domain=list(names), range=inks)


def _colour(names: Sequence[str], *, legend: bool = True) -> alt.Color:
    return alt.Color(
        "option:N",
        scale=_inks(names),
        sort=list(names),
        legend=alt.Legend(labelLimit=0, columns=2, symbolType="stroke", symbolStrokeWidth=3)
        if legend
        else None,
    )


def _dash(names: Sequence[str]) -> alt.StrokeDash:
    each = len(OTHERS)
    strokes = [KEPT, *(DASHES[(k // each) % len(DASHES)] for k in range(len(names) - 1))]
    return alt.StrokeDash(
        "option:N", scale=alt.Scale(domain=list(names), range=strokes), legend=None
    )


def _days_of(frame: pl.DataFrame, names: Sequence[str], lang: Lang) -> Any:
    """Give the panels of one place: median and 95 % band of every option."""
    panels = [
        _panel(frame.filter(pl.col("variable") == v), v, names, lang)
        for v in PANELS
        if frame.filter(pl.col("variable") == v)["q975"].max() not in (None, 0.0)
    ]
    return alt.concat(*panels, columns=2, spacing=40)


def _panel(rows: pl.DataFrame, variable: str, names: Sequence[str], lang: Lang) -> Any:
    powers = _apart(rows, names)
    lowest = 0.5 if powers else 0.0
    shown = rows.select(
        "option",
        pl.col("date").cast(pl.String),
        *(pl.col(c).cast(pl.Float64).clip(lower_bound=lowest) for c in ("q025", "median", "q975")),
    )
    last = pl.col("option") == names[0]
    shown = pl.concat([shown.filter(~last), shown.filter(last)])
    top = float(shown["q975"].max() or 1.0)  # type: ignore[arg-type]
    scale = alt.Scale(type="log", domain=[lowest, top]) if powers else alt.Scale()
    axis = _large(lang, _LABELS[variable][lang], [10.0**k for k in range(12)] if powers else None)
    base = alt.Chart(alt.InlineData(values=shown.to_dicts()))
    band = base.mark_area(opacity=min(0.15, 0.5 / len(names))).encode(
        x=days(lang), y=alt.Y("q025:Q", axis=axis, scale=scale), y2="q975:Q", color=_colour(names)
    )
    line = base.mark_line(strokeWidth=2).encode(
        x=days(lang),
        y=alt.Y("median:Q", axis=axis, scale=scale),
        color=_colour(names),
        strokeDash=_dash(names),
    )
    return alt.layer(band, line).properties(width=340, height=190)


def _large(lang: Lang, title: str, values: Sequence[float] | None = None) -> alt.Axis:
    """Give an axis of numbers that may be large, written as each language does."""
    more: dict[str, Any] = {} if values is None else {"values": list(values)}
    return alt.Axis(title=title, tickCount=4, labelExpr=_WRITTEN[lang], labelOverlap=True, **more)


def _title(text: str) -> alt.Title:
    return alt.Title(text, anchor="start", frame="bounds", fontSize=12)


def _apart(rows: pl.DataFrame, names: Sequence[str]) -> bool:
    """Say whether options lie so far apart that a straight scale would hide all but one."""
    tops = dict(rows.group_by("option").agg(pl.col("q975").max()).iter_rows())
    keep = float(tops.get(names[0]) or 0.0)
    return keep > 0 and max(map(float, tops.values())) > TIMES_APART * keep


def _differences(found: Answer, names: Mapping[str, str], lang: Lang) -> Any:
    """Give for each option its difference to "keep" with the 95 % band, future by future."""
    options = list(names.values())[1:]
    kept = table(found).filter(pl.col("place") == found.shown[0])
    panels: list[Any] = []
    for outcome in ("infections", "deaths", "short_bed_days"):
        rows = kept.filter(pl.col("outcome") == outcome, pl.col("option") != next(iter(names)))
        shown = rows.select(
            pl.col("option").replace_strict(names),
            value="difference",
            low="difference_q025",
            high="difference_q975",
        )
        if panels and not _largest(shown):
            continue
        panels.append(_difference(shown, outcome, options, names, lang, first=not panels))
    return alt.hconcat(*panels, spacing=26).properties(title=_title(_LESS[lang]))


def _difference(
    rows: pl.DataFrame,
    outcome: str,
    options: Sequence[str],
    names: Mapping[str, str],
    lang: Lang,
    *,
    first: bool,
) -> Any:
    scale, values = _about_zero(rows)
    axis = _large(lang, OUTCOMES[outcome][lang], values)
    y = _by_option(options, first=first)
    ink = alt.Color("option:N", scale=_inks(list(names.values())), legend=None)
    base = alt.Chart(alt.InlineData(values=rows.to_dicts()))
    nothing = (
        alt.Chart(alt.InlineData(values=[{"low": 0}]))
        .mark_rule(color=FAINT)
        .encode(x=alt.X("low:Q", axis=axis, scale=scale))
    )
    bars = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", axis=axis, scale=scale), x2="high:Q", y=y, color=ink
    )
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(
        x=alt.X("value:Q", axis=axis, scale=scale), y=y, color=ink
    )
    return alt.layer(nothing, bars, dots).properties(width=190, height=26 * max(len(options), 1))


def _by_option(options: Sequence[str], *, first: bool) -> alt.Y:
    axis = alt.Axis(labelLimit=300, ticks=False, domain=False, grid=True) if first else None
    return alt.Y("option:N", sort=list(options), title=None, axis=axis)


def _largest(rows: pl.DataFrame) -> float:
    sizes = rows.select(pl.max_horizontal(pl.col("low", "high").abs())).to_series()
    return float(sizes.max() or 0.0)  # type: ignore[arg-type]


def _about_zero(rows: pl.DataFrame) -> tuple[alt.Scale, list[float] | None]:
    """Give a straight scale, or one by powers of ten about zero where the options lie far apart."""
    sizes = rows.select(pl.max_horizontal(pl.col("low", "high").abs())).to_series()
    known = sorted(float(x) for x in sizes if x)
    if not known or known[-1] <= TIMES_APART * known[0]:
        return alt.Scale(zero=True), None
    least = max(10.0 ** round(math.log10(known[0])) / 10, 1.0)
    powers = [10.0**k for k in range(0, 12, 2) if 10 * least <= 10.0**k <= known[-1]]
    ticks = [*(-p for p in powers), 0.0, *powers]
    return alt.Scale(type="symlog", constant=least), ticks


def _both_sides(found: Answer, names: Mapping[str, str], lang: Lang) -> Any:
    """Give illness beside what it costs, row by row: hollow where another option beats it in everything."""
    options = list(names.values())
    judged = found.comparison.judged.with_columns(
        pl.col("option").replace_strict(names), beaten=pl.col("dominated_by").is_not_null()
    )
    panels: list[Any] = []
    for column in ("infections", "deaths", "work_stopped", "burden"):
        rows = judged.select("option", "beaten", value=pl.col(column))
        known = [v for v in rows["value"] if v]
        powers = bool(known) and min(known) * TIMES_APART < max(known) and len(known) == rows.height
        ticks = [10.0**k for k in range(14)] if powers else None
        x = alt.X(
            "value:Q",
            axis=_large(lang, OUTCOMES[column][lang], ticks),
            scale=alt.Scale(type="log") if powers else alt.Scale(zero=True),
        )
        base = alt.Chart(alt.InlineData(values=rows.to_dicts()))
        dots = base.mark_point(size=70, strokeWidth=2, opacity=1).encode(
            x=x,
            y=_by_option(options, first=not panels),
            stroke=alt.Stroke("option:N", scale=_inks(options), legend=None),
            fill=alt.condition(
                "datum.beaten",
                alt.value("transparent"),
                alt.Color("option:N", scale=_inks(options), legend=None),
            ),
        )
        panels.append(dots.properties(width=140, height=26 * len(options)))
    return alt.hconcat(*panels, spacing=26).properties(title=_title(_TRADE[lang]))


OUTCOMES: Mapping[str, Text] = {
    "infections": Text(zh="感染（人）", en="infections"),
    "cases": Text(zh="确诊（人）", en="confirmed"),
    "deaths": Text(zh="死亡（人）", en="deaths"),
    "peak_ward": Text(zh="住院最多（人）", en="most on wards"),
    "peak_icu": Text(zh="重症监护最多（人）", en="most in intensive care"),
    "short_bed_days": Text(zh="缺床（人天）", en="bed-days short"),
    "short_days": Text(zh="缺床天数", en="days short of beds"),
    "peak_day": Text(zh="高峰在第几天", en="day of the peak"),
    "gone": Text(zh="期末无感染者的机会", en="chance that nobody is infected at the end"),
    "work_stopped": Text(zh="停工（人天）", en="work stopped, person-days"),
    "output_at_stake": Text(zh="停产（元）", en="output stopped, CNY"),
    "people_touched": Text(zh="受措施影响（人天）", en="under a measure, person-days"),
    "burden": Text(zh="负担（分天）", en="burden, point-days"),
    "product_missing": Text(zh="没有生产总值数据的地区", en="places without a gross product"),
}
_OPTION = Text(zh="方案", en="option")
_PLACE = Text(zh="地区", en="place")
_OUTCOME = Text(zh="结果", en="outcome")
_COLUMNS: Mapping[str, Text] = {
    "mean": Text(zh="均值", en="mean"),
    "q025": Text(zh="下限 2.5%", en="lower 2.5%"),
    "median": Text(zh="中位数", en="median"),
    "q975": Text(zh="上限 97.5%", en="upper 97.5%"),
    "difference": Text(zh="与维持现状之差", en="less keeping on"),
    "difference_q025": Text(zh="差的下限 2.5%", en="difference, lower 2.5%"),
    "difference_q975": Text(zh="差的上限 97.5%", en="difference, upper 97.5%"),
    "chance_better": Text(zh="较少的机会", en="chance of less"),
    "chance_worse": Text(zh="较多的机会", en="chance of more"),
}
_READ = Text(
    zh="线为中位数，带为 95% 区间；各方案遇到同样的偶然，差别逐次相减而得。",
    en="Lines are medians, bands hold 95 %; all options meet the same chance, and differences are taken future by future.",
)
_LESS = Text(
    zh="与维持现状之差：均值与 95% 区间", en="Less keeping what is in force: mean and 95 % band"
)
_TRADE = Text(
    zh="疫情与代价并列（均值），不加权；空心：另有方案样样不差且有更好",
    en="Illness beside what it costs (means), without a weight; hollow: another option is no worse in anything and better in something",
)
_LABELS = {**LABELS, "deaths": Text(zh="累计死亡（人）", en="deaths so far")}
_WRITTEN: Mapping[Lang, str] = {
    "zh": "abs(datum.value) >= 1e8 ? format(datum.value / 1e8, '~r') + '亿' : "
    "abs(datum.value) >= 1e4 ? format(datum.value / 1e4, '~r') + '万' : format(datum.value, ',')",
    "en": "abs(datum.value) >= 1e9 ? format(datum.value / 1e9, '~r') + ' bn' : "
    "abs(datum.value) >= 1e6 ? format(datum.value / 1e6, '~r') + ' m' : "
    "abs(datum.value) >= 1e4 ? format(datum.value / 1e3, '~r') + ' k' : format(datum.value, ',')",
}
"""How numbers of an axis are written, as an expression of Vega."""
