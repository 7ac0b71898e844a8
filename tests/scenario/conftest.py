"""A province of three counties on one night, from which options are compared."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl
import pytest
import xarray as xr

from tongchou.scenario.comparison import compare_options
from tongchou.transmission.metapopulation.contacts import (
    SETTINGS,
    contacts,
    intensities,
    reference_people,
)
from tongchou.transmission.metapopulation.course import course_of
from tongchou.transmission.metapopulation.disease import disease
from tongchou.transmission.metapopulation.model import build_model
from tongchou.transmission.metapopulation.next_generation import transmissibility
from tongchou.transmission.mobility.links import make_links

TONIGHT = date(2020, 3, 1)
COUNTIES = ("a", "b", "c")
ISOLATE = 0.15
"""Hazard of isolation that the model of the night has already, as that of the morning run."""


@dataclass(frozen=True, kw_only=True)
class Night:
    """What ``compare_options`` is handed: the model of the days ahead and the table of places."""

    days: int = 30
    R: float = 1.6
    seeds: tuple[int, int, int] = (60, 20, 0)
    product: tuple[float | None, ...] = (36.5e9, 7.3e9, None)
    beds: float | None = None
    first: date = date(2020, 3, 2)
    people: xr.DataArray = field(init=False)

    def model(self):
        illness = disease("covid2020")
        heads = np.array([500_000, 120_000, 40_000])
        n = reference_people()
        share = n.groupby_bins("age", [-0.5, 19.5, 39.5, 59.5, 200]).sum().to_numpy()
        whole = np.floor(heads[:, None] * share / share.sum())
        people = xr.DataArray(
            whole, {"place": list(COUNTIES), "age": list(illness.ages)}, ("place", "age")
        )
        intensity = intensities(contacts(illness.ages), people.sum("place"))
        course = course_of(illness, fastest_isolation=ISOLATE)
        matrix = intensity.sum("setting").to_numpy()
        beds = None
        if self.beds is not None:
            beds = xr.DataArray([self.beds], {"catchment": ["P"]}, ("catchment",))
        shares = np.array([[0, 0.01, 0.005], [0.03, 0, 0.002], [0.03, 0.01, 0]])
        from scipy import sparse

        links = make_links(
            sparse.csr_array(shares), whole.sum(axis=1), list(COUNTIES), days=self.days
        )
        return build_model(
            people,
            {str(s): intensity.sel(setting=s).to_numpy() for s in SETTINGS},
            course,
            dates=np.datetime64(self.first) + np.arange(self.days),
            transmissibility=transmissibility(self.R, course, matrix, whole.sum(axis=0)),
            seeds=xr.DataArray(list(map(float, self.seeds)), {"place": list(COUNTIES)}, ("place",)),
            timeline=xr.Dataset({"isolate": ISOLATE}),
            travel=links.layer,
            catchments=None if beds is None else dict.fromkeys(COUNTIES, "P"),
            beds=beds,
            icu_beds=beds,
        )

    @property
    def places(self) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "place": COUNTIES,
                "population": [500_000.0, 120_000.0, 40_000.0],
                "gross_product": self.product,
            },
            schema={"place": pl.String, "population": pl.Float64, "gross_product": pl.Float64},
        )

    def compare(self, choices, in_force=(), **more):
        return compare_options(
            self.model(),
            choices,
            in_force=in_force,
            places=self.places,
            illness=disease("covid2020"),
            units={"P": list(COUNTIES)} | {c: [c] for c in COUNTIES},
            rows={"P": COUNTIES} | {c: [c] for c in COUNTIES},
            **({"replicates": 40, "seed": 7} | more),
        )


@pytest.fixture(scope="session")
def night():
    return Night
