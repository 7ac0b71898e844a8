"""What may happen in the next days: a renewal forecast with its range, for all places at once."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.counts import poisson_count
from tongchou.transmission.transmissibility import Transmissibility, estimate_transmissibility
from tongchou.vocabulary.daily import ONE_DAY, daily_counts
from tongchou.vocabulary.distributions import serial_interval_probabilities
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

HUB_QUANTILES = (0.01, 0.025, *(round(0.05 * k, 2) for k in range(1, 20)), 0.975, 0.99)
"""The 23 levels that forecast hubs ask for (Cramer et al 2022, doi 10.1038/s41597-022-01517-w)."""

CHUNK = 100
"""Draws simulated together: bounds the memory; a draw's numbers do not depend on the others."""

HIGHEST = 1e7
"""Expected new cases a day above which a draw is held: keeps a runaway draw finite."""


def forecast(
    new_cases: xr.DataArray,
    assumptions: ForecastAssumptions,
    *,
    horizon: int = 14,
    draws: int = 1000,
    quantiles: tuple[float, ...] = HUB_QUANTILES,
    multiplier: xr.DataArray | None = None,
    importation: xr.DataArray | None = None,
    only: Sequence[str] | None = None,
    rng: np.random.Generator,
) -> xr.Dataset:
    """Give daily and cumulative new cases of the next days, as quantiles and mean.

    For each draw and place, day by day from h = 1 ::

        log R_h = min(d(log R_(h−1)) + b ψ^(h−1) + σ ε_h, log ceiling)
        μ_h = m_h R_h Σ_k w_k I_(h−k) + s
        I_h ~ NegativeBinomial(mean μ_h, dispersion k)

    - R₀ is drawn from its posterior (:func:`~tongchou.transmission.transmissibility.estimate_transmissibility`).
    - d halves a positive log R every ``response_half_life`` days and leaves a negative one: growth is
      answered, control is kept. b is the falling trend of the common R, damped by ψ; σ the drift.
    - m_h is the multiplier of a package of measures, 1 without one.
    - s are cases no known case explains: the importation handed in, or else a rate of sparks drawn
      for each place from what quiet places have seen lately. So a place without any case has a
      forecast too.

    Parameters
    ----------
    new_cases : DataArray (place, date), persons per day
        Up to the date of the forecast; without gaps and corrections.
    assumptions
        See :class:`~tongchou.transmission.assumptions.ForecastAssumptions`.
    horizon
        Days ahead.
    draws
        Number of futures drawn.
    quantiles
        Levels to give, each between 0 and 1.
    multiplier : DataArray (place), (date) or (place, date), optional
        Factor on R by place and day ahead. Two packages are compared with equal generators: the
        same chance then meets both, and every draw with a larger multiplier has as many cases or more.
    importation : DataArray (place) or (place, date), persons per day, optional
        Expected imported cases; takes the place of the sparks.
    only
        Places to draw futures for; the others still inform the common R. All by default.
    rng
        One child stream is spawned for each chunk of draws, purpose and day, and each is read place by
        place: adding draws or appending places leaves the chance that the others meet unchanged.

    Returns
    -------
    Dataset
        ``new_cases`` (place, date, quantile), persons per day; ``cumulative`` (place, date, quantile),
        persons since the date of the forecast; ``mean`` (place, date), persons per day; ``no_case``
        (place, date), probability that no case is confirmed up to that day.
        ``attrs``: the common R, its trend and the dispersion.

    References
    ----------
    Fraser C. PLoS ONE 2007;2:e758, doi 10.1371/journal.pone.0000758, equation 1. Gardner ES,
    McKenzie E. Manage Sci 1985;31:1237-1246, doi 10.1287/mnsc.31.10.1237 (damped trend).

    Examples
    --------
    >>> dates = np.datetime64("2020-01-20", "ns") + np.arange(30) * np.timedelta64(1, "D")
    >>> cases = xr.DataArray(np.full((1, 30), 20.0), {"place": ["330300"], "date": dates}, ("place", "date"))
    >>> ahead = forecast(cases, ForecastAssumptions.from_table(), horizon=7, draws=200, rng=np.random.default_rng(1))
    >>> ahead["new_cases"].dims, str(ahead["date"].values[0])[:10]
    (('place', 'date', 'quantile'), '2020-02-19')
    >>> bool((ahead["new_cases"].sel(quantile=0.025) <= 20).all() & (ahead["new_cases"].sel(quantile=0.975) >= 20).all())
    True
    """
    new_cases = daily_counts(new_cases, "new_cases")
    now = estimate_transmissibility(new_cases, assumptions)
    if only is not None:
        now = now.of(np.flatnonzero(np.isin(new_cases["place"].to_numpy(), list(only))))
        new_cases = new_cases.isel(place=np.isin(new_cases["place"].to_numpy(), list(only)))
    dates = new_cases["date"].to_numpy()[-1] + ONE_DAY * np.arange(1, horizon + 1)
    grid = xr.DataArray(
        np.ones((new_cases.sizes["place"], horizon)),
        {"place": new_cases["place"], "date": dates},
        ("place", "date"),
    )
    w = serial_interval_probabilities(assumptions.serial_interval)
    known = _known_infectivity(new_cases.to_numpy(), w, horizon)
    factor = _on_grid(multiplier, grid, "multiplier")
    imported = None if importation is None else _on_grid(importation, grid, "importation")
    futures = np.empty((grid.sizes["place"], horizon, draws), dtype=np.float32)
    chunks = list(_chunks(draws, 2 + 3 * horizon, rng))

    def simulate(chunk: tuple[slice, list[np.random.Generator]]) -> None:
        part, streams = chunk
        drawn = _simulate(now, assumptions, known, w, factor, imported, streams)
        futures[..., part] = drawn[..., : part.stop - part.start]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(simulate, chunks))
    return _summary(futures, grid, quantiles, now)


