"""Clusters found in a line list: cases that share a small setting within a window."""

import numpy as np
import polars as pl
import xarray as xr
from numpy.typing import NDArray

from tongchou.tiering.rules import TierRules


def find_clusters(
    cases: pl.DataFrame,
    places: list[str],
    dates: NDArray[np.datetime64],
    rules: TierRules,
) -> xr.DataArray:
    """Give the days on which a cluster occurred, by place.

    A cluster occurs on the day of a case if the same small setting (a home, a site, a
    workplace) has had at least ``cluster_size`` cases or asymptomatic infections within the
    last ``cluster_window_days``, that day included.

    Parameters
    ----------
    cases
        place, setting, date: one row per confirmed case or asymptomatic infection; rows
        without a setting cannot form a cluster.
    places
        Places whose clusters the line list covers, with or without cases.
    dates
        Daily dates of the result.

    Returns
    -------
    xarray.DataArray
        (place, date), boolean; to be handed to the rule as ``clusters``.

    References
    ----------
    Two cases in February 2020 is inferred from the change note of the seventh edition of the
    prevention and control protocol (Xinhua, 15 September 2020), which raised it to five.

    Examples
    --------
    >>> from datetime import date
    >>> from tongchou.tiering.rules import tier_rules
    >>> cases = pl.DataFrame({"place": ["420102"] * 2, "setting": ["home 7"] * 2,
    ...                       "date": [date(2020, 2, 1), date(2020, 2, 5)]})
    >>> days = np.arange("2020-02-01", "2020-02-08", dtype="datetime64[D]")
    >>> found = find_clusters(cases, ["420102"], days, tier_rules())
    >>> [str(d)[:10] for d in found["date"].values[found.values[0]]]
    ['2020-02-05']
    """
    size = min(c.cluster_size for c in rules.clauses)
    window = max(c.cluster_window_days for c in rules.clauses)
    daily = (
        cases.drop_nulls(["place", "setting", "date"])
        .with_columns(pl.col("date").cast(pl.Date))
        .group_by("place", "setting", "date")
        .agg(n=pl.len())
        .sort("date")
    )
    recent = daily.rolling(
        "date", period=f"{window}d", closed="right", group_by=["place", "setting"]
    ).agg(n=pl.col("n").sum())
    hits = recent.filter(pl.col("n") >= size, pl.col("place").is_in(places))
    stamps = np.asarray(dates, dtype="datetime64[ns]")
    out = xr.DataArray(
        np.zeros((len(places), len(stamps)), dtype=np.bool_),
        dims=("place", "date"),
        coords={"place": places, "date": stamps},
        attrs={"units": "1 = a cluster occurred that day"},
    )
    row = {place: i for i, place in enumerate(places)}
    column = {stamp: i for i, stamp in enumerate(stamps.astype("datetime64[D]").tolist())}
    for place, day in hits.select("place", "date").iter_rows():
        if day in column:
            out.values[row[place], column[day]] = True
    return out
