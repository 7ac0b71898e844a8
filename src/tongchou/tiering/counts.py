"""What the rule looks at: cumulative and new cases, clusters, silence, for all places and dates."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl
import xarray as xr
from numpy.typing import NDArray

from tongchou.vocabulary.errors import BadInput, Fault
from tongchou.vocabulary.text import Text

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Case counts ready for the rule; arrays are (place, date) unless said otherwise.

    Attributes
    ----------
    cumulative
        Confirmed cases so far, persons; a day without report carries the last figure forward.
    new_to
        New cases before each date, persons, (place, date + 1): a difference of two columns is
        the number within a window. A downward correction is never a new case and never turns
        the clock back.
    corrected_to
        Cases taken back by downward corrections before each date, (place, date + 1).
    clusters_to
        Cluster days before each date, (place, date + 1).
    cluster_known
        Whether clusters of the place are known, (place,).
    silent_to
        Days without report before each date, (place, date + 1).
    last_new
        Column of the latest new case, -1 for none.
    reported_once
        Whether the place has reported at least once by the date.
    """

    places: NDArray[np.str_]
    dates: NDArray[np.datetime64]
    cumulative: Whole
    new_to: Whole
    corrected_to: Whole
    clusters_to: Whole
    cluster_known: Flags
    silent_to: Whole
    last_new: Whole
    reported_once: Flags

    def column(self, day: date) -> int:
        """Give the column of a date."""
        found = np.flatnonzero(self.dates == np.datetime64(day, "ns"))
        if found.size == 0:
            raise BadInput([_no_such_date(day, self.dates)])
        return int(found[0])

    def days_since_last(self, at: Whole) -> NDArray[np.float64]:
        """Give the days since the latest new case, NaN where there was none, (place, at)."""
        last = self.last_new[:, at]
        return np.where(last < 0, np.nan, at - last)


def within(before: Whole, at: Whole, window_days: int) -> Whole:
    """Give how much fell into the window that ends with, and includes, each column of ``at``.

    >>> within(np.array([[0, 0, 2, 2, 3]]), np.array([3]), 2)
    array([[1]])
    """
    end = at + 1
    start = np.maximum(end - max(window_days, 0), 0)
    fallen: Whole = before[:, end] - before[:, start]
    return fallen


def prepare_counts(
    confirmed_total: xr.DataArray,
    new_confirmed: xr.DataArray | None = None,
    clusters: xr.DataArray | None = None,
) -> Counts:
    """Give case counts ready for the rule, or every fault of the cubes.

    Parameters
    ----------
    confirmed_total
        (place, date), cumulative confirmed cases, persons; dates daily without gaps; NaN where
        a place did not report. Cases already there on the first date count as new on that date,
        since nothing earlier is known.
    new_confirmed
        (place, date), new confirmed cases, persons per day, where known apart from the
        cumulative series; otherwise the increases of the cumulative series.
    clusters
        (place, date), true on days on which a cluster occurred, for the places whose clusters
        are known; places left out have unknown clusters.
    """
    total = confirmed_total.transpose("place", "date")
    faults = [*_cube_faults("confirmed_total", total), *_value_faults(total)]
    if new_confirmed is not None:
        faults += _label_faults("new_confirmed", new_confirmed, total, whole=True)
    if clusters is not None:
        faults += _label_faults("clusters", clusters, total, whole=False)
    if faults:
        raise BadInput(faults)
    values = total.to_numpy().astype(np.float64)
    reported = np.isfinite(values)
    cumulative = _carried_forward(values)
    step = np.diff(cumulative, axis=1, prepend=0)
    new = np.maximum(step, 0)
    if new_confirmed is not None:
        given = new_confirmed.transpose("place", "date").reindex_like(total).to_numpy()
        new = np.maximum(np.nan_to_num(given.astype(np.float64)), 0).astype(np.int64)
    cluster_days, known = _aligned(clusters, total)
    column = np.arange(values.shape[1])
    return Counts(
        places=total["place"].to_numpy().astype(str),
        dates=total["date"].to_numpy().astype("datetime64[ns]"),
        cumulative=cumulative,
        new_to=_before(new),
        corrected_to=_before(np.maximum(-step, 0)),
        clusters_to=_before(cluster_days),
        cluster_known=known,
        silent_to=_before(~reported),
        last_new=np.maximum.accumulate(np.where(new > 0, column, -1), axis=1),
        reported_once=np.maximum.accumulate(reported, axis=1),
    )


def without_revisions(confirmed_total: xr.DataArray, revisions: pl.DataFrame) -> xr.DataArray:
    """Give the daily new cases without cases that a revision of the past added on one day.

    Such cases count towards the cumulative figure, but they did not occur on the day on which
    they were booked, so they must not restart the clock.

    Parameters
    ----------
    confirmed_total
        (place, date), cumulative confirmed cases, persons.
    revisions
        place, date, cases: from the packaged table ``revisions`` or of the same form.

    Returns
    -------
    xarray.DataArray
        (place, date), persons per day, to be handed on as ``new_confirmed``.
    """
    total = confirmed_total.transpose("place", "date")
    step = np.diff(_carried_forward(total.to_numpy().astype(np.float64)), axis=1, prepend=0)
    new = xr.DataArray(
        step, coords=total.coords, dims=total.dims, attrs={"units": "persons per day"}
    )
    places, dates = set(total["place"].to_numpy().tolist()), total["date"].to_numpy()
    for place, booked, cases in revisions.select("place", "date", "cases").iter_rows():
        at = np.flatnonzero(dates == np.datetime64(str(booked), "ns"))
        if place in places and at.size:
            new.loc[{"place": place, "date": dates[at[0]]}] -= cases
    return new


