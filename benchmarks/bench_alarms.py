"""Detectors of count series over a nation, and the improved Farrington method beside R in the same run.

Run: ``python -m benchmarks.bench_alarms``. The peer is ``surveillance`` (Debian: ``r-cran-surveillance``) on
some of the places; it is checked to give the same limits.
"""

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr
from validation.r_peer import ask_r

from benchmarks.measure import median_seconds, table
from tongchou.surveillance.detection.cusum import cusum
from tongchou.surveillance.detection.ears import ears
from tongchou.surveillance.detection.ewma import ewma
from tongchou.surveillance.detection.farrington import farrington
from tongchou.surveillance.detection.farrington_flexible import farrington_flexible
from tongchou.surveillance.detection.gamma_poisson import gamma_poisson
from tongchou.surveillance.detection.regression import count_regression

Floats = npt.NDArray[np.float64]

PLACES, WEEKS, DAYS = 2_900, 52, 180
HISTORY = 52 * 5 + 4
RUNS, R_PLACES = 3, 16
SURVEILLANCE = """
x <- as.matrix(read.csv("counts.csv"))
weeks <- as.Date("2014-01-06") + 7 * (seq_len(nrow(x)) - 1)
counts <- sts(x, epoch = as.numeric(weeks), epochAsDate = TRUE, frequency = 52)
control <- list(range = (nrow(x) - 51):nrow(x), noPeriods = 10, b = 5, w = 3, weightsThreshold = 2.58,
  pastWeeksNotIncluded = 26, pThresholdTrend = 1, thresholdMethod = "nbPlugin", alpha = 0.005, glmWarnings = FALSE)
began <- proc.time()[["elapsed"]]
found <- suppressWarnings(farringtonFlexible(counts, control))
write.csv(data.frame(seconds = proc.time()[["elapsed"]] - began), "seconds.csv", row.names = FALSE)
write.csv(upperbound(found), "limits.csv", row.names = FALSE)
"""


def world(length: int, step: int, rng: np.random.Generator) -> xr.DataArray:
    """Draw counts of a nation: means from a fraction of a case to dozens, season, scatter."""
    season = np.exp(0.4 * np.sin(2 * np.pi * np.arange(length) * step / 365.25))
    mean = rng.gamma(0.8, 8, (PLACES, 1)) * season
    values = rng.poisson(mean * rng.gamma(10, 0.1, mean.shape)).astype(float)
    dates = np.datetime64("2014-01-06", "ns") + step * np.arange(length) * np.timedelta64(1, "D")
    places = [f"p{p}" for p in range(PLACES)]
    return xr.DataArray(values, {"place": places, "date": dates}, ("place", "date"))


def jobs(weekly: xr.DataArray, daily: xr.DataArray) -> dict[str, tuple[str, Callable[[], object]]]:
    """Give each detector with what it judges."""
    weeks, days = f"{WEEKS} weeks of five years", f"all of {DAYS} days"
    return {
        "Farrington improved": (weeks, lambda: farrington_flexible(weekly, last=WEEKS)),
        "Farrington 1996": (weeks, lambda: farrington(weekly, last=WEEKS)),
        "EARS C3": (days, lambda: ears(daily, "C3")),
        "CUSUM": (days, lambda: cusum(daily)),
        "EWMA": (days, lambda: ewma(daily)),
        "gamma–Poisson": (days, lambda: gamma_poisson(daily)),
        "Bayesian regression": (days, lambda: count_regression(daily)),
        "the same, last day": ("1 day", lambda: count_regression(daily, last=1)),
        "the same, last week": ("1 week of five years", lambda: count_regression(weekly, last=1)),
    }


def beside_r(weekly: xr.DataArray) -> str:
    """Time R on the places with most cases and the same places here."""
    busiest = np.argsort(-weekly.sum("date").to_numpy())[:: PLACES // R_PLACES][:R_PLACES]
    part = weekly[np.sort(busiest)]
    frame = pl.DataFrame({str(p): part.sel(place=p).to_numpy() for p in part["place"].to_numpy()})
    asked = ask_r(SURVEILLANCE, ["surveillance"], {"counts": frame})
    if asked is None:
        return "\nRscript with surveillance is not here: no peer."
    theirs = float(asked["seconds"]["seconds"][0])
    ours = median_seconds(lambda: farrington_flexible(part, last=WEEKS), RUNS)
    limits = asked["limits"].cast(pl.Float64).to_numpy().T
    found = farrington_flexible(part, last=WEEKS)["threshold"].to_numpy()
    shown = np.isfinite(limits)
    apart = f"{int((limits[shown] != found[shown]).sum())} of {int(shown.sum())}"
    head = ["peer", "places", "peer, s", "here, s", "ratio", "limits that differ"]
    row = [
        "farringtonFlexible in R",
        str(R_PLACES),
        f"{theirs:.1f}",
        f"{ours:.4f}",
        f"{theirs / ours:,.0f}",
        apart,
    ]
    return "\n" + table(head, [row])


def main() -> None:
    """Time the detectors, then R beside one of them, print the tables."""
    rng = np.random.default_rng(20200223)
    weekly, daily = world(HISTORY + WEEKS, 7, rng), world(DAYS, 1, rng)
    for _, job in jobs(weekly[:2], daily[:2]).values():
        job()
    rows = []
    for name, (judged, job) in jobs(weekly, daily).items():
        began = time.perf_counter()
        job()
        rows.append([name, judged, f"{time.perf_counter() - began:.2f}"])
    print(f"\n## Early warning, {PLACES:,} places\n")
    print(table(["detector", "judged", "seconds"], rows))
    print(beside_r(weekly))


if __name__ == "__main__":
    main()
