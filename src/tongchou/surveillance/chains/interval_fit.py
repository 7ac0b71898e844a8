"""Fit the distribution of an interval to dated pairs, certain or uncertain, by maximum likelihood."""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from tongchou.surveillance.chains.interval import AnyInterval, Family, Interval
from tongchou.surveillance.chains.likelihood import (
    Estimate,
    climb,
    inflation_of_variance,
    maximise,
    profile,
)
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STEP = 1e-3
"""Of derivatives, in days or logarithms of days."""

FEWEST_PAIRS = 3
"""Two numbers are estimated: with fewer infectees there is nothing left to estimate them from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalFit:
    """A fitted interval: mean and standard deviation with their ranges, days."""

    interval: Interval
    mean: Estimate
    sd: Estimate
    loglik: float
    pairs: int
    infectees: int

    @property
    def aic(self) -> float:
        """Akaike's criterion: twice the parameters less twice the log-likelihood."""
        parameters = 3 if self.interval.family == "shifted_gamma" else 2
        return 2 * parameters - 2 * self.loglik


@dataclass(frozen=True, slots=True)
class Pairs:
    """Days between the two dates of each pair, and what goes with them.

    Parameters
    ----------
    days
        Later date less earlier one as the chain goes: infectee less infector; may be negative.
    infectee
        Number of the infectee of each pair. Several pairs of one infectee are alternatives, of which
        one is true: each is as likely as its ``weight`` says before the days are looked at.
    weight
        Equal by default.
    reach
        Days from the first date to the day the list was closed: a longer interval could not be on
        it. Infinite by default: nothing is cut off.
    infector
        Number of the infector of each pair, in the same numbers as ``infectee``. Intervals that share
        a case share the error of its onset, and ranges take account of that. By default each pair
        stands alone.
    """

    days: Ints
    infectee: Ints
    weight: Floats
    reach: Floats
    infector_case: Ints
    infectee_case: Ints

    @classmethod
    def of(
        cls,
        days: npt.ArrayLike,
        *,
        infectee: npt.ArrayLike | None = None,
        weight: npt.ArrayLike | None = None,
        reach: npt.ArrayLike | None = None,
        infector: npt.ArrayLike | None = None,
    ) -> "Pairs":
        """Make the pairs; what is left out takes its default."""
        d = np.asarray(days, dtype=float)
        if d.ndim != 1 or not (np.isfinite(d).all() and (d == np.round(d)).all()):
            raise _refuse(
                "days", "…", "每对应为整数天。", "whole days are needed, one for each pair."
            )
        n = len(d)
        w = np.ones(n) if weight is None else np.asarray(weight, dtype=float)
        r = np.full(n, np.inf) if reach is None else np.asarray(reach, dtype=float)
        if (w < 0).any() or not np.isfinite(w).all():
            raise _refuse(
                "weight", "…", "权重须为非负有限数。", "weights must be finite and not negative."
            )
        if (d > r).any():
            text = ("间隔不能长于名单截止所及。", "no interval can be longer than its reach.")
            raise _refuse("reach", float(r[d > r][0]), *text)
        who, names = (
            (np.arange(n), np.arange(n).astype(str))
            if infectee is None
            else (np.unique(infectee, return_inverse=True)[1], np.asarray(infectee).astype(str))
        )
        own = np.array([f"\0{i}" for i in range(n)])  # a name that nobody else has
        by = own if infector is None else np.asarray(infector).astype(str)
        case = np.unique(np.concatenate([by, names]), return_inverse=True)[1]
        return cls(
            d.astype(np.int64),
            np.asarray(who, dtype=np.int64),
            w,
            r,
            np.asarray(case[:n], dtype=np.int64),
            np.asarray(case[n:], dtype=np.int64),
        )

    def cases(self, which: Ints) -> tuple[Ints, Ints]:
        """Give infector and infectee of some pairs, numbered alike."""
        return self.infector_case[which], self.infectee_case[which]

    @property
    def infectees(self) -> int:
        """How many people were infected."""
        return len(np.unique(self.infectee))


def _refuse(name: str, value: object, zh: str, en: str) -> BadParameter:
    return BadParameter(name, value, Text(zh=zh, en=en))


