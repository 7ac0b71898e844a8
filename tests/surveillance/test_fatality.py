import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.surveillance.fatality import case_fatality
from tongchou.vocabulary.distributions import Gamma, daily_probabilities
from tongchou.vocabulary.parameter import parameter

ONSET_TO_DEATH = parameter("onset_to_death_mean").delay()
quiet = settings(max_examples=40, deadline=None)


def growing_epidemic(fatality, places, rng, days=50):
    cases = rng.poisson(5 * np.exp(0.1 * np.arange(days)), (places, days))
    f = daily_probabilities(ONSET_TO_DEATH)
    deaths = np.zeros((places, days + len(f)))
    for day in range(days):
        dying = rng.binomial(cases[:, day], fatality)
        deaths[:, day : day + len(f)] += rng.multinomial(dying, f)
    return cases, deaths[:, :days]


def test_known_truth_comes_back_while_the_naive_figure_is_far_too_low(cube):
    rng = np.random.default_rng(20200211)
    cases, deaths = growing_epidemic(0.10, 300, rng)
    end = case_fatality(cube(cases), cube(deaths), ONSET_TO_DEATH).isel(date=-1)
    assert end["adjusted"].mean().item() == pytest.approx(0.10, rel=0.03)
    inside = ((end["adjusted_low"] <= 0.10) & (end["adjusted_high"] >= 0.10)).mean().item()
    # Deaths known are binomial of cases, not of known outcomes: the interval is a little wide or
    # narrow; 300 places leave a standard error of 1.3 %.
    assert inside == pytest.approx(0.95, abs=0.04)
    # In growth of 10 % a day and with 18 days to death, under a third of the deaths are in.
    assert end["naive"].mean().item() < 0.035
    assert (end["known_share"] < 0.35).all()


def test_of_closed_cases_the_share_dead_is_too_high_while_discharge_takes_longer(cube):
    rng = np.random.default_rng(1)
    cases, deaths = growing_epidemic(0.10, 50, rng)
    recovery = daily_probabilities(parameter("onset_to_recovery_mean").delay())
    recovered = np.apply_along_axis(
        lambda row: np.convolve(0.9 * row, recovery)[: len(row)], 1, cases
    )
    end = case_fatality(
        cube(cases), cube(deaths), ONSET_TO_DEATH, new_recoveries=cube(recovered)
    ).isel(date=-1)
    # While cases grow by r a day, a gamma delay shows the share (1 + r / rate)^(−shape) of its outcomes.
    shown = [
        share * (1 + 0.1 / delay.rate) ** -delay.shape
        for share, delay in (
            (0.1, ONSET_TO_DEATH),
            (0.9, parameter("onset_to_recovery_mean").delay()),
        )
    ]
    # The epidemic is 50 days old, the formula's is endless: a tenth apart.
    assert end["closed"].mean().item() == pytest.approx(shown[0] / sum(shown), rel=0.1)
    assert end["closed"].mean().item() > 0.17


def test_after_the_epidemic_all_three_agree(cube):
    row = [100] + [0] * 120
    deaths = [0] * 60 + [8] + [0] * 60
    recovered = [0] * 61 + [92] + [0] * 59
    end = case_fatality(cube(row), cube(deaths), ONSET_TO_DEATH, new_recoveries=cube(recovered))
    end = end.isel(place=0, date=-1)
    for name in ("naive", "closed", "adjusted"):
        assert end[name].item() == pytest.approx(0.08, rel=1e-4)


@quiet
@given(dead=st.integers(0, 60), known=st.integers(60, 5000))
def test_the_interval_holds_the_estimate_and_its_ends_are_where_the_likelihood_falls_by_chi2(
    cube, dead, known
):
    end = case_fatality(cube([known, 0]), cube([0, dead]), np.array([1.0])).isel(place=0, date=-1)
    low, p, high = (end[name].item() for name in ("adjusted_low", "adjusted", "adjusted_high"))
    assert 0 <= low <= p <= high <= 1
    assert p == pytest.approx(dead / known)

    def drop(q):
        ll = [dead * np.log(x) + (known - dead) * np.log1p(-x) for x in (p, q)]
        return ll[0] - ll[1]

    if 0 < dead < known:
        # χ²₁(0.95) / 2 = 1.920729
        assert drop(low) == pytest.approx(1.920729, abs=1e-5)
        assert drop(high) == pytest.approx(1.920729, abs=1e-5)


@quiet
@given(dead=st.integers(0, 50), scale=st.integers(2, 40))
def test_more_deaths_give_more_and_a_larger_sample_a_narrower_interval(cube, dead, scale):
    def at(d, n):
        return case_fatality(cube([n, 0]), cube([0, d]), np.array([1.0])).isel(place=0, date=-1)

    one, more, large = at(dead, 60), at(dead + 1, 60), at(dead * scale, 60 * scale)
    assert more["adjusted"].item() > one["adjusted"].item()
    assert more["adjusted_low"].item() >= one["adjusted_low"].item()
    widths = [(x["adjusted_high"] - x["adjusted_low"]).item() for x in (one, large)]
    assert widths[1] < widths[0]


def test_more_deaths_than_can_be_known_is_said_and_not_clipped(cube):
    # Dead on the day of confirmation, with a delay of 18 days from onset: the delay does not fit.
    end = case_fatality(cube([50, 0, 0]), cube([0, 30, 0]), ONSET_TO_DEATH).isel(place=0, date=-1)
    assert not end["usable"].item()
    assert np.isnan(end["adjusted"].item())
    assert end["naive"].item() == pytest.approx(0.6)


def test_the_figures_that_warn_of_the_naive_rate_are_carried_by_the_table():
    naive = parameter("case_fatality_naive_example").value
    closed = parameter("case_fatality_closed_example").value
    adjusted = parameter("symptomatic_case_fatality")
    assert adjusted.high < naive < closed


def test_a_shorter_delay_means_more_known_and_a_lower_estimate(cube):
    cases, deaths = cube([10] * 40), cube([0] * 20 + [1] * 20)
    short, long = (
        case_fatality(cases, deaths, Gamma(mean=mean, sd=mean / 2)).isel(place=0, date=-1)
        for mean in (8, 18)
    )
    assert short["adjusted"].item() < long["adjusted"].item()
