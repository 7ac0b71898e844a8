"""Rules by which a proposal is chosen, on cases that can be checked by hand."""

import numpy as np
import polars as pl
import pytest
import xarray as xr

from tongchou.morning.figures import written_change
from tongchou.morning.proposals.spread import burst, recommended_package
from tongchou.vocabulary.text import count, estimate

OPTIONS = pl.DataFrame(
    {
        "option": ["keep", "trace", "gatherings", "close"],
        "multiplier": [1.0, 0.8, 0.5, 0.2],
        "averted": [0.0, 40.0, 90.0, 140.0],
        "burden_days": [0.0, 1.0, 20.0, 300.0],
        "least_burden": [False, False, False, True],
    }
)


@pytest.mark.parametrize(
    ("r_upper", "chosen"), [(1.2, "trace"), (1.9, "gatherings"), (4.0, "close")]
)
def test_the_lightest_option_that_brings_r_below_one_is_advised(r_upper, chosen):
    assert recommended_package(OPTIONS, r_upper) == chosen


def test_where_no_option_is_enough_the_lightest_with_the_strongest_effect_is_advised():
    assert recommended_package(OPTIONS, 9.0) == "close"


def test_doing_nothing_is_never_the_advice_against_a_spread():
    assert recommended_package(OPTIONS, 0.9) != "keep"


def week(*cases: float) -> xr.DataArray:
    days = np.datetime64("2020-02-16", "ns") + np.arange(len(cases)) * np.timedelta64(1, "D")
    return xr.DataArray(list(cases), {"date": days}, ("date",))


def test_a_burst_is_the_share_of_the_largest_day_among_the_last_seven():
    assert burst(week(90, 1, 1, 1, 201, 1, 0, 1)) == pytest.approx(201 / 206)
    assert burst(week(10, 10, 10, 10, 10, 10, 10)) == pytest.approx(1 / 7)
    assert burst(week(0, 0, 0, 0, 0, 0, 0)) == 0


def test_a_change_shows_no_more_decimals_than_its_figure():
    assert written_change(3.172, 3.073, estimate) == "+0.10"
    assert written_change(0.5071, 0.5071, estimate) == "±0"
    assert written_change(453, 397, count) == "+56"
