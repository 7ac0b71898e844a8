"""Step four: the next fourteen days, with ranges; and how likely each tier is to move."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl
import xarray as xr

from tongchou.morning.imports import Imports, imports
from tongchou.morning.picture import Picture, with_quiet_past
from tongchou.morning.scope import Scope
from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.renewal import forecast

HORIZON = 14
DRAWS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What may happen.

    ``upper`` forecasts the scope and its areas, ``units`` the finest units (Datasets of
    :func:`tongchou.transmission.renewal.forecast`). ``tier_moves``: place, tier, to, on,
    probability. ``imports`` is the pressure from elsewhere, None without mobility.
    """

    picture: Picture
    seed: int
    assumptions: ForecastAssumptions
    upper: xr.Dataset
    units: xr.Dataset
    tier_moves: pl.DataFrame
    imports: Imports | None

    def fan(self, place: str) -> pl.DataFrame:
        """Give the daily forecast of a place: date, q025, q25, median, q75, q975, mean."""
        return fan_of(self.upper if place in self.upper["place"].values else self.units, place)

    def total(self, place: str, level: float = 0.5) -> float:
        """Give a quantile of the new cases of the whole horizon in a place, persons."""
        source = self.upper if place in self.upper["place"].values else self.units
        return float(source["cumulative"].sel(place=place, quantile=level)[-1])


def look_ahead(picture: Picture, seed: int = 1, *, draws: int = DRAWS) -> Outlook:
    """Forecast new confirmed cases for 14 days and what follows from them.

    Parameters
    ----------
    picture
        From :func:`tongchou.morning.picture.assess`.
    seed
        The same seed gives the same futures.
    draws
        Futures drawn for each place.
    """
    scope = picture.scope
    assumptions = ForecastAssumptions.from_table()
    for_upper, for_units = np.random.default_rng(seed).spawn(2)
    upper = forecast_areas(picture.analytic, scope, assumptions, draws, for_upper)
    units = forecast(
        with_quiet_past(picture.analytic.sel(place=list(scope.units))),
        assumptions,
        horizon=HORIZON,
        draws=draws,
        rng=for_units,
    )
    return Outlook(
        picture=picture,
        seed=seed,
        assumptions=assumptions,
        upper=upper,
        units=units,
        tier_moves=tier_moves(picture, units),
        imports=imports(picture),
    )


def forecast_areas(
    analytic: xr.DataArray,
    scope: Scope,
    assumptions: ForecastAssumptions,
    draws: int,
    rng: np.random.Generator,
) -> xr.Dataset:
    """Forecast the scope and its areas, each on its own series."""
    names = list(dict.fromkeys((scope.place, *scope.areas)))
    known = with_quiet_past(analytic.sel(place=names))
    return forecast(known, assumptions, horizon=HORIZON, draws=draws, rng=rng)


def fan_of(ahead: xr.Dataset, place: str) -> pl.DataFrame:
    """Give the daily forecast of a place: date, q025, q25, median, q75, q975, mean."""
    one = ahead.sel(place=place)
    names = {"q025": 0.025, "q25": 0.25, "median": 0.5, "q75": 0.75, "q975": 0.975}
    return pl.DataFrame(
        {"date": [d.astype("datetime64[D]").item() for d in one["date"].values]}
        | {n: one["new_cases"].sel(quantile=q).values for n, q in names.items()}
        | {"mean": one["mean"].values}
    )


def tier_moves(picture: Picture, units: xr.Dataset) -> pl.DataFrame:
    """Give, for each unit whose tier can fall within the horizon, how likely that is.

    A tier falls on the day named by the rule if no case is confirmed until then, so its probability
    is that of no new case up to that day in the forecast.

    Returns
    -------
    DataFrame
        place, tier, to, on, probability; and for units that may rise: the probability that at
        least as many new cases as the rule asks for come within the horizon.
    """
    rows = []
    last = picture.situation.cut + timedelta(days=HORIZON)
    for row in picture.tiers.frame.filter(pl.col("tier").is_not_null()).iter_rows(named=True):
        if row["lower_on"] is not None and row["lower_on"] <= last:
            ahead = max(int(row["days_to_lower"]), 1)
            chance = float(units["no_case"].sel(place=row["place"])[ahead - 1])
            rows.append((row["place"], row["tier"], row["lower_tier"], row["lower_on"], chance))
        if row["cases_to_higher"] is not None and not row["higher_needs_cluster"]:
            needed = int(row["cases_to_higher"])
            chance = 1 - chance_of_at_most(units, row["place"], HORIZON, needed - 1)
            rows.append((row["place"], row["tier"], row["higher_tier"], last, chance))
    schema = {
        "place": pl.String,
        "tier": pl.String,
        "to": pl.String,
        "on": pl.Date,
        "probability": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row").sort(
        ["probability", "place"], descending=[True, False]
    )


def chance_of_at_most(units: xr.Dataset, place: str, ahead: int, cases: int) -> float:
    """Give the probability of at most so many new cases in the first days, read off the quantiles.

    Halfway between two whole numbers of cases the distribution function is interpolated between the
    quantiles; beyond the lowest and the highest level it is held there, so it never says "never" or
    "certainly".
    """
    cumulative = units["cumulative"].sel(place=place)[ahead - 1]
    levels = cumulative["quantile"].to_numpy()
    return float(np.interp(cases + 0.5, cumulative.to_numpy(), levels))
