"""From reports back to the people infected: known truth comes back, and what cannot be is refused."""

import numpy as np
import pytest
import xarray as xr
from tests.transmission.metapopulation.test_laws import lived

from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.metapopulation.compartments import E1, R, S
from tongchou.transmission.metapopulation.next_generation import infectious_days
from tongchou.transmission.metapopulation.run import simulate
from tongchou.transmission.metapopulation.start import generation_profile, start_from_reports
from tongchou.vocabulary.errors import BadParameter

ISOLATE = 0.15


@pytest.fixture(scope="module")
def epidemic(world):
    """Sixty days of two cities in which cases are isolated; their confirmed are the reports."""
    model = world(
        [3_000_000, 500_000], days=60, R=1.6, seeds=[80, 20], isolate=ISOLATE,
        timeline=xr.Dataset({"isolate": ISOLATE}),
    )  # fmt: skip
    told = simulate(model, replicates=1, seed=6, variables=["confirmed"], quantiles=[0.5])
    reports = told["confirmed_mean"]
    return model, reports, lived(model, seed=6)[-1]


def started(model, reports, **more):
    people = xr.DataArray(
        model.start[0].sum(axis=-1), {"place": list(model.places), "age": list(model.ages)}, ("place", "age")
    )  # fmt: skip
    intensity = model.world.home + model.world.school + model.world.work + model.world.other
    given = {"ascertainment": 0.36, "delay": 9, "variants": 40} | more
    return start_from_reports(
        reports, people, model.course, intensity, ForecastAssumptions.from_table(),
        isolate=ISOLATE, horizon=14, rng=np.random.default_rng(3), **given,
    )  # fmt: skip


def test_those_infected_now_are_found_again(epidemic):
    """The infected of every stage tonight, in both cities, lie within the draws."""
    model, reports, truth = epidemic
    start = started(model, reports)
    infected = start.state[..., E1:R].sum(("age", "compartment")).to_numpy()
    real = truth[..., E1:R].sum(axis=(1, 2))
    low, high = np.quantile(infected, [0.01, 0.99], axis=0)
    assert ((low <= real) & (real <= high)).all(), (low, real, high)


def test_states_hold_everybody_and_are_whole(epidemic):
    model, reports, _ = epidemic
    state = started(model, reports).state.to_numpy()
    assert (state >= 0).all()
    assert (state % 1 == 0).all()
    assert (state.sum(axis=-1) == model.start[0].sum(axis=-1)).all()
    assert (state[..., S] < state.sum(axis=-1)).any()


def test_a_case_infects_on_the_days_it_is_infectious(cold):
    from tongchou.transmission.metapopulation.course import course_of

    course = course_of(cold, fastest_isolation=ISOLATE)
    profile = generation_profile(course)
    assert profile.sum() == pytest.approx(1)
    assert (profile >= 0).all()
    days = 1 + np.arange(len(profile))
    assert 6 < profile @ days < 10  # latent 3.2 days, then 2 and 5 days infectious, geometric
    early = generation_profile(course, isolate=ISOLATE)
    assert early @ days < profile @ days
    assert infectious_days(course, isolate=ISOLATE)[0] < infectious_days(course)[0]


def test_what_cannot_be_is_refused(epidemic):
    model, reports, _ = epidemic
    for wrong in ({"delay": 90}, {"ascertainment": 0.0}):
        with pytest.raises(BadParameter, match="delay"):
            started(model, reports, **wrong)
    with pytest.raises(BadParameter, match="people"):
        started(model, reports.isel(place=[0]))
