"""The engine's view of the days ahead: the picture of tonight lived on, place by place, with beds that can run out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import xarray as xr

from tongchou.morning.engine_inputs import ASSUMED, beds_of, people_of, reporting_of, travel_of
from tongchou.morning.picture import Picture, with_quiet_past
from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.metapopulation.contacts import (
    SETTINGS,
    contacts,
    intensities,
)
from tongchou.transmission.metapopulation.course import course_of
from tongchou.transmission.metapopulation.disease import disease
from tongchou.transmission.metapopulation.entries import Entry
from tongchou.transmission.metapopulation.model import Model, build_model
from tongchou.transmission.metapopulation.run import Mode, simulate
from tongchou.transmission.metapopulation.start import start_from_reports
from tongchou.transmission.metapopulation.timeline import timeline as lay_out
from tongchou.vocabulary.text import Text

if TYPE_CHECKING:
    from tongchou.morning.calibrated import NightFit

VARIABLES = ("infections", "confirmed", "admissions", "ward", "icu", "waiting", "deaths")
VARIANTS = 64
"""States drawn from the reports; replicates share them out among themselves."""


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
    fit: "NightFit | None" = None,
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
    fit
        Night's calibration to start from (:func:`tongchou.morning.calibrated.fit_night`), of this picture; then
        ``confirmed`` are the counts that will be reported. Without one the start is made from the reports.
    """
    if fit is None:
        model, notes = model_of(
            picture, horizon=horizon, seed=seed, ill_with=ill_with, timeline=timeline
        )
    else:
        model, notes = fit.model(horizon, timeline), fit.notes
    scope = picture.scope
    areas = {a: scope.units_in(a) for a in (scope.place, *scope.areas) if a not in scope.units}
    if fit is not None:
        areas = fit.areas
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
    if fit is not None:
        levels, mean = fit.reported(model, replicates=replicates, quantiles=quantiles, seed=seed)
        told = ahead["place"].to_numpy()
        ahead["confirmed"].values[:] = levels.sel(place=told)
        ahead["confirmed_mean"].values[:] = mean.sel(place=told)
    return Projection(model=model, ahead=ahead, notes=notes)


def model_of(
    picture: Picture,
    *,
    horizon: int,
    seed: int,
    ill_with: str = "covid2020",
    timeline: xr.Dataset | None = None,
    variants: int = VARIANTS,
) -> tuple[Model, tuple[Text, ...]]:
    """Give the model of an area as it stands tonight, and what was assumed for it."""
    illness = disease(ill_with)
    people, unknown = people_of(picture, illness)
    units = [str(u) for u in people["place"].values]
    total = people.sum("age")
    contact = intensities(contacts(illness.ages), people.sum("place"))
    intensity = {str(s): contact.sel(setting=s).to_numpy() for s in SETTINGS}
    everywhere = contact.sum("setting").to_numpy()
    found, isolate, delay = reporting_of(illness)
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
        variants=variants,
        rng=np.random.default_rng(seed),
    )
    dates = start.scale["date"].to_numpy()
    travel, note = travel_of(picture.situation, units, total.to_numpy(), dates)
    beds, icu, catchments, bare = beds_of(picture, units)
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
    return model, tuple(n for n in (unknown, note, bare, ASSUMED) if n is not None)


def _most(timeline: xr.Dataset | None, name: str) -> float:
    return 0.0 if timeline is None or name not in timeline else float(timeline[name].max())


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
