"""A plain file as a table of text: the cells as received, read at once where the file is plain CSV.

Text whose first line holds the column names goes through Polars; every other file (workbooks,
titles above the table, rows longer than the header) goes through the reader of
:mod:`tongchou.situation.files`. Both give the same table.
"""

import csv
import io
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from tongchou.situation.files.cells import BLANKS
from tongchou.situation.files.decoding import decode, separator
from tongchou.situation.files.headers import LOOKED_AT, find_heading
from tongchou.situation.files.limits import Limits, Unreadable
from tongchou.situation.files.reading import COMPOUND, ZIP, read
from tongchou.situation.plain.faults import Faults
from tongchou.vocabulary.errors import BadInput, Fault
from tongchou.vocabulary.text import Text

OWN_FILE = Limits(
    file_bytes=4_000_000_000,
    unpacked_bytes=4_000_000_000,
    packed_files=2_000,
    rows=20_000_000,
    columns=1_000,
    cell_characters=100_000,
)
"""What is taken of a file on one's own machine: ten years of every county by day, and more."""
HEAD = 20_000
"""Characters looked at to tell how a file is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table of text.

    Parameters
    ----------
    cells
        The columns as received, trimmed; a cell that says nothing is null.
    numbers
        Row numbers, from 1 below the header as a spreadsheet shows them.
    epoch
        First year of a workbook's calendar.
    faults
        What is wrong with the file so far.
    """

    cells: pl.DataFrame
    numbers: pl.Series
    epoch: int
    faults: Faults


def read_sheet(path: Path) -> Sheet:
    """Give the table of a file: text in any usual encoding, xlsx or xls.

    Raises
    ------
    BadInput
        If it cannot be opened, or holds no table.
    """
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise BadInput([_not_opened(path, fault)]) from fault
    try:
        fast = _plain_csv(data)
        if fast is not None:
            return _sheet(path, fast, pl.int_range(1, fast.height + 1, eager=True), 1900)
        return _slow(path, data)
    except Unreadable as refused:
        raise BadInput([_unreadable(path, refused)]) from refused


def _plain_csv(data: bytes) -> pl.DataFrame | None:
    """Read plain CSV, None if the file is anything else."""
    if data.startswith((ZIP, COMPOUND)) or not data.strip():
        return None
    text = decode(data).text.removeprefix("\ufeff")
    try:
        mark = separator(text)
        lines = list(islice(csv.reader(io.StringIO(text[:HEAD]), delimiter=mark), LOOKED_AT))
        heading = find_heading(lines)
        names = list(heading.names)
        if (
            text[:4].lower() == "sep="
            or len(mark.encode()) > 1
            or heading.last
            or not all(names)
            or len(lines) < 2
        ):
            return None
        frame = pl.read_csv(
            text.encode(), separator=mark, has_header=False, skip_rows=1, new_columns=names,
            schema={name: pl.String() for name in names},
        )  # fmt: skip
    except (csv.Error, Unreadable, pl.exceptions.PolarsError):
        return None
    return frame if frame.height else None


def _slow(path: Path, data: bytes) -> Sheet:
    received = read(data, OWN_FILE)
    width = len(received.header)
    columns = [
        [row[place] if place < len(row) else "" for _, row in received.rows]
        for place in range(width)
    ]
    frame = pl.DataFrame(dict(zip(received.header, columns, strict=True)))
    sheet = _sheet(path, frame, pl.Series([n for n, _ in received.rows]), received.epoch)
    beyond = [(n, row[width:]) for n, row in received.rows if any(c.strip() for c in row[width:])]
    if beyond:
        sheet.faults.rows(
            pl.Series([True] * len(beyond)),
            pl.Series([", ".join(cells) for _, cells in beyond]),
            pl.Series([n for n, _ in beyond]),
            _BEYOND,
            _BEYOND_STEP,
            column=received.header[-1],
        )
    return sheet


def _sheet(path: Path, frame: pl.DataFrame, numbers: pl.Series, epoch: int) -> Sheet:
    text = pl.all().str.strip_chars()
    cells = frame.select(pl.when(text.is_in(list(BLANKS)).not_()).then(text).name.keep())
    filled = cells.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    return Sheet(
        cells=cells.filter(filled),
        numbers=numbers.filter(filled),
        epoch=epoch,
        faults=Faults(file=path.name),
    )


def _not_opened(path: Path, fault: OSError) -> Fault:
    return Fault(
        file=str(path),
        problem=Text(
            zh=f"打不开文件（{fault.strerror}）。", en=f"cannot be opened ({fault.strerror})."
        ),
        remedy=Text(
            zh="请检查文件名和所在文件夹。", en="See whether its name and folder are right."
        ),
    )


def _unreadable(path: Path, refused: Unreadable) -> Fault:
    return Fault(file=path.name, problem=refused.text(), remedy=Text(zh="", en=""))


_BEYOND = Text(zh="该行的单元格比列名多。", en="is followed by more cells than there are names.")
_BEYOND_STEP = Text(
    zh="请检查是否缺引号或多了分隔符。",
    en="See whether a quotation mark is missing or a separator too many.",
)
