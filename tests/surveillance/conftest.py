import numpy as np
import pytest
import xarray as xr
from hypothesis import settings

# No test is about time: a busy machine must not fail one.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def cube():
    """Label rows of daily counts: one row per place, days from 1 January 2020."""

    def label(rows) -> xr.DataArray:
        values = np.atleast_2d(np.asarray(rows, dtype=float))
        places = [f"{420000 + row:06d}" for row in range(len(values))]
        dates = np.datetime64("2020-01-01", "ns") + np.arange(values.shape[1]) * np.timedelta64(
            1, "D"
        )
        return xr.DataArray(values, {"place": places, "date": dates}, ("place", "date"))

    return label
