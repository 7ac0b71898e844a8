"""Counts of new cases from a plain file: ``date,place,cases[,imported]``, place optional.

A day with no row, between the first and the last date of the whole file, counts as no case, and a
note says how many; a row with a blank cell is a report that is missing, and is refused unless the
caller says what it stands for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr

from tongchou.situation.files.dates import Order
from tongchou.situation.plain.columns import find_columns
from tongchou.situation.plain.sheet import Sheet, read_sheet
from tongchou.situation.plain.values import read_dates, read_numbers
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
Blank = Literal["refuse", "zero", "carry"]
"""What a blank cell stands for: a fault, no case, or the count of the place's last date."""
Step = Literal["day", "week"]
EVERYWHERE = "all"
"""The name of the one place of a file without places."""
WEEKS_AT_LEAST = 3
"""Distinct dates, all whole weeks apart, from which a file is taken as weekly."""
CELLS_AT_MOST = 200_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """New cases by place and date.

    Parameters
    ----------
    cases : DataArray (place, date), persons per step
        All new cases, imported ones included.
    imported : DataArray (place, date), persons per step, or None
        Those infected elsewhere, where the file tells them apart.
    step
        ``day``, or ``week`` where all dates are whole weeks apart.
    notes
        What was assumed in reading, for the reader of the result.
    """

    cases: xr.DataArray
    imported: xr.DataArray | None
    step: Step
    notes: tuple[Text, ...]


def read_counts(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    today: date,
    date_order: Order | None = None,
    blank: Blank = "refuse",
) -> Counts:
    """Give the counts of a plain file.

    Parameters
    ----------
    path
        CSV or other separated text in any usual encoding, xlsx or xls.
    columns
        Our column to the file's, where its name does not say: ``{"place": "city"}``.
    today
        No case lies after it.
    date_order
        How dates such as 3/2/2020 are meant.
    blank
        What a blank cell stands for.

    Raises
    ------
    BadInput
        With every fault: row, column, value and next step.
    """
    sheet = read_sheet(path)
    found = find_columns(sheet, "counts", columns, ("date", "cases"))
    sheet.faults.raise_any()
    rows = _rows(sheet, found, today, date_order)
    _refuse_duplicates(sheet, rows, found)
    measures: list[str] = [m for m in ("cases", "imported") if m in found]
    for measure in measures:
        _refuse_negative_and_blank(sheet, rows, found[measure], measure, blank)
    sheet.faults.raise_any()
    notes: list[Text] = []
    if blank != "refuse":
        rows = _filled(rows, measures, blank, notes)
    step, days = _days(rows["date"], notes)
    places = rows["place"].unique().sort()
    if len(places) * len(days) > CELLS_AT_MOST:
        sheet.faults.whole(_TOO_WIDE.fill(n=f"{len(days):,}"), _TOO_WIDE_STEP, column=found["date"])
        sheet.faults.raise_any()
    cubes = {m: _cube(rows, m, places, days) for m in measures}
    _note_absent(rows, cubes["cases"], notes)
    _note_cumulative(cubes["cases"], notes)
    imported = cubes.get("imported")
    if imported is not None:
        _refuse_more_imported(sheet, rows, found)
        sheet.faults.raise_any()
    return Counts(cases=cubes["cases"], imported=imported, step=step, notes=tuple(notes))


def _rows(sheet: Sheet, found: Mapping[str, str], today: date, order: Order | None) -> pl.DataFrame:
    dates = read_dates(sheet, found["date"], today=today, order=order)
    _refuse_blank(sheet, found["date"])
    if "place" in found:
        _refuse_blank(sheet, found["place"])
        place = sheet.cells[found["place"]].alias("place")
    else:
        place = pl.Series("place", [EVERYWHERE]).new_from_index(0, len(dates))
    measures = [read_numbers(sheet, found[m]).alias(m) for m in ("cases", "imported") if m in found]
    return pl.DataFrame([dates.alias("date"), place, *measures, sheet.numbers.alias("row")])


