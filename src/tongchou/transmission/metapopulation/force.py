"""The force of infection: who is infectious, where they go and whom they meet.

Functions that make no array are compiled without reference counts (``_nrt=False``): counting is
atomic, took a fifth of the time, and made threads wait for each other over arrays they share.
"""

import math
from typing import Any

from tongchou.transmission.metapopulation.compartments import (
    DISPERSION,
    SPREADING_PURPOSE,
    WEIGHT,
    P,
    R,
)
from tongchou.transmission.metapopulation.gamma import gamma
from tongchou.transmission.metapopulation.streams import open_stream, stretch
from tongchou.transmission.metapopulation.world import Days, Layer, World
from tongchou.vocabulary.compiled import compiled


@compiled(nogil=True, _nrt=False)
def infectious_people(state: Any, course: Any, lively: Any, out: Any) -> bool:
    """Sum the infectious of each place and age by weight; whether there are any."""
    some = False
    for i in range(state.shape[0]):
        for a in range(state.shape[1]):
            total = 0.0
            if lively[i]:
                for c in range(P, R):
                    total += course[WEIGHT + c, a] * state[i, a, c]
            out[i, a] = total
            some = some or total > 0.0
    return some


@compiled(forceinline=True, _nrt=False)
def _any(rows: Any, i: Any) -> Any:
    """Say whether a row holds anything above zero."""
    some = 0.0
    for a in range(rows.shape[1]):
        some += rows[i, a]
    return some > 0.0


@compiled(nogil=True, _nrt=False)
def superspread(infectious: Any, course: Any, seed: Any, replicate: Any, address: Any) -> None:
    """Draw how infectious (place, age) those of a place and age are today, in the mean as they were."""
    for i in range(infectious.shape[0]):
        if not _any(infectious, i):
            continue
        opened, step = open_stream(seed, replicate, address, i, SPREADING_PURPOSE)
        for a in range(infectious.shape[1]):
            even = course[DISPERSION, a]
            if infectious[i, a] > 0.0 and even < math.inf:
                drawn = gamma(even * infectious[i, a], stretch(opened, step, a), step, 0)
                infectious[i, a] = drawn / even


@compiled(nogil=True, _nrt=False)
def _gather(layer: Layer, day: int, infectious: Any, there: Any) -> None:
    """Let the infectious walk their links: those there (place, age) before braking at the destination."""
    places, ages = infectious.shape
    for j in range(places):
        for a in range(ages):
            there[j, a] = 0.0
    for i in range(places):
        leave = layer.leave[day, i]
        if leave > 0.0 and _any(infectious, i):
            for link in range(layer.start[i], layer.start[i + 1]):
                j, share = layer.place[link], layer.share[link] * leave
                for a in range(ages):
                    there[j, a] += share * infectious[i, a]


@compiled(nogil=True, _nrt=False)
def _meet(
    layer: Layer,
    day: int,
    infectious: Any,
    intensity: Any,
    contacts: Any,
    there: Any,
    out: Any,
    reached: Any,
    met: Any,
) -> bool:
    """Turn who is there into the force of those met, add it for those who stayed; whether any is left to carry home."""
    places, ages = infectious.shape
    carried = False
    for j in range(places):
        stay, present, enter = layer.stay[day, j], layer.present[day, j], layer.enter[day, j]
        for a in range(ages):
            there[j, a] = enter * there[j, a] + stay * infectious[j, a]
        if not _any(there, j):
            continue
        scale = contacts[day, j] / present if present > 0.0 else 0.0
        for a in range(ages):
            met[a] = 0.0
            for b in range(ages):
                met[a] += intensity[a, b] * there[j, b]
        for a in range(ages):
            out[j, a] += stay * met[a] * scale
            there[j, a] = enter * met[a] * scale
        reached[j] = reached[j] or scale > 0.0
        carried = carried or (scale > 0.0 and enter > 0.0)
    return carried


@compiled(nogil=True, _nrt=False)
def _carry_home(layer: Layer, day: int, met: Any, out: Any, reached: Any) -> None:
    """Let everybody walk their links: add the force ``met`` (place, age) where they go."""
    places, ages = met.shape
    for i in range(places):
        leave = layer.leave[day, i]
        if leave <= 0.0:
            continue
        first, end = layer.start[i], layer.start[i + 1]
        if ages == 4:  # sums in registers: twice as quick for the usual ages
            w, x, y, z = 0.0, 0.0, 0.0, 0.0
            for link in range(first, end):
                j, share = layer.place[link], layer.share[link]
                w += share * met[j, 0]
                x += share * met[j, 1]
                y += share * met[j, 2]
                z += share * met[j, 3]
            out[i, 0] += leave * w
            out[i, 1] += leave * x
            out[i, 2] += leave * y
            out[i, 3] += leave * z
            reached[i] = reached[i] or w + x + y + z > 0.0
            continue
        for link in range(first, end):
            j, share = layer.place[link], layer.share[link] * leave
            for a in range(ages):
                out[i, a] += share * met[j, a]
        reached[i] = reached[i] or _any(out, i)


@compiled(nogil=True, _nrt=False)
def forces(
    infectious: Any,
    world: World,
    days: Days,
    day: int,
    commute: Layer,
    travel: Layer,
    there: Any,
    out: Any,
    reached: Any,
    met: Any,
) -> None:
    """Give the force of infection before transmissibility and susceptibility (place, age), per day.

    ``reached`` (place) says where there is any; ``there`` (place, age) and ``met`` (age) are overwritten.
    """
    places, ages = infectious.shape
    for i in range(places):
        people = world.people[i]
        reached[i] = people > 0.0 and _any(infectious, i)
        home = days.home[day, i] / people if reached[i] else 0.0
        school = days.school[day, i] / people if reached[i] else 0.0
        for a in range(ages):
            total = 0.0
            if reached[i]:
                for b in range(ages):
                    total += (home * world.home[a, b] + school * world.school[a, b]) * infectious[
                        i, b
                    ]
            out[i, a] = total
    _gather(commute, day, infectious, there)
    if _meet(commute, day, infectious, world.work, days.work, there, out, reached, met):
        _carry_home(commute, day, there, out, reached)
    _gather(travel, day, infectious, there)
    if _meet(travel, day, infectious, world.other, days.other, there, out, reached, met):
        _carry_home(travel, day, there, out, reached)
