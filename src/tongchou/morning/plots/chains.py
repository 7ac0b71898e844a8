"""Chains of transmission over time: a case on its day, a line from its infector as wide as it is probable."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt
import polars as pl

from tongchou.morning.plots.ground import ACCENT, BLACK, FAINT, FORECAST, HAIR, PAPER, days
from tongchou.vocabulary.text import Lang, Text

ROW, WIDTH = 13, 860
"""Points from one row of cases to the next, and of the whole drawing."""

SPACE_OF_A_NAME = 3
"""Days kept free to the right of a lone case, so that several stand in one row."""

LABELS_AT_MOST = 400
LEAST_LINK, LEAST_OTHER = 0.2, 0.25
"""Probabilities from which the likeliest infector is drawn, and another one beside it.

A case whose likeliest infector is less probable stands as the first of a chain.
"""

MARKS = {
    "linked": Text(zh="由名单内病例传染", en="infected by a listed case"),
    "open": Text(zh="来源不在名单内或不明", en="source not listed, or open"),
    "undated": Text(zh="发病不详，按其他日期", en="onset not known, another day"),
}
LINKS = {
    "known": Text(zh="已认定", en="known"),
    "inferred": Text(zh="推断（线宽为概率）", en="inferred (width: probability)"),
    "other": Text(zh="其他可能的传染者（点线）", en="another possible infector (dotted)"),
}
_ONSET = Text(zh="发病", en="onset")
_NO_CASES = Text(zh="没有可画的病例", en="no case to draw")


@dataclass(frozen=True, slots=True)
class _Case:
    name: str
    on: date
    dated: bool
    infector: str | None
    known: bool
    probability: float


def chains_chart(frame: pl.DataFrame, lang: Lang) -> Any:
    """Give the picture of the chains.

    Parameters
    ----------
    frame
        ``infector`` (null: nobody on the list), ``infectee, probability, known, infectee_on, dated,
        shown``, as :class:`tongchou.surveillance.chains.study.ChainStudy` has them.
    lang
        Language of legend and axis.
    """
    cases = _cases(frame)
    if not cases:
        return (
            alt.Chart(alt.InlineData(values=[{}]))
            .mark_text(color=BLACK)
            .encode(text=alt.value(_NO_CASES[lang]))
        )
    rows = _rows(cases)
    height = max(rows.values()) + 2
    y = alt.Y(
        "row:Q", axis=None, scale=alt.Scale(domain=[-1, height - 1], reverse=True, nice=False)
    )
    x = days(lang, "on", axis={"grid": True})
    layers = [
        _strokes(_others(frame, cases, rows, lang), x, y, lang, dash=True),
        _strokes(_elbows(cases, rows, lang), x, y, lang, dash=False),
        *_points(list(_marks(cases, rows, lang)), x, y, lang),
    ]
    return (
        alt.layer(*layers)
        .properties(width=WIDTH, height=height * ROW, usermeta={"wide": True})
        .resolve_scale(fill="independent", shape="independent")
    )


def _cases(frame: pl.DataFrame) -> dict[str, _Case]:
    """Give every case with the infector it is drawn below."""
    shown = frame.filter(pl.col("shown") & pl.col("infectee_on").is_not_null())
    columns = ("infectee", "infectee_on", "dated", "infector", "known", "probability")
    cases = {row[0]: _Case(*row) for row in shown.select(columns).iter_rows()}
    return {
        name: case
        if case.infector in cases and case.probability >= LEAST_LINK
        else _Case(name, case.on, case.dated, None, False, 0.0)
        for name, case in cases.items()
    }


def _rows(cases: dict[str, _Case]) -> dict[str, int]:
    """Give each case its row: below its infector, the first infected on top; lone cases at the end."""
    below: dict[str | None, list[_Case]] = defaultdict(list)
    for case in sorted(cases.values(), key=lambda c: (c.on, c.name)):
        below[case.infector].append(case)
    rows: dict[str, int] = {}
    stack = [case for case in reversed(below[None]) if below[case.name]]
    while stack:
        case = stack.pop()
        rows[case.name] = len(rows)
        stack += reversed(below[case.name])
    start = len(rows) + (1 if rows else 0)
    ends: list[date] = []
    for case in below[None]:
        if below[case.name]:
            continue
        free = [i for i, end in enumerate(ends) if (case.on - end).days >= SPACE_OF_A_NAME]
        row = free[0] if free else len(ends)
        ends[row : row + 1] = [case.on]
        rows[case.name] = start + row
    return rows


def _elbows(
    cases: dict[str, _Case], rows: dict[str, int], lang: Lang
) -> Iterator[dict[str, object]]:
    """Give each link as two strokes: down from the infector, then along to the infectee."""
    for name, case in cases.items():
        if case.infector is None:
            continue
        start, end = cases[case.infector].on.isoformat(), case.on.isoformat()
        kind = LINKS["known" if case.known else "inferred"][lang]
        shared = {"kind": kind, "probability": case.probability, "row2": rows[name]}
        yield {"on": start, "to": start, "row": rows[case.infector], **shared}
        yield {"on": start, "to": end, "row": rows[name], **shared}


def _others(
    frame: pl.DataFrame, cases: dict[str, _Case], rows: dict[str, int], lang: Lang
) -> Iterator[dict[str, object]]:
    """Give the other possible infectors that are probable enough to be drawn."""
    likely = frame.filter(
        ~pl.col("shown") & pl.col("infector").is_not_null() & (pl.col("probability") >= LEAST_OTHER)
    )
    for infector, infectee, p in likely.select("infector", "infectee", "probability").iter_rows():
        if infector in cases and infectee in cases:
            yield {
                "on": cases[infector].on.isoformat(),
                "to": cases[infectee].on.isoformat(),
                "row": rows[infector],
                "row2": rows[infectee],
                "kind": LINKS["other"][lang],
                "probability": p,
            }


def _marks(
    cases: dict[str, _Case], rows: dict[str, int], lang: Lang
) -> Iterator[dict[str, object]]:
    for name, case in cases.items():
        mark = "undated" if not case.dated else "open" if case.infector is None else "linked"
        # A line that comes from the right would run through a name on the right.
        left = case.infector is not None and cases[case.infector].on > case.on
        yield {
            "name": name,
            "on": case.on.isoformat(),
            "row": rows[name],
            "mark": MARKS[mark][lang],
            "side": "left" if left else "right",
            "told": f"{case.on.isoformat()} · {(_ONSET if case.dated else MARKS['undated'])[lang]}",
        }


def _strokes(rows: Iterator[dict[str, object]], x: Any, y: Any, lang: Lang, *, dash: bool) -> Any:
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(
            domain=[name[lang] for name in LINKS.values()], range=[BLACK, FORECAST, FAINT]
        ),
        legend=alt.Legend(title=None, labelLimit=0, symbolType="stroke", symbolStrokeWidth=3),
    )
    width = alt.StrokeWidth(
        "probability:Q", scale=alt.Scale(domain=[0, 1], range=[0.3, 2.4]), legend=None
    )
    chart = alt.Chart(alt.InlineData(values=list(rows)))
    mark = chart.mark_rule(strokeDash=[2, 3]) if dash else chart.mark_rule(strokeCap="round")
    return mark.encode(x=x, x2="to", y=y, y2="row2", color=colour, strokeWidth=width)


def _points(marks: list[dict[str, object]], x: Any, y: Any, lang: Lang) -> list[Any]:
    kinds = [mark[lang] for mark in MARKS.values()]
    chart = alt.Chart(alt.InlineData(values=marks))
    drawn = [
        chart.mark_point(size=30, opacity=1, strokeWidth=1.2).encode(
            x=x,
            y=y,
            shape=alt.Shape(
                "mark:N",
                scale=alt.Scale(domain=kinds, range=["circle", "circle", "square"]),
                legend=alt.Legend(title=None, labelLimit=0),
            ),
            fill=alt.Fill(
                "mark:N",
                scale=alt.Scale(domain=kinds, range=[ACCENT, PAPER, HAIR]),
                legend=alt.Legend(title=None, labelLimit=0),
            ),
            stroke=alt.value(BLACK),
            tooltip=["name:N", "told:N"],
        )
    ]
    if len(marks) > LABELS_AT_MOST:
        return drawn
    right = chart.transform_filter(alt.datum.side == "right")
    left = chart.transform_filter(alt.datum.side == "left")
    # A name stands on its own ground, so that a line behind does not strike it through.
    grounds: tuple[dict[str, Any], ...] = ({"stroke": PAPER, "strokeWidth": 3}, {})
    for ground in grounds:
        names = (
            right.mark_text(align="left", dx=6, fontSize=9, color=BLACK, **ground),
            left.mark_text(align="right", dx=-6, fontSize=9, color=BLACK, **ground),
        )
        drawn += [name.encode(x=x, y=y, text="name:N") for name in names]
    return drawn
