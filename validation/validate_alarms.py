"""Detectors beside R's surveillance, false alarms as set, and injected outbreaks found.

Run: ``python -m validation.validate_alarms``.
"""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr
from benchmarks.measure import table
from scipy import special

from tongchou.surveillance.detection.cusum import cusum
from tongchou.surveillance.detection.ears import ears
from tongchou.surveillance.detection.ewma import ewma
from tongchou.surveillance.detection.false_alarms import hold_down, with_control
from tongchou.surveillance.detection.farrington import farrington
from tongchou.surveillance.detection.farrington_flexible import farrington_flexible
from tongchou.surveillance.detection.gamma_poisson import gamma_poisson
from tongchou.surveillance.detection.regression import count_regression
from tongchou.surveillance.detection.run_length import Chart
from validation.lines import Line, absent, agreement, report
from validation.r_peer import ask_r

Floats = npt.NDArray[np.float64]
Detector = Callable[..., xr.Dataset]

SURVEILLANCE = r"""
tight <- function(epsilon = 1e-15, maxit = 200, trace = FALSE) list(epsilon = 1e-15, maxit = 200, trace = trace)
put <- function(x, name) write.csv(x, paste0(name, ".csv"), row.names = FALSE)
data(salmonella.agona); agona <- disProg2sts(salmonella.agona)
data(salmNewport); data(husO104Hosp)
germany <- aggregate(salmNewport, by = "unit")
in2011 <- which(isoWeekYear(epoch(salmNewport))$ISOYear == 2011)
days <- seq(as.Date("2011-04-01"), as.Date("2011-07-04"), by = 1)
ehec <- sts(as.vector(table(factor(as.character(husO104Hosp$dHosp), levels = as.character(days)))), frequency = 365)
put(data.frame(y = as.vector(observed(agona))), "agona")
put(data.frame(observed(salmNewport)), "newport"); put(data.frame(date = epoch(salmNewport)), "dates")
put(data.frame(y = as.vector(observed(ehec))), "ehec")
found <- function(x) data.frame(u = as.vector(upperbound(x)), alarm = as.integer(as.vector(alarms(x))))
flexible <- function(x) cbind(found(x), expected = as.vector(x@control$expected), p = as.vector(x@control$pvalue))
quiet <- function(x) suppressWarnings(x)
original <- function() quiet(farrington(agona, control = list(range = 213:312, b = 4, w = 3, alpha = 0.01), verbose = FALSE))
put(found(original()), "farrington_loose")
old <- list(range = in2011, noPeriods = 1, b = 4, w = 3, weightsThreshold = 1, pastWeeksNotIncluded = 3, pThresholdTrend = 0.05, thresholdMethod = "delta", limit54 = c(0, 50))
new <- list(range = in2011, noPeriods = 10, b = 4, w = 3, weightsThreshold = 2.58, pastWeeksNotIncluded = 26, pThresholdTrend = 1, thresholdMethod = "nbPlugin", limit54 = c(0, 50))
put(flexible(quiet(farringtonFlexible(salmNewport, modifyList(new, list(glmWarnings = FALSE))))), "plugin_states")
assignInNamespace("glm.control", tight, "stats")
put(found(original()), "farrington")
put(found(quiet(farrington(germany, control = list(range = in2011, b = 4, w = 3, alpha = 0.05, limit54 = c(0, 50)), verbose = FALSE))), "farrington_dates")
put(flexible(quiet(farringtonFlexible(germany, new))), "plugin")
put(flexible(quiet(farringtonFlexible(germany, modifyList(new, list(thresholdMethod = "muan"))))), "muan_as_is")
put(flexible(quiet(farringtonFlexible(germany, old))), "delta_as_is")
# Working weights stay working weights, and the scatter reaches the prediction.
ns <- asNamespace("surveillance")
change <- function(name, from, to) {
  said <- deparse(get(name, ns), width.cutoff = 500)
  mended <- gsub(from, to, said, fixed = TRUE)
  stopifnot(!identical(said, mended))
  assignInNamespace(name, eval(parse(text = paste(mended, collapse = "\n")), envir = ns), ns)
}
change("algo.farrington.fitGLM.flexible", "model$weights <- omega", "model$weights <- model$weights")
change("algo.farrington.glm", "dispersion = model$phi)", "dispersion = model$phi), dispersion = model$phi")
put(flexible(quiet(farringtonFlexible(germany, modifyList(new, list(thresholdMethod = "muan"))))), "muan")
put(flexible(quiet(farringtonFlexible(germany, old))), "delta")
put(flexible(quiet(farringtonFlexible(germany, modifyList(new, list(thresholdMethod = "delta"))))), "delta_seasons")
for (x in c("germany", "ehec")) for (m in c("C1", "C2"))
  put(found(earsC(get(x), control = list(method = m, alpha = 0.01))), paste0("ears_", m, "_", x))
k <- cusum(agona, control = list(range = 209:312, k = 1.04, h = 2.26, trans = "rossi"), verbose = FALSE)
put(found(k), "cusum")
b <- list(list(b = 0, w = 6, actY = TRUE), list(b = 1, w = 6, actY = TRUE), list(b = 2, w = 4, actY = FALSE))
for (i in 1:3) put(found(bayes(agona, control = c(list(range = 209:312, alpha = 0.05), b[[i]]), verbose = FALSE)), paste0("bayes_", i))
"""

