import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from tongchou.surveillance.detection.ears import C3_FALSE_ALARM, ears
from tongchou.surveillance.detection.false_alarms import randomised_p
from tongchou.vocabulary.errors import BadParameter


def by_hand(y, chart, limit, least_sd):
    """Give C of each day as the source writes it, one day after another."""
    found = []
    for t in range(len(y)):
        if chart == "C1":
            past = y[max(t - 7, 0) : t]
            c = (y[t] - np.mean(past)) / max(np.std(past, ddof=1), least_sd) if t >= 7 else None
        else:
            past = y[max(t - 9, 0) : t - 2]
            c = (y[t] - np.mean(past)) / max(np.std(past, ddof=1), least_sd) if t >= 9 else None
        found.append(c)
    if chart == "C3":
        return [sum(max(0, c - 1) for c in found[t - 2 : t + 1]) for t in range(11, len(y))]
    return [c for c in found if c is not None]


@settings(max_examples=30, deadline=None)
@given(
    y=st.lists(st.integers(0, 30), min_size=12, max_size=30),
    chart=st.sampled_from(["C1", "C2", "C3"]),
)
def test_each_chart_is_what_its_source_says(cube, y, chart):
    found = ears(cube(y), chart, least_sd=0.5)
    assert found["score"].values[0] == pytest.approx(by_hand(y, chart, None, 0.5), abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(
    y=st.lists(st.integers(0, 30), min_size=12, max_size=30),
    chart=st.sampled_from(["C1", "C2", "C3"]),
)
def test_the_threshold_is_where_the_alarm_begins(cube, y, chart):
    found = ears(cube(y), chart, last=1)
    threshold = found["threshold"].item()
    for count in (np.floor(threshold), np.floor(threshold) + 1):
        again = ears(cube([*y[:-1], count]), chart, last=1)
        assert again["threshold"].item() == threshold
        above = count > threshold + 1e-9 or (chart == "C3" and threshold == 0)
        assert above == again["alarm"].item() or abs(count - threshold) < 1e-9


@pytest.mark.parametrize(
    ("chart", "stated"),
    [("C1", special.stdtr(6, -3 / np.sqrt(8 / 7))), ("C2", None), ("C3", C3_FALSE_ALARM)],
)
def test_false_alarms_of_many_cases_are_as_many_as_stated(cube, chart, stated):
    rng = np.random.default_rng(5)
    found = ears(cube(rng.normal(1000, 30, (400, 500))), chart)
    assert found.attrs["false_alarm"] == pytest.approx(stated or found.attrs["false_alarm"])
    # 200,000 dates in groups that share their baseline: 2 per cent of the rate is four standard errors.
    assert found["alarm"].mean().item() == pytest.approx(found.attrs["false_alarm"], rel=0.05)


@pytest.mark.parametrize("mean", [0.05, 0.5, 5, 50])
@pytest.mark.parametrize("scatter", [0, 0.2])
@pytest.mark.parametrize("chart", ["C1", "C2", "C3"])
def test_small_probabilities_are_no_more_frequent_than_they_say(cube, mean, scatter, chart):
    rng = np.random.default_rng(6)
    level = mean * rng.gamma(1 / scatter, scatter, (1000, 60)) if scatter else mean
    p = randomised_p(ears(cube(rng.poisson(level, (1000, 60))), chart), rng).values
    for small in (0.05, 0.01, 0.001):
        # 50,000 dates; at 0.001 fifty are expected, give or take seven, three of these.
        assert (p < small).mean() <= small + 3 * np.sqrt(small / p.size)


def test_after_days_of_zeros_one_case_is_no_alarm_and_two_are(cube):
    assert not ears(cube([0] * 9 + [1]), "C2")["alarm"].item()
    assert ears(cube([0] * 9 + [2]), "C2")["alarm"].item()
    assert ears(cube([0] * 9 + [1]), "C2", least_sd=0)["alarm"].item()


def test_a_short_history_and_a_strange_chart_are_refused(cube):
    with pytest.raises(BadParameter, match="ears-c3 needs at least 12 days"):
        ears(cube([1] * 11), "C3")
    with pytest.raises(BadParameter, match="C1, C2 or C3"):
        ears(cube([1] * 20), "C4")


def test_a_missing_day_silences_the_days_that_rest_on_it(cube):
    y = np.ones(30)
    y[12] = np.nan
    found = ears(cube(y), "C1").isel(place=0)
    silent = np.isnan(found["threshold"].values)
    assert np.flatnonzero(silent).tolist() == list(range(13 - 7, 20 - 7))
    assert not found["alarm"].any()
