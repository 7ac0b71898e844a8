import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tongchou.surveillance.severity import (
    exact_binomial,
    rolling_severity,
    static_severity,
    time_varying_severity,
    uncertain_delay,
)
from tongchou.vocabulary.distributions import Gamma, Lognormal, daily_probabilities
from tongchou.vocabulary.errors import BadParameter

DELAY = Gamma(mean=8.0, sd=5.0)
few = settings(max_examples=30, deadline=None)


def outbreak(p, places, rng, days=40, growth=0.1, delay=DELAY, start=4.0):
    """Cases that grow, and the deaths among them as they come."""
    cases = rng.poisson(start * np.exp(growth * np.arange(days)), (places, days))
    f = daily_probabilities(delay)
    deaths = np.zeros((places, days + len(f)))
    for day in range(days):
        deaths[:, day : day + len(f)] += rng.multinomial(rng.binomial(cases[:, day], p), f)
    return cases, deaths[:, :days]


@pytest.mark.parametrize("p", [0.1, 0.6])
def test_the_interval_holds_the_truth_while_most_outcomes_are_still_open(cube, p):
    cases, deaths = map(cube, outbreak(p, 400, np.random.default_rng(5)))
    end = static_severity(cases, deaths, DELAY)
    inside = (end["low"] <= p) & (p <= end["high"])
    # 400 places: the standard error of a coverage of 95 % is 1.1 %; three of them.
    assert inside.mean().item() == pytest.approx(0.95, abs=0.035)
    assert end["estimate"].mean().item() == pytest.approx(p, rel=0.05)
    assert (end["known"] / end["cases"]).mean().item() < 0.5


def test_the_binomial_of_known_outcomes_is_too_narrow_when_many_die_and_few_are_known(cube):
    cases, deaths = map(cube, outbreak(0.9, 400, np.random.default_rng(6)))
    wide, narrow = (
        static_severity(cases, deaths, DELAY, likelihood=of) for of in ("matched", "binomial")
    )
    inside = (narrow["low"] <= 0.9) & (narrow["high"] >= 0.9)
    assert inside.mean().item() < 0.85
    held = (wide["low"] <= 0.9) & (wide["high"] >= 0.9)
    assert held.mean().item() > 0.92


def test_with_one_day_of_cases_the_matched_likelihood_is_the_true_binomial(cube):
    # Of 50 cases on one day 30 % of the outcomes are known: D ~ Binomial(50, 0.3 p).
    result = static_severity(cube([50, 0]), cube([0, 6]), np.array([0.1, 0.2, 0.7]))
    log = stats.binom.logpmf

    def drop(p):
        return log(6, 50, 0.3 * 0.4) - log(6, 50, 0.3 * p)

    assert result["estimate"].item() == pytest.approx(6 / 15)
    # χ²₁(0.95) / 2 = 1.920729
    assert drop(result["low"].item()) == pytest.approx(1.920729, abs=1e-5)
    assert drop(result["high"].item()) == pytest.approx(1.920729, abs=1e-5)


def test_with_all_outcomes_known_the_three_likelihoods_nearly_agree_for_a_small_share(cube):
    rows = cube([4000, 0]), cube([0, 40])
    found = [
        static_severity(*rows, np.array([1.0]), likelihood=of)
        for of in ("matched", "binomial", "poisson")
    ]
    for name in ("estimate", "low", "high"):
        values = [result[name].item() for result in found]
        # Poisson leaves out the factor 1 − p = 0.99 of the variance: half a per cent of the width of 0.006.
        assert values == pytest.approx([values[0]] * 3, abs=5e-5)


def test_the_poisson_interval_is_that_of_its_definition(cube):
    result = static_severity(cube([1000, 0]), cube([0, 30]), np.array([1.0]), likelihood="poisson")

    def drop(p):
        return stats.poisson.logpmf(30, 30) - stats.poisson.logpmf(30, 1000 * p)

    assert drop(result["low"].item()) == pytest.approx(1.920729, abs=1e-5)
    assert drop(result["high"].item()) == pytest.approx(1.920729, abs=1e-5)


def test_somewhat_more_deaths_than_known_give_one_and_far_more_give_nothing(cube):
    half = np.array([0.5, 0.5])
    near = static_severity(cube([100]), cube([52]), half)
    assert near["estimate"].item() == 1
    assert 0.8 < near["low"].item() < 1 == near["high"].item()
    far = static_severity(cube([100]), cube([75]), half)
    assert np.isnan(far["estimate"].item())
    assert not far["usable"].item()
    assert np.isnan(static_severity(cube([100]), cube([52]), half, likelihood="binomial")["low"])


