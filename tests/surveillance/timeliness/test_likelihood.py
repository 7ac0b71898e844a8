import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from tongchou.surveillance.timeliness.families import FAMILIES, integrals
from tongchou.surveillance.timeliness.likelihood import Likelihood, Windows
from tongchou.vocabulary.distributions import doubly_censored_probabilities

THETA = {"gamma": (1.6, 0.9), "lognormal": (1.4, -0.6), "weibull": (1.7, 0.4)}


def probability(family, windows):
    one, two = (np.array([theta]) for theta in THETA[family])
    return np.exp(Likelihood(windows, 1).values(FAMILIES[family], one, two)[0])


@pytest.mark.parametrize("family", FAMILIES)
def test_days_from_day_to_day_are_as_the_delay_gives_them(family, day_windows):
    delay = FAMILIES[family].delay(*THETA[family])
    days = range(12)
    ours = [probability(family, day_windows([3], [3 + k])) for k in days]
    assert ours == pytest.approx(doubly_censored_probabilities(delay, 400)[:12], rel=1e-9)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_can_be_seen_before_a_cut_off_sums_to_one(family, day_windows):
    assert sum(
        probability(family, day_windows([0], [k], cutoff=9)) for k in range(9)
    ) == pytest.approx(1, rel=1e-12)


@given(
    family=st.sampled_from(sorted(FAMILIES)),
    start=st.tuples(st.floats(0, 3), st.floats(0.2, 9)),
    end=st.tuples(st.floats(0, 8), st.floats(0.2, 6)),
    late=st.floats(0.1, 5),
)
def test_any_two_windows_are_as_a_double_integral(family, start, end, late):
    p0, p1 = start[0], start[0] + start[1]
    s0 = p0 + end[0]
    s1 = s0 + end[1]
    cutoff = max(s1, p1) + late
    windows = Windows(
        **{
            name: np.array([value])
            for name, value in {
                "stratum": 0, "start_from": p0, "start_to": p1,
                "end_from": s0, "end_to": s1, "cutoff": cutoff,
            }.items()
        }
    )  # fmt: skip
    F = FAMILIES[family].delay(*THETA[family]).cdf

    def over_starts(upper):
        return integrate.quad(lambda u: float(F(upper - u)), p0, p1, epsabs=1e-11, limit=200)[0]

    expected = (over_starts(s1) - over_starts(s0)) / over_starts(cutoff)
    assert probability(family, windows) == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("upper", [False, True])
def test_slopes_of_the_integrals_are_those_of_differences(family, upper):
    one, two = THETA[family]
    x, h = np.array([0.3, 2.0, 6.0, 20.0]), 1e-4

    def at(shift):
        theta = np.full(4, one + shift), np.full(4, two)
        return integrals(FAMILIES[family], x, *theta, upper=upper)

    low, middle, high = at(-h), at(0), at(h)
    # Central differences: their error is of h² times the third derivative.
    assert middle.first == pytest.approx((high.value - low.value) / (2 * h), rel=1e-6, abs=1e-8)
    assert middle.second == pytest.approx((high.first - low.first) / (2 * h), rel=1e-6, abs=1e-8)


def test_gradient_and_hessian_are_those_of_differences(day_windows):
    windows = day_windows([0, 1, 1, 2, 5, 5], [0, 3, 9, 4, 6, 8], cutoff=10)
    likelihood, h = Likelihood(windows, 1), 1e-4
    for family, (one, two) in THETA.items():

        def value(a, b, of=FAMILIES[family], one=one, two=two):
            return likelihood.values(of, np.array([one + a]), np.array([two + b]))[0]

        s = likelihood.slopes(FAMILIES[family], np.array([one]), np.array([two]), np.array([True]))
        assert s.value[0] == pytest.approx(value(0, 0))
        assert s.one[0] == pytest.approx((value(h, 0) - value(-h, 0)) / (2 * h), rel=1e-5, abs=1e-6)
        assert s.two[0] == pytest.approx((value(0, h) - value(0, -h)) / (2 * h), rel=1e-5, abs=1e-6)
        cross = value(h, h) - value(h, -h) - value(-h, h) + value(-h, -h)
        assert s.one_two[0] == pytest.approx(cross / (4 * h * h), rel=1e-3, abs=1e-4)
        second = value(h, 0) - 2 * value(0, 0) + value(-h, 0)
        assert s.one_one[0] == pytest.approx(second / h**2, rel=1e-3, abs=1e-4)
        second = value(0, h) - 2 * value(0, 0) + value(0, -h)
        assert s.two_two[0] == pytest.approx(second / h**2, rel=1e-3, abs=1e-4)


def test_counting_equal_records_once_changes_nothing(day_windows):
    twice = day_windows([0, 0, 2, 2], [4, 4, 5, 5], cutoff=12)
    once = day_windows([0, 2], [4, 5], cutoff=12)
    one, two = (np.array([theta]) for theta in THETA["gamma"])
    double = Likelihood(twice, 1).values(FAMILIES["gamma"], one, two)
    assert double == pytest.approx(2 * Likelihood(once, 1).values(FAMILIES["gamma"], one, two))
