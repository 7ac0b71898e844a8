import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tongchou.surveillance.cohort_reproduction import cohort_reproduction
from tongchou.vocabulary.distributions import Gamma, serial_interval_probabilities
from tongchou.vocabulary.errors import BadParameter

INTERVAL = Gamma(mean=5.1, sd=2.7)


def ancestry(cases, w, simulations, rng):
    """Draw who infected whom, case by case as the source does: infected (simulation, day, day)."""
    days = len(cases)
    pairs = np.zeros((simulations, days, days))
    for t in range(1, days):
        weight = np.array([w[t - s] * cases[s] if t - s < len(w) else 0.0 for s in range(t)])
        if weight.sum() > 0:
            pairs[:, t, :t] = rng.multinomial(
                int(cases[t]), weight / weight.sum(), size=simulations
            )
    return pairs


def test_the_limits_are_those_of_the_simulation(cube):
    rng = np.random.default_rng(20)
    w = serial_interval_probabilities(INTERVAL)
    cases = rng.poisson(6.0, 30).astype(float)
    pairs = ancestry(cases, w, 4_000, rng)
    for window in (1, 7):
        R = cohort_reproduction(cube(cases), INTERVAL, window=window)
        for day in (10, 16, 22):
            week = slice(day - window + 1, day + 1)
            people = cases[week].sum()
            if people == 0:
                continue
            sampled = pairs[:, :, week].sum(axis=(1, 2))
            # 4,000 simulations: sd within 1.1 % × 4, the mean within sd / 63 × 4
            assert R["sd"].values[0, day] * people == pytest.approx(sampled.std(), rel=0.05)
            assert R["mean"].values[0, day] * people == pytest.approx(
                sampled.mean(), abs=sampled.std() / 15
            )
            for name, p in (("q025", 0.025), ("median", 0.5), ("q975", 0.975)):
                limit = round(R[name].values[0, day] * people)
                # the exact quantile splits the samples at p, within four standard errors
                error = 4 * np.sqrt(p * (1 - p) / 4_000)
                assert (sampled <= limit).mean() > p - error
                assert (sampled < limit).mean() < p + error


def test_one_source_alone_gives_the_binomial_of_textbooks(cube):
    # Day 3 has 10 cases; their infectors are those of day 1 (weight 2 × ½) or of day 2 (6 × ½): ¼ and ¾.
    R = cohort_reproduction(cube([0, 2, 6, 10]), np.array([0.0, 0.5, 0.5]))
    assert R["mean"].values[0, 2] == pytest.approx(7.5 / 6)
    assert R["q025"].values[0, 2] * 6 == pytest.approx(stats.binom.ppf(0.025, 10, 0.75))
    assert R["q975"].values[0, 2] * 6 == pytest.approx(stats.binom.ppf(0.975, 10, 0.75))


def test_large_outbreaks_have_the_limits_of_the_normal(cube):
    R = cohort_reproduction(cube(np.full(40, 5_000.0)), INTERVAL, window=7).isel(date=20)
    for name, z in (("q025", -1.96), ("q975", 1.96)):
        # one person in 35,000 is the grain
        assert float(R[name][0]) == pytest.approx(float(R["mean"][0] + z * R["sd"][0]), abs=1e-4)


@given(st.lists(st.integers(0, 30), min_size=8, max_size=25), st.integers(1, 7))
def test_all_infections_are_shared_out_once(cube, daily, window):
    w = serial_interval_probabilities(INTERVAL)
    cases = np.array(daily, dtype=float)
    R = cohort_reproduction(cube(cases), INTERVAL)["mean"].values[0]
    pressed = np.array(
        [any(t > s and t - s < len(w) and cases[s] for s in range(t)) for t in range(len(cases))]
    )
    assert np.nansum(R * cases) == pytest.approx(cases[pressed].sum())
    weekly = cohort_reproduction(cube(cases), INTERVAL, window=window)
    limits = [weekly[n].values for n in ("q025", "median", "q975")]
    known = np.isfinite(limits[0])
    assert (limits[0] <= limits[1])[known].all()
    assert (limits[1] <= limits[2])[known].all()


def test_imported_cases_infect_and_have_no_infector_here(cube):
    cases, away = cube([4, 0, 0, 6]), cube([4, 0, 0, 2])
    w = np.array([0.0, 0.0, 0.0, 1.0])
    assert cohort_reproduction(cases, w)["mean"].values[0, 0] == pytest.approx(1.5)
    assert cohort_reproduction(cases, w, imported=away)["mean"].values[0, 0] == pytest.approx(1.0)


def test_the_newest_cohorts_are_too_low_and_not_usable(cube):
    R = cohort_reproduction(cube(np.full(60, 100.0)), INTERVAL)
    assert R["mean"].values[0, 30] == pytest.approx(1.0, abs=0.01)
    newest = R.isel(date=-1)
    assert float(newest["mean"][0]) == 0
    assert float(newest["seen"][0]) == 0
    unusable = ~R["usable"].values[0]
    assert unusable[-8:].all()
    assert not unusable[:-12].any()
    # what is given is too low by the share not yet seen
    late = R.isel(date=-6)
    assert float(late["mean"][0]) == pytest.approx(float(late["seen"][0]), abs=0.02)


@pytest.mark.parametrize("daily", [[0] * 20, [1] + [0] * 19, [0] * 19 + [1]])
def test_no_case_and_one_case(cube, daily):
    R = cohort_reproduction(cube(daily), INTERVAL)
    assert int(np.isfinite(R["mean"]).sum()) == sum(daily)
    assert float(R["mean"].sum()) == 0


def test_a_window_must_be_positive(cube):
    with pytest.raises(BadParameter):
        cohort_reproduction(cube([1] * 10), INTERVAL, window=0)
