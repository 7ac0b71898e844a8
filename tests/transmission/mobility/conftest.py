import numpy as np
import pytest
import xarray as xr

from tongchou.transmission.mobility.flows import Flows


@pytest.fixture(scope="session")
def flows_of():
    """Make flows of an array (origin, destination, day), persons; the diagonal is left out."""

    def make(persons) -> Flows:
        n, _, days = persons.shape
        origin, destination = np.nonzero(~np.eye(n, dtype=bool))
        dates = np.datetime64("2020-01-01") + np.arange(days)
        labels = {"place": [f"p{i}" for i in range(n)], "date": dates.astype("datetime64[ns]")}
        kept = persons[origin, destination]
        leaving = np.stack([kept[origin == i].sum(axis=0) for i in range(n)])
        return Flows(
            places=tuple(labels["place"]),
            dates=dates,
            origin=origin.astype(np.int32),
            destination=destination.astype(np.int32),
            persons=kept.astype(np.float32),
            departures=xr.DataArray(leaving, labels, ("place", "date")),
            source=xr.DataArray(np.full(leaving.shape, "observed"), labels, ("place", "date")),
            notes=(),
        )

    return make
