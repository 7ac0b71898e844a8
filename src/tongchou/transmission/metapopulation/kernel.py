"""One replicate lives one day: who is infected, who moves on in the course of illness, who gets a bed.

Within a step everybody moves at most once for each substep, those furthest along first, with
probability rate × length of the step: the mean stay in each compartment is then exact and the
reproduction number too (see :mod:`.next_generation`). New infections are drawn from the state at
the start of the step and enter at its end.

Functions that make no array are compiled without reference counts (``_nrt=False``): counting is
atomic, took a fifth of the time, and made threads wait for each other over arrays they share.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from tongchou.transmission.metapopulation.chance import EXPECTED, moved
from tongchou.transmission.metapopulation.gamma import gamma
from tongchou.transmission.metapopulation.streams import open_stream, stretch, uniform
from tongchou.vocabulary.compiled import compiled

COMPARTMENTS = (
    "susceptible",
    "exposed_1",
    "exposed_2",
    "presymptomatic",
    "subclinical",
    "symptomatic",
    "isolated",
    "isolated_subclinical",
    "waiting",
    "ward",
    "ward_critical",
    "icu",
    "recovered",
    "dead",
)
"""``waiting``: needs a bed and has none, at large; ``ward_critical``: needs intensive care and has none."""

S, E1, E2, P, A, I, Q, QA, U, W, X, C, R, D = range(14)
COUNT = len(COMPARTMENTS)

VARIABLES = (
    "infections",
    "onsets",
    "confirmed",
    "admissions",
    "deaths",
    "ward",
    "icu",
    "waiting",
    "waiting_icu",
)
"""What is told of each place and day: five flows (persons a day), then four levels (persons at its end)."""

INFECTIONS, ONSETS, CONFIRMED, ADMISSIONS, DEATHS, WARD, ICU, WAITING, WAITING_ICU = range(9)
TOLD = len(VARIABLES)

SPLITS = 4
"""Draws that one compartment may need in one substep."""

SLOT = 64
"""Numbers of a stream for one draw: :data:`.chance.DRAWS_EACH`."""

HOSPITAL_PURPOSE, SPREADING_PURPOSE = 1, 3
"""Purposes, in the address of a stream, of what is drawn for a catchment and of how infectious a place is.

That of places is 0, and 2 that of what was lived before the first day (:mod:`.start`).
"""


MOVE, SUBSTEPS, WEIGHT = 0, COUNT, 2 * COUNT
CLINICAL, SEVERE, CRITICAL, WARD_DEATH, ICU_DEATH, NO_ICU_DEATH, NO_BED_DEATH = range(
    3 * COUNT, 3 * COUNT + 7
)
SUSCEPTIBILITY, DISPERSION = 3 * COUNT + 7, 3 * COUNT + 8
ROWS = DISPERSION + 1
"""Rows of the course of illness, one table (row, age), because a call that hands over many arrays is slow.

