"""The four response levels: their names, who may decide on them, what they oblige to."""

from datetime import datetime, timedelta
from functools import cache
from typing import Literal, get_args

import polars as pl

from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.text import Text, text_of

Level = Literal["I", "II", "III", "IV"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""Response levels, the gravest first."""

AreaKind = Literal["nation", "province", "prefecture", "county"]
KINDS: tuple[AreaKind, ...] = get_args(AreaKind)
"""Kinds of area, the widest first."""


KIND_NAMES: dict[AreaKind, Text] = {
    "nation": Text(zh="国家", en="national"),
    "province": Text(zh="省级", en="province"),
    "prefecture": Text(zh="市级", en="prefecture"),
    "county": Text(zh="县级", en="county"),
}


def effective_moment(written: str) -> datetime:
    """Read a local moment; a bare day means 00:00, and 24:00 the midnight that ends the day.

    >>> effective_moment("2020-02-24T24:00")
    datetime.datetime(2020, 2, 25, 0, 0)
    """
    head, _, clock = written.partition("T")
    if clock.startswith("24:00"):
        return datetime.fromisoformat(head) + timedelta(days=1)
    return datetime.fromisoformat(written)


def level_name(level: Level) -> Text:
    """Give the level as each language names it.

    >>> level_name("II")["zh"]
    '二级响应'
    """
    row = level_row(level)
    return Text(zh=str(row["zh"]), en=str(row["en"]))


def decides(level: Level) -> AreaKind:
    """Give the lowest kind of government that may decide on a level.

    Level I is directed by the State Council; within its area the province decides to respond
    at that level, as all 31 did in January 2020.

    >>> decides("IV")
    'county'
    """
    kind: AreaKind = level_row(level)["decides"]  # type: ignore[assignment]
    return kind


def duties(level: Level) -> list[tuple[str, Text, Text]]:
    """Give the duties of a level: id, what, and whose."""
    rows = packaged("tiering/level_duties").filter(pl.col("level") == level)
    return [
        (row["duty"], Text(zh=row["zh"], en=row["en"]), text_of(row, "owner"))
        for row in rows.iter_rows(named=True)
    ]


@cache
def level_row(level: Level) -> dict[str, object]:
    """Give the row of a level in the packaged table."""
    return packaged("tiering/levels").row(by_predicate=pl.col("level") == level, named=True)
