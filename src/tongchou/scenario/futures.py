"""The same futures lived under several decisions: what each brings, future by future."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.metapopulation.block import (
    Mode,
    Plan,
    Stretch,
    empty,
    live_block,
    plan_of,
    summed_up,
)
from tongchou.transmission.metapopulation.cluster import on_cluster
from tongchou.transmission.metapopulation.kept import KeptBlocks, KeptFutures
from tongchou.transmission.metapopulation.model import Model
from tongchou.transmission.metapopulation.quantiles import LEVELS, Grid, put_together

Floats = npt.NDArray[np.float64]

VARIABLES = ("infections", "confirmed", "deaths", "ward", "icu", "waiting", "waiting_icu")
"""Told of every day."""

OUTCOMES: Mapping[str, str] = {
    "infections": "persons",
    "cases": "persons",
    "deaths": "persons",
    "peak_ward": "persons",
    "peak_icu": "persons",
    "short_bed_days": "person-days",
    "short_days": "days",
    "peak_day": "days",
    "left": "persons",
}
"""What is kept of every future, and its unit.

Sums over the horizon of new infections, confirmed and deaths; most on wards and in intensive care on one day;
person-days and days on which somebody waited for a bed or for intensive care; the day of most infections (1 is the
first; none where nobody is infected); who is infected after the last day.
"""

DRAWN = ("infections", "confirmed", "deaths", "ward", "icu", "waiting")
"""Of which the quantiles of every day are kept too; of deaths those so far, for a day of few tells nothing."""

FAN = (0.025, 0.25, 0.5, 0.75, 0.975)

Block = tuple[Floats, Grid, list[tuple[int, int, bytes]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What one decision brings.

    ``totals`` (outcome, place, replicate) and ``daily`` (variable, place, date, quantile).
    """

    totals: xr.DataArray
    daily: xr.DataArray


