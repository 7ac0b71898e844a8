"""Forecasts that know nothing of epidemics: what a better one has to beat, and what an ensemble may lean on."""

from itertools import product

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy import special

from tongchou.transmission.renewal import HUB_QUANTILES
from tongchou.vocabulary.daily import ONE_DAY, daily_counts
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

WEEK = 7
HISTORY = 28
"""Past differences that tell how far things move."""

SMOOTHING = tuple(product((0.1, 0.3, 0.6), (0.05, 0.2), (0.8, 0.9, 0.98)))
"""Level α, trend β/α and damping φ tried for each place."""


def random_walk(
    new_cases: xr.DataArray,
    *,
    horizon: int = 14,
    quantiles: tuple[float, ...] = HUB_QUANTILES,
) -> xr.DataArray:
    """Give the forecast that the last week's level moves at random, by factors and not by numbers.

    With L_t the mean of the seven days to t and x = log(1 + ·), the median of h days ahead is L; its spread on
    the log scale is that of the last 28 differences x(y_(s+h)) − x(L_s), taken with both signs.

    Parameters
    ----------
    new_cases : DataArray (place, date), persons per day
    horizon
        Days ahead.
    quantiles
        Levels.

    Returns
    -------
    DataArray (place, date, quantile), persons per day

    Examples
    --------
    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(30) * np.timedelta64(1, "D")
    >>> cases = xr.DataArray(np.full((1, 30), 6.0), {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> random_walk(cases, horizon=2).sel(quantile=0.975).values.round(6).tolist()
    [[6.0, 6.0]]
    """
    cases, y = _counts(new_cases, WEEK + horizon)
    level = np.log1p(_weekly(y))
    x = np.log1p(y)
    ahead = np.empty((len(y), horizon, len(quantiles)))
    for h in range(1, horizon + 1):
        change = (x[:, WEEK - 1 + h :] - level[:, :-h])[:, -HISTORY:]
        ahead[:, h - 1] = np.expm1(level[:, -1:] + _both_signs(change, quantiles))
    return _labelled(ahead, cases, horizon, quantiles)


