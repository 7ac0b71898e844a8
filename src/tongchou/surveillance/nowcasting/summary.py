"""Draws of a nowcast made into numbers: mean and interval, for places and for areas of places."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import xarray as xr
from numba import prange

from tongchou.surveillance.nowcasting.compiled import compiled

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
    values = draws.transpose("place", "date", "draw").to_numpy()
    cells = np.ascontiguousarray(values).reshape(-1, values.shape[2])
    table = _moments(cells, np.array(list(LEVELS.values()))).reshape(*values.shape[:2], -1)
    result = xr.Dataset({"reported": reported})
    for number, name in enumerate(["estimate", *LEVELS]):
        result[name] = reported.copy(data=table[..., number])
        result[name].attrs = {"units": "persons per day"}
    return result


@compiled(parallel=True)
def _moments(cells, levels):  # type: ignore[no-untyped-def]
    """Give mean and quantiles of each row, linear between order statistics."""
    rows, number = cells.shape
    out = np.zeros((rows, 1 + len(levels)))
    for i in prange(rows):
        low, high, total = cells[i, 0], cells[i, 0], 0.0
        for s in range(number):
            low, high = min(low, cells[i, s]), max(high, cells[i, s])
            total += cells[i, s]
        out[i, 0] = total / number
        if low == high:
            out[i, 1:] = low
            continue
        order = np.sort(cells[i])
        for k in range(len(levels)):
            at = levels[k] * (number - 1)
            below = int(at)
            above = min(below + 1, number - 1)
            out[i, 1 + k] = order[below] + (at - below) * (order[above] - order[below])
    return out


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
