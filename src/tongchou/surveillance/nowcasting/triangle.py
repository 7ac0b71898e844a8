"""The reporting triangle: cases by day of onset and days until their report, as known on one day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr

from tongchou.vocabulary.errors import BadParameter, MissingData
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

Counts = npt.NDArray[np.int32]

MAX_DELAY = int(parameter("nowcast_max_delay").value)
WINDOW = int(parameter("nowcast_window").value)
EVERYWHERE = "all"
"""Name of the place where the records name none."""

NEEDED_FOR = Text(zh="现时估计（报告三角）", en="nowcast (reporting triangle)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Triangle:
    """Cases by onset and delay of report, and what could not be placed in it.

    Attributes
    ----------
    counts : DataArray (place, date, delay), persons
        Cases with onset on ``date`` reported ``delay`` days later; NaN in the cells that lie after
        ``as_of``. The last delay holds all that took as long or longer.
    undated : DataArray (place, date), persons
        Cases reported on ``date`` whose onset is not known.
    as_of
        Last day of reports.
    notes
        What was left out, moved or lumped, in sentences.
    """

    counts: xr.DataArray
    undated: xr.DataArray
    as_of: date
    notes: tuple[Text, ...]

    @property
    def max_delay(self) -> int:
        """Longest delay told apart, days."""
        return self.counts.sizes["delay"] - 1

    @property
    def reported(self) -> xr.DataArray:
        """Cases by onset that have been reported so far, persons per day (place, date)."""
        total = self.counts.sum("delay")
        total.attrs = {"units": "persons per day"}
        return total

    def cells(self) -> Counts:
        """Give the counts as whole numbers, 0 in the cells that lie after ``as_of``."""
        cells: Counts = np.nan_to_num(self.counts.to_numpy()).astype(np.int32)
        return cells


def reporting_triangle(
    records: pl.DataFrame,
    *,
    as_of: date | None = None,
    max_delay: int = MAX_DELAY,
    window: int = WINDOW,
    onset: str = "onset_on",
    report: str = "reported_on",
    count: str | None = None,
    places: Sequence[str] | None = None,
) -> Triangle:
    """Count cases by place, day of onset and days from onset to report, as known on ``as_of``.

    - A case reported after ``as_of`` is not seen.
    - A case reported before its onset (found in quarantine) is known on its day of onset: delay 0.
    - An onset after ``as_of`` is a fault of the record and left out.
    - A delay beyond ``max_delay`` counts as ``max_delay``.

    Parameters
    ----------
    records
        One row per case, with the columns ``onset`` and ``report`` (dates), ``place`` if there is
        more than one, ``case_id`` if a case may stand twice (the first row counts).
    as_of
        Last day of reports; the last report of the records by default.
    max_delay
        D, days: after it a day counts as complete.
    window
        Last days of onset to keep; what is older is complete and tells nothing of today's delays.
    onset, report
        Names of the two columns.
    count
        Column with the number of cases of a row, where the records are already counted.
    places
        Places of the result, with zeros where no case is; those of the records by default.

    Examples
    --------
    >>> cases = pl.DataFrame({
    ...     "onset_on": [date(2020, 2, 1), date(2020, 2, 1), date(2020, 2, 2), date(2020, 2, 3)],
    ...     "reported_on": [date(2020, 2, 1), date(2020, 2, 3), date(2020, 2, 3), date(2020, 2, 9)],
    ... })
    >>> triangle = reporting_triangle(cases, as_of=date(2020, 2, 3), max_delay=2)
    >>> triangle.counts.sel(place="all").values.tolist()
    [[1.0, 0.0, 1.0], [0.0, 1.0, nan], [0.0, nan, nan]]
    """
    _check(max_delay, window)
    rows, notes = _rows(records, onset, report, count)
    last = _last_day(rows, as_of, places)
    rows, said = _seen(rows, last)
    names = _places(rows, places)
    first = _first_day(rows, last, window, places)
    dated = rows.filter(pl.col("onset").is_not_null())
    dated, lumped = _delays(dated, first, max_delay)
    counts = _count(dated, names, first, last, max_delay)
    lone = rows.filter(pl.col("onset").is_null() & (pl.col("report") >= first))
    undated = _count_undated(lone, names, first, last)
    return Triangle(
        counts=counts,
        undated=undated,
        as_of=last,
        notes=(*notes, *said, *lumped, *_without_onset(lone)),
    )


def _check(max_delay: int, window: int) -> None:
    if max_delay < 1:
        raise BadParameter(
            "max_delay",
            max_delay,
            Text(
                zh="须至少为 1 天。请改用报告几乎全部完成所需的天数。",
                en="it must be at least 1 day. Use the days after which nearly all reports are in.",
            ),
        )
    if window <= max_delay:
        raise BadParameter(
            "window",
            window,
            Text(
                zh=f"须大于最长延迟 {max_delay} 天，否则没有一天是报告完整的，延迟无从估计。请加大窗口或减小最长延迟。",
                en=f"it must exceed the longest delay of {max_delay} days, or no day is complete and the delays cannot be estimated. Use a longer window or a shorter delay.",
            ),
        )


def _rows(
    records: pl.DataFrame, onset: str, report: str, count: str | None
) -> tuple[pl.DataFrame, list[Text]]:
    """Give place, onset, report and n of each record, each case once."""
    for column in (onset, report, *([count] if count else [])):
        if column not in records.columns:
            raise MissingData("cases", NEEDED_FOR, column=column)
    notes: list[Text] = []
    if "case_id" in records.columns:
        once = records.unique("case_id", keep="first", maintain_order=True)
        if twice := records.height - once.height:
            notes.append(
                Text(
                    zh="{n} 行与前面的病例同号，只计第一行。",
                    en="{n} rows repeat the number of an earlier case; only the first counts.",
                ).fill(n=twice)
            )
        records = once
    place = pl.col("place").cast(pl.String) if "place" in records.columns else pl.lit(EVERYWHERE)
    rows = records.select(
        place=place,
        onset=pl.col(onset).cast(pl.Date),
        report=pl.col(report).cast(pl.Date),
        n=pl.col(count).cast(pl.Int64, strict=False) if count else pl.lit(1, dtype=pl.Int64),
    )
    if count:
        _check_counts(records[count], rows["n"], count)
    return rows, notes


def _check_counts(given: pl.Series, read: pl.Series, name: str) -> None:
    wrong = read.is_null() | (read < 0)
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        raise BadParameter(
            name,
            given[row],
            Text(
                zh=f"第 {row + 1} 行的病例数须为零或正整数（共 {wrong.sum()} 行如此）。请改正；更正数应减在原行上。",
                en=f"the number of cases in row {row + 1} must be a whole number, zero or more ({wrong.sum()} rows are not). Mend them; a correction is taken off the row it corrects.",
            ),
        )


def _last_day(rows: pl.DataFrame, as_of: date | None, places: Sequence[str] | None) -> date:
    earliest = rows["report"].min()
    if not isinstance(earliest, date):
        if as_of is not None and places is not None:
            return as_of
        raise MissingData("cases", NEEDED_FOR, column="report")
    if as_of is None:
        latest = rows["report"].max()
        assert isinstance(latest, date)
        return latest
    if as_of < earliest and places is None:
        raise BadParameter(
            "as_of",
            as_of,
            Text(
                zh=f"那时尚无任何报告，无可估计。第一份报告在 {earliest}，请用该日或之后的日期。",
                en=f"nothing had been reported by then, so there is nothing to estimate. The first report is of {earliest}: use that day or a later one.",
            ),
        )
    return as_of


def _seen(rows: pl.DataFrame, last: date) -> tuple[pl.DataFrame, list[Text]]:
    """Keep what was reported by ``last``; a report before the onset counts on the onset."""
    notes = []
    unreported = int(rows.filter(pl.col("report").is_null())["n"].sum())
    rows = rows.filter(pl.col("report") <= last)
    ahead = rows.filter(pl.col("onset") > last)
    early = rows.filter((pl.col("report") < pl.col("onset")) & (pl.col("onset") <= last))
    if unreported:
        notes.append(
            Text(
                zh="{n} 例没有报告日期，未计入。",
                en="{n} cases have no date of report and are left out.",
            ).fill(n=unreported)
        )
    if ahead.height:
        notes.append(
            Text(
                zh="{n} 例的发病日期晚于截止日 {day}，未计入，请核对。",
                en="{n} cases have an onset after the last day of reports, {day}; they are left out and should be checked.",
            ).fill(n=int(ahead["n"].sum()), day=last)
        )
    if early.height:
        notes.append(
            Text(
                zh="{n} 例在发病前已报告（如隔离中发现），按发病当日已知计。",
                en="{n} cases were reported before their onset (found in quarantine, for example); they count as known on the day of onset.",
            ).fill(n=int(early["n"].sum()))
        )
    return rows.filter(pl.col("onset").is_null() | (pl.col("onset") <= last)), notes


def _places(rows: pl.DataFrame, places: Sequence[str] | None) -> list[str]:
    return rows["place"].unique().sort().to_list() if places is None else list(places)


def _first_day(rows: pl.DataFrame, last: date, window: int, places: Sequence[str] | None) -> date:
    opening = last - timedelta(days=window - 1)
    first = rows["onset"].min()
    if places is not None or not isinstance(first, date):
        return opening
    return max(opening, first)


def _delays(rows: pl.DataFrame, first: date, max_delay: int) -> tuple[pl.DataFrame, list[Text]]:
    notes = []
    older = int(rows.filter(pl.col("onset") < first)["n"].sum())
    if older:
        notes.append(
            Text(
                zh="{n} 例在 {day} 前发病，早于所用窗口，视为报告完整，未列出。",
                en="{n} cases fell ill before {day}, earlier than the window; those days count as complete and are not listed.",
            ).fill(n=older, day=first)
        )
    rows = rows.filter(pl.col("onset") >= first).with_columns(
        delay=(pl.col("report") - pl.col("onset")).dt.total_days().clip(lower_bound=0)
    )
    late = int(rows.filter(pl.col("delay") > max_delay)["n"].sum())
    if late:
        notes.append(
            Text(
                zh="{n} 例的报告延迟超过 {days} 天，按 {days} 天计。",
                en="{n} cases took longer than {days} days to be reported; they count as {days} days.",
            ).fill(n=late, days=max_delay)
        )
    return rows.with_columns(pl.col("delay").clip(upper_bound=max_delay)), notes


def _count(
    rows: pl.DataFrame, places: list[str], first: date, last: date, max_delay: int
) -> xr.DataArray:
    days = (last - first).days + 1
    table = (
        _numbered(rows, places, "onset", first)
        .group_by("row", "day", "delay")
        .agg(pl.col("n").sum())
    )
    cells = np.zeros((len(places), days, max_delay + 1))
    cells[table["row"], table["day"], table["delay"]] = table["n"]
    open_cells = np.add.outer(np.arange(days), np.arange(max_delay + 1)) >= days
    cells[:, open_cells] = np.nan
    coords = {"place": places, "date": _dates(first, days), "delay": np.arange(max_delay + 1)}
    return xr.DataArray(cells, coords, ("place", "date", "delay"), attrs={"units": "persons"})


def _count_undated(rows: pl.DataFrame, places: list[str], first: date, last: date) -> xr.DataArray:
    days = (last - first).days + 1
    table = _numbered(rows, places, "report", first).group_by("row", "day").agg(pl.col("n").sum())
    cells = np.zeros((len(places), days))
    cells[table["row"], table["day"]] = table["n"]
    coords = {"place": places, "date": _dates(first, days)}
    return xr.DataArray(cells, coords, ("place", "date"), attrs={"units": "persons per day"})


def _without_onset(lone: pl.DataFrame) -> list[Text]:
    number = int(lone["n"].sum())
    if not number:
        return []
    return [
        Text(
            zh="{n} 例没有发病日期：不计入“已报告”；贝叶斯方法按同期报告病例的延迟由报告日向前抽取其发病日，链梯法不计。",
            en="{n} cases have no onset: they are not in “reported”; the hierarchical method draws theirs backward from the report, by the delays of cases reported around the same day, and the chain ladder leaves them out.",
        ).fill(n=number)
    ]


def _numbered(rows: pl.DataFrame, places: list[str], column: str, first: date) -> pl.DataFrame:
    index = pl.DataFrame(
        {"place": places, "row": np.arange(len(places))},
        schema={"place": pl.String, "row": pl.Int64},
    )
    return rows.join(index, on="place", how="inner").with_columns(
        day=(pl.col(column) - pl.lit(first)).dt.total_days()
    )


def _dates(first: date, days: int) -> npt.NDArray[np.datetime64]:
    return np.datetime64(first, "ns") + np.arange(days) * np.timedelta64(1, "D")
