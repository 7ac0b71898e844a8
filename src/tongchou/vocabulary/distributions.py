"""Delays as distributions: named parameters, day-by-day probabilities, and a series delayed by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt
from scipy import special

from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

TAIL = 1e-9
"""Probability left out beyond the last day of a discretised delay: below every printed digit."""


class Delay(Protocol):
    """A positive continuous delay in days."""

    @property
    def mean(self) -> float:
        """Give the mean, days."""

    def cdf(self, days: npt.ArrayLike) -> Floats:
        """Give P(X ≤ days)."""

    def quantile(self, probability: npt.ArrayLike) -> Floats:
        """Give the day before which the delay has ended with this probability."""


def _require_positive(**values: float) -> None:
    for name, value in values.items():
        if not (np.isfinite(value) and value > 0):
            raise BadParameter(
                name,
                value,
                Text(
                    zh="延迟分布的参数必须是有限的正数。请核对参数表中的这一行。",
                    en="a parameter of a delay must be finite and positive. Check its row in the table of parameters.",
                ),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gamma:
    """A gamma distribution, given by its mean and standard deviation.

    shape = (mean / sd)², rate = mean / sd².

    Examples
    --------
    >>> onset_to_death = Gamma(mean=17.8, sd=8.0)
    >>> round(onset_to_death.shape, 2), round(float(onset_to_death.quantile(0.5)), 1)
    (4.95, 16.6)
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        _require_positive(mean=self.mean, sd=self.sd)

    @classmethod
    def from_shape_rate(cls, *, shape: float, rate: float) -> Self:
        """Make the gamma whose density is proportional to x^(shape−1) e^(−rate·x)."""
        _require_positive(shape=shape, rate=rate)
        return cls(mean=shape / rate, sd=float(np.sqrt(shape)) / rate)

    @property
    def shape(self) -> float:
        """Shape, (mean / sd)²."""
        return (self.mean / self.sd) ** 2

    @property
    def rate(self) -> float:
        """Rate, mean / sd², per day."""
        return self.mean / self.sd**2

    def cdf(self, days: npt.ArrayLike) -> Floats:
        """Give P(X ≤ days)."""
        x = np.maximum(np.asarray(days, dtype=float), 0.0)
        return np.asarray(special.gammainc(self.shape, self.rate * x))

    def quantile(self, probability: npt.ArrayLike) -> Floats:
        """Give the inverse of :meth:`cdf`."""
        return np.asarray(special.gammaincinv(self.shape, probability) / self.rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lognormal:
    """A lognormal distribution, given by mean and standard deviation of the logarithm.

    Examples
    --------
    Incubation after Lauer and others 2020 (doi 10.7326/M20-0504): median 5.1 days, and 97.5 per
    cent of the people who fall ill do so within 11.5 days.

    >>> incubation = Lognormal(meanlog=1.621, sdlog=0.418)
    >>> incubation.quantile([0.5, 0.975]).round(1).tolist()
    [5.1, 11.5]
    """

    meanlog: float
    sdlog: float

    def __post_init__(self) -> None:
        _require_positive(sdlog=self.sdlog)

    @classmethod
    def from_mean_sd(cls, *, mean: float, sd: float) -> Self:
        """Make the lognormal with this mean and standard deviation on the day scale."""
        _require_positive(mean=mean, sd=sd)
        variance = float(np.log1p((sd / mean) ** 2))
        return cls(meanlog=float(np.log(mean)) - variance / 2, sdlog=variance**0.5)

    @property
    def mean(self) -> float:
        """Mean on the day scale, exp(meanlog + sdlog² / 2)."""
        return float(np.exp(self.meanlog + self.sdlog**2 / 2))

    @property
    def sd(self) -> float:
        """Standard deviation on the day scale."""
        return self.mean * float(np.sqrt(np.expm1(self.sdlog**2)))

    def cdf(self, days: npt.ArrayLike) -> Floats:
        """Give P(X ≤ days)."""
        x = np.maximum(np.asarray(days, dtype=float), 1e-300)
        return np.asarray(special.ndtr((np.log(x) - self.meanlog) / self.sdlog))

    def quantile(self, probability: npt.ArrayLike) -> Floats:
        """Give the inverse of :meth:`cdf`."""
        return np.asarray(np.exp(self.meanlog + self.sdlog * special.ndtri(probability)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Weibull:
    """A Weibull distribution: P(X > x) = exp(−(x / scale)^shape).

    Examples
    --------
    Shape 1 is the exponential distribution:

    >>> wait = Weibull(shape=1.0, scale=3.0)
    >>> round(wait.mean, 6), round(wait.sd, 6), round(float(wait.quantile(0.5)), 2)
    (3.0, 3.0, 2.08)
    """

    shape: float
    scale: float

    def __post_init__(self) -> None:
        _require_positive(shape=self.shape, scale=self.scale)

    @property
    def mean(self) -> float:
        """Mean, scale · Γ(1 + 1 / shape)."""
        return self.scale * float(special.gamma(1 + 1 / self.shape))

    @property
    def sd(self) -> float:
        """Standard deviation, mean · √(Γ(1 + 2 / shape) / Γ(1 + 1 / shape)² − 1)."""
        ratio = special.gammaln(1 + 2 / self.shape) - 2 * special.gammaln(1 + 1 / self.shape)
        return self.mean * float(np.sqrt(np.expm1(ratio)))

    def cdf(self, days: npt.ArrayLike) -> Floats:
        """Give P(X ≤ days)."""
        x = np.maximum(np.asarray(days, dtype=float), 0.0)
        return np.asarray(-np.expm1(-((x / self.scale) ** self.shape)))

    def quantile(self, probability: npt.ArrayLike) -> Floats:
        """Give the inverse of :meth:`cdf`."""
        waited = -np.log1p(-np.asarray(probability, dtype=float))
        return np.asarray(self.scale * waited ** (1 / self.shape))


def daily_probabilities(delay: Delay, last_day: int | None = None) -> Floats:
    """Give the probability that start and end of a delay are dated 0, 1, 2, … days apart.

    p_0 = F(½), p_k = F(k + ½) − F(k − ½), normalised over 0 … ``last_day``: the delay rounded to the day,
    which keeps its mean when both ends are known only to the day.

    Parameters
    ----------
    delay
        Continuous delay, days.
    last_day
        Last day kept; by default the day beyond which less than 10⁻⁹ remains.

    Examples
    --------
    >>> p = daily_probabilities(Gamma(mean=17.8, sd=8.0))
    >>> round(float((p * np.arange(len(p))).sum()), 2)
    17.8
    """
    last = int(np.ceil(delay.quantile(1 - TAIL))) if last_day is None else last_day
    edges = np.concatenate([[0.0], np.arange(last + 1) + 0.5])
    p = np.diff(delay.cdf(edges))
    return np.asarray(p / p.sum())


def doubly_censored_probabilities(delay: Delay, last_day: int | None = None) -> Floats:
    """Give the probability that two events dated to the day are 0, 1, 2, … days apart.

    The first event falls anywhere within its day, evenly, and the second a delay later ::

        p_k = ∫₀¹ F(k + 1 − u) − F(k − u) du

    normalised over 0 … ``last_day``. :func:`daily_probabilities` takes the middle of the day for
    the whole of it, which is near enough for long delays and not for those of a day or two.

    Parameters
    ----------
    delay
        Continuous delay, days.
    last_day
        Last day kept; by default the day beyond which less than 10⁻⁹ remains.

    References
    ----------
    Park SW and others, Estimating epidemiological delay distributions for infectious diseases,
    medRxiv 2024, doi 10.1101/2024.01.12.24301247.

    Examples
    --------
    Of an exponential delay of mean 1, p_0 = 1/e and p_k = (e − 1)² e^(−k − 1):

    >>> doubly_censored_probabilities(Gamma(mean=1.0, sd=1.0))[:3].round(4).tolist()
    [0.3679, 0.3996, 0.147]
    """
    last = int(np.ceil(delay.quantile(1 - TAIL))) + 1 if last_day is None else last_day
    nodes, weights = np.polynomial.legendre.leggauss(32)
    # u = v²(3 − 2v) crowds the nodes at both ends of the day, where F may rise like a root.
    v = (nodes + 1) / 2
    u, weights = v**2 * (3 - 2 * v), weights / 2 * 6 * v * (1 - v)
    passed = delay.cdf(np.arange(last + 1)[:, None] + u) @ weights
    p = np.diff(passed, prepend=0.0)
    return np.asarray(p / p.sum())


def serial_interval_probabilities(
    serial_interval: Gamma | Lognormal, last_day: int | None = None
) -> Floats:
    """Give the probability of a serial interval of 0, 1, 2, … days, both ends dated to the day.

    The interval is 1 day plus a gamma of mean μ − 1 and standard deviation σ, and both onsets
    are known only to the day. With a = ((μ − 1) / σ)², b = σ² / (μ − 1) and F(k; a, b) the gamma
    cumulative distribution::

        w_k = k F(k; a, b) + (k − 2) F(k − 2; a, b) − 2 (k − 1) F(k − 1; a, b)
              + a b [2 F(k − 1; a + 1, b) − F(k − 2; a + 1, b) − F(k; a + 1, b)]

    and w_0 = 0: nobody infects on the day of their own onset.

    Parameters
    ----------
    serial_interval
        Mean μ > 1 and standard deviation σ, days; only these two are used.
    last_day
        Last day kept; by default the day beyond which less than 10⁻⁹ remains.

    References
    ----------
    Cori A, Ferguson NM, Fraser C, Cauchemez S. Am J Epidemiol 2013;178:1505-1512,
    doi 10.1093/aje/kwt133, web appendix 11.

    Examples
    --------
    >>> serial_interval_probabilities(Gamma(mean=2.6, sd=1.5))[:4].round(7).tolist()
    [0.0, 0.2331721, 0.3585794, 0.1981108]
    """
    mu, sigma = serial_interval.mean, serial_interval.sd
    if mu <= 1:
        raise BadParameter(
            "serial_interval.mean",
            mu,
            Text(
                zh="以日计的序列间隔均值必须大于 1 天，否则日数据无法分辨代际。请改用更长的间隔。",
                en="the mean serial interval must exceed 1 day, or daily data cannot tell the generations apart. Use a longer interval.",
            ),
        )
    a, b = ((mu - 1) / sigma) ** 2, sigma**2 / (mu - 1)
    tail = Gamma(mean=mu - 1, sd=sigma).quantile(1 - TAIL)
    last = int(np.ceil(tail)) + 2 if last_day is None else last_day
    k = np.arange(last + 1, dtype=float)

    def F(x: Floats, shape: float) -> Floats:
        return np.asarray(special.gammainc(shape, np.maximum(x, 0.0) / b))

    w = k * F(k, a) + (k - 2) * F(k - 2, a) - 2 * (k - 1) * F(k - 1, a)
    w += a * b * (2 * F(k - 1, a + 1) - F(k - 2, a + 1) - F(k, a + 1))
    w[0] = 0.0
    w = np.maximum(w, 0.0)
    return np.asarray(w / w.sum())


def delayed(series: npt.ArrayLike, probabilities: Sequence[float] | Floats) -> Floats:
    """Give a daily series as it arrives after a delay: y_t = Σ_k p_k x_(t−k), dates last.

    Days before the series starts count as zero.

    Examples
    --------
    >>> delayed([10.0, 0.0, 0.0], [0.5, 0.3, 0.2]).tolist()
    [5.0, 3.0, 2.0]
    """
    x = np.asarray(series, dtype=float)
    y = np.zeros_like(x)
    for k, p in enumerate(np.asarray(probabilities, dtype=float)[: x.shape[-1]]):
        if p:
            y[..., k:] += p * x[..., : x.shape[-1] - k]
    return y
