import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tongchou.surveillance.mixture import gamma_mixture
from tongchou.surveillance.reproduction import estimate_reproduction
from tongchou.surveillance.uncertain_reproduction import (
    Limited,
    draw_serial_intervals,
    estimate_reproduction_uncertain,
    stacked,
)
from tongchou.vocabulary.distributions import Gamma, serial_interval_probabilities
from tongchou.vocabulary.errors import BadParameter

INTERVAL = Gamma(mean=5.1, sd=2.7)
MEAN = Limited(mean=5.1, sd=1.0, low=3.0, high=7.2)
SD = Limited(mean=2.7, sd=0.4, low=1.9, high=3.5)
QUANTILES = {"q025": 0.025, "median": 0.5, "q975": 0.975}


def renewal(R, w, rng, seeds=20):
    """Draw one epidemic with constant R."""
    cases = np.zeros(40)
    cases[:5] = seeds
    for day in range(1, 40):
        back = np.arange(max(0, day - len(w) + 1), day)
        cases[day] += rng.poisson(R * (w[day - back] @ cases[back]))
    return cases


@given(
    st.lists(st.tuples(st.floats(1, 500), st.floats(0.5, 500)), min_size=1, max_size=6),
    st.sampled_from([0.001, 0.025, 0.5, 0.975, 0.999]),
)
def test_a_quantile_of_the_mixture_is_where_its_distribution_says(components, p):
    a, b = np.array(components).T
    x = gamma_mixture(a[:, None], b[:, None], {"x": p})["x"][0]
    assert stats.gamma.cdf(x, a, scale=1 / b).mean() == pytest.approx(p, abs=1e-8)


def test_moments_of_a_mixture_are_those_of_its_samples():
    rng = np.random.default_rng(3)
    a, b = rng.uniform(5, 50, 40), rng.uniform(5, 50, 40)
    found = gamma_mixture(a[:, None], b[:, None], QUANTILES)
    samples = rng.gamma(a, 1 / b, size=(20_000, 40))
    # 800,000 samples: standard error of the mean about 0.1 %, of the sd about 0.2 %; four of them.
    assert found["mean"][0] == pytest.approx(samples.mean(), rel=0.005)
    assert found["sd"][0] == pytest.approx(samples.std(), rel=0.01)


def test_a_component_that_is_missing_is_left_out_and_none_gives_nothing():
    a = np.array([[4.0, 4.0], [9.0, 9.0]])
    b = np.array([[2.0, np.nan], [np.nan, np.nan]])
    found = gamma_mixture(a, b, QUANTILES)
    assert found["mean"][0] == pytest.approx(2.0)
    assert all(np.isnan(found[n][1]) for n in ("mean", "sd", "median"))


def test_draws_keep_within_their_limits_and_means():
    rng = np.random.default_rng(5)
    W = draw_serial_intervals(MEAN, SD, 2_000, rng)
    means = W @ np.arange(W.shape[1])
    assert W.sum(axis=1) == pytest.approx(np.ones(2_000))
    assert MEAN.low < means.min()
    assert means.max() < MEAN.high
    # symmetric limits: the mean stays; standard error 0.9 / √2000 = 0.02, four of them
    assert means.mean() == pytest.approx(5.1, abs=0.08)


def test_the_doubt_about_the_serial_interval_is_covered():
    rng = np.random.default_rng(20201124)
    draws = draw_serial_intervals(MEAN, SD, 100, rng)
    runs = [
        renewal(1.5, serial_interval_probabilities(Gamma(mean=m, sd=s)), rng)
        for m, s in zip(MEAN.draw(200, rng), SD.draw(200, rng), strict=True)
    ]
    dates = np.datetime64("2020-01-01", "ns") + np.arange(40) * np.timedelta64(1, "D")
    cases = xr.DataArray(
        np.array(runs), {"place": np.arange(200).astype(str), "date": dates}, ("place", "date")
    )
    R = estimate_reproduction_uncertain(cases, draws, last=1).isel(date=-1)
    held = float(((R["q025"] <= 1.5) & (R["q975"] >= 1.5)).mean())
    # 200 outbreaks: standard error 1.5 %; three of them, and the doubt cut at its limits widens it little
    assert held == pytest.approx(0.95, abs=0.05)
    sure = estimate_reproduction(cases, INTERVAL).isel(date=-1)
    assert float(((sure["q025"] <= 1.5) & (sure["q975"] >= 1.5)).mean()) < 0.8