def with_corrections_cancelled(counts: Counts, column: int) -> Counts:
    """Give the counts as if each downward correction took back the latest cases before it.

    The cumulative series known on the date is replaced by the largest non-decreasing series
    below it, ``m_t = min(C_t, ..., C_on)``; only that date may be read from the result.
    """
    lowest = np.minimum.accumulate(counts.cumulative[:, column::-1], axis=1)[:, ::-1]
    new = np.diff(lowest, axis=1, prepend=0)
    columns = np.arange(column + 1)
    return replace(
        counts,
        new_to=_before(new),
        last_new=np.maximum.accumulate(np.where(new > 0, columns, -1), axis=1),
    )


def _before(daily: NDArray[np.int64] | Flags) -> Whole:
    out = np.zeros((daily.shape[0], daily.shape[1] + 1), dtype=np.int64)
    np.cumsum(daily, axis=1, out=out[:, 1:])
    return out


def _carried_forward(values: NDArray[np.float64]) -> Whole:
    column = np.arange(values.shape[1])
    seen = np.maximum.accumulate(np.where(np.isfinite(values), column, -1), axis=1)
    filled = np.take_along_axis(values, np.maximum(seen, 0), axis=1)
    carried: Whole = np.where(seen < 0, 0, filled).astype(np.int64)
    return carried


def _aligned(clusters: xr.DataArray | None, total: xr.DataArray) -> tuple[Flags, Flags]:
    places = total["place"].to_numpy()
    if clusters is None:
        return np.zeros(total.shape, dtype=np.bool_), np.zeros(len(places), dtype=np.bool_)
    known = np.isin(places, clusters["place"].to_numpy())
    days = clusters.transpose("place", "date").astype(bool)
    days = days.reindex(place=places, date=total["date"], fill_value=False)
    return days.to_numpy(), known


def _cube_faults(name: str, cube: xr.DataArray) -> list[Fault]:
    faults = []
    places, dates = cube["place"].to_numpy(), cube["date"].to_numpy()
    repeated = len(places) - len(np.unique(places))
    if repeated:
        faults.append(
            Fault(
                file=name,
                column="place",
                value=str(repeated),
                problem=Text(zh="个地区重复出现。", en="places appear more than once."),
                remedy=Text(zh="请先合并重复行。", en="Merge the repeated rows first."),
            )
        )
    if len(dates) == 0 or np.any(np.diff(dates) != np.timedelta64(1, "D")):
        faults.append(
            Fault(
                file=name,
                column="date",
                value=str(len(dates)),
                problem=Text(
                    zh="个日期不是逐日连续的，窗口天数会数错。",
                    en="dates are not day by day, so windows would be counted wrongly.",
                ),
                remedy=Text(
                    zh="请按天补齐，未报告的日子填空值。",
                    en="Give every day; leave a day without report empty.",
                ),
            )
        )
    return faults


def _value_faults(total: xr.DataArray) -> list[Fault]:
    values = np.asarray(total.to_numpy(), dtype=np.float64)
    wrong = np.argwhere((values < 0) | np.isinf(values))
    return [
        Fault(
            file="confirmed_total",
            column=str(total["place"].to_numpy()[p]),
            value=str(values[p, d]),
            problem=Text(
                zh=f"在{str(total['date'].to_numpy()[d])[:10]}不是可用的累计数。",
                en=f"on {str(total['date'].to_numpy()[d])[:10]} cannot be a cumulative count.",
            ),
            remedy=Text(zh="请更正或留空。", en="Correct it or leave it empty."),
        )
        for p, d in wrong
    ]


def _label_faults(name: str, cube: xr.DataArray, total: xr.DataArray, whole: bool) -> list[Fault]:
    faults = []
    for dim in ("place", "date"):
        mine, theirs = set(cube[dim].to_numpy().tolist()), set(total[dim].to_numpy().tolist())
        odd = mine - theirs if dim == "place" and not whole else mine ^ theirs
        if odd:
            faults.append(
                Fault(
                    file=name,
                    column=dim,
                    value=str(next(iter(sorted(odd)))),
                    problem=Text(
                        zh=f"等 {len(odd)} 个标签与累计数不一致。",
                        en=f"and in all {len(odd)} labels do not match the cumulative cube.",
                    ),
                    remedy=Text(
                        zh="请先按同一地区和日期对齐。", en="Align places and dates first."
                    ),
                )
            )
    return faults


def _no_such_date(day: date, dates: NDArray[np.datetime64]) -> Fault:
    return Fault(
        file="confirmed_total",
        column="date",
        value=day.isoformat(),
        problem=Text(zh="不在数据的日期之内。", en="is not among the dates of the data."),
        remedy=Text(
            zh=f"请选 {str(dates[0])[:10]} 至 {str(dates[-1])[:10]} 之间的日期。",
            en=f"Choose a date from {str(dates[0])[:10]} to {str(dates[-1])[:10]}.",
        ),
    )
