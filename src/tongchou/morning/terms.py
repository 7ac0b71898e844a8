"""Words for what evidence holds: columns, classes, items and units, in both languages."""

from collections.abc import Mapping
from functools import cache

from tongchou.morning.records import item_name
from tongchou.tiering.measures import measure_catalogue
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.text import Text, same

CLASSED = frozenset(
    {"tier", "previous_tier", "rule", "kind", "option", "delay", "bed", "skill", "unit", "starts",
     "status", "item", "table"}
)  # fmt: skip
"""Columns whose cells are classes with a name, and not free text or numbers."""


def term(name: str) -> Text:
    """Give the word for a column, a class or a unit; the name itself where there is none.

    >>> term("days_since_last").zh, term("mild").en
    ('距末例天数', 'mild and ordinary')
    """
    return _terms().get(name, same(name))


def named_cell(column: str, value: object, places: Mapping[str, Text]) -> Text | None:
    """Give the words of a cell that holds a code, None where it holds something else."""
    if not isinstance(value, str):
        return None
    if column == "place" and value in places:
        return Text(zh="{n}（{c}）", en="{n} ({c})").fill(n=places[value], c=value)
    if column not in CLASSED:
        return None
    known = _terms().get(value)
    return item_name(value) if known is None else known


@cache
def _terms() -> Mapping[str, Text]:
    words = {
        row["term"]: Text(zh=row["zh"], en=row["en"])
        for row in packaged("morning/terms").iter_rows(named=True)
    }
    measures = {m.measure: m.name for m in measure_catalogue().values()}
    packages = {
        row["id"]: Text(zh=row["zh"], en=row["en"])
        for row in packaged("scenario/packages").iter_rows(named=True)
    }
    return measures | packages | words
