"""The two nations that the engine is timed on: an epidemic as it was, and everywhere burning.

People are drawn: as many as in a prefecture (lognormal, median 3.3 million) for up to 1,000 places, as in a county
(median 360,000) for more. Run with ``first`` or ``peak`` it does one thing for :mod:`.bench_engine` in a fresh process.
"""

import sys
import time

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.metapopulation.ages import FOUR
from tongchou.transmission.metapopulation.contacts import (
    contacts,
    group_people,
    intensities,
    reference_people,
)
from tongchou.transmission.metapopulation.course import course_of
from tongchou.transmission.metapopulation.disease import disease
from tongchou.transmission.metapopulation.model import Model, build_model
from tongchou.transmission.metapopulation.next_generation import transmissibility
from tongchou.transmission.metapopulation.run import simulate
from tongchou.transmission.metapopulation.world import Layer

Floats = npt.NDArray[np.float64]

AS_IT_WAS, BURNING = "an epidemic as it was", "everywhere burning"
DAYS, LINKS = 180, 30
EIGHT = (0, 10, 20, 30, 40, 50, 60, 70)
R0, CUT_ON, KEPT = 2.5, 25, 0.3
"""Reproduction number, day of the measures, share of contacts at school, work and elsewhere that they leave."""
COMMUTERS, TRAVELLERS = 0.08, 0.01
HUB_SEEDS, SEEDS_EACH = 1200.0, 20.0
EACH_CATCHMENT = 8
BEDS, ICU_BEDS = 4.6e-3, 4e-5
"""Places in a catchment; beds a person."""


def scene(
    name: str,
    places: int,
    *,
    ages: tuple[int, ...] = FOUR,
    links: int = LINKS,
    days: int = DAYS,
    county: bool | None = None,
) -> Model:
    """Build a nation with two layers of links, measures by day and hospitals by catchment."""
    rng = np.random.default_rng(20200123)
    small = places > 1000 if county is None else county
    total = rng.lognormal(12.8 if small else 15.0, 0.8, places)
    share = group_people(reference_people(), ages).to_numpy()
    counts = np.floor(total[:, None] * share / share.sum())
    names = [f"{i:05d}" for i in range(places)]
    people = xr.DataArray(counts, {"place": names, "age": list(ages)}, ("place", "age"))
    matrix = intensities(contacts(ages), reference_people())
    met = {str(s): matrix.sel(setting=s).to_numpy() for s in matrix["setting"].to_numpy()}
    course = course_of(disease("covid2020", ages), fastest_isolation=0.25, fastest_tracing=0.1)
    burning = name == BURNING
    seeds = np.full(places, SEEDS_EACH) if burning else np.zeros(places)
    if not burning:
        seeds[np.argmax(total)] = HUB_SEEDS
    catchments = {p: f"c{i // EACH_CATCHMENT:04d}" for i, p in enumerate(names)}
    hospitals = sorted(set(catchments.values()))
    served = np.add.reduceat(counts.sum(1), np.arange(0, places, EACH_CATCHMENT))
    where = {"catchment": hospitals}
    dates = np.datetime64("2020-01-01") + np.arange(days)
    return build_model(
        people,
        met,
        course,
        dates=dates,
        transmissibility=transmissibility(R0, course, sum(met.values()), counts.sum(axis=0)),
        seeds=xr.DataArray(seeds, {"place": names}, ("place",)),
        timeline=_timeline(dates, 1.0 if burning else KEPT),
        commute=_layer(counts.sum(1), links, days, COMMUTERS, rng),
        travel=_layer(counts.sum(1), links, days, TRAVELLERS, rng),
        catchments=catchments,
        beds=xr.DataArray(np.floor(BEDS * served), where, ("catchment",)),
        icu_beds=xr.DataArray(np.floor(ICU_BEDS * served), where, ("catchment",)),
    )


def _timeline(dates: npt.NDArray[np.datetime64], kept: float) -> xr.Dataset:
    late = (np.arange(len(dates)) >= CUT_ON) & (kept < 1)
    rows = dict.fromkeys(("school", "work", "other"), np.where(late, kept, 1.0))
    rows |= {"isolate": np.where(late, 0.25, 0.12), "trace": np.where(late, 0.1, 0.02)}
    rows["traced"] = np.where(late, 0.1, 0.02)
    return xr.Dataset({k: ("date", v) for k, v in rows.items()}, {"date": dates})


def _layer(people: Floats, links: int, days: int, out: float, rng: np.random.Generator) -> Layer:
    """Give every place the same number of links to places drawn by their people, half braked from day 30."""
    n = len(people)
    chosen = np.argpartition(rng.exponential(size=(n, n)) / people, links, axis=1)[:, :links]
    place = np.sort(chosen, axis=1)
    share = rng.gamma(0.5, 1.0, (n, links)) * people[place]
    share *= out / share.sum(axis=1, keepdims=True)
    brake = np.where(np.arange(days) < 30, 1.0, 0.5)[:, None] * np.ones(n)
    shut = brake * brake  # at the origin and at the destination
    here = np.bincount(place.ravel(), (share * people[:, None]).ravel(), n)
    return Layer(
        start=np.arange(n + 1) * links,
        place=place.ravel(),
        share=share.ravel(),
        leave=brake.astype(np.float32),
        enter=brake.astype(np.float32),
        stay=(1 - out * shut).astype(np.float32),
        present=(people * (1 - out * shut) + here * shut).astype(np.float32),
    )


def main() -> None:
    """Do one thing in this process: ``first`` times the first call, ``peak`` lives 100 futures of 2,900 × 8."""
    if sys.argv[1] == "first":
        model = scene(BURNING, 4, links=2, days=2)
        began, used = time.perf_counter(), time.process_time()
        simulate(model, replicates=1, threads=1)
        print(time.perf_counter() - began, time.process_time() - used)
    else:
        simulate(scene(AS_IT_WAS, 2_900, ages=EIGHT), replicates=100, mode="hybrid")


if __name__ == "__main__":
    main()