def live(
    model: Model,
    *,
    rows: Mapping[str, Sequence[str]],
    replicates: int,
    seed: int,
    mode: Mode = "exact",
    threads: int = 1,
    scheduler: str | None = None,
    keep: Path | None = None,
    told: Callable[[int], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> Lived:
    """Live all futures of one decision.

    Parameters
    ----------
    model
        With the measures of the decision.
    rows
        Places summed, by the name of what is told.
    replicates, seed, mode, threads, scheduler, stop
        See :func:`tongchou.transmission.metapopulation.run.simulate`.
    keep
        Folder for every future (``futures/*.parquet``) and for finished blocks, from which a run
        that was cut off goes on.
    told
        Called with the futures lived since it was last called.
    """
    plan = plan_of(model, replicates, seed, mode, VARIABLES, rows, units=False)
    totals = np.empty((len(OUTCOMES), len(rows), replicates))
    grid, _ = empty(model, plan)
    done = 0
    for count, (part, ahead, _) in _blocks(model, plan, threads, scheduler, keep, stop):
        totals[:, :, done : done + count] = part
        if done == 0:
            grid = ahead
        else:
            put_together(grid, done, ahead, count)
        done += count
        told(count)
    return _labelled(model, plan, totals, grid)


def _blocks(
    model: Model,
    plan: Plan,
    threads: int,
    scheduler: str | None,
    keep: Path | None,
    stop: Callable[[], bool],
) -> Iterator[tuple[int, Block]]:
    """Give the blocks in order: kept, from a cluster, or lived here and now."""
    work = list(plan.blocks(model))
    name = plan.name(model) if keep is not None else ""
    blocks = None if keep is None else KeptBlocks(keep / "blocks", name)
    futures = None if keep is None else KeptFutures(keep / "futures", name)
    ready = set[int]()
    if blocks is not None and futures is not None:
        days = len(model.dates)
        ready = {f for f, _ in work if blocks.has(f) and futures.has(f, days)}
    make = reduced if keep is None else reduced_to_keep
    missing = [(f, n) for f, n in work if f not in ready]
    afar: Iterator[Block] | None = None
    if scheduler is not None and missing:
        afar = on_cluster(scheduler, make, model, plan, missing, threads=threads, stop=stop)
    for first, count in work:
        if blocks is not None and first in ready:
            read = blocks.load(first)
            yield count, (read["totals"], read["grid"], [])
            continue
        made = (
            next(afar)
            if afar is not None
            else make(model, plan, first, count, threads=threads, stop=stop)
        )
        if blocks is not None and futures is not None:
            futures.write_all(first, made[2])
            blocks.save(first, totals=made[0], grid=made[1])
        yield count, made


def reduced(
    model: Model,
    plan: Plan,
    first: int,
    count: int,
    *,
    threads: int,
    stop: Callable[[], bool],
    keep: Callable[[Stretch], None] = lambda _: None,
) -> Block:
    """Live one block; give what is kept of each future (outcome, row, replicate), and its quantiles by day."""
    rows = len(plan.rows)
    totals = np.zeros((len(OUTCOMES), rows, count))
    totals[list(OUTCOMES).index("peak_day")] = np.nan
    highest = np.zeros((rows, count))
    deaths = VARIABLES.index("deaths")
    died = np.zeros((count, rows, 1), np.float32)
    grid, _ = empty(model, plan)
    with ThreadPoolExecutor(threads) as pool:
        for part in live_block(model, plan, first, count, pool=pool, stop=stop):
            keep(part)
            _add(totals, highest, part)
            so_far = part.values[..., deaths]
            np.cumsum(so_far, axis=2, out=so_far)
            so_far += died
            died = so_far[:, :, -1:].copy()
            grid[:, part.day : part.end] = summed_up(part.values, pool, 4 * threads)
    return totals, grid, []


def reduced_to_keep(
    model: Model, plan: Plan, first: int, count: int, *, threads: int, stop: Callable[[], bool]
) -> Block:
    """Live one block, and give its futures as files too."""
    files: list[tuple[int, int, bytes]] = []

    def keep(part: Stretch) -> None:
        files.append((part.day, part.end, plan.file(model, first, part)))

    found = reduced(model, plan, first, count, threads=threads, stop=stop, keep=keep)
    return (*found[:2], files)


def _add(totals: Floats, highest: Floats, part: Stretch) -> None:
    """Add some days of a block to what is kept of each of its futures."""
    values = np.moveaxis(part.values, 0, -1).astype(float)  # row, day, variable, replicate
    told = {name: values[:, :, k] for k, name in enumerate(VARIABLES)}
    short = told["waiting"] + told["waiting_icu"]
    now = dict(zip(OUTCOMES, totals, strict=True))
    now["infections"] += told["infections"].sum(axis=1)
    now["cases"] += told["confirmed"].sum(axis=1)
    now["deaths"] += told["deaths"].sum(axis=1)
    for peak, level in (("peak_ward", "ward"), ("peak_icu", "icu")):
        np.maximum(now[peak], told[level].max(axis=1), out=now[peak])
    now["short_bed_days"] += short.sum(axis=1)
    now["short_days"] += (short > 0).sum(axis=1)
    top = told["infections"].max(axis=1)
    later = top > highest
    at = part.day + told["infections"].argmax(axis=1) + 1
    now["peak_day"][later] = at[later]
    highest[later] = top[later]
    if part.infected is not None:
        now["left"] += part.infected.T


def _labelled(model: Model, plan: Plan, totals: Floats, grid: Grid) -> Lived:
    where: dict[str, Any] = {"place": list(plan.rows)}
    level = [int(np.argmin(np.abs(LEVELS - q))) for q in FAN]
    drawn = [VARIABLES.index(v) for v in DRAWN]
    return Lived(
        totals=xr.DataArray(
            totals,
            {"outcome": list(OUTCOMES)} | where | {"replicate": np.arange(plan.replicates)},
            ("outcome", "place", "replicate"),
        ),
        daily=xr.DataArray(
            np.moveaxis(grid[:, :, drawn][..., level], 2, 0),
            {"variable": list(DRAWN)}
            | where
            | {"date": model.dates.astype("datetime64[ns]"), "quantile": list(FAN)},
            ("variable", "place", "date", "quantile"),
            attrs={"units": "persons, a day for infections and confirmed"},
        ),
    )
