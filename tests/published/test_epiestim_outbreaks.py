"""R_t, R_t with imported cases, and cohort R of the five outbreaks that EpiEstim ships, as it gives them.

Counts: data sets Flu2009, SARS2003, Measles1861, Flu1918 and Smallpox1972 of EpiEstim 2.2-4 (Cori A and others.
Am J Epidemiol 2013;178:1505-1512, doi 10.1093/aje/kwt133, web appendix, names the outbreaks and their serial
intervals), in ``epiestim_outbreaks_counts.csv``; its column ``imported`` is made up to tell some cases apart. Figures:
``estimate_R`` and ``wallinga_teunis`` of that version with weekly windows, every eighth, ten digits, in
``epiestim_outbreaks_R.csv``.
"""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import xarray as xr

from tongchou.surveillance.cohort_reproduction import cohort_reproduction
from tongchou.surveillance.reproduction import estimate_reproduction
from tongchou.surveillance.uncertain_reproduction import estimate_reproduction_uncertain
from tongchou.vocabulary.distributions import Gamma

HERE = Path(__file__).parent
INTERVALS = {
    "Flu2009": Gamma(mean=2.6, sd=1.5),
    "SARS2003": Gamma(mean=8.4, sd=3.8),
    "Measles1861": Gamma(mean=14.9, sd=3.9),
    "Flu1918": Gamma(mean=2.6, sd=1.5),
    "Smallpox1972": Gamma(mean=22.4, sd=6.1),
}
FIGURES = pl.read_csv(HERE / "epiestim_outbreaks_R.csv", infer_schema_length=None)
COUNTS = pl.read_csv(HERE / "epiestim_outbreaks_counts.csv")
WINDOW = 7


def cube(daily):
    dates = np.datetime64("2020-01-01", "ns") + np.arange(len(daily)) * np.timedelta64(1, "D")
    values = daily.to_numpy().astype(float)[None]
    return xr.DataArray(values, {"place": ["one"], "date": dates}, ("place", "date"))


@pytest.fixture(params=INTERVALS)
def outbreak(request):
    counts = COUNTS.filter(pl.col("outbreak") == request.param)
    rows = FIGURES.filter(pl.col("outbreak") == request.param)
    return cube(counts["cases"]), cube(counts["imported"]), INTERVALS[request.param], rows


def same(result, figure, rows, column=None):
    """Compare in the windows where the package gives a figure, and expect none of ours elsewhere."""
    ours = result[figure].values[0, rows["end"].to_numpy() - 1]
    # The package leaves the serial interval uncut, ours ends where 1e-9 is left: a few 1e-9 of R.
    theirs = rows[column or figure].cast(pl.Float64).to_numpy()
    assert ours == pytest.approx(theirs, rel=1e-7, nan_ok=True)


@pytest.mark.parametrize("figure", ["mean", "sd", "q025", "median", "q975"])
def test_instantaneous(outbreak, figure):
    cases, _, interval, rows = outbreak
    same(estimate_reproduction(cases, interval, cv_limit=99.0), figure, rows)


@pytest.mark.parametrize("figure", ["mean", "sd", "q025", "median", "q975"])
def test_a_mixture_of_one_serial_interval_is_the_same(outbreak, figure):
    cases, _, interval, rows = outbreak
    same(estimate_reproduction_uncertain(cases, interval, cv_limit=99.0), figure, rows)


def test_imported_cases_told_apart(outbreak):
    cases, imported, interval, rows = outbreak
    result = estimate_reproduction(cases, interval, imported=imported, cv_limit=99.0)
    same(result, "mean", rows, "mean_imported")


def test_by_cohort(outbreak):
    cases, _, interval, rows = outbreak
    result = cohort_reproduction(cases, interval, window=WINDOW)
    given = rows.filter(pl.col("mean_cohort").is_not_null())
    same(result, "mean", given, "mean_cohort")
