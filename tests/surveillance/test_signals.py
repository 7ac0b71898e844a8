import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.surveillance.signals import BASELINE, GUARD, early_sign, silence
from tongchou.vocabulary.errors import BadParameter

FIRST = BASELINE + GUARD


def test_false_signs_of_steady_counts_are_as_few_as_the_table_says(cube):
    rng = np.random.default_rng(12)
    for mean, stated in ((5, 1.2), (40, 0.7)):
        signs = early_sign(cube(rng.poisson(mean, (200, FIRST + 365))))["sign"].values
        begins = signs[:, 1:] & ~signs[:, :-1]
        # 200 place-years: standard error about √(1 / 200) = 0.07; three of them.
        assert begins.sum() / 200 == pytest.approx(stated, abs=0.22), mean


def test_a_doubling_in_a_week_is_mostly_seen_within_that_week(cube):
    rng = np.random.default_rng(13)
    mean = np.concatenate([np.full(FIRST + 20, 10.0), 10 * 2 ** (np.arange(1, 8) / 7)])
    signs = early_sign(cube(rng.poisson(mean, (300, len(mean)))))["sign"].values
    assert signs[:, -7:].any(axis=1).mean() > 0.8


@settings(max_examples=30, deadline=None)
@given(
    daily=st.lists(st.integers(0, 50), min_size=FIRST + 5, max_size=FIRST + 15),
    more=st.integers(1, 100),
)
def test_more_cases_today_raise_the_level_but_not_the_limit(cube, daily, more):
    before = early_sign(cube(daily)).isel(place=0, date=-1)
    after = early_sign(cube([*daily[:-1], daily[-1] + more])).isel(place=0, date=-1)
    assert after["level"] > before["level"]
    assert after["limit"].item() == before["limit"].item()
    assert after["sign"] >= before["sign"]


def test_nothing_is_said_before_there_is_a_baseline(cube):
    result = early_sign(cube([5] * (FIRST - 1) + [90]))
    assert not result["sign"].any()
    assert np.isnan(result["limit"].values).all()


def test_one_case_after_a_silent_month_is_no_sign_and_two_are(cube):
    signs = early_sign(cube([0] * FIRST + [1, 1]))["sign"].values[0]
    assert signs.tolist()[-2:] == [False, True]


def test_a_smoothing_outside_its_range_is_refused(cube):
    with pytest.raises(BadParameter, match="smoothing"):
        early_sign(cube([1] * 40), smoothing=1.5)


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_silence_is_the_run_without_a_report_at_the_end(heard):
    dates = np.datetime64("2020-02-01", "ns") + np.arange(len(heard)) * np.timedelta64(1, "D")
    result = silence(xr.DataArray([heard], {"place": ["420100"], "date": dates}, ("place", "date")))
    run = next((k for k, h in enumerate(reversed(heard)) if h), len(heard))
    assert result["days"].item() == run
    assert result["silent"].item() == (run >= 1)
    assert result["reported_share"].item() == pytest.approx(np.mean(heard))
