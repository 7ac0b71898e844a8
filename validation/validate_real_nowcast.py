"""Nowcasts of the real line lists of early 2020, night by night, beside what became of each day.

Run: ``TONGCHOU_DATA=… python -m validation.validate_real_nowcast``. A night sees what was reported by then; its open days
are held against the whole list. Days of onset within twelve days of the list's end are left out, as their own
cases may not be in it. Lists of cases whose detail stopped are replayed up to the day it stopped.
"""

import os

# Many small problems: threads of the linear algebra library would only wait for each other.
os.environ.update({"OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"})

from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr

from tongchou.surveillance.nowcasting.hierarchical import nowcast_draws
from tongchou.surveillance.nowcasting.lawless import nowcast_lawless
from tongchou.surveillance.nowcasting.triangle import reporting_triangle
from validation.lines import Line, absent, band, report
from validation.validate_nowcast import in_the_middle, o104
from validation.validate_real_delays import prepared

Floats = npt.NDArray[np.float64]

LONGEST, SETTLED, LEAST, WEEK = 20, 12, 20, 7
PROVINCES = ("Anhui", "Beijing", "Gansu", "Guangxi", "Shaanxi")
STOPPED = date(2020, 2, 9)
"""Day from which the open list hardly gives an onset any more."""
LISTS: Mapping[str, tuple[str, str, tuple[str, ...], date | None]] = {
    "Tianjin": ("Tianjin", "confirmed_on", ("all",), None),
    "Singapore": ("Singapore", "confirmed_on", ("all",), None),
    "Japan (DXY)": ("DXY", "reported_on", ("Japan",), None),
    "Hong Kong (DXY)": ("DXY", "reported_on", ("Hong Kong",), None),
    "five provinces (open list)": ("open", "confirmed_on", PROVINCES, STOPPED),
}
OUTBREAK = "O104 in Germany"


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """One night's nowcast beside the truth.

    Attributes
    ----------
    days, week
        Whether the truth ranked in the middle 95 %, for each open day and, last, each place's last week.
    score
        Mean score of the draws, days and weeks (2,), NaN where none is settled.
    beside
        Sum of the 95 % interval scores of the days by this method and by the chain ladder, where it gives one.
    """

    days: npt.NDArray[np.bool_]
    week: npt.NDArray[np.bool_]
    score: tuple[float, float]
    beside: tuple[float, float]


def interval_score(drawn: Floats, truth: Floats, level: float) -> Floats:
    """Give the interval score of the middle ``level`` of the draws, on the scale of log(1 + cases).

    S = (u − l) + 2/α (l − y)⁺ + 2/α (y − u)⁺, α = 1 − level: the width, and a fine for what lies outside (Gneiting T,
    Raftery AE. J Am Stat Assoc 2007;102:359-378, doi 10.1198/016214506000001437); the log makes lists of
    different size count alike (Bosse NI and others. PLoS Comput Biol 2023;19:e1011393,
    doi 10.1371/journal.pcbi.1011393).
    """
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return _interval(low, high, truth, level)


def _interval(low: Floats, high: Floats, truth: Floats, level: float) -> Floats:
    l, u, y = np.log1p(low), np.log1p(high), np.log1p(truth)
    beyond = np.maximum(l - y, 0) + np.maximum(y - u, 0)
    return np.asarray(u - l + 2 / (1 - level) * beyond)


def weighted_score(drawn: Floats, truth: Floats) -> float:
    """Give the mean of the weighted interval score of the median, the 50 % and the 95 % band.

    (|y − m| / 2 + Σ_α α/2 S_α) / 2.5; NaN without any truth.
    """
    if truth.size == 0:
        return float("nan")
    median = np.abs(np.log1p(np.median(drawn, axis=0)) - np.log1p(truth))
    bands = sum((1 - a) / 2 * interval_score(drawn, truth, a) for a in (0.5, 0.95))
    return float(((median / 2 + bands) / 2.5).mean())


def records(folder: Path, name: str) -> tuple[pl.DataFrame, date, str]:
    """Give the cases with onset and report of one list, its last day and its column of report."""
    file, column, places, stopped = LISTS[name]
    cases, last, _ = prepared(folder, file)
    known = cases.drop_nulls(["onset_on", column]).filter(pl.col("place").is_in(places))
    return known, stopped or last, column


