import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tongchou.surveillance.reproduction import estimate_reproduction
from tongchou.vocabulary.distributions import Gamma, serial_interval_probabilities
from tongchou.vocabulary.errors import BadParameter

INTERVAL = Gamma(mean=5.1, sd=2.7)
quiet = settings(max_examples=40, deadline=None)
series = st.lists(st.integers(0, 200), min_size=12, max_size=40)


def renewal(R, places, rng, seed_cases=20):
    """Draw an epidemic from the renewal equation, place by day, and the R that made it."""
    w = serial_interval_probabilities(INTERVAL)
    cases = np.zeros((places, len(R)))
    cases[:, :7] = seed_cases
    for day in range(7, len(R)):
        lags = np.arange(1, min(day, len(w) - 1) + 1)
        cases[:, day] = rng.poisson(R[day] * (cases[:, day - lags] @ w[lags]))
    return cases


def test_known_truth_comes_back_with_the_coverage_it_claims(cube):
    rng = np.random.default_rng(20200224)
    R = np.where(np.arange(60) < 30, 1.3, 0.8)
    result = estimate_reproduction(cube(renewal(R, 300, rng)), INTERVAL)
    # Days on which R was constant over the whole window.
    for day, truth in ((29, 1.3), (42, 0.8)):
        R_t = result.isel(date=day)
        inside = ((R_t["q025"] <= truth) & (truth <= R_t["q975"])).mean().item()
        # 300 places: standard error of 95 % is 1.3 %; three of them.
        assert inside == pytest.approx(0.95, abs=0.04)
        assert R_t["median"].mean().item() == pytest.approx(truth, rel=0.03)


@quiet
@given(daily=series, factor=st.integers(2, 50))
def test_what_the_data_say_does_not_depend_on_the_scale(cube, daily, factor):
    one, many = (estimate_reproduction(cube(np.array(daily) * f), INTERVAL) for f in (1, factor))
    a, b = 1.0, 0.2  # shape and rate of the prior: mean 5, sd 5
    for name, prior in (("shape", a), ("rate", b)):
        left, right = (many[name] - prior).values, (one[name] - prior).values * factor
        assert left[:, 7:] == pytest.approx(right[:, 7:])


@quiet
@given(level=st.integers(2, 500))
def test_constant_incidence_means_one(cube, level):
    R = estimate_reproduction(cube([level] * 80), INTERVAL)["mean"].values[0, -1]
    # Only the prior keeps it from 1: (1 + 7 c) / (0.2 + 7 c).
    assert pytest.approx((1 + 7 * level) / (0.2 + 7 * level)) == R


@quiet
@given(daily=series, more=st.integers(1, 50))
def test_one_more_case_today_raises_R_today_and_nowhere_before(cube, daily, more):
    raised = [*daily[:-1], daily[-1] + more]
    before, after = (estimate_reproduction(cube(row), INTERVAL) for row in (daily, raised))
    assert after["shape"].values[0, -1] > before["shape"].values[0, -1]
    assert after["rate"].values[0, -1] == pytest.approx(before["rate"].values[0, -1])
    for name in ("mean", "q975"):
        np.testing.assert_array_equal(after[name].values[0, :-1], before[name].values[0, :-1])


@quiet
@given(daily=series)
def test_quantiles_are_sorted_and_agree_with_a_second_implementation(cube, daily):
    result = estimate_reproduction(cube(daily), INTERVAL)
    usable = result["usable"].values[0]
    stack = np.stack(
        [result[q].values[0, usable] for q in ("q025", "q25", "median", "q75", "q975")]
    )
    assert (np.diff(stack, axis=0) >= 0).all()
    a, b = result["shape"].values[0, usable], result["rate"].values[0, usable]
    assert stack[4] == pytest.approx(stats.gamma.ppf(0.975, a, scale=1 / b))


def test_eleven_cases_are_needed_in_the_window(cube):
    base = [1] * 7 + [0] * 7
    ten, eleven = (cube([*base, total, 0]) for total in (10, 11))
    assert not estimate_reproduction(ten, INTERVAL)["usable"].values[0, -1]
    assert estimate_reproduction(eleven, INTERVAL)["usable"].values[0, -1]


def test_many_places_at_once_are_each_place_alone(cube):
    rows = np.random.default_rng(7).poisson(6, (5, 40))
    together = estimate_reproduction(cube(rows), INTERVAL)["median"]
    alone = estimate_reproduction(cube(rows)[[3]], INTERVAL)["median"]
    np.testing.assert_array_equal(together.values[3], alone.values[0])


@pytest.mark.parametrize("fault", [{"window": 0}, {"prior_sd": -1.0}, {"cv_limit": 0.0}])
def test_a_senseless_setting_is_refused_by_name(cube, fault):
    with pytest.raises(BadParameter) as refused:
        estimate_reproduction(cube([5] * 20), INTERVAL, **fault)
    assert refused.value.name == next(iter(fault))


def test_imported_cases_infect_but_were_not_infected_here(cube):
    cases, away = cube([10] * 40), cube([5] * 40)
    every = estimate_reproduction(cases, INTERVAL)["mean"].values[0, -1]
    told = estimate_reproduction(cases, INTERVAL, imported=away)["mean"].values[0, -1]
    # (1 + 35) / (0.2 + 70) and (1 + 70) / (0.2 + 70): half of the infections happened elsewhere
    assert (told, every) == (pytest.approx(36 / 70.2), pytest.approx(71 / 70.2))


def test_imported_cases_told_apart_bring_the_truth_back(cube):
    rng = np.random.default_rng(7)
    w = serial_interval_probabilities(INTERVAL)
    away = rng.poisson(4.0, (200, 60)).astype(float)
    cases = away.copy()
    for day in range(1, 60):
        lags = np.arange(1, min(day, len(w) - 1) + 1)
        cases[:, day] += rng.poisson(0.7 * (cases[:, day - lags] @ w[lags]))
    R = estimate_reproduction(cube(cases), INTERVAL, imported=cube(away)).isel(date=-1)
    held = ((R["q025"] <= 0.7) & (R["q975"] >= 0.7)).mean().item()
    # 200 places: standard error 1.5 %; three of them
    assert held == pytest.approx(0.95, abs=0.046)


def test_nothing_is_said_before_a_mean_serial_interval_has_passed(cube):
    R = estimate_reproduction(cube([50] * 40), Gamma(mean=14.9, sd=3.9))
    assert not R["usable"].values[0, :14].any()
    assert R["usable"].values[0, 14:].all()


@pytest.mark.parametrize(
    ("w", "problem"),
    [
        ([0.0, 0.5], "adding up to 1"),
        ([0.0, 1.5, -0.5], "none negative"),
        ([0.5, 0.5], "0 days must be 0"),
        ([0.0, np.nan], "probabilities"),
    ],
)
def test_probabilities_that_are_none_are_refused(cube, w, problem):
    with pytest.raises(BadParameter, match=problem):
        estimate_reproduction(cube([10] * 20), np.array(w))


def test_more_imported_than_all_is_refused(cube):
    with pytest.raises(BadParameter, match="imported cannot be 11"):
        estimate_reproduction(cube([10] * 20), INTERVAL, imported=cube([11] * 20))
