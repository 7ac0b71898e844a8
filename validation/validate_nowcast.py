"""Nowcast: known truth coming back, the outbreak of O104 replayed day by day, and the chain ladder beside R."""

import os

# Many small problems: threads of the linear algebra library would only wait for each other.
os.environ.update({"OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"})

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr

from tongchou.surveillance.nowcasting.hierarchical import nowcast_draws
from tongchou.surveillance.nowcasting.lawless import nowcast_lawless
from tongchou.surveillance.nowcasting.triangle import Triangle, reporting_triangle
from validation.lines import Line, absent, agreement, band, report
from validation.r_peer import ask_r

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

REPEATS, DRAWS, DAYS, LONGEST, LAST = 200, 250, 60, 20, 7
O104 = Path(__file__).parents[1] / "tests" / "published" / "hus_o104_2011.csv"

WORLDS: dict[str, dict[str, float]] = {
    "counts beyond chance (r = 5), delays steady": {"size": 5},
    "half as many reports at the weekend": {"weekend": 0.5},
    "delay falling by half over the window": {"falling": 0.7, "weekend": 0.3},
    "uneven days of onset (M = 40), 60 cases a day": {"precision": 40, "mean": 60},
    "single days of report up or down by half": {"batches": 0.5, "mean": 60},
    "3 cases a day": {"mean": 3},
    "delay halved in the last fortnight, 500 cases a day": {"halving": 14, "mean": 500},
    "delay halved in the last fortnight": {"halving": 14},
    "30 counties of 2 cases a day, speeds apart by 0.4": {"places": 30, "mean": 2, "spread": 0.4, "weekend": 0.5},
}  # fmt: skip
"""Worlds with a known truth: what differs from 20 cases a day (r = 10), smooth, 5 days of delay."""


def simulate(
    rng: np.random.Generator,
    *,
    places: int = 1,
    mean: float = 20,
    size: float = 10,
    weekend: float = 0,
    falling: float = 0,
    halving: float = 0,
    precision: float = 0,
    batches: float = 0,
    spread: float = 0,
) -> Counts:
    """Make all counts (place, onset, delay) of a world, those yet to be reported with them."""
    growth, course = rng.normal(0, 0.05), np.zeros(DAYS)
    for t in range(1, DAYS):
        growth = 0.93 * growth + rng.normal(0, 0.02)
        course[t] = course[t - 1] + growth
    course -= course.mean()
    days = np.arange(DAYS + LONGEST)
    open_office = np.where(days % 7 >= 5, 1 - weekend, 1.0)
    open_office *= np.exp(batches * rng.normal(size=len(days)))
    if halving:
        open_office *= 2 ** np.clip((days - (DAYS - 1 - halving)) / halving, 0, 1)
    d = np.arange(LONGEST)
    rise = np.minimum((d + 0.7) / 2, 1) / 5
    full = np.zeros((int(places), DAYS, LONGEST + 1), dtype=np.int64)
    for p in range(int(places)):
        speed = np.exp(spread * rng.normal())
        scale = np.exp(0.7 * rng.normal()) if places > 1 else 1.0
        for t in range(DAYS):
            cases = rng.poisson(mean * scale * np.exp(course[t]) * rng.gamma(size, 1 / size))
            hazard = speed * rise * np.exp(falling * t / DAYS) * open_office[t + d]
            left = np.exp(-np.concatenate([[0.0], np.cumsum(hazard)]))
            share = np.append(left[:-1] - left[1:], left[-1])
            if precision:
                share = rng.dirichlet(precision * share + 1e-9)
            full[p, t] = rng.multinomial(cases, share / share.sum())
    return full


def seen(full: Counts) -> Triangle:
    """Give the triangle on the last day."""
    cells = full.astype(float)
    cells[:, np.add.outer(np.arange(DAYS), np.arange(LONGEST + 1)) >= DAYS] = np.nan
    dates = np.datetime64("2020-01-06", "ns") + np.arange(DAYS) * np.timedelta64(1, "D")
    places = [f"{row:06d}" for row in range(len(full))]
    coords = {"place": places, "date": dates}
    return Triangle(
        counts=xr.DataArray(
            cells, {**coords, "delay": np.arange(LONGEST + 1)}, ("place", "date", "delay")
        ),
        undated=xr.DataArray(np.zeros((len(full), DAYS)), coords, ("place", "date")),
        as_of=date(2020, 1, 6) + timedelta(days=DAYS - 1),
        notes=(),
    )


def one_repeat(task: tuple[str, int]) -> tuple[float, npt.NDArray[np.bool_]]:
    """Give, of the last week, the mean estimate over the truth, and where the truth lay in the middle 95 %.

    For single days and places, and, last, for the week and all places together.
    """
    world, repeat = task
    rng = np.random.default_rng([20201124, repeat])
    full = simulate(rng, **WORLDS[world])  # type: ignore[arg-type]
    drawn = nowcast_draws(seen(full), draws=DRAWS, rng=rng).to_numpy()[:, :, -LAST:]
    truth = full.sum(axis=2)[:, -LAST:]
    week, whole = drawn.sum(axis=(1, 2)), truth.sum()
    inside = [*in_the_middle(drawn, truth, rng).ravel(), *in_the_middle(week, whole, rng).ravel()]
    return float(week.mean() / max(whole, 1)), np.array(inside)


