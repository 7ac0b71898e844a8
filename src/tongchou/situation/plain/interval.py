"""A serial interval from a plain file: one row for each day, one column for each draw."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from tongchou.situation.files.headers import plain_header
from tongchou.situation.plain.sheet import Sheet, read_sheet
from tongchou.situation.plain.values import read_numbers
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

DAY_NAMES = frozenset(map(plain_header, ("day", "days", "天", "天数", "日", "k", "lag")))


def read_serial_interval(path: Path) -> Floats:
    """Give the probabilities of a serial interval of 0, 1, 2, … days.

    The rows are the days from 0, or as a column ``day`` says; every other column is one draw of
    the serial interval, so that a file of many columns carries what is not known about it. The
    names of the columns may be missing.

    Returns
    -------
    array (draw, day)

    Raises
    ------
    BadInput
        With every fault: row, column, value and next step.
    """
    sheet = _with_first_row(read_sheet(path))
    days = next((c for c in sheet.cells.columns if plain_header(c) in DAY_NAMES), None)
    draws = [c for c in sheet.cells.columns if c != days]
    columns = [read_numbers(sheet, c, whole=False).fill_null(0.0) for c in draws]
    if not draws:
        sheet.faults.whole(_NO_COLUMN, _NO_COLUMN_STEP)
    for name, column in zip(draws, columns, strict=True):
        sheet.faults.rows(column < 0, column, sheet.numbers, _NEGATIVE, _NEGATIVE_STEP, column=name)
    at = pl.int_range(len(sheet.numbers), eager=True)
    if days is not None:
        at = read_numbers(sheet, days)
        bad = at.is_null() | (at < 0) | (at > LONGEST) | ~at.is_first_distinct()
        sheet.faults.rows(bad, at, sheet.numbers, _NO_DAY, _NO_DAY_STEP, column=days)
    sheet.faults.raise_any()
    w = np.zeros((len(draws), int(at.max()) + 1))  # type: ignore[arg-type] # numbers
    w[:, at.cast(pl.Int64).to_numpy()] = np.stack([c.to_numpy() for c in columns])
    return w


LONGEST = 1_000
"""Days beyond which no serial interval reaches."""


def _with_first_row(sheet: Sheet) -> Sheet:
    """Take a header of numbers for what it is: the first row of a file without column names."""
    names = sheet.cells.columns
    firsts = [name.removesuffix(" (2)") for name in names]
    if not all(_is_number(first) for first in firsts):
        return sheet
    first = pl.DataFrame({n: [f] for n, f in zip(names, firsts, strict=True)})
    cells = pl.concat([first, sheet.cells])
    named = {n: f"column {i}" for i, n in enumerate(names, 1)}
    numbers = pl.int_range(1, cells.height + 1, eager=True)
    return Sheet(cells=cells.rename(named), numbers=numbers, epoch=sheet.epoch, faults=sheet.faults)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


_NO_COLUMN = Text(zh="没有概率列。", en="has no column of probabilities.")
_NO_COLUMN_STEP = Text(
    zh="每天一行，从 0 天起写概率。", en="Write one probability a row, from day 0."
)
_NEGATIVE = Text(zh="概率为负。", en="is negative, which no probability is.")
_NEGATIVE_STEP = Text(zh="请改正。", en="Correct it.")
_NO_DAY = Text(
    zh="不是 0 至 1000 的天数，或重复。", en="is no day from 0 to 1,000, or stands twice."
)
_NO_DAY_STEP = Text(zh="每天只写一行。", en="Give each day one row.")
