from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
import xarray as xr

from tongchou.surveillance.nowcasting.triangle import Triangle

FIRST = date(2020, 1, 1)


def label(full, as_of_day=None) -> Triangle:
    """Make the triangle seen on the last day out of all counts (place, onset, delay)."""
    full = np.asarray(full, dtype=float)
    places, days, delays = full.shape
    seen = full.copy()
    seen[:, np.add.outer(np.arange(days), np.arange(delays)) >= days] = np.nan
    dates = np.datetime64(FIRST, "ns") + np.arange(days) * np.timedelta64(1, "D")
    names = [f"{420000 + row:06d}" for row in range(places)]
    coords = {"place": names, "date": dates}
    return Triangle(
        counts=xr.DataArray(
            seen, {**coords, "delay": np.arange(delays)}, ("place", "date", "delay")
        ),
        undated=xr.DataArray(np.zeros((places, days)), coords, ("place", "date")),
        as_of=FIRST + timedelta(days=days - 1),
        notes=(),
    )


@pytest.fixture(scope="session")
def seen():
    return label


@pytest.fixture(scope="session")
def listed():
    """Make a line list out of (onset, report) pairs in days since 1 January 2020."""

    def records(pairs, place=None) -> pl.DataFrame:
        days = [[None if d is None else FIRST + timedelta(days=d) for d in pair] for pair in pairs]
        table = pl.DataFrame(
            days, schema={"onset_on": pl.Date, "reported_on": pl.Date}, orient="row"
        )
        return table if place is None else table.with_columns(place=pl.Series(place))

    return records
