"""Daily persons from origin to destination: shares of departures times departures, gaps filled in sight.

References
----------
Wang C, Yan J. J UESTC 2021;50:616, doi 10.12178/1001-0548.2020441: the Baidu scale index is proportional
to persons, 3.24e-5 a person, so 30,864 persons a point. Jia JS et al. Nature 2020;582:389, doi
10.1038/s41586-020-2284-y: 11,478,484 counted leaving or crossing Wuhan, 1-24 January 2020, so 70,700
persons a point of that month's index.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr
from scipy import sparse

from tongchou.transmission.mobility.departures import ASSUMED, INTERPOLATED, Recovery, departures_of
from tongchou.vocabulary.errors import BadInput, BadParameter, Fault, MissingData
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]

ORDINARY = (date(2020, 1, 1), date(2020, 1, 9))
"""First and last of the ordinary days of 2020, from which later levels of movement are measured."""

NAMED = 20
"""Faults written out; more are only counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """Persons a day by link and date.

    ``origin`` and ``destination`` number ``places``; ``persons`` is (link, date), float32;
    ``departures`` (place, date) persons a day and ``source`` (place, date) where they come from.
    """

    places: tuple[str, ...]
    dates: Dates
    origin: npt.NDArray[np.int32]
    destination: npt.NDArray[np.int32]
    persons: npt.NDArray[np.float32]
    departures: xr.DataArray
    source: xr.DataArray
    notes: tuple[Text, ...]

    def matrix(self, days: slice | int | None = None) -> sparse.csr_array:
        """Give the mean flow of some days as a sparse matrix origin × destination, persons a day."""
        chosen = self.persons[:, slice(None) if days is None else days]
        mean = chosen if chosen.ndim == 1 else chosen.mean(axis=1, dtype=float)
        n = len(self.places)
        return sparse.csr_array((mean.astype(float), (self.origin, self.destination)), shape=(n, n))


def daily_flows(
    mobility: pl.DataFrame,
    places: Sequence[str],
    dates: npt.ArrayLike,
    *,
    factor: float = 1.0,
    ordinary: tuple[date, date] = ORDINARY,
    recovery: Recovery | None = None,
) -> Flows:
    """Give persons a day between places for every date, from the table ``mobility``.

    F_ij(t) = s_ij(t) / Σ_j s_ij(t) × O_i(t), with s the listed shares (destinations not listed are spread
    over all that are, those outside ``places`` too) and O the departures: persons over share where the table has persons, a straight
    line between the two neighbours on a missing day, and :class:`Recovery` after the last one. On a
    day without shares an origin keeps those of the last day it had (of the first, before it).

    Parameters
    ----------
    mobility
        Table ``mobility``: date, origin, destination, share, persons. Flows of a place to itself are left out;
        those to places outside ``places`` count among the departures and are no link.
    places
        Codes, in the order wanted.
    dates
        Days wanted, each following the other; they may go beyond the table.
    factor
        Multiplies persons, to try other persons per index point than those the table was made with.
    ordinary
        First and last day of the ordinary days that :class:`Recovery` measures from.
    recovery
        After the last day of known magnitude; the default is that of February and March 2020.

    Raises
    ------
    BadInput
        Numbers below 0, shares of an origin over 1 on a day, a pair told twice.
    MissingData
        If no origin has persons, or a column lacks.

    Examples
    --------
    >>> table = pl.DataFrame({
    ...     "date": [date(2020, 1, 1), date(2020, 1, 3)], "origin": "420100", "destination": "420200",
    ...     "share": [0.5, 0.5], "persons": [100.0, 300.0]})
    >>> days = np.datetime64("2020-01-01") + np.arange(3)
    >>> flows = daily_flows(table, ["420100", "420200"], days)
    >>> flows.persons.tolist(), flows.source.values[0].tolist()
    ([[200.0, 400.0, 600.0]], ['observed', 'interpolated', 'observed'])
    """
    days = _days(dates)
    known = _known(mobility, places)
    _check(known)
    departures, source = departures_of(
        known, len(places), days, factor, ordinary, recovery or Recovery(), tuple(places)
    )
    inside = known.with_columns(pl.col("share") / pl.sum("share").over("date", "row")).drop_nulls(
        "column"
    )
    pairs = inside.select("row", "column").unique().sort("row", "column")
    origin = pairs["row"].to_numpy().astype(np.int32)
    shares, carried = _shares(inside, pairs, days, origin, len(places))
    persons = shares * departures.astype(np.float32)[origin]
    labels = {"place": list(places), "date": days.astype("datetime64[ns]")}
    return Flows(
        places=tuple(places),
        dates=days,
        origin=origin,
        destination=pairs["column"].to_numpy().astype(np.int32),
        persons=persons,
        departures=xr.DataArray(
            departures, labels, ("place", "date"), attrs={"units": "persons per day"}
        ),
        source=xr.DataArray(source, labels, ("place", "date")),
        notes=_notes(source, carried, origin, len(places), places),
    )


