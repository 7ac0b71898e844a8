"""What other rooms bring to the exchange: they register it in their ``AppConfig.ready()``.

Tables of the data contract::

    register_table(ContractTable(name="cases", export=cases_frame, load=load_cases))

Records that people import from files and export again (:mod:`tongchou.station.exchange.importable`)::

    register_importable(Importable(name="cases", title=..., fields=..., save=...))
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import polars as pl

from tongchou.station.exchange.importable import Importable
from tongchou.vocabulary.errors import NotFound
from tongchou.vocabulary.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTable:
    """A table of the data contract that a room keeps as live records.

    Parameters
    ----------
    name
        Name of the table, as in ``reference/table_list.csv``.
    export
        ``export(path, cut)`` gives the rows at or below a place path that were known by 24:00 of a
        day, in the columns of the contract; places are codes of counties, never of grids.
    load
        ``load(frame)`` writes rows of the contract as live records and gives how many are new.
        Called inside ``system()``, one transaction a table; a row whose key is there already is
        left alone, so that a second load writes nothing. Units are found by
        ``Unit.code == facility_id``; tables come in the order of the contract.
    """

    name: str
    export: Callable[[str, date], pl.DataFrame]
    load: Callable[[pl.DataFrame], int]


_tables: dict[str, ContractTable] = {}


def register_table(table: ContractTable) -> None:
    """Say that a room keeps a table of the contract as live records."""
    _tables[table.name] = table


def live_tables() -> dict[str, ContractTable]:
    """Give the tables that rooms keep, by name."""
    return dict(_tables)


class UnknownImportable(NotFound):
    """A kind of record that nobody registered."""

    kind = Text(zh="可导入的记录", en="kind of record to import")


_importables: dict[str, Importable] = {}


def register_importable(importable: Importable) -> None:
    """Say that a kind of record can be imported from files and exported to them."""
    _importables[importable.name] = importable


def importables() -> dict[str, Importable]:
    """Give the kinds of records that can be imported, by name."""
    return dict(_importables)


def importable(name: str) -> Importable:
    """Give a kind of record that can be imported.

    Raises
    ------
    UnknownImportable
        If nobody registered it.
    """
    found = _importables.get(name)
    if found is None:
        raise UnknownImportable(name, tuple(_importables))
    return found
