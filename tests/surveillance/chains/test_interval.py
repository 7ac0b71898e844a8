"""Intervals between dates: probabilities that add up, and fits that find the truth."""

import numpy as np
import pytest
from scipy import integrate, stats

from tongchou.surveillance.chains.interval import FAMILIES, ImpliedInterval, Interval
from tongchou.surveillance.chains.interval_fit import Pairs, fit_interval, interval_loglik
from tongchou.vocabulary.distributions import Gamma
from tongchou.vocabulary.errors import BadParameter


def make(family, mean=4.5, sd=2.5):
    return Interval(family=family, mean=mean, sd=sd, shift=6.0 if family == "shifted_gamma" else 0)


@pytest.mark.parametrize("family", FAMILIES)
def test_probabilities_are_those_of_dates(family):
    interval = make(family)
    p = interval.probabilities(-80, 120)
    days = np.arange(-80, 121)
    assert p.sum() == pytest.approx(1, abs=1e-9)
    # Rounding both ends to their day leaves the mean, and adds the variance of two uniforms.
    assert p @ days == pytest.approx(4.5, abs=1e-6)
    assert p @ (days - 4.5) ** 2 == pytest.approx(2.5**2 + 2 / 12, rel=1e-5)
    assert np.cumsum(p) == pytest.approx(interval.at_most(days), abs=1e-9)


def test_a_probability_by_quadrature():
    gamma = stats.gamma(a=(4.5 / 2.5) ** 2, scale=2.5**2 / 4.5)
    for d in (0, 3, 9):
        wanted, _ = integrate.quad(
            lambda x, d=d: gamma.pdf(x) * max(0, 1 - abs(x - d)), d - 1, d + 1
        )
        assert make("gamma").probability([d])[0] == pytest.approx(wanted, rel=1e-6)


def test_the_range_leaves_little_out():
    first, last = make("normal").range(1e-4)
    assert first < 0 < last
    assert make("normal").probabilities(first, last).sum() > 0.9997


def test_truncation_is_undone():
    # 20,000 pairs of which only those that had ended are seen: the naive mean is 1.3 days short.
    rng = np.random.default_rng(5)
    days = np.floor(rng.random(20_000) + rng.gamma(4, 1.5, 20_000)).astype(int)
    reach = rng.integers(0, 12, 20_000)
    seen = days <= reach
    naive = fit_interval(Pairs.of(days[seen]), "gamma")
    fit = fit_interval(Pairs.of(days[seen], reach=reach[seen]), "gamma")
    assert naive.mean.value < 5.0
    # standard error about 0.06 after truncation
    assert fit.mean.value == pytest.approx(6.0, abs=0.2)
    assert fit.sd.value == pytest.approx(3.0, abs=0.2)


def test_negative_intervals_choose_a_family_that_allows_them():
    fit = fit_interval(Pairs.of([-3, 2, 5, 8, 4, 3, -1, 6]))
    assert fit.interval.family in ("normal", "shifted_gamma")
    with pytest.raises(BadParameter, match="shifted_gamma"):
        fit_interval(Pairs.of([-3, 2, 5, 8]), "gamma")


def test_a_normal_without_censoring_to_speak_of_is_mean_and_sd():
    rng = np.random.default_rng(6)
    days = np.rint(rng.normal(40, 30, 500)).astype(int)
    fit = fit_interval(Pairs.of(days), "normal")
    assert fit.mean.value == pytest.approx(days.mean(), abs=1e-3)
    assert fit.sd.value**2 == pytest.approx(days.var() - 1 / 6, rel=1e-3)
    # profile of a normal mean: t-like, half width about 1.96 sd / √n
    half = (fit.mean.high - fit.mean.low) / 2
    assert half == pytest.approx(1.96 * days.std() / np.sqrt(500), rel=0.01)


def test_candidates_are_a_mixture():
    sure = Pairs.of([4, 5, 6, 5])
    unsure = Pairs.of([4, 5, 6, 5, 30], infectee=["a", "b", "c", "d", "d"], weight=[1, 1, 1, 1, 0])
    normal = Interval(family="normal", mean=5, sd=2)
    assert interval_loglik(normal, unsure) == pytest.approx(interval_loglik(normal, sure))
    halves = Pairs.of([5, 5, 4], infectee=["a", "a", "b"])
    assert interval_loglik(normal, halves) == pytest.approx(
        interval_loglik(normal, Pairs.of([5, 4]))
    )


def test_pairs_that_share_an_infector_say_less():
    rng = np.random.default_rng(7)
    shared = np.repeat(rng.normal(0, 3, 40), 4)
    days = np.rint(5 + shared + rng.normal(0, 2, 160)).astype(int)
    names = np.arange(160).astype(str)
    alone = fit_interval(Pairs.of(days), "normal")
    grouped = fit_interval(
        Pairs.of(
            days,
            infectee=names,
            infector=np.repeat(np.arange(40), 4).astype(str) + np.array(["i"])[0],
        ),
        "normal",
    )
    wider = (grouped.mean.high - grouped.mean.low) / (alone.mean.high - alone.mean.low)
    assert grouped.mean.value == pytest.approx(alone.mean.value, rel=1e-9)
    # intraclass correlation 9/13: the variance of the mean is 1 + 3 · 9/13 = 3.1 times as large
    assert wider == pytest.approx(np.sqrt(3.1), rel=0.25)


@pytest.mark.parametrize("days", [[], [3], [3, 4]])
def test_too_few_pairs_are_refused(days):
    with pytest.raises(BadParameter, match="at least 3"):
        fit_interval(Pairs.of(days), "normal")


def test_half_days_and_impossible_reach_are_refused():
    with pytest.raises(BadParameter, match="whole days"):
        Pairs.of([1.5, 2])
    with pytest.raises(BadParameter, match="longer than its reach"):
        Pairs.of([5, 2], reach=[4, 4])
    with pytest.raises(BadParameter, match="not negative"):
        Pairs.of([5, 2], weight=[-1, 1])


def test_what_a_generation_time_implies_is_what_simulated_onsets_show():
    X, delta = Gamma(mean=5, sd=2), Gamma(mean=5.2, sd=2.8)
    implied = ImpliedInterval(X, delta)
    rng, n = np.random.default_rng(20), 400_000
    z = X.quantile(rng.random(n)) + delta.quantile(rng.random(n)) - delta.quantile(rng.random(n))
    days = np.floor(rng.random(n) + z)
    seen = np.array([(days == d).mean() for d in range(-6, 15)])
    # 400,000 draws: standard error 0.0005 at most; five of them
    assert implied.probabilities(-6, 14) == pytest.approx(seen, abs=0.0025)
    assert implied.at_most([2]) == pytest.approx((days <= 2).mean(), abs=0.004)
    assert implied.at_most([np.inf, -np.inf]) == pytest.approx([1, 0], abs=1e-9)
    assert implied.sd == pytest.approx(np.hypot(2, 2.8 * np.sqrt(2)), abs=0.005)
    first, last = implied.range()
    assert implied.at_most([first - 1]).item() < 1e-4 < 1 - implied.at_most([last - 1]).item()
