"""Importation pressure on the area's units, from mobility and prevalence."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from tongchou.morning.picture import Picture, population_of
from tongchou.transmission.importation import (
    flow_matrix,
    importation_pressure,
    pressure_index,
    prevalence,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imports:
    """Expected imported infections, or an index where flows are known as shares only.

    ``frame``: place, pressure (persons a day, or index with mean 1), highest first.
    """

    frame: pl.DataFrame
    in_persons: bool
    flows_of: date


def imports(picture: Picture) -> Imports | None:
    """Give the pressure on each unit by the latest day of flows known; None without mobility."""
    units = list(picture.scope.units)
    today = latest_flows(picture)
    if today is None:
        return None
    day = today["date"][0]
    in_persons = bool(today["persons"].is_not_null().any())
    sick = prevalence(
        picture.analytic.sel(place=units),
        population_of(picture.scope, picture.counts).sel(place=units),
    )
    matrix = flow_matrix(
        today.select("origin", "destination", "persons" if in_persons else "share"), units
    )
    pressure = importation_pressure(matrix, sick) if in_persons else pressure_index(matrix, sick)
    frame = pl.DataFrame({"place": units, "pressure": pressure.to_numpy()})
    return Imports(
        frame=frame.sort(["pressure", "place"], descending=[True, False]),
        in_persons=in_persons,
        flows_of=day,
    )


def latest_flows(picture: Picture) -> pl.DataFrame | None:
    """Give the flows among the units on the latest day known; None where there are none."""
    if not picture.situation.has("mobility"):
        return None
    units = list(picture.scope.units)
    flows = picture.situation.table("mobility")
    today = flows.filter(
        (pl.col("date") == flows["date"].max())
        & pl.col("origin").is_in(units)
        & pl.col("destination").is_in(units)
    )
    return None if today.is_empty() else today
