"""epydemix: stochastic, four ages, one population at a time. ``PLACES DAYS RUNS`` in, JSON out."""

import json
import sys
import time

import numpy as np
import pandas as pd
from epydemix import EpiModel
from epydemix.population import Population

STAGES = ("S", "E1", "E2", "P", "A", "I", "H", "C", "R", "D")
MOVES = (
    ("E1", "E2", 0.625), ("E2", "P", 0.31), ("E2", "A", 0.31), ("P", "I", 0.43), ("A", "R", 0.2),
    ("I", "R", 0.33), ("I", "H", 0.02), ("H", "R", 0.09), ("H", "C", 0.01), ("C", "R", 0.05), ("C", "D", 0.05),
)  # fmt: skip
AGES = ("0", "20", "40", "60")


def model(people: np.ndarray) -> EpiModel:
    """Build one population with the stages of a respiratory illness, no beds."""
    built = EpiModel(compartments=list(STAGES), parameters={"beta": 0.05})
    population = Population(name="one")
    population.add_population(Nk=people, Nk_names=list(AGES))
    population.add_contact_matrix(np.full((4, 4), 2.5), layer_name="all")
    built.set_population(population)
    for agent in ("P", "A", "I"):
        built.add_transition("S", "E1", kind="mediated", params=("beta", agent))
    for source, target, rate in MOVES:
        built.add_transition(source, target, kind="spontaneous", params=rate)
    return built


def main() -> None:
    """Run once to warm up, then one place after another."""
    places, days, runs = map(int, sys.argv[1:])
    rng = np.random.default_rng(20200123)
    total = rng.lognormal(12.8 if places > 1000 else 15.0, 0.8, places)
    end = pd.Timestamp("2020-01-01") + pd.Timedelta(days=days - 1)
    wall, cpu, infected = 0.0, 0.0, 0.0
    for k, people in enumerate([total[0], *total]):
        counts = np.floor(people * np.array([0.22, 0.3, 0.3, 0.18]))
        start = {s: np.zeros(4) for s in STAGES}
        start["E1"] = np.full(4, 5.0)
        start["S"] = counts - 5.0
        built = model(counts)
        began, used = time.perf_counter(), time.process_time()
        found = built.run_simulations(
            start_date="2020-01-01", end_date=end, initial_conditions_dict=start, Nsim=runs, rng=k
        )
        if k:
            wall += time.perf_counter() - began
            cpu += time.process_time() - used
            infected += float(counts.sum() - found.trajectories[0].compartments["S_total"][-1])
    cells = places * 4 * days * runs
    print(json.dumps({"cells": cells, "wall": wall, "cpu": cpu, "infected": infected}))


if __name__ == "__main__":
    main()
