"""Step two: the picture. Totals as received, analytic series corrected in sight, rates, R, tiers."""

from dataclasses import dataclass

import numpy as np
import polars as pl
import xarray as xr

from tongchou.morning.check import Quality, check
from tongchou.morning.scope import Scope, scope_of
from tongchou.morning.surveillance.whole import Survey, survey
from tongchou.situation.corrections import spread_backlog
from tongchou.situation.situation import Situation
from tongchou.surveillance.growth import growth_rate
from tongchou.surveillance.incidence import daily_new, seven_day_incidence
from tongchou.surveillance.reproduction import estimate_reproduction
from tongchou.tiering.clusters import find_clusters
from tongchou.tiering.rules import TierRules, tier_rules
from tongchou.tiering.tiers import TierTable, assign_tiers
from tongchou.vocabulary.distributions import Gamma
from tongchou.vocabulary.parameter import Parameter, parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is known of an area tonight.

    ``counts`` holds the cumulative counts (place, date) of the scope, its areas and its units;
    ``new`` their daily increments as received; ``analytic`` the same with backlog days spread back
    (what growth, R and forecasts are made of); ``rt``, ``growth`` and ``weekly`` are cubes of the
    same places. ``tiers`` covers the units only. ``survey`` is what records and detectors add.
    """

    situation: Situation
    scope: Scope
    quality: Quality
    counts: xr.Dataset
    new: xr.DataArray
    analytic: xr.DataArray
    serial_interval: Parameter
    rt: xr.Dataset
    growth: xr.Dataset
    weekly: xr.DataArray
    tiers: TierTable
    clusters: xr.DataArray | None
    survey: Survey

    @property
    def corrected(self) -> bool:
        """Whether a correction changed the analytic series."""
        return not bool(np.array_equal(self.new.to_numpy(), self.analytic.to_numpy()))

    def total(self, column: str, place: str | None = None, back: int = 0) -> float:
        """Give a cumulative count at the cut-off, or some days before it."""
        series = self.counts[column].sel(place=place or self.scope.place)
        return float(series[-1 - back]) if series.sizes["date"] > back else float("nan")


def assess(situation: Situation, place: str | None = None, *, seed: int = 1) -> Picture:
    """Give the picture of an area at a cut-off.

    Parameters
    ----------
    situation
        What was known, from ``Pack.as_of``.
    place
        Code or name; the highest reporting area where none is named.
    seed
        Of what the survey draws.
    """
    scope = scope_of(situation, place)
    counts = count_series(situation, scope)
    new, analytic = new_series(situation, scope, counts["confirmed"])
    interval = parameter("serial_interval_mean", population="outside Hubei")
    delay = interval.delay()
    assert isinstance(delay, Gamma)
    rules = tier_rules()
    clusters = clusters_of(situation, scope, counts, rules)
    return Picture(
        situation=situation,
        scope=scope,
        quality=check(situation, scope, counts),
        counts=counts,
        new=new,
        analytic=analytic,
        serial_interval=interval,
        rt=estimate_reproduction(analytic, delay),
        growth=growth_rate(analytic),
        weekly=seven_day_incidence(analytic, population_of(scope, counts)),
        tiers=assign_tiers(
            counts["confirmed"].sel(place=list(scope.units)), rules, clusters=clusters
        ),
        clusters=clusters,
        survey=survey(situation, scope, counts, analytic, delay, np.random.default_rng(seed)),
    )


def new_series(
    situation: Situation, scope: Scope, confirmed: xr.DataArray
) -> tuple[xr.DataArray, xr.DataArray]:
    """Give new cases as received and as corrected for analysis, persons per day.

    A backlog booked for an area above the scope (a province, seen from one of its cities) is shared
    out to the scope as to any place inside that area.
    """
    above = [
        p
        for p in situation.corrections.filter(pl.col("action") == "backlog")["place"].unique()
        if p in scope.ancestors.get(scope.place, ())
    ]
    wider = xr.concat([confirmed, situation.counts(sorted(above))["confirmed"]], dim="place")
    new = daily_new(wider)["new"].reindex(date=confirmed["date"], fill_value=0.0)
    analytic = spread_backlog(new, situation.corrections, scope.ancestors)
    places = confirmed["place"]
    return new.sel(place=places), analytic.sel(place=places)


PAST_DAYS = 35
"""Days that a forecast and its baseline look back on at the most."""


def with_quiet_past(new: xr.DataArray) -> xr.DataArray:
    """Give a series with days of zero before its first, so that a forecast can be made early on.

    Before the first day of a pack nothing is known; taking it as quiet is an assumption that matters
    in the first weeks only.
    """
    first = new["date"].values[0]
    missing = PAST_DAYS - new.sizes["date"]
    if missing <= 0:
        return new
    days = np.concatenate(
        [first - np.arange(missing, 0, -1) * np.timedelta64(1, "D"), new["date"].values]
    )
    return new.reindex(date=days, fill_value=0.0)


def clusters_of(
    situation: Situation, scope: Scope, counts: xr.Dataset, rules: TierRules
) -> xr.DataArray | None:
    """Give the cluster days of the units from the line list, or None where there is none."""
    if not situation.has("cases"):
        return None
    cases = situation.table("cases").filter(pl.col("confirmed_on").is_not_null())
    return find_clusters(
        cases.select("place", setting="cluster_id", date="confirmed_on"),
        list(scope.units),
        counts["date"].values,
        rules,
    )


def count_series(situation: Situation, scope: Scope) -> xr.Dataset:
    """Give the cumulative counts of the scope, its areas and its units.

    An area that reports no row of its own is the sum of its units; one that does keeps its own row,
    which may differ from the sum (cases not yet placed, prisons): the page states the difference.
    """
    wanted = list(dict.fromkeys((scope.place, *scope.areas, *scope.units)))
    reporting = set(situation.table("case_counts")["place"].unique())
    with_own = [p for p in wanted if p in reporting or p in scope.units]
    own = situation.counts(with_own)
    summed = []
    for place in (p for p in wanted if p not in with_own):
        block = own.sel(place=scope.units_in(place))
        total = block.sum("place", skipna=True, min_count=1).assign(
            observed=block["observed"].any("place")
        )
        summed.append(total.expand_dims(place=[place]))
    return xr.concat([own, *summed], dim="place").sel(place=wanted) if summed else own


def population_of(scope: Scope, counts: xr.Dataset) -> xr.DataArray:
    """Give the population of the cube's places, NaN where none is known."""
    people = [scope.population.get(str(p)) for p in counts["place"].values]
    return xr.DataArray(
        [np.nan if n is None else float(n) for n in people],
        coords={"place": counts["place"].values},
        dims="place",
        attrs={"units": "persons"},
    )


def differences(picture: Picture) -> pl.DataFrame:
    """Give the published totals of the cut-off day beside the pack's.

    Returns
    -------
    DataFrame
        place, column, published, here, series, reason_zh, reason_en, source.
    """
    rows = picture.situation.origin.published
    return picture.scope.inside(rows).filter(pl.col("date") == picture.situation.cut)
