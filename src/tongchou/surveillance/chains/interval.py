"""The interval between two onsets of a pair, dated to the day: its distribution, with censoring and truncation.

An onset dated to the day lies anywhere within it. With X the true interval and both onsets uniform
within their days, the dates differ by D = d with probability ::

    p(d) = G(d + 1) − 2 G(d) + G(d − 1),        G(x) = ∫_{−∞}^{x} F(u) du

for any distribution function F of X, negative values included; and P(D ≤ m) = G(m + 1) − G(m).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy import special

from tongchou.vocabulary.distributions import Delay

Floats = npt.NDArray[np.float64]
Family = Literal["normal", "gamma", "lognormal", "shifted_gamma"]
FAMILIES: tuple[Family, ...] = get_args(Family)


def integrated_normal(x: Floats, mean: float, sd: float) -> Floats:
    """Give G(x) of a normal distribution: σ (z Φ(z) + φ(z)), z = (x − μ) / σ."""
    z = (x - mean) / sd
    return np.asarray(sd * (z * special.ndtr(z) + np.exp(-z * z / 2) / np.sqrt(2 * np.pi)))


def integrated_gamma(x: Floats, mean: float, sd: float) -> Floats:
    """Give G(x) of a gamma distribution: x F(x; a, b) − (a / b) F(x; a + 1, b)."""
    a, b = (mean / sd) ** 2, mean / sd**2
    y = np.maximum(x, 0.0)
    return np.asarray(y * special.gammainc(a, b * y) - mean * special.gammainc(a + 1, b * y))


def integrated_lognormal(x: Floats, mean: float, sd: float) -> Floats:
    """Give G(x) of a lognormal: x Φ((ln x − m) / s) − E(X) Φ((ln x − m) / s − s)."""
    s = np.sqrt(np.log1p((sd / mean) ** 2))
    m = np.log(mean) - s * s / 2
    y = np.maximum(x, 1e-300)
    z = (np.log(y) - m) / s
    return np.asarray(np.where(x > 0, y * special.ndtr(z) - mean * special.ndtr(z - s), 0.0))


INTEGRATED: Mapping[str, Callable[[Floats, float, float], Floats]] = MappingProxyType(
    {
        "normal": integrated_normal,
        "gamma": integrated_gamma,
        "lognormal": integrated_lognormal,
        "shifted_gamma": integrated_gamma,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A distribution of the interval between two dated events, in days; it may be negative.

    ``shift`` moves a gamma to the left: X = Y − shift with Y a gamma of mean ``mean + shift``; it is
    0 for the other families.

    Examples
    --------
    Du and others 2020 (doi 10.3201/eid2606.200357), mean 3.96 and sd 4.75 days: one in five infectees
    of 468 pairs fell ill before or with their infector.

    >>> du = Interval(family="normal", mean=3.96, sd=4.75)
    >>> p = du.probabilities(-40, 60)
    >>> round(float(p.sum()), 6), round(float(p[:41].sum()), 2)
    (1.0, 0.23)
    """

    family: Family
    mean: float
    sd: float
    shift: float = 0.0

    def probability(self, days: npt.ArrayLike) -> Floats:
        """Give the probability that the two dates differ by so many days."""
        d = np.asarray(days, dtype=float)
        values = self._integral(d + 1) - 2 * self._integral(d) + self._integral(d - 1)
        return np.asarray(np.maximum(values, 0.0))

    def at_most(self, days: npt.ArrayLike) -> Floats:
        """Give the probability that the two dates differ by at most so many days."""
        d = np.asarray(days, dtype=float)
        finite = np.where(np.isfinite(d), d, 0.0)
        values = self._integral(finite + 1) - self._integral(finite)
        return np.asarray(np.where(d == np.inf, 1.0, np.where(d == -np.inf, 0.0, values)))

    def probabilities(self, first: int, last: int) -> Floats:
        """Give the probabilities of ``first`` … ``last`` days, not normalised."""
        return self.probability(np.arange(first, last + 1))

    def range(self, tail: float = 1e-4) -> tuple[int, int]:
        """Give the first and last day beyond which less than ``tail`` lies on either side."""
        reach = int(np.ceil(abs(self.mean) + 12 * self.sd + self.shift)) + 2
        days = np.arange(-reach, reach + 1)
        below = self.at_most(days)
        first = int(np.searchsorted(below, tail))
        last = min(int(np.searchsorted(below, 1 - tail)), len(days) - 1)
        return int(days[first]), int(days[last])

    def _integral(self, x: Floats) -> Floats:
        return INTEGRATED[self.family](x + self.shift, self.mean + self.shift, self.sd)


