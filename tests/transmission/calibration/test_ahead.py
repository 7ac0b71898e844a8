"""Those who come infected, and counts that will be reported."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from tongchou.transmission.calibration.ahead import pipeline, report_ahead
from tongchou.transmission.calibration.members import live_members
from tongchou.transmission.calibration.smoother import calibrate
from tongchou.transmission.metapopulation.chance import EXPECTED
from tongchou.transmission.metapopulation.model import build_model
from tongchou.transmission.metapopulation.run import simulate
from tongchou.vocabulary.errors import BadParameter

AHEAD = 21


@pytest.fixture(scope="module")
def found(country, beliefs, twin):
    return calibrate(
        country.model, twin.counts, groups=country.groups, sources=country.sources,
        seeds=country.seeds, delay=country.delay, beliefs=beliefs, members=40, rounds=2,
        ahead=AHEAD, rng=np.random.default_rng(5),
    )  # fmt: skip


@pytest.fixture(scope="module")
def model(found, country):
    dates = found.model.dates[-1] + np.arange(1, 15)
    world = country.model.world
    start = found.start(rng=np.random.default_rng(1))
    return build_model(
        start.isel(variant=0).sum("compartment"),
        dict(zip(("home", "school", "work", "other"), world[1:5], strict=True)),
        country.model.course,
        dates=dates,
        transmissibility=float(country.model.factor[0, 0]),
        state=start,
        scale=found.scale(dates),
        groups={p: p for p in country.model.places},
    )


def ahead(found, model, **more):
    given = {"replicates": 80, "areas": {"all": model.places}, "quantiles": (0.025, 0.5, 0.975)}
    return report_ahead(found, model, seed=3, **(given | more))


def test_counts_ahead_are_on_average_what_expectation_gives(found, model):
    """80 futures of 40 draws: infections nearly as the deterministic limit, counts unbiased; the mean differs by 10 % at most."""
    _, mean = ahead(found, model, replicates=400)
    _, arriving = live_members(
        model, model.start.copy(), model.scale, np.ones((40, len(model.places))),
        np.repeat(found.delay[-1:], 14, axis=0), mode=EXPECTED,
    )  # fmt: skip
    share = found.reported_share(model.dates)[..., found.model.group]
    expected = ((arriving + pipeline(found, model.dates)) * share).sum(axis=2).mean(axis=0)
    np.testing.assert_allclose(mean.sel(place="all"), expected, rtol=0.1)


def test_a_replicate_is_the_same_whatever_the_threads_and_the_number(found, model):
    one, _ = ahead(found, model)
    two, _ = ahead(found, model, threads=2)
    np.testing.assert_array_equal(one, two)


def test_infections_are_those_of_the_engine(found, model):
    told = simulate(model, replicates=40, seed=3, threads=1, variables=("infections",))
    lived, _ = live_members(
        model, model.start.copy(), model.scale, np.ones((40, len(model.places))),
        np.repeat(found.delay[-1:], 14, axis=0), mode=0, seed=3,
    )  # fmt: skip
    np.testing.assert_allclose(told["infections_mean"].to_numpy().T, lived.mean(axis=0), rtol=1e-5)


def test_places_add_up_to_an_area_and_bands_are_in_order(found, model):
    levels, mean = ahead(found, model)
    total = mean.sel(place=list(model.places)).sum("place")
    np.testing.assert_allclose(mean.sel(place="all"), total, rtol=1e-5)
    assert (levels.diff("quantile") >= 0).all()


def test_the_pipeline_holds_what_is_infected_and_not_reported(found):
    """Over enough days the reports of all infections have come: those before the last day and those in the pipeline."""
    dates = found.model.dates[-1] + np.arange(1, found.delay.shape[1] + 1)
    whole = found.arriving.sum(axis=1) + pipeline(found, dates).sum(axis=1)
    np.testing.assert_allclose(whole, found.infections.sum(axis=1), rtol=1e-3)


def test_R_and_the_share_are_drawn_for_the_days_ahead(found):
    length = len(found.model.dates) + AHEAD
    assert found.parameters.log_reproduction.shape[1] == length
    assert found.parameters.reporting.shape[1] == length
    last, later = (
        np.log(found.scale(found.model.dates[-1:] + k)).std("variant") for k in (0, AHEAD)
    )
    assert (
        later.to_numpy() > last.to_numpy()
    ).mean() > 0.9  # R drifts: nobody knows it better later


def arrivals(country, daily):
    labels = {"place": list(country.model.places), "date": country.model.dates.astype("datetime64[ns]")}  # fmt: skip
    shape = (len(country.model.places), len(country.model.dates))
    return xr.DataArray(np.broadcast_to(daily, shape).astype(float), labels, ("place", "date"))


def test_arrivals_are_counted_and_nobody_is_lost(country):
    still = replace(country.model, factor=country.model.factor * 0)
    places, days = len(still.places), len(still.dates)
    start = np.repeat(still.start[:1], 2, axis=0)
    start[..., 0], start[..., 1:] = start.sum(axis=-1), 0.0
    people = start.sum(axis=-1).copy()
    infections, _ = live_members(
        still, start, np.ones((2, days, still.group.max() + 1)), np.ones((2, places)),
        np.tile([[0.0, 1.0]], (days, 1)), mode=EXPECTED,
        brought=(np.full((days, places), 3.0), np.array([[1.0], [2.0]]) * np.ones(places)),
    )  # fmt: skip
    np.testing.assert_allclose(start.sum(axis=-1), people, rtol=1e-9)
    np.testing.assert_allclose(infections[0], 3.0, rtol=1e-5)
    np.testing.assert_allclose(infections[1], 6.0, rtol=1e-5)


def test_how_many_came_infected_comes_back(country, beliefs):
    """No transmission to speak of and all reported: counts are arrivals, three times the median, which the fit must find."""
    certain = replace(
        beliefs, reproduction=0.02, reporting=0.95, reporting_sd=0.01, reporting_step_sd=0.01,
        reporting_group_sd=0.01, break_on=None, reporting_from=None, reporting_to=None,
    )  # fmt: skip
    dates = country.model.dates.astype("datetime64[ns]")
    counts = xr.DataArray(
        np.full((len(country.model.places), len(dates)), 0.95 * 3.0),
        {"place": list(country.model.places), "date": dates}, ("place", "date"),
    ).isel(date=slice(20, None))  # fmt: skip
    found = calibrate(
        country.model, counts, groups=country.groups, sources=(), seeds={},
        arrivals=arrivals(country, 1.0), delay=country.delay, beliefs=certain,
        members=100, rounds=4, rng=np.random.default_rng(2),
    )  # fmt: skip
    factors = np.median(np.exp(found.parameters.seeds), axis=0)
    assert np.median(factors) == pytest.approx(3.0, rel=0.2)


@pytest.mark.parametrize("daily", [-1.0, np.nan, 0.0, 1e9])
def test_arrivals_that_cannot_be_are_refused(country, beliefs, twin, daily):
    with pytest.raises(BadParameter, match=r"arrivals|seeds"):
        calibrate(
            country.model, twin.counts, groups=country.groups, sources=country.sources, seeds={},
            arrivals=arrivals(country, daily), delay=country.delay, beliefs=beliefs,
            rng=np.random.default_rng(1),
        )  # fmt: skip


def test_arrivals_of_other_days_are_refused(country, beliefs, twin):
    late = arrivals(country, 1.0).isel(date=slice(1, None))
    with pytest.raises(BadParameter, match="arrivals"):
        calibrate(
            country.model, twin.counts, groups=country.groups, sources=country.sources, seeds={},
            arrivals=late, delay=country.delay, beliefs=beliefs, rng=np.random.default_rng(1),
        )  # fmt: skip