def interval_loglik(interval: AnyInterval, pairs: Pairs) -> float:
    """Give the log-likelihood of dated pairs.

    ::

        ℓ = Σ_j log Σ_i π_ij p(d_ij) / P(D ≤ m_i),     Σ_i π_ij = 1

    over the alternatives i of each infectee j, with m_i the reach.
    """
    return float(_loglik(interval, _Counted.of(pairs)))


@dataclass(frozen=True, slots=True)
class _Counted:
    """The same pairs with each different day and reach once: a likelihood costs what is different."""

    pairs: Pairs
    days: Floats
    day: Ints
    reaches: Floats
    reach: Ints
    prior: Floats

    @classmethod
    def of(cls, pairs: Pairs) -> "_Counted":
        days, day = np.unique(pairs.days, return_inverse=True)
        reaches, reach = np.unique(pairs.reach, return_inverse=True)
        total = np.bincount(pairs.infectee, pairs.weight)
        prior = pairs.weight / total[pairs.infectee]
        return cls(pairs, days.astype(float), day, reaches, reach, prior)


def _loglik(interval: AnyInterval, c: _Counted) -> float:
    return float(_each(interval, c).sum())


def _each(interval: AnyInterval, c: _Counted) -> Floats:
    """Give the log-likelihood of each infectee."""
    p = _of_pairs(interval, c)
    total = np.bincount(c.pairs.infectee, p * c.prior)
    return np.asarray(np.log(np.maximum(total, 1e-300)))


def _of_pairs(interval: AnyInterval, c: _Counted) -> Floats:
    p = interval.probability(c.days)[c.day]
    if np.isfinite(c.reaches).any():
        p = p / np.maximum(interval.at_most(c.reaches), 1e-300)[c.reach]
    return p


def _inflation(made: "_Maker", peak: Floats, c: _Counted) -> Floats:
    """Give how much the variance grows because intervals with a case in common share its onset."""
    p = _of_pairs(made.interval(peak), c) * c.prior
    # An infectee with several candidates goes with the likeliest of them.
    order = np.lexsort((-p, c.pairs.infectee))
    likeliest = order[np.unique(c.pairs.infectee[order], return_index=True)[1]]
    first, second = c.pairs.cases(likeliest)
    if len(np.unique(np.concatenate([first, second]))) == 2 * len(likeliest):
        return np.ones(len(peak))
    moves = STEP * np.eye(len(peak))

    def slopes(at: Floats) -> Floats:
        up, down = ([_each(made.interval(at + m * d), c) for d in moves] for m in (1, -1))
        return np.stack(up, axis=1) / (2 * STEP) - np.stack(down, axis=1) / (2 * STEP)

    information = -np.stack([slopes(peak + d) - slopes(peak - d) for d in moves], axis=1)
    return inflation_of_variance(slopes(peak), information / (2 * STEP), first, second)


def fit_interval(pairs: Pairs, family: Family | None = None, level: float = 0.95) -> IntervalFit:
    """Give the interval of greatest likelihood, with intervals of its mean and sd by profile.

    Parameters
    ----------
    pairs
        Dated pairs. Dates are to the day at both ends; see :mod:`.interval`.
    family
        By default the one of smallest AIC among those that allow the data: a normal and a shifted
        gamma always, gamma and lognormal when all intervals are positive.
    level
        Coverage of the ranges.

    References
    ----------
    Reich NG, Lessler J, Cummings DAT, Brookmeyer R. Stat Med 2009;28:2769-2784,
    doi 10.1002/sim.3659 (doubly censored dates). Normal serial intervals that may be negative: Du Z,
    Xu X, Wu Y, Wang L, Cowling BJ, Meyers LA. Emerg Infect Dis 2020;26:1341-1343,
    doi 10.3201/eid2606.200357.

    Examples
    --------
    >>> fit = fit_interval(Pairs.of([3, 5, 4, 6, 2, 4, -1, 7, 5, 4]), "normal")
    >>> fit.mean.rounded(1), fit.sd.rounded(1)
    ((3.9, 2.4, 5.4), (2.1, 1.4, 3.5))
    """
    if pairs.infectees < FEWEST_PAIRS:
        text = (
            "至少需要3名有发病日期的被传染者。",
            "at least 3 infectees with dated pairs are needed.",
        )
        raise _refuse("pairs", pairs.infectees, *text)
    if family is not None:
        return _fit(pairs, family, level)
    options: list[Family] = ["normal", "shifted_gamma"]
    if (pairs.days > 0).all():
        options = ["gamma", "lognormal", "normal"]
    return min((_fit(pairs, option, level) for option in options), key=lambda fit: fit.aic)


