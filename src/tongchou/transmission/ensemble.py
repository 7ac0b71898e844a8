"""Several forecasts as one: quantiles averaged level by level, weighted by how they have done."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]


def vincent(
    forecasts: Mapping[str, xr.DataArray], weights: Mapping[str, float] | None = None
) -> xr.DataArray:
    """Give the weighted mean of the forecasts, quantile by quantile.

    Q(τ) = Σ_m w_m Q_m(τ), Σ w_m = 1. The ensemble keeps the shape of its members and is about as wide as
    they are, where averaging probabilities would make it wider.

    Parameters
    ----------
    forecasts : of DataArray (place, date, quantile)
        By name of the member; the same places, dates and levels.
    weights
        By name, not negative; equal if left out.

    References
    ----------
    Vincent SB. Behavior Monographs 1912;1(5). Lichtendahl KC, Grushka-Cockayne Y, Winkler RL. Manage Sci
    2013;59:1594-1611, doi 10.1287/mnsc.1120.1667.

    Examples
    --------
    >>> low, high = (xr.DataArray([m - 2.0, m, m + 2.0], {"quantile": [0.1, 0.5, 0.9]}, ("quantile",)) for m in (10, 20))
    >>> vincent({"a": low, "b": high}, {"a": 3, "b": 1}).values.tolist()
    [10.5, 12.5, 14.5]
    """
    stacked = _stacked(forecasts)
    w = _weights(list(forecasts), weights)
    return _result(stacked, np.tensordot(w, stacked.to_numpy(), axes=(0, 0)))


def median_of(
    forecasts: Mapping[str, xr.DataArray], weights: Mapping[str, float] | None = None
) -> xr.DataArray:
    """Give the weighted median of the forecasts, quantile by quantile: one wild member moves it little.

    For each place, day and level the members are ordered; the median is where the cumulative weight, each member
    counted half before and half after itself, passes ½, linear in between.

    Parameters as for :func:`vincent`.

    References
    ----------
    Ray EL et al. Int J Forecast 2023;39:1366-1383, doi 10.1016/j.ijforecast.2022.06.005. Cramer EY et al.
    PNAS 2022;119:e2113561119, doi 10.1073/pnas.2113561119.

    Examples
    --------
    >>> members = {name: xr.DataArray([value], {"quantile": [0.5]}, ("quantile",)) for name, value in zip("abc", (1.0, 2.0, 90.0))}
    >>> median_of(members).item()
    2.0
    """
    stacked = _stacked(forecasts)
    w = _weights(list(forecasts), weights)
    values = stacked.to_numpy()
    order = np.argsort(values, axis=0)
    ordered = np.take_along_axis(values, order, axis=0)
    heavy = w[order]
    middle = np.cumsum(heavy, axis=0) - heavy / 2
    above = np.minimum((middle < 0.5).sum(axis=0, keepdims=True), len(w) - 1)
    below = np.maximum(above - 1, 0)
    x0, x1 = (np.take_along_axis(ordered, k, axis=0)[0] for k in (below, above))
    m0, m1 = (np.take_along_axis(middle, k, axis=0)[0] for k in (below, above))
    share = np.clip((0.5 - m0) / np.where(m1 > m0, m1 - m0, 1.0), 0.0, 1.0)
    return _result(stacked, np.sort(x0 + share * (x1 - x0), axis=-1))


def trained_weights(scores: Mapping[str, float], sharpness: float = 2.0) -> dict[str, float]:
    """Give weights from past mean scores: a member twice as bad weighs e^(−θ) of the best.

    w_m ∝ exp(−θ (s_m / min s − 1)), after the relative weights of Ray and others; θ = 0 weighs all alike, a large
    θ picks the best so far. Without any past, or with a perfect member, all weigh alike.

    Parameters
    ----------
    scores
        Mean weighted interval score of each member over the same past days; the smaller, the better.
    sharpness
        θ.

    References
    ----------
    Ray EL et al. Int J Forecast 2023;39:1366-1383, doi 10.1016/j.ijforecast.2022.06.005.

    Examples
    --------
    >>> {name: round(w, 3) for name, w in trained_weights({"a": 1.0, "b": 2.0}, 2.0).items()}
    {'a': 0.881, 'b': 0.119}
    """
    values = np.array(list(scores.values()), dtype=float)
    if not np.isfinite(values).all() or values.min() <= 0:
        raw = np.ones(len(values))
    else:
        raw = np.exp(-sharpness * (values / values.min() - 1))
    return dict(zip(scores, (raw / raw.sum()).tolist(), strict=True))


def _stacked(forecasts: Mapping[str, xr.DataArray]) -> xr.DataArray:
    if not forecasts:
        raise BadParameter(
            "forecasts",
            0,
            Text(zh="集合预测至少需要一个成员。", en="an ensemble needs at least one member."),
        )
    members = xr.align(*forecasts.values(), join="exact")
    return xr.concat(members, dim="model", join="exact").transpose("model", ..., "quantile")


def _weights(names: list[str], weights: Mapping[str, float] | None) -> Floats:
    w = np.array([1.0 if weights is None else weights[name] for name in names])
    if (w < 0).any() or w.sum() <= 0:
        raise BadParameter(
            "weights",
            w.tolist(),
            Text(
                zh="权重不得为负，且至少有一个为正。请改正后重试。",
                en="weights must not be negative and one must be positive. Correct them.",
            ),
        )
    return np.asarray(w / w.sum())


def _result(stacked: xr.DataArray, values: Floats) -> xr.DataArray:
    result = stacked.isel(model=0, drop=True).copy(data=values)
    result.attrs = {"units": "persons per day"}
    return result