CELL = 0.1
"""Days from one point to the next where an implied interval is summed."""

LONGEST = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class ImpliedInterval:
    """The interval between onsets that a generation time X and an incubation period δ imply.

    ::

        Z = X + δ_infectee − δ_infector

    which is higher in the middle and longer in the tails than a normal of the same mean and spread: in
    which order two people infected each other is surer than a normal has it.

    Examples
    --------
    >>> from tongchou.vocabulary.distributions import Gamma
    >>> implied = ImpliedInterval(Gamma(mean=5.0, sd=2.0), Gamma(mean=5.2, sd=2.8))
    >>> normal = Interval(family="normal", mean=implied.mean, sd=implied.sd)
    >>> [round(float(z.probability(3) / z.probability(-3)), 1) for z in (implied, normal)]
    [5.6, 4.5]
    """

    generation_time: Delay
    incubation: Delay
    family: ClassVar[str] = "generation_time"
    _days: Floats = field(init=False, repr=False)
    _p: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        days, p = _implied(self.generation_time, self.incubation)
        object.__setattr__(self, "_days", days)
        object.__setattr__(self, "_p", p)

    @property
    def mean(self) -> float:
        """Mean, days: that of the generation time."""
        return self.generation_time.mean

    @property
    def sd(self) -> float:
        """Standard deviation, days."""
        middle = float(self._days @ self._p)
        return float(np.sqrt((self._days - middle) ** 2 @ self._p - 1 / 6))

    def probability(self, days: npt.ArrayLike) -> Floats:
        """Give the probability that the two dates differ by so many days."""
        d = np.asarray(days, dtype=float)
        inside = (d >= self._days[0]) & (d <= self._days[-1])
        return np.where(inside, self._p[self._row(d)], 0.0)

    def at_most(self, days: npt.ArrayLike) -> Floats:
        """Give the probability that the two dates differ by at most so many days."""
        return np.asarray(np.cumsum(self._p)[self._row(np.asarray(days, dtype=float))])

    def probabilities(self, first: int, last: int) -> Floats:
        """Give the probabilities of ``first`` … ``last`` days, not normalised."""
        return self.probability(np.arange(first, last + 1))

    def range(self, tail: float = 1e-4) -> tuple[int, int]:
        """Give the first and last day beyond which less than ``tail`` lies on either side."""
        first, last = np.searchsorted(np.cumsum(self._p), [tail, 1 - tail])
        return int(self._days[first]), int(self._days[min(int(last), len(self._days) - 1)])

    def _row(self, days: Floats) -> npt.NDArray[np.int64]:
        first, last = self._days[0], self._days[-1]
        return np.asarray(np.clip(days, first, last) - first, dtype=np.int64)


def _implied(generation_time: Delay, incubation: Delay) -> tuple[Floats, Floats]:
    """Give days and their probabilities: Z and where in its day the first onset lay, summed over cells."""
    edges = np.arange(0, LONGEST + CELL, CELL)
    x, delta = (np.diff(each.cdf(edges)) for each in (generation_time, incubation))
    a_day = round(1 / CELL)
    length = len(x) + 2 * (len(delta) - 1)
    spectra = (np.fft.rfft(each, length) for each in (x, delta, delta[::-1]))
    between = np.fft.irfft(next(spectra) * next(spectra) * next(spectra), length)
    p = np.convolve(np.maximum(between, 0.0), np.full(a_day, CELL))
    # Middle of a cell of X plus that of a cell within the day: a whole number of cells, half on either side.
    point = np.arange(len(p)) - (len(delta) - 1) + 1
    below = np.concatenate([[0.0], np.cumsum(p)])
    days = np.arange(int(point[0] // a_day), int(point[-1] // a_day) + 1)
    first = np.clip(days * a_day - point[0], 0, len(p))
    inner = np.append(p, 0.0)
    F = below[first] + inner[np.minimum(first, len(p))] / 2
    mass = np.maximum(np.diff(np.append(F, below[-1])), 0.0)
    return days.astype(float), mass / mass.sum()


AnyInterval = Interval | ImpliedInterval
