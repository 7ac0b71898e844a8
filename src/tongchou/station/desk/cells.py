"""What a cell of a list says, on a page and in a file."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from tongchou.station.desk.lists import Badge, Column
from tongchou.vocabulary.text import Lang, Text
from tongchou.vocabulary.text import count as write_count

EMPTY = "–"
YES, NO = Text(zh="是", en="yes"), Text(zh="否", en="no")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a page: its words, and its badge where it has one."""

    column: Column
    text: str
    badge: Badge | None = None


def value_of(column: Column, row: Any) -> object:
    """Give the value of a row in a column."""
    if column.value is not None:
        return column.value(row)
    value = row
    for part in column.key.split("__"):
        value = None if value is None else getattr(value, part)
    return value


def badge_of(column: Column, row: Any) -> Badge | None:
    """Give the badge of a row in a column; a value without one is written as it is."""
    if callable(column.badge):
        return column.badge(row)
    value = value_of(column, row)
    if isinstance(value, Badge):
        return value
    return column.badge.get(value) if column.badge is not None else None


def cell(column: Column, row: Any, lang: Lang) -> Cell:
    """Give a cell as a page shows it."""
    badge = badge_of(column, row) if column.kind == "badge" else None
    if badge is not None:
        return Cell(column, badge.text[lang], badge)
    return Cell(column, written(value_of(column, row), lang))


def written(value: object, lang: Lang) -> str:
    """Write a value in a language."""
    match value:
        case None | "":
            return EMPTY
        case Text():
            return value[lang]
        case bool():
            return (YES if value else NO)[lang]
        case datetime():
            return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case int():
            return write_count(value)
        case _:
            return str(value)


def plain(column: Column, row: Any, lang: Lang) -> object:
    """Give a cell as a file holds it: numbers and dates stay what they are."""
    badge = badge_of(column, row) if column.kind == "badge" else None
    value = badge.text if badge is not None else value_of(column, row)
    match value:
        case None:
            return ""
        case Text() | bool():
            return written(value, lang)
        case datetime():
            return timezone.localtime(value).replace(tzinfo=None)
        case date() | int() | float() | str():
            return value
        case _:
            return str(value)
