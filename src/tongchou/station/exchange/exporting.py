"""Records as a table that imports again without a difference, streamed however many there are.

The first column is the station's own number, so that every row is known; values are written as
:func:`~tongchou.station.exchange.converting.read_cell` reads them; text that a spreadsheet would run
as a formula is guarded, and the importer takes the guard off.
"""

import csv
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import xlsxwriter

from tongchou.station.access.context import acting
from tongchou.station.access.policy import Actor
from tongchou.station.desk.spreadsheet import guard
from tongchou.station.exchange.converting import written
from tongchou.station.exchange.importable import Importable
from tongchou.vocabulary.errors import TongchouError
from tongchou.vocabulary.text import Lang, Text

Format = Literal["csv", "xlsx"]
TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SHEET_ROWS = 1_048_576
"""Lines that a sheet of Excel holds; the first of each is the column names."""
CELL_CHARACTERS = 32_767
"""Characters that a cell of Excel holds."""
PIECE_ROWS, PIECE_BYTES = 500, 1 << 16


class TooLong(TongchouError):
    """A value that a cell of a workbook cannot hold whole."""

    def __init__(self, target: str, field: Text, length: int) -> None:
        self.target, self.field, self.length = target, field, length
        super().__init__(target)

    def text(self) -> Text:
        """Say which, and what to do."""
        return Text(
            zh=f"记录 {self.target} 的“{self.field.zh}”有 {self.length:,} 个字，xlsx 的单元格放不下，导出已停止而没有截断。请改用 CSV。",
            en=f"“{self.field.en}” of record {self.target} has {self.length:,} characters, more than a cell of an xlsx holds; the export stopped rather than cut it. Use CSV.",
        )


def lines(importable: Importable, lang: Lang) -> Iterator[list[str]]:
    """Give the lines of the table within the reach of whoever acts: column names, then records."""
    fields = importable.fields
    yield [str(guard(f.label[lang])) for f in fields]
    for _, values in importable.records():
        yield [str(guard(written(values.get(f.key), f, lang))) for f in fields]


def stream(importable: Importable, actor: Actor, lang: Lang, form: Format) -> Iterator[bytes]:
    """Give a file in pieces, in a scope of its own: the request's ends before its answer is read.

    The request has noted the reading in the audit trail: a reader who hangs up has read too.
    """
    pieces = csv_pieces if form == "csv" else xlsx_pieces
    with acting(actor):
        yield from pieces(importable, lang)


def csv_pieces(importable: Importable, lang: Lang) -> Iterator[bytes]:
    """Give comma-separated values in UTF-8, with the byte order mark that Excel needs for Chinese."""
    buffer = io.StringIO(newline="")
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    for number, line in enumerate(lines(importable, lang)):
        writer.writerow(line)
        if number % PIECE_ROWS == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return piece


def xlsx_pieces(importable: Importable, lang: Lang) -> Iterator[bytes]:
    """Give a workbook, every cell as text; its rows go to disk as they come, then the file is read."""
    with tempfile.TemporaryDirectory(prefix="tongchou-export-") as folder:
        file = Path(folder) / "table.xlsx"
        write_xlsx(file, importable, lang)
        with file.open("rb") as handle:
            while piece := handle.read(PIECE_BYTES):
                yield piece


def write_xlsx(
    file: Path, importable: Importable, lang: Lang, *, sheet_rows: int = SHEET_ROWS
) -> None:
    """Write a workbook, as many sheets as the rows need.

    Raises
    ------
    TooLong
        If a value does not fit a cell: nothing is cut.
    """
    options = {
        "constant_memory": True,
        "tmpdir": str(file.parent),
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    table = lines(importable, lang)
    header = next(table)
    with xlsxwriter.Workbook(str(file), options) as book:
        bold = book.add_format({"bold": True})
        sheet, at = _sheet(book, header, bold), 1
        for line in table:
            if at == sheet_rows:
                sheet, at = _sheet(book, header, bold), 1
            for column, cell in enumerate(line):
                if len(cell) > CELL_CHARACTERS:
                    raise TooLong(line[0], importable.fields[column].label, len(cell))
                if cell:
                    sheet.write_string(at, column, cell)
            at += 1


def _sheet(book: Any, header: list[str], bold: Any) -> Any:
    sheet = book.add_worksheet()
    for column, name in enumerate(header):
        sheet.write_string(0, column, name, bold)
    sheet.freeze_panes(1, 0)
    return sheet
