"""Whole rows as the database writes them in JSON: taken before a merge, put back by its undoing.

The database itself reads and writes them (``to_jsonb``, ``jsonb_populate_record``), so that every value
comes back exactly as it was, to the microsecond and to the last digit.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Undone:
    """What putting one row back came to: its new state and the fields that someone edited since."""

    row: Row
    edited: tuple[str, ...]


def take(model: type[models.Model], keys: Iterable[int]) -> dict[int, Row]:
    """Give rows of a table by key, locked until the end of the transaction."""
    table, wanted = model._meta.db_table, sorted(keys)
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT t.id, to_jsonb(t) FROM {table} t WHERE t.id = ANY(%s) ORDER BY t.id FOR UPDATE",
            [wanted],
        )
        return {key: _read(row) for key, row in cursor.fetchall()}


def put(model: type[models.Model], row: Row) -> None:
    """Write every column of a row that is there."""
    table = model._meta.db_table
    columns = ", ".join(f'"{name}"' for name in row)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET ({columns}) = "
            f"(SELECT {columns} FROM jsonb_populate_record(NULL::{table}, %s::jsonb)) WHERE id = %s",
            [json.dumps(row, ensure_ascii=False), row["id"]],
        )


def highest(model: type[models.Model]) -> int:
    """Give the highest key of a table, 0 for an empty one."""
    return model._base_manager.aggregate(top=models.Max("pk"))["top"] or 0


def undo(before: Row, after: Row, now: Row, *, counters: tuple[str, ...] = ("version",)) -> Undone:
    """Give a row as it was before a change, keeping what was edited after it; pure.

    A field that the change left alone stays as it is now; a field it changed goes back, unless
    somebody edited it since: then the edit is kept and named. Counters go on counting.

    >>> undo({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 2, "b": 5})
    Undone(row={'a': 1, 'b': 5}, edited=())
    >>> undo({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 7, "b": 1})
    Undone(row={'a': 7, 'b': 1}, edited=('a',))
    """
    row, edited = dict(now), []
    for name, old in before.items():
        if name not in now or old == after.get(name):
            continue
        if now[name] == after.get(name):
            row[name] = old
        elif name in counters:
            row[name] = now[name] + 1
        else:
            edited.append(name)
    return Undone(row, tuple(edited))


def changed(before: Mapping[int, Row], after: Mapping[int, Row]) -> list[int]:
    """Give the keys of the rows that differ."""
    return sorted(key for key, row in before.items() if row != after.get(key))


def _read(value: object) -> Row:
    return json.loads(value) if isinstance(value, str) else dict(value)  # type: ignore[call-overload]