def nights(cases: pl.DataFrame, last: date, column: str) -> list[date]:
    """Give the nights of a list: from its twentieth case on."""
    first = cases[column].sort()[LEAST - 1]
    return [first + timedelta(days=k) for k in range((last - first).days + 1)]


def one_night(task: tuple[Path, str, int]) -> Night:
    """Nowcast one night of one list."""
    folder, name, number = task
    rng = np.random.default_rng([20200209, number])
    if name == OUTBREAK:
        triangle, truth = o104(date(2011, 5, 27) + timedelta(days=number))
        truth, last = truth[None], date(2011, 8, 1)
    else:
        cases, last, column = records(folder, name)
        night = nights(cases, last, column)[number]
        triangle = reporting_triangle(cases, as_of=night, max_delay=LONGEST, report=column)
        truth = _became(cases, triangle.counts)
    drawn = nowcast_draws(triangle, draws=500, rng=rng).to_numpy().astype(float)
    ladder = nowcast_lawless(triangle)
    dates = triangle.counts["date"].to_numpy().astype("datetime64[D]").tolist()
    settled = np.array([day + timedelta(days=SETTLED) <= last for day in dates])
    scored = settled & (np.arange(len(dates)) >= len(dates) - triangle.max_delay)
    sums, came = drawn[:, :, -WEEK:].sum(axis=2), truth[:, -WEEK:].sum(axis=1)
    if not settled[-WEEK:].all():
        sums, came = sums[:, :0], came[:0]
    days, truth = drawn[:, :, scored], truth[:, scored]
    low, high = (ladder[q].to_numpy()[:, scored] for q in ("q025", "q975"))
    told = np.isfinite(high)
    beside = interval_score(days, truth, 0.95)[told], _interval(low, high, truth, 0.95)[told]
    return Night(
        days=in_the_middle(days, truth, rng).ravel(),
        week=in_the_middle(sums, came, rng).ravel(),
        score=(weighted_score(days, truth), weighted_score(sums, came)),
        beside=(float(beside[0].sum()), float(beside[1].sum())),
    )


def _became(cases: pl.DataFrame, counts: xr.DataArray) -> Floats:
    """Give the cases of each place and day of a triangle as they came out (place, date)."""
    days = counts["date"].to_numpy().astype("datetime64[D]")
    truth = np.zeros((counts.sizes["place"], len(days)))
    for row, place in enumerate(counts["place"].to_numpy()):
        onset = cases.filter(pl.col("place") == place)["onset_on"].to_numpy()
        truth[row] = (onset[:, None] == days[None, :]).sum(axis=0)
    return truth


def replay(folder: Path, name: str, number: int, pool: ProcessPoolExecutor) -> Iterator[Line]:
    """Replay one list: coverage of days and weeks, and scores."""
    seen = list(pool.map(one_night, [(folder, name, k) for k in range(number)], chunksize=5))
    if name != OUTBREAK:
        yield band(f"{name}: each open day", np.concatenate([one.days for one in seen]))
    weeks = np.concatenate([one.week for one in seen])
    yield band(f"{name}: last {WEEK} days together, seen each night", weeks)
    ours, ladder = np.sum([one.beside for one in seen], axis=0)
    yield Line(
        claim=f"{name}: 95 % interval score of the days over that of the chain ladder",
        found=f"{ours / ladder:.2f}",
        wanted="below 1",
        holds=bool(ours < ladder),
    )
    days, sums = np.nanmean([one.score for one in seen], axis=0)
    yield Line(
        claim=f"{name}: weighted interval score of log(1 + cases), days; weeks",
        found=f"{days:.3f}; {sums:.3f}",
        wanted="–",
        holds=None,
    )


def lines(folder: Path) -> Iterator[Line]:
    """Replay every list."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        yield from replay(folder, OUTBREAK, 38, pool)
        for name in LISTS:
            yield from replay(folder, name, len(nights(*records(folder, name))), pool)


def main() -> None:
    """Print every list."""
    named = os.environ.get("TONGCHOU_DATA")
    folder = Path(named or "", "china2020")
    title = "Nowcasts of real line lists, night by night"
    if not named or not folder.is_dir():
        report(title, [absent("five line lists", "TONGCHOU_DATA")])
    report(title, lines(folder))


if __name__ == "__main__":
    main()
