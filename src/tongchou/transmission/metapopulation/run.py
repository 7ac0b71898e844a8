"""Many replicates of a model: blocks of futures, summed up as they are made."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.metapopulation.cluster import Cancelled, on_cluster
from tongchou.transmission.metapopulation.kept import KeptFutures, as_parquet, tidy_futures
from tongchou.transmission.metapopulation.kernel import (
    COUNT,
    E1,
    TOLD,
    VARIABLES,
    U,
    live,
    where_ill,
)
from tongchou.transmission.metapopulation.model import Model
from tongchou.transmission.metapopulation.quantiles import LEVELS, Grid, put_together, summary_of
from tongchou.vocabulary.compiled import compiled
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
Mode = Literal["exact", "hybrid", "expected"]
MODES: tuple[Mode, ...] = ("exact", "hybrid", "expected")

FEWEST, MOST = 64, 512
"""Least and most replicates of a block: more make better quantiles, fewer need less memory."""

ROOM, TOLD_ROOM = 192e6, 32e6
"""Bytes that the states of a block, and what is told of it at a time, may take."""

USUAL = ("infections", "confirmed", "ward", "icu", "deaths")
BAND = (0.025, 0.25, 0.5, 0.75, 0.975)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is asked of a model: how many futures, of which seed, told of whom.

    ``row_start`` and ``row_place`` list the places summed in each row told (CSR); ``chosen`` the
    variables, as :data:`.kernel.VARIABLES` numbers them.
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
    grid, sums = _empty(model, plan)
    for day, end, part, total in _summed(model, plan, first, count, threads, stop, keep):
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


def _empty(model: Model, plan: Plan) -> tuple[Grid, Floats]:
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
    state = model.start[(first + np.arange(count)) % len(model.start)]
    at_a_time = int(np.clip(TOLD_ROOM // (count * rows * variables * 4), 1, length))

    def one(k: int, day: int, end: int, values: Grid) -> None:
        r = first + k
        _live_days(
            state[k], day, end, model.factor, model.scale[r % len(model.scale)], model.group,
            model.world, model.days, model.commute, model.travel, model.course, model.steps,
            np.uint64(plan.seed), np.uint64(r), plan.mode,
            plan.row_start, plan.row_place, plan.chosen, values[k],
        )  # fmt: skip

    for day in range(0, length, at_a_time):
        if stop():
            raise Cancelled
        end = min(day + at_a_time, length)
        values = np.empty((count, rows, end - day, variables), np.float32)
        list(pool.map(lambda k: one(k, day, end, values), range(count)))  # noqa: B023
        yield Stretch(day, end, values, _infected(state, plan) if end == length else None)


def _infected(state: Floats, plan: Plan) -> Floats:
    by_place = state[..., E1 : U + 1].sum(axis=(2, 3))
    return np.add.reduceat(by_place[:, plan.row_place], plan.row_start[:-1], axis=1)


def summed_up(values: Grid, pool: ThreadPoolExecutor, cuts: int) -> Grid:
    """Give the quantiles (row, day, variable, level) of some days, the rows shared out in ``cuts``."""
    rows = values.shape[1]
    grid = np.empty((*values.shape[1:], len(LEVELS)), np.float32)

    def sum_up(cut: Any) -> None:
        grid[cut] = summary_of(np.moveaxis(values[:, cut], 0, -1))

    list(pool.map(sum_up, (c for c in np.array_split(np.arange(rows), cuts) if len(c))))
    return grid


def _summed(
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


def paths(
    model: Model,
    *,
    replicates: int = 100,
    seed: int = 1,
    mode: Mode = "exact",
    variable: str = "infections",
    places: Sequence[str] | None = None,
    areas: Mapping[str, Sequence[str]] | None = None,
    threads: int | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> xr.DataArray:
    """Run a model and give every replicate's own series: for few rows, since all are held in memory.

    The replicates are those of :func:`simulate` of the same seed, so that what is worked out from the
    paths agrees with the quantiles told there.

    Parameters
    ----------
    model, replicates, seed, mode, threads, stop
        See :func:`simulate`.
    variable
        One of :data:`.kernel.VARIABLES`.
    places
        Places told by themselves; by default all of them.
    areas
        Places to be summed, by the name of the area, told after the places.

    Returns
    -------
    DataArray (replicate, place, date), persons a day for flows and persons for levels, float32:
    4 bytes a number, so 1,000 replicates of 100 places over 60 days take 24 MB.

    Raises
    ------
    BadParameter
        If a place or the variable is not there.
    """
    own = model.places if places is None else tuple(places)
    told = {p: [p] for p in own} | {a: list(m) for a, m in (areas or {}).items()}
    plan = _plan(model, replicates, seed, mode, [variable], told, units=False)
    values = np.empty((replicates, len(plan.rows), len(model.dates)), np.float32)
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        for first, count in plan.blocks(model):
            for part in live_block(model, plan, first, count, pool=pool, stop=stop):
                values[first : first + count, :, part.day : part.end] = part.values[..., 0]
    return xr.DataArray(
        values,
        {
            "replicate": np.arange(replicates),
            "place": list(plan.rows),
            "date": model.dates.astype("datetime64[ns]"),
        },
        ("replicate", "place", "date"),
        name=variable,
        attrs={"units": _units(variable), "seed": seed, "mode": mode},
    )


def _units(variable: str) -> str:
    return "persons per day" if variable in VARIABLES[:5] else "persons"


def simulate(
    model: Model,
    *,
    replicates: int = 100,
    seed: int = 1,
    mode: Mode = "exact",
    variables: Sequence[str] = USUAL,
    areas: Mapping[str, Sequence[str]] | None = None,
    units: bool = True,
    quantiles: Sequence[float] = BAND,
    threads: int | None = None,
    scheduler: str | None = None,
    folder: Path | None = None,
    keep: Path | None = None,
    told: Callable[[int, int], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> xr.Dataset:
    """Run a model many times and give the quantiles of what may happen.

    Parameters
    ----------
    model
        See :func:`.model.build_model`.
    replicates
        Number of futures; with ``mode="expected"`` one is enough.
    seed
        The same seed gives the same futures, whatever the number of threads; two models of one
        seed meet the same chance.
    mode
        ``exact`` sampling, ``hybrid`` (a corrected normal where the variance is 30 or more) or
        ``expected`` (no chance at all: the deterministic limit).
    variables
        Of :data:`.kernel.VARIABLES`.
    areas
        Places to be summed, by the name of the area; ``units`` tells the places themselves too.
    quantiles
        Of :data:`.quantiles.LEVELS`.
    threads
        By default all that the machine has; with a scheduler, those of each worker.
    scheduler
        Address of a Dask scheduler whose workers make the blocks; needs the extra ``cluster``.
    folder
        Where finished blocks are kept: a run that was cut off goes on from there.
    keep
        Where every future's own series is written as Parquet while it is made, ``replicate, place,
        date, variable, value``: see :mod:`.kept`. Memory does not grow with replicates; the disk
        does, by an eighth of a byte for a number where counts are small.
    told
        Called with replicates done and asked for after each block.
    stop
        Asked now and then; True ends the run with :class:`Cancelled`.

    Returns
    -------
    Dataset
        For each variable ``name`` (place, date, quantile) and ``name_mean`` (place, date), persons a
        day for flows and persons for levels.
    """
    plan = _plan(model, replicates, seed, mode, variables, areas, units)
    levels = _levels(quantiles)
    name = "" if folder is None and keep is None else plan.name(model)
    kept = None if folder is None else _Kept(folder, name)
    futures = None if keep is None else KeptFutures(keep, name)
    cores = threads or (1 if scheduler else os.cpu_count() or 1)
    grid, sums = _empty(model, plan)
    done = 0
    for first, count, stretches in _made(model, plan, kept, futures, scheduler, cores, stop):
        for day, end, part, total in stretches:
            if first == 0:
                grid[:, day:end] = part
            else:
                held = np.ascontiguousarray(grid[:, day:end])
                put_together(held, done, part, count)
                grid[:, day:end] = held
            sums[:, day:end] += total
        done += count
        if told is not None:
            told(done, replicates)
    return _labelled(model, plan, variables, grid[..., levels], sums / replicates, quantiles)


def _made(
    model: Model,
    plan: Plan,
    kept: "_Kept | None",
    futures: KeptFutures | None,
    scheduler: str | None,
    threads: int,
    stop: Callable[[], bool],
) -> Iterator[tuple[int, int, Iterable[tuple[int, int, Grid, Floats]]]]:
    """Give the blocks in order, each as stretches of days: kept, from a cluster, or made here and now."""
    work = list(plan.blocks(model))
    days = len(model.dates)
    ready = {
        first
        for first, _ in work
        if kept is not None and kept.has(first) and (futures is None or futures.has(first, days))
    }
    missing = [block for block in work if block[0] not in ready]
    make = run_block if futures is None else run_block_to_keep
    afar = (
        on_cluster(scheduler, make, model, plan, missing, threads=threads, stop=stop)
        if scheduler is not None
        else None
    )
    for first, count in work:
        keep = _writer(model, plan, first, futures)
        if kept is None and afar is None:
            yield first, count, _summed(model, plan, first, count, threads, stop, keep)
            continue
        if kept is not None and first in ready:
            grid, sums = kept.load(first)
        else:
            if afar is not None:
                grid, sums, *files = next(afar)
                if futures is not None:
                    futures.write_all(first, files[0])
            else:
                grid, sums = run_block(
                    model, plan, first, count, threads=threads, stop=stop, keep=keep
                )
            if kept is not None:
                kept.save(first, grid, sums)
        yield first, count, [(0, days, grid, sums)]


def _writer(model: Model, plan: Plan, first: int, futures: KeptFutures | None) -> Told:
    def write(told: Stretch) -> None:
        if futures is not None:
            futures.write(first, told.day, told.end, plan.file(model, first, told))

    return write


@dataclass(frozen=True, slots=True)
class _Kept:
    """Finished blocks in a folder, named by what they were made from."""

    folder: Path
    run: str

    def _file(self, first: int) -> Path:
        return self.folder / f"{self.run}-{first}.npz"

    def has(self, first: int) -> bool:
        return self._file(first).exists()

    def load(self, first: int) -> tuple[Grid, Floats]:
        with np.load(self._file(first)) as read:
            return read["grid"], read["sums"]

    def save(self, first: int, grid: Grid, sums: Floats) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self._file(first)
        half = file.with_suffix(".part.npz")
        np.savez(half, grid=grid, sums=sums)
        half.replace(file)  # whole or not at all


def _plan(
    model: Model,
    replicates: int,
    seed: int,
    mode: Mode,
    variables: Sequence[str],
    areas: Mapping[str, Sequence[str]] | None,
    units: bool,
) -> Plan:
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


def _levels(quantiles: Sequence[float]) -> npt.NDArray[np.int64]:
    at = [int(np.argmin(np.abs(LEVELS - q))) for q in quantiles]
    bad = [q for q, k in zip(quantiles, at, strict=True) if abs(LEVELS[k] - q) > 1e-9]
    if bad:
        raise BadParameter("quantiles", str(bad), _LEVEL)
    return np.asarray(at)


def _labelled(
    model: Model,
    plan: Plan,
    variables: Sequence[str],
    grid: Grid,
    mean: Floats,
    quantiles: Sequence[float],
) -> xr.Dataset:
    where = {"place": list(plan.rows), "date": model.dates.astype("datetime64[ns]")}
    level = np.asarray(quantiles, dtype=float)
    result = xr.Dataset(
        attrs={"replicates": plan.replicates, "seed": plan.seed, "mode": MODES[plan.mode]}
    )
    for k, name in enumerate(variables):
        units = {"units": _units(name)}
        result[name] = xr.DataArray(
            grid[:, :, k], {**where, "quantile": level}, ("place", "date", "quantile"), attrs=units
        )
        result[f"{name}_mean"] = xr.DataArray(mean[:, :, k], where, ("place", "date"), attrs=units)
    return result


_ASKED = Text(
    zh="没有这样的选择。请核对次数、方式、变量与地区名称。",
    en="there is no such choice. Check the number, the mode, the variables and the names of places.",
)
_LEVEL = Text(
    zh="只保留了固定的分位数，请从 LEVELS 中选取。",
    en="only fixed quantiles are kept; choose from LEVELS.",
)
