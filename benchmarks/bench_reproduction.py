"""R_t against peers in the same run: a plain loop, and EpiEstim where R and that package are here.

Run: ``python -m benchmarks.bench_reproduction``. The Python registry holds no EpiEstim; Debian does
(``apt-get install r-cran-epiestim``). Both peers are checked to give the same numbers.
"""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy import stats

from benchmarks.bench_sciences import DAYS, PLACES, world
from benchmarks.measure import median_seconds, table
from tongchou.surveillance.cohort_reproduction import cohort_reproduction
from tongchou.surveillance.reproduction import (
    CV_LIMIT,
    PRIOR_MEAN,
    PRIOR_SD,
    WINDOW,
    estimate_reproduction,
)
from tongchou.surveillance.uncertain_reproduction import (
    draw_serial_intervals,
    estimate_reproduction_uncertain,
    limited,
)
from tongchou.vocabulary.distributions import Gamma, serial_interval_probabilities
from tongchou.vocabulary.parameter import parameter

Floats = npt.NDArray[np.float64]

RUNS, R_PLACES, DRAWS = 5, 40, 500
LEVELS = (0.025, 0.25, 0.5, 0.75, 0.975)
EPIESTIM = """
suppressPackageStartupMessages(library(EpiEstim))
a <- commandArgs(TRUE)
cases <- as.matrix(read.csv(a[1], header = FALSE))
n <- as.numeric(a[3:7])
starts <- 2:(ncol(cases) - n[5] + 1)
settings <- make_config(list(
  mean_si = n[1], std_si = n[2], mean_prior = n[3], std_prior = n[4],
  t_start = starts, t_end = starts + n[5] - 1))
one <- function(i) suppressMessages(suppressWarnings(
  estimate_R(cases[i, ], method = "parametric_si", config = settings)))$R[["Mean(R)"]]
invisible(one(1))
began <- proc.time()[["elapsed"]]
means <- t(sapply(seq_len(nrow(cases)), one))
cat(proc.time()[["elapsed"]] - began)
write.table(means, a[2], sep = ",", row.names = FALSE, col.names = FALSE)
"""


OTHERS = """
suppressPackageStartupMessages(library(EpiEstim))
a <- commandArgs(TRUE)
cases <- as.numeric(read.csv(a[1], header = FALSE)[1, ])
n <- as.numeric(a[2:4])
starts <- 2:(length(cases) - 6)
quiet <- function(x) suppressMessages(suppressWarnings(x))
spent <- function(x) { began <- proc.time()[["elapsed"]]; quiet(x); proc.time()[["elapsed"]] - began }
sure <- list(t_start = starts, t_end = starts + 6, mean_si = n[1], std_si = n[2])
doubt <- list(std_mean_si = 1, min_mean_si = n[1] - 1.96, max_mean_si = n[1] + 1.96,
  std_std_si = 0.4, min_std_si = n[2] - 0.784, max_std_si = n[2] + 0.784, n1 = n[3], n2 = 50)
cat(spent(estimate_R(cases, method = "uncertain_si", config = make_config(c(sure, doubt)))), "\\n")
cat(spent(wallinga_teunis(cases, method = "parametric_si", config = c(sure, n_sim = 100))))
"""


def plain_loop(cases: Floats, w: Floats) -> tuple[Floats, Floats]:
    """Give mean and quantiles of R as the method is written down: place by place, day by day."""
    prior = Gamma(mean=PRIOR_MEAN, sd=PRIOR_SD)
    places, days = cases.shape
    mean = np.full((places, days), np.nan)
    quantiles = np.full((len(LEVELS), places, days), np.nan)
    for p in range(places):
        infectivity = np.zeros(days)
        for t in range(1, days):
            back = min(t, len(w) - 1)
            infectivity[t] = np.dot(w[1 : back + 1], cases[p, t - back : t][::-1])
        for t in range(WINDOW, days):
            span = slice(t - WINDOW + 1, t + 1)
            shape = prior.shape + cases[p, span].sum()
            if 1 / np.sqrt(shape) > CV_LIMIT:
                continue
            rate = prior.rate + infectivity[span].sum()
            mean[p, t] = shape / rate
            quantiles[:, p, t] = stats.gamma.ppf(LEVELS, shape, scale=1 / rate)
    return mean, quantiles


