"""Beds of the next fourteen days: how many are needed, how many there are, when they run out."""

from dataclasses import dataclass

import polars as pl
import xarray as xr

from tongchou.morning.outlook import Outlook
from tongchou.morning.picture import Picture
from tongchou.planning import admission, beds
from tongchou.vocabulary.text import Text

NEEDED_FOR = Text(zh="床位需求", en="beds needed")

SHOWN_DAYS = (7, 14)
"""Days ahead of which the need is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BedsAhead:
    """What the outlook means for beds.

    ``out``: for units, the result of :func:`tongchou.planning.beds.bed_out`, likeliest first. ``demand``: for the
    scope and its areas, place, bed, beds, now (in bed and waiting), and for 7 and 14 days ahead ``median``,
    ``low`` and ``high`` (95 %), then early, on, probability. ``load`` (place, date, quantile) is the number
    of patients relative to tonight, by unit.
    """

    out: pl.DataFrame
    demand: pl.DataFrame
    load: xr.DataArray


def beds_ahead(picture: Picture, outlook: Outlook) -> BedsAhead:
    """Work out the need for beds from the outlook, by unit and by area.

    Raises
    ------
    MissingData
        Without facilities or patients.
    """
    cut, scope = picture.situation.cut, picture.scope
    units = list(scope.units)
    facilities = scope.inside(picture.situation.table("facilities", NEEDED_FOR))
    rows = beds.by_place(beds.free_beds(facilities, cut))
    occupied, there = (beds.bed_cube(rows, c, units) for c in ("occupied", "beds"))
    waiting = waiting_cube(picture, units)
    new = outlook.units["new_cases"]
    plain = beds.bed_need(new, occupied, waiting, cut)
    need = beds.widened(plain, beds.bed_scatter(new, occupied, waiting, cut))
    out = beds.bed_out(need, there, cut).filter(pl.col("beds") > 0)
    return BedsAhead(
        out=out.sort(
            ["probability", "peak", "place", "bed"], descending=[True, True, False, False]
        ),
        demand=_demand(picture, outlook, occupied, waiting, there),
        load=beds.relative_load(plain, occupied),
    )


def _demand(
    picture: Picture,
    outlook: Outlook,
    occupied: xr.DataArray,
    waiting: xr.DataArray,
    there: xr.DataArray,
) -> pl.DataFrame:
    """Give need beside beds for the scope and its areas, each from its own forecast."""
    cut, scope = picture.situation.cut, picture.scope
    names = list(dict.fromkeys((scope.place, *scope.areas)))
    inside = {a: scope.units_in(a) for a in names}

    def whole(cube: xr.DataArray) -> xr.DataArray:
        parts = [cube.sel(place=inside[a]).sum("place") for a in names]
        return xr.concat(parts, dim="place").assign_coords(place=names)

    new = outlook.upper["new_cases"].sel(place=names)
    here, queue, beds_there = whole(occupied), whole(waiting), whole(there)
    need = beds.widened(
        beds.bed_need(new, here, queue, cut), beds.bed_scatter(new, here, queue, cut)
    )
    out = beds.bed_out(need, beds_there, cut)
    told = []
    for row in out.filter(pl.col("beds") > 0).iter_rows(named=True):
        at = {"place": row["place"], "bed": row["bed"]}
        one = need.sel(at)
        found: dict[str, object] = {
            "place": row["place"],
            "bed": row["bed"],
            "beds": row["beds"],
            "now": float((here + queue).sel(at)),
        }
        for days in SHOWN_DAYS:
            for name, level in (("median", 0.5), ("low", 0.025), ("high", 0.975)):
                found[f"{name}{days}"] = float(one.sel(quantile=level)[days - 1])
        told.append(found | {k: row[k] for k in ("early", "on", "probability")})
    return pl.DataFrame(told, schema=DEMAND)


DEMAND = {
    "place": pl.String,
    "bed": pl.String,
    "beds": pl.Float64,
    "now": pl.Float64,
    **{f"{n}{d}": pl.Float64 for d in SHOWN_DAYS for n in ("median", "low", "high")},
    "early": pl.Date,
    "on": pl.Date,
    "probability": pl.Float64,
}


def waiting_cube(picture: Picture, units: list[str]) -> xr.DataArray:
    """Give the confirmed patients in no bed, by unit and class."""
    cases = picture.situation.table("cases", NEEDED_FOR)
    waiting = admission.waiting_patients(cases, picture.situation.cut)
    rows = waiting.group_by("place", "class").len().rename({"class": "bed", "len": "waiting"})
    return beds.bed_cube(rows, "waiting", units)