def test_an_uncertain_delay_moves_the_middle_little_and_widens_the_interval(cube):
    cases, deaths = map(cube, outbreak(0.2, 3, np.random.default_rng(7)))
    sure = static_severity(cases, deaths, DELAY)
    unsure = static_severity(cases, deaths, uncertain_delay(DELAY, 1.5))
    assert (unsure["low"] < sure["low"]).all()
    assert (unsure["high"] > sure["high"]).all()
    assert unsure["estimate"].values == pytest.approx(sure["estimate"].values, rel=0.08)


def test_draws_that_are_all_alike_are_one_delay(cube):
    cases, deaths = map(cube, outbreak(0.2, 3, np.random.default_rng(8)))
    one = rolling_severity(cases, deaths, DELAY)
    five = rolling_severity(cases, deaths, [DELAY] * 5)
    for name in ("estimate", "low", "high"):
        xr.testing.assert_allclose(one[name], five[name], atol=1e-6)


def test_the_last_row_of_the_rolling_share_is_the_static_one(cube):
    cases, deaths = map(cube, outbreak(0.3, 5, np.random.default_rng(9)))
    for delay in (None, DELAY, Lognormal.from_mean_sd(mean=8, sd=5)):
        last = rolling_severity(cases, deaths, delay).isel(date=-1, drop=True)
        xr.testing.assert_allclose(last, static_severity(cases, deaths, delay))


def test_a_share_that_changes_is_followed_by_the_window_and_not_by_the_rolling_one(cube):
    rng = np.random.default_rng(10)
    cases = np.full((20, 120), 100)
    f = daily_probabilities(DELAY)
    deaths = np.zeros((20, 120 + len(f)))
    for day in range(120):
        p = 0.2 if day < 60 else 0.05
        deaths[:, day : day + len(f)] += rng.multinomial(rng.binomial(cases[:, day], p), f)
    cases, deaths = cube(cases), cube(deaths[:, :120])
    window = time_varying_severity(cases, deaths, DELAY, window=7).isel(date=-1)
    rolling = rolling_severity(cases, deaths, DELAY).isel(date=-1)
    # 20 places × 700 due outcomes: standard error 0.2 %
    assert window["estimate"].mean().item() == pytest.approx(0.05, abs=0.006)
    assert rolling["estimate"].mean().item() > 0.1


@few
@given(
    st.lists(st.integers(0, 30), min_size=3, max_size=20),
    st.lists(st.integers(0, 30), min_size=3, max_size=20),
)
def test_shares_lie_between_their_bounds_or_are_missing(cube, cases, deaths):
    n = min(len(cases), len(deaths))
    result = rolling_severity(cube(cases[:n]), cube(deaths[:n]), DELAY)
    share, low, high = (result[name].values for name in ("estimate", "low", "high"))
    seen = ~np.isnan(share)
    assert (np.isnan(low) == ~seen).all()
    assert ((low[seen] >= 0) & (low[seen] <= share[seen]) & (share[seen] <= high[seen])).all()
    assert (high[seen] <= 1).all()


def test_nobody_ill_gives_no_share_and_one_case_a_wide_one(cube):
    nothing = static_severity(cube([0, 0, 0]), cube([0, 0, 0]), DELAY)
    assert np.isnan(nothing["estimate"].item())
    one = static_severity(cube([1] + [0] * 60), cube([0] * 61), DELAY)
    assert one["estimate"].item() == 0
    # −ln(1 − p) = 1.92 at the upper end: p = 0.853
    assert one["high"].item() == pytest.approx(0.853, abs=0.002)


def test_ten_years_of_a_place_are_no_trouble(cube):
    days = 3650
    result = rolling_severity(cube([2] * days), cube([0] * 30 + [1] * (days - 30)), DELAY)
    assert result["estimate"].values[0, -1] == pytest.approx(0.5, abs=0.01)


def test_more_deaths_than_cases_negative_counts_and_odd_windows_are_refused(cube):
    with pytest.raises(BadParameter, match="more events than cases"):
        static_severity(cube([3, 0]), cube([0, 4]))
    with pytest.raises(BadParameter, match="negative"):
        static_severity(cube([3, 0]), cube([0, -1]), DELAY)
    with pytest.raises(BadParameter, match="window"):
        time_varying_severity(cube([3, 0]), cube([0, 1]), DELAY, window=0)


@few
@given(n=st.integers(1, 300), part=st.floats(0, 1))
def test_the_exact_interval_is_scipys(n, part):
    x = round(part * n)
    theirs = stats.binomtest(x, n).proportion_ci(method="exact")
    ours = [float(v) for v in exact_binomial(x, n)]
    assert ours == pytest.approx([x / n, theirs.low, theirs.high], abs=1e-9)
