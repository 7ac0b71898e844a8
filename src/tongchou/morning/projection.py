"""The engine's view of the days ahead: the picture of tonight lived on, place by place, with beds that can run out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import xarray as xr

from tongchou.morning.picture import Picture, population_of, with_quiet_past
from tongchou.situation.situation import Situation
from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.metapopulation.contacts import (
    SETTINGS,
    contacts,
    intensities,
    reference_people,
)
from tongchou.transmission.metapopulation.course import course_of
from tongchou.transmission.metapopulation.disease import Disease, disease
from tongchou.transmission.metapopulation.entries import Entry
from tongchou.transmission.metapopulation.hazards import isolation_hazard
from tongchou.transmission.metapopulation.kernel import Layer
from tongchou.transmission.metapopulation.model import Model, build_model
from tongchou.transmission.metapopulation.run import Mode, simulate
from tongchou.transmission.metapopulation.start import start_from_reports
from tongchou.transmission.metapopulation.timeline import timeline as lay_out
from tongchou.transmission.mobility.flows import daily_flows
from tongchou.transmission.mobility.links import travel_links
from tongchou.vocabulary.distributions import Gamma
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text, count

VARIABLES = ("infections", "confirmed", "admissions", "ward", "icu", "waiting", "deaths")
VARIANTS = 64
"""States drawn from the reports; replicates share them out among themselves."""

NEEDED_FOR = Text(zh="传播模型展望", en="outlook of the transmission model")


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """What the engine says of the days ahead.

    ``ahead`` is the Dataset of :func:`tongchou.transmission.metapopulation.run.simulate` over the
    units, the areas and the scope; ``notes`` say what was assumed or left out.
    """

    model: Model
    ahead: xr.Dataset
    notes: tuple[Text, ...]


def project(
    picture: Picture,
    *,
    horizon: int = 14,
    replicates: int = 256,
    seed: int = 1,
    mode: Mode = "exact",
    ill_with: str = "covid2020",
    timeline: xr.Dataset | None = None,
    quantiles: Sequence[float] = (0.025, 0.25, 0.5, 0.75, 0.975),
    scheduler: str | None = None,
    folder: Path | None = None,
) -> Projection:
    """Run the engine from tonight's picture.

    Parameters
    ----------
    picture
        From :func:`tongchou.morning.picture.assess`.
    horizon
        Days ahead.
    replicates, seed, mode, scheduler, folder
        See :func:`tongchou.transmission.metapopulation.run.simulate`.
    ill_with
        Disease of the table of diseases.
    timeline : Dataset (date, place), optional
        What new measures do, relative to what is in force tonight (which R holds already).
    quantiles
        Levels to give.
    """
    model, notes = model_of(
        picture, horizon=horizon, seed=seed, ill_with=ill_with, timeline=timeline
    )
    scope = picture.scope
    areas = {a: scope.units_in(a) for a in (scope.place, *scope.areas) if a not in scope.units}
    inside = set(model.places)
    ahead = simulate(
        model,
        replicates=replicates,
        seed=seed,
        mode=mode,
        variables=VARIABLES,
        areas={a: [u for u in units if u in inside] for a, units in areas.items()},
        quantiles=quantiles,
        scheduler=scheduler,
        folder=folder,
    )
    return Projection(model=model, ahead=ahead, notes=notes)


def model_of(
    picture: Picture,
    *,
    horizon: int,
    seed: int,
    ill_with: str = "covid2020",
    timeline: xr.Dataset | None = None,
) -> tuple[Model, tuple[Text, ...]]:
    """Give the model of an area as it stands tonight, and what was assumed for it."""
    illness = disease(ill_with)
    people, unknown = _people(picture, illness)
    units = [str(u) for u in people["place"].values]
    total = people.sum("age")
    contact = intensities(contacts(illness.ages), people.sum("place"))
    intensity = {str(s): contact.sel(setting=s).to_numpy() for s in SETTINGS}
    everywhere = contact.sum("setting").to_numpy()
    found, isolate, delay = _reporting(illness)
    course = course_of(illness, fastest_isolation=isolate + _most(timeline, "isolate"),
                       fastest_tracing=_most(timeline, "trace"))  # fmt: skip
    start = start_from_reports(
        with_quiet_past(picture.analytic.sel(place=units)).clip(min=0),
        people,
        course,
        everywhere,
        ForecastAssumptions.from_table(),
        ascertainment=found,
        delay=delay,
        isolate=isolate,
        horizon=horizon,
        variants=VARIANTS,
        rng=np.random.default_rng(seed),
    )
    dates = start.scale["date"].to_numpy()
    travel, note = _travel(picture.situation, units, total.to_numpy(), dates)
    beds, icu, catchments, bare = _beds(picture, units)
    plain = xr.Dataset({"isolate": isolate}) if timeline is None else timeline.copy()
    if timeline is not None:
        plain["isolate"] = timeline.get("isolate", xr.DataArray(0.0)) + isolate
    model = build_model(
        people,
        intensity,
        course,
        dates=dates,
        transmissibility=1.0,
        state=start.state,
        scale=start.scale,
        groups={u: u for u in units},
        timeline=plain,
        travel=travel,
        catchments=catchments,
        beds=beds,
        icu_beds=icu,
    )
    return model, tuple(n for n in (unknown, note, bare, _ASSUMED) if n is not None)


def _most(timeline: xr.Dataset | None, name: str) -> float:
    return 0.0 if timeline is None or name not in timeline else float(timeline[name].max())


def _people(picture: Picture, illness: Disease) -> tuple[xr.DataArray, Text | None]:
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


def _reporting(illness: Disease) -> tuple[float, float, int]:
    """Give the share of infections reported, the hazard of isolation that goes with it, days to the report."""
    found = parameter("ascertainment").value
    wait = parameter("onset_to_isolation").value
    ill = float(np.mean(illness.clinical))
    hazard = isolation_hazard(
        Gamma(mean=wait, sd=wait), min(found / ill, 1.0), 1 / illness.symptomatic_days
    )
    before = illness.latent_days + illness.presymptomatic_days
    return found, hazard, round(before + wait)


def _travel(
    situation: Situation, units: list[str], people: np.ndarray, dates: np.ndarray
) -> tuple[Layer | None, Text | None]:
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


def _beds(
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


_ASSUMED = Text(
    zh="各地年龄构成取接触矩阵来源的全国构成；已生效措施的作用含在再生数之中。",
    en="the age structure of every place is that of the nation in the source of the contacts; what measures in force do is held in R.",
)


def measures_ahead(
    picture: Picture, measures: Sequence[str], days: int, ill_with: str = "covid2020"
) -> xr.Dataset | None:
    """Give what new measures do from tomorrow on in all units; None where there are none."""
    if not measures:
        return None
    units = list(picture.scope.units)
    first = picture.situation.cut + timedelta(days=1)
    last = first + timedelta(days=days - 1)
    entries = [Entry(what=m, places=tuple(units), start=first, until=last) for m in measures]
    return lay_out(entries, units, first, days, disease(ill_with)).inside


def table(projection: Projection) -> pl.DataFrame:
    """Give a projection as rows: variable, place, date, mean, q025, q25, median, q75, q975."""
    names = {0.025: "q025", 0.25: "q25", 0.5: "median", 0.75: "q75", 0.975: "q975"}
    ahead = projection.ahead
    places = [str(p) for p in ahead["place"].values]
    dates = [d.astype("datetime64[D]").item() for d in ahead["date"].values]
    parts = []
    for variable in VARIABLES:
        cube = ahead[variable].to_numpy()
        parts.append(
            pl.DataFrame(
                {
                    "variable": [variable] * (len(places) * len(dates)),
                    "place": np.repeat(places, len(dates)),
                    "date": dates * len(places),
                    "mean": ahead[f"{variable}_mean"].to_numpy().ravel(),
                }
                | {
                    names[float(q)]: cube[..., k].ravel().astype(float)
                    for k, q in enumerate(ahead["quantile"].values)
                }
            )
        )
    return pl.concat(parts)
