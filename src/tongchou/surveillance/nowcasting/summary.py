"""Draws of a nowcast made into numbers: mean and interval, for places and for areas of places."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import xarray as xr
from numba import prange

from tongchou.vocabulary.compiled import compiled

NARROW = 1024
"""Range of values up to which counting sorts faster than comparing."""
LEVELS = {"q025": 0.025, "median": 0.5, "q975": 0.975}


def summarise(draws: xr.DataArray, reported: xr.DataArray) -> xr.Dataset:
    """Give mean, median and 95 % interval of the draws beside what has been reported.

    Parameters
    ----------
    draws : DataArray (draw, place, date), persons per day
    reported : DataArray (place, date), persons per day

    Returns
    -------
    Dataset (place, date)
        ``reported``, ``estimate`` (mean), ``q025``, ``median``, ``q975``, persons per day.

    Examples
    --------
    >>> dates = np.array(["2020-02-01"], "datetime64[ns]")
    >>> place = {"place": ["420100"], "date": dates}
    >>> draws = xr.DataArray(np.arange(2, 7).reshape(5, 1, 1), {"draw": range(5), **place}, ("draw", "place", "date"))
    >>> result = summarise(draws, xr.DataArray([[2.0]], place, ("place", "date")))
    >>> [float(result[name][0, 0]) for name in ("reported", "estimate", "median")]
    [2.0, 4.0, 4.0]
    """
    values = draws.transpose("place", "draw", "date").to_numpy()
    table = _moments(values, np.array(list(LEVELS.values())))
    result = xr.Dataset({"reported": reported})
    for number, name in enumerate(["estimate", *LEVELS]):
        result[name] = reported.copy(data=table[..., number])
        result[name].attrs = {"units": "persons per day"}
    return result


@compiled(parallel=True)
def _moments(values, levels):  # type: ignore[no-untyped-def]
    """Give mean and quantiles over the draws, linear between order statistics."""
    places, number, days = values.shape
    out = np.zeros((places, days, 1 + len(levels)))
    for p in prange(places):
        row = np.zeros(number, dtype=np.int64)
        times = np.zeros(NARROW + 1, dtype=np.int64)
        for t in range(days):
            low, high, total = values[p, 0, t], values[p, 0, t], 0.0
            for s in range(number):
                row[s] = values[p, s, t]
                low, high = min(low, row[s]), max(high, row[s])
                total += row[s]
            out[p, t, 0] = total / number
            if low == high:
                out[p, t, 1:] = low
                continue
            if high - low <= NARROW:
                _sort_narrow(row, low, high, times)
            else:
                row.sort()
            for k in range(len(levels)):
                at = levels[k] * (number - 1)
                below = int(at)
                above = min(below + 1, number - 1)
                out[p, t, 1 + k] = row[below] + (at - below) * (row[above] - row[below])
    return out


@compiled()
def _sort_narrow(row, low, high, times):  # type: ignore[no-untyped-def]
    """Sort by counting how often each value stands in the row."""
    times[: high - low + 1] = 0
    for s in range(len(row)):
        times[row[s] - low] += 1
    at = 0
    for k in range(high - low + 1):
        for _ in range(times[k]):
            row[at] = low + k
            at += 1


def over_areas(draws: xr.DataArray, areas: Mapping[str, str]) -> xr.DataArray:
    """Add the draws of places up to areas, draw by draw, so that an area is the sum of its places.

    Parameters
    ----------
    draws : DataArray (…, place, …)
        Draws, or counts.
    areas
        Area of each place; a place without one is left out.

    Examples
    --------
    >>> cases = xr.DataArray([[1, 2], [3, 4]], {"place": ["420102", "420103"]}, ("place", "date"))
    >>> over_areas(cases, {"420102": "420100", "420103": "420100"}).values.tolist()
    [[4, 6]]
    """
    named = [areas.get(str(place)) for place in draws["place"].to_numpy()]
    names = sorted({name for name in named if name is not None})
    axis = draws.get_axis_num("place")
    assert isinstance(axis, int)
    values = np.moveaxis(draws.to_numpy(), axis, 0)
    total: npt.NDArray[np.generic] = np.zeros((len(names), *values.shape[1:]), dtype=values.dtype)
    row = {name: number for number, name in enumerate(names)}
    for number, name in enumerate(named):
        if name is not None:
            total[row[name]] += values[number]
    coords = {name: draws[name] for name in draws.coords if name != "place" and name in draws.dims}
    return xr.DataArray(
        np.moveaxis(total, 0, axis), {**coords, "place": names}, draws.dims, attrs=draws.attrs
    )