DIGITS, STOPPED = 1e-6, 1e-4


def cube(values: Floats, first: str = "2014-01-06", step: int = 7) -> xr.DataArray:
    """Label counts (place, date) from a first date on."""
    dates = np.datetime64(first, "ns") + step * np.arange(values.shape[1]) * np.timedelta64(1, "D")
    places = [str(p) for p in range(len(values))]
    return xr.DataArray(values.astype(float), {"place": places, "date": dates}, ("place", "date"))


def beside_r() -> Iterator[Line]:
    """Compare limits, means and tails with those of R's surveillance on its own examples."""
    asked = ask_r(SURVEILLANCE, ["surveillance"])
    if asked is None:
        yield absent("limits of all detectors", "surveillance in R")
        return
    agona = cube(asked["agona"]["y"].to_numpy()[None], "1990-01-01")
    states = cube(asked["newport"].to_numpy().T, "2004-01-05")
    germany = states.sum("place").expand_dims(place=["DE"])
    ehec = cube(asked["ehec"]["y"].to_numpy()[None], "2011-04-01", 1)
    year = slice("2011-01-03", "2011-12-26")

    def theirs(name: str, column: str = "u", places: int = 1) -> Floats:
        return asked[name][column].cast(pl.Float64).to_numpy().reshape(places, -1)

    def limits(claim: str, found: xr.Dataset, name: str, within: float = DIGITS) -> Line:
        ours, other = found["threshold"].to_numpy(), theirs(name, places=found.sizes["place"])
        shown = np.isfinite(other) & (other > 0)  # a limit without enough cases is not shown there
        return agreement(claim, ours[shown], other[shown], within)

    found = farrington(agona, years=4, alpha=0.005, year="52 weeks", last=100)
    yield limits("Farrington 1996, S. Agona, 100 weeks, glm converged", found, "farrington")
    yield limits("the same with glm stopping at its default", found, "farrington_loose", STOPPED)
    found = farrington(germany, years=4, alpha=0.025, least_cases=0).sel(date=year)
    yield limits("Farrington 1996, S. Newport 2011, by date", found, "farrington_dates")

    improved = partial(farrington_flexible, years=4, alpha=0.05, least_cases=0)
    found = improved(germany).sel(date=year)
    yield limits("improved, negative binomial, S. Newport 2011", found, "plugin")
    yield agreement("its means", found["expected"], theirs("plugin", "expected"), DIGITS)
    yield agreement("its tails", found["at_least"], theirs("plugin", "p"), DIGITS)
    found, other = improved(states).sel(date=year), theirs("plugin_states", "expected", 16)
    shown = other > 1e-6  # a season without a case: zero here, small there
    ours = found["expected"].to_numpy()[shown]
    yield agreement("its means in 16 states, glm at its default", ours, other[shown], STOPPED)
    old = partial(improved, periods=1, reweigh_above=1, left_out=3, trend_level=0.05, limit="delta")
    for claim, detector, name in (
        ("improved, muan", partial(improved, limit="muan"), "muan"),
        ("improved, 2/3 power", partial(improved, limit="delta"), "delta_seasons"),
        ("its settings of 1996", old, "delta"),
    ):
        found = detector(germany).sel(date=year)
        yield limits(f"{claim}, two lines of the package set right", found, name)
        if f"{name}_as_is" in asked:
            line = limits(f"{claim}, the package as it is", found, f"{name}_as_is")
            yield Line(
                claim=line.claim, found=line.found, wanted="not the same", holds=not line.holds
            )
    for name, counts in (("germany", germany), ("ehec", ehec)):
        for chart in ("C1", "C2"):
            found = ears(counts, chart, limit=-special.ndtri(0.01), least_sd=0)
            yield limits(f"EARS {chart}, {name}", found, f"ears_{chart}_{name}")
    expected = xr.full_like(agona[:, 208:], agona[:, :208].mean().item())
    found = cusum(agona, expected, chart=Chart(1.04, 2.26), reset=False)
    yield limits("CUSUM of Rossi, S. Agona", found, "cusum")
    for number, options in enumerate(
        ({}, {"years": 1}, {"years": 2, "half_window": 4, "recent": False}), 1
    ):
        found = gamma_poisson(agona, alpha=0.05, last=104, year="52 weeks", **options)  # type: ignore[arg-type]
        yield limits(f"gamma and Poisson {number}, S. Agona", found, f"bayes_{number}")


