"""Columns of text as dates and numbers, each cell that is none noted as a fault.

Each distinct text is read once, so a file of a million rows costs no more than its distinct dates.
"""

import unicodedata
from collections.abc import Callable, Sequence
from datetime import date

import polars as pl

from tongchou.situation.files.dates import Ambiguous, NotADate, Order, order_of, read_date
from tongchou.situation.plain.sheet import Sheet
from tongchou.vocabulary.text import Text, same

EARLIEST = date(1800, 1, 1)
"""A date before this is a slip of the pen."""


def read_dates(sheet: Sheet, column: str, *, today: date, order: Order | None) -> pl.Series:
    """Give a column as dates; every cell that is none, is ambiguous or lies ahead is a fault.

    Parameters
    ----------
    sheet
        The file.
    column
        Name of the column as the file has it.
    today
        No event lies after it.
    order
        How dates such as 3/2/2020 are meant, if the caller said so.
    """
    cells = sheet.cells[column]
    quick = cells.str.to_date("%Y-%m-%d", strict=False, exact=True)
    quick = quick.set(~cells.str.contains(r"^\d{4}-\d{2}-\d{2}$").fill_null(False), None)
    rest = cells.filter(quick.is_null() & cells.is_not_null()).unique().to_list()
    if not rest:
        dates = quick
    else:
        found, wrong = _read_each(rest, sheet, column, order)
        for kind, texts in wrong.items():
            _note(sheet, column, cells.is_in(list(texts)), *_KINDS[kind])
        slow = (
            cells.replace_strict(
                list(found), list(found.values()), default=None, return_dtype=pl.Date
            )
            if found
            else quick
        )
        dates = quick.fill_null(slow)
    _note(sheet, column, dates > today, _AHEAD.fill(today=same(today.isoformat())), _AHEAD_STEP)
    _note(sheet, column, dates < EARLIEST, _LONG_AGO, _LONG_AGO_STEP)
    return dates.alias(column)


def _read_each(
    texts: Sequence[str], sheet: Sheet, column: str, order: Order | None
) -> tuple[dict[str, date], dict[str, set[str]]]:
    """Read each distinct text; what cannot be read is sorted by the kind of its fault."""
    shown = order_of(texts) if order is None else order
    if shown == "mixed":
        sheet.faults.whole(_MIXED, _ORDER_STEP, column=column)
    found: dict[str, date] = {}
    wrong: dict[str, set[str]] = {}
    for text in texts:
        try:
            found[text] = read_date(
                text, order=shown if shown in ("dmy", "mdy") else None, epoch=sheet.epoch
            )
        except Ambiguous:
            wrong.setdefault("ambiguous", set()).add(text)
        except NotADate:
            wrong.setdefault("none", set()).add(text)
    return found, wrong


def read_numbers(sheet: Sheet, column: str, *, whole: bool = True) -> pl.Series:
    """Give a column as numbers, blank cells null; every cell that is none is a fault."""
    cells = sheet.cells[column]
    numbers = cells.cast(pl.Float64, strict=False)
    rest = cells.filter(numbers.is_null() & cells.is_not_null()).unique().to_list()
    if rest:
        found = {text: value for text in rest if (value := _number(text)) is not None}
        if found:
            slow = cells.replace_strict(
                list(found), list(found.values()), default=None, return_dtype=pl.Float64
            )
            numbers = numbers.fill_null(slow)
    unread = (numbers.is_null() & cells.is_not_null()) | ~numbers.is_finite().fill_null(True)
    _note(sheet, column, unread, _NO_NUMBER, _NUMBER_STEP)
    if whole:
        _note(sheet, column, ~unread & (numbers != numbers.round()), _NO_WHOLE, _WHOLE_STEP)
    return numbers.alias(column)


def _number(text: str) -> float | None:
    """Read full-width digits and thousands separated by commas.

    >>> _number("１２"), _number("1,234"), _number("1,2")
    (12.0, 1234.0, None)
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    parts = plain.split(",")
    if len(parts) > 1 and not all(len(p) == 3 for p in parts[1:]):
        return None
    try:
        return float("".join(parts))
    except ValueError:
        return None


def read_words(
    sheet: Sheet,
    column: str,
    meaning: Callable[[str], object | None],
    allowed: Text,
    dtype: pl.DataType,
) -> pl.Series:
    """Give a column of words as their meanings; a word that means nothing here is a fault."""
    cells = sheet.cells[column]
    texts = cells.drop_nulls().unique().to_list()
    found = {text: value for text in texts if (value := meaning(text)) is not None}
    _note(
        sheet,
        column,
        cells.is_in([t for t in texts if t not in found]),
        _NO_WORD,
        _WORD_STEP.fill(allowed=allowed),
    )
    if not found:
        return pl.Series(column, [None] * len(cells), dtype)
    return cells.replace_strict(
        list(found), list(found.values()), default=None, return_dtype=dtype
    ).alias(column)


def _note(sheet: Sheet, column: str, bad: pl.Series, problem: Text, remedy: Text) -> None:
    sheet.faults.rows(bad, sheet.cells[column], sheet.numbers, problem, remedy, column=column)


_NO_DATE = Text(zh="不是日期。", en="is not a date.")
_NO_DATE_STEP = Text(
    zh="请写成 2020-02-03 或 2020年2月3日。", en="Write it as 2020-02-03 or 3 February 2020."
)
_AMBIGUOUS = Text(
    zh="日与月分不清，猜错会把病例放到另一天。",
    en="may be read with the day or the month first; a wrong guess puts cases on another day.",
)
_ORDER_STEP = Text(
    zh="请加 --date-order dmy（日在前）或 --date-order mdy（月在前）。",
    en="Add --date-order dmy (day first) or --date-order mdy (month first).",
)
_MIXED = Text(
    zh="同一列中有的日期日在前，有的月在前。",
    en="holds dates with the day first and others with the month first.",
)
_KINDS = {"none": (_NO_DATE, _NO_DATE_STEP), "ambiguous": (_AMBIGUOUS, _ORDER_STEP)}
_AHEAD = Text(zh="晚于今天（{today}）。", en="lies after today ({today}).")
_AHEAD_STEP = Text(
    zh="请改正日期；若数据确实截至更晚，用 --today 说明。",
    en="Correct the date, or say with --today up to when the data go.",
)
_LONG_AGO = Text(zh="早于 1800 年，年份可能写错。", en="lies before 1800: its year may be a slip.")
_LONG_AGO_STEP = Text(zh="请改正年份。", en="Correct the year.")
_NO_NUMBER = Text(zh="不是数字。", en="is not a number.")
_NUMBER_STEP = Text(zh="请只写数字。", en="Write digits only.")
_NO_WHOLE = Text(
    zh="不是整数；人数必须是整数。", en="is not whole; people are counted in whole numbers."
)
_WHOLE_STEP = Text(
    zh="请用原始人数，不用均值或率。", en="Give the counts themselves, not means or rates."
)
_NO_WORD = Text(zh="不是可用的词。", en="is none of the words allowed.")
_WORD_STEP = Text(zh="请写其中之一：{allowed}。", en="Write one of: {allowed}.")
