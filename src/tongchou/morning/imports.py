"""Expected imported infections: who sets out infected for each unit tomorrow, and who passes the lines of defence."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
import xarray as xr
from scipy import sparse

from tongchou.morning.picture import Picture, count_series, new_series, population_of
from tongchou.morning.scope import Scope, scope_of
from tongchou.situation.situation import Situation
from tongchou.transmission.importation import (
    flow_matrix,
    pressure_index,
    prevalence,
)
from tongchou.transmission.mobility.arrivals import expected_imports
from tongchou.transmission.mobility.defence import Line, lines_of_defence, profiles, weakest_lines
from tongchou.transmission.mobility.departures import ASSUMED
from tongchou.transmission.mobility.flows import ORDINARY, daily_flows

RECENT_DAYS = 7
"""Days of flows looked at; an origin without any in them is taken to send nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defence:
    """The lines that stand before some units, and what passes them tomorrow.

    ``frame``: line, passing, left (persons a day after it), slope, saved_at_low, saved_at_full_cover
    (persons a day), outermost first.
    """

    profile: str
    units: tuple[str, ...]
    lines: tuple[Line, ...]
    arriving: float
    frame: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Imports:
    """Expected imported infections, or an index where flows are known as shares only.

    ``frame``: place, pressure (persons a day who pass all lines, or an index with mean 1), highest first; in
    persons also low, high, arriving (who set out infected), outside (those from outside the area) and
    city, country (by where they set out from; null where the code does not tell). ``origins``: place, arriving,
    outside, highest first. ``unknown`` are travellers a day from places that report no cases.
    """

    frame: pl.DataFrame
    in_persons: bool
    flows_of: date
    assumed: bool = False
    origins: pl.DataFrame | None = None
    defences: tuple[Defence, ...] = ()
    unknown: float = 0.0


def imports(picture: Picture, *, seed: int = 1) -> Imports | None:
    """Give the pressure on each unit tomorrow; None without mobility.

    The units of the whole pack send travellers, not those of the area alone: an area that receives guards
    itself against the others.

    Parameters
    ----------
    picture
        From :func:`tongchou.morning.picture.assess`.
    seed
        Of the ranges.
    """
    situation = picture.situation
    if not situation.has("mobility"):
        return None
    mobility = situation.table("mobility")
    day: date = mobility["date"].max()  # type: ignore[assignment]
    wide, sick = _prevalence(picture)
    units, origins = list(picture.scope.units), [str(p) for p in sick["place"].values]
    if not mobility["persons"].is_not_null().any():
        return _index(mobility, day, units, origins, sick)
    tomorrow = situation.cut + timedelta(days=1)
    flows = daily_flows(needed(mobility), origins, [np.datetime64(tomorrow)])
    flow, at = flows.matrix(0), [origins.index(u) for u in units]
    if not flow.nnz:
        return None
    inside = np.isin(origins, units)
    entering = sparse.csr_array(flow[:, at])
    carried = sparse.csr_array(sparse.diags_array(sick.to_numpy()) @ entering)
    defences, passing = _defences(situation, units, flow, sick, seed)
    urban = [situation.gazetteer.urban(o) for o in origins]
    parts = {
        "outside": _from(carried, ~inside),
        "city": _from(carried, np.array([u is True for u in urban])),
        "country": _from(carried, np.array([u is False for u in urban])),
    }
    told = all(u is not None for u, share in zip(urban, sick.to_numpy(), strict=True) if share)
    frame = passing.with_columns(
        **{n: pl.Series(v) if told or n == "outside" else pl.lit(None) for n, v in parts.items()}
    )
    leaving = pl.DataFrame(
        {"place": origins, "arriving": np.asarray(carried.sum(axis=1)).ravel(), "outside": ~inside}
    )
    return Imports(
        frame=frame.sort(["pressure", "place"], descending=[True, False]),
        in_persons=True,
        flows_of=day,
        assumed=bool((flows.source == ASSUMED).any()),
        origins=leaving.filter(pl.col("arriving") > 0).sort(
            ["arriving", "place"], descending=[True, False]
        ),
        defences=defences,
        unknown=_unknown(mobility, day, units, wide),
    )


