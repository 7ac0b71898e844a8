"""Objectives of the operational period: each with an indicator, a target, and whether it is met."""

import polars as pl

from tongchou.morning.annexes.common import head
from tongchou.morning.order import Figure, Gap, Table
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.text import Text, count, estimate, same, share, text_of

WORDS = {
    "met": Text(zh="达标", en="met"),
    "missed": Text(zh="未达标", en="not met"),
    "unknown": Text(zh="无数据", en="no data"),
}


def objectives_table(figures: tuple[Figure, ...], gaps: tuple[Gap, ...]) -> Table:
    """Give each objective with its target, today's value and whether it is met.

    Targets are rows of ``reference/morning/objectives.csv``; the commander may change them.
    """
    values: dict[str, tuple[float | None, str, Text | None]] = {
        f"figure:{f.id}": (f.value, f.shown, f.missing) for f in figures
    } | {
        f"gap:{g.id}": (None if g.count is None else float(g.count), count(g.count), g.missing)
        for g in gaps
    }
    rows = []
    for row in _objectives().iter_rows(named=True):
        value, shown, missing = values[row["indicator"]]
        rows.append(
            {
                "objective": text_of(row, "objective"),
                "target": _target(row),
                "value": same(shown) if missing is None else missing,
                "met": WORDS[status(value, row["direction"], row["target"])],
                "mechanisms": same(row["mechanisms"].replace("|", " ")),
            }
        )
    known = [r["met"] for r in rows if r["met"] is not WORDS["unknown"]]
    return Table(
        id="objectives",
        title=Text(zh="本执行时段目标", en="Objectives of the operational period"),
        headings=(
            head("objective", "目标", "Objective"),
            head("target", "指标线", "Target"),
            head("value", "当前", "Now"),
            head("met", "状态", "Status"),
            head("mechanisms", "机制", "Mechanisms", "code"),
        ),
        rows=tuple(rows),
        note=Text(
            zh="有数据的 {k} 项目标中 {m} 项达标。指标线为假设，指挥员可改。",
            en="Of {k} objectives with data {m} are met. Targets are assumptions the commander may change.",
        ).fill(k=len(known), m=sum(m is WORDS["met"] for m in known)),
    )


def status(value: float | None, direction: str, target: float) -> str:
    """Say whether a value meets its target.

    >>> status(0.5, "below", 1.0), status(3.0, "at_most", 0.0), status(None, "below", 1.0)
    ('met', 'missed', 'unknown')
    """
    if value is None:
        return "unknown"
    met = {
        "below": value < target,
        "at_most": value <= target,
        "at_least": value >= target,
    }[direction]
    return "met" if met else "missed"


def _target(row: dict[str, object]) -> Text:
    sign = {"below": "<", "at_most": "≤", "at_least": "≥"}[str(row["direction"])]
    number = float(str(row["target"]))
    written = share(number) if 0 < number < 1 else estimate(number)
    return same(f"{sign} {written}")


def _objectives() -> pl.DataFrame:
    return packaged("morning/objectives")
