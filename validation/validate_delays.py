"""Delays: known truth under double censoring and truncation, and the answers of two packages of R.

Run: ``python -m validation.validate_delays``. The peers are coarseDataTools (interval-censored exposure
and onset, Reich et al 2009) and fitdistrplus (one end exact, the other censored), where they are
installed; the data are theirs.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from tongchou.surveillance.timeliness.choice import fit_strata
from tongchou.surveillance.timeliness.families import FAMILIES, FamilyName
from tongchou.surveillance.timeliness.fits import QUANTITIES, FamilyFit, fit_family
from tongchou.surveillance.timeliness.likelihood import Likelihood, Windows
from tongchou.surveillance.timeliness.sharing import fit_shared
from tongchou.vocabulary.distributions import Gamma, Lognormal, Weibull
from validation.lines import Line, absent, agreement, band, report
from validation.r_peer import ask_r

Floats = npt.NDArray[np.float64]

REPEATS = 1000
MOMENT = 1e-4
"""Length of a window that stands for an exact time, days: the error is of its square."""
TRUTHS = {
    "gamma": Gamma(mean=6.0, sd=4.0),
    "lognormal": Lognormal.from_mean_sd(mean=6.0, sd=4.0),
    "weibull": Weibull(shape=1.5, scale=6.6),
}
OUTBREAKS = {"all delays ended": (0.0, 120), "growing 10 % a day": (0.1, 60)}
PER_STRATUM = 60
STRATA, BETWEEN, BETWEEN_SHAPES = 400, 0.3, 0.2
"""Strata that share, and the sd of the logarithms of their means and of their second numbers."""


def outbreak(
    delay: Gamma | Lognormal | Weibull,
    growth: float,
    days: int,
    cases: int,
    repeats: int,
    rng: np.random.Generator,
) -> Windows:
    """Simulate line lists of ``cases`` delays each that had ended by the cut-off, dated to the day.

    Starts come at a rate e^(growth · t); both ends lose their hour.
    """
    starts: list[Floats] = []
    ends: list[Floats] = []
    strata: list[npt.NDArray[np.int64]] = []
    missing = np.full(repeats, cases)
    while missing.any():
        stratum = np.repeat(np.arange(repeats), missing)
        u = rng.random(len(stratum))
        start = np.log1p(u * np.expm1(growth * days)) / growth if growth else u * days
        end = start + delay.quantile(rng.random(len(stratum)))
        on_list = end < days
        starts.append(np.floor(start[on_list]))
        ends.append(np.floor(end[on_list]))
        strata.append(stratum[on_list])
        missing = missing - np.bincount(stratum[on_list], minlength=repeats)
    first, last, stratum = map(np.concatenate, (starts, ends, strata))
    return Windows(
        stratum=stratum,
        start_from=first,
        start_to=first + 1,
        end_from=last,
        end_to=last + 1,
        cutoff=np.full(len(first), float(days)),
    )


def truth_of(delay: Gamma | Lognormal | Weibull) -> dict[str, float]:
    """Give the quantities that a fit reports."""
    median, p90, p95 = delay.quantile([0.5, 0.9, 0.95])
    return {"mean": delay.mean, "sd": delay.sd, "median": median, "p90": p90, "p95": p95}


def inside(table: pl.DataFrame, truth: dict[str, float], quantity: str) -> npt.NDArray[np.bool_]:
    """Tell for each repeat whether the interval held the truth; no fit is no hold."""
    value = truth[quantity]
    held = (table[f"{quantity}_low"] < value) & (table[f"{quantity}_high"] > value)
    return held.fill_null(False).to_numpy()


def coverage() -> list[Line]:
    """Print the coverage of every quantity, the family known, and the least with the family chosen by AIC."""
    rng = np.random.default_rng(20200224)
    lines = []
    for name, delay in TRUTHS.items():
        for story, (growth, days) in OUTBREAKS.items():
            windows = outbreak(delay, growth, days, PER_STRATUM, REPEATS, rng)
            truth = truth_of(delay)
            known = fit_strata(windows, REPEATS, (name,))  # type: ignore[arg-type]
            chosen = fit_strata(windows, REPEATS)
            where = f"{name}, {story}, {PER_STRATUM} cases"
            for quantity in QUANTITIES:
                lines.append(band(f"{quantity}: {where}", inside(known, truth, quantity)))
            held = min((inside(chosen, truth, q) for q in QUANTITIES), key=np.mean)
            lines.append(band(f"least of the five, family by AIC: {where}", held, high=1.0))
    return lines


def bias() -> list[Line]:
    """Print the mean as seen beside the mean corrected, while an epidemic grows by 20 % a day."""
    rng = np.random.default_rng(20200225)
    lines = []
    for name, delay in TRUTHS.items():
        windows = outbreak(delay, 0.2, 40, 2000, 20, rng)
        fitted = fit_strata(windows, 20, (name,))["mean"].to_numpy()  # type: ignore[arg-type]
        ours, seen = fitted.mean(), windows.middle.mean()
        lines.append(
            Line(
                claim=f"mean of a {name} delay of {delay.mean:.2f} days, growing 20 % a day, 20 lists of 2,000",
                found=f"{ours:.2f} corrected ({seen:.2f} as seen)",
                wanted="within 3 % corrected, 20 % short as seen",
                holds=bool(abs(ours / delay.mean - 1) < 0.03 and seen / delay.mean < 0.8),
            )
        )
    return lines


def shared() -> list[Line]:
    """Print the coverage over strata of few cases that are drawn to what they share."""
    rng = np.random.default_rng(20200226)
    sizes = rng.integers(1, 25, STRATA)
    lines = []
    for name, family in FAMILIES.items():
        means = 6.0 * np.exp(rng.normal(0.0, BETWEEN, STRATA))
        one, two = family.start(means, means * 2 / 3)
        two = two + rng.normal(0.0, BETWEEN_SHAPES, STRATA)
        delays = [family.delay(a, b) for a, b in zip(one, two, strict=True)]
        parts = [
            outbreak(delay, 0.1, 60, int(size), 1, rng)
            for delay, size in zip(delays, sizes, strict=True)
        ]
        windows = Windows(
            stratum=np.repeat(np.arange(STRATA), sizes),
            **{
                part: np.concatenate([getattr(w, part) for w in parts])
                for part in Windows.__slots__
                if part != "stratum"
            },
        )
        fit = fit_shared(windows, STRATA, family)
        assert fit is not None
        for quantity in ("mean", "p90"):
            low, high = fit.intervals()[quantity]
            truth = np.array([truth_of(delay)[quantity] for delay in delays])
            claim = (
                f"{quantity}, {STRATA} strata of 1 to 24 cases, shared: {name}, growing 10 % a day"
            )
            lines.append(band(claim, (low < truth) & (truth < high)))
    return lines


COARSE = """
data(fluA.inc.per); data(nycH1N1)
columns <- c("EL", "ER", "SL", "SR", "type")
found <- NULL
for (set in c("fluA.inc.per", "nycH1N1")) {
  rows <- as.matrix(get(set)[, columns])
  write.csv(rows, paste0("rows_", set, ".csv"), row.names = FALSE)
  for (family in c("G", "L", "W")) {
    from <- if (family == "L") c(log(median(rows[, "SR"])), log(0.5)) else if (family == "G") c(log(3), log(median(rows[, "SR"]) / 3)) else c(log(2), log(median(rows[, "SR"])))
    best <- optim(from, loglikhd, dat = rows, dist = family, control = list(reltol = 1e-15, maxit = 5000))
    best <- optim(best$par, loglikhd, dat = rows, dist = family, control = list(reltol = 1e-15, maxit = 5000))
    found <- rbind(found, data.frame(set = set, family = family, one = best$par[1], two = best$par[2]))
  }
}
write.csv(found, "fits.csv", row.names = FALSE)
"""

CENSORED = """
rows <- read.csv("delays.csv")
data <- data.frame(left = rows$left, right = rows$right)
found <- NULL
for (family in c("gamma", "lnorm", "weibull")) {
  f <- fitdistcens(data, family, control = list(reltol = 1e-14, maxit = 5000))
  found <- rbind(found, data.frame(family = family, one = f$estimate[[1]], two = f$estimate[[2]]))
}
write.csv(found, "fits.csv", row.names = FALSE)
"""

LETTERS: dict[str, FamilyName] = {
    "G": "gamma", "L": "lognormal", "W": "weibull",
    "gamma": "gamma", "lnorm": "lognormal", "weibull": "weibull",
}  # fmt: skip


def parameters(fit: FamilyFit) -> tuple[float, float]:
    """Give shape and scale, or meanlog and sdlog: as R writes them."""
    delay = fit.family.delay(fit.one[0], fit.two[0])
    match delay:
        case Gamma():
            return delay.shape, 1 / delay.rate
        case Lognormal():
            return delay.meanlog, delay.sdlog
        case Weibull():
            return delay.shape, delay.scale


def fitted(
    start: tuple[Floats, Floats], end: tuple[Floats, Floats], family: FamilyName
) -> FamilyFit:
    """Fit one stratum that is not truncated; a window without length is an exact time."""
    windows = Windows(
        stratum=np.zeros(len(start[0]), dtype=np.int64),
        start_from=start[0],
        start_to=np.maximum(start[1], start[0] + MOMENT),
        end_from=end[0],
        end_to=np.maximum(end[1], end[0] + MOMENT),
        cutoff=np.full(len(start[0]), np.inf),
    )
    return fit_family(Likelihood(windows, 1), FAMILIES[family], windows)


def beside_coarse_data_tools() -> list[Line]:
    """Print the largest difference of parameters over two data sets and three families."""
    claim = "parameters beside coarseDataTools, {}"
    asked = ask_r(COARSE, ["coarseDataTools"])
    if asked is None:
        return [absent(claim.format("two data sets, three families"), "coarseDataTools")]
    lines = []
    for name in ("fluA.inc.per", "nycH1N1"):
        rows = asked[f"rows_{name}"].cast(pl.Float64)
        start, end = (
            (rows[a].to_numpy(), rows[b].to_numpy()) for a, b in (("EL", "ER"), ("SL", "SR"))
        )
        ours, theirs = [], []
        for row in asked["fits"].filter(pl.col("set") == name).iter_rows(named=True):
            ours += parameters(fitted(start, end, LETTERS[row["family"]]))
            theirs += [
                row["one"] if row["family"] == "L" else np.exp(row["one"]),
                np.exp(row["two"]),
            ]
        lines.append(agreement(claim.format(name), ours, theirs, 1e-4))
    return lines


def beside_fitdistrplus() -> list[Line]:
    """Print the largest difference where the start is a moment and the end is known to a day or two."""
    claim = "parameters beside fitdistrplus::fitdistcens, 400 delays"
    rng = np.random.default_rng(7)
    days = np.floor(TRUTHS["gamma"].quantile(rng.random(400)))
    width = rng.integers(1, 3, 400)
    given = pl.DataFrame({"left": days, "right": days + width})
    asked = ask_r(CENSORED, ["fitdistrplus"], {"delays": given})
    if asked is None:
        return [absent(claim, "fitdistrplus")]
    ours, theirs = [], []
    moment = np.zeros(len(days))
    for row in asked["fits"].iter_rows(named=True):
        one, two = parameters(
            fitted((moment, moment), (days, days + width), LETTERS[row["family"]])
        )
        ours += [one, 1 / two if row["family"] == "gamma" else two]
        theirs += [row["one"], row["two"]]
    return [agreement(claim, ours, theirs, 1e-4)]


def main() -> None:
    """Print every line."""
    report(
        "Delays",
        [*beside_coarse_data_tools(), *beside_fitdistrplus(), *bias(), *coverage(), *shared()],
    )


if __name__ == "__main__":
    main()
