"""The door to packaged fact tables, and to the named assumptions of each room."""

from functools import cache

import polars as pl

from tongchou import reference
from tongchou.vocabulary.errors import NotFound
from tongchou.vocabulary.text import Text

CODES = {"area": pl.String, "place": pl.String}
"""Columns that hold division codes: digits, and yet no numbers."""


class UnknownAssumption(NotFound):
    """A name that no row of a room's assumptions bears."""

    kind = Text(zh="假设", en="assumption")


def packaged(name: str) -> pl.DataFrame:
    """Give a packaged table; numbers parsed, empty cells null, division codes as text.

    Parameters
    ----------
    name
        Folder and name under ``reference/``, without the ending.

    Examples
    --------
    >>> packaged("planning/clinical_classes")["class"].to_list()
    ['mild', 'severe', 'critical']
    """
    return _read(name).clone()


@cache
def _read(name: str) -> pl.DataFrame:
    return pl.read_csv(
        reference.path(f"{name}.csv"), infer_schema_length=None, schema_overrides=CODES
    )


def assumption(room: str, name: str) -> float:
    """Give the value of a named assumption, a row of ``reference/{room}/assumptions.csv``.

    Raises
    ------
    UnknownAssumption
        If no row bears the name.

    Examples
    --------
    >>> assumption("tiering", "reporting_delay_days")
    3.0
    """
    values = _assumptions(room)
    if name not in values:
        file = f"reference/{room}/assumptions.csv"
        raise UnknownAssumption(
            name,
            near=tuple(values),
            next_step=Text(zh=f"全部名称见 {file}。", en=f"All names stand in {file}."),
        )
    return values[name]


@cache
def _assumptions(room: str) -> dict[str, float]:
    rows = _read(f"{room}/assumptions").select("name", pl.col("value").cast(pl.Float64))
    return {str(name): float(value) for name, value in rows.iter_rows()}
