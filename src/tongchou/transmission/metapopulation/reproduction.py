"""What measures do to the reproduction number of one place, as the engine itself would have it."""

import numpy as np
import xarray as xr

from tongchou.transmission.metapopulation.ages import ages_of
from tongchou.transmission.metapopulation.contacts import SETTINGS, group_people
from tongchou.transmission.metapopulation.course import course_of
from tongchou.transmission.metapopulation.disease import Disease
from tongchou.transmission.metapopulation.levers import Effect
from tongchou.transmission.metapopulation.next_generation import (
    infectious_days,
    next_generation,
    spectral_radius,
)


def reproduction_factor(
    effect: Effect, disease: Disease, intensity: xr.DataArray, people: xr.DataArray
) -> float:
    """Give the factor by which measures multiply the reproduction number of a place left to itself.

    ρ(K with the measures) ÷ ρ(K without), of the next-generation matrix of the discrete course:
    contacts by setting, transmissibility, and infectious days cut short by isolation and tracing.
    Journeys are left out.

    Parameters
    ----------
    effect
        What the measures do, :func:`.levers.combined`.
    intensity : DataArray (setting, age, contact_age), persons a day
    people : DataArray (age), persons
        In ages that refine those of the disease.

    Examples
    --------
    Schools matter most where children carry the disease.

    >>> from tongchou.transmission.metapopulation.contacts import contacts, intensities, reference_people
    >>> from tongchou.transmission.metapopulation.disease import disease
    >>> n = reference_people()
    >>> k = intensities(contacts((0, 20, 40, 60)), n)
    >>> closed = Effect(school=0.0)
    >>> [round(reproduction_factor(closed, disease(d), k, n), 2) for d in ("influenza", "covid2020")]
    [0.54, 0.96]
    """
    before = _growth(Effect(), disease, intensity, people)
    return _growth(effect, disease, intensity, people) / before


def _growth(
    effect: Effect, disease: Disease, intensity: xr.DataArray, people: xr.DataArray
) -> float:
    course = course_of(disease, fastest_isolation=effect.isolate, fastest_tracing=effect.trace)
    days = infectious_days(course, isolate=effect.isolate, trace=effect.trace, traced=effect.traced)
    met = np.sum(
        [getattr(effect, s) * intensity.sel(setting=s).to_numpy() for s in SETTINGS], axis=0
    )
    heads = group_people(people, ages_of(intensity)).to_numpy()
    return effect.transmissibility * spectral_radius(next_generation(course, met, heads, days))
