import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.surveillance.detection.ewma import BASELINE, GUARD, ewma
from tongchou.vocabulary.errors import BadParameter

FIRST = BASELINE + GUARD


def test_false_signs_of_steady_counts_are_as_few_as_the_table_says(cube):
    rng = np.random.default_rng(12)
    for mean, stated in ((5, 1.2), (40, 0.7)):
        signs = ewma(cube(rng.poisson(mean, (200, FIRST + 365))))["alarm"].values
        begins = signs[:, 1:] & ~signs[:, :-1]
        # 200 place-years: standard error about √(1 / 200) = 0.07; three of them.
        assert begins.sum() / 200 == pytest.approx(stated, abs=0.22), mean


def test_a_doubling_in_a_week_is_mostly_seen_within_that_week(cube):
    rng = np.random.default_rng(13)
    mean = np.concatenate([np.full(FIRST + 20, 10.0), 10 * 2 ** (np.arange(1, 8) / 7)])
    signs = ewma(cube(rng.poisson(mean, (300, len(mean)))))["alarm"].values
    assert signs[:, -7:].any(axis=1).mean() > 0.8


@settings(max_examples=30, deadline=None)
@given(
    daily=st.lists(st.integers(0, 50), min_size=FIRST + 5, max_size=FIRST + 15),
    more=st.integers(1, 100),
)
def test_more_cases_today_raise_the_level_but_not_the_limit(cube, daily, more):
    before = ewma(cube(daily)).isel(place=0, date=-1)
    after = ewma(cube([*daily[:-1], daily[-1] + more])).isel(place=0, date=-1)
    assert after["level"] > before["level"]
    assert after["limit"].item() == before["limit"].item()
    assert after["alarm"] >= before["alarm"]


def test_a_history_that_is_too_short_is_refused_with_the_number_of_days_needed(cube):
    with pytest.raises(BadParameter, match=f"at least {FIRST + 1} days"):
        ewma(cube([5] * FIRST))


def test_one_case_after_a_silent_month_is_no_sign_and_two_are(cube):
    signs = ewma(cube([0] * FIRST + [1, 1]))["alarm"].values[0]
    assert signs.tolist()[-2:] == [False, True]


def test_a_smoothing_outside_its_range_is_refused(cube):
    with pytest.raises(BadParameter, match="smoothing"):
        ewma(cube([1] * 40), smoothing=1.5)
