import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tongchou.surveillance.detection.false_alarms import (
    adjusted,
    hold_down,
    mid_p,
    randomised_p,
    with_control,
)
from tongchou.surveillance.detection.gamma_poisson import gamma_poisson
from tongchou.vocabulary.errors import BadParameter


def days(p):
    p = np.asarray(p, dtype=float)
    date = np.datetime64("2020-02-01", "ns") + np.arange(p.shape[1]) * np.timedelta64(1, "D")
    return xr.DataArray(p, {"place": np.arange(len(p)), "date": date}, ("place", "date"))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
@pytest.mark.parametrize("procedure", ["bh", "by"])
def test_adjusted_values_are_those_of_scipy(procedure, p):
    ours = adjusted(days(np.array(p)[:, None]), procedure).values[:, 0]
    assert ours == pytest.approx(stats.false_discovery_control(p, method=procedure), rel=1e-12)


def test_places_not_judged_do_not_count():
    p = np.array([[0.01, 0.01], [np.nan, 0.02], [0.5, 0.5]])
    q = adjusted(days(p)).values
    assert q[:, 0].tolist() == pytest.approx([0.02, np.nan, 0.5], nan_ok=True)
    assert q[:, 1] == pytest.approx([0.03, 0.03, 0.5])


def test_false_alarms_while_nothing_goes_on_are_as_few_as_the_limit_law_says():
    rng = np.random.default_rng(1)
    alarm = adjusted(days(rng.random((300, 5_000)))) <= 0.2
    # Each of 5,000 days has 0.31 on average with sd about 0.8: standard error 0.011.
    assert alarm.sum("place").mean().item() == pytest.approx(
        with_control(300, 0.2).each_step, abs=0.03
    )
    assert alarm.any("place").mean().item() == pytest.approx(0.2, abs=0.02)


@pytest.mark.parametrize("mean", [0.05, 1, 20])
def test_the_share_of_false_ones_among_alarms_is_held(cube, mean):
    rng = np.random.default_rng(2)
    false, seen = [], []
    sick = np.arange(500) < 50
    for _ in range(40):
        y = rng.poisson(mean, (500, 31)).astype(float)
        y[sick, -1] = rng.poisson(mean * 3 + 5, 50)
        found = hold_down(gamma_poisson(cube(y), half_window=30, last=1), 0.1)
        alarm = found["alarm"].values[:, 0]
        false.append((alarm & ~sick).sum() / max(alarm.sum(), 1))
        seen.append(alarm[sick].mean())
    # Each of forty shares has an sd of about 0.05: standard error 0.008.
    assert np.mean(false) < 0.1 + 2 * 0.008
    assert np.mean(seen) > 0.7


def test_a_mid_p_is_even_on_average_and_a_randomised_one_everywhere(cube):
    rng = np.random.default_rng(3)
    found = gamma_poisson(cube(rng.poisson(2, (2000, 61))), half_window=60)
    assert mid_p(found).mean().item() == pytest.approx(0.5, abs=0.02)
    p = randomised_p(found, rng).values.ravel()
    # 2,000 values: the largest gap of an even sample is below 0.036 in 99 of 100 cases
    assert stats.kstest(p, "uniform").statistic < 0.036


def test_rates_and_procedures_outside_their_range_are_refused(cube):
    found = gamma_poisson(cube([1] * 20))
    with pytest.raises(BadParameter, match="rate"):
        hold_down(found, 0)
    with pytest.raises(BadParameter, match="bh or by"):
        hold_down(found, 0.05, "holm")
