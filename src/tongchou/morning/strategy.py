"""Which strategy fits which area: epicentre, its province, ring, capital, inflow, cases, others."""

import polars as pl

from tongchou.morning.imports import latest_flows
from tongchou.morning.picture import Picture
from tongchou.tiering.strategy import classify_areas
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.text import Text


def strategies(picture: Picture) -> pl.DataFrame:
    """Give the strategy class of each area below the scope.

    The epicentre is the unit with most confirmed cases, its area the one that holds it; the ring are
    the areas that share a border with that one; inflow is the share of all departures from it by
    the latest day of flows known (null without mobility). The capital is the country's own row.

    Returns
    -------
    DataFrame
        As :func:`tongchou.tiering.strategy.classify_areas`.
    """
    scope, situation = picture.scope, picture.situation
    if not scope.areas:
        return classify_areas(_profiles(picture, {}, set(), None), today=situation.cut)
    total = picture.counts["confirmed"].isel(date=-1)
    units = list(scope.units)
    epicentre = units[int(total.sel(place=units).to_numpy().argmax())]
    home = scope.area_of(epicentre)
    gazetteer = situation.gazetteer
    ring = {p.code for p in gazetteer.neighbours(home)} if gazetteer.boundaries.available else set()
    return classify_areas(
        _profiles(picture, inflow_shares(picture, home), ring, home), today=situation.cut
    )


def inflow_shares(picture: Picture, home: str) -> dict[str, float]:
    """Give each area's share of the departures from one area; empty without mobility."""
    flows = latest_flows(picture)
    if flows is None:
        return {}
    scope = picture.scope
    leaving = flows.with_columns(
        start=pl.col("origin").map_elements(scope.area_of, return_dtype=pl.String),
        end=pl.col("destination").map_elements(scope.area_of, return_dtype=pl.String),
    ).filter((pl.col("start") == home) & (pl.col("end") != home))
    amount = "persons" if leaving["persons"].is_not_null().any() else "share"
    total = float(leaving[amount].sum())
    if not total:
        return {}
    by = leaving.group_by("end").agg(pl.col(amount).sum())
    return {end: float(value) / total for end, value in by.iter_rows()}


def _profiles(
    picture: Picture, inflow: dict[str, float], ring: set[str], home: str | None
) -> pl.DataFrame:
    scope = picture.scope
    capital = picture.situation.gazetteer.country["country"].get("capital")
    total = picture.counts["confirmed"].isel(date=-1)
    rows = []
    for area in scope.areas:
        confirmed = float(total.sel(place=area))
        people = scope.population.get(area)
        rows.append(
            {
                "area": area,
                "epicentre": False,
                "in_epicentre_province": area == home,
                "capital": area == capital,
                "borders_epicentre_province": area in ring,
                "share_of_inflow": inflow.get(area) if inflow else None,
                "cumulative": confirmed,
                "cases_per_million": confirmed / people * 1e6 if people else None,
            }
        )
    return pl.DataFrame(
        rows,
        schema={
            "area": pl.String,
            "epicentre": pl.Boolean,
            "in_epicentre_province": pl.Boolean,
            "capital": pl.Boolean,
            "borders_epicentre_province": pl.Boolean,
            "share_of_inflow": pl.Float64,
            "cumulative": pl.Float64,
            "cases_per_million": pl.Float64,
        },
    )


def class_name(strategy: str) -> Text:
    """Give a strategy class as each language names it."""
    row = packaged("tiering/strategy_classes").row(
        by_predicate=pl.col("class") == strategy, named=True
    )
    return Text(zh=row["zh"], en=row["en"])
