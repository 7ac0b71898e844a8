"""One replicate lives one day: who is infected, who moves on in the course of illness, who gets a bed.

New infections are drawn from the state at the start of a step and enter at its end; the course of
illness is that of :mod:`.progression`, beds are given at the end of the step (:mod:`.hospitals`).
"""

import math
from typing import Any

import numpy as np

from tongchou.transmission.metapopulation.chance import EXPECTED, moved
from tongchou.transmission.metapopulation.compartments import (
    DISPERSION,
    E1,
    HOSPITAL_PURPOSE,
    ICU,
    INFECTIONS,
    SLOT,
    SUSCEPTIBILITY,
    TOLD,
    WAITING,
    WAITING_ICU,
    WARD,
    C,
    R,
    S,
    U,
    W,
    X,
)
from tongchou.transmission.metapopulation.force import forces, infectious_people, superspread
from tongchou.transmission.metapopulation.hospitals import hospitals
from tongchou.transmission.metapopulation.progression import progress, slot
from tongchou.transmission.metapopulation.streams import open_stream, stretch, uniform
from tongchou.transmission.metapopulation.world import Days, Layer, World
from tongchou.vocabulary.compiled import compiled


@compiled(nogil=True, _nrt=False)
def where_ill(state: Any, lively: Any) -> None:
    """Mark the places (place) where somebody is exposed, ill or in care."""
    for i in range(state.shape[0]):
        lively[i] = False
        for a in range(state.shape[1]):
            for c in range(E1, R):
                if state[i, a, c] > 0.0:
                    lively[i] = True


@compiled(forceinline=True, _nrt=False)
def _infected(n: Any, risk: Any, start: Any, step: Any, mode: Any) -> Any:
    """Give how many of n are infected at a risk.

    With u of the draw at or above n risk, nobody is: what :func:`.chance.moved` would say, but sooner.
    """
    if risk <= 0.0 or n <= 0.0:
        return 0.0
    few = mode != EXPECTED and risk < 0.5
    if few and n * risk < 1.0 and uniform(start, step, slot(0, S, 0)) >= n * risk:
        return 0.0
    return moved(n, -math.expm1(-risk), start, step, slot(0, S, 0), mode)


@compiled(nogil=True, _nrt=False)
def _place_lives(
    state: Any,
    i: int,
    course: Any,
    hazard: Any,
    imported: float,
    isolate: float,
    trace: float,
    traced: float,
    opened: Any,
    step: Any,
    mode: int,
    told: Any,
    was_ill: bool,
) -> bool:
    """Let a place live a step; ``hazard`` (place, age) is that of the step. Whether anybody is ill then.

    ``was_ill``: whether anybody was before.
    """
    ill = False
    for a in range(state.shape[1]):
        start = stretch(opened, step, a)
        fresh = _infected(state[i, a, S], hazard[i, a] + imported, start, step, mode)
        if was_ill:
            progress(state, i, a, course, isolate, trace, traced, start, step, mode, told)
        if fresh > 0.0:
            state[i, a, S] -= fresh
            state[i, a, E1] += fresh
            told[i, INFECTIONS] += fresh
            ill = True
        elif was_ill and not ill:
            for c in range(E1, R):
                ill = ill or state[i, a, c] > 0.0
    return ill


@compiled(nogil=True)
def live(
    state: Any,
    day: int,
    factor: Any,
    world: World,
    days: Days,
    commute: Layer,
    travel: Layer,
    course: Any,
    steps: int,
    seed: Any,
    replicate: Any,
    mode: int,
    told: Any,
    scratch: Any,
    flags: Any,
) -> None:
    """Let one replicate live a day: ``state`` (place, age, compartment) and ``told`` (place, variable) change.

    ``factor`` (place) is transmissibility; ``scratch`` (3, place, age) is overwritten; ``flags``
    (2, place) are kept from day to day, the first set by :func:`where_ill` before the first.

    Raises
    ------
    ValueError
        If what is overwritten is not of the shape of the state: it would be written past its end.
    """
    places, ages = state.shape[0], state.shape[1]
    if scratch.shape != (3, places, ages) or flags.shape != (2, places):
        raise ValueError("scratch is (3, place, age) and flags (2, place) of the same state")
    if told.shape != (places, TOLD) or factor.shape != (places,):
        raise ValueError("told is (place, variable) and factor (place) of the same state")
    infectious, force, there = scratch[0], scratch[1], scratch[2]
    lively, reached = flags[0], flags[1]
    told[:] = 0.0
    length = 1.0 / steps
    offset, met = np.zeros((2, days.beds.shape[1])), np.empty(ages)
    uneven = False
    for a in range(ages):
        uneven = uneven or (mode != EXPECTED and course[DISPERSION, a] < math.inf)
    for part in range(steps):
        address = day * steps + part
        if infectious_people(state, course, lively, infectious):
            if uneven:
                superspread(infectious, course, seed, replicate, address)
            forces(infectious, world, days, day, commute, travel, there, force, reached, met)
        else:
            for i in range(places):
                reached[i] = False
        for i in range(places):
            arriving = days.imported[day, i]
            if not (lively[i] or reached[i] or arriving > 0.0):
                continue
            for a in range(ages):
                risk = factor[i] * course[SUSCEPTIBILITY, a] * length if reached[i] else 0.0
                force[i, a] = risk * force[i, a] if reached[i] else 0.0
            opened, step = open_stream(seed, replicate, address, i, 0)
            lively[i] = _place_lives(
                state,
                i,
                course,
                force,
                arriving * length / world.people[i] if arriving > 0.0 else 0.0,
                days.isolate[day, i] * length,
                days.trace[day, i] * length,
                days.traced[day, i],
                opened,
                step,
                mode,
                told,
                lively[i],
            )
        for k in range(offset.shape[1] if mode != EXPECTED else 0):
            start, step = open_stream(seed, replicate, address, k, HOSPITAL_PURPOSE)
            offset[0, k] = uniform(start, step, 0)
            offset[1, k] = uniform(start, step, SLOT)
        hospitals(state, world, days.beds[day], days.icu_beds[day], offset, lively, mode)
    for i in range(places):
        if lively[i]:
            for a in range(ages):
                told[i, WARD] += state[i, a, W] + state[i, a, X]
                told[i, ICU] += state[i, a, C]
                told[i, WAITING] += state[i, a, U]
                told[i, WAITING_ICU] += state[i, a, X]
