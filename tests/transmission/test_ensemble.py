import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.transmission.ensemble import median_of, trained_weights, vincent
from tongchou.transmission.renewal import HUB_QUANTILES
from tongchou.transmission.score import weighted_interval_score
from tongchou.transmission.training import Training
from tongchou.vocabulary.errors import BadParameter

LEVELS = np.array(HUB_QUANTILES)
positive = st.floats(0.01, 100)


def band(centre, width, days=7, first="2020-02-01"):
    """Give a normal forecast of one place for some days."""
    from scipy import special

    values = centre + width * special.ndtri(LEVELS)
    dates = np.datetime64(first, "ns") + np.arange(days) * np.timedelta64(1, "D")
    return xr.DataArray(
        np.tile(values, (1, days, 1)),
        {"place": ["420100"], "date": dates, "quantile": LEVELS},
        ("place", "date", "quantile"),
    )


@settings(max_examples=20, deadline=None)
@given(
    weights=st.lists(positive, min_size=3, max_size=3),
    widths=st.lists(positive, min_size=3, max_size=3),
)
def test_an_ensemble_of_equals_is_one_of_them_and_lies_between_others(weights, widths):
    named = dict(zip("abc", weights, strict=True))
    same = {name: band(10, 2) for name in "abc"}
    apart = {n: band(c, w) for n, c, w in zip("abc", (5, 10, 20), widths, strict=True)}
    stacked = xr.concat(list(apart.values()), "model")
    for combine in (vincent, median_of):
        xr.testing.assert_allclose(combine(same, named), band(10, 2))
        together = combine(apart, named)
        assert (together <= stacked.max("model") + 1e-9).all()
        assert (together >= stacked.min("model") - 1e-9).all()
        assert (together.diff("quantile") >= -1e-9).all()


def test_the_weighted_median_follows_a_majority_and_one_wild_member_moves_it_little():
    members = {"a": band(10, 1), "b": band(11, 1), "c": band(9000, 1)}
    assert median_of(members).sel(quantile=0.5).max().item() == 11
    assert vincent(members).sel(quantile=0.5).max().item() > 3000
    heavy = median_of(members, {"a": 8, "b": 1, "c": 1})
    assert heavy.sel(quantile=0.5).max().item() == pytest.approx(10, abs=0.6)


def test_weights_fall_with_the_score_and_without_a_past_all_are_equal():
    weights = trained_weights({"good": 1.0, "bad": 3.0}, 1.0)
    assert weights["good"] / weights["bad"] == pytest.approx(np.e**2)
    assert trained_weights({"a": 5.0, "b": 9.0}, 0.0) == {"a": 0.5, "b": 0.5}
    assert trained_weights({"a": 0.0, "b": 1.0}) == {"a": 0.5, "b": 0.5}
    assert trained_weights({"a": np.nan, "b": 1.0}) == {"a": 0.5, "b": 0.5}


def test_an_ensemble_of_nobody_or_of_negative_weights_is_refused():
    with pytest.raises(BadParameter, match="at least one member"):
        vincent({})
    with pytest.raises(BadParameter, match="negative"):
        median_of({"a": band(1, 1), "b": band(2, 1)}, {"a": 1.0, "b": -1.0})
    with pytest.raises(ValueError, match="date"):
        vincent({"a": band(1, 1, days=3), "b": band(2, 1, days=4)})


def known_to(day, value=10.0):
    dates = np.arange("2020-01-01", np.datetime64(day) + 1, dtype="datetime64[D]").astype(
        "datetime64[ns]"
    )
    return xr.DataArray(
        np.full((1, len(dates)), value), {"place": ["420100"], "date": dates}, ("place", "date")
    )


def test_training_learns_from_days_that_have_come_and_from_no_other():
    training = Training(of=("near", "far"), sharpness=2.0)
    assert training.weights() == {"near": 0.5, "far": 0.5}
    training.learn(known_to("2020-01-31"))
    training.remember({"near": band(10, 1), "far": band(30, 1)})
    assert training.weights() == {"near": 0.5, "far": 0.5}
    training.learn(known_to("2020-02-02"))
    assert training.weights()["near"] > 0.99
    today = {"near": band(10, 1, first="2020-02-03"), "far": band(30, 1, first="2020-02-03")}
    xr.testing.assert_allclose(
        training.combine(today).sel(quantile=0.5), today["near"].sel(quantile=0.5), atol=0.5
    )


def test_each_day_is_scored_once_however_often_it_is_looked_at():
    members = {"a": band(10, 1), "b": band(12, 2)}
    often, once = (Training(of=("a", "b")) for _ in range(2))
    for training in (often, once):
        training.learn(known_to("2020-01-31"))
        training.remember(members)
    for day in range(1, 8):
        often.learn(known_to(f"2020-02-{day:02d}"))
    once.learn(known_to("2020-02-07"))
    wis = {
        n: weighted_interval_score(f, known_to("2020-02-07").sel(date=f.date)).mean().item()
        for n, f in members.items()
    }
    expected = trained_weights(wis, often.sharpness)
    assert once.weights() == pytest.approx(expected)
    # A day's score weighs half after 28 days: over a week the two differ only in how they forget.
    assert often.weights() == pytest.approx(expected, abs=0.01)
