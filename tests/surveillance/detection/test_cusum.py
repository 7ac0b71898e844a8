import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.surveillance.detection.cusum import BASELINE, GUARD, cusum
from tongchou.surveillance.detection.run_length import Chart, chart_for, resting_tail, run_length
from tongchou.vocabulary.errors import BadParameter


def runs(alarm):
    """Give the step of the first alarm of each place, from 1."""
    assert alarm.any(axis=1).all()
    return alarm.argmax(axis=1) + 1


def test_mean_run_length_comes_back():
    chart = Chart(k=0.5, h=2)
    rng = np.random.default_rng(3)
    z = rng.normal(size=(4000, 600))
    c, first = np.zeros(4000), np.full(4000, 0)
    for step in range(600):
        c = np.maximum(c + z[:, step] - chart.k, 0)
        first = np.where((first == 0) & (c >= chart.h), step + 1, first)
    # Runs are about exponential: standard error of their mean is itself / √4000 = 1.6 %.
    assert first.mean() == pytest.approx(run_length(chart), rel=0.05)


def test_the_resting_distribution_comes_back():
    rng = np.random.default_rng(3)
    c = np.zeros(10_000)
    for _ in range(200):
        c = np.maximum(c + rng.normal(size=10_000) - 0.5, 0)
    for value in (0.1, 1, 3):
        # standard error at most 0.005
        assert resting_tail(np.array(value), 0.5) == pytest.approx((c >= value).mean(), abs=0.015)


@pytest.mark.parametrize("mean", [5, 50])
def test_false_alarms_of_poisson_counts_of_known_mean_are_about_as_rare_as_asked(cube, mean):
    rng = np.random.default_rng(8)
    counts = cube(rng.poisson(mean, (100, 1500)))
    found = cusum(counts, xr.full_like(counts, mean), chart=chart_for(100, 3))
    # The power scale is nearly normal, not quite: the source finds the run within a fifth.
    assert 1 / found["alarm"].mean().item() == pytest.approx(100, rel=0.2)


def test_a_shift_is_found_after_the_steps_asked_for(cube):
    chart = chart_for(500, 3)
    rng = np.random.default_rng(8)
    mean = 50.0
    counts = cube(rng.poisson(mean + 2 * chart.k * np.sqrt(mean), (1000, 40)))
    found = cusum(counts, xr.full_like(counts, mean), chart=chart)
    # standard error about 0.06
    assert runs(found["alarm"].values).mean() == pytest.approx(3, abs=0.25)


@settings(max_examples=30, deadline=None)
@given(y=st.lists(st.integers(0, 20), min_size=3, max_size=20), reset=st.booleans())
def test_the_threshold_is_where_the_alarm_begins(cube, y, reset):
    def judge(series):
        return cusum(
            cube(series), xr.full_like(cube(series), 4), chart=Chart(0.5, 3), reset=reset
        ).isel(place=0, date=-1)

    threshold = judge(y)["threshold"].item()
    assert threshold == 0 or not judge([*y[:-1], 0.999 * threshold])["alarm"]
    assert judge([*y[:-1], threshold + 1e-6])["alarm"]


def test_with_reset_a_lasting_shift_gives_alarm_after_alarm_and_without_one_long_alarm(cube):
    counts = cube([4] * 5 + [9] * 20)
    expected = xr.full_like(counts, 4)
    again = cusum(counts, expected, chart=Chart(0.5, 3))["alarm"].values[0]
    lasting = cusum(counts, expected, chart=Chart(0.5, 3), reset=False)["alarm"].values[0]
    assert again[5:].tolist() == [False, True] * 10
    assert lasting[6:].all()


def test_scatter_beyond_the_poisson_does_not_multiply_the_alarms(cube):
    rng = np.random.default_rng(8)
    level = 20 * rng.gamma(5, 1 / 5, (300, 700))
    rate = cusum(cube(rng.poisson(level)))["alarm"].mean().item()
    # The mean of 56 steps is itself uncertain: more alarms than one in 500, not tens of times more.
    assert 1 / 500 < rate < 1 / 100


def test_too_short_and_ill_fitting_input_is_refused(cube):
    with pytest.raises(BadParameter, match=f"cusum needs at least {BASELINE + GUARD + 1} days"):
        cusum(cube([1] * (BASELINE + GUARD)))
    counts = cube([1] * 10)
    with pytest.raises(BadParameter, match="expected"):
        cusum(counts, xr.zeros_like(counts))
    with pytest.raises(BadParameter, match="k and h"):
        cusum(counts, xr.ones_like(counts), chart=Chart(0, 1))
    with pytest.raises(BadParameter, match="must exceed"):
        chart_for(3, 500)


def test_zeros_give_no_alarm_and_a_missing_day_leaves_the_sum_as_it_was(cube):
    zeros = cube([0] * 100)
    assert not cusum(zeros)["alarm"].any()
    counts = cube([6, np.nan, 6])
    found = cusum(counts, xr.full_like(counts, 4), chart=Chart(0.5, 9)).isel(place=0)
    without = cusum(cube([6, 6]), xr.full_like(cube([6, 6]), 4), chart=Chart(0.5, 9)).isel(place=0)
    assert found["score"].values[[0, 2]].tolist() == without["score"].values.tolist()
