"""Few infect many: the offspring of one case, extinction, and what must not change."""

import numpy as np
import pytest
import xarray as xr
from scipy import stats
from scipy.optimize import brentq

from tongchou.transmission.metapopulation.compartments import (
    CLINICAL,
    DISPERSION,
    E1,
    E2,
    INFECTIONS,
    MOVE,
    SUBSTEPS,
    TOLD,
    I,
    P,
    R,
    S,
    U,
)
from tongchou.transmission.metapopulation.course import course_of
from tongchou.transmission.metapopulation.disease import disease
from tongchou.transmission.metapopulation.gamma import gamma
from tongchou.transmission.metapopulation.kernel import live, where_ill
from tongchou.transmission.metapopulation.next_generation import infectious_days, infectious_moments
from tongchou.transmission.metapopulation.run import simulate
from tongchou.transmission.metapopulation.streams import open_stream
from tongchou.transmission.metapopulation.superspreading import dispersed, dispersion_of_stays
from tongchou.vocabulary.compiled import compiled
from tongchou.vocabulary.errors import BadParameter

ALIKE = np.ones((2, 2))
PEOPLE = 10_000_000
"""So many that hardly anybody is met twice."""


@compiled()
def gammas(shape, size, seed):
    out = np.empty(size)
    for i in range(size):
        start, step = open_stream(seed, i, 3, 4, 3)
        out[i] = gamma(shape, start, step, 0)
    return out


@pytest.mark.parametrize("shape", [0.02, 0.3, 1.0, 1.7, 12.0, 4_000.0])
def test_draws_are_gamma(shape):
    """Kolmogorov–Smirnov of 100,000 draws, and the mean within four standard errors."""
    found = gammas(shape, 100_000, np.uint64(5))
    if shape < 0.1:  # what is too little to be a number is nought
        assert (found == 0).mean() == pytest.approx(stats.gamma.cdf(1e-304, shape), abs=4e-3)
        found = found[found > 0]
        law = stats.gamma(shape)
        below = law.cdf(1e-304)
        assert stats.kstest((law.cdf(found) - below) / (1 - below), "uniform").pvalue > 1e-3
        return
    assert stats.kstest(found, stats.gamma(shape).cdf).pvalue > 1e-3
    assert found.mean() == pytest.approx(shape, abs=4 * np.sqrt(shape / 100_000))


def days_lived(model, days, alone):
    """Live one replicate whose places know nothing of each other; give all infections by place, and the state.

    With ``alone`` those newly infected are taken out at once: what is told are the offspring of the first.
    """
    state = model.start[0].copy()
    places, ages = state.shape[:2]
    told, scratch, flags = np.zeros((places, TOLD)), np.zeros((3, places, ages)), np.zeros((2, places), bool)  # fmt: skip
    where_ill(state, flags[0])
    offspring = np.zeros(places)
    for day in range(days):
        before = state[..., S].copy()
        live(
            state, day, model.factor[day], model.world, model.days, model.commute, model.travel,
            model.course, model.steps, np.uint64(3), np.uint64(0), 0, told, scratch, flags,
        )  # fmt: skip
        offspring += told[:, INFECTIONS]
        if alone:
            fresh = before - state[..., S]
            state[..., E1] -= fresh
            state[..., R] += fresh
    return offspring, state


@pytest.fixture(scope="module", params=[0.1, 0.5])
def offspring(request, world):
    """Give k, and how many each of 20,000 single cases infects with R = 2."""
    size = 20_000
    model = world(
        np.full(size, PEOPLE), days=90, R=2.0, seeds=np.ones(size), mixing=ALIKE, dispersion=request.param
    )  # fmt: skip
    found, state = days_lived(model, 90, alone=True)
    assert state[..., E1:U].sum() == 0
    return request.param, found


def test_one_case_has_the_mean_and_dispersion_asked_for(offspring):
    """Mean R and variance R + R² / k, each within four standard errors of the sample."""
    k, found = offspring
    size = len(found)
    variance = 2 + 4 / k
    assert found.mean() == pytest.approx(2.0, abs=4 * np.sqrt(variance / size))
    fourth = ((found - found.mean()) ** 4).mean()
    assert found.var() == pytest.approx(variance, abs=4 * np.sqrt((fourth - variance**2) / size))