def _days(dates: npt.ArrayLike) -> Dates:
    days = np.asarray(dates).astype("datetime64[D]")
    if days.size == 0 or not (np.diff(days) == np.timedelta64(1, "D")).all():
        raise BadParameter(
            "dates",
            f"{days.size}",
            Text(
                zh="日期至少一天，且须逐日连续。",
                en="at least one day is needed, and days must follow each other.",
            ),
        )
    return days


def _known(mobility: pl.DataFrame, places: Sequence[str]) -> pl.DataFrame:
    """Give the rows that leave the places, with the numbers of origin and destination.

    A destination outside the places has none. A row without a share has that of its persons.
    """
    for column in ("date", "origin", "destination", "share", "persons"):
        if column not in mobility.columns:
            raise MissingData("mobility", Text(zh="人员流动", en="daily flow"), column=column)
    codes = pl.LazyFrame(
        {"code": [str(p) for p in places], "number": np.arange(len(places), dtype=np.int32)}
    )
    rows = (
        mobility.lazy()
        .filter(pl.col("origin") != pl.col("destination"))
        .join(codes.rename({"code": "origin", "number": "row"}), on="origin")
        .select("date", "row", "origin", "destination", "share", "persons")
    )
    shared = pl.col("share").is_not_null()
    day = rows.group_by("date", "row").agg(
        listed=pl.sum("share"),
        shared=pl.col("persons").filter(shared).sum(),
        told=pl.sum("persons"),
    )
    leaving = pl.when(pl.col("listed") > 0).then(pl.col("shared") / pl.col("listed"))
    return (
        rows.join(day, on=["date", "row"])
        .with_columns(pl.col("share").fill_null(pl.col("persons") / leaving.otherwise("told")))
        .drop_nulls("share")
        .join(codes.rename({"code": "destination", "number": "column"}), "destination", "left")
        .select("date", "row", "column", "origin", "destination", "share", "persons")
        .collect()
    )


def _check(known: pl.DataFrame) -> None:
    """Refuse shares over 1, numbers below 0 and pairs told twice on a day, all at once."""
    sums = known.group_by("date", "origin").agg(
        pl.sum("share"),
        least=pl.min_horizontal(pl.min("share"), pl.min("persons").fill_null(0.0)),
        twice=pl.len() - pl.n_unique("destination"),
    )
    faulty = (pl.col("share") > 1 + 1e-6) | (pl.col("least") < 0) | (pl.col("twice") > 0)
    bad = sums.filter(faulty).sort("origin", "date")
    if bad.height:
        faults = [_fault(row) for row in bad.head(NAMED).iter_rows(named=True)]
        raise BadInput(faults, unlisted=max(bad.height - NAMED, 0))


