"""MEmilio, graph of ODE-SECIR models: deterministic, four ages, daily exchange along links. ``PLACES DAYS RUNS`` in, JSON out."""

import json
import sys
import time

import memilio.simulation as mio
import numpy as np
from memilio.simulation import osecir

LINKS, AGES = 30, 4
SHARES = np.array([0.22, 0.3, 0.3, 0.18])


def place(people: float) -> osecir.Model:
    """Build one place: stages of the illness, severe and critical cases, twenty infected."""
    built = osecir.Model(AGES)
    state = osecir.InfectionState
    built.parameters.ContactPatterns.cont_freq_mat[0] = mio.ContactMatrix(
        np.full((AGES, AGES), 2.0)
    )
    for a in range(AGES):
        age, p = mio.AgeGroup(a), built.parameters
        p.TimeExposed[age], p.TimeInfectedNoSymptoms[age] = 3.2, 2.3
        p.TimeInfectedSymptoms[age], p.TimeInfectedSevere[age] = 2.9, 11.0
        p.TimeInfectedCritical[age] = 10.0
        p.TransmissionProbabilityOnContact[age] = 0.07
        p.RelativeTransmissionNoSymptoms[age] = 1.0
        p.RecoveredPerInfectedNoSymptoms[age] = 0.5
        p.RiskOfInfectionFromSymptomatic[age] = 1.0
        p.MaxRiskOfInfectionFromSymptomatic[age] = 1.0
        p.SeverePerInfectedSymptoms[age], p.CriticalPerSevere[age] = 0.07, 0.15
        p.DeathsPerCritical[age] = 0.5
        built.populations[age, state.Exposed] = 5.0
        built.populations.set_difference_from_group_total_AgeGroup(
            (age, state.Susceptible), float(np.floor(people * SHARES[a]))
        )
    built.apply_constraints()
    return built


def graph(places: int) -> osecir.MobilityGraph:
    """Build the places with thirty links each, along which 9 % go for half a day."""
    rng = np.random.default_rng(20200123)
    total = rng.lognormal(12.8 if places > 1000 else 15.0, 0.8, places)
    built = osecir.MobilityGraph()
    cells = 0
    for i, people in enumerate(total):
        model = place(float(people))
        cells = model.populations.numel()
        built.add_node(i, model, 0.0, 0.5)
    for i in range(places):
        for j in rng.choice(np.delete(np.arange(places), i), LINKS, replace=False):
            built.add_edge(i, int(j), mio.MobilityParameters(np.full(cells, 0.09 / LINKS)))
    return built


def main() -> None:
    """Run some days to warm up, then time the runs and not the building."""
    places, days, runs = map(int, sys.argv[1:])
    mio.set_log_level(mio.LogLevel.Off)
    osecir.MobilitySimulation(graph(10 + LINKS), 0.0, dt=0.5).advance(5)
    wall, cpu, infected = 0.0, 0.0, 0.0
    for _ in range(runs):
        built = osecir.MobilitySimulation(graph(places), 0.0, dt=0.5)
        began, used = time.perf_counter(), time.process_time()
        built.advance(days)
        wall += time.perf_counter() - began
        cpu += time.process_time() - used
        for i in range(places):
            last = built.graph.get_node(i).property.result.get_last_value()
            infected += float(last.reshape(AGES, -1)[:, 8:].sum()) / runs
    cells = places * AGES * days * runs
    print(json.dumps({"cells": cells, "wall": wall, "cpu": cpu, "infected": infected}))


if __name__ == "__main__":
    main()