def needed(mobility: pl.DataFrame) -> pl.DataFrame:
    """Give the rows that tell of tomorrow: the last days, the last with a magnitude, the ordinary ones."""
    day = pl.col("date")
    told = mobility.filter(pl.col("persons").is_not_null())["date"].max()
    recent = day > pl.lit(mobility["date"].max()) - pl.duration(days=RECENT_DAYS)
    last = (day > pl.lit(told) - pl.duration(days=RECENT_DAYS)) & (day <= pl.lit(told))
    return mobility.filter(recent | last | day.is_between(*ORDINARY))


def _prevalence(picture: Picture) -> tuple[Scope, xr.DataArray]:
    """Give the share infected of every unit of the pack, and those units."""
    scope = picture.scope
    wide = scope_of(picture.situation)
    if set(wide.units) <= set(scope.units):
        wide, counts, analytic = scope, picture.counts, picture.analytic
    else:
        counts = count_series(picture.situation, wide)
        _, analytic = new_series(picture.situation, wide, counts["confirmed"])
    units = list(dict.fromkeys((*wide.units, *scope.units)))
    people = population_of(wide, counts).sel(place=units)
    known = people.where(people > 0).dropna("place")
    share = prevalence(analytic.sel(place=known["place"]), known)
    return wide, share.reindex(place=units, fill_value=0.0)


def _defences(
    situation: Situation, units: list[str], flow: sparse.csr_array, sick: xr.DataArray, seed: int
) -> tuple[tuple[Defence, ...], pl.DataFrame]:
    """Give the lines before the units by profile, and what passes them: place, pressure, low, high, arriving."""
    gazetteer = situation.gazetteer
    special = profiles(situation.cut)
    above = {u: (u, *(a.code for a in gazetteer.ancestors(u))) for u in units}
    of = {u: next((special[c] for c in above[u] if c in special), "county") for u in units}
    found, frames = [], []
    for profile in sorted(set(of.values())):
        mine = tuple(u for u in units if of[u] == profile)
        lines = lines_of_defence(profile)
        all_of = expected_imports(flow, sick, lines, rng=np.random.default_rng(seed))
        passed = all_of.sel(place=list(mine))
        arriving = float(passed["arriving"].sum())
        mended = {row["line"]: row for row in weakest_lines(lines, arriving).iter_rows(named=True)}
        left = passed["left"].sum("place").to_numpy()
        rows = [{**mended[x.code], "left": float(v)} for x, v in zip(lines, left, strict=True)]
        found.append(
            Defence(
                profile=profile,
                units=mine,
                lines=lines,
                arriving=arriving,
                frame=pl.DataFrame(rows),
            )
        )
        names = {"imports": "pressure", "low": "low", "high": "high", "arriving": "arriving"}
        frames.append(
            pl.DataFrame(
                {"place": list(mine)} | {n: passed[v].to_numpy() for v, n in names.items()}
            )
        )
    order = pl.DataFrame({"place": units})
    return tuple(found), order.join(pl.concat(frames), on="place", maintain_order="left")


def _from(carried: sparse.csr_array, chosen: np.ndarray) -> np.ndarray:
    return np.asarray(carried.T @ chosen.astype(float)).ravel()


def _unknown(mobility: pl.DataFrame, day: date, units: list[str], wide: Scope) -> float:
    """Give travellers of the latest day who come from places that report no cases."""
    known = set(wide.units) | set(units)
    rows = mobility.filter(
        (pl.col("date") == day)
        & pl.col("destination").is_in(units)
        & ~pl.col("origin").is_in(list(known))
    )
    return float(rows["persons"].sum() or 0.0)


def _index(
    mobility: pl.DataFrame, day: date, units: list[str], origins: list[str], sick: xr.DataArray
) -> Imports | None:
    """Give the pressure as an index, from shares of an unknown total."""
    today = mobility.filter(pl.col("date") == day)
    matrix = flow_matrix(today.select("origin", "destination", "share"), origins)
    if not matrix.nnz:
        return None
    pressure = pressure_index(matrix, sick).sel(place=units)
    frame = pl.DataFrame({"place": units, "pressure": pressure.to_numpy()})
    return Imports(
        frame=frame.sort(["pressure", "place"], descending=[True, False]),
        in_persons=False,
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
