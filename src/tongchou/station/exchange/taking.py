"""What is to be done with the rows of one chunk: pure decisions over what is already known.

A row is known by the station's own number, else by its natural key. A known row that says nothing
new is unchanged; one that only fills blanks is written; one that contradicts its record waits for a
person. A row that nobody knows is checked for duplicates, then added.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.crypto import salted_hmac

from tongchou.station.exchange.converting import ReadRow, written
from tongchou.station.exchange.differences import Differences, compare
from tongchou.station.exchange.importable import Importable, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What a row is known by, and what it says, both as keyed hashes."""

    key: str
    said: str


def marks(importable: Importable, values: Mapping[str, Value]) -> Marks:
    """Give the natural key of a row and the fingerprint of all it says.

    The key is that of the first natural key whose fields are all filled; all values where none is.
    """
    said = _hash(importable.name, "", sorted(k for k in values), values)
    for fields in importable.keys:
        if all(f in values for f in fields):
            return Marks(key=_hash(importable.name, "+".join(fields), fields, values), said=said)
    return Marks(key=said, said=said)


def _hash(name: str, of: str, fields: Iterable[str], values: Mapping[str, Value]) -> str:
    text = "\x1f".join(f"{f}={_plain(values[f])}" for f in fields)
    return salted_hmac(
        "exchange.known", f"{name}\x1e{of}\x1e{text}", algorithm="sha256"
    ).hexdigest()


def _plain(value: Value) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return " ".join(str(value).split()).casefold()


@dataclass(slots=True)
class Plan:
    """The rows of a chunk by what is to be done with them."""

    faulty: list[ReadRow] = field(default_factory=list)
    unchanged: list[tuple[ReadRow, str]] = field(default_factory=list)
    new: list[ReadRow] = field(default_factory=list)
    sure: list[ReadRow] = field(default_factory=list)
    fill: list[tuple[ReadRow, str, Differences]] = field(default_factory=list)
    doubt: list[tuple[ReadRow, str, Differences]] = field(default_factory=list)
    later: list[ReadRow] = field(default_factory=list)
    lost: list[ReadRow] = field(default_factory=list)
    left: list[tuple[ReadRow, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What is known before a chunk is taken.

    Parameters
    ----------
    marks
        The marks of every sound row, by number.
    known
        For each natural key: what was last said under it and the record.
    held
        The present values of records, by number; those out of reach are missing.
    decided
        What a person decided: ``(decision, target)`` by number of the row.
    """

    marks: Mapping[int, Marks]
    known: Mapping[str, tuple[str, str]]
    held: Mapping[str, Mapping[str, Value | None]]
    decided: Mapping[int, tuple[str, str]]


def plan(importable: Importable, rows: Sequence[ReadRow], before: Before) -> Plan:
    """Say what is to be done with each row of a chunk.

    Of several rows with one key in a chunk only the first is taken now: the others are taken when
    its record is known.
    """
    made = Plan()
    fields = importable.by_key
    number = importable.record_field
    seen: set[str] = set()
    for row in rows:
        if row.faults:
            made.faulty.append(row)
            continue
        mark = before.marks[row.number]
        decision, chosen = before.decided.get(row.number, ("", ""))
        stated = str(row.values.get(number.key, "")) if number else ""
        said, linked = before.known.get(mark.key, ("", ""))
        target = chosen or stated or linked
        if (target or mark.key) in seen:
            made.later.append(row)
            continue
        seen.add(target or mark.key)
        if decision == "leave":
            made.left.append((row, linked))
        elif decision == "add":
            made.sure.append(row)
        elif not stated and not decision and said == mark.said:
            made.unchanged.append((row, linked))
        elif target and target in before.held:
            found = compare(row.values, before.held[target], fields)
            if found.none:
                made.unchanged.append((row, target))
            elif decision == "update" or not found.changed:
                made.fill.append((row, target, found))
            else:
                made.doubt.append((row, target, found))
        elif stated or decision == "update":
            made.lost.append(row)
        else:
            made.new.append(row)
    return made


def shown_changes(found: Differences, importable: Importable) -> list[list[str]]:
    """Give the differences as rows of ``[field, label_zh, label_en, old, new]`` to be shown."""
    fields = importable.by_key
    changes = [(k, old, new) for k, (old, new) in found.changed.items()]
    changes += [(k, None, new) for k, new in found.filled.items()]
    return [
        [
            k,
            fields[k].label.zh,
            fields[k].label.en,
            written(old, fields[k]),
            written(new, fields[k]),
        ]
        for k, old, new in changes
    ]
