"""Line lists from a plain file: one row per case, in the column names of the data contract."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import polars as pl

from tongchou.situation.contract import Column, contract
from tongchou.situation.files.cells import NO, YES, choice_word
from tongchou.situation.files.dates import Order
from tongchou.situation.plain.choices import words_of
from tongchou.situation.plain.columns import find_columns
from tongchou.situation.plain.counts import EVERYWHERE
from tongchou.situation.plain.sheet import Sheet, read_sheet
from tongchou.situation.plain.values import read_dates, read_numbers, read_words
from tongchou.vocabulary.text import Text, join, same

WhenUnreadable = Literal["refuse", "blank"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineList:
    """Cases, one row each.

    Parameters
    ----------
    cases
        ``case_id`` and ``place`` always; of the other columns of table ``cases`` in the data
        contract those that the file has, in their types; then the file's own further columns as
        text.
    notes
        What was assumed in reading, for the reader of the result.
    """

    cases: pl.DataFrame
    notes: tuple[Text, ...]


def read_linelist(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    need: Sequence[str] = (),
    today: date,
    date_order: Order | None = None,
    unreadable: WhenUnreadable = "refuse",
) -> LineList:
    """Give the cases of a plain file.

    Parameters
    ----------
    path
        CSV or other separated text in any usual encoding, xlsx or xls.
    columns
        Column of the contract to the file's, where its name does not say:
        ``{"onset_on": "symptoms"}``.
    need
        Columns of the contract without which the file is of no use.
    today
        No event lies after it.
    date_order
        How dates such as 3/2/2020 are meant.
    unreadable
        ``refuse`` a file with a cell that is no date, number or known word; or take such a cell as
        unknown, ``blank``, and say in ``notes`` how many there were in which column.

    Raises
    ------
    BadInput
        With every fault: row, column, value and next step.
    """
    sheet = read_sheet(path)
    found = find_columns(sheet, "linelist", columns, need)
    sheet.faults.raise_any()
    sheet.faults.forgiving = unreadable == "blank"
    read = [_column(sheet, ours, theirs, today, date_order) for ours, theirs in found.items()]
    sheet.faults.forgiving = False
    _refuse_duplicates(sheet, found)
    sheet.faults.raise_any()
    notes = [
        _BLANKED.fill(n=f"{n:,}", column=same(column))
        for column, bad in sheet.faults.blanked.items()
        if (n := int(bad.sum()))
    ]
    frame = pl.DataFrame(read) if read else pl.DataFrame()
    frame = _identified(frame, sheet, notes)
    kept = [name for name in sheet.cells.columns if name not in found.values()]
    order = [c.name for c in contract("cases").columns if c.name in frame.columns]
    frame = frame.select(order)
    own = sheet.cells.select(kept).rename({n: f"{n} (file)" for n in kept if n in order})
    renamed = [same(f"{ours} ← {theirs}") for ours, theirs in found.items() if ours != theirs]
    if renamed:
        notes.append(_READ_AS.fill(pairs=join(renamed)))
    return LineList(cases=pl.concat([frame, own], how="horizontal"), notes=tuple(notes))


def _column(sheet: Sheet, ours: str, theirs: str, today: date, order: Order | None) -> pl.Series:
    """Read one column as what the contract says it is."""
    terms = contract("cases").column(ours)
    match terms.type:
        case "date":
            series = read_dates(sheet, theirs, today=today, order=order)
        case "int":
            series = _within(sheet, theirs, terms).cast(pl.Int64)
        case "float":
            series = _within(sheet, theirs, terms)
        case "bool":
            series = read_words(sheet, theirs, _yes_or_no, _YES_OR_NO, pl.Boolean())
        case "string" if terms.allowed:
            series = read_words(sheet, theirs, *_choice(terms), pl.String())
        case _:
            series = sheet.cells[theirs]
    if (bad := sheet.faults.blanked.get(theirs)) is not None:
        series = series.set(bad, None)
    return series.alias(ours)


def _within(sheet: Sheet, column: str, terms: Column) -> pl.Series:
    # An infant of half a year is 0: ages are completed years.
    years = terms.unit == "years"
    numbers = read_numbers(sheet, column, whole=terms.type == "int" and not years)
    numbers = numbers.floor() if years else numbers
    for limit, beyond in (
        (terms.minimum, numbers < (terms.minimum or 0)),
        (terms.maximum, numbers > (terms.maximum or 0)),
    ):
        if limit is not None:
            sheet.faults.rows(
                beyond, sheet.cells[column], sheet.numbers,
                _BEYOND.fill(limit=f"{limit:g}"), _BEYOND_STEP, column=column,
            )  # fmt: skip
    return numbers


def _yes_or_no(word: str) -> bool | None:
    plain = choice_word(word)
    return True if plain in YES else False if plain in NO else None


@cache
def _choice(terms: Column) -> tuple[Callable[[str], object | None], Text]:
    """Give how a word of this column is understood, and the words that may be used."""
    words = words_of(terms)
    allowed = join([Text(zh=w[0], en=value) for value, w in words.items()])
    meaning = {choice_word(w): value for value, known in words.items() for w in (value, *known)}
    return lambda word: meaning.get(choice_word(word)), allowed


def _refuse_duplicates(sheet: Sheet, found: Mapping[str, str]) -> None:
    if "case_id" not in found:
        return
    ids = sheet.cells[found["case_id"]]
    sheet.faults.rows(
        ids.is_null(), ids, sheet.numbers, _NO_ID, _NO_ID_STEP, column=found["case_id"]
    )
    sheet.faults.rows(
        ids.is_not_null() & ~ids.is_first_distinct(), ids, sheet.numbers, _AGAIN, _AGAIN_STEP,
        column=found["case_id"],
    )  # fmt: skip


def _identified(frame: pl.DataFrame, sheet: Sheet, notes: list[Text]) -> pl.DataFrame:
    """Give cases a number and a place where the file has none."""
    if "case_id" not in frame.columns:
        frame = frame.with_columns(sheet.numbers.cast(pl.String).alias("case_id"))
        notes.append(_NUMBERED)
    if "place" not in frame.columns:
        return frame.with_columns(place=pl.lit(EVERYWHERE))
    nowhere = frame["place"].null_count()
    if nowhere:
        notes.append(_NOWHERE.fill(n=f"{nowhere:,}"))
    return frame.with_columns(pl.col("place").fill_null(_UNKNOWN_PLACE))


_UNKNOWN_PLACE = "unknown"
_YES_OR_NO = Text(zh="是、否", en="yes, no")
_BEYOND = Text(
    zh="超出可能范围（界限 {limit}）。", en="is beyond what is possible (limit {limit})."
)
_BEYOND_STEP = Text(zh="请核对单位与数值。", en="See whether unit and value are right.")
_NO_ID = Text(
    zh="没有编号，无法与其他病例区分。", en="is blank: the case cannot be told from others."
)
_NO_ID_STEP = Text(zh="请填写编号。", en="Give it a number.")
_AGAIN = Text(
    zh="编号重复：同一病例会被数两次。", en="stands twice: the same case would be counted twice."
)
_AGAIN_STEP = Text(zh="每例只留一行。", en="Leave one row for each case.")
_NUMBERED = Text(
    zh="文件没有编号列，按行号编号。", en="The file numbers no cases; the row numbers were taken."
)
_NOWHERE = Text(
    zh="{n} 例没有地区，记为 unknown。", en="{n} cases have no place and were put under “unknown”."
)
_BLANKED = Text(
    zh="{column} 列有 {n} 格读不出，按未知处理。",
    en="{n} cells of column {column} could not be read and were taken as unknown.",
)
_READ_AS = Text(zh="列的理解：{pairs}。", en="Columns were taken as: {pairs}.")
