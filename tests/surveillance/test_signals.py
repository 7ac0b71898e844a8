import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from tongchou.surveillance.signals import silence


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_silence_is_the_run_without_a_report_at_the_end(heard):
    dates = np.datetime64("2020-02-01", "ns") + np.arange(len(heard)) * np.timedelta64(1, "D")
    result = silence(xr.DataArray([heard], {"place": ["420100"], "date": dates}, ("place", "date")))
    run = next((k for k, h in enumerate(reversed(heard)) if h), len(heard))
    assert result["days"].item() == run
    assert result["silent"].item() == (run >= 1)
    assert result["reported_share"].item() == pytest.approx(np.mean(heard))