def epiestim(cases: Floats, interval: Gamma) -> tuple[float, Floats] | None:
    """Give seconds and means of R (place, day from ``WINDOW``) by EpiEstim, None where it is not."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        given, got = Path(folder, "cases.csv"), Path(folder, "means.csv")
        np.savetxt(given, cases, fmt="%d", delimiter=",")
        numbers = (interval.mean, interval.sd, PRIOR_MEAN, PRIOR_SD, WINDOW)
        ran = subprocess.run(
            ["Rscript", "-e", EPIESTIM, given, got, *map(str, numbers)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if ran.returncode:
            return None
        return float(ran.stdout), np.loadtxt(got, delimiter=",")


def main() -> None:
    """Time the three, say how far their numbers differ, print the table."""
    new = world(np.random.default_rng(20200223))["new"]
    cases = new.to_numpy()
    interval = parameter("serial_interval_mean", "outside Hubei").delay()
    assert isinstance(interval, Gamma)
    w = serial_interval_probabilities(interval)
    estimate_reproduction(new[:10], interval)
    ours = estimate_reproduction(new, interval)
    seconds = median_seconds(lambda: estimate_reproduction(new, interval), RUNS)
    began = time.perf_counter()
    mean, quantiles = plain_loop(cases, w)
    took = time.perf_counter() - began
    kept = [ours[n].to_numpy() for n in ("q025", "q25", "median", "q75", "q975")]
    apart = max(
        _apart(ours["mean"].to_numpy(), mean),
        *(_apart(a, b) for a, b in zip(kept, quantiles, strict=True)),
    )
    rows = [_row("plain loop, numpy and scipy", PLACES, took, seconds, apart)]

    busiest = np.argsort(-cases.sum(axis=1))[:R_PLACES]
    if (peer := epiestim(cases[busiest], interval)) is not None:
        known = ours["mean"].to_numpy()[busiest][:, WINDOW:]
        apart = _apart(known, np.where(np.isfinite(known), peer[1], np.nan))
        part = new[busiest]
        seconds = median_seconds(lambda: estimate_reproduction(part, interval), RUNS)
        rows.append(_row("EpiEstim in R, busiest places", R_PLACES, peer[0], seconds, apart))
    print(f"\n## R_t, {PLACES:,} places × {DAYS} days\n\nMean and five quantiles.\n")
    print(
        table(
            ["peer", "places", "peer, s", "here, s", "ratio", "largest difference"],
            rows,
        )
    )
    others(new, interval)
    if peer is None:
        print("\nRscript with EpiEstim is not here; the loop is the only peer.")


def others(new: xr.DataArray, interval: Gamma) -> None:
    """Time the uncertain serial interval and cohort R, for the busiest place beside EpiEstim."""
    busiest = new[int(np.argmax(new.sum("date").to_numpy()))].expand_dims("place")
    draws = draw_serial_intervals(
        limited(interval.mean, 1.0, 1.96, least=1.0), limited(interval.sd, 0.4, 1.96, least=0.0),
        DRAWS, np.random.default_rng(1),
    )  # fmt: skip
    peers = _asked(busiest.to_numpy(), interval)
    cohort_reproduction(busiest, interval, window=7)
    rows = []
    for name, run, alone in (
        (
            f"serial interval uncertain, {DRAWS} draws",
            lambda part: estimate_reproduction_uncertain(part, draws),
            True,
        ),
        (
            "cohort R (Wallinga–Teunis), exact limits",
            lambda part: cohort_reproduction(part, interval, window=7),
            False,
        ),
    ):
        here = median_seconds(lambda run=run: run(busiest), 3)
        every = "–" if alone else f"{median_seconds(lambda run=run: run(new), 1):.2f}"
        rows.append([name, f"{peers.pop(0):.2f}" if peers else "–", f"{here:.3f}", every])
    print(
        "\n"
        + table(
            ["method", "EpiEstim, busiest place, s", "here, s", f"here, {PLACES:,} places, s"], rows
        )
    )
    print(
        "\nEpiEstim samples: 50 for each draw, and 100 simulations of who infected whom; here both are worked out."
    )


def _asked(cases: Floats, interval: Gamma) -> list[float]:
    if shutil.which("Rscript") is None:
        return []
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as given:
        np.savetxt(given, cases, fmt="%d", delimiter=",")
        given.flush()
        words = [
            "Rscript",
            "-e",
            OTHERS,
            given.name,
            str(interval.mean),
            str(interval.sd),
            str(DRAWS),
        ]
        ran = subprocess.run(words, capture_output=True, text=True, check=False)
    return [] if ran.returncode else [float(word) for word in ran.stdout.split()]


def _apart(ours: Floats, theirs: Floats) -> float:
    """Give the largest relative difference; both must have numbers in the same cells."""
    assert (np.isfinite(ours) == np.isfinite(theirs)).all()
    return float(np.nanmax(np.abs(ours / theirs - 1)))


def _row(name: str, places: int, theirs: float, ours: float, apart: float) -> list[str]:
    numbers = [f"{places:,}", f"{theirs:.2f}", f"{ours:.4f}", f"{theirs / ours:,.0f}"]
    return [name, *numbers, f"{apart:.0e}"]


if __name__ == "__main__":
    main()