def in_the_middle(
    drawn: npt.NDArray[np.int32], truth: npt.ArrayLike, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Tell whether the truth ranks within the middle 95 % of the draws, ties broken by chance.

    A band of whole numbers that includes its ends covers more than it claims where counts are small;
    the rank does not (Czado C, Gneiting T, Held L. Biometrics 2009;65:1254-1261, doi 10.1111/j.1541-0420.2009.01191.x).
    """
    below, upto = (drawn < truth).mean(axis=0), (drawn <= truth).mean(axis=0)
    rank = below + rng.random(np.shape(truth)) * (upto - below)
    return np.asarray((rank > 0.025) & (rank < 0.975))


def _held(drawn: npt.NDArray[np.int32], truth: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    return np.asarray((low <= truth) & (truth <= high))


def coverages() -> Iterator[Line]:
    """Simulate each world and count how often the truth lay in the middle 95 % of the draws."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        for world in WORLDS:
            done = list(pool.map(one_repeat, [(world, r) for r in range(REPEATS)], chunksize=10))
            inside = np.array([one[1] for one in done])
            bias = np.mean([one[0] for one in done]) - 1
            yield band(f"last {LAST} days, each: {world}", inside[:, :-1])
            claim = f"last {LAST} days together: {world} (mean {bias:+.1%})"
            yield band(claim, inside[:, -1])


def o104(day: date) -> tuple[Triangle, Floats]:
    """Give the triangle of the outbreak as seen on a day, and what became of it."""
    cases = pl.read_csv(O104, comment_prefix="#", try_parse_dates=True)
    triangle = reporting_triangle(cases, as_of=day, max_delay=15, count="n")
    total = dict(cases.group_by("onset_on").agg(pl.col("n").sum()).iter_rows())
    days = triangle.counts["date"].to_numpy().astype("datetime64[D]").tolist()
    return triangle, np.array([total.get(d, 0) for d in days], dtype=float)


def replayed(back: int) -> npt.NDArray[np.bool_]:
    """Tell which bands of the open days of the outbreak held what came out, seen on one day."""
    triangle, truth = o104(date(2011, 5, 27) + timedelta(days=back))
    drawn = nowcast_draws(triangle, draws=500, rng=np.random.default_rng(back)).to_numpy()
    return _held(drawn[:, 0, -15:], truth[-15:])


def replay() -> Iterator[Line]:
    """Replay the outbreak of O104, 38 days of nowcasts of 15 open days each."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        inside = np.concatenate(list(pool.map(replayed, range(38))))
    yield band("O104 in Germany, 27 May to 3 July 2011, day by day: each open day", inside)


CHAIN_LADDER = """
cases <- read.csv("cases.csv")
cases <- cases[rep(seq_len(nrow(cases)), cases$n), ]
cases$onset <- as.Date(cases$onset_on); cases$report <- as.Date(cases$reported_on)
asked <- read.csv("asked.csv")
out <- NULL
for (i in seq_len(nrow(asked))) {
  now <- as.Date(asked$day[i])
  args <- list(now = now, when = now - 3, dEventCol = "onset", dReportCol = "report", data = cases,
    D = 15, method = "lawless", control = list(dRange = c(min(cases$onset), now), N.tInf.max = 300))
  if (asked$m[i] > 0) args <- c(args, list(m = asked$m[i], m.interpretation = "lawless1994"))
  invisible(capture.output(nc <- suppressMessages(suppressWarnings(do.call(nowcast, args)))))
  t <- nc@reportingTriangle
  out <- rbind(out, data.frame(day = asked$day[i], m = asked$m[i], reported = attr(t, "N.tT"),
    share = rev(nc@delayCDF[["lawless"]])))
}
write.csv(out, "out.csv", row.names = FALSE)
"""


def beside_r() -> Iterator[Line]:
    """Hold the triangle and the chain ladder beside surveillance::nowcast on the outbreak."""
    claim = "chain ladder on O104: {} beside surveillance::nowcast"
    days = [date(2011, 6, 2) + timedelta(days=7 * k) for k in range(5)]
    asked = pl.DataFrame([(d, m) for d in days for m in (0, 20)], schema=["day", "m"], orient="row")
    cases = pl.read_csv(O104, comment_prefix="#", try_parse_dates=True)
    answer = ask_r(CHAIN_LADDER, ["surveillance"], {"cases": cases, "asked": asked})
    if answer is None:
        yield absent(claim.format("triangle, share, estimate"), "surveillance in R")
        return
    ours = []
    for day, m in asked.iter_rows():
        result = nowcast_lawless(o104(day)[0], window=m + 1 if m else None).isel(place=0)
        ours.append([result[name].to_numpy() for name in ("reported", "share", "estimate")])
    reported, share, estimate = (np.concatenate(one) for one in zip(*ours, strict=True))
    theirs = answer["out"]
    peer = theirs["reported"].to_numpy(), theirs["share"].to_numpy()
    yield agreement(claim.format("cases reported"), reported, peer[0], 1e-12)
    yield agreement(claim.format("share reported"), share, peer[1], 1e-6)
    with np.errstate(invalid="ignore"):  # 0 of 0: nobody was ever reported so quickly
        yield agreement(claim.format("estimate"), estimate, peer[0] / peer[1], 1e-6)


def main() -> None:
    """Print all lines."""
    report("Nowcast", [*beside_r(), *replay(), *coverages()])


if __name__ == "__main__":
    main()