def _fault(row: Mapping[str, Any]) -> Fault:
    where_zh, where_en = (
        f"出发地 {row['origin']} 在 {row['date']}",
        f"{row['origin']} on {row['date']}",
    )
    if row["twice"]:
        problem = Text(
            zh=f"{where_zh} 有 {row['twice']} 个到达地出现两次。",
            en=f"Origin {where_en} names {row['twice']} destinations twice.",
        )
        remedy = Text(zh="请删去重复行。", en="Delete the rows that repeat.")
    elif row["least"] < 0:
        problem = Text(
            zh=f"{where_zh} 有负的占比或人次。",
            en=f"Origin {where_en} has a share or persons below 0.",
        )
        remedy = Text(zh="请更正为不小于 0 的数。", en="Correct it to a number of at least 0.")
    else:
        problem = Text(
            zh=f"{where_zh} 的占比合计超过 1。",
            en=f"The shares of origin {where_en} add to more than 1.",
        )
        remedy = Text(zh="请核对单位：1 即 100%。", en="Check the unit: 1 means 100 per cent.")
    value = f"{row['least'] if row['least'] < 0 else row['share']:.4f}"
    return Fault(file="mobility", column="share", value=value, problem=problem, remedy=remedy)


def _shares(
    known: pl.DataFrame, pairs: pl.DataFrame, days: Dates, origin: npt.NDArray[np.int32], n: int
) -> tuple[npt.NDArray[np.float32], int]:
    """Give shares (link, date) of each origin's departures, and how many origin-days were carried over."""
    joined = known.join(pairs.with_row_index("link"), on=["row", "column"])
    every = np.unique(np.concatenate([known["date"].to_numpy().astype("datetime64[D]"), days]))
    values = np.zeros((every.size, pairs.height), dtype=np.float32)
    dated = np.searchsorted(every, joined["date"].to_numpy().astype("datetime64[D]"))
    values[dated, joined["link"].to_numpy()] = joined["share"].to_numpy()
    totals = np.stack([np.bincount(origin, day, n) for day in values])
    wanted = np.searchsorted(every, days)
    at = _last_seen(totals.T > 0).T[wanted]
    link = np.arange(pairs.height)
    shares = np.empty((pairs.height, days.size), dtype=np.float32)
    for t, day in enumerate(at):
        shares[:, t] = values[day[origin], link]
    return shares, int(((at != wanted[:, None]) & (totals.sum(axis=0) > 0)).sum())


def _last_seen(has: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """Give for each day the number of the last day that has something, or of the first before it."""
    number = np.where(has, np.arange(has.shape[1]), -1)
    last = np.maximum.accumulate(number, axis=1)
    first = np.argmax(has, axis=1)
    return np.where(last < 0, first[:, None], last)


def _notes(
    source: npt.NDArray[np.str_],
    carried: int,
    origin: npt.NDArray[np.int32],
    n: int,
    places: Sequence[str],
) -> tuple[Text, ...]:
    notes = []
    between, beyond = int((source == INTERPOLATED).sum()), int((source == ASSUMED).sum())
    if between or beyond:
        notes.append(
            Text(
                zh=f"离开人数：{between:,} 个地区日由前后两日内插，{beyond:,} 个地区日在有记录日期之外，按假设推算。",
                en=f"Departures: {between:,} place-days lie between two observed days and are interpolated, {beyond:,} lie beyond the observed days and are assumed.",
            )
        )
    if carried:
        notes.append(
            Text(
                zh=f"{carried:,} 个地区日没有去向占比，沿用最近一日。",
                en=f"{carried:,} place-days have no shares by destination; those of the last day known are kept.",
            )
        )
    without = sorted(set(range(n)) - set(origin.tolist()))
    if without:
        some = ", ".join(str(places[i]) for i in without[:5])
        notes.append(
            Text(
                zh=f"{len(without):,} 个地区没有流向其他所列地区的记录（如 {some}）。",
                en=f"{len(without):,} places have no recorded flow to any other of the places (such as {some}).",
            )
        )
    return tuple(notes)