def _on_grid(path: xr.DataArray | None, grid: xr.DataArray, name: str) -> Floats:
    if path is None:
        return grid.to_numpy()
    for dim in path.dims:
        missing = np.setdiff1d(grid[dim], path[dim]) if dim in grid.dims else path[dim].to_numpy()
        if len(missing):
            raise BadParameter(
                name,
                f"{dim}: {missing[0]} …",
                Text(
                    zh="须覆盖预测的每个地区与每一天，且只含 place 与 date 两个维度。请用 reindex 补齐。",
                    en="it must cover every place and day of the forecast, and have no dimensions but place and date. Complete it with reindex.",
                ),
            )
        path = path.sel({dim: grid[dim]})
    return (grid * path).transpose("place", "date").to_numpy().astype(float)


def _known_infectivity(I: Floats, w: Floats, horizon: int) -> Floats:
    """Infectivity that the cases already known will exert on each day ahead, (place, horizon)."""
    ahead = np.zeros((I.shape[0], horizon))
    for h in range(1, horizon + 1):
        lags = np.arange(h, min(len(w), I.shape[1] + h))
        ahead[:, h - 1] = I[:, I.shape[1] - 1 + h - lags] @ w[lags]
    return ahead


def _chunks(
    draws: int, streams: int, rng: np.random.Generator
) -> Iterator[tuple[slice, list[np.random.Generator]]]:
    for start in range(0, draws, CHUNK):
        # A chunk is always simulated whole, so that its draws do not depend on how many are kept.
        yield slice(start, min(start + CHUNK, draws)), rng.spawn(1)[0].spawn(streams)


def _simulate(
    now: Transmissibility,
    assumptions: ForecastAssumptions,
    known: Floats,
    w: Floats,
    factor: Floats,
    imported: Floats | None,
    streams: list[np.random.Generator],
) -> Floats:
    places, horizon = known.shape
    size = (places, CHUNK)
    start = streams[0].standard_gamma(now.shape[:, None], size) / now.rate[:, None]
    ceiling = np.log(assumptions.reproduction_ceiling)
    x = np.minimum(np.log(np.maximum(start, 1e-12)), ceiling)
    sparks = streams[1].standard_gamma(now.spark_shape[:, None], size) / now.spark_rate[:, None]
    answer = 0.5 ** (1 / assumptions.response_half_life)
    k, trend = now.dispersion, now.trend
    simulated: list[Floats] = []
    for h in range(horizon):
        drift, scatter, chance = streams[2 + 3 * h : 5 + 3 * h]
        x = np.where(x > 0, answer * x, x) + trend
        x = np.minimum(x + assumptions.drift_sd * drift.standard_normal(size), ceiling)
        trend *= assumptions.trend_damping
        infectivity = known[:, h, None] + np.zeros(size)
        for lag in range(1, min(h + 1, len(w))):
            infectivity += w[lag] * simulated[h - lag]
        mu = factor[:, h, None] * np.exp(x) * infectivity
        mu += sparks if imported is None else imported[:, h, None]
        mu = np.minimum(mu, HIGHEST) * (scatter.standard_gamma(k, size) / k)
        simulated.append(poisson_count(mu, chance.standard_normal(size)))
    return np.stack(simulated, axis=1)


def _summary(
    futures: npt.NDArray[np.float32],
    grid: xr.DataArray,
    quantiles: tuple[float, ...],
    now: Transmissibility,
) -> xr.Dataset:
    levels = np.asarray(sorted(quantiles))
    coords = {**grid.coords, "quantile": levels}
    dims = ("place", "date", "quantile")
    mean = futures.mean(axis=-1, dtype=float)
    daily = _quantiles(futures, levels)
    np.cumsum(futures, axis=1, out=futures)
    none = (futures == 0).mean(axis=-1)
    result = xr.Dataset(
        {
            "new_cases": xr.DataArray(daily, coords, dims, attrs={"units": "persons per day"}),
            "cumulative": xr.DataArray(
                _quantiles(futures, levels), coords, dims, attrs={"units": "persons"}
            ),
            "mean": grid.copy(data=mean),
            "no_case": grid.copy(data=none),
        }
    )
    result["mean"].attrs = {"units": "persons per day"}
    result["no_case"].attrs = {"units": "probability"}
    result.attrs = {
        "common_reproduction": now.common,
        "trend_per_day": now.trend,
        "dispersion": now.dispersion,
    }
    return result


def _quantiles(futures: npt.NDArray[np.float32], levels: Floats) -> Floats:
    """Quantiles over the last axis (linear between order statistics), one day at a time."""
    draws = futures.shape[-1]
    position = levels * (draws - 1)
    below = np.floor(position).astype(int)
    above, share = np.minimum(below + 1, draws - 1), position - below
    result = np.empty((*futures.shape[:2], len(levels)))
    for day in range(futures.shape[1]):
        ordered = np.sort(futures[:, day], axis=-1)
        result[:, day] = (1 - share) * ordered[:, below] + share * ordered[:, above]
    return result