def test_as_many_infect_nobody_as_the_negative_binomial_says(offspring):
    """Given the days it is negative binomial; over all cases a mixture, a hair's breadth from it."""
    k, found = offspring
    law = stats.nbinom(k, k / (k + 2.0))
    assert (found == 0).mean() == pytest.approx(law.pmf(0), abs=0.03)
    top = np.sort(found)[::-1]
    by_law = np.sort(law.rvs(200_000, random_state=1))[::-1]
    share, expected = (x[: len(x) // 5].sum() / x.sum() for x in (top, by_law))
    assert share == pytest.approx(expected, abs=0.03)


def days_of_one(course, rng, size):
    """Draw the weighted infectious days of one case by the discrete course alone."""
    cut = int(course[SUBSTEPS + P, 0])
    enters = sum(rng.geometric(course[MOVE + c, 0], size) for c in (E1, E2))
    leaves = enters + rng.geometric(course[MOVE + P, 0], size)
    seen = (leaves - 1) // cut - (enters - 1) // cut
    later = rng.geometric(course[MOVE + I, 0], size)
    return np.where(rng.random(size) < course[CLINICAL, 0], seen + later, 0.5 * later)


def test_moments_of_the_infectious_days_are_those_of_drawn_ones(cold):
    course = course_of(cold)
    mean, variance = infectious_moments(course)
    assert mean == pytest.approx(infectious_days(course), rel=1e-12)
    drawn = days_of_one(course, np.random.default_rng(3), 400_000)
    assert drawn.mean() == pytest.approx(mean[0], rel=5e-3)
    assert drawn.var() == pytest.approx(variance[0], rel=1e-2)


@pytest.mark.parametrize("k", [0.1, 0.5])
def test_single_cases_die_out_as_often_as_the_branching_process(world, k):
    """Least root of q = E (1 + R (1 − q) / (κ E D))^(−κ D), and near it that of the negative binomial."""
    size = 2_000
    model = world(
        np.full(size, PEOPLE), days=120, R=1.7, seeds=np.ones(size), mixing=ALIKE, dispersion=k
    )
    _, state = days_lived(model, 120, alone=False)
    ended = (state[..., E1:R].sum(axis=(1, 2)) == 0).mean()
    daily, mean = model.course[DISPERSION, 0], infectious_moments(model.course)[0][0]
    drawn = days_of_one(model.course, np.random.default_rng(1), 100_000)

    def left(q):
        return np.mean((1 + 1.7 * (1 - q) / (daily * mean)) ** (-daily * drawn)) - q

    root = brentq(left, 0, 1 - 1e-6)
    assert ended == pytest.approx(root, abs=4 * np.sqrt(root * (1 - root) / size))
    published = brentq(lambda q: (1 + 1.7 * (1 - q) / k) ** -k - q, 0, 1 - 1e-6)
    assert root == pytest.approx(published, abs=0.03)


def test_even_cases_are_the_run_without(world):
    """K without limit, and any k that the stays alone undercut, change nothing and say so."""
    without, even, high = (
        world([80_000], days=40, R=2.5, seeds=[3], dispersion=k) for k in (None, np.inf, 1e9)
    )
    first = simulate(without, replicates=16, seed=5)
    for model in (even, high):
        xr.testing.assert_identical(simulate(model, replicates=16, seed=5), first)
    assert not without.notes
    assert not even.notes
    assert "1,000,000,000" in high.notes[0]["en"] or "1e" in high.notes[0]["en"]


def test_without_chance_nothing_is_uneven(world):
    one, other = (
        simulate(world([80_000], days=40, seeds=[3], dispersion=k), replicates=1, mode="expected")
        for k in (None, 0.1)
    )
    xr.testing.assert_identical(one, other)


def test_a_large_epidemic_has_the_same_size(world):
    """With 2,000 seeds luck evens out: the mean final size of 24 futures within half a percent."""
    sizes = [
        simulate(
            world([1_000_000], days=250, R=1.8, seeds=[2000], dispersion=k), replicates=24, seed=2
        )["infections_mean"].sum()
        for k in (None, 0.2)
    ]
    assert float(sizes[1]) == pytest.approx(float(sizes[0]), rel=5e-3)


def test_steps_of_a_day_share_out_its_unevenness(cold):
    """κ E[D] is what k asks for, however a day is cut."""
    for steps in (1, 4):
        course = course_of(cold, steps=steps)
        mean, variance = infectious_moments(course, steps=steps)
        daily = dispersed(course, 0.3, steps=steps)[DISPERSION] * steps
        assert 1 / (daily * mean) + variance / mean**2 == pytest.approx(1 / 0.3)


def test_threads_do_not_matter(world, links):
    people = np.array([400_000.0, 90_000.0])
    model = world(
        people, days=50, R=3, seeds=[30, 0], commute=links([[0, 0.02], [0.05, 0]], people, 50),
        dispersion=0.2,
    )  # fmt: skip
    one, eight = (simulate(model, replicates=80, seed=4, threads=t) for t in (1, 8))
    xr.testing.assert_identical(one, eight)


def test_a_place_split_in_two_is_as_uneven_as_the_whole(world, links):
    """Draws of the halves sum to one of the whole: the same law, not the same futures."""
    days = 45
    whole = world([200_000], days=days, R=2.5, seeds=[40], mixing=ALIKE, dispersion=0.15)
    people = np.array([100_000.0, 100_000.0])
    even = links([[0, 0.5], [0.5, 0]], people, days)
    parts = world(
        people, days=days, R=2.5, seeds=[20, 20], mixing=ALIKE, commute=even, travel=even, dispersion=0.15,
        timeline=xr.Dataset({"home": 0.0, "school": 0.0, "transmissibility": 14 / 9}),
    )  # fmt: skip
    ends = []
    for model in (whole, parts):
        told = simulate(
            model, replicates=512, areas={"all": model.places}, units=False, seed=3,
            quantiles=(0.1, 0.25, 0.5, 0.75, 0.9),
        )  # fmt: skip
        ends.append(told["infections"].isel(date=-1, place=0).values)
    assert ends[1] == pytest.approx(ends[0], rel=0.15)


def test_k_of_the_table_is_below_what_stays_alone_bring():
    for name in ("covid2020", "influenza", "sars2003"):
        illness = disease(name)
        assert illness.dispersion < dispersion_of_stays(course_of(illness)).min()
    # Lloyd-Smith and others 2005: of SARS the most uneven fifth caused four fifths of all infections.
    assert disease("sars2003").dispersion < disease("covid2020").dispersion


@pytest.mark.parametrize("k", [0.0, -1.0, float("nan")])
def test_an_impossible_dispersion_is_refused(world, k):
    with pytest.raises(BadParameter, match="dispersion"):
        world([1000], days=2, dispersion=k)
