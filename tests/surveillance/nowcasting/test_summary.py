import numpy as np
import pytest
import xarray as xr

from tongchou.surveillance.nowcasting.summary import summarise


@pytest.mark.parametrize("scale", [3, 400, 100_000])
def test_quantiles_are_those_of_numpy(scale):
    values = np.random.default_rng(1).poisson(scale, (101, 2, 3)).astype(np.int32)
    dates = np.datetime64("2020-02-01", "ns") + np.arange(3) * np.timedelta64(1, "D")
    coords = {"place": ["a", "b"], "date": dates}
    draws = xr.DataArray(values, {"draw": np.arange(101), **coords}, ("draw", "place", "date"))
    result = summarise(draws, draws.min("draw"))
    for name, level in {"q025": 0.025, "median": 0.5, "q975": 0.975}.items():
        assert result[name].values == pytest.approx(np.quantile(values, level, axis=0))
    assert result["estimate"].values == pytest.approx(values.mean(axis=0))
