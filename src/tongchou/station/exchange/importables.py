"""Kinds of records made from the table of fields: the room that keeps them supplies the calls.

The columns of ``reference/station/import_fields.csv``: ``importable`` (``persons`` stands for what
every record of a person shares), ``key``, ``kind``, ``required``, ``record``, the label in both
languages, ``choices`` as ``value=word|word|...;value=...`` (the first two words are Chinese and
English), and ``aliases``: names of columns seen in the field.
"""

import csv
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, cast

from tongchou import reference
from tongchou.station.exchange.importable import Importable, ImportField, Kind
from tongchou.vocabulary.text import Text, text_of


@cache
def _rows() -> tuple[Mapping[str, str], ...]:
    with reference.path("station/import_fields.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))


def fields_of(*tables: str, required: Collection[str] = ()) -> tuple[ImportField, ...]:
    """Give the fields of one or several tables, the station's own number first.

    Parameters
    ----------
    tables
        Such as ``"cases", "persons"``.
    required
        Fields that are required here beside those that always are.
    """
    found = [_field(r, required) for table in tables for r in _rows() if r["importable"] == table]
    return tuple(sorted(found, key=lambda f: not f.record))


def _field(row: Mapping[str, str], required: Collection[str]) -> ImportField:
    return ImportField(
        key=row["key"],
        label=Text(zh=row["zh"], en=row["en"]),
        kind=cast(Kind, row["kind"]),
        required=row["required"] == "yes" or row["key"] in required,
        choices=_choices(row["choices"]),
        aliases=tuple(a for a in row["aliases"].split("|") if a),
        record=row["record"] == "yes",
        meaning=text_of(row, "meaning"),
    )


def _choices(cell: str) -> Mapping[str, tuple[str, ...]]:
    """Give the choices of a cell.

    >>> _choices("m=男|male;f=女|female")
    {'m': ('男', 'male'), 'f': ('女', 'female')}
    """
    pairs = (part.partition("=") for part in cell.split(";") if part)
    return {value: tuple(words.split("|")) for value, _, words in pairs}


TITLES = {
    "cases": Text(zh="病例", en="Cases"),
    "contacts": Text(zh="密切接触者", en="Close contacts"),
    "samples": Text(zh="样本", en="Samples"),
    "arrivals": Text(zh="到达人员", en="Arrivals under watch"),
}
ACTIONS = {
    "cases": "cases.report",
    "contacts": "contacts.manage",
    "samples": "samples.collect",
    "arrivals": "contacts.manage",
}
PERSON_KEYS = (("document_number",), ("name", "phone"))
"""What a person is known by, best first."""
KEYS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "cases": (("source_number",), *PERSON_KEYS, ("name", "age", "onset_on")),
    "contacts": tuple(("case_number", *k) for k in (*PERSON_KEYS, ("name",))),
    "samples": (
        ("source_number",),
        ("case_number", "taken_at", "kind"),
        ("case_number", "taken_at"),
    ),
    "arrivals": tuple(("arrived_on", *k) for k in (*PERSON_KEYS, ("name",))),
}
FIELDS = {
    "cases": lambda: fields_of("cases", "persons", required=("name", "residence")),
    "contacts": lambda: fields_of("contacts", "persons", required=("name",)),
    "samples": lambda: fields_of("samples"),
    "arrivals": lambda: fields_of("arrivals", "persons", required=("name",)),
}


def ready_made(name: str, **calls: Any) -> Importable:
    """Give a kind of record with its fields and keys; ``calls`` are those of the room.

    ::

        register_importable(ready_made("cases", save=..., update=..., held=..., records=..., check=...))
    """
    return Importable(
        name=name,
        title=TITLES[name],
        action=ACTIONS[name],
        fields=FIELDS[name](),
        keys=KEYS[name],
        **calls,
    )
