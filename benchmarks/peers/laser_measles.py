"""laser-measles, compartmental model: stochastic SEIR, one age, dense gravity mixing. ``PLACES DAYS RUNS`` in, JSON out."""

import json
import sys
import time

import numpy as np
import polars as pl
from laser.measles.compartmental import CompartmentalModel, CompartmentalParams, components
from laser.measles.components import create_component
from laser.measles.mixing.gravity import GravityMixing, GravityParams


def model(places: int, days: int, seed: int) -> CompartmentalModel:
    """Build places with infections everywhere, R0 2.5."""
    rng = np.random.default_rng(20200123)
    frame = pl.DataFrame(
        {
            "id": [f"{i:05d}" for i in range(places)],
            "pop": rng.lognormal(12.8 if places > 1000 else 15.0, 0.8, places).astype(np.int64),
            "lat": rng.uniform(22.0, 45.0, places),
            "lon": rng.uniform(85.0, 130.0, places),
            "mcv1": np.zeros(places),
        }
    )
    params = CompartmentalParams(
        num_ticks=days, seed=seed, start_time="2020-01", show_progress=False
    )
    built = CompartmentalModel(frame, params)
    mixer = GravityMixing(params=GravityParams(a=1.0, b=1.0, c=1.5, k=0.01))
    course = components.InfectionParams(beta=0.5, exp_mu=3.2, inf_mu=5.0, mixer=mixer)
    seeds = components.InfectionSeedingParams(
        num_infections=20, target_patches=frame["id"].to_list()
    )
    built.add_component(create_component(components.InfectionSeedingProcess, seeds))
    built.add_component(create_component(components.InfectionProcess, course))
    return built


def main() -> None:
    """Run once to warm up, then time the runs and not the building."""
    places, days, runs = map(int, sys.argv[1:])
    wall, cpu, infected = 0.0, 0.0, 0.0
    for seed in range(runs + 1):
        built = model(places, days, seed + 1)
        _ = built.components  # the mixing matrix is made before the clock starts
        for part in built.instances:
            if hasattr(part, "mixing_matrix"):
                _ = part.mixing_matrix
        began, used = time.perf_counter(), time.process_time()
        built.run()
        if seed:
            wall += time.perf_counter() - began
            cpu += time.process_time() - used
            infected += float(built.patches.states.R.sum()) / runs
    cells = places * days * runs
    print(json.dumps({"cells": cells, "wall": wall, "cpu": cpu, "infected": infected}))


if __name__ == "__main__":
    main()
