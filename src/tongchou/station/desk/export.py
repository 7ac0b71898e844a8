"""Lists as files, row by row: exactly the rows that were counted, within the reach of the actor.

A stream runs after the request has closed its scope, so it opens the actor's scope anew and reads
with a cursor of the server; memory stays the same for a thousand rows and for a million.
"""

import csv
import io
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import xlsxwriter
from django.utils.translation import override

from tongchou.station.access.context import acting
from tongchou.station.access.policy import Actor
from tongchou.station.desk.cells import plain
from tongchou.station.desk.filtering import Asked
from tongchou.station.desk.paging import ordered
from tongchou.station.desk.spreadsheet import guard
from tongchou.vocabulary.text import Lang

Format = Literal["csv", "xlsx"]
TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CHUNK = 2000
SHEET_ROWS = 1_048_575
"""Rows that a sheet of Excel holds under its header line; the rest go on further sheets."""


def stream(asked: Asked, actor: Actor, lang: Lang, form: Format) -> Iterator[bytes]:
    """Give a file in pieces."""
    pieces = {"csv": csv_pieces, "xlsx": xlsx_pieces}[form]
    with acting(actor), override("zh-hans" if lang == "zh" else "en"):
        yield from pieces(asked, lang)


def _lines(asked: Asked, lang: Lang) -> Iterator[list[object]]:
    columns = asked.spec.columns
    rows = ordered(asked.rows(), asked.order())
    for row in rows.iterator(chunk_size=CHUNK):
        yield [guard(plain(c, row, lang)) for c in columns]


def _header(asked: Asked, lang: Lang) -> list[str]:
    return [c.label[lang] for c in asked.spec.columns]


def csv_pieces(asked: Asked, lang: Lang) -> Iterator[bytes]:
    """Give comma-separated values with a byte-order mark, without which Excel misreads Chinese."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(_header(asked, lang))
    for number, line in enumerate(_lines(asked, lang), 1):
        writer.writerow([_iso(v) for v in line])
        if number % 500 == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return piece


def _iso(value: object) -> object:
    return value.strftime("%Y-%m-%d %H:%M:%S") if isinstance(value, datetime) else value


def xlsx_pieces(asked: Asked, lang: Lang) -> Iterator[bytes]:
    """Give a workbook; its rows go to disk as they come."""
    with tempfile.TemporaryDirectory(prefix="station-export-") as folder:
        file = Path(folder) / "list.xlsx"
        _workbook(file, asked, lang)
        with file.open("rb") as handle:
            while piece := handle.read(1 << 16):
                yield piece


def _workbook(file: Path, asked: Asked, lang: Lang) -> None:
    options = {"constant_memory": True, "tmpdir": str(file.parent), "strings_to_formulas": False, "strings_to_urls": False}  # fmt: skip
    with xlsxwriter.Workbook(str(file), options) as book:
        forms = {
            "head": book.add_format({"bold": True}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        sheet, at = None, 0
        for line in _lines(asked, lang):
            if sheet is None or at > SHEET_ROWS:
                sheet, at = _sheet(book, asked, lang, forms), 1
            for column, value in enumerate(line):
                _put(sheet, forms, at, column, value)
            at += 1
        if sheet is None:
            _sheet(book, asked, lang, forms)


def _sheet(book: Any, asked: Asked, lang: Lang, forms: dict[str, Any]) -> Any:
    sheet = book.add_worksheet()
    for column, label in enumerate(_header(asked, lang)):
        sheet.write_string(0, column, label, forms["head"])
    sheet.freeze_panes(1, 0)
    return sheet


def _put(sheet: Any, forms: dict[str, Any], row: int, column: int, value: object) -> None:
    match value:
        case "":
            pass
        case str():
            sheet.write_string(row, column, value[:32_767])
        case datetime():
            sheet.write_datetime(row, column, value, forms["time"])
        case date():
            sheet.write_datetime(row, column, value, forms["date"])
        case int() | float():
            sheet.write_number(row, column, value)
        case _:
            sheet.write_string(row, column, str(value)[:32_767])
