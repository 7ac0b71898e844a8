"""The tables under ``reference/station`` that this room reads, and their single numbers."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType

from tongchou import reference
from tongchou.vocabulary.text import Text, text_of


@cache
def table(name: str) -> tuple[Mapping[str, str], ...]:
    """Give the rows of a table, as text."""
    with reference.path(f"station/{name}.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(MappingProxyType(r) for r in csv.DictReader(handle))


def names(cell: str) -> tuple[str, ...]:
    """Give the names in a cell, separated by strokes.

    >>> names("a|b"), names("")
    (('a', 'b'), ())
    """
    return tuple(n for n in cell.split("|") if n)


def words(row: Mapping[str, str]) -> Text:
    """Give the two languages of a row."""
    return Text(zh=row["zh"], en=row["en"])


@cache
def number(name: str) -> int:
    """Give a number of ``case_rules.csv``; its source stands beside it.

    >>> number("negatives_hours")
    24
    """
    return next(int(r["value"]) for r in table("case_rules") if r["name"] == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """An edition of a case definition, and from when it was in force."""

    disease: str
    name: str
    valid_from: date
    label: Text
    clinical_class: bool
    note: Text
    source: str


@cache
def diseases() -> Mapping[str, Text]:
    """Give the diseases on record by code."""
    return MappingProxyType({r["disease"]: words(r) for r in table("diseases")})


@cache
def definitions(disease: str) -> tuple[Definition, ...]:
    """Give the editions of a disease's definition, oldest first."""
    return tuple(
        sorted(
            (
                Definition(
                    disease=r["disease"],
                    name=r["definition"],
                    valid_from=date.fromisoformat(r["valid_from"]),
                    label=words(r),
                    clinical_class=r["clinical_class"] == "yes",
                    note=text_of(r, "note"),
                    source=r["source"],
                )
                for r in table("case_definitions")
                if r["disease"] == disease
            ),
            key=lambda d: d.valid_from,
        )
    )


def definition_on(disease: str, day: date) -> Definition:
    """Give the edition in force on a day; before the first, the first.

    >>> definition_on("covid-19", date(2020, 2, 10)).name
    'trial-5'
    """
    editions = definitions(disease)
    return next((d for d in reversed(editions) if d.valid_from <= day), editions[0])


def definition(disease: str, name: str) -> Definition:
    """Give an edition by name."""
    return next(d for d in definitions(disease) if d.name == name)
