"""Many replicates of a model: blocks of futures, put together as they are made."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.metapopulation.block import MODES as MODES
from tongchou.transmission.metapopulation.block import (
    Floats,
    Plan,
    Stretch,
    Told,
    empty,
    live_block,
    plan_of,
    run_block,
    run_block_to_keep,
    summed,
)
from tongchou.transmission.metapopulation.block import Mode as Mode
from tongchou.transmission.metapopulation.cluster import on_cluster
from tongchou.transmission.metapopulation.compartments import VARIABLES
from tongchou.transmission.metapopulation.kept import KeptBlocks, KeptFutures
from tongchou.transmission.metapopulation.model import Model
from tongchou.transmission.metapopulation.quantiles import LEVELS, Grid, put_together
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

USUAL = ("infections", "confirmed", "ward", "icu", "deaths")
BAND = (0.025, 0.25, 0.5, 0.75, 0.975)


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
        One of :data:`.compartments.VARIABLES`.
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
    plan = plan_of(model, replicates, seed, mode, [variable], told, units=False)
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
        Of :data:`.compartments.VARIABLES`.
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
    plan = plan_of(model, replicates, seed, mode, variables, areas, units)
    levels = _levels(quantiles)
    name = "" if folder is None and keep is None else plan.name(model)
    kept = None if folder is None else KeptBlocks(folder, name)
    futures = None if keep is None else KeptFutures(keep, name)
    cores = threads or (1 if scheduler else os.cpu_count() or 1)
    grid, sums = empty(model, plan)
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
    kept: KeptBlocks | None,
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
            yield first, count, summed(model, plan, first, count, threads, stop, keep)
            continue
        if kept is not None and first in ready:
            read = kept.load(first)
            grid, sums = read["grid"], read["sums"]
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
                kept.save(first, grid=grid, sums=sums)
        yield first, count, [(0, days, grid, sums)]


def _writer(model: Model, plan: Plan, first: int, futures: KeptFutures | None) -> Told:
    def write(told: Stretch) -> None:
        if futures is not None:
            futures.write(first, told.day, told.end, plan.file(model, first, told))

    return write


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


_LEVEL = Text(
    zh="只保留了固定的分位数，请从 LEVELS 中选取。",
    en="only fixed quantiles are kept; choose from LEVELS.",
)
