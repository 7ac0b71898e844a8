import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.surveillance.nowcasting.lawless import nowcast_lawless
from tongchou.vocabulary.errors import BadParameter


def test_a_steady_delay_is_made_good_exactly(seen):
    # Every day 8 cases: half reported at once, a quarter each after one and two days.
    result = nowcast_lawless(seen(np.tile([4, 2, 2], (1, 9, 1))))
    assert result["estimate"].values[0].round(9).tolist() == [8.0] * 9
    assert (result["q025"] <= result["estimate"]).all()
    assert (result["q025"] >= result["reported"]).all()
    assert (result["q975"].values[0, -2:] > 8).all()
    assert result["q975"].values[0, :-2].tolist() == [8.0] * 7


def test_a_window_follows_a_change_of_the_delay(seen):
    slow, quick = np.tile([0, 0, 10], (1, 20, 1)), np.tile([10, 0, 0], (1, 20, 1))
    triangle = seen(np.concatenate([slow, quick], axis=1))
    assert nowcast_lawless(triangle, window=10)["estimate"].values[0, -1] == pytest.approx(10)
    assert nowcast_lawless(triangle)["estimate"].values[0, -1] > 15


def test_a_small_place_takes_the_delays_of_all(seen):
    full = np.concatenate([np.tile([40, 20, 20], (1, 9, 1)), np.tile([1, 0, 0], (1, 9, 1))])
    result = nowcast_lawless(seen(full))
    assert result["pooled"].values.tolist() == [False, True]
    share = result["share"].values
    assert share[1, -1] == pytest.approx(share[0, -1], rel=0.02)


def test_zeros_stay_zeros(seen):
    result = nowcast_lawless(seen(np.zeros((1, 8, 3))))
    assert float(result["estimate"].sum()) == 0
    assert float(result["q975"].sum()) == 0


def test_where_nobody_was_ever_so_quick_nothing_is_said(seen):
    full = np.zeros((1, 8, 3))
    full[0, 2, 2] = 1
    result = nowcast_lawless(seen(full))
    assert np.isnan(result["estimate"].values[0, -2:]).all()
    assert result["estimate"].values[0, 2] == 1


def test_a_window_without_a_day_is_refused(seen):
    with pytest.raises(BadParameter):
        nowcast_lawless(seen(np.ones((1, 5, 2))), window=0)


@settings(max_examples=40)
@given(seed=st.integers(0, 2**31), places=st.integers(1, 4), days=st.integers(1, 30))
def test_estimates_are_never_below_the_reports(seen, seed, places, days):
    full = np.random.default_rng(seed).poisson(1.5, (places, days, 5))
    result = nowcast_lawless(seen(full))
    known = result["estimate"].notnull()
    assert (result["estimate"] >= result["reported"] - 1e-9).where(known, True).all()
    assert (result["q025"] <= result["q975"] + 1e-9).where(known, True).all()
