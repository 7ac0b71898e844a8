"""A block of replicates: lived some days at a time, told of rows of places, summed up as it is made."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tongchou.transmission.metapopulation.chance import EXPECTED
from tongchou.transmission.metapopulation.cluster import Cancelled
from tongchou.transmission.metapopulation.compartments import COUNT, E1, TOLD, VARIABLES, U
from tongchou.transmission.metapopulation.kept import as_parquet, tidy_futures
from tongchou.transmission.metapopulation.kernel import live, where_ill
from tongchou.transmission.metapopulation.model import Model
from tongchou.transmission.metapopulation.quantiles import LEVELS, Grid, summary_of
from tongchou.vocabulary.compiled import compiled
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
Mode = Literal["exact", "hybrid", "expected"]
MODES: tuple[Mode, ...] = ("exact", "hybrid", "expected")

FEWEST, MOST = 64, 512
"""Least and most replicates of a block: more make better quantiles, fewer need less memory."""

ROOM, TOLD_ROOM, GRID_ROOM = 192e6, 32e6, 16e6
"""Bytes by which a block is cut: of its states (eight a number), of what is told at a time, and of its quantiles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is asked of a model: how many futures, of which seed, told of whom.

    ``row_start`` and ``row_place`` list the places summed in each row told (CSR); ``chosen`` the
    variables, as :data:`.compartments.VARIABLES` numbers them.
    """

    replicates: int
    seed: int
    mode: int
    rows: tuple[str, ...]
    row_start: npt.NDArray[np.int64]
    row_place: npt.NDArray[np.int64]
    chosen: npt.NDArray[np.int64]

    def blocks(self, model: Model) -> Iterator[tuple[int, int]]:
        """Give first replicate and number of each block; it depends on the model alone, not on workers."""
        state = len(model.places) * len(model.ages) * COUNT * 8
        size = int(np.clip(ROOM // state // FEWEST * FEWEST, FEWEST, MOST))
        for first in range(0, self.replicates, size):
            yield first, min(size, self.replicates - first)

    def name(self, model: Model) -> str:
        """Give the name of a run, by which what is kept of it is known again."""
        asked = hashlib.sha256(repr(self.rows).encode())
        for array in (self.row_start, self.row_place, self.chosen):
            asked.update(array.tobytes())
        digest = f"{model.digest()[:16]}-{self.seed}-{self.mode}-{self.replicates}"
        return f"{digest}-{asked.hexdigest()[:8]}"

    def file(self, model: Model, first: int, told: "Stretch") -> bytes:
        """Give some days of a block as a Parquet file."""
        variables = [VARIABLES[k] for k in self.chosen]
        days = model.dates[told.day : told.end]
        return as_parquet(tidy_futures(told.values, first, self.rows, days, variables))


@compiled(nogil=True)
def _live_days(
    state: Any,
    first: int,
    last: int,
    factor: Any,
    scale: Any,
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
    row_start: Any,
    row_place: Any,
    chosen: Any,
    values: Any,
) -> None:
    """Let one replicate live some days; ``values`` (row, day, variable) is what is told of them."""
    places, ages = state.shape[0], state.shape[1]
    told = np.zeros((places, TOLD))
    scratch = np.zeros((3, places, ages))
    flags = np.zeros((2, places), np.bool_)
    where_ill(state, flags[0])
    now = np.zeros(places)
    for day in range(first, last):
        for i in range(places):
            now[i] = factor[day, i] * scale[day, group[i]]
        live(
            state, day, now, world, days, commute, travel, course, steps, seed, replicate, mode,
            told, scratch, flags,
        )  # fmt: skip
        for row in range(row_start.shape[0] - 1):
            for k in range(chosen.shape[0]):
                total = 0.0
                for at in range(row_start[row], row_start[row + 1]):
                    total += told[row_place[at], chosen[k]]
                values[row, day - first, k] = total


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some days of a block: ``values`` (replicate, row, day, variable), persons, from ``day`` up to ``end``.

    ``infected`` (replicate, row) are those infected after the last day of the block, from exposed to in need of
    a bed; nothing before that day.
    """

    day: int
    end: int
    values: Grid
    infected: Floats | None


Told = Callable[[Stretch], None]


def run_block(
    model: Model,
    plan: Plan,
    first: int,
    count: int,
    *,
    threads: int,
    stop: Callable[[], bool],
    keep: Told = lambda _: None,
) -> tuple[Grid, Floats]:
    """Live one block of replicates; give its quantiles (row, day, variable, level) and sums (row, day, variable).

    ``keep`` is handed each stretch of days as it is made.
    """
    grid, sums = empty(model, plan)
    for day, end, part, total in summed(model, plan, first, count, threads, stop, keep):
        grid[:, day:end], sums[:, day:end] = part, total
    return grid, sums


def run_block_to_keep(
    model: Model, plan: Plan, first: int, count: int, *, threads: int, stop: Callable[[], bool]
) -> tuple[Grid, Floats, list[tuple[int, int, bytes]]]:
    """Live one block far from the folder where its futures are kept: their files come with it."""
    files: list[tuple[int, int, bytes]] = []

    def keep(told: Stretch) -> None:
        files.append((told.day, told.end, plan.file(model, first, told)))

    grid, sums = run_block(model, plan, first, count, threads=threads, stop=stop, keep=keep)
    return grid, sums, files


