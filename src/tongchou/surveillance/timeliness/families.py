"""The families of delay distributions, over arrays of parameters: many strata are fitted at once.

All three are scale families with a shape. A stratum holds θ = (θ₁, θ₂), both without bounds:

========== ============================= ======================
family     θ₁                            θ₂
========== ============================= ======================
gamma      log mean                      log shape
lognormal  mean of the logarithm         log of its sd
Weibull    log scale                     log shape
========== ============================= ======================

What a delay X with distribution function F, density f gives to a likelihood of dated days are two
integrals, each with its derivatives in θ₁ (the logarithm of the scale) ::

    H(x) = E(x − X)⁺ = x F(x) − M(x)        H′ = −M(x)    H″ = −M(x) + x² f(x)
    K(x) = E(X − x)⁺ = U(x) − x (1 − F(x))  K′ =  U(x)    K″ =  U(x) + x² f(x)

with M(x) = E(X; X ≤ x) and U(x) = E(X; X > x). H − K = x − E X is linear in x, so that a second
difference of either is the same; K keeps its digits where H is about as large as x.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt
from scipy import special

from tongchou.vocabulary.distributions import Gamma, Lognormal, Weibull

Floats = npt.NDArray[np.float64]
FamilyName = Literal["gamma", "lognormal", "weibull"]

_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Integrals:
    """H or K at each point, and its first and second derivative in θ₁."""

    value: Floats
    first: Floats
    second: Floats


class Family(Protocol):
    """What a fit asks of a family; every argument is an array, broadcast against the others."""

    name: FamilyName

    def tails(
        self, x: Floats, one: Floats, two: Floats, upper: bool
    ) -> tuple[Floats, Floats, Floats]:
        """Give F(x) and M(x), or 1 − F(x) and U(x) if ``upper``; and x f(x)."""

    def mean_sd(self, one: Floats, two: Floats) -> tuple[Floats, Floats]:
        """Give mean and standard deviation, days."""

    def quantile(self, probability: npt.ArrayLike, one: Floats, two: Floats) -> Floats:
        """Give the day before which the delay has ended with this probability."""

    def start(self, mean: Floats, sd: Floats) -> tuple[Floats, Floats]:
        """Give θ with this mean and about this standard deviation, where a search may start."""

    def delay(self, one: float, two: float) -> Gamma | Lognormal | Weibull:
        """Give the distribution as a word of its own."""


class _GammaFamily:
    name: FamilyName = "gamma"

    def tails(
        self, x: Floats, one: Floats, two: Floats, upper: bool
    ) -> tuple[Floats, Floats, Floats]:
        shape = np.exp(two)
        z = x * np.exp(two - one)
        log_density = shape * np.log(np.maximum(z, _TINY)) - z - special.gammaln(shape)
        part = special.gammaincc if upper else special.gammainc
        return part(shape, z), np.exp(one) * part(shape + 1, z), np.exp(log_density)

    def mean_sd(self, one: Floats, two: Floats) -> tuple[Floats, Floats]:
        return np.exp(one), np.exp(one - two / 2)

    def quantile(self, probability: npt.ArrayLike, one: Floats, two: Floats) -> Floats:
        return np.asarray(special.gammaincinv(np.exp(two), probability) * np.exp(one - two))

    def start(self, mean: Floats, sd: Floats) -> tuple[Floats, Floats]:
        return np.log(mean), 2 * np.log(mean / sd)

    def delay(self, one: float, two: float) -> Gamma:
        return Gamma(mean=float(np.exp(one)), sd=float(np.exp(one - two / 2)))


class _LognormalFamily:
    name: FamilyName = "lognormal"

    def tails(
        self, x: Floats, one: Floats, two: Floats, upper: bool
    ) -> tuple[Floats, Floats, Floats]:
        sd = np.exp(two)
        z = (np.log(np.maximum(x, _TINY)) - one) / sd
        sign = -1.0 if upper else 1.0
        moment = np.exp(one + sd**2 / 2) * special.ndtr(sign * (z - sd))
        return special.ndtr(sign * z), moment, np.exp(-(z**2) / 2) / (sd * np.sqrt(2 * np.pi))

    def mean_sd(self, one: Floats, two: Floats) -> tuple[Floats, Floats]:
        variance = np.exp(2 * two)
        mean = np.exp(one + variance / 2)
        return mean, mean * np.sqrt(np.expm1(variance))

    def quantile(self, probability: npt.ArrayLike, one: Floats, two: Floats) -> Floats:
        return np.asarray(np.exp(one + np.exp(two) * special.ndtri(probability)))

    def start(self, mean: Floats, sd: Floats) -> tuple[Floats, Floats]:
        variance = np.log1p((sd / mean) ** 2)
        return np.log(mean) - variance / 2, np.log(variance) / 2

    def delay(self, one: float, two: float) -> Lognormal:
        return Lognormal(meanlog=float(one), sdlog=float(np.exp(two)))


class _WeibullFamily:
    name: FamilyName = "weibull"

    def tails(
        self, x: Floats, one: Floats, two: Floats, upper: bool
    ) -> tuple[Floats, Floats, Floats]:
        shape = np.exp(two)
        z = np.exp(np.minimum(shape * (np.log(np.maximum(x, _TINY)) - one), 700.0))
        part = special.gammaincc if upper else special.gammainc
        moment = np.exp(one + special.gammaln(1 + 1 / shape)) * part(1 + 1 / shape, z)
        return np.exp(-z) if upper else -np.expm1(-z), moment, shape * z * np.exp(-z)

    def mean_sd(self, one: Floats, two: Floats) -> tuple[Floats, Floats]:
        first = special.gammaln(1 + np.exp(-two))
        second = special.gammaln(1 + 2 * np.exp(-two))
        return np.exp(one + first), np.exp(one + first) * np.sqrt(np.expm1(second - 2 * first))

    def quantile(self, probability: npt.ArrayLike, one: Floats, two: Floats) -> Floats:
        waited = -np.log1p(-np.asarray(probability, dtype=float))
        return np.asarray(np.exp(one + np.exp(-two) * np.log(waited)))

    def start(self, mean: Floats, sd: Floats) -> tuple[Floats, Floats]:
        two = 1.086 * np.log(mean / sd)  # Justus 1978: right to a few per cent, enough to start
        return np.log(mean) - special.gammaln(1 + np.exp(-two)), two

    def delay(self, one: float, two: float) -> Weibull:
        return Weibull(shape=float(np.exp(two)), scale=float(np.exp(one)))


FAMILIES: dict[FamilyName, Family] = {
    "gamma": _GammaFamily(),
    "lognormal": _LognormalFamily(),
    "weibull": _WeibullFamily(),
}
"""In the order in which they are named."""


def integrals(family: Family, x: Floats, one: Floats, two: Floats, *, upper: bool) -> Integrals:
    """Give H at each point x, or K if ``upper``, with its derivatives in θ₁; no delay is negative.

    Examples
    --------
    Of an exponential delay of mean 1, H(x) = x − 1 + e^(−x):

    >>> x = np.array([-1.0, 0.0, 1.0, 2.0])
    >>> integrals(FAMILIES["weibull"], x, np.zeros(4), np.zeros(4), upper=False).value.round(4).tolist()
    [0.0, 0.0, 0.3679, 1.1353]
    """
    positive = np.maximum(x, 0.0)
    share, moment, density = family.tails(positive, one, two, upper)
    bend = positive * density
    if upper:
        return Integrals(moment - positive * share, moment, moment + bend)
    return Integrals(positive * share - moment, -moment, bend - moment)
