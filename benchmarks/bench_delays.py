"""Delays of a national line list of 100,000 cases, by place and week, beside one fit of a package of R.

Run: ``python -m benchmarks.bench_delays``. The peer is fitdistrplus, where R has it: one interval-censored
fit of the same delays, without truncation and without strata, for each of three families.
"""

import shutil
import subprocess
import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.measure import median_seconds, table
from tongchou.surveillance.delays import EARLIES
from tongchou.surveillance.timeliness.late import late_cases
from tongchou.surveillance.timeliness.lost import lost_days
from tongchou.surveillance.timeliness.strata import estimate_delays

CASES, PLACES, DAYS = 100_000, 300, 84
FIRST = date(2020, 1, 6)
AS_OF = FIRST + timedelta(days=DAYS - 1)
STEPS_SD = {
    "onset_on": 0.0,
    "visited_on": 2.5,
    "sampled_on": 0.7,
    "result_on": 1.2,
    "confirmed_on": 0.3,
}
PEER = """
suppressPackageStartupMessages(library(fitdistrplus))
a <- commandArgs(TRUE)
d <- read.csv(a[1], na.strings = "")
began <- proc.time()[["elapsed"]]
for (f in c("gamma", "lnorm")) invisible(fitdistcens(d, f))
invisible(fitdistcens(d, "weibull", start = list(shape = 1.5, scale = 5)))
cat(proc.time()[["elapsed"]] - began)
"""


def line_list(rng: np.random.Generator) -> pl.DataFrame:
    """Give a growing and falling epidemic over unequal places, each slower or quicker than the others."""
    place = rng.choice(PLACES, CASES, p=rng.dirichlet(np.full(PLACES, 0.6)))
    onset = rng.triangular(0, 40, DAYS, CASES)
    pace = np.exp(rng.normal(0, 0.3, PLACES))[place]
    at, columns = onset, {}
    for name, mean in STEPS_SD.items():
        at = at + pace * rng.gamma(1.5, mean / 1.5, CASES) if mean else at
        columns[name] = at
    columns["reported_on"] = at + rng.exponential(0.2, CASES)
    columns["isolated_on"] = columns["visited_on"] + rng.normal(1.0, 1.5, CASES)
    columns["admitted_on"] = at + rng.exponential(0.8, CASES)
    days = {
        name: pl.Series(np.floor(value).astype("int64")).cast(pl.Int32)
        + (FIRST - date(1970, 1, 1)).days
        for name, value in columns.items()
    }
    frame = pl.DataFrame({"case_id": np.arange(CASES), "place": np.char.mod("%03d", place), **days})
    return frame.with_columns(pl.col(list(days)).cast(pl.Date)).with_columns(
        pl.when(pl.col(name) <= AS_OF).then(pl.col(name)).alias(name) for name in days
    )


def peer_seconds(cases: pl.DataFrame) -> float | None:
    """Give the seconds of three interval-censored fits of R to all delays at once."""
    if shutil.which("Rscript") is None:
        return None
    days = (cases["confirmed_on"] - cases["onset_on"]).dt.total_days().drop_nulls()
    left = pl.when(pl.col("days") > 0).then("days").alias("left")  # a blank is censored from below
    frame = pl.DataFrame({"days": days}).select(left, right=pl.col("days") + 1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "delays.csv")
        frame.write_csv(path)
        ran = subprocess.run(
            ["Rscript", "-e", PEER, path], capture_output=True, text=True, check=False
        )
    return float(ran.stdout) if ran.returncode == 0 else None


def main() -> None:
    """Time each and print the table."""
    cases = line_list(np.random.default_rng(20200223))
    found = EARLIES[:1]
    jobs = {
        "one delay, all together": lambda: estimate_delays(cases, AS_OF, found, by=()),
        "one delay, by place": lambda: estimate_delays(cases, AS_OF, found),
        "one delay, by place and week": lambda: estimate_delays(
            cases, AS_OF, found, by=("place", "week")
        ),
        "four earlies, by place and week": lambda: estimate_delays(
            cases, AS_OF, by=("place", "week")
        ),
        "seven steps, by place: the slowest": lambda: lost_days(cases, AS_OF),
        "late cases": lambda: late_cases(cases, AS_OF),
    }
    rows = [[name, str(len(job())), f"{median_seconds(job, 3):.2f}"] for name, job in jobs.items()]  # type: ignore[arg-type]
    peer = peer_seconds(cases)
    if peer is not None:
        rows.append(
            ["fitdistcens in R: one delay, all together, no truncation", "1", f"{peer:.2f}"]
        )
    print(f"\n## Delays, {CASES:,} cases, {PLACES} places, {DAYS} days, three families\n")
    print(table(["what", "rows", "s"], rows))


if __name__ == "__main__":
    main()
