"""Severity: bars of uncertainty side by side on one date, bands over time on several."""

from typing import Any

import altair as alt
import polars as pl

from tongchou.morning.plots.ground import ACCENT, BLACK, FAINT, FORECAST, days, panels
from tongchou.morning.plots.words import METHODS, said
from tongchou.vocabulary.text import Lang, Text

COLOURS = (FAINT, BLACK, FORECAST, ACCENT)
VALUES = {
    "ordinary": Text(zh="轻型、普通型", en="mild, ordinary"),
    "severe": Text(zh="重型", en="severe"),
    "critical": Text(zh="危重型", en="critical"),
    "male": Text(zh="男", en="male"),
    "female": Text(zh="女", en="female"),
    "?": Text(zh="不详", en="not known"),
}
_SHARE = Text(zh="占病例比例", en="share of cases")
_BARS = Text(zh="点为估计，线为95%区间。", en="Dots are estimates, lines their 95 % intervals.")
_BANDS = Text(zh="线为估计，带为95%区间。", en="Lines are estimates, bands their 95 % intervals.")
_LEFT_OUT = Text(
    zh="另有 {n} 组未画，见数字表。", en="{n} more groups are not drawn; the table holds them."
)
GROUPS_DRAWN = 40


def severity_chart(frame: pl.DataFrame, lang: Lang) -> Any:
    """Give the drawing of a severity table.

    Parameters
    ----------
    frame
        ``place, group, date, method, estimate, q025, q975``.
    lang
        Language of axis and legend.
    """
    names = {name: text[lang] for name, text in METHODS.items()}
    groups = {group: _named(group, lang) for group in frame["group"].unique()}
    known = frame.filter(pl.col("estimate").is_not_null())
    rows = known if frame["date"].n_unique() <= 1 else frame  # a gap in time is no line
    rows = rows.with_columns(
        method=pl.col("method").replace(names), group=pl.col("group").replace(groups)
    )
    rows = rows.with_columns(
        place=pl.when(pl.col("group") == "all")
        .then(pl.col("place"))
        .when(pl.col("place") == "all")
        .then(pl.col("group"))
        .otherwise(pl.concat_str("place", "group", separator=" · "))
        .replace("all", said("place", "all", lang)),
    )
    computed = known["method"].unique().replace(names)
    present = [name for name in names.values() if name in computed]
    scale = alt.Scale(
        domain=present,
        range=[c for n, c in zip(names.values(), COLOURS, strict=True) if n in present],
    )
    rows = rows.filter(pl.col("method").is_in(present))
    colour = alt.Color("method:N", scale=scale, legend=alt.Legend(symbolType="circle"))
    if rows["date"].n_unique() <= 1:
        return _side_by_side(rows, lang, colour, present)
    return _over_time(rows, lang, colour)


def _named(group: str, lang: Lang) -> str:
    """Give a group as a reader says it: its values alone, classes in words."""
    values = [pair.partition("=")[2] or pair for pair in group.split(", ")]
    return ", ".join(VALUES[v][lang] if v in VALUES else v for v in values)


def _side_by_side(rows: pl.DataFrame, lang: Lang, colour: Any, present: list[str]) -> Any:
    shown = rows["place"].unique(maintain_order=True).to_list()[:GROUPS_DRAWN]
    data = alt.InlineData(
        values=rows.filter(pl.col("place").is_in(shown))
        .select("place", "method", "estimate", "q025", "q975")
        .to_dicts()
    )
    y = alt.Y("place:N", sort=shown, title=None, axis=alt.Axis())
    offset = alt.YOffset("method:N", sort=present)
    x = alt.X("estimate:Q", axis=alt.Axis(format="%", title=_SHARE[lang], tickCount=6))
    base = alt.Chart(data)
    bars = base.mark_rule(strokeWidth=2).encode(
        x="q025:Q", x2="q975:Q", y=y, yOffset=offset, color=colour
    )
    points = base.mark_point(filled=True, size=45, opacity=1).encode(
        x=x, y=y, yOffset=offset, color=colour
    )
    step = max(14 * len(present), 24)
    left = rows["place"].n_unique() - len(shown)
    above = [_LEFT_OUT.fill(n=left)[lang]] if left > 0 else []
    return alt.layer(bars, points).properties(
        width=560,
        height=max(step * len(shown), 60),
        usermeta={"said": [_BARS[lang], *above], "named": 190},
    )


def _over_time(rows: pl.DataFrame, lang: Lang, colour: Any) -> Any:
    x = days(lang)
    title = _SHARE[lang] if rows["place"].n_unique() == 1 else None
    y = alt.Axis(format="%", title=title, tickCount=5)
    base = alt.Chart()
    band = base.mark_area(opacity=0.25).encode(
        x=x, y=alt.Y("q025:Q", axis=y), y2="q975:Q", color=colour
    )
    line = base.mark_line(strokeWidth=2).encode(x=x, y=alt.Y("estimate:Q", axis=y), color=colour)
    return panels(
        alt.layer(band, line), rows, "cases", measure=_SHARE[lang], lang=lang, said=[_BANDS[lang]]
    )
