"""The members of the outlook: the renewal forecast and the engine, told in the same form."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.morning.picture import Picture, with_quiet_past
from tongchou.morning.projection import VARIANTS, model_of
from tongchou.morning.scope import Scope
from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.metapopulation.run import paths
from tongchou.transmission.renewal import HUB_QUANTILES, forecast
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

HORIZON = 14
DRAWS = 1000
"""Futures of the renewal forecast for each place."""
REPLICATES = 128
"""Futures of the engine, shared by all places."""
PAST_DRAWS, PAST_REPLICATES, PAST_VARIANTS = 400, 72, 24
"""Futures of each where they are made again for a past day, and the states that those of the engine start from."""

RENEWAL, ENGINE = "renewal", "engine"
NAMES = {
    RENEWAL: Text(zh="更新方程预测", en="renewal forecast"),
    ENGINE: Text(zh="传播模型", en="transmission model"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What one of the rivals says of the days ahead.

    ``upper`` tells the scope and its areas, ``units`` the finest units: Datasets of the form of
    :func:`tongchou.transmission.renewal.forecast`. ``futures`` (replicate, place, date) are the single
    futures of the units, newly confirmed a day, where the member keeps them.
    """

    name: str
    upper: xr.Dataset
    units: xr.Dataset
    futures: xr.DataArray | None = None
    notes: tuple[Text, ...] = ()

    def chance_of_none(self, place: str, days: int) -> float:
        """Give the probability that a unit has no new case in the first days."""
        return float(self.units["no_case"].sel(place=place)[days - 1])

    def chance_of_at_least(self, place: str, days: int, cases: int) -> float:
        """Give the probability that a unit has at least so many new cases in the first days.

        Counted over single futures, (k + ½) / (n + 1), where they are kept; else read off the quantiles of the cumulative
        number, halfway between two whole numbers, and held beyond the outermost level. Neither way says
        "never" or "certainly".
        """
        if self.futures is not None:
            reached = self.futures.sel(place=place)[:, :days].sum("date").to_numpy() >= cases
            return float((reached.sum() + 0.5) / (len(reached) + 1))
        cumulative = self.units["cumulative"].sel(place=place)[days - 1]
        levels = cumulative["quantile"].to_numpy()
        return 1 - float(np.interp(cases - 0.5, cumulative.to_numpy(), levels))


def renewal_member(picture: Picture, seed: int, *, draws: int = DRAWS) -> Member:
    """Forecast every place on its own series; see :mod:`tongchou.transmission.renewal`."""
    units = with_quiet_past(picture.analytic.sel(place=list(picture.scope.units)))
    _, rng = np.random.default_rng(seed).spawn(2)
    return Member(
        name=RENEWAL,
        upper=_renewal_upper(picture, seed, draws),
        units=forecast(
            units, ForecastAssumptions.from_table(), horizon=HORIZON, draws=draws, rng=rng
        ),
    )


def _renewal_upper(picture: Picture, seed: int, draws: int) -> xr.Dataset:
    known = with_quiet_past(picture.analytic.sel(place=upper_of(picture.scope)))
    rng, _ = np.random.default_rng(seed).spawn(2)
    return forecast(known, ForecastAssumptions.from_table(), horizon=HORIZON, draws=draws, rng=rng)


def engine_member(
    picture: Picture, seed: int, scatter: tuple[float, float], *, replicates: int = REPLICATES
) -> Member:
    """Let all units live on together, journeys between them, from what the reports of tonight say.

    What is confirmed in a future is seen through the scatter of reports: a day's number c becomes a whole
    number of mean c and variance c² / k, k the dispersion of the renewal forecast. Chances of "no case"
    and "at least n" are of the cases themselves.

    Parameters
    ----------
    picture
        The night's picture.
    seed
        Of the futures.
    scatter
        k of the scope and its areas, and of the units.
    replicates
        Futures.

    Raises
    ------
    MissingData
        If no unit's population is known.
    """
    told, notes = _lived(picture, seed, replicates, upper_of(picture.scope), units=True)
    rng = np.random.default_rng(seed)
    names = [a for a in upper_of(picture.scope) if a in told["place"].values]
    units = told.sel(place=[u for u in picture.scope.units if u in told["place"].values])
    return Member(
        name=ENGINE,
        upper=quantiles_of(told.sel(place=names), scatter[0], rng),
        units=quantiles_of(units, scatter[1], rng),
        futures=units,
        notes=notes,
    )