PLACES, OUTBREAKS = 400, 100
DETECTORS: dict[str, Detector] = {
    "EARS C1": partial(ears, chart="C1"),
    "EARS C2": partial(ears, chart="C2"),
    "EARS C3": partial(ears, chart="C3"),
    "CUSUM": cusum,
    "EWMA": ewma,
    "gamma–Poisson": gamma_poisson,
    "Bayesian regression": count_regression,
    "Farrington 1996": farrington,
    "Farrington improved": farrington_flexible,
}
KEPT = ("Bayesian regression", "Farrington improved")
"""Methods made for weekday or season, trend and scatter: their stated probability has to hold."""
DAYS_WITHOUT = ("Farrington 1996", "Farrington improved")
WEEKDAYS = np.array([1, 1, 1, 1, 0.95, 0.7, 0.6])
FDR = 0.05


def steady(mean: float, scatter: float, days: bool, rng: np.random.Generator) -> Floats:
    """Draw counts where nothing goes on: weekdays for days, season and trend for weeks."""
    if days:
        length = 84 + 7 + 56
        level = mean * WEEKDAYS[np.arange(length) % 7]
    else:
        length = 52 * 6 + 8
        week = np.arange(length)
        level = mean * np.exp(0.4 * np.sin(2 * np.pi * week / 52.18) + 0.001 * week)
    cube = np.broadcast_to(level, (PLACES, length))
    if scatter:
        cube = cube * rng.gamma(1 / scatter, scatter, cube.shape)
    return rng.poisson(cube).astype(float)


def judged(counts: Floats, name: str, days: bool, last: int) -> xr.Dataset:
    """Judge the last dates; what a method cannot leave out is cut off."""
    options = {} if name == "CUSUM" else {"last": last}
    given = cube(counts, step=1 if days else 7)
    return DETECTORS[name](given, **options).isel(date=slice(-last, None))


def without_outbreaks(rng: np.random.Generator) -> Iterator[Line]:
    """Count alarms where nothing goes on, as a table; the stated probabilities must hold."""
    rows, lines = [], []
    kinds = [(m, s, d) for d in (True, False) for m in (0.3, 5.0, 50.0) for s in (0.0, 0.1)]
    drawn = [(steady(m, s, d, rng), m, s, d) for m, s, d in kinds]
    for name in DETECTORS:
        row = [name]
        for counts, mean, scatter, days in drawn:
            if days and name in DAYS_WITHOUT:
                row.append("–")
                continue
            last = 56 if days else 26
            found = judged(counts, name, days, last)
            rate = float(found["alarm"].mean())
            row.append(f"{1000 * rate:.1f}")
            stated = found.attrs["false_alarm"]
            if name in KEPT:
                kind = f"{'days' if days else 'weeks'}, mean {mean:g}{', NB' if scatter else ''}"
                lines.append(_at_most(f"{name}, {kind}", rate, stated, 2.0))
        rows.append(row)
    heads = [f"{'days' if d else 'weeks'} {m:g}{' NB' if s else ''}" for m, s, d in kinds]
    print("\n### False alarms in 1,000 place-steps, nothing going on\n")
    print(
        "Means and scatter as headed (NB: variance = mean + 0.1 mean²); days with weekdays, weeks with season and trend.\n"
    )
    print(table(["method", *heads], rows))
    yield from lines


def _at_most(claim: str, rate: float, stated: float, times: float) -> Line:
    return Line(
        claim=f"false alarms of {claim}",
        found=f"{rate:.4f}",
        wanted=f"at most {times:g} × {stated:g}",
        holds=rate <= times * stated,
    )


