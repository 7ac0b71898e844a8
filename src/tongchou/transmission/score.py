"""How good a forecast was: weighted interval score, coverage, and a baseline that knows nothing."""

from collections.abc import Hashable

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.renewal import HUB_QUANTILES
from tongchou.vocabulary.daily import ONE_DAY, daily_counts
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]


def weighted_interval_score(forecast: xr.DataArray, observed: xr.DataArray) -> xr.DataArray:
    """Give the weighted interval score of a forecast in quantiles: the smaller, the better.

    With median m and the central intervals [l_k, u_k] of level 1 − α_k, k = 1 … K ::

        IS_α(F, y) = (u − l) + (2/α)(l − y)₊ + (2/α)(y − u)₊
        WIS(F, y)  = (½ |y − m| + Σ_k (α_k / 2) IS_{α_k}(F, y)) / (K + ½)

    A forecast of a single number scores its absolute error.

    Parameters
    ----------
    forecast : DataArray (…, quantile)
        Levels symmetric about 0.5, and 0.5 among them.
    observed : DataArray (…)
        What came; matched by label, exactly.

    Returns
    -------
    DataArray (…), unit of the observations

    References
    ----------
    Bracher J, Ray EL, Gneiting T, Reich NG. PLoS Comput Biol 2021;17:e1008618,
    doi 10.1371/journal.pcbi.1008618, equations 1 and 2.

    Examples
    --------
    >>> ahead = xr.DataArray([8.0, 10.0, 14.0], {"quantile": [0.25, 0.5, 0.75]}, ("quantile",))
    >>> round(weighted_interval_score(ahead, xr.DataArray(11.0)).item(), 4)
    1.3333
    """
    forecast = forecast.transpose(..., "quantile").sortby("quantile")
    forecast, observed = xr.align(forecast, observed, join="exact", exclude=("quantile",))
    levels = forecast["quantile"].to_numpy()
    half = len(levels) // 2
    if len(levels) % 2 == 0 or not np.allclose(levels + levels[::-1], 1):
        raise BadParameter(
            "quantile",
            levels.tolist(),
            Text(
                zh="分位数须关于 0.5 对称并含 0.5。请改用 HUB_QUANTILES。",
                en="levels must be symmetric about 0.5 and include it. Use HUB_QUANTILES.",
            ),
        )
    observed, _ = xr.broadcast(observed.astype(float), forecast.isel(quantile=0, drop=True))
    values = forecast.broadcast_like(observed).transpose(*observed.dims, "quantile").to_numpy()
    y = observed.to_numpy()
    alpha = 2 * levels[:half]
    # scoringrules compiles its kernels for 2.4 s whenever it is imported beside numba, a half of what an
    # order may take, and its weighted score adds w·m for w·|y − m| (0.10): it is the second opinion of the tests.
    low, high, beside = values[..., :half], values[..., :half:-1], y[..., None]
    outside = np.maximum(low - beside, 0.0) + np.maximum(beside - high, 0.0)
    intervals = high - low + outside * 2 / alpha
    centre = np.abs(y - values[..., half]) / 2
    score = (centre + (intervals * alpha / 2).sum(axis=-1)) / (half + 0.5)
    result = observed.copy(data=score)
    result.attrs = {"units": observed.attrs.get("units", "as observed")}
    return result


def coverage(forecast: xr.DataArray, observed: xr.DataArray, level: float) -> xr.DataArray:
    """Give whether the central interval of this level held what came.

    Its mean is the coverage. Counts are whole numbers: with few cases an interval holds more than
    its level, because its ends lie on counts that are themselves likely.

    Parameters
    ----------
    forecast : DataArray (…, quantile)
        With the levels (1 − level)/2 and (1 + level)/2.
    observed : DataArray (…)
    level
        Such as 0.5 or 0.95.

    Returns
    -------
    DataArray (…), true or false

    Examples
    --------
    >>> ahead = xr.DataArray([8.0, 10.0, 14.0], {"quantile": [0.25, 0.5, 0.75]}, ("quantile",))
    >>> coverage(ahead, xr.DataArray([7.0, 14.0], dims="date"), 0.5).values.tolist()
    [False, True]
    """
    low, high = (
        forecast.sel(quantile=(1 + sign * level) / 2, method="nearest", tolerance=1e-9, drop=True)
        for sign in (-1, 1)
    )
    inside = (observed >= low) & (observed <= high)
    inside.attrs = {"units": "true or false"}
    return inside