``MOVE + c``: probability to leave compartment c in a substep by the course alone; ``SUBSTEPS + c``
how often in a step; ``WEIGHT + c`` infectiousness. Then
shares: clinical of the infected, severe of the clinical, critical of the admitted, deaths of the
admitted who are not critical, of the critical with and without intensive care, and of those who
stay without any bed. Last, susceptibility, and the dispersion of what one infectious step brings
(see :mod:`.superspreading`), infinite where it is even.
"""


class Layer(NamedTuple):
    """Where contacts happen away from home: shares of time by link (CSR rows), and what holds them back.

    ``leave`` and ``enter`` (day, place) multiply a link's share at its origin and destination;
    ``stay`` (day, place) is what is left at home and ``present`` (day, place) who is there, persons.
    """

    start: Any
    place: Any
    share: Any
    leave: Any
    enter: Any
    stay: Any
    present: Any


class World(NamedTuple):
    """Places as plain arrays: ``people`` (place), contact intensities (age, age) by setting, catchments."""

    people: Any
    home: Any
    school: Any
    work: Any
    other: Any
    catchment: Any


class Days(NamedTuple):
    """What differs by day and place: see :class:`~.timeline.Timeline`, as plain float32 arrays.

    ``home, school, work, other`` multiply contacts; ``isolate`` and ``trace`` are probabilities a
    day to be isolated after onset and before; ``traced`` the share found before they infect;
    ``imported`` persons a day; ``beds`` and ``icu_beds`` (day, catchment).
    """

    home: Any
    school: Any
    work: Any
    other: Any
    isolate: Any
    trace: Any
    traced: Any
    imported: Any
    beds: Any
    icu_beds: Any


@compiled(forceinline=True, _nrt=False)
def _slot(substep: Any, compartment: Any, split: Any) -> Any:
    """Give the first number of the stream for a draw."""
    return ((substep * COUNT + compartment) * SPLITS + split) * SLOT


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


@compiled(forceinline=True, _nrt=False)
def _leave(
    state: Any, i: Any, a: Any, c: Any, course: Any, start: Any, step: Any, sub: Any, mode: Any
) -> Any:
    """Take out of a compartment those whom the course moves on in a substep."""
    if state[i, a, c] <= 0.0 or (sub > 0 and course[SUBSTEPS + c, a] == 1):
        return 0.0
    out = moved(state[i, a, c], course[MOVE + c, a], start, step, _slot(sub, c, 0), mode)
    state[i, a, c] -= out
    return out


@compiled(forceinline=True, _nrt=False)
def _share(
    n: Any, which: Any, a: Any, course: Any, start: Any, step: Any, number: Any, mode: Any
) -> Any:
    """Give how many of n belong to a share of their age."""
    if n <= 0.0:
        return 0.0
    return moved(n, course[which, a], start, step, number, mode)


@compiled(forceinline=True, _nrt=False)
def _found(out: Any, found: Any, total: Any, start: Any, step: Any, number: Any, mode: Any) -> Any:
    """Give how many of those who leave were found, and did not leave by the course."""
    if out <= 0.0 or found <= 0.0:
        return 0.0
    return moved(out, found / total, start, step, number, mode)


@compiled(nogil=True, _nrt=False)
def _in_care(
    state: Any, i: int, a: int, course: Any, sub: int, start: Any, step: Any, mode: int, told: Any
) -> None:
    """Move those who are ill enough for a bed: in intensive care, without it, on a ward, waiting."""
    for c, fatal in ((C, ICU_DEATH), (X, NO_ICU_DEATH), (U, NO_BED_DEATH)):
        out = _leave(state, i, a, c, course, start, step, sub, mode)
        if out > 0.0:
            die = _share(out, fatal, a, course, start, step, _slot(sub, c, 1), mode)
            state[i, a, D] += die
            state[i, a, R] += out - die
            told[i, DEATHS] += die
    out = _leave(state, i, a, W, course, start, step, sub, mode)
    if out > 0.0:
        critical = _share(out, CRITICAL, a, course, start, step, _slot(sub, W, 1), mode)
        out -= critical
        die = _share(out, WARD_DEATH, a, course, start, step, _slot(sub, W, 2), mode)
        state[i, a, X] += critical
        state[i, a, D] += die
        state[i, a, R] += out - die
        told[i, DEATHS] += die


@compiled(nogil=True, _nrt=False)
def _ill(
    state: Any,
    i: int,
    a: int,
    course: Any,
    isolate: float,
    trace: float,
    sub: int,
    start: Any,
    step: Any,
    mode: int,
    told: Any,
) -> None:
    """Move the symptomatic, isolated and subclinical: found, well again, or in need of a bed."""
    out = _leave(state, i, a, Q, course, start, step, sub, mode)
    if out > 0.0:
        severe = _share(out, SEVERE, a, course, start, step, _slot(sub, Q, 1), mode)
        state[i, a, U] += severe
        state[i, a, R] += out - severe
        told[i, ADMISSIONS] += severe
    state[i, a, R] += _leave(state, i, a, QA, course, start, step, sub, mode)
    if state[i, a, I] > 0.0 and not (sub > 0 and course[SUBSTEPS + I, a] == 1):
        found_in = isolate / course[SUBSTEPS + I, a]
        total = course[MOVE + I, a] + found_in
        out = moved(state[i, a, I], total, start, step, _slot(sub, I, 0), mode)
        found = _found(out, found_in, total, start, step, _slot(sub, I, 1), mode)
        state[i, a, I] -= out
        out -= found
        severe = _share(out, SEVERE, a, course, start, step, _slot(sub, I, 2), mode)
        state[i, a, Q] += found
        state[i, a, U] += severe
        state[i, a, R] += out - severe
        told[i, ADMISSIONS] += severe
        told[i, CONFIRMED] += found + severe
    if state[i, a, A] > 0.0 and not (sub > 0 and course[SUBSTEPS + A, a] == 1):
        found_in = trace / course[SUBSTEPS + A, a]
        total = course[MOVE + A, a] + found_in
        out = moved(state[i, a, A], total, start, step, _slot(sub, A, 0), mode)
        found = _found(out, found_in, total, start, step, _slot(sub, A, 1), mode)
        state[i, a, A] -= out
        state[i, a, QA] += found
        state[i, a, R] += out - found
        told[i, CONFIRMED] += found


@compiled(nogil=True, _nrt=False)
def _before_onset(
    state: Any,
    i: int,
    a: int,
    course: Any,
    trace: float,
    traced: float,
    sub: int,
    start: Any,
    step: Any,
    mode: int,
    told: Any,
) -> None:
    """Move the presymptomatic and the exposed; those traced in time are isolated before they infect."""
    if state[i, a, P] > 0.0 and not (sub > 0 and course[SUBSTEPS + P, a] == 1):
        found_in = trace / course[SUBSTEPS + P, a]
        total = course[MOVE + P, a] + found_in
        out = moved(state[i, a, P], total, start, step, _slot(sub, P, 0), mode)
        found = _found(out, found_in, total, start, step, _slot(sub, P, 1), mode)
        state[i, a, P] -= out
        state[i, a, Q] += found
        state[i, a, I] += out - found
        told[i, ONSETS] += out
        told[i, CONFIRMED] += found
    out = _leave(state, i, a, E2, course, start, step, sub, mode)
    if out > 0.0:
        clinical = _share(out, CLINICAL, a, course, start, step, _slot(sub, E2, 1), mode)
        silent = out - clinical
        caught = _found(clinical, traced, 1.0, start, step, _slot(sub, E2, 2), mode)
        caught_silent = _found(silent, traced, 1.0, start, step, _slot(sub, E2, 3), mode)
        state[i, a, P] += clinical - caught
        state[i, a, Q] += caught
        state[i, a, A] += silent - caught_silent
        state[i, a, QA] += caught_silent
        told[i, ONSETS] += caught
        told[i, CONFIRMED] += caught + caught_silent
    state[i, a, E2] += _leave(state, i, a, E1, course, start, step, sub, mode)


@compiled(nogil=True, _nrt=False)
def progress(
    state: Any,
    i: int,
    a: int,
    course: Any,
    isolate: float,
    trace: float,
    traced: float,
    start: Any,
    step: Any,
    mode: int,
    told: Any,
) -> None:
    """Move the people of one place and age along the course of illness for one step.

    ``state`` and ``told`` are changed in place. ``isolate`` and ``trace``
    are probabilities of the step.
    """
    times = 1
    care, ill, before = False, False, False
    for c in range(E1, R):
        if state[i, a, c] > 0.0:
            times = max(times, course[SUBSTEPS + c, a])
            before = before or c <= P
            ill = ill or (c >= A and c <= QA)
            care = care or c >= U
    for sub in range(times):
        if care:
            _in_care(state, i, a, course, sub, start, step, mode, told)
        if ill or before:
            _ill(state, i, a, course, isolate, trace, sub, start, step, mode, told)
        if before:
            _before_onset(state, i, a, course, trace, traced, sub, start, step, mode, told)


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
    if few and n * risk < 1.0 and uniform(start, step, _slot(0, S, 0)) >= n * risk:
        return 0.0
    return moved(n, -math.expm1(-risk), start, step, _slot(0, S, 0), mode)


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
    """
    places, ages = state.shape[0], state.shape[1]
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