def rates_held(rng: np.random.Generator) -> Iterator[Line]:
    """Hold the false discovery rate over places, nothing going on and with outbreaks."""
    quiet = with_control(PLACES, FDR)
    for mean in (0.3, 5.0, 50.0):
        counts = steady(mean, 0.0, True, rng)
        found = hold_down(judged(counts, "Bayesian regression", True, 56), FDR)
        many = float(found["alarm"].sum("place").mean())
        yield Line(
            claim=f"rate of {FDR} held over {PLACES} quiet places, mean {mean:g}: false alarms a day",
            found=f"{many:.3f}",
            wanted=f"at most 3 × {quiet.each_step:.3f}",
            holds=many <= 3 * quiet.each_step,
        )
        counts[:OUTBREAKS, -1] += rng.poisson(5 + 3 * mean, OUTBREAKS)
        alarm = hold_down(judged(counts, "Bayesian regression", True, 1), FDR)["alarm"].to_numpy()
        false = alarm[OUTBREAKS:].sum() / max(alarm.sum(), 1)
        yield Line(
            claim=f"the same with {OUTBREAKS} outbreaks: share of false ones",
            found=f"{false:.3f}",
            wanted=f"at most {FDR} and chance",
            holds=bool(false <= FDR + 2 * np.sqrt(FDR / OUTBREAKS)),
        )


def outbreaks_found(rng: np.random.Generator) -> None:
    """Print how many injected outbreaks each method finds, how soon, at what price."""
    for days in (True, False):
        counts = steady(5.0, 0.05, days, rng)
        last = 56 if days else 26
        shape = np.array([1, 2, 3, 4, 4, 3, 2, 1]) if days else np.array([1, 2, 2, 1])
        begins = counts.shape[1] - 14 if days else counts.shape[1] - 6
        cases = 40 if days else 30
        for place in range(OUTBREAKS):
            counts[place, begins : begins + len(shape)] += rng.multinomial(
                cases, shape / shape.sum()
            )
        rows = []
        for name in DETECTORS:
            if days and name in DAYS_WITHOUT:
                continue
            found = judged(counts, name, days, last)
            held = hold_down(found, FDR)
            rows.append([name, *_score(found, len(shape)), *_score(held, len(shape))])
        unit = "days" if days else "weeks"
        print(
            f"\n### {OUTBREAKS} outbreaks of {cases} cases over {len(shape)} {unit} on 5 cases a {unit[:-1]}\n"
        )
        heads = ["method", "found", f"after ({unit})", "false per 1,000"]
        print(table([*heads, *(f"{head}, rate held" for head in heads[1:])], rows))


def _score(found: xr.Dataset, length: int) -> list[str]:
    alarm = found["alarm"].to_numpy()
    begins = alarm.shape[1] - (14 if length == 8 else 6)
    inside = alarm[:OUTBREAKS, begins : begins + length]
    seen = inside.any(axis=1)
    after = inside.argmax(axis=1)[seen].mean() if seen.any() else np.nan
    return [f"{seen.mean():.0%}", f"{after:.1f}", f"{1000 * alarm[OUTBREAKS:].mean():.1f}"]


def ehec_2011(rng: np.random.Generator) -> None:
    """Print the first alarm of each method on the outbreak of haemolytic uraemic syndrome in Germany, 2011."""
    asked = ask_r(
        SURVEILLANCE.split("put(data.frame(y = as.vector(observed(agona)")[0]
        + 'put(data.frame(y = as.vector(observed(ehec))), "ehec")',
        ["surveillance"],
    )
    if asked is None:
        return
    counts = np.concatenate([rng.poisson(0.15, 120), asked["ehec"]["y"].to_numpy()])
    given = cube(counts[None], "2010-12-02", 1)
    rows = []
    for name, detector in DETECTORS.items():
        if name in DAYS_WITHOUT:
            continue
        found = detector(given).isel(place=0).sel(date=slice("2011-05-01", None))
        first = found["date"].values[found["alarm"].values.argmax()].astype("datetime64[D]")
        upto = float(given.isel(place=0).sel(date=slice("2011-05-01", str(first))).sum())
        rows.append([name, str(first), f"{upto:.0f}"])
    print(
        "\n### First alarm on HUS admissions, Germany 2011 (notice to the Robert Koch Institute: 19 May)\n"
    )
    print("630 admissions by day from 7 May; before them a made-up background of 0.15 a day.\n")
    print(table(["method", "first alarm", "admissions by then"], rows))


def lines() -> Iterator[Line]:
    """Give all lines in order."""
    rng = np.random.default_rng(20240511)
    yield from beside_r()
    yield from without_outbreaks(rng)
    yield from rates_held(rng)
    outbreaks_found(rng)
    ehec_2011(rng)


def main() -> None:
    """Print the tables and the lines."""
    report("Early warning: detectors of count series", lines())


if __name__ == "__main__":
    main()
