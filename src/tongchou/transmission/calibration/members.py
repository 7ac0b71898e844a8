"""Members of an ensemble live the same days, each from its own start and with its own transmission."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tongchou.transmission.calibration.observation import arrive
from tongchou.transmission.metapopulation.compartments import COUNT, E1, INFECTIONS, TOLD, S
from tongchou.transmission.metapopulation.kernel import live, where_ill
from tongchou.transmission.metapopulation.model import Model
from tongchou.vocabulary.compiled import compiled

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]


MOVING = 4
"""Compartments whose people travel, from the first exposed one on: exposed, presymptomatic, subclinical."""

BACK = np.array([1, 3, 4, 5])
"""Days since infection of those who travel, by compartment (assumption: rounded means of COVID-19)."""

FEW = 1e-4
"""Infected of a place, persons, below which their journeys are left out."""


class Journeys(NamedTuple):
    """Persons who move from place to place and are counted where they go: ``persons`` (day, link).

    ``start`` (origin + 1) and ``place`` (link) are compressed rows, origin after origin.
    """

    start: Any
    place: Any
    persons: Any


def no_journeys(places: int, days: int) -> Journeys:
    """Give journeys that nobody makes."""
    return Journeys(
        np.zeros(places + 1, np.int64), np.zeros(0, np.int32), np.zeros((days, 0), np.float32)
    )


@compiled(nogil=True)
def move(state: Any, journeys: Journeys, day: int, people: Any, ill: Any, infections: Any) -> None:
    """Let the infected who do not feel ill travel as others do; as many susceptible come the other way.

    Everybody of a place is as likely to leave, so of its infected go persons / people a day; the
    exchange leaves the number of people of each place and age as it is. Their infection is counted
    (``infections`` (day, place)) where they go, on the day on which it was on average; ``ill``
    (place) says where the engine has to look.
    """
    ages = state.shape[1]
    leaving = np.zeros((ages, MOVING))
    for i in range(state.shape[0]):
        first, end = journeys.start[i], journeys.start[i + 1]
        if first == end or people[i] <= 0.0:
            continue
        some = 0.0
        for a in range(ages):
            for c in range(MOVING):
                leaving[a, c] = state[i, a, E1 + c] / people[i]
                some += leaving[a, c]
        if some * people[i] < FEW:
            continue
        for link in range(first, end):
            persons, j = journeys.persons[day, link], journeys.place[link]
            if persons <= 0.0:
                continue
            ill[j] = True
            for a in range(ages):
                for c in range(MOVING):
                    go = min(leaving[a, c] * persons, state[j, a, S], state[i, a, E1 + c])
                    state[i, a, E1 + c] -= go
                    state[j, a, E1 + c] += go
                    state[j, a, S] -= go
                    state[i, a, S] += go
                    back = max(day - BACK[c], 0)
                    infections[back, i] -= go
                    infections[back, j] += go


@compiled(nogil=True)
def bring(state: Any, i: int, persons: float) -> float:
    """Infect persons of a place as if elsewhere, spread over its susceptible; give how many, half of them at most."""
    there = 0.0
    for a in range(state.shape[1]):
        there += state[i, a, S]
    if there <= 0.0:
        return 0.0
    share = min(persons / there, 0.5)
    for a in range(state.shape[1]):
        go = share * state[i, a, S]
        state[i, a, S] -= go
        state[i, a, E1] += go
    return share * there


@compiled(nogil=True)
def _live_days(
    state: Any,
    factor: Any,
    by_group: Any,
    by_place: Any,
    group: Any,
    world: Any,
    days: Any,
    commute: Any,
    travel: Any,
    course: Any,
    steps: int,
    seed: Any,
    replicate: Any,
    mode: int,
    journeys: Journeys,
    daily: Any,
    factors: Any,
    infections: Any,
) -> None:
    """Let one member live; ``infections`` (day, place) is what is told of it.

    ``daily`` (day, place) times ``factors`` (place) come infected from outside.
    """
    places, ages = state.shape[0], state.shape[1]
    told = np.zeros((places, TOLD))
    scratch = np.zeros((3, places, ages))
    flags = np.zeros((2, places), np.bool_)
    where_ill(state, flags[0])
    now, brought = np.zeros(places), np.zeros(places)
    for day in range(infections.shape[0]):
        for i in range(places):
            now[i] = factor[day, i] * by_group[day, group[i]] * by_place[i]
            if daily[day, i] > 0.0:
                brought[i] = bring(state, i, daily[day, i] * factors[i])
                flags[0, i] = True
            else:
                brought[i] = 0.0
        live(
            state, day, now, world, days, commute, travel, course, steps, seed, replicate, mode,
            told, scratch, flags,
        )  # fmt: skip
        for i in range(places):
            infections[day, i] = told[i, INFECTIONS] + brought[i]
        move(state, journeys, day, world.people, flags[0], infections)


def live_members(
    model: Model,
    start: Floats,
    by_group: Floats,
    by_place: Floats,
    delay: Floats,
    *,
    mode: int,
    journeys: Journeys | None = None,
    brought: tuple[Floats, Floats] | None = None,
    replicates: npt.NDArray[np.int64] | None = None,
    seed: int = 1,
    threads: int = 1,
) -> tuple[Singles, Singles]:
    """Let all members live; ``start`` becomes their state at the end.

    Parameters
    ----------
    model
        Days, people, links and course; its ``factor`` is multiplied.
    start : ndarray (member, place, age, compartment), persons
    by_group : ndarray (member, day, group)
    by_place : ndarray (member, place)
    delay : ndarray (day of infection, lag)
    mode
        Of :mod:`tongchou.transmission.metapopulation.chance`; with journeys the expectation.
    journeys
        Who moves for good; without it nobody does.
    brought
        Persons (day, place) who come infected, and factors on them (member, place); by expectation too.
    replicates
        Which replicate of the engine each member is: their chance; by default the first ones.
    seed, threads
        As for the engine.

    Returns
    -------
    infections, arriving : ndarray (member, day, place), persons a day
        New infections, and the same on the day of their report if all were reported.
    """
    members, length = by_group.shape[:2]
    moving = journeys or no_journeys(len(model.places), length)
    places = len(model.places)
    daily, factors = brought or (np.zeros((length, places)), np.ones((members, places)))
    number = np.arange(members) if replicates is None else replicates
    infections = np.zeros((members, length, len(model.places)), np.float32)
    arriving = np.zeros_like(infections)

    def one(m: int) -> None:
        _live_days(
            start[m], model.factor, by_group[m], by_place[m], model.group, model.world, model.days,
            model.commute, model.travel, model.course, model.steps, np.uint64(seed), np.uint64(number[m]),
            mode, moving, daily, factors[m], infections[m],
        )  # fmt: skip
        arrive(infections[m], delay, arriving[m])

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, range(members)))
    return infections, arriving


def whole_persons(state: Floats, rng: np.random.Generator) -> Floats:
    """Give a state of expected persons as whole ones, the same in expectation; nobody is lost.

    Each compartment is rounded up with the probability of its fraction; the susceptible give or take
    the difference.

    Parameters
    ----------
    state : ndarray (..., compartment), persons
    rng
        Randomness.

    Examples
    --------
    >>> state = np.zeros(14)
    >>> state[[0, 1]] = 99.6, 0.4
    >>> whole_persons(state, np.random.default_rng(3))[:2].tolist()
    [99.0, 1.0]
    """
    people = np.rint(state.sum(axis=-1))
    down = np.floor(state)
    whole = down + (rng.random(state.shape) < state - down)
    whole[..., 0] = people - whole[..., 1:].sum(axis=-1)
    over = np.minimum(whole[..., 0], 0.0)
    if (over < 0).any():  # hardly anybody susceptible: the recovered are the many then
        whole[..., COUNT - 2] += over
        whole[..., 0] -= over
    return np.asarray(whole)
