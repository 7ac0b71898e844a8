"""How likely is it that unseen transmission goes on after days without a case.

A branching process with unobserved cases. Every infected person infects a negative binomial
number of others (mean ``R``, dispersion ``k``), at ages drawn from the generation interval
``g``; every infected person is ever confirmed with probability ``p``, after a delay with
distribution function ``D``. For one person infected at time 0, let

- ``A(n)``: probability that nobody in the chain is confirmed by day ``n``;
- ``E(n)``: probability of that silence and that nobody is infected after day ``n`` either;
- ``F(n)``: probability of that silence and that the chain dies out in the end although control
  is relaxed on day ``n`` and the reproduction number becomes ``R'``.

With ``S(n) = 1 - p D(n)``, ``G(n)`` the share of infections after age ``n``, and ``q`` the
smallest root of ``q = (1 + R'(1 - q)/k)^-k``, all three obey one renewal equation::

    X(n) = S(n) [1 + (R/k) (sum_a g(a) (1 - X(n-a)) + c_X G(n))]^-k

    c_A = 0,   c_E = 1,   c_F = (R'/R) (1 - q)

Beside ``c`` last confirmed cases, the number of people who stay hidden is negative binomial
with generating function ``H(s) = (p / (1 - (1-p) s))^c``; all are taken to be infected on the day
of the last confirmed case, the latest day on which that case can have infected anyone. Then::

    P(alive | n silent days)      = 1 - H(E(n)) / H(A(n))
    P(resurgence | n silent days) = 1 - H(F(n)) / H(A(n))
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

import numpy as np
import polars as pl
import xarray as xr
from numpy.typing import NDArray
from scipy import optimize, special

from tongchou.vocabulary.distributions import Delay, Gamma, Lognormal
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.fact_table import assumption, packaged
from tongchou.vocabulary.text import Text

Scenario = Literal["low", "central", "high"]
SCENARIOS: tuple[Scenario, ...] = get_args(Scenario)
Outcome = Literal["alive", "resurgence"]
Curve = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainParameters:
    """What the chain needs to know.

    Attributes
    ----------
    ascertainment
        Share of infections ever confirmed, ``p``, proportion.
    reproduction_controlled, reproduction_relaxed
        ``R`` before and ``R'`` after relaxation, persons per person.
    dispersion
        ``k`` of the negative binomial; one is geometric, large is Poisson.
    generation_mean, generation_sd
        Gamma distributed generation interval, days.
    detection_mean, detection_sd
        Gamma distributed delay from infection to confirmation, days.
    """

    ascertainment: float
    reproduction_controlled: float
    reproduction_relaxed: float
    dispersion: float
    generation_mean: float
    generation_sd: float
    detection_mean: float
    detection_sd: float

    def __post_init__(self) -> None:
        if not 0 < self.ascertainment <= 1:
            raise BadParameter(
                "ascertainment",
                self.ascertainment,
                Text(zh="须大于0且不大于1。", en="it must be above 0 and at most 1."),
            )
        for name in self.__slots__:
            if getattr(self, name) <= 0:
                raise BadParameter(
                    name, getattr(self, name), Text(zh="须大于0。", en="it must be above 0.")
                )


def chain_parameters(scenario: Scenario = "central") -> ChainParameters:
    """Give the packaged parameters of a scenario; ``high`` means a higher risk.

    >>> chain_parameters("central").ascertainment
    0.21
    """
    rows = packaged("tiering/resurgence_parameters").filter(pl.col("scenario") == scenario)
    return ChainParameters(**dict(rows.select("parameter", "value").iter_rows()))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainCurves:
    """The three probabilities of one chain by silent day 0, 1, ...; see the module."""

    ascertainment: float
    silent: Curve
    silent_over: Curve
    silent_dies_out: Curve

    def probability(self, silent_days: Curve, last_cases: Curve, outcome: Outcome) -> Curve:
        """Give P(alive) or P(resurgence) after the silent days, elementwise.

        Days beyond the tabulated range take the last tabulated day.
        """
        day = np.clip(silent_days, 0, self.silent.size - 1).astype(np.int64)
        over = self.silent_over if outcome == "alive" else self.silent_dies_out
        # H(s') / H(s) = ((1 - (1-p) s) / (1 - (1-p) s'))^c: p cancels
        hidden = 1 - self.ascertainment
        ratio = (1 - hidden * self.silent[day]) / (1 - hidden * over[day])
        probability: Curve = 1 - ratio ** np.asarray(last_cases, dtype=np.float64)
        return probability


def solve_chain(parameters: ChainParameters, days: int) -> ChainCurves:
    """Solve the renewal equations of the module for silent days 0 to ``days``."""
    p = parameters
    g = daily_weights(p.generation_mean, p.generation_sd, days)
    later = 1 - np.concatenate([[0.0], np.cumsum(g)])
    found = np.concatenate(
        [[0.0], np.cumsum(daily_weights(p.detection_mean, p.detection_sd, days))]
    )
    unseen = 1 - p.ascertainment * found
    dies_out = extinction_probability(p.reproduction_relaxed, p.dispersion)
    rise = p.reproduction_relaxed / p.reproduction_controlled
    weight = np.array([0.0, 1.0, rise * (1 - dies_out)])
    x = np.ones((3, days + 1))
    strength = p.reproduction_controlled / p.dispersion
    for n in range(days + 1):
        missing = (1 - x[:, n - 1 :: -1][:, :n]) @ g[:n] if n else np.zeros(3)
        x[:, n] = unseen[n] * (1 + strength * (missing + weight * later[n])) ** -p.dispersion
    return ChainCurves(
        ascertainment=p.ascertainment, silent=x[0], silent_over=x[1], silent_dies_out=x[2]
    )


def extinction_probability(reproduction: float, dispersion: float) -> float:
    """Give the probability that a chain dies out: smallest root of ``q = f(q)``.

    References
    ----------
    Lloyd-Smith et al, Nature 2005, doi 10.1038/nature04153.

    Examples
    --------
    >>> round(extinction_probability(2.0, 1.0), 6)  # geometric offspring: 1 / R
    0.5
    """
    if reproduction <= 1:
        return 1.0

    def gap(q: float) -> float:
        return float((1 + reproduction * (1 - q) / dispersion) ** -dispersion - q)

    return float(optimize.brentq(gap, 0.0, 1 - 1e-9))


def daily_weights(mean: float, sd: float, days: int) -> Curve:
    """Give a gamma distribution by whole day 1, 2, ...; day 1 also holds what is earlier."""
    shape, scale = (mean / sd) ** 2, sd**2 / mean
    edges = special.gammainc(shape, (np.arange(1, days + 1) + 0.5) / scale)
    weights: Curve = np.diff(edges, prepend=0.0)
    return weights


@cache
def _packaged_curves(scenario: Scenario) -> ChainCurves:
    return solve_chain(chain_parameters(scenario), int(assumption("tiering", "days_shown")))


def generation_days() -> int:
    """Give one generation interval in whole days: the cases that last stood beside hidden ones."""
    return round(chain_parameters("central").generation_mean)


def resurgence_range(
    silent_days: NDArray[np.float64] | list[float],
    last_cases: NDArray[np.float64] | list[float],
    outcome: Outcome = "resurgence",
) -> xr.DataArray:
    """Give the probability after days without a case, as a range over packaged parameters.

    The range is low, central and high with **all** parameters at their low, central or high
    value together: a wide range on purpose, not a credible interval.

    Parameters
    ----------
    silent_days
        Days since the last confirmed case, by place.
    last_cases
        Cases confirmed within one generation interval up to the last one, persons, by place.

    Returns
    -------
    xarray.DataArray
        (scenario, place), probability.

    Examples
    --------
    >>> resurgence_range([14.0], [1.0]).round(2).values.ravel().tolist()
    [0.0, 0.08, 0.38]
    """
    days, cases = np.asarray(silent_days, dtype=float), np.asarray(last_cases, dtype=float)
    return xr.DataArray(
        np.stack([_packaged_curves(s).probability(days, cases, outcome) for s in SCENARIOS]),
        dims=("scenario", "place"),
        coords={"scenario": list(SCENARIOS)},
        attrs={"units": "probability"},
    )


@cache
def incubation_beyond(days: float) -> dict[str, float]:
    """Give the share of incubation periods longer than so many days, by study.

    Each study's distribution is fitted to its two published quantiles.

    References
    ----------
    Lauer et al, Ann Intern Med 2020, doi 10.7326/M20-0504; Qin et al, Sci Adv 2020,
    doi 10.1126/sciadv.abc1202.

    Examples
    --------
    >>> {study: round(p, 3) for study, p in incubation_beyond(14).items()}
    {'Lauer 2020': 0.007, 'Qin 2020': 0.108}
    """
    return {
        row["study"]: float(1 - _fitted(row).cdf(days))
        for row in packaged("tiering/incubation").iter_rows(named=True)
    }


def _fitted(row: dict[str, Any]) -> Delay:
    a, x, b, y = (row[c] for c in ("quantile_a", "value_a", "quantile_b", "value_b"))
    if row["family"] == "lognormal":
        za, zb = special.ndtri([a, b])
        sd = float(np.log(y / x) / (zb - za))
        return Lognormal(meanlog=float(np.log(x) - za * sd), sdlog=sd)

    def gap(shape: float) -> float:
        return float(special.gammaincinv(shape, b) / special.gammaincinv(shape, a) - y / x)

    shape = float(optimize.brentq(gap, 0.05, 500.0))
    return Gamma.from_shape_rate(shape=shape, rate=float(special.gammaincinv(shape, a)) / x)


def compare_with_published(days: int = 30) -> pl.DataFrame:
    """Set the model beside the two published resurgence figures for Wuhan.

    The model needs the number of last cases; it is chosen so that the first figure is met, and
    the second figure is then a check.

    Returns
    -------
    polars.DataFrame
        study, unascertained_share, clean_days, published, last_cases, model, fitted.

    References
    ----------
    Hao et al 2020, doi 10.1101/2020.04.27.20078436, abstract.
    """
    rows = packaged("tiering/resurgence_published").to_dicts()
    curves = [solve_chain(_wuhan(row), max(days, int(row["clean_days"]))) for row in rows]

    def model(i: int, cases: float) -> float:
        n = np.array([float(rows[i]["clean_days"])])
        return float(curves[i].probability(n, np.array([cases]), "resurgence")[0])

    cases = float(optimize.brentq(lambda c: model(0, c) - rows[0]["probability"], 1e-3, 1e4))
    return pl.DataFrame(
        [
            {
                "study": row["study"],
                "unascertained_share": row["unascertained_share"],
                "clean_days": row["clean_days"],
                "published": row["probability"],
                "last_cases": cases,
                "model": model(i, cases),
                "fitted": i == 0,
            }
            for i, row in enumerate(rows)
        ]
    )


def _wuhan(row: dict[str, Any]) -> ChainParameters:
    base = chain_parameters("central")
    return ChainParameters(
        ascertainment=1 - row["unascertained_share"],
        reproduction_controlled=row["reproduction_controlled"],
        reproduction_relaxed=row["reproduction_relaxed"],
        dispersion=row["dispersion"],
        generation_mean=base.generation_mean,
        generation_sd=base.generation_sd,
        detection_mean=base.detection_mean,
        detection_sd=base.detection_sd,
    )
