"""What can be imported: a kind of record, its fields, and the calls of the room that keeps it.

The exchange knows files, columns, chunks and faults; it knows nothing of cases. A room says what a
row may hold and gives five calls; each is handed many rows at once and runs inside the scope of the
person who imports, in the transaction of the chunk.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from tongchou.vocabulary.text import Text

Kind = Literal[
    "text", "name", "document", "phone", "date", "datetime", "integer", "number", "choice", "flag", "place", "unit",
]  # fmt: skip
Value = str | int | float | bool | date | datetime
"""A value as a record holds it: places and units by code, choices by their own word, times as the
station's wall clock shows them, without a zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportField:
    """A field that a column of a file may fill.

    Parameters
    ----------
    key
        Name of the field in the record.
    choices
        For ``choice``: each value with the words that files use for it; the first pair of words are
        those that an export writes.
    aliases
        Column names seen in the field, in any language.
    record
        Whether the field holds the station's own number of the record: a row that bears one is known.
    """

    key: str
    label: Text
    kind: Kind = "text"
    required: bool = False
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    record: bool = False
    meaning: Text = field(default_factory=lambda: Text(zh="", en=""))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRow:
    """A row whose values have been read; ``number`` counts data rows of the file from 1."""

    number: int
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedRow:
    """A row of a record that is known, with the values that are to be written."""

    number: int
    target: str
    changes: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a row: the number of its record, or what is wrong and what to do."""

    number: int
    target: str = ""
    problem: Text | None = None
    remedy: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A doubt that a person settles: this row may be that record.

    ``score`` is a likeness in per cent. ``earlier`` names an earlier row of the same chunk instead of
    a record: the row is then looked at again when that one is in.
    """

    number: int
    target: str = ""
    label: Text = field(default_factory=lambda: Text(zh="", en=""))
    score: float = 0.0
    reason: Text = field(default_factory=lambda: Text(zh="", en=""))
    earlier: int | None = None


Record = tuple[str, Mapping[str, Value | None]]
"""A record's number and the values it holds."""


def no_findings(rows: Sequence[NewRow]) -> Sequence[Finding]:
    """Find nothing: for records of which each is what it says."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Importable:
    """A kind of record that can be imported and exported as a table.

    Parameters
    ----------
    action
        Asked beside ``exchange.import``, such as ``cases.report``.
    keys
        Natural keys, best first: a row is known by the first whose fields are all filled; a row
        that fills none is known by all its values.
    save
        Writes new records, one outcome a row in any order. It may raise for a row it cannot write:
        the rows of the chunk are then given one by one.
    update
        Writes changes into known records.
    held
        Gives the present values of records by number; those out of reach are left out.
    check
        Finds records that rows may be duplicates of.
    records
        Gives every record within reach, streamed, for the export.
    url
        Gives the page of a record.
    """

    name: str
    title: Text
    action: str
    fields: tuple[ImportField, ...]
    keys: tuple[tuple[str, ...], ...]
    save: Callable[[Sequence[NewRow]], Sequence[Outcome]]
    update: Callable[[Sequence[ChangedRow]], Sequence[Outcome]]
    held: Callable[[Sequence[str]], Mapping[str, Mapping[str, Value | None]]]
    records: Callable[[], Iterator[Record]]
    check: Callable[[Sequence[NewRow]], Sequence[Finding]] = no_findings
    url: Callable[[str], str] = lambda target: ""

    @property
    def by_key(self) -> Mapping[str, ImportField]:
        """The fields by key."""
        return {f.key: f for f in self.fields}

    @property
    def record_field(self) -> ImportField | None:
        """The field that holds the station's own number, if the kind has one."""
        return next((f for f in self.fields if f.record), None)
