"""China's prefectures in January and February 2020 as the engine takes them: people, journeys, counts, delays."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr

from tongchou.situation.corrections import spread_backlog
from tongchou.situation.recipes.china2020.mobility import mobility
from tongchou.surveillance.incidence import daily_new
from tongchou.transmission.calibration.members import Journeys
from tongchou.transmission.calibration.observation import infection_to_report
from tongchou.transmission.calibration.priors import Beliefs
from tongchou.transmission.metapopulation.contacts import (
    contacts,
    group_people,
    intensities,
    reference_people,
)
from tongchou.transmission.metapopulation.course import course_of
from tongchou.transmission.metapopulation.disease import disease
from tongchou.transmission.metapopulation.model import Model, build_model
from tongchou.transmission.metapopulation.next_generation import transmissibility
from tongchou.transmission.mobility.flows import Flows, daily_flows
from tongchou.vocabulary.distributions import Gamma, daily_probabilities
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.places import china

Floats = npt.NDArray[np.float64]

WUHAN, HUBEI = "420100", "420000"
AGES = (0, 20, 40, 60)
FIRST, COUNTED, LAST = date(2019, 12, 16), date(2020, 1, 18), date(2020, 2, 29)
CLOSED = np.datetime64("2020-01-23")
MANY = 3000.0
SEEDS = {WUHAN: 100.0}
"""Infected in Wuhan on the first day: a median, the prior is wide."""


@dataclass(frozen=True, kw_only=True)
class January:
    """Everything that the calibration is given."""

    model: Model
    counts: xr.DataArray
    groups: Mapping[str, str]
    delay: xr.DataArray
    beliefs: Beliefs
    journeys: Journeys

    def travelling_on(self) -> Journeys:
        """Give the journeys if nobody had been held back: from 23 January on as in the week before."""
        at = int((CLOSED - self.model.dates[0]).astype(int))
        persons = self.journeys.persons.copy()
        persons[at:] = persons[at - 7 : at].mean(axis=0)
        return self.journeys._replace(persons=persons)


def folder() -> Path | None:
    """Give the folder of the real data, or None where this machine has none."""
    named = os.environ.get("TONGCHOU_DATA")
    path = Path(named) / "china2020" if named else None
    return path if path and path.is_dir() else None


def people_of(data: Path, places: list[str]) -> xr.DataArray:
    """Give residents (place, age) of the census; a place without ages has those of the nation."""
    census = pl.read_csv(
        data / "census2020_county.csv",
        schema_overrides={"adcode": pl.String},
        infer_schema_length=None,
    )
    bands = [c for c in census.columns if c.startswith("age_")]
    lower = [int(c.split("_")[1].replace("plus", "")) for c in bands]
    belongs = np.array(
        [[AGES[np.searchsorted(AGES, a, side="right") - 1] == g for a in lower] for g in AGES]
    )
    rows = {r["adcode"]: r for r in census.iter_rows(named=True) if r["level"] != "country"}
    nation = next(r for r in census.iter_rows(named=True) if r["level"] == "country")

    def by_age(row: dict[str, object]) -> Floats:
        return np.asarray(belongs @ np.array([float(row[b] or 0) for b in bands]))  # type: ignore[arg-type]

    usual = by_age(nation) / by_age(nation).sum()
    known = {p.code: float(p.population or 0) for p in china().reporting_units("prefecture")}
    counts = []
    for p in places:
        row = rows.get(p)
        total = float(row["population"] or 0) if row else known.get(p, 0.0)
        ages = by_age(row) if row and row["age_5_9"] else usual
        share = ages / ages.sum() if ages.sum() > 0 else usual
        counts.append(np.floor(total * share))
    return xr.DataArray(np.array(counts), {"place": places, "age": list(AGES)}, ("place", "age"))


def counts_of(data: Path, places: list[str]) -> xr.DataArray:
    """Give new cases (place, date) with the backlog of 12 and 13 February where it belongs."""
    panel = pl.read_csv(
        data / "cases_prefecture_panel.csv",
        schema_overrides={"adcode": pl.String},
        try_parse_dates=True,
    )
    told = pl.when(pl.col("observed") == 1).then("confirmed").otherwise(None)
    filled = panel.sort("date").with_columns(
        pl.when(pl.col("date") == pl.col("date").min())
        .then("confirmed")
        .otherwise(told)
        .alias("confirmed")
    )
    filled = filled.with_columns(
        pl.col("confirmed")
        .cast(pl.Float64)
        .interpolate()
        .over("adcode")
        .fill_null(strategy="forward")
    )
    wide = filled.pivot(on="adcode", index="date", values="confirmed").sort("date")
    total = xr.DataArray(
        wide.drop("date").to_numpy().T.astype(float),
        {"place": wide.columns[1:], "date": wide["date"].to_numpy().astype("datetime64[ns]")},
        ("place", "date"),
    )
    new = daily_new(total)["new"]
    hubei = [p for p in new["place"].to_numpy() if p.startswith("42")]
    whole = new.sel(place=hubei).sum("place").expand_dims(place=[HUBEI])
    corrections = packaged("china2020/corrections").with_columns(
        pl.col("date").str.to_date(), pl.col("value", "window_days").cast(pl.Float64)
    )
    corrections = corrections.filter(pl.col("date") <= LAST)
    spread = spread_backlog(
        xr.concat([new, whole], dim="place"), corrections, dict.fromkeys(hubei, (HUBEI,))
    )
    return spread.reindex(place=places, fill_value=0.0).sel(date=slice(str(COUNTED), str(LAST)))


def delays(dates: npt.NDArray[np.datetime64]) -> xr.DataArray:
    """Give days from infection to report by day of infection (date, lag).

    Li R and others 2020 (doi 10.1126/science.abb3221): from infectiousness to report 9 days until
    23 January and 6 after, gamma with shape 1.85; here the mean moves evenly from the one to the
    other for those infected between 10 and 25 January, because nobody's delay jumps overnight.
    """
    latent = disease("covid2020", AGES).latent_days
    until = daily_probabilities(Gamma(mean=latent, sd=latent / 2**0.5), 20)
    day = (dates - np.datetime64("2020-01-10")).astype(float)
    rows = []
    for mean in np.interp(day, [0, 15], [9.0, 6.0]):
        rows.append(
            infection_to_report(
                until, daily_probabilities(Gamma(mean=mean, sd=mean / 1.85**0.5), 45)
            )
        )
    return xr.DataArray(np.array(rows), {"date": dates.astype("datetime64[ns]")}, ("date", "lag"))


def journeys_of(flows: Flows) -> Journeys:
    """Give the journeys of links with MANY persons on some day, and of all that begin in Hubei."""
    hubei = np.array([p.startswith("42") for p in flows.places])
    kept = np.flatnonzero(hubei[flows.origin] | (flows.persons.max(axis=1) >= MANY))
    kept = kept[np.argsort(flows.origin[kept], kind="stable")]
    return Journeys(
        start=np.searchsorted(flows.origin[kept], np.arange(len(flows.places) + 1)).astype(
            np.int64
        ),
        place=flows.destination[kept].astype(np.int32),
        persons=np.ascontiguousarray(flows.persons[kept].T),
    )


def january(data: Path) -> January:
    """Read and build everything."""
    units = [p.code for p in china().reporting_units("prefecture")]
    everybody = people_of(data, units)
    dates = np.arange(np.datetime64(FIRST), np.datetime64(LAST) + 1)
    index = pl.read_csv(
        data / "mobility_index_city_daily.csv", schema_overrides={"adcode": pl.String}
    )
    table = mobility(data / "mobility_od_outflow_share_2020.parquet", index)
    flows = daily_flows(table, units, dates)
    covid = disease("covid2020", AGES)
    course = course_of(covid)
    by_setting = intensities(contacts(AGES), reference_people())
    intensity = {
        str(s): by_setting.sel(setting=s).to_numpy() for s in by_setting["setting"].to_numpy()
    }
    usual = group_people(reference_people(), AGES).to_numpy()
    beta = transmissibility(1.0, course, sum(intensity.values()), usual)  # type: ignore[arg-type]
    model = build_model(everybody, intensity, course, dates=dates, transmissibility=beta)
    groups = {
        p: "Wuhan" if p == WUHAN else "Hubei without Wuhan" if p.startswith("42") else p[:2]
        for p in units
    }
    return January(
        model=model,
        counts=counts_of(data, units),
        groups=groups,
        delay=delays(dates),
        beliefs=replace(
            Beliefs.from_table(
                break_on=date(2020, 1, 20),
                reporting_from=date(2020, 1, 18),
                reporting_to=date(2020, 2, 4),
            ),
            reporting_step_sd=1.5,
        ),
        journeys=journeys_of(flows),
    )