def weekday_naive(
    new_cases: xr.DataArray,
    *,
    horizon: int = 14,
    quantiles: tuple[float, ...] = HUB_QUANTILES,
) -> xr.DataArray:
    """Give the forecast that each day is like the same weekday of the last known week.

    Its spread is that of the last 28 differences between days as many weeks apart, with both signs.

    Parameters and result are those of :func:`random_walk`.

    Examples
    --------
    >>> dates = np.datetime64("2020-02-03", "ns") + np.arange(28) * np.timedelta64(1, "D")
    >>> week = [9.0, 9, 9, 9, 9, 2, 1]
    >>> cases = xr.DataArray([week * 4], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> weekday_naive(cases, horizon=7).sel(quantile=0.5).values.tolist()
    [[9.0, 9.0, 9.0, 9.0, 9.0, 2.0, 1.0]]
    """
    lag = WEEK * -(-horizon // WEEK)
    cases, y = _counts(new_cases, WEEK + lag)
    ahead = np.empty((len(y), horizon, len(quantiles)))
    for h in range(1, horizon + 1):
        apart = WEEK * -(-h // WEEK)
        change = (y[:, apart:] - y[:, :-apart])[:, -HISTORY:]
        same_weekday = y[:, h - 1 - apart, None] if h - 1 < apart else y[:, -1:]
        ahead[:, h - 1] = same_weekday + _both_signs(change, quantiles)
    return _labelled(ahead, cases, horizon, quantiles)


def damped_trend(
    new_cases: xr.DataArray,
    *,
    horizon: int = 14,
    quantiles: tuple[float, ...] = HUB_QUANTILES,
) -> xr.DataArray:
    """Give the forecast of exponential growth or decline that fades: a damped trend of log counts.

    With z = log(1 + y), level l, trend b and one-step error e ::

        e_t = z_t − l_(t−1) − φ b_(t−1)
        l_t = l_(t−1) + φ b_(t−1) + α e_t        b_t = φ b_(t−1) + β e_t
        z_(t+h) ~ Normal(l + b Σ_(j≤h) φ^j, σ² (1 + Σ_(j<h) c_j²)),  c_j = α + β Σ_(i≤j) φ^i

    For each place α, β and φ are those of a small grid with the least mean of squared errors over the last 42 days,
    σ² is that mean over the last 28. (Exponential smoothing with additive error and damped additive trend.)

    Parameters and result are those of :func:`random_walk`.

    References
    ----------
    Gardner ES, McKenzie E. Manage Sci 1985;31:1237-1246, doi 10.1287/mnsc.31.10.1237. Hyndman RJ, Koehler AB,
    Ord JK, Snyder RD. Forecasting with exponential smoothing. Springer 2008, doi 10.1007/978-3-540-71918-2,
    table 6.2.

    Examples
    --------
    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(30) * np.timedelta64(1, "D")
    >>> cases = xr.DataArray(np.full((1, 30), 6.0), {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> damped_trend(cases, horizon=2).sel(quantile=0.5).values.round(6).tolist()
    [[6.0, 6.0]]
    """
    cases, y = _counts(new_cases, 2 * WEEK)
    z = np.log1p(y)
    fits = [_smooth(z, alpha, alpha * share, phi) for alpha, share, phi in SMOOTHING]
    errors = np.stack([e for _, _, e in fits])
    best = (errors[:, :, -42:] ** 2).mean(axis=2).argmin(axis=0)
    at = np.arange(len(z))
    level, trend = (np.stack([fit[k] for fit in fits])[best, at] for k in (0, 1))
    alpha, share, phi = np.array(SMOOTHING)[best].T
    variance = (errors[best, at, -HISTORY:] ** 2).mean(axis=1)
    normal = special.ndtri(np.asarray(sorted(quantiles)))
    ahead = np.empty((len(y), horizon, len(normal)))
    fading, spread = np.zeros(len(z)), np.ones(len(z))
    for h in range(1, horizon + 1):
        fading += phi**h
        centre = level + trend * fading
        ahead[:, h - 1] = np.expm1(centre[:, None] + np.sqrt(variance * spread)[:, None] * normal)
        spread += (alpha + alpha * share * fading) ** 2
    # Nobody forecasts more than ten times the most ever seen from a straight line of logs.
    return _labelled(
        np.minimum(ahead, 10 * (1 + y.max(axis=1))[:, None, None]), cases, horizon, quantiles
    )


def _smooth(z: Floats, alpha: float, beta: float, phi: float) -> tuple[Floats, Floats, Floats]:
    level, trend = z[:, :WEEK].mean(axis=1), np.zeros(len(z))
    errors = np.empty_like(z)
    for day in range(z.shape[1]):
        expected = level + phi * trend
        errors[:, day] = e = z[:, day] - expected
        level, trend = expected + alpha * e, phi * trend + beta * e
    return level, trend, errors


def _weekly(y: Floats) -> Floats:
    total = np.cumsum(np.pad(y, ((0, 0), (1, 0))), axis=1)
    return np.asarray((total[:, WEEK:] - total[:, :-WEEK]) / WEEK)


def _both_signs(change: Floats, quantiles: tuple[float, ...]) -> Floats:
    both = np.concatenate([change, -change], axis=1)
    return np.asarray(np.quantile(both, sorted(quantiles), axis=1).T)


def _counts(new_cases: xr.DataArray, needed: int) -> tuple[xr.DataArray, Floats]:
    cases = daily_counts(new_cases, "new_cases")
    if cases.sizes["date"] <= needed:
        raise BadParameter(
            "new_cases",
            cases.sizes["date"],
            Text(
                zh=f"至少需要 {needed + 1} 天的逐日数据。请把序列从更早的日期开始。",
                en=f"at least {needed + 1} days of counts are needed. Start the series earlier.",
            ),
        )
    return cases, cases.to_numpy()


def _labelled(
    ahead: Floats, cases: xr.DataArray, horizon: int, quantiles: tuple[float, ...]
) -> xr.DataArray:
    dates = cases["date"].to_numpy()[-1] + ONE_DAY * np.arange(1, horizon + 1)
    return xr.DataArray(
        np.maximum(ahead, 0.0),
        {"place": cases["place"], "date": dates, "quantile": np.asarray(sorted(quantiles))},
        ("place", "date", "quantile"),
        attrs={"units": "persons per day"},
    )
