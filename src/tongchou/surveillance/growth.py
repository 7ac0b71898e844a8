"""How fast counts grow or fall: growth rate per day, doubling and halving time."""

import numpy as np
import numpy.typing as npt
import xarray as xr
from numpy.lib.stride_tricks import sliding_window_view
from scipy import special

from tongchou.vocabulary.daily import daily_counts
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

STEPS = 50
TOLERANCE = 1e-9
CELLS = 200_000
"""Regressions solved at once: bounds the memory, does not touch the result."""


def growth_rate(new_cases: xr.DataArray, *, window: int = 14, level: float = 0.95) -> xr.Dataset:
    """Give the daily growth rate of counts over a sliding window, by quasi-Poisson regression.

    In the window of n days ending at t, E(y_s) = exp(α + r s) and var(y_s) = φ E(y_s), with
    φ = max(1, Pearson χ² / (n − 2)); the interval is r ± t_(n−2) · se(r). Doubling time is
    ln 2 / r where r > 0, halving time −ln 2 / r where r < 0.

    Parameters
    ----------
    new_cases : DataArray (place, date), persons per day
    window
        n, days; at least 4.
    level
        Coverage of the interval.

    Returns
    -------
    Dataset (place, date)
        ``rate``, ``low``, ``high`` per day; ``doubling_time`` and ``halving_time``, days; ``usable``:
        the window is full and holds at least two days with cases, without which no slope exists.

    References
    ----------
    McCullagh P, Nelder JA. Generalized Linear Models, 2nd ed. 1989, chapters 2.5 and 6.2.

    Examples
    --------
    >>> dates = np.datetime64("2020-01-11", "ns") + np.arange(14) * np.timedelta64(1, "D")
    >>> doubling = 10 * 2 ** (np.arange(14) / 7)
    >>> cases = xr.DataArray(doubling[None], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> growth = growth_rate(cases)
    >>> round(float(growth["doubling_time"][0, -1]), 3)
    7.0
    """
    if window < 4:
        raise BadParameter(
            "window",
            window,
            Text(
                zh="至少 4 天，否则没有自由度估计离散。",
                en="at least 4 days, or nothing is left to judge the scatter by.",
            ),
        )
    new_cases = daily_counts(new_cases, "new_cases")
    I = new_cases.to_numpy()
    rate, se = np.full(I.shape, np.nan), np.full(I.shape, np.nan)
    if I.shape[1] >= window:
        y = sliding_window_view(I, window, axis=1)
        usable = (y > 0).sum(axis=-1) >= 2
        rate[:, window - 1 :][usable], se[:, window - 1 :][usable] = _fit(y[usable])
    margin = special.stdtrit(window - 2, (1 + level) / 2) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        time = np.log(2) / np.abs(rate)
    variables = {
        "rate": (rate, "per day"),
        "low": (rate - margin, "per day"),
        "high": (rate + margin, "per day"),
        "doubling_time": (np.where(rate > 0, time, np.nan), "days"),
        "halving_time": (np.where(rate < 0, time, np.nan), "days"),
        "usable": (np.isfinite(rate), "true or false"),
    }
    result = xr.Dataset()
    for name, (values, units) in variables.items():
        result[name] = new_cases.copy(data=values)
        result[name].attrs = {"units": units}
    return result


def _fit(y: Floats) -> tuple[Floats, Floats]:
    """Solve many log-linear regressions on the same days: slope per day and its standard error."""
    rate, se = np.empty(len(y)), np.empty(len(y))
    for start in range(0, len(y), CELLS):
        part = slice(start, start + CELLS)
        rate[part], se[part] = _fit_part(y[part])
    return rate, se


def _fit_part(y: Floats) -> tuple[Floats, Floats]:
    n = y.shape[-1]
    half = (n - 1) / 2
    x = (np.arange(n) - half) / half  # −1 … 1 keeps the Newton steps of one scale
    total, moment = y.sum(axis=-1), y @ x
    slope = np.zeros(len(y))
    # For a given slope the best level is known in closed form, so Newton runs on the slope alone.
    for _ in range(STEPS):
        weight = np.exp(slope[:, None] * x)
        weight /= weight.sum(axis=-1, keepdims=True)
        centre = weight @ x
        spread = weight @ x**2 - centre**2
        step = np.clip((moment / total - centre) / np.maximum(spread, 1e-12), -1, 1)
        slope += step
        if np.abs(step).max() < TOLERANCE:
            break
    weight = np.exp(slope[:, None] * x)
    mu = weight * (total / weight.sum(axis=-1))[:, None]
    phi = np.maximum(1.0, ((y - mu) ** 2 / np.maximum(mu, 1e-12)).sum(axis=-1) / (n - 2))
    centre = (mu @ x) / total
    information = mu @ x**2 - total * centre**2
    return slope / half, np.sqrt(phi / information) / half
