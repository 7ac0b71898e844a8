"""Chains of transmission: outbreaks whose tree is known, and the same questions asked of R."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import stats

from tongchou.surveillance.chains.candidates import find_candidates
from tongchou.surveillance.chains.cluster_size import fit_cluster_sizes
from tongchou.surveillance.chains.generation import fit_generation_time, presymptomatic_share
from tongchou.surveillance.chains.interval import ImpliedInterval
from tongchou.surveillance.chains.interval_fit import Pairs, fit_interval
from tongchou.surveillance.chains.likelihood import Estimate
from tongchou.surveillance.chains.listed import check_links
from tongchou.surveillance.chains.offspring import fit_offspring
from tongchou.surveillance.chains.posterior import draw_trees
from tongchou.surveillance.chains.simulate import Outbreak, simulate_outbreak
from tongchou.surveillance.chains.trees import chain_sizes
from tongchou.vocabulary.distributions import Gamma
from validation.lines import Line, absent, agreement, band, report
from validation.r_peer import ask_r

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

REPEATS, INFERRED = 200, 200
GENERATION, INCUBATION = Gamma(mean=5.0, sd=2.0), Gamma(mean=5.2, sd=2.8)
HOW = Outbreak(
    R=0.8, k=0.4, generation_time=GENERATION, incubation=INCUBATION, seeds_per_day=1.0, days=40
)
HOUSEHOLDS = Outbreak(
    R=0.9,
    k=0.5,
    generation_time=GENERATION,
    incubation=INCUBATION,
    seeds_per_day=0.4,
    days=60,
    household_share=0.5,
)
SERIAL_SD = float(np.hypot(GENERATION.sd, np.sqrt(2) * INCUBATION.sd))
BEFORE = presymptomatic_share(GENERATION, INCUBATION)
CLOSED = date(2020, 1, 20) + timedelta(days=60)
"""The list of the households is closed on the last day of the seeds: later infections are not on it."""
NONE = pl.DataFrame(schema={"infector": pl.String, "infectee": pl.String})

FITS_OF_R = """
counts <- read.csv("counts.csv")$n
nb <- fitdist(counts, "nbinom", control = list(reltol = 1e-14, maxit = 5000))
days <- read.csv("days.csv")$d
dat <- data.frame(EL = 0, ER = 1, SL = days, SR = days + 1, type = 0)
fit <- dic.fit(dat, dist = "L", opt.method = "Nelder-Mead")
found <- c(nb$estimate["size"], nb$estimate["mu"], fit@ests[1:2, 1], fit@loglik)
write.csv(data.frame(name = c("k", "R", "meanlog", "sdlog", "lognormal"),
  value = format(unname(found), digits = 15)), "fits.csv", row.names = FALSE, quote = FALSE)
"""


def linked(cases: pl.DataFrame) -> pl.DataFrame:
    """Give the true pairs with the days between their onsets."""
    first = cases.select(true_infector="case_id", first="onset_on")
    pairs = cases.filter(pl.col("true_infector").is_not_null()).join(first, "true_infector")
    return pairs.with_columns(days=(pl.col("onset_on") - pl.col("first")).dt.total_days())


def holds(estimate: Estimate, truth: float) -> bool:
    """Say whether the range holds the truth."""
    return estimate.low <= truth <= estimate.high


def known_trees() -> Iterator[Line]:
    """Coverage where who infected whom is known."""
    held: dict[str, list[bool]] = defaultdict(list)
    for seed in range(REPEATS):
        cases = simulate_outbreak(HOW, np.random.default_rng([1, seed]))
        pairs = linked(cases)
        dated = Pairs.of(
            pairs["days"].to_numpy(),
            infectee=pairs["case_id"].to_numpy(),
            infector=pairs["true_infector"].to_numpy(),
        )
        interval = fit_interval(dated, "normal")
        generation = fit_generation_time(dated, INCUBATION)
        row = dict(zip(cases["case_id"].to_list(), range(len(cases)), strict=True))
        by = [row[c] for c in pairs["true_infector"].to_list()]
        offspring = fit_offspring(np.bincount(by, minlength=len(cases)))
        tree = np.array([row.get(c, -1) for c in cases["true_infector"].to_list()])
        sizes = fit_cluster_sizes(chain_sizes_of(tree))
        for name, estimate, truth in (
            ("serial interval, mean", interval.mean, GENERATION.mean),
            ("serial interval, sd", interval.sd, SERIAL_SD),
            ("generation time, mean", generation.mean, GENERATION.mean),
            ("generation time, sd", generation.sd, GENERATION.sd),
            ("share infected before symptoms", generation.presymptomatic, BEFORE),
            ("R from the tree", offspring.R, HOW.R),
            ("k from the tree", offspring.k, HOW.k),
            ("R from sizes of chains alone", sizes.R, HOW.R),
            ("k from sizes of chains alone", sizes.k, HOW.k),
        ):
            held[name].append(holds(estimate, truth))
    for name, inside in held.items():
        yield band(f"{name}, R 0.8, k 0.4, about 200 cases", inside)


def chain_sizes_of(tree: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Give the sizes of the chains of one tree."""
    return chain_sizes(tree[None, :])[0]


