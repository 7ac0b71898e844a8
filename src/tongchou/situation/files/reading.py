"""From a file to a table of text: the cells as received, and where the table begins.

Nothing is interpreted here but what the file format itself knows: the encoding of text, the type of
a spreadsheet cell, merged cells. Numbers that a spreadsheet has rounded are written as it shows them
(``1.10101199001011E+17``), so that whoever reads the cells can refuse them.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from tongchou.situation.files.decoding import decode, rows_of, separator
from tongchou.situation.files.headers import Heading, find_heading
from tongchou.situation.files.limits import Limits, Unreadable, too_much
from tongchou.situation.files.packed import epoch_of_checked
from tongchou.vocabulary.text import Text

EXACT_INTEGERS = 10**15
"""From here on a spreadsheet's number no longer holds every digit."""
ZIP, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_FEWER = Text(zh="请分成几个文件。", en="Part it into several files.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A table as received.

    ``rows`` holds the number of each row, counted from 1 below the header as a spreadsheet shows
    them, and its cells; blank rows are left out and keep their number.
    """

    header: tuple[str, ...]
    rows: list[tuple[int, list[str]]]
    format: str
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    header_line: int = 1
    epoch: int = 1900


def read(
    data: bytes, limits: Limits, *, sheet: str | None = None, header_line: int | None = None
) -> Received:
    """Give the table that a file holds.

    Parameters
    ----------
    data
        The file. Its content says what it is, never its name.
    limits
        The most that is taken.
    sheet
        Sheet of a workbook; the first visible one with data where not given.
    header_line
        Line of the column names, from 1; found where not given.

    Raises
    ------
    Unreadable
        If the file is empty, damaged, too large, or none of the formats.
    """
    if len(data) > limits.file_bytes:
        raise too_much(Text(zh="字节数", en="bytes"), len(data), limits.file_bytes, _FEWER)
    if not data.strip():
        raise _empty()
    if data.startswith(ZIP):
        return _workbook(data, "xlsx", epoch_of_checked(data, limits), sheet, header_line, limits)
    if data.startswith(COMPOUND):
        return _workbook(data, "xls", 1900, sheet, header_line, limits)
    return _text(data, header_line, limits)


def _text(data: bytes, header_line: int | None, limits: Limits) -> Received:
    decoded = decode(data)
    text = decoded.text.removeprefix("\ufeff")
    stated = None
    if text[:4].lower() == "sep=" and len(text) > 5:
        stated, text = text[4], text.partition("\n")[2]
    mark = stated or separator(text)
    lines = list(_bounded(rows_of(text, mark), limits))
    heading = find_heading(lines, header_line=header_line)
    return Received(
        **_table(lines, heading, limits), format="csv", encoding=decoded.encoding, separator=mark
    )


def _workbook(
    data: bytes,
    kind: str,
    epoch: int,
    sheet: str | None,
    header_line: int | None,
    limits: Limits,
) -> Received:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            names = tuple(
                m.name
                for m in book.sheets_metadata
                if m.visible == SheetVisibleEnum.Visible and m.typ == SheetTypeEnum.WorkSheet
            )
            chosen, lines, merged = _sheet(book, names, sheet, limits)
    except PasswordError as fault:
        raise Unreadable(
            "password",
            Text(
                zh="工作簿有打开密码，无法读取。请去掉密码后再试。",
                en="The workbook has a password and cannot be read. Remove the password and try again.",
            ),
        ) from fault
    except (CalamineError, OSError, ValueError) as fault:
        raise Unreadable(
            "damaged",
            Text(
                zh=f"文件不是完好的 {kind} 工作簿。请重新另存为 xlsx 后再试。",
                en=f"The file is not a sound {kind} workbook. Save it as xlsx once more and try again.",
            ),
        ) from fault
    heading = find_heading(lines, merged=merged, header_line=header_line)
    _fill_merged(lines, merged, heading)
    return Received(
        **_table(lines, heading, limits), format=kind, sheet=chosen, sheets=names, epoch=epoch
    )


Merged = Sequence[tuple[tuple[int, int], tuple[int, int]]]


def _sheet(
    book: CalamineWorkbook, names: Sequence[str], wanted: str | None, limits: Limits
) -> tuple[str, list[list[str]], Merged]:
    """Give the sheet wanted, or the first visible one that holds anything."""
    for name in [wanted] if wanted is not None and wanted in names else names:
        sheet: CalamineSheet = book.get_sheet_by_name(name)
        if sheet.total_width > limits.columns + 1000:
            raise too_much(Text(zh="列数", en="columns"), sheet.total_width, limits.columns, _FEWER)
        rows = sheet.to_python(skip_empty_area=False)
        lines = list(_bounded([[shown(c) for c in row] for row in rows], limits))
        if any(any(row) for row in lines) or name == wanted:
            return name, lines, sheet.merged_cell_ranges or []
    raise _empty()


def shown(cell: object) -> str:
    """Give a spreadsheet's cell as text.

    >>> shown(43864.0), shown(36.7), shown(110101199001011234.0), shown(date(2020, 2, 3)), shown(True)
    ('43864', '36.7', '1.10101199001011E+17', '2020-02-03', 'TRUE')
    """
    match cell:
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case int() | float():
            if abs(cell) >= EXACT_INTEGERS:
                return f"{cell:.14E}"
            return f"{cell:.15g}" if cell != int(cell) else str(int(cell))
        case datetime():
            if (cell.hour, cell.minute, cell.second) == (0, 0, 0):
                return f"{cell:%Y-%m-%d}"
            return f"{cell:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case _:
            return "" if cell is None else str(cell)


def _bounded(rows: Iterable[list[str]], limits: Limits) -> Iterator[list[str]]:
    """Give the rows, as long as they stay within the limits."""
    most, columns, characters = limits.rows, limits.columns, limits.cell_characters
    filled = 0
    for number, row in enumerate(rows, 1):
        while row and not row[-1].strip():
            row.pop()
        if row:
            filled += 1
        if filled > most + 20:
            raise too_much(Text(zh="数据行数", en="data rows"), filled, most, _FEWER)
        if len(row) > columns:
            raise too_much(Text(zh="列数", en="columns"), len(row), columns, _FEWER)
        for place, cell in enumerate(row):
            if len(cell) > characters or "\x00" in cell:
                raise _bad_cell(number, place, len(cell), characters)
        yield row


def _bad_cell(line: int, place: int, length: int, most: int) -> Unreadable:
    letters = column_letters(place)
    if length <= most:
        return Unreadable(
            "nul",
            Text(
                zh=f"第 {line:,} 行 {letters} 列含有空字符（NUL），不是文字。请删除后再试。",
                en=f"Line {line:,}, column {letters} holds a NUL character, which is not text. Remove it and try again.",
            ),
        )
    return Unreadable(
        "long cell",
        Text(
            zh=f"第 {line:,} 行 {letters} 列有 {length:,} 个字，上限为 {most:,}，未读入任何内容。请缩短，或检查引号是否配对。",
            en=f"Line {line:,}, column {letters} has {length:,} characters; the limit is {most:,}, and nothing was read. Shorten it, or see whether a quotation mark is missing.",
        ),
    )


def column_letters(place: int) -> str:
    """Give the letters that a spreadsheet shows above a column counted from 0.

    >>> column_letters(0), column_letters(27)
    ('A', 'AB')
    """
    letters, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _fill_merged(lines: list[list[str]], merged: Merged, heading: Heading) -> None:
    """Write a value that stands for several rows into each of them."""
    for (top, left), (bottom, right) in merged:
        if left != right or top <= heading.last or top >= len(lines) or bottom == top:
            continue
        value = lines[top][left] if left < len(lines[top]) else ""
        for row in lines[top + 1 : min(bottom + 1, len(lines))]:
            row.extend([""] * (left + 1 - len(row)))
            row[left] = row[left] or value


def _table(lines: list[list[str]], heading: Heading, limits: Limits) -> dict[str, Any]:
    """Part the lines into column names and rows; columns without name or content are left out."""
    below = lines[heading.last + 1 :]
    used = {place for row in below for place, cell in enumerate(row) if cell.strip()}
    kept = [p for p, name in enumerate(heading.names) if name or p in used]
    rows = [
        (number, [row[p] if p < len(row) else "" for p in kept] + row[len(heading.names) :])
        for number, row in enumerate(below, 1)
        if any(cell.strip() for cell in row)
    ]
    if not rows:
        raise Unreadable(
            "no rows",
            Text(
                zh="列名下面没有数据行，没有可读的内容。请检查是否选对了工作表和列名所在的行。",
                en="There are no rows below the column names, so there is nothing to read. See whether the sheet and the line of the names are the right ones.",
            ),
        )
    if len(rows) > limits.rows:
        raise too_much(Text(zh="数据行数", en="data rows"), len(rows), limits.rows, _FEWER)
    return {
        "header": tuple(heading.names[p] or f"[{column_letters(p)}]" for p in kept),
        "rows": rows,
        "header_line": heading.last + 1,
    }


def _empty() -> Unreadable:
    return Unreadable(
        "empty",
        Text(
            zh="文件是空的，没有可读的内容。请检查是否选对了文件。",
            en="The file is empty; there is nothing to read. See whether it is the right file.",
        ),
    )
