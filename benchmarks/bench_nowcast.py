"""The nowcast of a nation of counties, and beside it surveillance::nowcast on as many as R can take.

Run: ``python -m benchmarks.bench_nowcast``. 100,000 cases in 2,900 counties, 60 days of onset, 30 days of delay: from
the line list to five numbers for every county and day. The peer, where R and r-cran-surveillance are
here, gets the busiest counties one by one; its shares reported are checked against ours.
"""

import shutil
import subprocess
import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from benchmarks.measure import median_seconds, table
from tongchou.surveillance.nowcasting.hierarchical import DRAWS, nowcast_draws
from tongchou.surveillance.nowcasting.lawless import nowcast_lawless
from tongchou.surveillance.nowcasting.summary import summarise
from tongchou.surveillance.nowcasting.triangle import Triangle, reporting_triangle

Floats = npt.NDArray[np.float64]

CASES, COUNTIES, DAYS, LONGEST, RUNS, R_COUNTIES = 100_000, 2_900, 60, 30, 5, 8
FIRST = date(2020, 1, 1)
LAST = FIRST + timedelta(days=DAYS - 1)

SURVEILLANCE = """
suppressPackageStartupMessages(library(surveillance))
a <- commandArgs(TRUE)
cases <- read.csv(a[1], colClasses = c(place = "character"))
cases$onset <- as.Date(cases$onset_on); cases$report <- as.Date(cases$reported_on)
now <- as.Date(a[3]); D <- as.numeric(a[4]); method <- a[5]
one <- function(place) {
  mine <- cases[cases$place == place, ]
  control <- list(dRange = c(as.Date(a[6]), now), N.tInf.max = 300, nSamples = as.numeric(a[7]),
    N.tInf.prior = structure("poisgamma", mean.lambda = 10, var.lambda = 300))
  invisible(capture.output(nc <- suppressMessages(suppressWarnings(nowcast(now = now,
    when = seq(now - D + 1, now - 8, by = "day"), dEventCol = "onset", dReportCol = "report", data = mine, D = D,
    method = method, control = control)))))
  nc@delayCDF[[method]]
}
places <- sort(unique(cases$place))
began <- proc.time()[["elapsed"]]
share <- t(sapply(places, one))
cat(proc.time()[["elapsed"]] - began)
write.table(share, a[2], sep = ",", row.names = FALSE, col.names = FALSE)
"""


def line_list(rng: np.random.Generator) -> pl.DataFrame:
    """Make cases with onset and report, few in most counties and many in some."""
    weight = rng.dirichlet(np.full(COUNTIES, 0.5))
    onset = rng.integers(0, DAYS, CASES)
    delay = np.minimum(rng.gamma(2.5, 2.2, CASES).astype(np.int64), LONGEST)
    days = pl.DataFrame(
        {"place": rng.choice(COUNTIES, CASES, p=weight), "onset": onset, "delay": delay}
    )
    first = pl.lit(FIRST)
    return days.select(
        place=pl.col("place").cast(pl.String).str.zfill(6),
        onset_on=(first + pl.duration(days=pl.col("onset"))).cast(pl.Date),
        reported_on=(first + pl.duration(days=pl.col("onset") + pl.col("delay"))).cast(pl.Date),
    )


def triangle_of(cases: pl.DataFrame, places: list[str]) -> Triangle:
    """Give the triangle of the last day."""
    return reporting_triangle(cases, as_of=LAST, max_delay=LONGEST, window=DAYS, places=places)


def whole(cases: pl.DataFrame, places: list[str]) -> None:
    """From the line list to the numbers: triangle, draws, summary."""
    triangle = triangle_of(cases, places)
    draws = nowcast_draws(triangle, rng=np.random.default_rng(1))
    summarise(draws, triangle.reported)


def surveillance(cases: pl.DataFrame, method: str) -> tuple[float, Floats] | None:
    """Give seconds and shares reported (place, delay from 0) by R, None where it is not."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        given, got = Path(folder, "cases.csv"), Path(folder, "share.csv")
        cases.write_csv(given)
        words = (given, got, LAST, LONGEST, method, FIRST, DRAWS)
        ran = subprocess.run(
            ["Rscript", "-e", SURVEILLANCE, *map(str, words)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if ran.returncode:
            return None
        return float(ran.stdout), np.loadtxt(got, delimiter=",")


def main() -> None:
    """Time the nation, then the busiest counties beside R."""
    cases = line_list(np.random.default_rng(20200222))
    places = [f"{row:06d}" for row in range(COUNTIES)]
    whole(cases.head(1000), places[:50])
    triangle = triangle_of(cases, places)
    draws = nowcast_draws(triangle, rng=np.random.default_rng(1))
    seconds = [
        median_seconds(lambda: triangle_of(cases, places), RUNS),
        median_seconds(lambda: nowcast_draws(triangle, rng=np.random.default_rng(1)), RUNS),
        median_seconds(lambda: summarise(draws, triangle.reported), RUNS),
        median_seconds(lambda: whole(cases, places), RUNS),
        median_seconds(lambda: nowcast_lawless(triangle), RUNS),
    ]
    names = (
        "triangle",
        f"{DRAWS} draws",
        "mean and quantiles",
        "all of it",
        "chain ladder instead",
    )
    print(f"\n## Nowcast, {CASES:,} cases in {COUNTIES:,} counties × {DAYS} days of onset\n")
    print(table(["step", "s"], [[n, f"{s:.2f}"] for n, s in zip(names, seconds, strict=True)]))

    busy = cases["place"].value_counts(sort=True).head(R_COUNTIES)["place"].sort().to_list()
    part = cases.filter(pl.col("place").is_in(busy))
    rows = []
    for method, ours in (
        ("lawless", lambda: nowcast_lawless(triangle_of(part, busy), own_cases=0)),
        ("bayes.trunc", lambda: whole(part, busy)),
    ):
        peer = surveillance(part, method)
        if peer is None:
            print("\nRscript with surveillance is not here; no peer was timed.")
            return
        took = median_seconds(ours, RUNS)
        same = "–"
        if method == "lawless":
            share = nowcast_lawless(triangle_of(part, busy), own_cases=0)["share"].to_numpy()
            same = f"{np.abs(share[:, ::-1] - peer[1]).max():.0e}"
        rows.append(
            [method, f"{len(busy)}", f"{peer[0]:.2f}", f"{took:.3f}", f"{peer[0] / took:,.0f}", same]
        )  # fmt: skip
    print(f"\nThe {len(busy)} busiest counties, each by itself in R:\n")
    head = ["surveillance::nowcast", "counties", "peer, s", "here, s", "ratio", "shares differ by"]
    print(table(head, rows))


if __name__ == "__main__":
    main()