def test_draws_of_counts_alike_say_what_one_says(cube):
    one = cube(renewal(1.3, serial_interval_probabilities(INTERVAL), np.random.default_rng(1)))
    many = xr.concat([one] * 3, "draw")
    left, right = (
        estimate_reproduction(one, INTERVAL),
        estimate_reproduction_uncertain(many, INTERVAL),
    )
    for name in ("mean", "sd", "q025", "median", "q975"):
        assert right[name].values == pytest.approx(left[name].values, rel=1e-8, nan_ok=True)


def test_draws_of_counts_that_differ_widen_the_range(cube):
    rng = np.random.default_rng(2)
    one = cube(renewal(1.3, serial_interval_probabilities(INTERVAL), rng))
    late = one["date"] >= one["date"][-4]
    # the last four days are known to a factor of e^±0.3 only
    draws = xr.concat(
        [one.where(~late, one * np.exp(rng.normal(0, 0.3))) for _ in range(50)], "draw"
    )
    plain = estimate_reproduction(one, INTERVAL).isel(date=-1)
    carried = estimate_reproduction_uncertain(draws, INTERVAL).isel(date=-1)
    assert float(carried["sd"][0]) > 2 * float(plain["sd"][0])


def test_many_places_give_what_each_gives_alone_and_the_last_days_too(cube, monkeypatch):
    rng = np.random.default_rng(4)
    w = serial_interval_probabilities(INTERVAL)
    cases = cube([renewal(1.2, w, rng) for _ in range(5)])
    draws = xr.concat([cases, cases + 1], "draw")
    whole = estimate_reproduction_uncertain(draws, INTERVAL)
    monkeypatch.setattr("tongchou.surveillance.uncertain_reproduction.CELLS_AT_ONCE", 100)
    xr.testing.assert_allclose(estimate_reproduction_uncertain(draws, INTERVAL), whole)
    newest = estimate_reproduction_uncertain(draws, INTERVAL, last=3)
    assert int(newest["usable"].sum()) == 15
    assert newest["mean"].values[:, -3:] == pytest.approx(whole["mean"].values[:, -3:])


def test_a_draw_counts_once_its_own_mean_interval_has_passed(cube):
    cases = cube([20.0] * 12)
    short, long = np.eye(11)[2], np.eye(11)[10]
    R = estimate_reproduction_uncertain(cases, stacked([short, long]))
    alone = estimate_reproduction(cases, short)
    assert R["mean"].values[0, 8] == pytest.approx(alone["mean"].values[0, 8])
    assert R["mean"].values[0, 11] != pytest.approx(alone["mean"].values[0, 11])


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (lambda c: estimate_reproduction_uncertain(c - 30, INTERVAL), "new_cases"),
        (
            lambda c: estimate_reproduction_uncertain(xr.concat([c, c - 30], "draw"), INTERVAL),
            "new_cases",
        ),
        (
            lambda c: estimate_reproduction_uncertain(
                xr.concat([c] * 3, "draw"), np.eye(9)[[1, 2]]
            ),
            "serial_intervals",
        ),
        (lambda c: estimate_reproduction_uncertain(c, np.ones((2, 4))), "serial_interval"),
        (lambda c: estimate_reproduction_uncertain(c, np.empty((0, 4))), "serial_intervals"),
        (
            lambda c: draw_serial_intervals(
                Limited(mean=2, sd=1, low=1, high=3), SD, 2, np.random.default_rng(1)
            ),
            "mean.low",
        ),
        (
            lambda c: Limited(mean=0, sd=0.01, low=5, high=6).draw(1, np.random.default_rng(1)),
            "limits",
        ),
    ],
)
def test_what_cannot_be_is_refused(cube, said, name):
    with pytest.raises(BadParameter) as error:
        said(cube([20.0] * 20))
    assert error.value.name == name
