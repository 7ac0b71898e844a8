"""The error file: faulty rows exactly as received, with what is wrong; corrected and sent back it goes on.

Its first column names the import and the row. Whatever rows come back, only those still faulty are
read anew; rows that are in already are not touched.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import xlsxwriter
from django.utils import timezone

from tongchou.situation.files.limits import Unreadable
from tongchou.situation.files.reading import Received
from tongchou.station.access.managers import require
from tongchou.station.audit.record import record
from tongchou.station.desk.spreadsheet import guard, unguard
from tongchou.station.exchange.models import Import, ImportRow, ImportState, RowState
from tongchou.station.exchange.reviewing import go_on
from tongchou.vocabulary.text import Text

Format = Literal["csv", "xlsx"]
MARK = "导入行 import row"
ADDED = ("问题", "problem", "怎么办", "what to do")
"""Columns that the error file adds to those received; they are left out when it comes back."""
_MARK = re.compile(r"^#(\d+)-(\d+)$")


def error_lines(made: Import) -> Iterator[list[str]]:
    """Give the lines of the error file: column names, then each faulty row with its faults."""
    yield [MARK, *made.header, *ADDED]
    rows = made.rows.filter(state=RowState.FAULTY).order_by("number")
    for row in rows.iterator(chunk_size=1_000):
        cells = [*row.cells, *[""] * (len(made.header) - len(row.cells))]
        yield [f"#{made.pk}-{row.number}", *cells[: len(made.header)], *_words(row)]


def _words(row: ImportRow) -> list[str]:
    """Give what is wrong and what to do in both languages, each fault with its column."""
    problems = [
        (f"{c}：" if c else "", f"{c}: " if c else "", f) for f in row.faults for c in [f[0]]
    ]
    return [
        "；".join(f"{zh}{f[2]}" for zh, _, f in problems),
        "; ".join(f"{en}{f[3]}" for _, en, f in problems),
        "；".join(dict.fromkeys(f[4] for _, _, f in problems)),
        "; ".join(dict.fromkeys(f[5] for _, _, f in problems)),
    ]


def error_file(made: Import, form: Format) -> bytes:
    """Give the error file."""
    require("exchange.import", made, write=False)
    record("exchange.import.errors", made, rows=made.faulty)
    lines = ([str(guard(cell)) for cell in line] for line in error_lines(made))
    return _csv(lines) if form == "csv" else _xlsx(lines)


def _csv(lines: Iterator[list[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    buffer.write("\ufeff")
    csv.writer(buffer).writerows(lines)
    return buffer.getvalue().encode()


def _xlsx(lines: Iterator[list[str]]) -> bytes:
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        as_text = book.add_format({"num_format": "@"})
        sheet.freeze_panes(1, 1)
        for at, line in enumerate(lines):
            for column, cell in enumerate(line):
                sheet.write_string(at, column, cell, bold if at == 0 else as_text)
    return buffer.getvalue()


def is_error_file(received: Received) -> bool:
    """Say whether a file is an error file that comes back."""
    return MARK in received.header


def import_named(received: Received) -> int | None:
    """Give the number of the import that an error file belongs to."""
    at = received.header.index(MARK)
    numbers = {m.group(1) for _, cells in received.rows if (m := _MARK.match(cells[at].strip()))}
    return int(numbers.pop()) if len(numbers) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBack:
    """What came back: rows read anew, rows passed over because they are in, rows not of this import."""

    again: int
    already: int
    strange: int
    job: bool


def send_back(made: Import, received: Received) -> SentBack:
    """Go on with an import by its corrected rows.

    Raises
    ------
    Unreadable
        If a column of the import is missing, or no row names a row of it.
    """
    require("exchange.import", made)
    made = Import.objects.select_for_update().get(pk=made.pk)
    _must_be_correctable(made)
    places = _places(made, received)
    cells = dict(_corrected(made, received, places))
    if not cells:
        raise Unreadable("not of this import", _NOT_OF_THIS)
    held = {r.number: r for r in made.rows.select_for_update().filter(number__in=cells)}
    again = [r for r in held.values() if r.state == RowState.FAULTY]
    for row in again:
        row.cells, row.state, row.faults = cells[row.number], RowState.WAITING, []
        row.corrected += 1
    ImportRow.objects.bulk_update(again, ["cells", "state", "faults", "corrected"])
    made.faulty -= len(again)
    made.waiting += len(again)
    made.progressed_at = timezone.now()
    made.save(update_fields=["faulty", "waiting", "progressed_at"])
    record("exchange.import.correct", made, rows=len(again))
    job = bool(again) and go_on(made, len(again))
    return SentBack(
        again=len(again),
        already=len(held) - len(again),
        strange=len(received.rows) - len(held),
        job=job,
    )


def _must_be_correctable(made: Import) -> None:
    if made.state in (ImportState.MAPPING, ImportState.CANCELLED):
        raise Unreadable("state", _NOT_NOW)


def _places(made: Import, received: Received) -> list[int]:
    """Give where each column of the import stands in the file that came back."""
    missing = [name for name in made.header if name not in received.header]
    if missing:
        raise Unreadable(
            "columns",
            Text(
                zh=f"送回的文件缺少列：{'、'.join(missing)}。请在原错误文件上更正，不要改列名。",
                en=f"The file lacks these columns: {', '.join(missing)}. Correct the error file itself and keep its column names.",
            ),
        )
    return [received.header.index(name) for name in made.header]


def _corrected(
    made: Import, received: Received, places: Sequence[int]
) -> Iterator[tuple[int, list[str]]]:
    at = received.header.index(MARK)
    for _, cells in received.rows:
        mark = _MARK.match(cells[at].strip())
        if mark and int(mark.group(1)) == made.pk:
            row = [str(unguard(cells[p])) if p < len(cells) else "" for p in places]
            yield int(mark.group(2)), row + cells[len(received.header) :]


_NOT_NOW = Text(
    zh="这次导入还没有开始或已放弃，不能送回更正。",
    en="This import has not begun or was given up; corrections cannot be sent back.",
)
_NOT_OF_THIS = Text(
    zh="文件里没有这次导入的行。请使用从本页下载的错误文件，并保留第一列。",
    en="No row of the file belongs to this import. Use the error file from this page and keep its first column.",
)
