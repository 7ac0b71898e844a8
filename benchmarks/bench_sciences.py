"""How fast the surveillance and transmission methods are at 2,900 places × 180 days.

Run: ``python -m benchmarks.bench_sciences``. Prints a table: median of several runs, places per
second, and the peak of memory allocated during one run (arrays in and out included).
"""

import tracemalloc
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import polars as pl
import xarray as xr
from scipy import sparse

from benchmarks.measure import median_seconds, table
from tongchou.surveillance.delays import MILESTONES, measure_delays
from tongchou.surveillance.detection.ewma import ewma
from tongchou.surveillance.detection.reporting import silence
from tongchou.surveillance.fatality import case_fatality
from tongchou.surveillance.growth import growth_rate
from tongchou.surveillance.incidence import daily_new, days_since_last
from tongchou.surveillance.rates import admission_rate, infection_rate
from tongchou.surveillance.reproduction import estimate_reproduction
from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.importation import importation_pressure, prevalence
from tongchou.transmission.renewal import forecast
from tongchou.transmission.score import persistence, weighted_interval_score
from tongchou.vocabulary.parameter import parameter

PLACES, DAYS, CASES, RUNS = 2900, 180, 300_000, 5


def world(rng: np.random.Generator) -> dict[str, xr.DataArray]:
    """Make counts like a spring wave: a few places with thousands, many with none."""
    dates = np.datetime64("2020-01-01", "ns") + np.arange(DAYS) * np.timedelta64(1, "D")
    places = [f"{code:06d}" for code in range(110000, 110000 + PLACES)]
    size = rng.lognormal(-0.5, 2.0, (PLACES, 1))
    wave = np.exp(-((np.arange(DAYS) - 45.0) ** 2) / 400)
    new = rng.poisson(size * wave).astype(float)
    deaths = np.minimum(rng.poisson(0.02 * np.roll(new, 10, axis=1)), new)

    def cube(values: np.ndarray) -> xr.DataArray:
        return xr.DataArray(values, {"place": places, "date": dates}, ("place", "date"))

    people = xr.DataArray(rng.integers(50_000, 900_000, PLACES), {"place": places}, ("place",))
    return {"new": cube(new), "deaths": cube(deaths), "people": people}


def line_list(rng: np.random.Generator, places: np.ndarray) -> pl.DataFrame:
    """Make a line list with all milestones."""
    days = np.cumsum(rng.integers(0, 4, (CASES, len(MILESTONES))), axis=1) + rng.integers(
        0, 150, (CASES, 1)
    )
    columns = {
        name: pl.Series(days[:, i]).cast(pl.Int32).cast(pl.Date)
        for i, name in enumerate(MILESTONES)
    }
    return pl.DataFrame({"place": rng.choice(places, CASES), **columns})


def jobs(rng: np.random.Generator) -> dict[str, Callable[[], object]]:
    """Name each method with its call."""
    data = world(rng)
    new, deaths, people = data["new"], data["deaths"], data["people"]
    cases = line_list(rng, new["place"].to_numpy())
    cut_off = date(1970, 1, 1) + timedelta(200)
    interval = parameter("serial_interval_mean", "outside Hubei").delay()
    death = parameter("onset_to_death_mean").delay()
    assumptions = ForecastAssumptions.from_table()
    row = np.repeat(np.arange(PLACES), 100)
    flow = sparse.csr_array(
        (rng.random(len(row)), (row, rng.integers(0, PLACES, len(row)))), (PLACES, PLACES)
    )
    infected = prevalence(new[:, :60], people)
    base = persistence(new[:, :160])
    return {
        "daily_new": lambda: daily_new(new.cumsum("date").assign_coords(date=new["date"])),
        "days_since_last": lambda: days_since_last(new),
        "infection_rate": lambda: infection_rate(new, people),
        "estimate_reproduction": lambda: estimate_reproduction(new, interval),
        "growth_rate": lambda: growth_rate(new),
        "case_fatality": lambda: case_fatality(new, deaths, death),
        "ewma": lambda: ewma(new),
        "silence": lambda: silence(new > 0),
        f"measure_delays, {CASES:,} cases": lambda: measure_delays(cases),
        f"admission_rate, {CASES:,} cases": lambda: admission_rate(cases, cut_off),
        "importation_pressure, 290,000 flows": lambda: importation_pressure(flow, infected),
        "forecast, 14 days × 1,000 draws": lambda: forecast(
            new[:, :60], assumptions, rng=np.random.default_rng(1)
        ),
        "persistence, 14 days": lambda: persistence(new[:, :160]),
        "weighted_interval_score": lambda: weighted_interval_score(base, new[:, 160:174]),
    }


def main() -> None:
    """Run every job and print the table."""
    rows = []
    for name, job in jobs(np.random.default_rng(20200223)).items():
        median = median_seconds(job, RUNS)
        tracemalloc.start()
        job()
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        rows.append([name, f"{median:.4f}", f"{PLACES / median:,.0f}", f"{peak:,.0f}"])
    print(f"\n## Sciences, {PLACES:,} places × {DAYS} days\n")
    print(f"Median of {RUNS} calls; memory of Polars is not seen.\n")
    print(table(["method", "seconds", "places a second", "peak, MB"], rows))


if __name__ == "__main__":
    main()