def persistence(
    new_cases: xr.DataArray,
    *,
    horizon: int = 14,
    quantiles: tuple[float, ...] = HUB_QUANTILES,
    history: int = 28,
    window: int = 7,
) -> xr.DataArray:
    """Give the forecast that nothing changes: the last week's level, as uncertain as it used to be.

    The median is the mean of the last ``window`` days. For h days ahead its spread is that of the
    differences between a day and the level h days earlier, over the last ``history`` such pairs, taken
    with both signs; counts below zero are cut.

    Parameters
    ----------
    new_cases : DataArray (place, date), persons per day
    horizon
        Days ahead.
    quantiles
        Levels.
    history
        Pairs looked back at.
    window
        Days of the level.

    Returns
    -------
    DataArray (place, date, quantile), persons per day

    References
    ----------
    After the baseline of Cramer EY et al. PNAS 2022;119:e2113561119, doi 10.1073/pnas.2113561119,
    with a weekly level in place of the last count.

    Examples
    --------
    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(30) * np.timedelta64(1, "D")
    >>> cases = xr.DataArray(np.full((1, 30), 6.0), {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> persistence(cases, horizon=2).sel(quantile=0.975).values.tolist()
    [[6.0, 6.0]]
    """
    new_cases = daily_counts(new_cases, "new_cases")
    I = new_cases.to_numpy()
    if I.shape[1] < window + horizon:
        raise BadParameter(
            "new_cases",
            I.shape[1],
            Text(
                zh=f"至少需要 {window + horizon} 天的逐日数据。",
                en=f"at least {window + horizon} days of counts are needed.",
            ),
        )
    total = np.cumsum(np.pad(I, ((0, 0), (1, 0))), axis=1)
    level = (total[:, window:] - total[:, :-window]) / window
    levels = np.asarray(sorted(quantiles))
    ahead = np.empty((I.shape[0], horizon, len(levels)))
    for h in range(1, horizon + 1):
        change = (I[:, window - 1 + h :] - level[:, :-h])[:, -history:]
        both = np.concatenate([change, -change], axis=1)
        ahead[:, h - 1] = level[:, -1:] + np.quantile(both, levels, axis=1).T
    dates = new_cases["date"].to_numpy()[-1] + ONE_DAY * np.arange(1, horizon + 1)
    return xr.DataArray(
        np.maximum(ahead, 0.0),
        {"place": new_cases["place"], "date": dates, "quantile": levels},
        ("place", "date", "quantile"),
        attrs={"units": "persons per day"},
    )


def skill(score: xr.DataArray, baseline: xr.DataArray, *over: str) -> xr.DataArray:
    """Give the ratio of mean scores, forecast to baseline: below 1 the forecast is the better one.

    Parameters
    ----------
    score, baseline : DataArray
        Scores of the same cases.
    over
        Dimensions to average over before the ratio; all of them if none is named.

    Returns
    -------
    DataArray, ratio
        NaN where the baseline is perfect.

    Examples
    --------
    >>> skill(xr.DataArray([1.0, 3.0], dims="date"), xr.DataArray([2.0, 6.0], dims="date")).item()
    0.5
    """
    score, baseline = xr.align(score, baseline, join="exact")
    dims: list[Hashable] = list(over) if over else list(score.dims)
    bottom = baseline.mean(dims)
    ratio = score.mean(dims) / bottom.where(bottom > 0)
    ratio.attrs = {"units": "ratio"}
    return ratio
