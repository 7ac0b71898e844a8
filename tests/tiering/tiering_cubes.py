"""Small case cubes for the tests of tiering."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

FIRST_DAY = "2020-02-01"


def days(n: int) -> np.ndarray:
    return (np.datetime64(FIRST_DAY) + np.arange(n)).astype("datetime64[ns]")


def cumulative(series: Mapping[str, Sequence[float]]) -> xr.DataArray:
    values = np.array(list(series.values()), dtype=float)
    return xr.DataArray(
        values,
        dims=("place", "date"),
        coords={"place": list(series), "date": days(values.shape[1])},
        attrs={"units": "persons"},
    )


def one(series: Sequence[float]) -> xr.DataArray:
    return cumulative({"420102": series})


def cluster_days(n: int, *when: int) -> xr.DataArray:
    """Known clusters of place 420102, on the given day numbers."""
    flags = np.zeros((1, n), dtype=bool)
    flags[0, list(when)] = True
    return xr.DataArray(
        flags, dims=("place", "date"), coords={"place": ["420102"], "date": days(n)}
    )
