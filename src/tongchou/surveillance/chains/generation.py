"""From onsets to infections: the generation time, and the share infected before symptoms.

Infections are not seen; onsets are. With X the generation time (infection of the infector to infection
of the infectee) and δ the incubation periods, all independent, the serial interval is ::

    Z = X + δ_infectee − δ_infector

so that Z and X have the same mean, Z the larger spread and possibly the negative sign.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit
from scipy import interpolate, special

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

COARSE, FINE, BETWEEN = 18, 18, 120
"""Points on each side of the grid of means and standard deviations: first, then, and between these."""


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
    parent: Ints
    steps: Ints
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
        forest = _forest(*pairs.cases(np.flatnonzero(alone)), pairs.days[alone])
        return cls(days, kept / kept.sum(), *forest, *apart)

    def loglik(self, shape: Floats, rate: Floats) -> Floats:
        """Give the log-likelihood of each gamma."""
        middle = np.arange(0, LONGEST + STEP / 2, STEP)
        edges = np.concatenate([[0.0], middle + STEP / 2])
        mass = np.diff(special.gammainc(shape[:, None], rate[:, None] * edges), axis=1)
        total = np.zeros(len(shape))
        if len(self.parent):
            total += _climb(self.parent, self.steps, self.share, mass)
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


def _forest(infector: Ints, infectee: Ints, days: Ints) -> tuple[Ints, Ints]:
    """Give the parent of each case (−1 for none), children after parents, and the steps between them.

    Where links run in a circle one of them is left out: that cannot have been.
    """
    cases = np.unique(np.concatenate([infector, infectee]))
    parent = np.full(len(cases), -1, dtype=np.int64)
    steps = np.zeros(len(cases), dtype=np.int64)
    i, j = np.searchsorted(cases, infector), np.searchsorted(cases, infectee)
    parent[j], steps[j] = i, days * A_DAY
    depth = np.zeros(len(cases), dtype=np.int64)
    for case in range(len(cases)):
        above, seen = parent[case], 0
        while above >= 0 and seen <= len(cases):
            seen += 1
            above = parent[above]
        if seen > len(cases):
            parent[case], seen = -1, 0
        depth[case] = seen
    order = np.argsort(depth, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    moved = parent[order]
    return np.where(moved >= 0, rank[moved], -1), steps[order]


@njit(cache=True)
def _climb(parent: Ints, steps: Ints, share: Floats, mass: Floats) -> Floats:
    """Give the log-likelihood of a forest for each generation time, from the leaves up."""
    cases, width, length = len(parent), len(share), mass.shape[1]
    total = np.zeros(len(mass))
    below = np.empty((cases, width))
    message = np.empty(width)
    bare = np.ones(cases, np.bool_)
    for case in range(cases):
        if parent[case] >= 0:
            bare[parent[case]] = False
    least, most = steps.min(), steps.max()
    # People who infected nobody send the same message for the same day: it is worked out once.
    stored = np.empty((most - least + 1, width))
    for g in range(len(mass)):
        below[:] = share
        done = np.zeros(most - least + 1, np.bool_)
        for case in range(cases - 1, -1, -1):
            top = below[case].max()
            if top <= 0:
                total[g] = -1e4
                break
            total[g] += np.log(top)
            if parent[case] < 0:
                total[g] += np.log((below[case] / top).sum())
                continue
            slot = steps[case] - least
            if bare[case] and done[slot]:
                below[parent[case]] *= stored[slot]
                continue
            for a in range(width):
                at = steps[case] + a
                value = 0.0
                for b in range(max(0, at - length + 1), min(width - 1, at) + 1):
                    value += below[case, b] * mass[g, at - b]
                message[a] = value / top
            if bare[case]:
                stored[slot] = message
                done[slot] = True
            below[parent[case]] *= message
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

    The grid is even in log mean and log sd: coarse over all, then fine where the posterior stands; what
    lies between its points is taken from a bicubic spline.
    """
    m, s = (
        np.linspace(np.log(0.3), np.log(30.0), COARSE),
        np.linspace(np.log(0.1), np.log(30.0), COARSE),
    )
    rough = _posterior(m, s, _loglik(table, m, s))
    keep = rough > rough.max() - 12
    pad = np.log(100) / COARSE
    m = np.linspace(
        float(m[keep.any(axis=1)].min() - pad), float(m[keep.any(axis=1)].max() + pad), FINE
    )
    s = np.linspace(s[keep.any(axis=0)].min() - pad, s[keep.any(axis=0)].max() + pad, FINE)
    surface = interpolate.RectBivariateSpline(m, s, _loglik(table, m, s))
    m, s = np.linspace(m[0], m[-1], BETWEEN), np.linspace(s[0], s[-1], BETWEEN)
    logs = _posterior(m, s, surface(m, s))
    shape, rate = _shape_rate(m, s)
    allowed = np.isfinite(logs)
    return shape[allowed], rate[allowed], logs[allowed]


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
