"""What is reported of an epidemic: delays, the share found, and a scale on which counts vary evenly.

References
----------
Anscombe FJ. Biometrika 1948;35:246, doi 10.1093/biomet/35.3-4.246 (the inverse hyperbolic sine of a
negative-binomial count). Li R and others. Science 2020;368:489, doi 10.1126/science.abb3221
(delay and reporting fraction of an ensemble's infections).
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy import special, stats

from tongchou.vocabulary.compiled import compiled
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]

TABLE_TO = 400.0
"""Mean up to which the moments of the scale are summed exactly; beyond it they no longer change."""


@dataclass(frozen=True, slots=True)
class CountScale:
    """A scale on which a negative-binomial count has a standard deviation of 1 and growth is nearly a line.

    With dispersion k (variance m + m²/k) ::

        f(y) = 2 / √ψ′(k) · arsinh √((y + 3/8) / (k − 3/4))

    It is a square root for few cases and a logarithm for many. Mean and variance of f(Y) for a
    count of mean m are summed over the distribution, so that few cases are not taken for normal.

    Examples
    --------
    >>> scale = CountScale(10.0)
    >>> scale.of([0, 10, 1000]).round(2).tolist()
    [1.23, 5.69, 18.73]
    >>> scale.variance([0.01, 10.0, 1e5]).round(2).tolist()  # hardly any, and 1 where cases are many
    [0.01, 1.0, 1.0]
    """

    dispersion: float
    _log_mean: Floats = field(init=False, repr=False)
    _shift: Floats = field(init=False, repr=False)
    _variance: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        k = self.dispersion
        if not k >= 1:
            raise BadParameter("dispersion", k, _DISPERSION)
        means = np.geomspace(1e-3, TABLE_TO, 120)
        shift, variance = np.empty(len(means)), np.empty(len(means))
        for n, m in enumerate(means):
            last = int(m + 14 * np.sqrt(m + m * m / k)) + 20
            y = np.arange(last + 1)
            p = stats.nbinom.pmf(y, k, k / (k + m))
            f = self.of(y)
            mean = (p * f).sum()
            shift[n], variance[n] = mean - self.of(m), (p * (f - mean) ** 2).sum()
        object.__setattr__(self, "_log_mean", np.log(means))
        object.__setattr__(self, "_shift", shift)
        object.__setattr__(self, "_variance", variance)

    def of(self, counts: npt.ArrayLike) -> Floats:
        """Give f of counts."""
        k = self.dispersion
        y = np.asarray(counts, dtype=float)
        stretch = 2 / np.sqrt(special.polygamma(1, k))
        return np.asarray(stretch * np.arcsinh(np.sqrt((y + 0.375) / (k - 0.75))))

    def expected(self, means: npt.ArrayLike) -> Floats:
        """Give E f(Y) for counts of these means."""
        m = np.maximum(np.asarray(means, dtype=float), 1e-6)
        return np.asarray(self.of(m) + np.interp(np.log(m), self._log_mean, self._shift))

    def variance(self, means: npt.ArrayLike) -> Floats:
        """Give Var f(Y) for counts of these means."""
        m = np.maximum(np.asarray(means, dtype=float), 1e-6)
        return np.asarray(np.interp(np.log(m), self._log_mean, self._variance))


def infection_to_report(incubation: npt.ArrayLike, onset_to_report: npt.ArrayLike) -> Floats:
    """Give the probability of 0, 1, 2, … days from infection to report: two delays one after the other.

    Parameters
    ----------
    incubation, onset_to_report
        Probabilities of 0, 1, 2, … days, as :func:`tongchou.vocabulary.distributions.daily_probabilities`
        gives them.

    Examples
    --------
    >>> infection_to_report([0.0, 0.5, 0.5], [0.0, 1.0]).tolist()
    [0.0, 0.0, 0.5, 0.5]
    """
    both = np.convolve(np.asarray(incubation, float), np.asarray(onset_to_report, float))
    return np.asarray(both / both.sum())


def delay_table(delay: npt.ArrayLike | xr.DataArray, dates: Days) -> Floats:
    """Give the delay by day of infection (day, lag), from one for all days or one for each.

    Parameters
    ----------
    delay
        Probabilities of 0, 1, 2, … days from infection to report; or a DataArray (date, lag) whose
        dates are the days from which a row holds.
    dates
        Days of the model.

    Raises
    ------
    BadParameter
        If a row is no probability distribution.

    Examples
    --------
    >>> delay_table([0.25, 0.75], np.array(["2020-01-01", "2020-01-02"], "datetime64[D]")).tolist()
    [[0.25, 0.75], [0.25, 0.75]]
    """
    if isinstance(delay, xr.DataArray):
        rows = delay.transpose("date", "lag").sortby("date")
        begins = rows["date"].to_numpy().astype("datetime64[D]")
        at = np.clip(np.searchsorted(begins, dates, side="right") - 1, 0, None)
        table = rows.to_numpy().astype(float)[at]
    else:
        table = np.broadcast_to(np.asarray(delay, dtype=float), (len(dates), np.size(delay)))
    sums = table.sum(axis=1)
    if not ((table >= 0).all() and np.allclose(sums, 1, atol=1e-6)):
        raise BadParameter("delay", float(sums[np.argmax(np.abs(sums - 1))]), _DELAY)
    return np.ascontiguousarray(table)


@compiled(nogil=True)
def arrive(infections: Any, delay: Any, out: Any) -> None:
    """Fill ``out`` (day, place) with infections (day, place) as they would be reported, all of them.

    ``delay`` (day of infection, lag).
    """
    days, places = infections.shape
    out[:] = 0.0
    for s in range(days):
        for lag in range(min(delay.shape[1], days - s)):
            p = delay[s, lag]
            if p > 0.0:
                for i in range(places):
                    out[s + lag, i] += p * infections[s, i]


_DISPERSION = Text(
    zh="须不小于 1；更小则计数几乎不含信息。",
    en="it must be at least 1; below that a count tells next to nothing.",
)
_DELAY = Text(
    zh="每行须为不小于零、合计为 1 的概率。可用 daily_probabilities 由分布得到。",
    en="each row must be probabilities, none below zero, that sum to 1. daily_probabilities gives them from a distribution.",
)
