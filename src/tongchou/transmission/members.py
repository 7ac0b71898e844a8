"""The forecasts that stand side by side: each from counts to quantiles, by name."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import xarray as xr

from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.baselines import damped_trend, random_walk, weekday_naive
from tongchou.transmission.renewal import forecast
from tongchou.transmission.reporting import weekday_effect
from tongchou.transmission.score import persistence

Forecaster = Callable[[xr.DataArray, int, np.random.Generator], xr.DataArray]
"""From new cases (place, date), days ahead and chance to quantiles (place, date, quantile)."""

BASELINES: Mapping[str, Callable[..., xr.DataArray]] = {
    "persistence": persistence,
    "random_walk": random_walk,
    "damped_trend": damped_trend,
    "weekday": weekday_naive,
}
ENSEMBLE_OF = ("renewal", "persistence")
"""Members of the ensemble: one that knows epidemics and one that expects no change. The trend and the walk draw
growth on without an end; with them the ensemble was worse on every epidemic tried (docs/methods/ensemble.md)."""


def forecasters(
    assumptions: ForecastAssumptions,
    *,
    names: Sequence[str] = ("renewal", *BASELINES),
    draws: int = 1000,
    serial_interval_se: float = 0.0,
    by_weekday: bool = False,
) -> dict[str, Forecaster]:
    """Give forecasters by name, all of the same form.

    Parameters
    ----------
    assumptions
        Of the renewal forecast.
    names
        ``renewal`` and those of :data:`BASELINES`.
    draws, serial_interval_se
        See :func:`tongchou.transmission.renewal.forecast`.
    by_weekday
        Whether the renewal forecast sees counts through habits of reporting
        (:func:`tongchou.transmission.reporting.weekday_effect`).

    Examples
    --------
    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(40) * np.timedelta64(1, "D")
    >>> cases = xr.DataArray(np.full((1, 40), 6.0), {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> plain = forecasters(ForecastAssumptions.from_table(), names=("persistence", "weekday"))
    >>> [float(f(cases, 7, np.random.default_rng(1)).sel(quantile=0.5)[0, 0]) for f in plain.values()]
    [6.0, 6.0]
    """

    def renewal(cases: xr.DataArray, horizon: int, rng: np.random.Generator) -> xr.DataArray:
        central = cases.mean("draw") if "draw" in cases.dims else cases
        weekday = weekday_effect(central) if by_weekday else None
        return forecast(
            cases,
            assumptions,
            horizon=horizon,
            draws=draws,
            weekday=weekday,
            serial_interval_se=serial_interval_se,
            rng=rng,
        )["new_cases"]

    def plain(name: str) -> Forecaster:
        return lambda cases, horizon, rng: BASELINES[name](cases, horizon=horizon)

    return {name: renewal if name == "renewal" else plain(name) for name in names}