def _refuse_blank(sheet: Sheet, column: str) -> None:
    cells = sheet.cells[column]
    sheet.faults.rows(cells.is_null(), cells, sheet.numbers, _EMPTY, _EMPTY_STEP, column=column)


def _refuse_duplicates(sheet: Sheet, rows: pl.DataFrame, found: Mapping[str, str]) -> None:
    key = pl.struct("place", "date")
    twice = rows.select(
        pl.col("date").is_not_null() & pl.col("place").is_not_null() & ~key.is_first_distinct()
    ).to_series()
    if not twice.any():
        return
    if "place" not in found:
        sheet.faults.whole(_NO_PLACE, _NO_PLACE_STEP, column=found["date"])
        return
    shown = rows.select(pl.concat_str("place", pl.col("date").cast(pl.String), separator=", "))
    sheet.faults.rows(
        twice, shown.to_series(), sheet.numbers, _AGAIN, _AGAIN_STEP, column=found["date"]
    )


def _refuse_negative_and_blank(
    sheet: Sheet, rows: pl.DataFrame, column: str, measure: str, blank: Blank
) -> None:
    cells = sheet.cells[column]
    sheet.faults.rows(
        rows[measure] < 0, cells, sheet.numbers, _NEGATIVE, _NEGATIVE_STEP, column=column
    )
    if blank == "refuse":
        sheet.faults.rows(
            cells.is_null(), cells, sheet.numbers, _NO_COUNT, _NO_COUNT_STEP, column=column
        )
    elif blank == "carry":
        first = rows.select(
            pl.col(measure)
            .sort_by("date")
            .forward_fill()
            .is_null()
            .over("place", mapping_strategy="explode")
        )
        if first.to_series().any():
            ordered = rows.sort("place", "date")
            lone = ordered.select(
                pl.col(measure).forward_fill().over("place").is_null()
            ).to_series()
            sheet.faults.rows(
                lone & ordered[measure].is_null(), ordered[measure], ordered["row"],
                _NOTHING_TO_CARRY, _NOTHING_TO_CARRY_STEP, column=column,
            )  # fmt: skip


def _filled(
    rows: pl.DataFrame, measures: list[str], blank: Blank, notes: list[Text]
) -> pl.DataFrame:
    many = sum(rows[m].null_count() for m in measures)
    if many:
        notes.append((_AS_ZERO if blank == "zero" else _CARRIED).fill(n=f"{many:,}"))
    if blank == "zero":
        return rows.with_columns(pl.col(measures).fill_null(0.0))
    return rows.sort("place", "date").with_columns(pl.col(measures).forward_fill().over("place"))


def _days(dates: pl.Series, notes: list[Text]) -> tuple[Step, npt.NDArray[np.datetime64]]:
    """Give the step of the file and every date from its first to its last."""
    known = dates.unique().sort().to_numpy().astype("datetime64[D]")
    apart = np.diff(known).astype(int)
    weekly = len(known) >= WEEKS_AT_LEAST and bool((apart % 7 == 0).all())
    stride = 7 if weekly else 1
    if weekly:
        notes.append(_WEEKLY.fill(n=len(known)))
    days = np.arange(known[0], known[-1] + np.timedelta64(1, "D"), np.timedelta64(stride, "D"))
    return ("week" if weekly else "day"), days


def _cube(
    rows: pl.DataFrame, measure: str, places: pl.Series, days: npt.NDArray[np.datetime64]
) -> xr.DataArray:
    at_place = places.search_sorted(rows["place"]).to_numpy()
    at_day = np.searchsorted(days, rows["date"].to_numpy().astype("datetime64[D]"))
    values = np.zeros((len(places), len(days)))
    values[at_place, at_day] = rows[measure].to_numpy()
    return xr.DataArray(
        values,
        {"place": places.to_list(), "date": days.astype("datetime64[ns]")},
        ("place", "date"),
        name=measure,
        attrs={"units": "persons"},
    )


def _note_absent(rows: pl.DataFrame, cases: xr.DataArray, notes: list[Text]) -> None:
    absent = cases.size - rows.height
    if absent:
        notes.append(_ABSENT.fill(n=f"{absent:,}", all=f"{cases.size:,}"))


