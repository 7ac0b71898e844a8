"""Known epidemics and what a forecast says of them: bands as wide as they claim to be.

Run: ``python -m validation.validate_forecast``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.baselines import damped_trend, random_walk, weekday_naive
from tongchou.transmission.members import ENSEMBLE_OF, forecasters
from tongchou.transmission.renewal import forecast
from tongchou.transmission.reporting import weekday_effect, weekday_of
from tongchou.transmission.rolling import score_past
from tongchou.transmission.score import coverage, persistence, weighted_interval_score
from tongchou.vocabulary.distributions import (
    Gamma,
    daily_probabilities,
    serial_interval_probabilities,
)
from validation.lines import Line, absent, report
from validation.r_peer import ask_r

Floats = npt.NDArray[np.float64]
TABLE = ForecastAssumptions.from_table()
REPEATS, KNOWN, HORIZON, DRAWS = 300, 60, 14, 500
DISPERSION = 10.0
ELSEWHERE = {
    "Flu1918": ("influenza, Baltimore 1918", Gamma(mean=2.6, sd=1.5)),
    "SARS2003": ("SARS, Hong Kong 2003", Gamma(mean=8.4, sd=3.8)),
    "Measles1861": ("measles, Hagelloch 1861", Gamma(mean=14.9, sd=3.9)),
    "Smallpox1972": ("smallpox, Kosovo 1972", Gamma(mean=22.4, sd=6.1)),
}
"""Data of EpiEstim, with the serial intervals of Cori and others 2013."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """How the simulated epidemics go on."""

    start: float = 60.0
    drift: float = 0.1
    R: float = 0.95
    interval: tuple[Gamma, ...] = (Gamma(mean=5.1, sd=2.7),)

    def simulate(self, rng: np.random.Generator) -> Floats:
        """Give daily cases, (repeat, day): log R wanders, is pulled back from above 0, and counts scatter."""
        days = KNOWN + HORIZON
        kernels = [serial_interval_probabilities(one) for one in self.interval]
        w = np.zeros((REPEATS, max(map(len, kernels))))
        for row in range(REPEATS):
            kernel = kernels[row % len(kernels)]
            w[row, : len(kernel)] = kernel
        cases = np.zeros((REPEATS, days))
        cases[:, :10] = rng.poisson(self.start, (REPEATS, 10))
        x = np.full(REPEATS, np.log(self.R))
        answer = 0.5 ** (1 / TABLE.response_half_life)
        for day in range(10, days):
            # Before today R is pulled towards its middle, so that no epidemic is over; after it the
            # forecast's own assumption holds: above 1 it is answered, below 1 it stays.
            pull = np.log(self.R) + 0.9 * (x - np.log(self.R))
            x = pull if day < KNOWN else np.where(x > 0, answer * x, x)
            x = x + self.drift * rng.standard_normal(REPEATS)
            lags = np.arange(1, min(day, w.shape[1] - 1) + 1)
            mean = np.exp(x) * (cases[:, day - lags] * w[:, lags]).sum(axis=1)
            cases[:, day] = rng.poisson(mean * rng.gamma(DISPERSION, 1 / DISPERSION, REPEATS))
        return cases


def cube(rows: npt.ArrayLike) -> xr.DataArray:
    """Label rows of daily counts."""
    values = np.asarray(rows, dtype=float)
    dates = np.datetime64("2020-01-01", "ns") + np.arange(values.shape[1]) * np.timedelta64(1, "D")
    places = [f"{i:04d}" for i in range(len(values))]
    return xr.DataArray(values, {"place": places, "date": dates}, ("place", "date"))


def held(
    claim: str, ahead: xr.DataArray, came: xr.DataArray, *, half: tuple[float, float] = (0.42, 0.60)
) -> Iterator[Line]:
    """Give the lines of both bands, over days with at least five cases expected: bands of whole numbers."""
    large = ahead.sel(quantile=0.5, drop=True) >= 5
    for level, (low, high) in ((0.5, half), (0.95, (0.90, 0.975))):
        inside = coverage(ahead, came, level).where(large)
        share, n = float(inside.mean()), int(large.sum())
        yield Line(
            claim=f"{claim}: {level:.0%} band",
            found=f"{share:.1%} of {n:,} days in {REPEATS} epidemics",
            wanted=f"{low:.0%} to {high:.1%}",
            holds=low <= share <= high,
        )


def split(cases: Floats) -> tuple[xr.DataArray, xr.DataArray]:
    """Give what is known and what comes."""
    rows = cube(cases)
    return rows[:, :KNOWN], rows[:, KNOWN:]


def ahead_of(known: xr.DataArray, rng: np.random.Generator, **more: object) -> xr.DataArray:
    """Forecast without a common trend, which these separate epidemics do not have."""
    alone = replace(TABLE, trend_limit=0.0, pooling_cases=3.0)
    return forecast(known, alone, horizon=HORIZON, draws=DRAWS, rng=rng, **more)["new_cases"]  # type: ignore[arg-type]


def wandering(rng: np.random.Generator) -> Iterator[Line]:
    """R that drifts as assumed, and R that stays as it is."""
    known, came = split(World().simulate(rng))
    yield from held("R drifts 0.1 a day, dispersion 10", ahead_of(known, rng), came)
    known, came = split(World(drift=0.0, R=0.9, start=150).simulate(rng))
    inside = float(coverage(ahead_of(known, rng), came, 0.95).mean())
    yield Line(
        claim="R stays at 0.9 while the forecast lets it drift: 95% band",
        found=f"{inside:.1%}", wanted="at least 95%: too wide, never too narrow", holds=inside >= 0.95,
    )  # fmt: skip


def intervals(rng: np.random.Generator) -> Iterator[Line]:
    """Carry the error of a serial interval, where another one is true in each epidemic."""
    means = np.maximum(5.1 + 1.0 * rng.standard_normal(40), 2.5)
    true = tuple(Gamma(mean=m, sd=2.7 * m / 5.1) for m in means)
    known, came = split(World(interval=true).simulate(rng))
    yield from held(
        "serial interval known within ± 1 day, carried",
        ahead_of(known, rng, serial_interval_se=1.0),
        came,
    )


def delayed_reports(rng: np.random.Generator) -> Iterator[Line]:
    """Start from draws of a nowcast, where the last days are not all reported yet."""
    cases = World().simulate(rng)
    F = np.cumsum(daily_probabilities(Gamma(mean=4.0, sd=2.5)))
    share = np.ones(KNOWN)
    share[-len(F) :] = F[::-1][-KNOWN:]
    reported = rng.binomial(cases[:, :KNOWN].astype(int), share)
    _, came = split(cases)
    # Each day's posterior given its reports: gamma around the level of complete days, shape 6.
    usual = cases[:, KNOWN - 21 : KNOWN - 14].mean(axis=1)[:, None] + 0.5
    rate = rng.gamma(6 + reported, 1 / (6 / usual + share), (100, REPEATS, KNOWN))
    draws = reported + rng.poisson(rate * (1 - share))
    nowcast = cube(reported).expand_dims(draw=100).copy(data=draws.astype(float))
    yield from held("reports delayed by 4 days, from a nowcast", ahead_of(nowcast, rng), came)
    naive = float(coverage(ahead_of(cube(reported), rng), came, 0.95).mean())
    yield Line(
        claim="the same from the counts reported so far: 95% band",
        found=f"{naive:.1%}", wanted="misleads: below 85%", holds=naive < 0.85,
    )  # fmt: skip


def weekdays(rng: np.random.Generator) -> Iterator[Line]:
    """See through reports that pile up on Mondays."""
    habit = np.array([1.5, 1.2, 1.0, 1.0, 1.0, 0.8, 0.5])
    rows = cube(World().simulate(rng))
    seen = rows.copy(data=rng.poisson(rows.to_numpy() * habit[weekday_of(rows["date"].to_numpy())]))
    known, came = seen[:, :KNOWN], seen[:, KNOWN:]
    knowing = ahead_of(known, rng, weekday=weekday_effect(known))
    yield from held("reports by weekday, habit estimated", knowing, came)
    scores = [
        float(weighted_interval_score(f, came).mean()) for f in (knowing, ahead_of(known, rng))
    ]
    yield Line(
        claim="score with the habit, ratio to without",
        found=f"{scores[0] / scores[1]:.2f}", wanted="below 1", holds=scores[0] < scores[1],
    )  # fmt: skip


def baselines(rng: np.random.Generator) -> Iterator[Line]:
    """Skill where epidemics behave as assumed."""
    known, came = split(World().simulate(rng))
    ours = float(weighted_interval_score(ahead_of(known, rng), came).mean())
    for name, make in (
        ("persistence", persistence), ("random walk of logs", random_walk),
        ("damped trend", damped_trend), ("same weekday", weekday_naive),
    ):  # fmt: skip
        theirs = float(weighted_interval_score(make(known), came).mean())
        yield Line(
            claim=f"score of the renewal forecast, ratio to {name}",
            found=f"{ours / theirs:.2f}", wanted="below 1", holds=ours < theirs,
        )  # fmt: skip


def ensemble(rng: np.random.Generator) -> Iterator[Line]:
    """Let the ensemble learn on past days: it must not be worse than the average of its members."""
    rows = cube(World().simulate(rng)[:60])
    origins = rows["date"].to_numpy()[35:-1:3]
    scores = score_past(rows, forecasters(TABLE, draws=200), origins=origins, of=ENSEMBLE_OF)
    wis = scores["wis"].mean(["origin", "place", "ahead"])
    together = float(wis.sel(model="ensemble"))
    members = wis.sel(model=list(ENSEMBLE_OF))
    yield Line(
        claim="score of the ensemble, ratio to the mean of its members",
        found=f"{together / float(members.mean()):.2f}", wanted="below 1",
        holds=together < float(members.mean()),
    )  # fmt: skip
    yield Line(
        claim="score of the ensemble, ratio to the renewal forecast alone",
        found=f"{together / float(wis.sel(model='renewal')):.2f}", wanted="at most 1.10",
        holds=together <= 1.10 * float(wis.sel(model="renewal")),
    )  # fmt: skip


def other_epidemics(_rng: np.random.Generator) -> Iterator[Line]:
    """Forecast epidemics on which nothing here was chosen: those that the package EpiEstim ships."""
    script = "".join(
        f'data("{name}"); I <- {name}$incidence; if (is.data.frame(I)) I <- I$I\n'
        f'write.csv(data.frame(cases = I), "{name}.csv", row.names = FALSE)\n'
        for name in ELSEWHERE
    )
    told = ask_r(script, ["EpiEstim"])
    for name, (label, interval) in ELSEWHERE.items():
        claim = f"{label}: score of the renewal forecast, ratio to persistence"
        if told is None:
            yield absent(claim, "R with EpiEstim")
            continue
        rows = cube(told[name]["cases"].to_numpy()[None])
        table = replace(TABLE, serial_interval=interval)
        origins = rows["date"].to_numpy()[28:-2:2]
        scores = score_past(rows, forecasters(table, draws=500), origins=origins, of=ENSEMBLE_OF)
        mean = scores[["wis", "in95"]].mean(["origin", "place", "ahead"])
        ratio = mean["wis"] / mean["wis"].sel(model="persistence")
        ours, together = (float(ratio.sel(model=m)) for m in ("renewal", "ensemble"))
        inside = float(mean["in95"].sel(model="renewal"))
        yield Line(
            claim=claim,
            found=f"{ours:.2f} (ensemble {together:.2f}), {inside:.0%} in its 95% band",
            wanted="below 1", holds=ours < 1,
        )  # fmt: skip


def main() -> None:
    """Print the lines."""
    rng = np.random.default_rng(20200222)
    parts = (wandering, intervals, delayed_reports, weekdays, baselines, ensemble, other_epidemics)
    report("Forecasts of 14 days", [line for part in parts for line in part(rng)])


if __name__ == "__main__":
    main()
