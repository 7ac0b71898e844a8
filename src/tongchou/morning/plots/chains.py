"""Chains of transmission over time: a case on its day, a line from its infector as wide as it is probable."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt
import polars as pl

from tongchou.morning.plots.ground import ACCENT, BLACK, FORECAST, HAIR, PAPER, days
from tongchou.vocabulary.text import Lang, Text

ROW, WIDTH = 13, 860
"""Points from one row of cases to the next, and of the whole drawing."""

SPACE_OF_A_NAME = 3
"""Days kept free to the right of a lone case, so that several stand in one row."""

LABELS_AT_MOST = 400
LEAST_ALTERNATIVE = 0.15
"""Probability from which another possible infector is drawn beside the one shown."""

_TIME = Text(zh="发病日期", en="day of onset")
_MARKS = {
    "onset": Text(zh="发病", en="onset"),
    "other": Text(zh="发病不详，按其他日期", en="onset not known: another day"),
    "alone": Text(
        zh="单独病例（名单内无来源也无续发）", en="alone: no source and nobody infected on the list"
    ),
}
_LINKS = {
    "known": Text(zh="已认定", en="known"),
    "inferred": Text(zh="推断（线宽为概率）", en="inferred (width: probability)"),
    "other": Text(zh="其他可能的传染者", en="another possible infector"),
}


@dataclass(frozen=True, slots=True)
class _Case:
    name: str
    on: date
    dated: bool
    infector: str | None


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
    cases = {
        name: _Case(name, on, dated, infector)
        for infector, name, on, dated in frame.filter("shown")
        .filter(pl.col("infectee_on").is_not_null())
        .select("infector", "infectee", "infectee_on", "dated")
        .iter_rows()
    }
    rows, lone = _rows(cases)
    height = ROW * (max(rows.values(), default=0) + 2)
    y = alt.Y(
        "row:Q", axis=None, scale=alt.Scale(domain=[-1, height / ROW - 1], reverse=True, nice=False)
    )
    x = days(lang, "on")
    links = alt.Chart(alt.InlineData(values=list(_elbows(frame, cases, rows, lang))))
    others = alt.Chart(alt.InlineData(values=list(_others(frame, cases, rows, lang))))
    points = alt.Chart(alt.InlineData(values=list(_points(cases, rows, lone, lang))))
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(
            domain=[_LINKS[k][lang] for k in ("known", "inferred", "other")],
            range=[BLACK, FORECAST, HAIR],
        ),
        legend=alt.Legend(title=None, symbolType="stroke", symbolStrokeWidth=3),
    )
    width = alt.StrokeWidth(
        "probability:Q", scale=alt.Scale(domain=[0, 1], range=[0.4, 3.2]), legend=None
    )
    drawn = [
        others.mark_rule(strokeDash=[2, 3]).encode(
            x=x, x2="to", y=y, y2="row2", color=colour, strokeWidth=width
        ),
        links.mark_rule(strokeCap="round").encode(
            x=x, x2="to", y=y, y2="row2", color=colour, strokeWidth=width
        ),
        points.mark_point(size=34, opacity=1, strokeWidth=1.3).encode(
            x=x,
            y=y,
            shape=alt.Shape(
                "mark:N",
                scale=alt.Scale(
                    domain=[m[lang] for m in _MARKS.values()], range=["circle", "square", "circle"]
                ),
                legend=None,
            ),
            fill=alt.Fill(
                "mark:N",
                scale=alt.Scale(
                    domain=[m[lang] for m in _MARKS.values()], range=[ACCENT, PAPER, HAIR]
                ),
                legend=alt.Legend(title=None),
            ),
            stroke=alt.value(BLACK),
            tooltip=["name:N", "told:N"],
        ),
    ]
    if len(cases) <= LABELS_AT_MOST:
        drawn.append(
            points.mark_text(align="left", dx=6, fontSize=8.5, color=BLACK).encode(
                x=x, y=y, text="name:N"
            )
        )
    return (
        alt.layer(*drawn)
        .properties(width=WIDTH, height=max(height, 60))
        .resolve_scale(fill="independent", shape="independent")
    )


def _rows(cases: dict[str, _Case]) -> tuple[dict[str, int], set[str]]:
    """Give each case its row: below its infector, those infected first on top; lone cases at the end."""
    below: dict[str | None, list[_Case]] = defaultdict(list)
    for case in sorted(cases.values(), key=lambda c: (c.on, c.name)):
        infector = case.infector if case.infector in cases else None
        below[infector].append(case)
    rows: dict[str, int] = {}
    roots = below[None]
    stack = [case for case in reversed(roots) if below[case.name]]
    while stack:
        case = stack.pop()
        rows[case.name] = len(rows)
        stack += reversed(below[case.name])
    lone = [case for case in roots if not below[case.name]]
    start = len(rows) + (1 if rows else 0)
    ends: list[date] = []
    for case in lone:
        free = next(
            (i for i, end in enumerate(ends) if (case.on - end).days >= SPACE_OF_A_NAME), None
        )
        if free is None:
            ends.append(case.on)
            free = len(ends) - 1
        ends[free] = case.on
        rows[case.name] = start + free
    return rows, {case.name for case in lone}


def _elbows(
    frame: pl.DataFrame, cases: dict[str, _Case], rows: dict[str, int], lang: Lang
) -> Iterator[dict[str, object]]:
    """Give each link shown as two strokes: down from the infector, then along to the infectee."""
    shown = frame.filter(pl.col("shown") & pl.col("infector").is_not_null())
    for infector, infectee, p, known in shown.select(
        "infector", "infectee", "probability", "known"
    ).iter_rows():
        if infector not in cases or infectee not in cases:
            continue
        one, other = cases[infector], cases[infectee]
        kind = _LINKS["known" if known else "inferred"][lang]
        start, end = one.on.isoformat(), other.on.isoformat()
        r, s = rows[infector], rows[infectee]
        shared = {"kind": kind, "probability": p}
        yield {"on": start, "to": start, "row": r, "row2": s, **shared}
        yield {"on": start, "to": end, "row": s, "row2": s, **shared}


def _others(
    frame: pl.DataFrame, cases: dict[str, _Case], rows: dict[str, int], lang: Lang
) -> Iterator[dict[str, object]]:
    """Give the other possible infectors that are probable enough to be drawn."""
    likely = frame.filter(
        ~pl.col("shown")
        & pl.col("infector").is_not_null()
        & (pl.col("probability") >= LEAST_ALTERNATIVE)
    )
    for infector, infectee, p in likely.select("infector", "infectee", "probability").iter_rows():
        if infector in cases and infectee in cases:
            yield {
                "on": cases[infector].on.isoformat(),
                "to": cases[infectee].on.isoformat(),
                "row": rows[infector],
                "row2": rows[infectee],
                "kind": _LINKS["other"][lang],
                "probability": p,
            }


def _points(
    cases: dict[str, _Case], rows: dict[str, int], lone: set[str], lang: Lang
) -> Iterator[dict[str, object]]:
    for name, case in cases.items():
        mark = "alone" if name in lone else "onset" if case.dated else "other"
        yield {
            "name": name,
            "on": case.on.isoformat(),
            "row": rows[name],
            "mark": _MARKS[mark][lang],
            "told": f"{case.on.isoformat()} · {_MARKS['onset' if case.dated else 'other'][lang]}",
        }
