"""Fatality of Ebola in Yambuku, 1976, as the R package cfr prints it: static, rolling and varying in time.

Source: cfr 0.2.0 (Gupte PR, Kucharski A, Russell T and others, Epiverse-TRACE, MIT licence), snapshots of its tests
(estimate_static.md, estimate_rolling.md, estimate_time_varying.md) and the tutorial "Estimation of outbreak severity"
(Epiverse-TRACE) for the first 30 days. Counts: Camacho A et al. Epidemics 2014, doi 10.1016/j.epidem.2014.09.003,
cases of table ebola1976. Delay: gamma, shape 2.40, scale 3.33 (Barry A et al. Lancet 2018,
doi 10.1016/S0140-6736(18)31387-4), its density taken at whole days as cfr does.

cfr searches grids of 0.001 (rolling snapshot) or 0.0001 and gives their outermost points within 1.92 of the maximum.
"""

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from tongchou.surveillance.severity import (
    rolling_severity,
    static_severity,
    time_varying_severity,
)

CASES = [
    *(1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 4, 1, 1, 3, 2, 7, 9, 4, 8, 9, 8, 9, 6, 6, 3),
    *(8, 10, 5, 16, 12, 11, 11, 7, 7, 4, 4, 3, 7, 2, 3, 8, 5, 7, 5, 2, 3, 4, 3, 6),
    *(2, 1, 0, 0, 0, 1, 1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
]
DEATHS = [
    *(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 1, 3, 1, 2, 1, 8, 4, 3, 5),
    *(8, 6, 6, 10, 3, 7, 8, 11, 7, 13, 12, 9, 9, 7, 6, 8, 6, 2, 6, 4, 3, 2, 6, 4),
    *(6, 7, 7, 2, 4, 1, 1, 4, 1, 1, 0, 0, 0, 2, 0, 2, 1, 0, 0, 0, 0, 0, 0, 1),
]
DENSITY = stats.gamma.pdf(np.arange(73), 2.40, scale=3.33)


@pytest.fixture(scope="module")
def outbreak():
    dates = np.datetime64("1976-08-25", "ns") + np.arange(73) * np.timedelta64(1, "D")

    def cube(row):
        return xr.DataArray([row], {"place": ["yambuku"], "date": dates}, ("place", "date"))

    return cube(CASES), cube(DEATHS)


def values(result, *at):
    return [result[name].isel(place=0, **dict(at)).values for name in ("estimate", "low", "high")]


def test_the_static_naive_share(outbreak):
    # estimate_static.md: 0.955102 0.9210866 0.9773771
    found = values(static_severity(*outbreak))
    assert found == pytest.approx([0.955102, 0.9210866, 0.9773771], abs=6e-7)


def test_the_static_adjusted_share(outbreak):
    # estimate_static.md: 0.9592 0.9295 0.9793
    found = values(static_severity(*outbreak, DENSITY, likelihood="binomial"))
    assert found == pytest.approx([0.9592, 0.9295, 0.9793], abs=1e-4)


def test_the_first_thirty_days(outbreak):
    # Tutorial: naive 0.4740741 0.3875497 0.5617606
    cases, deaths = (x.isel(date=slice(30)) for x in outbreak)
    found = values(static_severity(cases, deaths))
    assert found == pytest.approx([0.4740741, 0.3875497, 0.5617606], abs=6e-8)


ROLLING_NAIVE = [0.975] * 7 + [
    *(0.8418861, 0.7075982, 0.6023646, 0.3694166, 0.3362671, 0.3084971, 0.2470526, 0.3194846)
]
ROLLING_ADJUSTED = [
    *(0.999, 0.999, 0.999, 0.999, 0.994, 0.984, 0.970, 0.946, 0.904, 0.837, 0.727, 0.602, 0.492),
]


def test_the_first_fifteen_rows_of_the_rolling_naive_share(outbreak):
    # estimate_rolling.md, the first 15 rows of rolling_scfr_naive
    share, low, high = (x[:15] for x in values(rolling_severity(*outbreak)))
    assert share == pytest.approx([0.0] * 14 + [0.06666667], abs=6e-9)
    assert low == pytest.approx([0.0] * 14 + [0.00168643], abs=6e-9)
    assert high == pytest.approx(ROLLING_NAIVE, abs=6e-8)


def test_the_first_fifteen_rows_of_the_rolling_adjusted_share(outbreak):
    # estimate_rolling.md, head(rolling_scfr_corrected, 15), a grid of 0.001 from 0.001 to 0.999: row 1 has no
    # known outcome; rows 2 to 14 no death; row 15: 0.266 0.018 0.748.
    result = rolling_severity(*outbreak, DENSITY, likelihood="binomial")
    share, low, high = (x[:15] for x in values(result))
    assert np.isnan(share[0])
    assert share[1:14] == pytest.approx(0.0, abs=1e-12)
    assert high[1:14] == pytest.approx(ROLLING_ADJUSTED, abs=1.01e-3)
    assert [share[14], low[14], high[14]] == pytest.approx([0.266, 0.018, 0.748], abs=1e-3)


def test_the_first_fifteen_rows_of_the_naive_share_that_varies_in_time(outbreak):
    # estimate_time_varying.md, head(tvcfr_naive, 15): a burn-in of 7 days, then
    high = [*(0.975, 0.975, 0.975, 0.6023646, 0.975, 0.975, 0.7075982, 0.9874209)]
    found = values(time_varying_severity(*outbreak))
    assert np.isnan(found[0][:7]).all()
    assert found[0][7:15] == pytest.approx([0.0] * 7 + [0.5])
    assert found[1][7:15] == pytest.approx([0.0] * 7 + [0.01257912], abs=6e-9)
    assert found[2][7:15] == pytest.approx(high, abs=6e-8)


def test_the_last_fifteen_rows_of_the_adjusted_share_that_varies_in_time(outbreak):
    # estimate_time_varying.md, tail(tvcfr_corrected, 15), burn_in = 0
    nan = np.nan
    share = [0.5, 0.0, 0.0, 0.0, nan, 0.0, nan, 1.0, 0.0, *[nan] * 6]
    low = [0.01257912, 0.0, 0.0, 0.0, nan, 0.0, nan, 0.025, 0.0, *[nan] * 6]
    high = [*(0.9874209, 0.8418861, 0.975, 0.975, nan, 0.975, nan, 1.0, 0.975), *[nan] * 6]
    found = values(time_varying_severity(*outbreak, DENSITY, burn_in=0))
    for ours, printed in zip(found, (share, low, high), strict=True):
        assert ours[-15:] == pytest.approx(printed, abs=6e-8, nan_ok=True)
