"""Fatality of Ebola in Yambuku, 1976, adjusted for the delay from onset to death.

Method: Nishiura H et al. PLoS ONE 2009, doi 10.1371/journal.pone.0006852. Figures: the R package cfr
(Epiverse-TRACE), data set ebola1976 and the snapshots of its tests: naive 0.955102, adjusted 0.9592
(0.9295-0.9793) from the binomial profile likelihood. Delay: gamma, shape 2.40, scale 3.33 (Barry A et al.
Lancet 2018, doi 10.1016/S0140-6736(18)31387-4), its density taken at whole days as cfr does.
"""

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from tongchou.surveillance.fatality import case_fatality
from tongchou.vocabulary.distributions import Gamma

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


@pytest.fixture(scope="module")
def outbreak():
    dates = np.datetime64("1976-08-25", "ns") + np.arange(73) * np.timedelta64(1, "D")

    def cube(row):
        return xr.DataArray([row], {"place": ["yambuk"], "date": dates}, ("place", "date"))

    return cube(CASES), cube(DEATHS)


def test_the_adjusted_fatality_at_the_end(outbreak):
    density = stats.gamma.pdf(np.arange(73), 2.40, scale=3.33)
    end = case_fatality(*outbreak, density).isel(place=0, date=-1)
    assert end["naive"].item() == pytest.approx(0.955102, abs=5e-7)
    # cfr searches a grid of 0.0001 and gives its outermost points within 1.92 of the maximum
    assert end["adjusted"].item() == pytest.approx(0.9592, abs=1e-4)
    assert end["adjusted_low"].item() == pytest.approx(0.9295, abs=1e-4)
    assert end["adjusted_high"].item() == pytest.approx(0.9793, abs=1e-4)


def test_halfway_the_naive_figure_misses_half_of_the_deaths(outbreak):
    # The tutorial on cfr prints 0.4740741 for the first 30 days.
    day_30 = case_fatality(*outbreak, Gamma.from_shape_rate(shape=2.40, rate=1 / 3.33)).isel(
        place=0, date=29
    )
    assert day_30["naive"].item() == pytest.approx(0.4740741, abs=5e-8)
    assert day_30["adjusted_low"].item() < 0.955 < day_30["adjusted_high"].item()