def upper_alone(picture: Picture, seed: int, *, draws: int = DRAWS) -> dict[str, xr.Dataset]:
    """Give what the members say of the scope and its areas, the same as with the units, at less cost."""
    renewal = _renewal_upper(picture, seed, draws)
    found = {RENEWAL: renewal}
    names = upper_of(picture.scope)
    try:
        told, _ = _lived(picture, seed, REPLICATES, names, units=False)
    except MissingData:
        return found
    inside = told.sel(place=[a for a in names if a in told["place"].values])
    scatter = renewal.attrs["dispersion"]
    return found | {ENGINE: quantiles_of(inside, scatter, np.random.default_rng(seed))}


def made_again(picture: Picture, seed: int) -> dict[str, xr.DataArray]:
    """Give the members' daily quantiles for the scope alone, from a picture of a past day.

    Fewer futures than tonight's: what is asked is which member is the better, not how wide it is.
    """
    place = [picture.scope.place]
    known = with_quiet_past(picture.analytic.sel(place=upper_of(picture.scope)))
    ahead = forecast(
        known,
        ForecastAssumptions.from_table(),
        horizon=HORIZON,
        draws=PAST_DRAWS,
        only=place,
        rng=np.random.default_rng(seed),
    )
    told, _ = _lived(picture, seed, PAST_REPLICATES, place, units=False, variants=PAST_VARIANTS)
    rng = np.random.default_rng(seed)
    seen = quantiles_of(told.sel(place=place), ahead.attrs["dispersion"], rng)
    return {RENEWAL: ahead["new_cases"], ENGINE: seen["new_cases"]}


def _lived(
    picture: Picture,
    seed: int,
    replicates: int,
    areas: Sequence[str],
    *,
    units: bool,
    variants: int = VARIANTS,
) -> tuple[xr.DataArray, tuple[Text, ...]]:
    """Give single futures (replicate, place, date) of what is confirmed in areas, and in all units if asked."""
    scope = picture.scope
    model, notes = model_of(picture, horizon=HORIZON, seed=seed, variants=variants)
    inside = set(model.places)
    members = {a: [u for u in scope.units_in(a) if u in inside] for a in areas}
    told = paths(
        model,
        replicates=replicates,
        seed=seed,
        variable="confirmed",
        places=list(model.places) if units else [],
        areas={a: m for a, m in members.items() if m and not (units and a in inside)},
    )
    return told, notes


def quantiles_of(futures: xr.DataArray, k: float | None, rng: np.random.Generator) -> xr.Dataset:
    """Give single futures in the form of a forecast, its counts seen through reports that scatter.

    Parameters
    ----------
    futures : DataArray (replicate, place, date), persons per day
    k
        Dispersion of the reports; None where the futures hold it already.
    rng
        Of the scatter.

    Examples
    --------
    >>> dates = np.datetime64("2020-02-22", "ns") + np.arange(2) * np.timedelta64(1, "D")
    >>> steady = xr.DataArray(np.full((200, 1, 2), 50.0), {"place": ["420100"], "date": dates}, ("replicate", "place", "date"))
    >>> seen = quantiles_of(steady, 1e9, np.random.default_rng(1))
    >>> seen["new_cases"].sel(quantile=0.5).values.round().tolist(), seen["mean"].values.tolist()
    ([[50.0, 50.0]], [[50.0, 50.0]])
    """
    cases = futures.to_numpy().astype(float)
    seen = cases
    if k is not None:
        seen = np.floor(cases * rng.standard_gamma(k, cases.shape) / k + rng.random(cases.shape))
    where = {"place": futures["place"], "date": futures["date"]}
    levels = np.array(sorted(HUB_QUANTILES))

    def cube(values: Floats) -> xr.DataArray:
        found = np.moveaxis(np.quantile(values, levels, axis=0), 0, -1)
        return xr.DataArray(found, {**where, "quantile": levels}, ("place", "date", "quantile"))

    def flat(values: Floats) -> xr.DataArray:
        return xr.DataArray(values, where, ("place", "date"))

    none = (np.cumsum(cases, axis=2) == 0).sum(axis=0)
    return xr.Dataset(
        {
            "new_cases": cube(seen),
            "cumulative": cube(np.cumsum(seen, axis=2)),
            "mean": flat(cases.mean(axis=0)),
            "no_case": flat((none + 0.5) / (len(cases) + 1)),
        }
    )


def as_it_stood(picture: Picture, back: int) -> Picture:
    """Give a picture with its tables and counts cut some days back, corrections of tonight included.

    Only what the members read is cut: the tables, and the analytic series.
    """
    night = picture.situation.cut - timedelta(days=back)
    known = picture.analytic.sel(date=slice(None, np.datetime64(night)))
    return replace(picture, situation=picture.situation.as_of(night), analytic=known)


def upper_of(scope: Scope) -> list[str]:
    """Give the scope and its areas."""
    return list(dict.fromkeys((scope.place, *scope.areas)))
