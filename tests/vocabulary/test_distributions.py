import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tongchou.vocabulary.distributions import (
    Gamma,
    Lognormal,
    Weibull,
    daily_probabilities,
    delayed,
    doubly_censored_probabilities,
    serial_interval_probabilities,
)
from tongchou.vocabulary.errors import BadParameter

means = st.floats(1.5, 30)
spreads = st.floats(0.3, 1.5)


@settings(deadline=None)
@given(mean=means, spread=spreads)
def test_gamma_agrees_with_scipy_and_with_its_own_names(mean, spread):
    gamma = Gamma(mean=mean, sd=mean * spread)
    peer = stats.gamma(gamma.shape, scale=1 / gamma.rate)
    assert peer.mean() == pytest.approx(mean)
    assert peer.std() == pytest.approx(mean * spread)
    assert gamma.cdf([0.5, mean, 40]) == pytest.approx(peer.cdf([0.5, mean, 40]))
    again = Gamma.from_shape_rate(shape=gamma.shape, rate=gamma.rate)
    assert (again.mean, again.sd) == pytest.approx((gamma.mean, gamma.sd))


@settings(deadline=None)
@given(mean=means, spread=spreads)
def test_lognormal_returns_the_mean_and_sd_it_was_made_from(mean, spread):
    lognormal = Lognormal.from_mean_sd(mean=mean, sd=mean * spread)
    peer = stats.lognorm(lognormal.sdlog, scale=np.exp(lognormal.meanlog))
    assert (lognormal.mean, lognormal.sd) == pytest.approx((mean, mean * spread))
    assert (peer.mean(), peer.std()) == pytest.approx((mean, mean * spread))
    assert lognormal.quantile(0.9) == pytest.approx(peer.ppf(0.9))


@settings(deadline=None)
@given(mean=means, spread=spreads, family=st.sampled_from([Gamma, Lognormal.from_mean_sd]))
def test_quantile_undoes_cdf_and_daily_probabilities_sum_to_one(mean, spread, family):
    delay = family(mean=mean, sd=mean * spread)
    assert delay.cdf(delay.quantile([0.1, 0.5, 0.9])) == pytest.approx([0.1, 0.5, 0.9])
    p = daily_probabilities(delay, last_day=400)
    assert p.sum() == pytest.approx(1)
    assert (p >= 0).all()
    # Rounding to the day keeps the mean, unless much of the delay passes within the first day.
    if delay.cdf(400) > 1 - 1e-6 and delay.cdf(1) < 0.05:
        assert (p * np.arange(401)).sum() == pytest.approx(mean, abs=0.05)


@settings(max_examples=30, deadline=None)
@given(mean=st.floats(2, 12), spread=st.floats(0.3, 0.8))
def test_serial_interval_keeps_its_mean_and_widens_by_dating_to_the_day(mean, spread):
    w = serial_interval_probabilities(Gamma(mean=mean, sd=mean * spread))
    days = np.arange(len(w))
    assert w[0] == 0
    assert w.sum() == pytest.approx(1)
    # The triangular weights of double dating keep the mean, up to the mass cut at day 0 ...
    assert (w * days).sum() == pytest.approx(mean, rel=0.02)
    # ... and add the variance of two uniform days, 1/6.
    variance = (w * days**2).sum() - (w * days).sum() ** 2
    assert variance == pytest.approx((mean * spread) ** 2 + 1 / 6, rel=0.05)


def test_serial_interval_by_simulation_of_two_onsets_known_to_the_day():
    rng = np.random.default_rng(20200223)
    n = 400_000
    first = rng.random(n)
    gap = 1 + rng.gamma((4.1 / 2.7) ** 2, 2.7**2 / 4.1, n)
    days = np.floor(first + gap).astype(int)
    w = serial_interval_probabilities(Gamma(mean=5.1, sd=2.7))
    share = np.bincount(days, minlength=len(w))[: len(w)] / n
    # Standard error of a share is at most √(0.25 / 400 000) = 0.0008; four of them.
    assert np.abs(share - w).max() < 0.0032


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=30))
def test_a_delay_moves_counts_later_and_loses_none_but_those_still_to_come(counts):
    p = np.array([0.2, 0.5, 0.3])
    padded = [*counts, 0.0, 0.0]
    assert delayed(padded, p).sum() == pytest.approx(np.sum(counts))
    assert delayed(padded, p) == pytest.approx(np.convolve(padded, p)[: len(padded)])


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.0), (-3.0, 1.0), (5.0, 0.0), (np.nan, 1.0)])
def test_an_impossible_delay_is_refused_with_its_name_and_value(mean, sd):
    with pytest.raises(BadParameter) as refused:
        Gamma(mean=mean, sd=sd)
    assert refused.value.name in ("mean", "sd")
    assert "Check its row" in refused.value.text()["en"]
    assert "参数表" in refused.value.text()["zh"]


def test_a_serial_interval_shorter_than_a_day_is_refused():
    with pytest.raises(BadParameter, match="1 day"):
        serial_interval_probabilities(Gamma(mean=0.9, sd=0.5))


@settings(deadline=None)
@given(shape=st.floats(0.6, 6), scale=st.floats(0.5, 30))
def test_weibull_agrees_with_scipy(shape, scale):
    weibull, peer = Weibull(shape=shape, scale=scale), stats.weibull_min(shape, scale=scale)
    assert (weibull.mean, weibull.sd) == pytest.approx((peer.mean(), peer.std()))
    assert weibull.cdf([0, 1, scale, 60]) == pytest.approx(peer.cdf([0, 1, scale, 60]))
    assert weibull.quantile([0.1, 0.5, 0.99]) == pytest.approx(peer.ppf([0.1, 0.5, 0.99]))


@pytest.mark.parametrize("shape", [0.0, -1.0, float("nan")])
def test_a_weibull_without_a_shape_is_refused(shape):
    with pytest.raises(BadParameter, match="shape"):
        Weibull(shape=shape, scale=3.0)


@settings(deadline=None)
@given(mean=st.floats(0.3, 20), spread=spreads)
def test_two_dates_lie_as_far_apart_as_two_times_on_average(mean, spread):
    # P uniform in its day: E(⌊P + X⌋ − ⌊P⌋) = E X, whatever X.
    for delay in (Gamma(mean=mean, sd=mean * spread), Weibull(shape=1 / spread, scale=mean)):
        p = doubly_censored_probabilities(delay)
        assert (p * np.arange(len(p))).sum() == pytest.approx(delay.mean, rel=1e-5)


def test_dates_of_simulated_times_are_as_probable_as_said():
    rng, delay = np.random.default_rng(5), Weibull(shape=1.3, scale=2.0)
    start = rng.random(200_000)
    days = np.floor(start + delay.quantile(rng.random(200_000))).astype(int)
    p = doubly_censored_probabilities(delay, 30)
    # Four standard errors of 200,000 draws.
    assert np.bincount(days, minlength=31)[:12] / 200_000 == pytest.approx(p[:12], abs=0.0045)
