"""Members of an ensemble live the same days, each from its own start and with its own transmission."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from tongchou.transmission.calibration.observation import arrive
from tongchou.transmission.metapopulation.kernel import COUNT, INFECTIONS, TOLD, live, where_ill
from tongchou.transmission.metapopulation.model import Model
from tongchou.vocabulary.compiled import compiled

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]


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
    infections: Any,
) -> None:
    """Let one member live; ``infections`` (day, place) is what is told of it."""
    places, ages = state.shape[0], state.shape[1]
    told = np.zeros((places, TOLD))
    scratch = np.zeros((3, places, ages))
    flags = np.zeros((2, places), np.bool_)
    where_ill(state, flags[0])
    now = np.zeros(places)
    for day in range(infections.shape[0]):
        for i in range(places):
            now[i] = factor[day, i] * by_group[day, group[i]] * by_place[i]
        live(
            state, day, now, world, days, commute, travel, course, steps, seed, replicate, mode,
            told, scratch, flags,
        )  # fmt: skip
        for i in range(places):
            infections[day, i] = told[i, INFECTIONS]


def live_members(
    model: Model,
    start: Floats,
    by_group: Floats,
    by_place: Floats,
    delay: Floats,
    *,
    mode: int,
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
        Of :mod:`tongchou.transmission.metapopulation.chance`.
    seed, threads
        As for the engine.

    Returns
    -------
    infections, arriving : ndarray (member, day, place), persons a day
        New infections, and the same on the day of their report if all were reported.
    """
    members, length = by_group.shape[:2]
    infections = np.zeros((members, length, len(model.places)), np.float32)
    arriving = np.zeros_like(infections)

    def one(m: int) -> None:
        _live_days(
            start[m], model.factor, by_group[m], by_place[m], model.group, model.world, model.days,
            model.commute, model.travel, model.course, model.steps, np.uint64(seed), np.uint64(m),
            mode, infections[m],
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
