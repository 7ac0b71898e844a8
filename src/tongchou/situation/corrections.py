"""Known errors in received data, as a table beside the reader.

A correction says where, what, which action, why, from which source, and since when it is known. It
never overwrites a received row: it changes how a row is *read*, and each one that touches a page
is printed on it.

Actions
-------
``shift_day``      rows of the source dated from ``date`` on speak of the day ``value`` days away
``drop_day``       rows of the source dated ``date`` are a repetition and are not read
``merge_place``    the source's code ``place`` counts towards the place in ``value``
``backlog``        ``value`` persons of that day's new count belong to the ``window_days`` before it:
                   totals stay, the analytic daily series spreads them back in proportion
``revised``        the received total was revised later than it says; the figure first published is
                   ``value``; shown, not applied
``note``           nothing to apply; the reader of the number must know
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr

Counts = npt.NDArray[np.float64]

SCHEMA = {
    "correction_id": pl.String,
    "table": pl.String,
    "place": pl.String,
    "date": pl.Date,
    "column": pl.String,
    "action": pl.String,
    "value": pl.String,
    "window_days": pl.Int64,
    "known_on": pl.Date,
    "reason_zh": pl.String,
    "reason_en": pl.String,
    "source": pl.String,
    "confidence": pl.String,
}
ACTIONS = ("shift_day", "drop_day", "merge_place", "backlog", "revised", "note")


def empty() -> pl.DataFrame:
    """Give a table of corrections without rows."""
    return pl.DataFrame(schema=SCHEMA)


def known_at(corrections: pl.DataFrame, cut: date) -> pl.DataFrame:
    """Give the corrections that were known at a cut-off."""
    return corrections.filter(pl.col("known_on") <= cut)


def spread_backlog(
    new: xr.DataArray,
    corrections: pl.DataFrame,
    ancestors: Mapping[str, tuple[str, ...]],
    column: str = "confirmed",
) -> xr.DataArray:
    r"""Give daily new counts with backlog days spread over the days they belong to.

    On the day :math:`t` of a ``backlog`` correction a part :math:`b` of the new count :math:`n_t` of
    an area is older. It is taken out of that day and given to the ``window_days`` days before it in
    proportion to the counts already there (evenly where there are none). The sum over time stays.
    The area's ancestors change by the same amounts; a place :math:`p` within it carries the share
    :math:`b\, n_{p,t} / n_t` of the backlog, spread over its own days.

    Parameters
    ----------
    new : DataArray (place, date), persons per day
        The corrected area itself must be among the places, or the correction is not applied.
    corrections
        Corrections known at the cut-off.
    ancestors
        For each place of ``new`` the codes above it.
    column
        What ``new`` counts; only corrections of this column of ``case_counts`` are applied.

    Returns
    -------
    DataArray (place, date), persons per day
        A new array; ``new`` is not changed.
    """
    codes = [str(c) for c in new["place"].values]
    days = new["date"].values.astype("datetime64[D]")
    values = new.transpose("place", "date").to_numpy().astype(float)
    backlogs = corrections.filter(
        (pl.col("action") == "backlog")
        & (pl.col("table") == "case_counts")
        & (pl.col("column") == column)
    )
    for row in backlogs.iter_rows(named=True):
        found = np.flatnonzero(days == np.datetime64(row["date"]))
        if not found.size or row["place"] not in codes:
            continue
        t, area = int(found[0]), codes.index(row["place"])
        window = slice(max(0, t - int(row["window_days"])), t)
        day = values[:, t].clip(min=0)
        if window.start == t or day[area] <= 0:
            continue
        part = min(float(row["value"]) / day[area], 1.0)
        inside = [i for i, c in enumerate(codes) if row["place"] in (c, *ancestors.get(c, ()))]
        change = _moved(
            values, t, window, np.where(np.isin(np.arange(len(codes)), inside), part, 0.0)
        )
        above = [i for i, c in enumerate(codes) if c in ancestors.get(row["place"], ())]
        change[above] = change[area]
        values = values + change
    moved = xr.DataArray(values, dims=("place", "date"), coords=new.coords, attrs=new.attrs)
    return moved.transpose(*new.dims)


def _moved(values: Counts, t: int, window: slice, part: Counts) -> Counts:
    """Give the change that takes ``part`` of day ``t`` out and lays it over the window."""
    backlog = values[:, t].clip(min=0) * part
    before = values[:, window].clip(min=0)
    weight = before.sum(axis=1, keepdims=True)
    share = np.where(weight > 0, before / np.where(weight > 0, weight, 1.0), 1.0 / before.shape[1])
    change = np.zeros_like(values)
    change[:, window] = share * backlog[:, None]
    change[:, t] -= backlog
    return change
