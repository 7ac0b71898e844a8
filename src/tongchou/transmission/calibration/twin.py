"""Twin experiments: an epidemic drawn from the beliefs by the engine itself, whose truth must come back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy import sparse

from tongchou.transmission.calibration.members import live_members, whole_persons
from tongchou.transmission.calibration.observation import delay_table, infection_to_report
from tongchou.transmission.calibration.priors import Beliefs, Latents, Parameters, numbers_of
from tongchou.transmission.calibration.seeds import seeded_places, starts_of
from tongchou.transmission.metapopulation.chance import EXACT
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
from tongchou.transmission.mobility.links import make_links
from tongchou.vocabulary.distributions import Gamma, daily_probabilities

Floats = npt.NDArray[np.float64]

AGES = (0, 60)
TRIES = 500
FEWEST, MOST = 500, 300_000
"""Reported cases of an epidemic that is worth fitting: neither died out at once nor through with everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """An epidemic whose truth is known: ``counts`` (place, date) and what made them, as one member."""

    counts: xr.DataArray
    truth: Parameters
    infections: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A made-up country: the first group is the source of all epidemics."""

    model: Model
    groups: Mapping[str, str]
    sources: tuple[str, ...]
    seeds: Mapping[str, float]
    delay: Floats

    def epidemic(self, beliefs: Beliefs, *, quiet: int = 20, rng: np.random.Generator) -> Twin:
        """Draw parameters from the beliefs, let one epidemic happen by exact chance, and report it.

        Counts of a group and day share a gamma factor of mean 1 and variance 1 / k, and those of
        places are Poisson, so that the group's are negative-binomial with dispersion k. The first
        ``quiet`` days are not reported. Epidemics of too few or too many cases are drawn again.
        """
        names, group = numbers_of(self.groups, self.model.places)
        model = replace(self.model, group=group)
        start, seeds = seeded_places(model, self.seeds)
        days, table = len(model.dates), delay_table(self.delay, model.dates)
        calm = np.full((days, len(names)), 1e12)
        latents = Latents(beliefs, model.dates, names, self.sources, group, seeds.seeded, calm)
        for _ in range(TRIES):
            truth = latents.parameters(rng.standard_normal((latents.size, 1)))
            state = whole_persons(starts_of(start, seeds, truth), rng)
            infections, arriving = live_members(
                model,
                state,
                np.exp(truth.log_reproduction),
                np.exp(truth.place),
                table,
                mode=EXACT,
                seed=int(rng.integers(1 << 30)),
            )
            k = beliefs.dispersion
            shared = rng.gamma(k, 1 / k, (days, len(names)))
            counts = rng.poisson(arriving[0] * (truth.reporting[0] * shared)[:, group])[quiet:]
            some = FEWEST < counts.sum() < MOST
            if some and infections.sum() < 0.3 * model.people.sum():
                break
        labels = {
            "place": list(model.places),
            "date": model.dates[quiet:].astype("datetime64[ns]"),
        }
        return Twin(
            counts=xr.DataArray(counts.T.astype(float), labels, ("place", "date")),
            truth=truth,
            infections=infections,
        )


def small_country(places: int, days: int, *, rng: np.random.Generator) -> Country:
    """Make a country: a city of ten million, places near it, and two provinces further away."""
    people = np.round(np.exp(rng.normal(np.log(2e6), 0.7, places)))
    people[0] = 1e7
    third = (places - 1) // 3
    group = ["source", *["near"] * third, *["east"] * third, *["west"] * (places - 1 - 2 * third)]
    names = [f"{i:06d}" for i in range(places)]
    time_away = np.zeros((places, places))
    toward = people[1:] * np.where(np.array(group[1:]) == "near", 3, 1)
    time_away[0, 1:] = 0.06 * toward / toward.sum()
    for i in range(1, places):
        others = people * (np.arange(places) != i)
        time_away[i] = 0.02 * others / others.sum()
    course = course_of(disease("covid2020", AGES))
    by_setting = intensities(contacts(AGES), reference_people())
    intensity = {
        str(s): k.to_numpy()
        for s, k in zip(by_setting["setting"].to_numpy(), by_setting, strict=True)
    }
    usual = group_people(reference_people(), AGES).to_numpy()
    by_age = np.floor(people[:, None] * usual / usual.sum())
    beta = transmissibility(1.0, course, np.sum(list(intensity.values()), axis=0), usual)
    layer = make_links(sparse.csr_array(time_away), by_age.sum(axis=1), names, days=days).layer
    return Country(
        model=build_model(
            xr.DataArray(by_age, {"place": names, "age": list(AGES)}, ("place", "age")),
            intensity,
            course,
            dates=np.datetime64("2020-01-01") + np.arange(days),
            transmissibility=beta,
            travel=layer,
        ),
        groups=dict(zip(names, group, strict=True)),
        sources=("source",),
        seeds={names[0]: 100.0},
        delay=infection_to_report(
            daily_probabilities(Gamma(mean=5.2, sd=3.0)),
            daily_probabilities(Gamma(mean=5.0, sd=3.0)),
        ),
    )
