"""From onsets to infections: the generation time, and the share infected before symptoms.

Infections are not seen; onsets are. With X the generation time (infection of the infector to infection
of the infectee) and δ the incubation periods, all independent, the serial interval is ::

    Z = X + δ_infectee − δ_infector

so that Z and X have the same mean, Z the larger spread and possibly the negative sign.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy
from scipy import special

from tongchou.surveillance.chains.forest import Forest
from tongchou.surveillance.chains.interval_fit import FEWEST_PAIRS, Pairs
from tongchou.surveillance.chains.likelihood import Estimate
from tongchou.vocabulary.distributions import Delay, Gamma
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STEP = 0.5
"""Days from one point to the next where a distribution is summed over."""

A_DAY = round(1 / STEP)
SHARE_LEFT_OUT = 1e-5

LONGEST = 60.0
LARGEST_SHAPE, LARGEST_RATE = 30.0, 20.0
"""Bounds of shape and rate of the generation time, as in the source."""

LOG_MEANS, LOG_SDS = (
    (float(np.log(0.3)), float(np.log(30))),
    (float(np.log(0.1)), float(np.log(30))),
)
POINTS, BETWEEN = 18, 120
"""Points on each side of the grid of means and standard deviations, and with those of the spline."""

NEGLIGIBLE = 25.0
"""Log posterior below the highest at which a point is left out."""

ZOOMS, DEPTH, FEWEST_POINTS = 8, 12.0, 8
"""Times the grid is drawn closer; log posterior below the highest, and points, that it must keep."""


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


def fit_generation_time(pairs: Pairs, incubation: Delay, *, level: float = 0.95) -> Generation:
    """Give the posterior of the generation time from serial intervals and the incubation period.

    With s_i the time from the infection of case i to the day of its onset (δ_i less where in that day the
    onset lay) and d_ij the difference of the two dates, X_ij = d_ij + s_i − s_j, and the likelihood of a
    tree of known pairs is ::

        ∫ … ∫ Π_i f(s_i) Π_ij f_X(d_ij + s_i − s_j) ds

    summed from the leaves up: intervals that share an onset are not taken as independent. Somebody with
    several candidates counts with the mean over them, each as likely as its weight before the days are
    looked at. The prior is flat in mean and variance where shape is at most 30 and rate at most 20, as
    the program of the source has it; the posterior is summed over a grid: no chain has to converge.

    Parameters
    ----------
    pairs
        Serial intervals, days; see :class:`.interval_fit.Pairs`.
    incubation
        Distribution of the incubation period, days.
    level
        Of the ranges.

    References
    ----------
    Ganyani T, Kremer C, Chen D, Torneri A, Faes C, Wallinga J, Hens N. Euro Surveill 2020;25:2000257,
    doi 10.2807/1560-7917.ES.2020.25.17.2000257, which takes all intervals as independent.
    """
    if pairs.infectees < FEWEST_PAIRS:
        text = Text(
            zh="至少需要3名有发病日期的被传染者。",
            en="at least 3 infectees with dated pairs are needed.",
        )
        raise BadParameter("pairs", pairs.infectees, text)
    table = _Table.of(pairs, incubation)
    shapes, rates, logs = _grid(table)
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
class _Table:
    """Known pairs as a forest, and those with candidates as weights of days (pattern, day).

    ``share`` are the probabilities of s = −1, −1 + step, … days.
    """

    days: Ints
    share: Floats
    forest: Forest
    apart: Floats
    apart_often: Floats

    @classmethod
    def of(cls, pairs: Pairs, incubation: Delay) -> "_Table":
        days, column = np.unique(pairs.days, return_inverse=True)
        mass = np.diff(incubation.cdf(np.arange(0, LONGEST + STEP, STEP)))
        # s = δ − U with U uniform within the day, on −1 … LONGEST.
        share = np.convolve(mass, np.full(A_DAY, STEP))
        kept = share[: int(np.flatnonzero(share > SHARE_LEFT_OUT)[-1]) + 1]
        alone = np.bincount(pairs.infectee)[pairs.infectee] == 1
        prior = pairs.weight / np.bincount(pairs.infectee, pairs.weight)[pairs.infectee]
        apart = _patterns(pairs.infectee[~alone], column[~alone], prior[~alone], len(days))
        forest = Forest.of(*pairs.cases(np.flatnonzero(alone)), pairs.days[alone] * A_DAY)
        return cls(days, kept / kept.sum(), forest, *apart)

    def loglik(self, shape: Floats, rate: Floats) -> Floats:
        """Give the log-likelihood of each gamma."""
        middle = np.arange(0, LONGEST + STEP / 2, STEP)
        edges = np.concatenate([[0.0], middle + STEP / 2])
        mass = np.diff(special.gammainc(shape[:, None], rate[:, None] * edges), axis=1)
        total = np.zeros(len(shape))
        if len(self.forest.often):
            total += self.forest.loglik(self.share, mass)
        if len(self.apart):
            # X = d + s_i − s_j, with both s free.
            between = np.convolve(self.share, self.share[::-1])
            lag = np.arange(len(between)) - len(self.share) + 1
            x = self.days[:, None] * A_DAY + lag[None, :]
            inside = (x >= 0) & (x < mass.shape[1])
            weights = np.zeros((len(self.days), mass.shape[1]))
            rows = np.repeat(np.arange(len(self.days)), inside.sum(axis=1))
            np.add.at(weights, (rows, x[inside]), np.broadcast_to(between, x.shape)[inside])
            p = mass @ weights.T
            total += np.log(np.maximum(p @ self.apart.T, 1e-300)) @ self.apart_often
        return total


def _patterns(row: Ints, column: Ints, weight: Floats, columns: int) -> tuple[Floats, Floats]:
    """Give the different rows of a table of weights, and how often each stands."""
    if not len(row):
        return np.zeros((0, columns)), np.zeros(0)
    rows = np.unique(row, return_inverse=True)[1]
    table = np.zeros((int(rows.max()) + 1, columns))
    np.add.at(table, (rows, column), weight)
    patterns, often = np.unique(table, axis=0, return_counts=True)
    return patterns, often.astype(float)


def _grid(table: _Table) -> tuple[Floats, Floats, Floats]:
    """Give shapes, rates and log posterior on a grid that covers what the data allow.

    The grid is even in log mean and log sd. It is drawn closer round the posterior until this spreads over
    enough of its points; what lies between them is taken from a bicubic spline.
    """
    m, s = np.linspace(*LOG_MEANS, POINTS), np.linspace(*LOG_SDS, POINTS)
    for _ in range(ZOOMS):
        loglik = _loglik(table, m, s)
        rough = _posterior(m, s, loglik)
        least = min(rough.max() - DEPTH, np.sort(rough, axis=None)[-FEWEST_POINTS])
        keep = rough >= least
        wide = [np.flatnonzero(keep.any(axis=axis)) for axis in (1, 0)]
        closer = [_around(grid, at) for grid, at in zip((m, s), wide, strict=True)]
        if all(len(at) >= POINTS // 2 for at in wide):
            break
        m, s = closer
    surface = scipy.interpolate.RectBivariateSpline(m, s, _loglik(table, m, s))
    m, s = np.linspace(m[0], m[-1], BETWEEN), np.linspace(s[0], s[-1], BETWEEN)
    logs = _posterior(m, s, surface(m, s))
    shape, rate = _shape_rate(m, s)
    allowed = logs > logs.max() - NEGLIGIBLE
    return shape[allowed], rate[allowed], logs[allowed]


def _around(grid: Floats, at: Ints) -> Floats:
    """Give as many points over the part of a grid that is kept, and one step beyond on either side."""
    step = float(grid[1] - grid[0])
    return np.linspace(float(grid[at[0]]) - step, float(grid[at[-1]]) + step, len(grid))


def _shape_rate(log_mean: Floats, log_sd: Floats) -> tuple[Floats, Floats]:
    m, s = log_mean[:, None], log_sd[None, :]
    return np.exp(2 * (m - s)), np.exp(m - 2 * s)


def _loglik(table: _Table, log_mean: Floats, log_sd: Floats) -> Floats:
    shape, rate = _shape_rate(log_mean, log_sd)
    found = table.loglik(shape.ravel(), rate.ravel()).reshape(shape.shape)
    # Gammas far from the data have no probability to the last digit: a spline needs a floor.
    return np.asarray(np.maximum(found, found.max() - 200))


def _posterior(log_mean: Floats, log_sd: Floats, loglik: Floats) -> Floats:
    shape, rate = _shape_rate(log_mean, log_sd)
    allowed = (shape <= LARGEST_SHAPE) & (rate <= LARGEST_RATE)
    # Flat in mean and variance: d mean d variance = 2 mean sd² d(log mean) d(log sd).
    return np.where(allowed, loglik + log_mean[:, None] + 2 * log_sd[None, :], -np.inf)


def _before(incubation: Delay, shape: Floats, rate: Floats) -> Floats:
    edges = np.arange(0, LONGEST + STEP, STEP)
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
