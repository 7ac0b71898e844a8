"""What will be reported: draws of a calibration lived on by exact chance, delayed, found in part, and counted.

The engine counts a case as confirmed when its course isolates or admits it, in all places alike. A
calibration knows better: how long reports take and which share is found, draw by draw.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.calibration.members import live_members
from tongchou.transmission.calibration.result import Calibration
from tongchou.transmission.counts import poisson_count
from tongchou.transmission.metapopulation.chance import EXACT
from tongchou.transmission.metapopulation.model import Model

Floats = npt.NDArray[np.float64]

AT_ONCE = 64
"""Replicates lived at a time: bounds the memory, and changes no number."""


def report_ahead(
    calibration: Calibration,
    model: Model,
    *,
    replicates: int,
    areas: Mapping[str, Sequence[str]],
    quantiles: Sequence[float],
    seed: int,
    threads: int = 1,
) -> tuple[xr.DataArray, xr.DataArray]:
    """Give quantiles (place, date, quantile) and mean (place, date) of the counts reported on the days ahead.

    With I the infections of a replicate, before the night as fitted and afterwards as lived by the
    engine, d the delay and ρ the share reported of its draw::

        C_i(t) ~ Poisson(γ_g(t) ρ_g(t) Σ_s d_s(t − s) I_i(s)),   γ_g(t) ~ Gamma(k, 1/k)

    so that the count of a group is negative-binomial with dispersion k, as in the fit. Infections are
    those of :func:`tongchou.transmission.metapopulation.run.simulate` with the same model and seed; counts of
    two models of one seed meet the same chance.

    Parameters
    ----------
    calibration
        The fit.
    model
        Of the days ahead, its start and scale the draws in their order.
    replicates
        Futures; replicate r goes on from draw r modulo their number.
    areas
        Places to be summed, by the name of the area; the places themselves come first.
    quantiles
        Levels.
    seed, threads
        As for the engine.
    """
    counts = counts_ahead(
        calibration, model, replicates=replicates, areas=areas, seed=seed, threads=threads
    )
    where: dict[str, Any] = {n: counts[n] for n in ("place", "date")}
    levels = np.moveaxis(np.quantile(counts.to_numpy(), list(quantiles), axis=0), 0, -1)
    units = {"units": "persons per day"}
    return (
        xr.DataArray(
            levels, {**where, "quantile": list(quantiles)}, ("place", "date", "quantile"), attrs=units
        ),
        xr.DataArray(
            counts.to_numpy().mean(axis=0, dtype=float), where, ("place", "date"), attrs=units
        ),
    )  # fmt: skip


def counts_ahead(
    calibration: Calibration,
    model: Model,
    *,
    replicates: int,
    areas: Mapping[str, Sequence[str]],
    seed: int,
    threads: int = 1,
) -> xr.DataArray:
    """Give the counts reported in every future (replicate, place, date), persons per day.

    Parameters are those of :func:`report_ahead`, whose quantiles are of these.
    """
    rows = {p: [i] for i, p in enumerate(model.places)}
    rows |= {a: [model.places.index(m) for m in of] for a, of in areas.items()}
    sums = np.zeros((len(model.places), len(rows)))
    for k, of in enumerate(rows.values()):
        sums[of, k] = 1.0
    counts = np.empty((replicates, len(model.dates), len(rows)), np.float32)
    before = pipeline(calibration, model.dates)
    rng = np.random.default_rng(seed)
    for first in range(0, replicates, AT_ONCE):
        which = np.arange(first, min(first + AT_ONCE, replicates))
        counts[which] = _counted(calibration, model, which, before, seed, threads, rng) @ sums
    return xr.DataArray(
        counts.swapaxes(1, 2),
        {
            "replicate": np.arange(replicates),
            "place": list(rows),
            "date": model.dates.astype("datetime64[ns]"),
        },
        ("replicate", "place", "date"),
        attrs={"units": "persons per day"},
    )


def pipeline(calibration: Calibration, dates: npt.NDArray[np.datetime64]) -> Floats:
    """Give what would arrive on later days (draw, day, place) of the infections lived so far, if all were reported."""
    lived = calibration.model.dates
    infections, delay = calibration.infections, calibration.delay
    begin = int((dates[0] - lived[0]).astype(int))
    out = np.zeros((len(infections), len(dates), infections.shape[2]), np.float32)
    for day in range(len(dates)):
        lag = begin + day - np.arange(len(lived))
        shown = lag < delay.shape[1]
        weights = delay[np.flatnonzero(shown), lag[shown]].astype(np.float32)
        out[:, day] = np.einsum("mtp,t->mp", infections[:, shown], weights)
    return np.maximum(out, 0.0)


def _counted(
    calibration: Calibration,
    model: Model,
    which: npt.NDArray[np.int64],
    before: Floats,
    seed: int,
    threads: int,
    rng: np.random.Generator,
) -> Floats:
    """Give counts (replicate, day, place) of some replicates."""
    draw = which % calibration.draws
    delay = np.broadcast_to(calibration.delay[-1], (len(model.dates), calibration.delay.shape[1]))
    _, arriving = live_members(
        model,
        model.start[draw],
        model.scale[draw % len(model.scale)],
        np.ones((len(which), len(model.places))),
        np.ascontiguousarray(delay),
        mode=EXACT,
        replicates=which,
        seed=seed,
        threads=threads,
    )
    group = calibration.model.group
    share = calibration.reported_share(model.dates)[draw]
    k = calibration.dispersion
    uneven = rng.gamma(k, 1 / k, (len(which), len(model.dates), len(calibration.groups)))
    mean = (arriving + before[draw]) * (share * uneven)[..., group]
    return poisson_count(np.maximum(mean, 0.0), rng.standard_normal(mean.shape))
