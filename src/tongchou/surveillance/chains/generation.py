"""From onsets to infections: the generation time, and the share infected before symptoms.

Infections are not seen; onsets are. With X the generation time (infection of the infector to infection
of the infectee) and δ the incubation periods, all independent, the serial interval is ::

    Z = X + δ_infectee − δ_infector

so that Z and X have the same mean, Z the larger spread and possibly the negative sign.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from tongchou.surveillance.chains.interval_fit import FEWEST_PAIRS, Pairs
from tongchou.surveillance.chains.likelihood import Estimate
from tongchou.vocabulary.distributions import Delay, Gamma
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STEP = 0.1
"""Days from one point to the next where a distribution is summed over."""

LONGEST = 60.0
LARGEST_SHAPE, LARGEST_RATE = 30.0, 20.0
"""Bounds of shape and rate of the generation time, as in the source."""

POINTS = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """Generation time (gamma) and what follows from it; median and range of the posterior.

    ``presymptomatic`` is the share of infections that happen before the infector's onset.
    """

    mean: Estimate
    sd: Estimate
    presymptomatic: Estimate
    serial_sd: Estimate
    infectees: int


def presymptomatic_share(generation_time: Gamma, incubation: Delay) -> float:
    """Give P(X < δ): the share of infections that happen before the infector falls ill.

    Parameters
    ----------
    generation_time
        X, days.
    incubation
        δ of the infector, days.

    References
    ----------
    Ganyani T and others. Euro Surveill 2020;25:2000257,
    doi 10.2807/1560-7917.ES.2020.25.17.2000257 (supplement: proportion of pre-symptomatic
    transmission).

    Examples
    --------
    At the estimates of the source for Singapore; over their whole posterior it prints 48 % (32-67).

    >>> round(presymptomatic_share(Gamma(mean=5.20, sd=1.72), Gamma(mean=5.2, sd=2.8)), 2)
    0.46
    """
    edges = np.arange(0, LONGEST + STEP, STEP)
    mass = np.diff(incubation.cdf(edges))
    return float(mass @ generation_time.cdf((edges[1:] + edges[:-1]) / 2))


def fit_generation_time(
    pairs: Pairs, incubation: Delay, *, to_the_day: bool = True, level: float = 0.95
) -> Generation:
    """Give the posterior of the generation time from serial intervals and the incubation period.

    The prior is flat in mean and variance where shape is at most 30 and rate at most 20, as the
    program of the source has it; the posterior is summed over a grid, so that no chain has to converge. Of several candidates for one infectee each
    is as likely as its weight before the days are looked at.

    Parameters
    ----------
    pairs
        Serial intervals, days; see :class:`.interval_fit.Pairs`.
    incubation
        Distribution of the incubation period, days.
    to_the_day
        Whether onsets lie anywhere within their days; the source takes their difference as exact.
    level
        Of the ranges.

    References
    ----------
    Ganyani T, Kremer C, Chen D, Torneri A, Faes C, Wallinga J, Hens N. Euro Surveill 2020;25:2000257,
    doi 10.2807/1560-7917.ES.2020.25.17.2000257.
    """
    if pairs.infectees < FEWEST_PAIRS:
        text = Text(
            zh="至少需要3名有发病日期的被传染者。",
            en="at least 3 infectees with dated pairs are needed.",
        )
        raise BadParameter("pairs", pairs.infectees, text)
    kernel = _Kernel.of(incubation, np.unique(pairs.days), to_the_day=to_the_day)
    shapes, rates, logs = _grid(pairs, kernel)
    weight = np.exp(logs - logs.max())
    weight /= weight.sum()
    mean, sd = shapes / rates, np.sqrt(shapes) / rates
    before = _before(incubation, shapes, rates)
    spread = np.sqrt(sd**2 + 2 * _variance(incubation))
    numbers = [_quantiles(values, weight, level) for values in (mean, sd, before, spread)]
    return Generation(
        mean=numbers[0],
        sd=numbers[1],
        presymptomatic=numbers[2],
        serial_sd=numbers[3],
        infectees=pairs.infectees,
    )


@dataclass(frozen=True, slots=True)
class _Kernel:
    """Probability of each dated serial interval given the generation time: one row for each."""

    days: Ints
    edges: Floats
    rows: Floats

    @classmethod
    def of(cls, incubation: Delay, days: Ints, *, to_the_day: bool) -> "_Kernel":
        edges = np.arange(0, LONGEST + STEP, STEP)
        middle = (edges[1:] + edges[:-1]) / 2
        mass = np.diff(incubation.cdf(edges))
        difference = np.convolve(mass, mass[::-1])  # δ_infectee − δ_infector, on −last … last
        support = (np.arange(len(difference)) - (len(mass) - 1)) * STEP
        if to_the_day:
            half = round(1 / STEP)
            triangle = 1 - np.abs(np.arange(-half, half + 1)) / half
            density = np.convolve(difference, triangle)
            support = (np.arange(len(density)) - (len(mass) - 1) - half) * STEP
        else:
            density = difference / STEP
        rows = np.stack([np.interp(d - middle, support, density, 0, 0) for d in days])
        return cls(np.asarray(days), edges, rows)

    def probability(self, shape: Floats, rate: Floats) -> Floats:
        """Give the probability (or density) of each of the days for each gamma (gamma, day)."""
        mass = np.diff(special.gammainc(shape[:, None], rate[:, None] * self.edges), axis=1)
        return np.asarray(mass @ self.rows.T)


def _grid(pairs: Pairs, kernel: _Kernel) -> tuple[Floats, Floats, Floats]:
    """Give shapes, rates and log posterior on a grid that covers what the data allow.

    The grid is even in log mean and log sd, first coarse, then fine where the posterior stands.
    """
    found = _explore(pairs, kernel, np.log([0.3, 30.0]), np.log([0.1, 30.0]), 50)
    keep = found[2] > found[2].max() - 14
    m, s = np.log(found[0] / found[1])[keep], np.log(np.sqrt(found[0]) / found[1])[keep]
    pad = 0.1
    return _explore(
        pairs,
        kernel,
        np.array([m.min() - pad, m.max() + pad]),
        np.array([s.min() - pad, s.max() + pad]),
        POINTS,
    )


def _explore(
    pairs: Pairs, kernel: _Kernel, log_mean: Floats, log_sd: Floats, points: int
) -> tuple[Floats, Floats, Floats]:
    m, s = (
        x.ravel()
        for x in np.meshgrid(
            np.linspace(log_mean[0], log_mean[1], points), np.linspace(log_sd[0], log_sd[1], points)
        )
    )
    shape, rate = np.exp(2 * (m - s)), np.exp(m - 2 * s)
    allowed = (shape <= LARGEST_SHAPE) & (rate <= LARGEST_RATE)
    m, s, shape, rate = m[allowed], s[allowed], shape[allowed], rate[allowed]
    # Flat in mean and variance: d mean d variance = 2 mean sd² d(log mean) d(log sd).
    return shape, rate, _loglik(pairs, kernel, shape, rate) + m + 2 * s


def _loglik(pairs: Pairs, kernel: _Kernel, shape: Floats, rate: Floats) -> Floats:
    column = np.searchsorted(kernel.days, pairs.days)
    prior = pairs.weight / np.bincount(pairs.infectee, pairs.weight)[pairs.infectee]
    # Infectees with the same alternatives are one row, counted: the sum costs what is different.
    table = np.zeros((int(pairs.infectee.max()) + 1, len(kernel.days)))
    np.add.at(table, (pairs.infectee, column), prior)
    table, often = np.unique(table, axis=0, return_counts=True)
    return np.asarray(np.log(np.maximum(kernel.probability(shape, rate) @ table.T, 1e-300)) @ often)


def _before(incubation: Delay, shape: Floats, rate: Floats) -> Floats:
    edges = np.arange(0, LONGEST + 5 * STEP, 5 * STEP)
    mass = np.diff(incubation.cdf(edges))
    middle = (edges[1:] + edges[:-1]) / 2
    return np.asarray(special.gammainc(shape[:, None], rate[:, None] * middle) @ mass)


def _variance(incubation: Delay) -> float:
    edges = np.arange(0, LONGEST + STEP, STEP)
    mass = np.diff(incubation.cdf(edges))
    middle = (edges[1:] + edges[:-1]) / 2
    return float(mass @ (middle - incubation.mean) ** 2)


def _quantiles(values: Floats, weight: Floats, level: float) -> Estimate:
    order = np.argsort(values)
    below = np.cumsum(weight[order]) - weight[order] / 2
    low, middle, high = np.interp([(1 - level) / 2, 0.5, (1 + level) / 2], below, values[order])
    return Estimate(value=float(middle), low=float(low), high=float(high))
