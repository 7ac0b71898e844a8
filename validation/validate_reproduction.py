"""R_t beside EpiEstim on the outbreaks it ships, and chosen R_t coming back from simulated ones.

Run: ``python -m validation.validate_reproduction``.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr
from scipy import special

from tongchou.surveillance.cohort_reproduction import cohort_reproduction
from tongchou.surveillance.reproduction import PRIOR_MEAN, PRIOR_SD, estimate_reproduction
from tongchou.surveillance.uncertain_reproduction import (
    Limited,
    draw_serial_intervals,
    estimate_reproduction_uncertain,
    stacked,
)
from tongchou.vocabulary.distributions import Gamma, delayed, serial_interval_probabilities
from validation.lines import Line, absent, agreement, band, report
from validation.r_peer import ask_r

Floats = npt.NDArray[np.float64]

OUTBREAKS = {
    "Flu2009": (2.6, 1.5),
    "SARS2003": (8.4, 3.8),
    "Measles1861": (14.9, 3.9),
    "Flu1918": (2.6, 1.5),
    "Smallpox1972": (22.4, 6.1),
}
"""Data sets of the package, with mean and sd of the serial interval as Cori and others 2013 give them."""
REPEATS, CHANGE, DAYS = 400, 30, 60
WITHIN, DRAWS, PER_DRAW, SIMULATED = 1e-6, 100, 500, 500
RARE = 0.5
"""Standard deviation, in persons, below which a sampled spread says little."""
STANDARD_ERRORS = 4.5
"""Of Monte-Carlo error: among a thousand numbers hardly one lies further off by chance."""

EPIESTIM = """
set.seed(1)
known <- read.csv("known.csv")
gathered <- function(name, kind, out) cbind(name = name, kind = kind, out)
R <- NULL; cohort <- NULL; counts <- NULL; intervals <- NULL; drawn <- NULL
for (i in seq_len(nrow(known))) {
  name <- known$name[i]
  data(list = name); x <- get(name)
  I <- if (is.data.frame(x$incidence)) x$incidence$I else x$incidence
  n <- length(I)
  starts <- 2:(n - 6)
  cfg <- function(...) make_config(list(t_start = starts, t_end = starts + 6, ...))
  ask <- function(incid, method, config) suppressWarnings(suppressMessages(
    estimate_R(incid, method = method, config = config)))
  fixed <- cfg(mean_si = known$mean[i], std_si = known$sd[i])
  R <- rbind(R, gathered(name, "parametric", ask(I, "parametric_si", fixed)$R))
  w <- x$si_distr / sum(x$si_distr)
  R <- rbind(R, gathered(name, "non-parametric", ask(I, "non_parametric_si", cfg(si_distr = w))$R))
  away <- floor(I * ((seq_len(n) * 7) %% 5) / 10); away[1] <- I[1]
  parted <- data.frame(local = I - away, imported = away)
  R <- rbind(R, gathered(name, "imported", ask(parted, "parametric_si", fixed)$R))
  u <- ask(I, "uncertain_si", cfg(
    mean_si = known$mean[i], std_mean_si = 1, min_mean_si = known$mean[i] - 1.5, max_mean_si = known$mean[i] + 1.5,
    std_si = known$sd[i], std_std_si = 0.5, min_std_si = known$sd[i] - 1, max_std_si = known$sd[i] + 1,
    n1 = known$n1[i], n2 = known$n2[i]))
  R <- rbind(R, gathered(name, "uncertain", u$R))
  drawn <- rbind(drawn, data.frame(name = name, u$SI.Moments))
  wt <- suppressWarnings(wallinga_teunis(I, method = "parametric_si", config = list(
    t_start = starts, t_end = starts + 6, mean_si = known$mean[i], std_si = known$sd[i], n_sim = known$simulated[i])))
  cohort <- rbind(cohort, data.frame(name = name, end = wt$R$t_end, mean = wt$R[["Mean(R)"]],
    sd = wt$R[["Std(R)"]], q025 = wt$R[["Quantile.0.025(R)"]], q975 = wt$R[["Quantile.0.975(R)"]]))
  counts <- rbind(counts, data.frame(name = name, cases = I, imported = away))
  intervals <- rbind(intervals, data.frame(name = name, w = w))
}
names(R) <- c("name", "kind", "start", "end", "mean", "sd", "q025", "q05", "q25", "median", "q75", "q95", "q975")
write.csv(R, "R.csv", row.names = FALSE)
write.csv(cohort, "cohort.csv", row.names = FALSE)
write.csv(counts, "counts.csv", row.names = FALSE)
write.csv(intervals, "intervals.csv", row.names = FALSE)
write.csv(drawn, "drawn.csv", row.names = FALSE)
"""
FIGURES = ("mean", "sd", "q025", "q25", "median", "q75", "q975")


def series(counts: npt.ArrayLike) -> xr.DataArray:
    """Give counts of one place, or of several (place, date), as a labelled array."""
    values = np.atleast_2d(np.asarray(counts, dtype=float))
    dates = np.datetime64("2020-01-01", "ns") + np.arange(values.shape[1]) * np.timedelta64(1, "D")
    places = [str(n) for n in range(len(values))]
    return xr.DataArray(values, {"place": places, "date": dates}, ("place", "date"))


def beside_epiestim() -> Iterator[Line]:
    """Compare every method on every outbreak that EpiEstim ships."""
    known = pl.DataFrame(
        [
            {"name": name, "mean": m, "sd": s, "n1": DRAWS, "n2": PER_DRAW, "simulated": SIMULATED}
            for name, (m, s) in OUTBREAKS.items()
        ]
    )
    told = ask_r(EPIESTIM, ["EpiEstim"], {"known": known})
    if told is None:
        yield absent("R_t and cohort R on five outbreaks", "EpiEstim")
        return
    for kind in ("parametric", "non-parametric", "imported"):
        pairs = [_both(told, name, kind) for name in OUTBREAKS]
        ours, theirs = (np.concatenate(side) for side in zip(*pairs, strict=True))
        yield agreement(f"EpiEstim, {kind} serial interval, five outbreaks", ours, theirs, WITHIN)
    yield _uncertain(told)
    yield from _cohort(told)


def _of(told: dict[str, pl.DataFrame], table: str, name: str) -> pl.DataFrame:
    return told[table].filter(pl.col("name") == name)


def _both(told: dict[str, pl.DataFrame], name: str, kind: str) -> tuple[Floats, Floats]:
    """Give our figures and theirs over the windows of one outbreak, flat."""
    rows = _of(told, "R", name).filter(pl.col("kind") == kind)
    counts = _of(told, "counts", name)
    mean, sd = OUTBREAKS[name]
    interval = (
        np.asarray(_of(told, "intervals", name)["w"].to_numpy())
        if kind == "non-parametric"
        else Gamma(mean=mean, sd=sd)
    )
    R = estimate_reproduction(
        series(counts["cases"]), interval, cv_limit=99.0,
        imported=series(counts["imported"]) if kind == "imported" else None,
    )  # fmt: skip
    at = rows["end"].to_numpy() - 1
    ours = np.stack([R[f].to_numpy()[0, at] for f in FIGURES])
    return ours.ravel(), rows.select(FIGURES).to_numpy().T.astype(float).ravel()


def _uncertain(told: dict[str, pl.DataFrame]) -> Line:
    """Hold each quantile that EpiEstim sampled against the exact mixture over the same draws."""
    apart = []
    for name in OUTBREAKS:
        rows = _of(told, "R", name).filter(pl.col("kind") == "uncertain")
        cases = _of(told, "counts", name)["cases"].to_numpy().astype(float)
        drawn = _of(told, "drawn", name)
        w = [
            serial_interval_probabilities(Gamma(mean=m, sd=s))
            for m, s in drawn[["Mean", "Std"]].rows()
        ]
        R = estimate_reproduction_uncertain(series(cases), stacked(w), cv_limit=99.0)
        shape = (PRIOR_MEAN / PRIOR_SD) ** 2 + np.convolve(cases, np.ones(7))[: len(cases)]
        rate = PRIOR_MEAN / PRIOR_SD**2 + np.stack(
            [np.convolve(delayed(cases, one), np.ones(7))[: len(cases)] for one in w]
        )
        for row in rows.iter_rows(named=True):
            t = row["end"] - 1
            if t + 1 <= drawn["Mean"].max() or row["mean"] is None:
                continue
            apart.append(
                (row["mean"] - R["mean"].values[0, t])
                / R["sd"].values[0, t]
                * (DRAWS * PER_DRAW) ** 0.5
            )
            for name_of, p in (("q025", 0.025), ("median", 0.5), ("q975", 0.975)):
                reached = special.gammainc(shape[t], rate[:, t] * row[name_of]).mean()
                exact = special.gammainc(shape[t], rate[:, t] * R[name_of].values[0, t]).mean()
                assert abs(exact - p) < 1e-8
                apart.append((reached - p) / (p * (1 - p) / (DRAWS * PER_DRAW)) ** 0.5)
    most = float(np.abs(apart).max())
    return Line(
        claim="EpiEstim, uncertain serial interval: its samples against our exact mixture over the same draws",
        found=f"{most:.1f} standard errors over {len(apart):,}",
        wanted=f"at most {STANDARD_ERRORS}",
        holds=most <= STANDARD_ERRORS,
    )


def _cohort(told: dict[str, pl.DataFrame]) -> Iterator[Line]:
    means, sds, limits, n = [], [], [], 0
    for name, (mean, sd) in OUTBREAKS.items():
        rows = _of(told, "cohort", name)
        cases = series(_of(told, "counts", name)["cases"])
        R = cohort_reproduction(cases, Gamma(mean=mean, sd=sd), window=7)
        at = rows["end"].to_numpy() - 1
        ours = {f: R[f].to_numpy()[0, at] for f in ("mean", "sd", "q025", "q975")}
        people = np.convolve(cases.to_numpy()[0], np.ones(7))[at]
        means.append((ours["mean"], rows["mean"].to_numpy()))
        spread = ours["sd"] * people > RARE
        sds.append(np.abs(rows["sd"].to_numpy() / np.where(spread, ours["sd"], np.nan) - 1)[spread])
        for limit in ("q025", "q975"):
            off = np.abs(ours[limit] - rows[limit].to_numpy()) * people - 1
            limits.append((off / np.maximum(ours["sd"] * people, 1e-9))[spread])
            n += int(spread.sum())
    yield agreement(
        "EpiEstim, Wallinga–Teunis means, five outbreaks",
        *(np.concatenate(side) for side in zip(*means, strict=True)), WITHIN,
    )  # fmt: skip
    # sd of a sampled sd is about 1 / √(2n), of a sampled 2.5 % quantile about 2.67 / √n standard deviations
    for claim, found, allowed in (
        ("sd, relative to ours", np.concatenate(sds), STANDARD_ERRORS / (2 * SIMULATED) ** 0.5),
        (
            "limits, in sd beyond one person",
            np.concatenate(limits),
            STANDARD_ERRORS * 2.67 / SIMULATED**0.5,
        ),
    ):
        most = float(np.nanmax(found))
        yield Line(
            claim=f"EpiEstim, Wallinga–Teunis, {SIMULATED:,} simulations against our exact distribution: {claim}",
            found=f"{most:.3f} over {found.size:,}",
            wanted=f"at most {allowed:.3f}, Monte-Carlo error",
            holds=most <= allowed,
        )


def outbreak(
    R: Floats, w: Floats, seeds: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Simulate one outbreak and who infected whom.

    Returns
    -------
    array (date), array (date, date)
        New cases, and how many of each day were infected by those of each earlier day.
    """
    days = len(R)
    cases, pairs = seeds.copy(), np.zeros((days, days))
    for t in range(1, days):
        back = np.arange(max(0, t - len(w) + 1), t)
        pairs[t, back] = rng.poisson(R[t] * w[t - back] * cases[back])
        cases[t] += pairs[t].sum()
    return cases, pairs


