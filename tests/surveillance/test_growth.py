import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from tongchou.surveillance.growth import growth_rate
from tongchou.vocabulary.errors import BadParameter

quiet = settings(max_examples=40, deadline=None)
week = st.lists(st.integers(0, 300), min_size=10, max_size=10).filter(
    lambda row: sum(c > 0 for c in row) >= 3
)


def test_known_growth_comes_back_with_its_coverage(cube):
    rng = np.random.default_rng(5)
    days = np.arange(14)
    for truth in (0.1, -0.07, 0.0):
        rows = rng.poisson(30 * np.exp(truth * (days - 6.5)), (500, 14))
        end = growth_rate(cube(rows)).isel(date=-1)
        inside = ((end["low"] <= truth) & (truth <= end["high"])).mean().item()
        # The scatter is never taken below Poisson, so coverage is at least 95 %, less three
        # standard errors of 500 places (2.9 %).
        assert inside > 0.92
        assert end["rate"].mean().item() == pytest.approx(truth, abs=0.003)


def test_overdispersed_counts_widen_the_interval_enough(cube):
    rng = np.random.default_rng(6)
    mean = 80 * np.exp(0.05 * np.arange(14))
    rows = rng.poisson(mean * rng.gamma(20, 1 / 20, (500, 14)))
    end = growth_rate(cube(rows)).isel(date=-1)
    assert ((end["low"] <= 0.05) & (end["high"] >= 0.05)).mean().item() > 0.91


@quiet
@given(daily=week)
def test_the_slope_is_the_maximum_of_the_poisson_likelihood(cube, daily):
    fit = growth_rate(cube(daily), window=10).isel(place=0, date=-1)
    x = np.arange(10) - 4.5

    def minus_log_likelihood(theta):
        eta = theta[0] + theta[1] * x
        return float((np.exp(eta) - np.array(daily) * eta).sum())

    peer = optimize.minimize(minus_log_likelihood, [np.log(np.mean(daily)), 0.0], method="BFGS")
    ours = np.array([np.log(sum(daily) / np.exp(fit["rate"].item() * x).sum()), fit["rate"].item()])
    assert minus_log_likelihood(ours) <= peer.fun + 1e-6


@quiet
@given(daily=week, factor=st.integers(2, 30))
def test_growth_does_not_depend_on_the_scale_and_turns_with_time(cube, daily, factor):
    one = growth_rate(cube(daily), window=10)["rate"].values[0, -1]
    many = growth_rate(cube(np.array(daily) * factor), window=10)["rate"].values[0, -1]
    back = growth_rate(cube(daily[::-1]), window=10)["rate"].values[0, -1]
    assert many == pytest.approx(one, abs=1e-7)
    assert back == pytest.approx(-one, abs=1e-7)


def test_halving_and_doubling_exclude_each_other(cube):
    up, down = 5 * 2 ** (np.arange(14) / 5), 400 * 0.5 ** (np.arange(14) / 3)
    result = growth_rate(cube([up, down])).isel(date=-1)
    assert result["doubling_time"].values == pytest.approx([5, np.nan], nan_ok=True)
    assert result["halving_time"].values == pytest.approx([np.nan, 3], nan_ok=True)


def test_one_day_with_cases_has_no_slope(cube):
    result = growth_rate(cube([[0] * 13 + [9], [0] * 12 + [4, 9]]))
    assert result["usable"].values[:, -1].tolist() == [False, True]
    assert np.isnan(result["rate"].values[0, -1])
    assert not result["usable"].values[:, :13].any()


def test_the_interval_is_the_t_interval_of_quasi_poisson(cube):
    rows = np.random.default_rng(8).poisson(40, 14)
    wide, narrow = (
        growth_rate(cube(rows), level=level).isel(place=0, date=-1) for level in (0.95, 0.5)
    )
    ratio = (wide["high"] - wide["rate"]).item() / (narrow["high"] - narrow["rate"]).item()
    assert ratio == pytest.approx(stats.t.ppf(0.975, 12) / stats.t.ppf(0.75, 12))


def test_a_window_without_freedom_is_refused(cube):
    with pytest.raises(BadParameter, match="window"):
        growth_rate(cube([1] * 20), window=3)
