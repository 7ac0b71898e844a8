"""What may happen in the next days: a renewal forecast with its range, for all places at once."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.counts import poisson_count
from tongchou.transmission.present import Present, Start
from tongchou.transmission.reporting import habit_on
from tongchou.transmission.transmissibility import Transmissibility
from tongchou.vocabulary.daily import ONE_DAY, daily_counts
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
    weekday: xr.DataArray | None = None,
    serial_interval_se: float = 0.0,
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

    What is not known for certain about the present is drawn with the rest: with draws of a nowcast each
    future starts from one of them; with ``serial_interval_se`` each chunk of futures has a serial interval of
    its own; with ``weekday`` counts are seen through the habits of reporting.

    Parameters
    ----------
    new_cases : DataArray (place, date) or (draw, place, date), persons per day
        Up to the date of the forecast; without gaps and corrections. Draws of a nowcast differ in the
        days on which not all cases are reported yet; what needs one number is taken from their mean.
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
    weekday : DataArray (place, weekday) or (weekday), optional
        Share of a usual day's count that is reported on each weekday, 0 for Monday, from
        :func:`tongchou.transmission.reporting.weekday_effect`.
    serial_interval_se
        Standard error of the mean serial interval, days; the standard deviation keeps its ratio to the mean.
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
    counts, drawn, habit = _seen_evenly(new_cases, weekday, horizon)
    names = counts["place"].to_numpy()
    wanted = np.ones(len(names), bool) if only is None else np.isin(names, list(only))
    chosen = np.flatnonzero(wanted)
    dates = counts["date"].to_numpy()[-1] + ONE_DAY * np.arange(1, horizon + 1)
    grid = xr.DataArray(
        np.ones((len(chosen), horizon)), {"place": names[chosen], "date": dates}, ("place", "date")
    )
    present = Present(counts, drawn, assumptions, chosen, horizon, serial_interval_se)
    factor = _on_grid(multiplier, grid, "multiplier")
    imported = None if importation is None else _on_grid(importation, grid, "importation")
    futures = np.empty((len(chosen), horizon, draws), dtype=np.float32)
    chunks = list(_chunks(draws, 3 + 3 * horizon, rng))

    def simulate(chunk: tuple[slice, list[np.random.Generator]]) -> None:
        part, streams = chunk
        start = present.start(part, CHUNK, streams[-1])
        drawn = _simulate(start, assumptions, factor, imported, habit[chosen], streams)
        futures[..., part] = drawn[..., : part.stop - part.start]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(simulate, chunks))
    return _summary(futures, grid, quantiles, present.now)


def _seen_evenly(
    new_cases: xr.DataArray, weekday: xr.DataArray | None, horizon: int
) -> tuple[xr.DataArray, Floats | None, Floats]:
    """Give counts as if every weekday reported alike, their draws if any, and the habit of each day ahead."""
    several = "draw" in new_cases.dims
    central = new_cases.mean("draw", skipna=False) if several else new_cases
    counts = daily_counts(central, "new_cases")
    if several:
        daily_counts(new_cases.min("draw", skipna=False), "new_cases")
    days = counts["date"].to_numpy()
    days = np.concatenate([days, days[-1] + ONE_DAY * np.arange(1, horizon + 1)])
    habit = habit_on(weekday, counts["place"].to_numpy(), days)
    so_far, ahead = habit[:, :-horizon], habit[:, -horizon:]
    drawn = new_cases.transpose("draw", "place", "date").to_numpy() / so_far if several else None
    return counts / so_far, drawn, ahead


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


def _chunks(
    draws: int, streams: int, rng: np.random.Generator
) -> Iterator[tuple[slice, list[np.random.Generator]]]:
    for start in range(0, draws, CHUNK):
        # A chunk is always simulated whole, so that its draws do not depend on how many are kept.
        yield slice(start, min(start + CHUNK, draws)), rng.spawn(1)[0].spawn(streams)


def _simulate(
    start: Start,
    assumptions: ForecastAssumptions,
    factor: Floats,
    imported: Floats | None,
    habit: Floats,
    streams: list[np.random.Generator],
) -> Floats:
    now, w = start.now, start.w
    places, horizon = factor.shape
    size = (places, CHUNK)
    shape, rate = (x.reshape(places, -1) for x in (now.shape, now.rate))
    known = start.known.reshape(places, horizon, -1)
    ceiling = np.log(assumptions.reproduction_ceiling)
    R = streams[0].standard_gamma(shape, size) / rate
    x = np.minimum(np.log(np.maximum(R, 1e-12)), ceiling)
    sparks = streams[1].standard_gamma(now.spark_shape[:, None], size) / now.spark_rate[:, None]
    answer = 0.5 ** (1 / assumptions.response_half_life)
    k, trend = now.dispersion, now.trend
    habitual = bool((habit != 1).any())
    reported: list[Floats] = []
    even: list[Floats] = []
    for h in range(horizon):
        drift, scatter, chance = streams[2 + 3 * h : 5 + 3 * h]
        x = np.where(x > 0, answer * x, x) + trend
        x = np.minimum(x + assumptions.drift_sd * drift.standard_normal(size), ceiling)
        trend = trend * assumptions.trend_damping
        infectivity = known[:, h] + np.zeros(size)
        for lag in range(1, min(h + 1, len(w))):
            infectivity += w[lag] * even[h - lag]
        mu = factor[:, h, None] * np.exp(x) * infectivity
        mu += sparks if imported is None else imported[:, h, None]
        if habitual:
            mu *= habit[:, h, None]
        mu = np.minimum(mu, HIGHEST) * (scatter.standard_gamma(k, size) / k)
        reported.append(poisson_count(mu, chance.standard_normal(size)))
        even.append(reported[-1] / habit[:, h, None] if habitual else reported[-1])
    return np.stack(reported, axis=1)


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