def truth_comes_back() -> Iterator[Line]:
    """Simulate with chosen R and count how often the bands hold it."""
    rng = np.random.default_rng(20201124)
    interval = Gamma(mean=5.1, sd=2.7)
    w = serial_interval_probabilities(interval)
    R = np.where(np.arange(DAYS) < CHANGE, 1.4, 0.8)
    seeds = np.zeros(DAYS)
    seeds[:5] = 10
    runs = [outbreak(R, w, seeds, rng) for _ in range(REPEATS)]
    cases = series(np.stack([c for c, _ in runs]))
    found = estimate_reproduction(cases, interval, cv_limit=99.0)
    for day in (CHANGE - 1, DAYS - 1):
        yield band(f"R_t = {R[day]}, fixed serial interval", _inside(found, day, R[day]))
    yield _imported(rng, interval, w)
    yield _cohorts(runs, cases, interval)
    yield from _uncertain_interval(rng)
    yield from _nowcast(rng, runs, interval, R)


def _inside(found: xr.Dataset, day: int, truth: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    low, high = found["q025"].to_numpy()[:, day], found["q975"].to_numpy()[:, day]
    return np.asarray((low <= truth) & (truth <= high))


def _imported(rng: np.random.Generator, interval: Gamma, w: Floats) -> Line:
    R, runs, away = np.full(DAYS, 0.7), [], []
    for _ in range(REPEATS):
        seeds = rng.poisson(4.0, DAYS).astype(float)
        runs.append(outbreak(R, w, seeds, rng)[0])
        away.append(seeds)
    found = estimate_reproduction(
        series(np.stack(runs)), interval, imported=series(np.stack(away)), cv_limit=99.0
    )
    return band(
        "R_t = 0.7 with four imported cases a day told apart", _inside(found, DAYS - 1, 0.7)
    )


def _cohorts(runs: list[tuple[Floats, Floats]], cases: xr.DataArray, interval: Gamma) -> Line:
    """Hold the number that the cases of a week truly infected against the limits."""
    found = cohort_reproduction(cases, interval, window=7)
    day = CHANGE - 5
    week = slice(day - 6, day + 1)
    truth = np.array([pairs[:, week].sum() / c[week].sum() for c, pairs in runs])
    return band(
        "cohort R of a week, as it came to pass (Wallinga–Teunis)", _inside(found, day, truth)
    )


def _uncertain_interval(rng: np.random.Generator) -> Iterator[Line]:
    mean, sd = (
        Limited(mean=5.1, sd=1.0, low=3.0, high=7.2),
        Limited(mean=2.7, sd=0.4, low=1.9, high=3.5),
    )
    draws = draw_serial_intervals(mean, sd, 200, rng)
    R = np.full(40, 1.5)
    seeds = np.zeros(40)
    seeds[:5] = 20
    runs = [
        outbreak(R, serial_interval_probabilities(Gamma(mean=m, sd=s)), seeds, rng)[0]
        for m, s in zip(mean.draw(REPEATS, rng), sd.draw(REPEATS, rng), strict=True)
    ]
    cases = series(np.stack(runs))
    found = estimate_reproduction_uncertain(cases[:, 18:], draws, cv_limit=99.0, last=1)
    yield band(
        "R_t = 1.5, serial interval drawn anew for each outbreak, doubt carried",
        _inside(found, 21, 1.5),
    )
    sure = estimate_reproduction(cases[:, 18:], Gamma(mean=5.1, sd=2.7), cv_limit=99.0)
    held = float(_inside(sure, 21, 1.5).mean())
    yield Line(
        claim="the same with one fixed serial interval: what carrying the doubt is for",
        found=f"{held:.1%} of {REPEATS}", wanted="below 90%", holds=held < 0.9,
    )  # fmt: skip


def _nowcast(
    rng: np.random.Generator, runs: list[tuple[Floats, Floats]], interval: Gamma, R: Floats
) -> Iterator[Line]:
    """Hide what is not yet reported, draw it back from its exact posterior, and estimate R today."""
    reported_by = 1 - np.exp(-(np.arange(DAYS)[::-1] + 1) / 2.0)
    cases = np.stack([c for c, _ in runs]).astype(int)
    seen = rng.binomial(cases, reported_by).astype(float)
    # N − n given n is negative binomial with n and F, for a prior on N that goes as 1 / N
    hidden = rng.negative_binomial(np.maximum(seen, 1e-9), reported_by, size=(100, *seen.shape))
    late = slice(DAYS - 35, DAYS)
    frame = series(seen)
    draws = xr.DataArray(seen + hidden, frame.coords, ("draw", "place", "date"))[..., late]
    day = 34
    carried = estimate_reproduction_uncertain(draws, interval, cv_limit=99.0, last=1)
    yield band(
        f"R_t = {R[-1]} today, two fifths of today's cases reported, draws of the nowcast carried",
        _inside(carried, day, R[-1]),
    )
    for claim, counts in (
        ("the same on the counts as reported: what the nowcast is for", frame),
        ("the same on the mean of the draws: what carrying them is for", draws.mean("draw")),
    ):
        plain = estimate_reproduction(counts[..., -35:], interval, cv_limit=99.0)
        held = float(_inside(plain, day, R[-1]).mean())
        yield Line(
            claim=claim, found=f"{held:.1%} of {REPEATS}", wanted="below 90%", holds=held < 0.9
        )


def main() -> None:
    """Print the lines."""
    report("R_t", [*beside_epiestim(), *truth_comes_back()])


if __name__ == "__main__":
    main()
