import numpy as np
import pytest
import xarray as xr

from tongchou.vocabulary.daily import daily_counts
from tongchou.vocabulary.errors import BadParameter

dates = np.datetime64("2020-01-01", "ns") + np.arange(3) * np.timedelta64(1, "D")
places = ["420100", "420200"]


def test_either_order_of_dimensions_comes_back_as_place_by_date():
    counts = xr.DataArray(
        np.arange(6).reshape(3, 2), {"date": dates, "place": places}, ("date", "place")
    )
    assert daily_counts(counts, "new_cases").dims == ("place", "date")


def test_all_faults_are_named_at_once_with_the_place():
    counts = xr.DataArray(
        [[1.0, np.nan, 2], [3, -4, 5]], {"place": places, "date": dates}, ("place", "date")
    )
    with pytest.raises(BadParameter) as refused:
        daily_counts(counts, "new_cases")
    en, zh = refused.value.text()["en"], refused.value.text()["zh"]
    assert "1 reports are missing (such as 420100)" in en
    assert "1 counts are negative (such as 420200)" in en
    assert "fill_gaps" in zh
    assert "daily_new" in zh


def test_a_lost_day_is_refused():
    counts = xr.DataArray(np.ones((2, 3)), {"place": places, "date": dates}, ("place", "date"))
    with pytest.raises(BadParameter, match="day by day"):
        daily_counts(counts.isel(date=[0, 2]), "new_cases")


def test_other_dimensions_are_refused():
    with pytest.raises(BadParameter, match="place and date"):
        daily_counts(xr.DataArray([1.0], dims="date"), "new_cases")
