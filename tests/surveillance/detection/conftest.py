import numpy as np
import pytest
import xarray as xr


@pytest.fixture(scope="session")
def weeks():
    """Label rows of weekly counts: one row per place, Mondays from 6 January 2014."""

    def label(rows) -> xr.DataArray:
        values = np.atleast_2d(np.asarray(rows, dtype=float))
        places = [f"{420000 + row:06d}" for row in range(len(values))]
        dates = np.datetime64("2014-01-06", "ns") + 7 * np.arange(values.shape[1]) * np.timedelta64(
            1, "D"
        )
        return xr.DataArray(values, {"place": places, "date": dates}, ("place", "date"))

    return label


@pytest.fixture(scope="session")
def season():
    """Give the mean of weekly counts with a season and a trend, (place, week)."""

    def mean(level: float, places: int, length: int) -> np.ndarray:
        week = np.arange(length)
        curve = level * np.exp(0.5 * np.sin(2 * np.pi * week / 52.18) + 0.001 * week)
        return np.broadcast_to(curve, (places, length))

    return mean
