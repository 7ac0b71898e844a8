"""Small worlds for the engine: one illness, equal contacts, places with and without links."""

from dataclasses import dataclass, field

import numpy as np
import pytest
import xarray as xr

from tongchou.transmission.metapopulation.course import course_of
from tongchou.transmission.metapopulation.model import Model, build_model
from tongchou.transmission.metapopulation.next_generation import transmissibility
from tongchou.transmission.metapopulation.world import Layer

AGES = (0, 60)
INTENSITY = {"home": 3.0, "school": 2.0, "work": 4.0, "other": 5.0}
MIXING = np.array([[1.2, 0.8], [0.8, 1.4]])


@dataclass(frozen=True, kw_only=True)
class Cold:
    """An illness made up for tests."""

    latent_days: float = 3.2
    presymptomatic_days: float = 2.0
    symptomatic_days: float = 5.0
    subclinical_days: float = 5.0
    ward_days: float = 10.0
    icu_days: float = 8.0
    waiting_days: float = 8.0
    no_icu_days: float = 4.0
    clinical: np.ndarray = field(default_factory=lambda: np.full(2, 0.6))
    severe: np.ndarray = field(default_factory=lambda: np.full(2, 0.2))
    critical: np.ndarray = field(default_factory=lambda: np.full(2, 0.25))
    ward_death: np.ndarray = field(default_factory=lambda: np.full(2, 0.02))
    icu_death: np.ndarray = field(default_factory=lambda: np.full(2, 0.4))
    no_icu_death: np.ndarray = field(default_factory=lambda: np.full(2, 0.9))
    no_bed_death: np.ndarray = field(default_factory=lambda: np.full(2, 0.5))
    presymptomatic_infectiousness: float = 1.0
    subclinical_infectiousness: float = 0.5
    isolated_infectiousness: float = 0.0
    ward_infectiousness: float = 0.0
    susceptibility: np.ndarray = field(default_factory=lambda: np.full(2, 1.0))


@pytest.fixture(scope="session")
def cold() -> Cold:
    return Cold()


@pytest.fixture(scope="session")
def world():
    """Give a maker of models: ``world([1000, 2000], days=60, R=2.5, seeds=[10, 0], illness=…, …)``."""

    def make(
        people,
        days=60,
        R=2.5,
        seeds=None,
        illness=None,
        mixing=MIXING,
        steps=1,
        isolate=0.0,
        **more,
    ) -> Model:
        illness = illness or Cold()
        course = course_of(illness, steps=steps, fastest_isolation=isolate)
        intensity = {k: v * mixing for k, v in INTENSITY.items()}
        counts = np.asarray(people, dtype=float)
        if counts.ndim == 1:
            counts = np.stack([np.floor(counts * 0.7), counts - np.floor(counts * 0.7)], axis=1)
        names = [f"{i:03d}" for i in range(len(counts))]
        everybody = xr.DataArray(counts, {"place": names, "age": list(AGES)}, ("place", "age"))
        return build_model(
            everybody,
            intensity,
            course,
            dates=np.datetime64("2020-01-01") + np.arange(days),
            transmissibility=transmissibility(
                R, course, sum(intensity.values()), counts.sum(axis=0), steps=steps
            ),
            seeds=None
            if seeds is None
            else xr.DataArray(np.asarray(seeds, float), {"place": names}, ("place",)),
            steps=steps,
            **more,
        )

    return make


@pytest.fixture(scope="session")
def links():
    """Give a maker of layers from shares of time (origin, destination) without brakes."""

    def make(shares, people, days) -> Layer:
        shares = np.asarray(shares, dtype=float)
        n = len(shares)
        stay = 1 - shares.sum(axis=1)
        present = stay * people + shares.T @ people
        start = np.cumsum([0, *(shares > 0).sum(axis=1)])
        one = np.ones((days, n), np.float32)
        return Layer(
            start=start,
            place=np.nonzero(shares)[1],
            share=shares[shares > 0],
            leave=one,
            enter=one,
            stay=np.tile(stay, (days, 1)).astype(np.float32),
            present=np.tile(present, (days, 1)).astype(np.float32),
        )

    return make
