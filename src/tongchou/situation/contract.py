"""The data contract: which tables there are, which columns they have, what a column means.

The contract is data: ``reference/table_list.csv`` names the tables and ``reference/tables.csv``
their columns. Reader, validator, exporter, documentation and tests all read these two files.

Every row knows when the thing happened and when it became known. The *role* of a column says how
the cut-off uses it:

``key``
    part of what identifies a row;
``known``
    the day the row became known: later rows are not seen at the cut-off;
``event``
    the day the row speaks of;
``milestone``
    a date inside a record that may still lie ahead: it is blank until it has come;
``outcome COLUMN``
    a value that becomes known with the milestone it names.
"""

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, cast

import polars as pl

from tongchou import reference
from tongchou.vocabulary.errors import UnknownTable
from tongchou.vocabulary.text import Text, text_of

ColumnType = Literal["string", "date", "int", "float", "bool"]

POLARS_TYPE: Mapping[ColumnType, pl.DataType] = MappingProxyType(
    {
        "string": pl.String(),
        "date": pl.Date(),
        "int": pl.Int64(),
        "float": pl.Float64(),
        "bool": pl.Boolean(),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table: its type, unit, role, limits and meaning."""

    name: str
    type: ColumnType
    unit: str
    roles: tuple[str, ...]
    outcome_of: str | None
    required: bool
    allowed: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    refers: tuple[str, str] | None
    meaning: Text

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type the column is held in."""
        return POLARS_TYPE[self.type]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableContract:
    """What one table promises."""

    name: str
    title: Text
    groups: tuple[str, ...]
    personal: bool
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Give the column of that name."""
        return next(c for c in self.columns if c.name == name)

    def with_role(self, role: str) -> tuple[str, ...]:
        """Give the names of the columns that have a role."""
        return tuple(c.name for c in self.columns if role in c.roles)

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that identify a row."""
        return self.with_role("key")

    @property
    def known(self) -> str | None:
        """The column that says when a row became known, if the table has one."""
        names = self.with_role("known")
        return names[0] if names else None

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """The Polars schema of the whole table."""
        return {c.name: c.dtype for c in self.columns}

    def empty(self) -> pl.DataFrame:
        """Give a table without rows."""
        return pl.DataFrame(schema=self.schema)


def _number(text: str) -> float | None:
    return float(text) if text else None


def _column(row: Mapping[str, str]) -> Column:
    words = row["role"].split()
    outcome_of = words[1] if words[0] == "outcome" else None
    table, _, column = row["refers"].partition(".")
    return Column(
        name=row["column"],
        type=cast(ColumnType, row["type"]),
        unit=row["unit"],
        roles=("outcome",) if outcome_of else tuple(words),
        outcome_of=outcome_of,
        required=row["required"] == "yes",
        allowed=tuple(row["allowed"].split("|")) if row["allowed"] else (),
        minimum=_number(row["minimum"]),
        maximum=_number(row["maximum"]),
        refers=(table, column) if column else None,
        meaning=text_of(row, "meaning"),
    )


def _rows(name: str) -> list[dict[str, str]]:
    with reference.path(name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@lru_cache(maxsize=1)
def contracts() -> Mapping[str, TableContract]:
    """Give the contract of every table, in the order of the register.

    Examples
    --------
    >>> contracts()["case_counts"].key
    ('place', 'date', 'known_on')
    """
    columns: dict[str, list[Column]] = {}
    for row in _rows("tables.csv"):
        columns.setdefault(row["table"], []).append(_column(row))
    return MappingProxyType(
        {
            row["table"]: TableContract(
                name=row["table"],
                title=text_of(row, "title"),
                groups=tuple(row["groups"].split()),
                personal=row["personal"] == "yes",
                columns=tuple(columns[row["table"]]),
            )
            for row in _rows("table_list.csv")
        }
    )


def contract(name: str) -> TableContract:
    """Give the contract of one table.

    Raises
    ------
    UnknownTable
        If the data contract has no such table.
    """
    if name not in contracts():
        raise UnknownTable(
            name,
            tuple(contracts()),
            Text(
                zh="数据契约见 docs/reference/tables.md。",
                en="The data contract is docs/reference/tables.md.",
            ),
        )
    return contracts()[name]


@lru_cache(maxsize=1)
def contract_digest() -> str:
    """Give the SHA-256 of the contract, written into each pack that was checked against it."""
    content = b"".join(reference.path(n).read_bytes() for n in ("table_list.csv", "tables.csv"))
    return hashlib.sha256(content).hexdigest()
