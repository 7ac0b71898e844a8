"""Where nothing, or improbably little, is heard: questions to the owners of units."""

import numpy as np
import polars as pl
import xarray as xr

from tongchou.morning.scope import Scope
from tongchou.surveillance.detection.blind_spots import blind_spots
from tongchou.surveillance.detection.scan_zones import circles
from tongchou.vocabulary.parameter import parameter

DAYS = int(parameter("blind_spot_days").value)
NEAREST = 15
"""Units of the largest neighbourhood, the centre included."""


def quiet_places(
    scope: Scope, new: xr.DataArray, observed: xr.DataArray, points: xr.Dataset
) -> pl.DataFrame:
    """Give the questions of a night, the least explicable first.

    A unit that never had a case owes no daily row (producers of packs do not write rows of zeros),
    so only units that had one are asked about silence; all whose residents are known are held
    against their neighbours.

    Parameters
    ----------
    new : DataArray (place, date), persons per day
    observed : DataArray (place, date), true or false
        Whether the unit itself reported that day.
    points : Dataset (place)
        ``longitude, latitude`` of the units.

    Returns
    -------
    DataFrame
        See :func:`tongchou.surveillance.detection.blind_spots.blind_spots`.
    """
    units = list(scope.units)
    days = {"date": slice(-DAYS, None)}
    counts = new.sel(place=units).isel(days)
    heard = observed.sel(place=units).isel(days)
    had_case = new.sel(place=units).sum("date").to_numpy() > 0
    asked = [u for u, case in zip(units, had_case, strict=True) if case]
    if counts.sizes["date"] < DAYS or not asked:
        return pl.DataFrame()
    silent = blind_spots(counts.where(heard).sel(place=asked))
    people = {u: n for u in units if (n := scope.population.get(u))}
    if len(people) < NEAREST:
        return silent
    exposure = xr.DataArray(
        np.array(list(people.values()), dtype=float), {"place": list(people)}, ("place",)
    )
    here = points.sel(place=list(people))
    near = circles(here, exposure, share=0.5, most_places=NEAREST)
    few = blind_spots(counts.sel(place=list(people)), exposure=exposure, neighbours=near).filter(
        pl.col("kind") == "few"
    )
    return pl.concat([silent, few]).sort(
        ["score", "kind", "place"], descending=[True, False, False]
    )
