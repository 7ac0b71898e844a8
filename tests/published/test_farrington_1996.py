"""Salmonella Agona in the United Kingdom, 312 weeks from 1990, the example of Farrington and others.

Farrington CP, Andrews NJ, Beale AD, Catchpole MA. J R Stat Soc A 1996;159:547-563, doi 10.2307/2983331.
Series and numbers: R package surveillance 1.20.3, dataset ``salmonella.agona`` (which its help page says is not in all
weeks that of the paper), examples of ``farrington``, ``cusum`` and ``bayes``; regressions converged to 1e-15.
"""

import numpy as np
import pytest
import xarray as xr

from tongchou.surveillance.detection.cusum import cusum
from tongchou.surveillance.detection.farrington import farrington
from tongchou.surveillance.detection.gamma_poisson import gamma_poisson
from tongchou.surveillance.detection.run_length import Chart

AGONA = [
    *(1, 0, 5, 2, 1, 2, 0, 4, 0, 0, 0, 3, 1, 1, 0, 0, 2, 2, 0, 2, 6, 3, 2, 1, 2, 0, 1, 1, 3, 5, 3, 4, 3, 6, 5, 8, 6, 3, 6, 2, 5, 2, 1, 5, 7, 1, 10, 3, 4, 0, 0, 1),
    *(6, 0, 2, 2, 0, 0, 2, 2, 0, 6, 7, 1, 0, 0, 0, 1, 1, 4, 3, 1, 3, 2, 6, 3, 4, 4, 8, 12, 9, 17, 16, 8, 6, 13, 4, 7, 10, 3, 11, 4, 6, 4, 7, 6, 2, 9, 2, 3, 4, 1, 2, 2),
    *(0, 0, 1, 2, 2, 2, 5, 0, 0, 4, 2, 1, 3, 2, 0, 1, 1, 3, 0, 1, 3, 2, 3, 6, 2, 1, 3, 3, 2, 2, 2, 1, 3, 3, 2, 3, 0, 2, 4, 6, 7, 3, 1, 4, 1, 2, 5, 1, 3, 1, 0, 1),
    *(3, 3, 0, 0, 1, 1, 0, 1, 4, 1, 1, 0, 0, 1, 1, 4, 1, 0, 1, 2, 1, 4, 3, 3, 0, 3, 5, 3, 3, 4, 3, 3, 3, 4, 5, 7, 6, 5, 3, 2, 1, 3, 2, 1, 2, 1, 1, 0, 0, 1, 1, 0),
    *(1, 4, 3, 2, 0, 1, 0, 3, 1, 1, 4, 4, 0, 1, 4, 2, 0, 1, 1, 0, 1, 1, 2, 5, 4, 0, 2, 1, 1, 3, 6, 1, 7, 6, 2, 5, 7, 5, 4, 5, 6, 6, 1, 2, 2, 5, 4, 1, 6, 2, 5, 3),
    *(4, 7, 6, 10, 2, 4, 0, 3, 0, 1, 3, 0, 1, 1, 0, 1, 0, 1, 0, 1, 2, 2, 4, 7, 6, 1, 4, 6, 4, 2, 4, 5, 5, 9, 8, 6, 3, 2, 3, 4, 3, 3, 4, 4, 2, 1, 2, 3, 2, 2, 0, 4),
]  # fmt: skip

# algo.farrington(salmonella.agona, list(b = 4, w = 3, range = 270:312, alpha = 0.01)); 0: fewer than five cases in four weeks
FARRINGTON = [
    *(0.000000000, 7.145780227, 0.000000000, 7.293767391, 6.026034493, 0.000000000, 0.000000000, 0.000000000),
    *(0.000000000, 0.000000000, 0.000000000, 0.000000000, 6.972773726, 7.207257118, 5.776059798, 5.932147346),
    *(5.080636561, 6.270880989, 6.076659425, 4.848359607, 5.294676546, 6.094825901, 7.680342356, 13.246238442),
    *(13.258656282, 11.817053427, 11.449707822, 11.215959193, 11.088532584, 11.079315679, 11.255462413),
    *(9.967744386, 6.840360125, 7.171900516, 9.813041289, 5.811428063, 5.615924182, 7.862127291, 7.650142691),
    *(7.928641739, 6.872409476, 7.362882088, 17.290558122),
]  # fmt: skip

# cusum(range = 261:312, k = 1.04, h = 2.26, trans = "rossi"): the mean is that of weeks 1 … 260
CUSUM = [
    *(9.3147121603, 9.3147121603, 6.8547302502, 5.5079538523, 1.1453236311, 3.5926934119, 4.2702212159, 9.3147121603),
]  # fmt: skip
CUSUM_ALARMS = [4, 5, 6, 34, 35, 36, 37, 38]

# bayes(range = 261:312, b = 2, w = 4, actY = FALSE, alpha = 0.05)
BAYES = [
    *(4, 3, 3, 4, 4, 4, 4, 4, 3, 4, 4, 4, 4, 4, 4, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 8, 8, 8, 8),
    *(9, 8, 8, 8, 7, 6, 6, 5, 5, 5, 5, 5, 5, 6, 6, 6),
]  # fmt: skip


@pytest.fixture(scope="module")
def agona():
    assert len(AGONA) == 312
    dates = np.datetime64("1990-01-01", "ns") + 7 * np.arange(312) * np.timedelta64(1, "D")
    return xr.DataArray(
        [np.array(AGONA, dtype=float)], {"place": ["UK"], "date": dates}, ("place", "date")
    )


def test_farrington_gives_the_limits_of_the_last_43_weeks(agona):
    # The package's alpha is two-sided.
    found = farrington(agona, years=4, alpha=0.005, year="52 weeks", last=43).isel(place=0)
    printed = np.array(FARRINGTON)
    shown = printed > 0
    assert shown.sum() == 34
    assert found["threshold"].values[shown] == pytest.approx(printed[shown], rel=1e-8)
    assert np.flatnonzero(found["alarm"].values).tolist() == [14, 15]
    enough = agona.rolling(date=4).sum().values[0, -43:] >= 5
    assert (enough == shown).all()


def test_cusum_of_rossi_without_reset(agona):
    expected = xr.full_like(agona[:, 260:], agona[:, :260].mean().item())
    found = cusum(agona, expected, chart=Chart(k=1.04, h=2.26), reset=False).isel(place=0)
    assert found["threshold"].values[: len(CUSUM)] == pytest.approx(CUSUM, rel=1e-9)
    assert (np.flatnonzero(found["alarm"].values) + 1).tolist() == CUSUM_ALARMS


def test_gamma_and_poisson_from_two_earlier_years(agona):
    found = gamma_poisson(
        agona, years=2, half_window=4, recent=False, alpha=0.05, last=52, year="52 weeks"
    )
    assert found["threshold"].values[0].tolist() == BAYES