def inferred_trees() -> Iterator[Line]:
    """Say how often links are true that are given so probable, and whether R and k come back."""
    links: list[tuple[Floats, Bools]] = []
    outside: list[tuple[Floats, Bools]] = []
    held: dict[str, list[bool]] = defaultdict(list)
    # A normal of the same mean and sd has the order of two onsets less sure than it is.
    interval = ImpliedInterval(GENERATION, INCUBATION)
    for seed in range(INFERRED):
        cases = simulate_outbreak(HOUSEHOLDS, np.random.default_rng([2, seed]))
        cases = cases.filter(pl.col("onset_on") <= CLOSED)
        candidates = find_candidates(cases, check_links(cases, NONE), interval, as_of=CLOSED)
        found = draw_trees(candidates, 150, np.random.default_rng([3, seed]))
        row = {name: i for i, name in enumerate(candidates.case_id)}
        true = np.array([row.get(c, -1) for c in cases["true_infector"].to_list()])
        links.append((found.probability, true[candidates.infectee] == candidates.infector))
        outside.append((found.outside, true < 0))
        fit = found.offspring()
        held["R, tree inferred"].append(holds(fit.R, HOUSEHOLDS.R))
        held["k, tree inferred"].append(holds(fit.k, HOUSEHOLDS.k))
    yield from calibrated("links", links, (0.1, 0.3, 0.5, 0.7, 0.8, 0.9))
    yield from calibrated("from outside", outside, (0.2, 0.5, 0.8))
    for name, inside in held.items():
        yield band(f"{name}, half of the infections in households", inside)


def calibrated(
    name: str, given: list[tuple[Floats, Bools]], lows: tuple[float, ...]
) -> Iterator[Line]:
    """Say how many are true of those given a probability from ``low`` to a tenth above."""
    p, truth = (np.concatenate(parts) for parts in zip(*given, strict=True))
    for low in lows:
        inside = (p >= low) & (p < low + 0.1 + 1e-9)
        mean, share = float(p[inside].mean()), float(truth[inside].mean())
        # A tree rests on few facts: the error is that of outbreaks, not of links.
        yield Line(
            claim=f"{name}: those given {low:.0%} to {low + 0.1:.0%}, {mean:.1%} on average",
            found=f"{share:.1%} of {inside.sum():,} true",
            wanted="within 6 points",
            holds=abs(share - mean) < 0.06,
        )


def beside_r() -> Iterator[Line]:
    """Compare with fitdistrplus and coarseDataTools."""
    rng = np.random.default_rng(4)
    counts = rng.negative_binomial(0.4, 0.4 / 1.2, 300)
    days = 1 + np.floor(Gamma(mean=5.0, sd=2.5).quantile(rng.random(120))).astype(int)
    got = ask_r(
        FITS_OF_R,
        ("fitdistrplus", "coarseDataTools"),
        {"counts": pl.DataFrame({"n": counts}), "days": pl.DataFrame({"d": days})},
    )
    if got is None:
        yield absent("negative binomial and censored intervals", "fitdistrplus, coarseDataTools")
        return
    r = dict(
        got["fits"]
        .with_columns(pl.col("value").cast(pl.String).str.strip_chars().cast(pl.Float64))
        .iter_rows()
    )
    fit = fit_offspring(counts)
    yield agreement("R and k, fitdistrplus", [fit.R.value, fit.k.value], [r["R"], r["k"]], 1e-6)
    k, mean = r["k"], r["R"]
    theirs = float(stats.nbinom.logpmf(counts, k, k / (k + mean)).sum())
    yield Line(
        claim="log-likelihood of the negative binomial, ours less fitdistrplus",
        found=f"{fit.loglik - theirs:.1e}",
        wanted="not below, within 1e-6",
        holds=-1e-9 <= fit.loglik - theirs < 1e-6,
    )
    pairs = Pairs.of(days)
    lognormal = fit_interval(pairs, "lognormal")
    s = r["sdlog"]
    centre = np.exp(r["meanlog"] + s * s / 2)
    yield agreement(
        "doubly censored lognormal, mean and sd, coarseDataTools",
        [lognormal.interval.mean, lognormal.interval.sd],
        [centre, centre * np.sqrt(np.expm1(s * s))],
        2e-3,
    )
    yield agreement(
        "its log-likelihood, coarseDataTools", [lognormal.loglik], [r["lognormal"]], 1e-4
    )


def lines() -> Iterator[Line]:
    """Everything, in order."""
    yield from beside_r()
    yield from known_trees()
    yield from inferred_trees()


def main() -> None:
    """Print all lines."""
    report("Chains of transmission", lines())


if __name__ == "__main__":
    main()