def empty(model: Model, plan: Plan) -> tuple[Grid, Floats]:
    """Give room for the quantiles and sums of a block."""
    shape = (len(plan.rows), len(model.dates), len(plan.chosen))
    return np.empty((*shape, len(LEVELS)), np.float32), np.zeros(shape)


def live_block(
    model: Model,
    plan: Plan,
    first: int,
    count: int,
    *,
    pool: ThreadPoolExecutor,
    stop: Callable[[], bool],
) -> Iterator[Stretch]:
    """Live one block of replicates some days at a time, so that what is told of it stays small."""
    rows, variables, length = len(plan.rows), len(plan.chosen), len(model.dates)
    state = _states(model, plan.mode, first, count)
    told, quantiles = count * rows * variables * 4, len(LEVELS) * rows * variables * 4
    at_a_time = int(np.clip(min(TOLD_ROOM // told, GRID_ROOM // quantiles), 1, length))

    def one(k: int, day: int, end: int, values: Grid) -> None:
        r = first + k
        lived = np.asarray(state[k], float)
        _live_days(
            lived, day, end, model.factor, model.scale[r % len(model.scale)], model.group,
            model.world, model.days, model.commute, model.travel, model.course, model.steps,
            np.uint64(plan.seed), np.uint64(r), plan.mode,
            plan.row_start, plan.row_place, plan.chosen, values[k],
        )  # fmt: skip
        state[k] = lived

    for day in range(0, length, at_a_time):
        if stop():
            raise Cancelled
        end = min(day + at_a_time, length)
        values = np.empty((count, rows, end - day, variables), np.float32)
        list(pool.map(lambda k: one(k, day, end, values), range(count)))  # noqa: B023
        yield Stretch(day, end, values, _infected(state, plan) if end == length else None)


def _states(model: Model, mode: int, first: int, count: int) -> npt.NDArray[Any]:
    """Give the states (replicate, place, age, compartment) before the first day.

    Between stretches whole persons are held in four bytes, and in eight where there may be parts of a
    person or more than four thousand million of them.
    """
    variants = (first + np.arange(count)) % len(model.start)
    small = mode != EXPECTED and model.start.max(initial=0.0) < 2**32
    whole = small and all((np.floor(model.start[v]) == model.start[v]).all() for v in set(variants))
    states = np.empty((count, *model.start.shape[1:]), np.uint32 if whole else float)
    for k, v in enumerate(variants):
        states[k] = model.start[v]
    return states


def _infected(state: npt.NDArray[Any], plan: Plan) -> Floats:
    by_place = state[..., E1 : U + 1].sum(axis=(2, 3), dtype=float)
    return np.add.reduceat(by_place[:, plan.row_place], plan.row_start[:-1], axis=1)


def summed_up(values: Grid, pool: ThreadPoolExecutor, cuts: int) -> Grid:
    """Give the quantiles (row, day, variable, level) of some days, the rows shared out in ``cuts``."""
    rows = values.shape[1]
    grid = np.empty((*values.shape[1:], len(LEVELS)), np.float32)

    def sum_up(cut: Any) -> None:
        grid[cut] = summary_of(np.moveaxis(values[:, cut], 0, -1))

    list(pool.map(sum_up, (c for c in np.array_split(np.arange(rows), cuts) if len(c))))
    return grid


def summed(
    model: Model,
    plan: Plan,
    first: int,
    count: int,
    threads: int,
    stop: Callable[[], bool],
    keep: Told,
) -> Iterator[tuple[int, int, Grid, Floats]]:
    """Live one block; give first day, end, quantiles and sums of each stretch."""
    with ThreadPoolExecutor(threads) as pool:
        for told in live_block(model, plan, first, count, pool=pool, stop=stop):
            keep(told)
            grid = summed_up(told.values, pool, 4 * threads)
            yield told.day, told.end, grid, told.values.sum(axis=0, dtype=float)


def plan_of(
    model: Model,
    replicates: int,
    seed: int,
    mode: Mode,
    variables: Sequence[str],
    areas: Mapping[str, Sequence[str]] | None,
    units: bool,
) -> Plan:
    """Check what is asked of a model and give the plan of it: see :func:`.run.simulate`."""
    for name, value, good in (
        ("replicates", replicates, replicates >= 1),
        ("mode", mode, mode in MODES),
        ("variables", ", ".join(variables), set(variables) <= set(VARIABLES) and len(variables)),
    ):
        if not good:
            raise BadParameter(name, value, _ASKED)
    number = {p: i for i, p in enumerate(model.places)}
    rows: dict[str, list[int]] = {p: [i] for p, i in number.items()} if units else {}
    for area, members in (areas or {}).items():
        strange = [m for m in members if m not in number]
        if strange:
            raise BadParameter("areas", f"{area}: {', '.join(strange[:3])}", _ASKED)
        rows[area] = [number[m] for m in members]
    if not rows:
        raise BadParameter("areas", 0, _ASKED)
    return Plan(
        replicates=replicates,
        seed=seed,
        mode=MODES.index(mode),
        rows=tuple(rows),
        row_start=np.cumsum([0, *(len(r) for r in rows.values())]).astype(np.int64),
        row_place=np.concatenate([np.asarray(r, np.int64) for r in rows.values()]),
        chosen=np.array([VARIABLES.index(v) for v in variables], np.int64),
    )


_ASKED = Text(
    zh="没有这样的选择。请核对次数、方式、变量与地区名称。",
    en="there is no such choice. Check the number, the mode, the variables and the names of places.",
)
