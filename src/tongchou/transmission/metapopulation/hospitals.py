"""Who gets a bed: free places of a catchment go to those who wait, everybody with the same probability."""

import math
from typing import Any

import numpy as np

from tongchou.transmission.metapopulation.chance import EXPECTED
from tongchou.transmission.metapopulation.compartments import C, U, W, X
from tongchou.transmission.metapopulation.world import World
from tongchou.vocabulary.compiled import compiled


@compiled(nogil=True, _nrt=False)
def beds_for_all(state: Any, i: int, a: int) -> None:
    """Give everybody of a place and age who waits for a bed or intensive care one at once."""
    state[i, a, W] += state[i, a, U]
    state[i, a, C] += state[i, a, X]
    state[i, a, U] = 0.0
    state[i, a, X] = 0.0


@compiled(nogil=True, _nrt=False)
def _places_given(free: float, wanting: float) -> float:
    """Give the share of those who want a place that get one."""
    if wanting <= 0.0:
        return 0.0
    return 1.0 if free >= wanting else max(free, 0.0) / wanting


@compiled(nogil=True)
def _fill(
    state: Any,
    source: int,
    target: int,
    share: Any,
    world: World,
    offset: Any,
    lively: Any,
    mode: int,
) -> None:
    """Move people into free places, by systematic sampling over the places and ages of a catchment.

    Exactly as many move as there are places, everybody with the same probability; ``offset``
    (catchment) is the random start.
    """
    seen = np.zeros(share.shape[0])
    for i in range(state.shape[0]):
        k = world.catchment[i]
        if share[k] <= 0.0 or not lively[i]:
            continue
        for a in range(state.shape[1]):
            n = state[i, a, source]
            if n <= 0.0:
                continue
            if share[k] >= 1.0:
                go = n
            elif mode == EXPECTED:
                go = n * share[k]
            else:
                before = math.floor(seen[k] * share[k] + offset[k])
                seen[k] += n
                go = min(math.floor(seen[k] * share[k] + offset[k]) - before, n)
            state[i, a, source] -= go
            state[i, a, target] += go


@compiled(nogil=True)
def hospitals(
    state: Any, world: World, beds: Any, icu_beds: Any, offset: Any, lively: Any, mode: int
) -> None:
    """Give free beds to those who wait for one."""
    count = beds.shape[0]
    lying, in_icu = np.zeros(count), np.zeros(count)
    waiting, critical = np.zeros(count), np.zeros(count)
    for i in range(state.shape[0]):
        if not lively[i]:
            continue
        k = world.catchment[i]
        for a in range(state.shape[1]):
            waiting[k] += state[i, a, U]
            lying[k] += state[i, a, W] + state[i, a, X]
            critical[k] += state[i, a, X]
            in_icu[k] += state[i, a, C]
    icu_share, share = np.zeros(count), np.zeros(count)
    for k in range(count):
        icu_share[k] = _places_given(icu_beds[k] - in_icu[k], critical[k])
        moved_up = min(critical[k], max(icu_beds[k] - in_icu[k], 0.0))
        share[k] = _places_given(beds[k] - lying[k] + moved_up, waiting[k])
    _fill(state, X, C, icu_share, world, offset[0], lively, mode)
    _fill(state, U, W, share, world, offset[1], lively, mode)