def _note_cumulative(cases: xr.DataArray, notes: list[Text]) -> None:
    """Warn of counts that never fall: new cases do, cumulative ones do not."""
    rising = bool((np.diff(cases.to_numpy(), axis=1) >= 0).all())
    if rising and cases.sizes["date"] >= 10 and float(cases[:, -1].sum()) > 10:
        notes.append(_CUMULATIVE)


def _refuse_more_imported(sheet: Sheet, rows: pl.DataFrame, found: Mapping[str, str]) -> None:
    sheet.faults.rows(
        rows["imported"] > rows["cases"],
        rows["imported"],
        rows["row"],
        _MORE_IMPORTED,
        _MORE_IMPORTED_STEP,
        column=found["imported"],
    )


_EMPTY = Text(
    zh="此格为空，不知属于何日何地。", en="is blank, so the row belongs to no place or day."
)
_EMPTY_STEP = Text(zh="填写此格或删除该行。", en="Fill it in or remove the row.")
_NO_PLACE = Text(
    zh="同一天有几行，而没有找到地区列。",
    en="has several rows for one day, and no column of places was found.",
)
_NO_PLACE_STEP = Text(
    zh="请用 --column place=列名 指明地区列；若只有一地，每天只留一行。",
    en="Say which column holds the places with --column place=NAME; if all is one place, leave one row a day.",
)
_AGAIN = Text(
    zh="同一地区同一天已有一行，无法判断以哪一行为准或是否应相加。",
    en="has a row already; whether to add the two or keep one cannot be told from the file.",
)
_AGAIN_STEP = Text(zh="每地每天只留一行。", en="Leave one row for each place and day.")
_NEGATIVE = Text(
    zh="人数为负；更正数混入了新增数。", en="is negative: a correction stands among the new cases."
)
_NEGATIVE_STEP = Text(
    zh="请把更正放回原来的日期，或以零代之并说明。",
    en="Move the correction to the day it corrects, or put zero and say so.",
)
_NO_COUNT = Text(zh="此格为空：是没有病例，还是没有报告？", en="is blank: no case, or no report?")
_NO_COUNT_STEP = Text(
    zh="填 0，或加 --blank zero（空即零）或 --blank carry（沿用上一天）。",
    en="Write 0, or add --blank zero (blank means none) or --blank carry (as on the date before).",
)
_NOTHING_TO_CARRY = Text(
    zh="此格为空，且该地此前没有可沿用的数。",
    en="is blank, and the place has no count before it to carry.",
)
_NOTHING_TO_CARRY_STEP = Text(zh="请填写此格。", en="Fill it in.")
_AS_ZERO = Text(zh="{n} 个空格按零计。", en="{n} blank cells were taken as zero.")
_CARRIED = Text(
    zh="{n} 个空格沿用了该地上一日期的数。",
    en="{n} blank cells were filled with the count of the place's date before.",
)
_WEEKLY = Text(
    zh="{n} 个日期两两相隔整周，按周报数读入。",
    en="All {n} dates are whole weeks apart: read as weekly counts.",
)
_ABSENT = Text(
    zh="文件中没有的 {n} 个“地区×日期”（共 {all} 个）按零例计。",
    en="{n} of {all} pairs of place and date have no row and count as no case.",
)
_CUMULATIVE = Text(
    zh="各地的数从不下降：可能是累计数。本命令要的是每日新增。",
    en="The counts never fall in any place: they may be cumulative. This command needs new cases.",
)
_TOO_WIDE = Text(zh="首末日期相隔 {n} 天。", en="runs over {n} days from first to last.")
_TOO_WIDE_STEP = Text(zh="请检查年份。", en="See whether a year is a slip.")
_MORE_IMPORTED = Text(
    zh="输入病例多于当日全部病例；cases 应包含输入病例。",
    en="is more than all cases of the day; the cases are to include the imported ones.",
)
_MORE_IMPORTED_STEP = Text(
    zh="请把 cases 改为全部病例。", en="Give all cases in the column of cases."
)
