"""Known severity coming back while outcomes are open, and the same questions put to R.

Run: ``python -m validation.validate_severity``.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr

from tongchou.surveillance.outcomes import competing_outcomes
from tongchou.surveillance.severity import (
    exact_binomial,
    rolling_severity,
    static_severity,
    time_varying_severity,
    uncertain_delay,
)
from tongchou.vocabulary.distributions import Gamma, daily_probabilities
from validation.lines import Line, absent, agreement, band, report
from validation.r_peer import ask_r

REPEATS = 1000
FIRST = date(2020, 1, 10)
ONSET_TO_DEATH = Gamma(mean=17.8, sd=8.01)  # Verity 2020, doi 10.1016/S1473-3099(20)30243-7
Floats = npt.NDArray[np.float64]


def cube(rows: npt.ArrayLike) -> xr.DataArray:
    """Label rows of daily counts."""
    values = np.asarray(rows, dtype=float)
    dates = np.datetime64(FIRST, "ns") + np.arange(values.shape[1]) * np.timedelta64(1, "D")
    places = [str(i) for i in range(len(values))]
    return xr.DataArray(values, {"place": places, "date": dates}, ("place", "date"))


def outbreaks(
    p: Floats, delays: list[Gamma], rng: np.random.Generator, days: int = 50
) -> tuple[xr.DataArray, xr.DataArray]:
    """Simulate epidemics that grow 8 % a day, one for each delay, with fatality p on each day of onset."""
    cases = rng.poisson(6 * np.exp(0.08 * np.arange(days)), (len(delays), days))
    deaths = np.zeros((len(delays), days + 400))
    for row, delay in enumerate(delays):
        f = daily_probabilities(delay)
        for day in range(days):
            deaths[row, day : day + len(f)] += rng.multinomial(
                rng.binomial(cases[row, day], p[day]), f
            )
    return cube(cases), cube(deaths[:, :days])


def inside(result: xr.Dataset, truth: float | xr.DataArray) -> npt.NDArray[np.bool_]:
    """Whether the interval holds the truth."""
    return np.asarray((result["low"] <= truth) & (result["high"] >= truth))


def coverages(rng: np.random.Generator) -> Iterator[Line]:
    """Known fatality, while most outcomes are open."""
    for p in (0.02, 0.1, 0.5, 0.9):
        cases, deaths = outbreaks(np.full(50, p), [ONSET_TO_DEATH] * REPEATS, rng)
        end = static_severity(cases, deaths, ONSET_TO_DEATH)
        known = float((end["known"] / end["cases"]).mean())
        yield band(f"fatality {p:.0%} with {known:.0%} of outcomes known: adjusted", inside(end, p))
        if p >= 0.5:
            narrow = static_severity(cases, deaths, ONSET_TO_DEATH, likelihood="binomial")
            share = float(inside(narrow, p).mean())
            yield Line(
                claim=f"the same by the binomial of known outcomes (Nishiura 2009), fatality {p:.0%}",
                found=f"{share:.1%} of {REPEATS}",
                wanted="too narrow: below 93%",
                holds=share < 0.93,
            )
        if p == 0.1:
            naive = float(static_severity(cases, deaths)["estimate"].mean())
            yield Line(
                claim="the naive share of the same epidemics",
                found=f"{naive:.1%}", wanted="misleads: below 5%", holds=naive < 0.05,
            )  # fmt: skip
    middle = rolling_severity(cases, deaths, ONSET_TO_DEATH).isel(date=30)
    yield band("fatality 90% on day 31, as known then", inside(middle, 0.9))


def uncertain(rng: np.random.Generator) -> Iterator[Line]:
    """Cover a fatality when the delay is known with an error, and another one is true each time."""
    error = 2.0
    true = [
        Gamma(mean=m, sd=0.45 * m)
        for m in np.maximum(ONSET_TO_DEATH.mean + error * rng.standard_normal(400), 8.0)
    ]
    cases, deaths = outbreaks(np.full(50, 0.3), true, rng)
    believed = uncertain_delay(ONSET_TO_DEATH, error)
    yield band(
        "delay known within ± 2 days, carried",
        inside(static_severity(cases, deaths, believed), 0.3),
    )
    share = float(inside(static_severity(cases, deaths, ONSET_TO_DEATH), 0.3).mean())
    yield Line(
        claim="the same with the delay taken as certain",
        found=f"{share:.1%} of 400", wanted="too narrow: below 90%", holds=share < 0.90,
    )  # fmt: skip


def varying(rng: np.random.Generator) -> Iterator[Line]:
    """Follow a fatality that falls."""
    days = 120
    p = np.where(np.arange(days) < 60, 0.2, 0.08)
    cases = rng.poisson(60, (400, days))
    f = daily_probabilities(Gamma(mean=8.0, sd=4.0))
    deaths = np.zeros((400, days + len(f)))
    for day in range(days):
        deaths[:, day : day + len(f)] += rng.multinomial(rng.binomial(cases[:, day], p[day]), f)
    window = time_varying_severity(
        cube(cases), cube(deaths[:, :days]), Gamma(mean=8.0, sd=4.0), window=7
    ).isel(date=-1)
    yield band(
        "fatality that fell from 20% to 8%, window of 7 days at the end",
        inside(window, 0.08),
        0.9,
        0.99,
    )


def persons(n: int, p: float, rng: np.random.Generator) -> pl.DataFrame:
    """Persons who fall ill ever faster; a share p dies after a gamma, the others leave after another."""
    weight = np.exp(0.05 * np.arange(60))
    onset = rng.choice(60, n, p=weight / weight.sum())
    dies = rng.random(n) < p
    stay = np.where(dies, rng.gamma(4, 4, n), rng.gamma(8, 2.5, n)).astype(int)
    end = [FIRST + timedelta(int(d)) for d in onset + stay]
    columns = {
        "died_on": [d if dead else None for d, dead in zip(end, dies, strict=True)],
        "recovered_on": [None if dead else d for d, dead in zip(end, dies, strict=True)],
    }
    return pl.DataFrame(
        {"onset_on": [FIRST + timedelta(int(d)) for d in onset]} | columns,
        schema_overrides=dict.fromkeys(columns, pl.Date()),
    )


def competing(rng: np.random.Generator) -> Iterator[Line]:
    """Persons with dated outcomes, many still open."""
    as_of = FIRST + timedelta(59)
    for p in (0.1, 0.4):
        rows = [
            competing_outcomes(persons(400, p, rng), as_of).row(0, named=True) for _ in range(400)
        ]
        yield band(
            f"fatality {p:.0%} by competing outcomes, {np.mean([r['open'] for r in rows]):.0f} of 400 open",
            [r["low"] <= p <= r["high"] for r in rows],
        )


def beside_r(rng: np.random.Generator) -> Iterator[Line]:
    """Aalen-Johansen and the exact binomial beside R."""
    people = persons(500, 0.3, rng).with_row_index("id")
    as_of = FIRST + timedelta(59)
    end = pl.min_horizontal("died_on", "recovered_on")
    asked = people.with_columns(
        t=(pl.min_horizontal(end, pl.lit(as_of)) - pl.col("onset_on")).dt.total_days() + 0.5,
        e=pl.when(end > as_of).then(0).when(pl.col("died_on").is_not_null()).then(1).otherwise(2),
    ).select("id", "t", "e")
    trials = pl.DataFrame({"x": [0, 1, 3, 234, 17, 50], "n": [5, 1, 200, 245, 40, 50]})
    told = ask_r(
        """
        d <- read.csv("people.csv"); d$e <- factor(d$e, 0:2)
        fit <- survfit(Surv(t, e) ~ 1, data = d, id = id)
        n <- length(fit$time)
        write.csv(data.frame(p = fit$pstate[n, 2:3], se = fit$std.err[n, 2:3]), "aj.csv", row.names = FALSE)
        b <- read.csv("trials.csv")
        ci <- t(mapply(function(x, n) binom.test(x, n)$conf.int, b$x, b$n))
        write.csv(data.frame(low = ci[, 1], high = ci[, 2]), "exact.csv", row.names = FALSE)
        """,
        ["survival"],
        {"people": asked, "trials": trials},
    )
    claims = (
        "cumulative incidence of death, R survival (survfit, several states)",
        "its standard error (infinitesimal jackknife)",
        "Clopper-Pearson, R binom.test",
    )
    if told is None:
        yield from (absent(claim, "R with survival") for claim in claims)
        return
    row = competing_outcomes(people, as_of).row(0, named=True)
    F = row["incidence"]
    z = 1.959963984540054

    def logit(q: float) -> float:
        return float(np.log(q / (1 - q)))

    se = (logit(row["incidence_high"]) - logit(row["incidence_low"])) / (2 * z) * F * (1 - F)
    yield agreement(claims[0], [F], told["aj"]["p"].to_numpy()[:1], 1e-8)
    yield agreement(claims[1], [se], told["aj"]["se"].to_numpy()[:1], 1e-8)
    _, low, high = exact_binomial(trials["x"].to_numpy(), trials["n"].to_numpy())
    theirs = told["exact"].select("low", "high").to_numpy()
    yield agreement(claims[2], np.stack([low, high], axis=1), theirs, 1e-8)


def main() -> None:
    """Print the lines."""
    rng = np.random.default_rng(20200211)
    lines = [
        line for part in (coverages, uncertain, varying, competing, beside_r) for line in part(rng)
    ]
    report("Severity", lines)


if __name__ == "__main__":
    main()
