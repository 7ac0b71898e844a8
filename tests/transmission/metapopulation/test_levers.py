"""Levers: delays become hazards that keep the infectious time, and measures combine by laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from tongchou.transmission.metapopulation.contacts import (
    contacts,
    group_people,
    reference_people,
)
from tongchou.transmission.metapopulation.disease import disease, diseases
from tongchou.transmission.metapopulation.hazards import isolation_hazard, laplace, tracing
from tongchou.transmission.metapopulation.levers import (
    MULTIPLIED,
    Effect,
    combined,
    levers,
)
from tongchou.vocabulary.distributions import Gamma, Lognormal, Weibull
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.measure import UnknownMeasure, measures

COVID = disease("covid2020")
DELAYS = [
    Gamma(mean=4.6, sd=3.4),
    Gamma(mean=2.6, sd=0.5),
    Lognormal.from_mean_sd(mean=6.0, sd=3.0),
    Weibull(shape=1.5, scale=5.0),
]


@pytest.mark.parametrize("mean", [0.5, 2.0, 9.0])
@pytest.mark.parametrize("removal", [0.1, 0.35, 2.0])
def test_an_exponential_delay_is_its_own_rate(mean, removal):
    exponential = Gamma(mean=mean, sd=mean)
    assert isolation_hazard(exponential, 1.0, removal) == pytest.approx(1 / mean, rel=1e-12)
    # The same distribution, by quadrature instead of the closed form.
    other = Weibull(shape=1.0, scale=mean)
    assert isolation_hazard(other, 1.0, removal) == pytest.approx(1 / mean, rel=1e-6)


@pytest.mark.parametrize("delay", DELAYS)
@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_isolation_leaves_the_infectious_time_of_the_delay(delay, share):
    g = 1 / 2.9
    left, _ = integrate.quad(
        lambda t: np.exp(-g * t) * (1 - share * float(delay.cdf(t))), 0, 200, limit=500
    )
    assert 1 / (g + isolation_hazard(delay, share, g)) == pytest.approx(left, rel=1e-6)


def test_isolation_on_simulated_people():
    # 400,000 people: the standard error of the mean time is 0.2 %, hence 1 % with room.
    rng = np.random.default_rng(5)
    delay, share, g, n = Gamma(mean=4.6, sd=3.4), 0.7, 1 / 2.9, 400_000
    ends = rng.exponential(1 / g, n)
    found = np.where(rng.random(n) < share, rng.gamma(delay.shape, 1 / delay.rate, n), np.inf)
    assert 1 / (g + isolation_hazard(delay, share, g)) == pytest.approx(
        np.minimum(ends, found).mean(), rel=0.01
    )


@pytest.mark.parametrize("delay", DELAYS)
def test_tracing_on_simulated_contacts(delay):
    # 400,000 contacts, 0.2 to 0.5 % of standard error in both figures, hence 2 % with room.
    rng = np.random.default_rng(7)
    share, latent, g, n = 0.8, 3.4, 1 / 2.1, 400_000
    period = rng.gamma(2.0, latent / 2, n)
    stage = rng.exponential(1 / g, n)
    found = np.where(rng.random(n) < share, delay.quantile(rng.random(n)), np.inf)
    traced, hazard = tracing(delay, share, latent, g)
    assert traced == pytest.approx((found < period).mean(), abs=0.004)
    at_large = found >= period
    left = np.minimum(stage, found - period)[at_large].mean()
    assert 1 / (g + hazard) == pytest.approx(left, rel=0.02)


@pytest.mark.parametrize("g", [0.2, 0.5, 0.5000001, 3.0])
def test_tracing_by_an_exponential_delay(g):
    # Latent stages of rate ½ each (4 days together), delay of rate 0.2: both closed forms.
    traced, hazard = tracing(Gamma(mean=5.0, sd=5.0), 1.0, 4.0, g)
    assert traced == pytest.approx(1 - (0.5 / 0.7) ** 2, rel=1e-7)
    assert hazard == pytest.approx(0.2, rel=1e-5)


def test_nobody_found_and_everybody_found_at_once():
    assert tracing(Gamma(mean=5.0, sd=2.0), 0.0, 4.0, 0.4) == (0.0, 0.0)
    traced, _ = tracing(Gamma(mean=0.01, sd=0.01), 1.0, 4.0, 0.4)
    assert traced > 0.999
    assert isolation_hazard(Gamma(mean=0.01, sd=0.01), 1.0, 0.3) == pytest.approx(100.0)


@given(
    mean=st.floats(0.1, 20),
    cv=st.floats(0.2, 2.0),
    share=st.floats(0, 1),
    more=st.floats(0, 1),
    g=st.floats(0.05, 3),
)
def test_finding_more_never_isolates_later(mean, cv, share, more, g):
    delay = Gamma(mean=mean, sd=cv * mean)
    better = share + (1 - share) * more
    assert isolation_hazard(delay, share, g) <= isolation_hazard(delay, better, g) + 1e-12
    assert 0 <= laplace(delay, g) <= 1


chosen = st.dictionaries(st.sampled_from(sorted(levers())), st.floats(0, 1), max_size=5)


@given(chosen=chosen, end=st.sampled_from(["value", "low", "high"]))
@settings(max_examples=60)
def test_factors_stay_between_none_and_all(chosen, end):
    effect = combined(chosen, COVID, end)
    assert all(0.0 <= getattr(effect, t) <= 1.0 for t in MULTIPLIED)
    assert 0.0 <= effect.traced <= 1.0
    assert effect.isolate >= 0.0
    assert effect.trace >= 0.0


@given(chosen=chosen, raised=st.sampled_from(sorted(levers())), more=st.floats(0, 1))
@settings(max_examples=60)
def test_a_stronger_or_further_measure_never_increases_contacts(chosen, raised, more):
    before = combined(chosen, COVID)
    old = chosen.get(raised, 0.0)
    after = combined({**chosen, raised: old + (1 - old) * more}, COVID)
    assert all(getattr(after, t) <= getattr(before, t) + 1e-12 for t in MULTIPLIED)
    assert after.isolate >= before.isolate - 1e-12
    assert after.traced >= before.traced - 1e-12


@given(chosen=chosen)
@settings(max_examples=30)
def test_the_order_of_measures_does_not_matter(chosen):
    backwards = dict(reversed(chosen.items()))
    assert combined(chosen, COVID) == combined(backwards, COVID)


def test_a_contained_measure_adds_nothing():
    outer = {"close_nonessential_business": 1.0}
    assert combined({**outer, "close_high_risk_business": 1.0}, COVID) == combined(outer, COVID)
    # At little strength of the outer one the inner one still counts in full.
    weak = combined({"close_nonessential_business": 0.1, "close_high_risk_business": 1.0}, COVID)
    assert weak.other == combined({"close_high_risk_business": 1.0}, COVID).other


def test_everything_closed_leaves_the_contacts_of_a_household():
    # Zhang and others 2020 (doi 10.1126/science.abb8001): 2.0 contacts a day in Wuhan and 2.3 in
    # Shanghai in February 2020, most of them in the household.
    everything = dict.fromkeys(
        ("limit_gatherings", "close_nonessential_business", "close_schools", "stay_home"), 1.0
    )
    ages = (0, 20, 40, 60)
    people = group_people(reference_people(), ages)
    by_setting = (contacts(ages).sum("contact_age") * people).sum("age") / people.sum()
    effect = combined(everything, COVID)
    left = sum(
        getattr(effect, s) * float(by_setting.sel(setting=s))
        for s in by_setting["setting"].to_numpy()
    )
    assert 1.9 < left < 2.9


def test_the_ends_are_in_order():
    everything = dict.fromkeys(levers(), 1.0)
    low, value, high = (combined(everything, COVID, end) for end in ("low", "value", "high"))
    for t in MULTIPLIED:
        assert getattr(low, t) <= getattr(value, t) <= getattr(high, t)
    assert low.isolate >= value.isolate >= high.isolate
    assert low.traced >= value.traced >= high.traced


@pytest.mark.parametrize("name", diseases())
def test_the_same_measures_meet_every_disease(name):
    effect = combined({"isolate_cases": 1.0, "trace_contacts": 1.0}, disease(name))
    assert effect.isolate > 0
    assert 0 < effect.traced < 0.6


def test_tracing_finds_more_before_they_infect_where_the_latent_period_is_long():
    by_disease = {
        name: combined({"trace_contacts": 1.0}, disease(name)).traced for name in diseases()
    }
    assert by_disease["influenza"] < by_disease["covid2020"] < by_disease["sars2003"]


def test_levers_are_those_of_the_library():
    assert set(levers()) == set(measures())
    assert levers()["masks"][0].value == measures()["masks"].multiplier
    work = {m: lv.value for m, all_ in levers().items() for lv in all_ if lv.target == "work"}
    assert (
        work["close_nonessential_business"]
        == 1 - measures()["close_nonessential_business"].work_share
    )


def test_nothing_in_force_changes_nothing():
    assert combined({}, COVID) == Effect()


def test_bad_input_is_refused():
    with pytest.raises(UnknownMeasure, match="curfew"):
        combined({"curfew": 1.0}, COVID)
    for strength in (-0.1, 1.1, float("nan")):
        with pytest.raises(BadParameter, match="strength"):
            combined({"masks": strength}, COVID)
    with pytest.raises(BadParameter, match="share_found"):
        isolation_hazard(Gamma(mean=1.0, sd=1.0), 1.5, 0.3)
