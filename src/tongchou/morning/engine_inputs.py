"""What the engine needs of a picture: people by age, what is found and isolated, journeys, beds."""

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr

from tongchou.morning.picture import Picture, population_of
from tongchou.situation.situation import Situation
from tongchou.transmission.metapopulation.contacts import reference_people
from tongchou.transmission.metapopulation.disease import Disease
from tongchou.transmission.metapopulation.hazards import isolation_hazard
from tongchou.transmission.metapopulation.world import Layer
from tongchou.transmission.mobility.flows import daily_flows
from tongchou.transmission.mobility.links import travel_links
from tongchou.vocabulary.distributions import Gamma
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text, count

Floats = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]

NEEDED_FOR = Text(zh="传播模型展望", en="outlook of the transmission model")


ASSUMED = Text(
    zh="各地年龄构成取接触矩阵来源的全国构成；已生效措施的作用含在再生数之中。",
    en="the age structure of every place is that of the nation in the source of the contacts; what measures in force do is held in R.",
)


def people_of(picture: Picture, illness: Disease) -> tuple[xr.DataArray, Text | None]:
    """Give whole persons by unit and age; units of unknown population are left out and counted."""
    units = list(picture.scope.units)
    total = population_of(picture.scope, picture.counts).sel(place=units)
    known = total.where(total > 0).dropna("place").round()
    left = len(units) - known.sizes["place"]
    if known.sizes["place"] == 0:
        raise MissingData("places", NEEDED_FOR, column="population")
    fine = reference_people()
    share = fine.groupby_bins(
        "age", [*(a - 0.5 for a in illness.ages), 200.0], labels=list(illness.ages)
    ).sum().to_numpy()  # fmt: skip
    share = share / share.sum()
    whole = np.floor(known.to_numpy()[:, None] * share)
    whole[:, 0] += known.to_numpy() - whole.sum(axis=1)
    people = xr.DataArray(
        whole,
        {"place": [str(p) for p in known["place"].values], "age": list(illness.ages)},
        ("place", "age"),
        attrs={"units": "persons"},
    )
    note = Text(
        zh="{n} 个单位人口不明，未纳入传播模型。",
        en="{n} units of unknown population are left out of the model.",
    ).fill(n=count(left))
    return people, note if left else None


def reporting_of(illness: Disease) -> tuple[float, float, int]:
    """Give the share of infections reported, the hazard of isolation that goes with it, days to the report."""
    found = parameter("ascertainment").value
    wait = parameter("onset_to_isolation").value
    ill = float(np.mean(illness.clinical))
    hazard = isolation_hazard(
        Gamma(mean=wait, sd=wait), min(found / ill, 1.0), 1 / illness.symptomatic_days
    )
    before = illness.latent_days + illness.presymptomatic_days
    return found, hazard, round(before + wait)


def travel_of(
    situation: Situation, units: list[str], people: Floats, dates: Dates
) -> tuple[Layer | None, Text | None]:
    """Give journeys there and back between units on the days asked for, and what is to be said of them."""
    none = Text(
        zh="无地区间流动人数，各地单独推演。",
        en="no persons between places are known: every place stands alone.",
    )
    if len(units) < 2 or not situation.has("mobility"):
        return None, none
    try:
        flows = daily_flows(situation.table("mobility"), units, dates)
        links, _ = travel_links(flows, people)
    except MissingData:
        return None, none
    return links.layer, None


def beds_of(
    picture: Picture, units: list[str]
) -> tuple[xr.DataArray | None, xr.DataArray | None, dict[str, str], Text | None]:
    """Give beds for severe and critical cases by area, and the area of each unit that has any."""
    situation, scope = picture.situation, picture.scope
    bare = Text(
        zh="无床位报告的地区按床位不限推演。",
        en="areas without a report of beds are taken to have enough.",
    )
    if not situation.has("facilities"):
        return None, None, {}, bare
    rows = scope.inside(situation.table("facilities")).filter(
        pl.col("date") == pl.col("date").max().over("facility_id")
    )
    area = {u: scope.area_of(u) for u in units}
    by_area = (
        rows.with_columns(area=pl.col("place").map_elements(scope.area_of, return_dtype=pl.String))
        .group_by("area")
        .agg(pl.col("beds_severe").sum(), pl.col("beds_critical").sum())
        .filter(pl.col("beds_severe") > 0)
        .sort("area")
    )
    known = [a for a in by_area["area"].to_list() if a in set(area.values())]
    if not known:
        return None, None, {}, bare
    chosen = by_area.filter(pl.col("area").is_in(known))
    cubes = [
        xr.DataArray(chosen[c].to_numpy().astype(float), {"catchment": known}, ("catchment",))
        for c in ("beds_severe", "beds_critical")
    ]
    catchments = {u: a for u, a in area.items() if a in set(known)}
    return cubes[0], cubes[1], catchments, None if len(catchments) == len(units) else bare
