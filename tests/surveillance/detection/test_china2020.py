"""What the records of spring 2020 call an event, and what is known of each."""

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import xarray as xr

from tongchou.surveillance.detection.false_alarms import hold_down
from tongchou.surveillance.detection.regression import count_regression

pytestmark = pytest.mark.real

KNOWN = {
    "230100": "2020-04-14",  # Harbin: a hospital cluster
    "420100": "2020-04-16",  # Wuhan: 325 cases added by the revision of that day
    "231000": "2020-04-25",  # Mudanjiang: Suifenhe
    "220200": "2020-05-09",  # Jilin: Shulan
    "210100": "2020-05-13",  # Shenyang: linked to Shulan
}
"""First alarm of each place from 10 April to 30 May."""


@pytest.fixture(scope="module")
def daily() -> xr.DataArray:
    file = Path(os.environ.get("TONGCHOU_DATA", ""), "china2020", "cases_prefecture_panel.csv")
    if not file.is_file():
        pytest.skip("TONGCHOU_DATA names no folder with china2020")
    panel = pl.read_csv(file, infer_schema_length=None, try_parse_dates=True)
    wide = panel.pivot("adcode", index="date", values="confirmed").sort("date")
    total = wide.drop("date").to_numpy().T.astype(float)
    new = np.maximum(np.diff(total, axis=1, prepend=0), 0)
    dates = wide["date"].to_numpy().astype("datetime64[ns]")
    return xr.DataArray(new, {"place": wide.columns[1:], "date": dates}, ("place", "date"))


def test_each_alarm_of_the_quiet_spring_is_a_known_event(daily):
    found = hold_down(count_regression(daily), 0.05).sel(date=slice("2020-04-10", None))
    first = {}
    for place in found["place"].values[found["alarm"].any("date").values]:
        days = found["date"].values[found["alarm"].sel(place=place).values]
        first[str(place)] = str(days[0].astype("datetime64[D]"))
    assert first == KNOWN
