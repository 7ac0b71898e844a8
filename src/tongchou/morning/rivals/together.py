"""The members as one: counts by averaging quantiles, chances by averaging probabilities."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import polars as pl
import xarray as xr

from tongchou.morning.picture import Picture
from tongchou.morning.rivals.members import HORIZON, Member
from tongchou.transmission.ensemble import vincent

LEAST = 1e-9
"""Weight of a member that has none, where it is the only one to tell of a unit."""

MOVES = {
    "place": pl.String,
    "tier": pl.String,
    "to": pl.String,
    "on": pl.Date,
    "probability": pl.Float64,
}


def together(forecasts: Mapping[str, xr.Dataset], weights: Mapping[str, float]) -> xr.Dataset:
    """Give forecasts of the same form as one.

    Quantiles are averaged level by level, so that the whole is about as wide as its members; with two
    members that is also their weighted median. Means and the probability of no case are averaged as they
    are. A place that a member does not tell is that of the others.

    Parameters
    ----------
    forecasts
        By name of the member; places of the first are told.
    weights
        By name.
    """
    first = next(iter(forecasts.values()))
    told = {n: f for n, f in forecasts.items() if weights[n] > 0}
    if len(told) < 2:
        return next(iter(told.values()), first)
    shared = [
        p for p in first["place"].values if all(p in f["place"].values for f in told.values())
    ]
    parts = {n: f.sel(place=shared) for n, f in told.items()}
    w = {n: weights[n] for n in told}
    whole = sum(w.values())
    result = xr.Dataset(attrs=first.attrs)
    for name in ("new_cases", "cumulative"):
        result[name] = vincent({n: f[name] for n, f in parts.items()}, w)
    for name in ("mean", "no_case"):
        result[name] = sum(
            (w[n] / whole * f[name] for n, f in parts.items()), start=xr.DataArray(0.0)
        )
    alone = [p for p in first["place"].values if p not in shared]
    if alone:
        rest = first.sel(place=alone)[list(result)]
        result = xr.concat([result, rest], dim="place").sel(place=first["place"].values)
    return result.transpose(*first["new_cases"].dims)


def tier_moves(
    picture: Picture, members: Sequence[Member], weights: Mapping[str, float]
) -> pl.DataFrame:
    """Give, for each unit whose tier can move within the horizon, how likely that is.

    A tier falls on the day named by the rule if no case is confirmed until then, and rises if at least as
    many as the rule asks for come within the horizon. Each member says how likely that is, over whole
    futures where it keeps them; their chances are averaged by weight.

    Returns
    -------
    DataFrame
        place, tier, to, on, probability.
    """
    telling = {u: [m for m in members if u in m.units["place"].values] for u in picture.scope.units}
    rows = []
    last = picture.situation.cut + timedelta(days=HORIZON)
    for row in picture.tiers.frame.filter(pl.col("tier").is_not_null()).iter_rows(named=True):
        place = row["place"]
        of = [(m, max(weights[m.name], LEAST)) for m in telling[place]]
        whole = sum(w for _, w in of)
        if row["lower_on"] is not None and row["lower_on"] <= last:
            days = max(int(row["days_to_lower"]), 1)
            chance = sum(w * m.chance_of_none(place, days) for m, w in of) / whole
            rows.append((place, row["tier"], row["lower_tier"], row["lower_on"], chance))
        if row["cases_to_higher"] is not None and not row["higher_needs_cluster"]:
            needed = int(row["cases_to_higher"])
            chance = sum(w * m.chance_of_at_least(place, HORIZON, needed) for m, w in of) / whole
            rows.append((place, row["tier"], row["higher_tier"], last, chance))
    return pl.DataFrame(rows, schema=MOVES, orient="row").sort(
        ["probability", "place"], descending=[True, False]
    )