def _fit(pairs: Pairs, family: Family, level: float) -> IntervalFit:
    counted = _Counted.of(pairs)
    if family == "shifted_gamma":
        return _fit_shifted(counted, level)
    made = _maker(family)
    return _estimate(counted, made, _start(pairs, family), level)


class _Maker:
    """From two free numbers to an interval: mean (or its logarithm) and the logarithm of the sd."""

    def __init__(self, family: Family, shift: float) -> None:
        self.family, self.shift = family, shift
        self.positive = family != "normal"

    def interval(self, x: Floats) -> Interval:
        mean = float(np.exp(np.clip(x[0], -20, 20)) - self.shift) if self.positive else float(x[0])
        sd = float(np.exp(np.clip(x[1], -6, 12)))
        return Interval(family=self.family, mean=mean, sd=sd, shift=self.shift)

    def value(self, which: int, x: float) -> float:
        if which == 1:
            return float(np.exp(x))
        return float(np.exp(x) - self.shift) if self.positive else x


MAKERS = MappingProxyType(
    {family: _Maker(family, 0.0) for family in ("normal", "gamma", "lognormal")}
)


def _maker(family: Family) -> _Maker:
    return MAKERS[family]


def _start(pairs: Pairs, family: Family) -> Floats:
    days = pairs.days.astype(float)
    sd = max(float(days.std()), 0.7)
    if family == "normal":
        return np.array([float(days.mean()), np.log(sd)])
    if (days < 0).any():
        text = (
            "该分布不允许负间隔，请用 normal 或 shifted_gamma。",
            "this family allows no negative interval: take normal or shifted_gamma.",
        )
        raise _refuse("family", family, *text)
    return np.array([np.log(max(float(days.mean()), 0.5)), np.log(sd)])


def _estimate(c: _Counted, made: _Maker, start: Floats, level: float) -> IntervalFit:
    def loglik(x: Floats) -> float:
        return _loglik(made.interval(x), c)

    peak, height = maximise(loglik, start)
    interval = made.interval(peak)
    wider = _inflation(made, peak, c)
    bounds = [profile(loglik, peak, height, which, level, float(wider[which])) for which in (0, 1)]
    numbers = [
        Estimate(value=value, low=made.value(i, low), high=made.value(i, high))
        for i, (value, (low, high)) in enumerate(
            zip((interval.mean, interval.sd), bounds, strict=True)
        )
    ]
    return IntervalFit(
        interval=interval,
        mean=numbers[0],
        sd=numbers[1],
        loglik=height,
        pairs=len(c.pairs.days),
        infectees=c.pairs.infectees,
    )


SHIFTS = (0.0, 1.0, 2.0, 4.0, 8.0, 12.0, 20.0, 30.0)
"""How far beyond the shortest interval the gamma may begin, days: farther is as good as normal."""

CLOSE_ENOUGH = 1e-4
"""Of the likelihoods by which shifts are compared."""


def _fit_shifted(c: _Counted, level: float) -> IntervalFit:
    """Try the shifts, each from where the last one led, and fit the best of them to the end."""
    least = max(0.0, 1.0 - float(c.pairs.days.min()))
    mean, sd = float(c.pairs.days.mean()), max(float(c.pairs.days.std()), 0.7)
    tried = []
    for extra in SHIFTS:
        made = _Maker("shifted_gamma", least + extra)

        def loglik(x: Floats, made: _Maker = made) -> float:
            return _loglik(made.interval(x), c)

        start = np.array([np.log(max(mean + made.shift, 0.5)), np.log(sd)])
        peak, height = climb(loglik, start, CLOSE_ENOUGH)
        found = made.interval(peak)
        mean, sd = found.mean, found.sd
        tried.append((height, made, peak))
    _, made, peak = max(tried, key=lambda t: t[0])
    return _estimate(c, made, peak, level)
