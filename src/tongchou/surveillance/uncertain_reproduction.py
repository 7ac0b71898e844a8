"""R_t when the serial interval, or the counts themselves, are known only within limits.

Each draw of the serial interval or of the counts gives a gamma posterior as in
:mod:`tongchou.surveillance.reproduction`; the answer is their equal mixture.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.surveillance.mixture import CELLS_AT_ONCE, gamma_mixture
from tongchou.surveillance.reproduction import (
    CV_LIMIT,
    PRIOR_MEAN,
    PRIOR_SD,
    QUANTILES,
    WINDOW,
    interval_probabilities,
    local_cases,
    mean_days,
    require_positive,
    window_sum,
)
from tongchou.vocabulary.daily import daily_counts
from tongchou.vocabulary.distributions import Gamma, Lognormal, delayed
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

ABOVE = 0.05
"""Days by which a mean or standard deviation stays above its least possible value."""
TRIES = 1_000
"""Rounds of drawing before limits are said to leave nothing to draw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """A normal distribution cut off at two limits: what is known of a mean or standard deviation.

    Examples
    --------
    >>> mean = Limited(mean=5.1, sd=1.0, low=3.7, high=6.5)
    >>> drawn = mean.draw(1000, np.random.default_rng(1))
    >>> bool(((drawn > 3.7) & (drawn < 6.5)).all())
    True
    """

    mean: float
    sd: float
    low: float
    high: float

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Give ``n`` independent values; those beyond the limits are drawn again."""
        drawn = np.full(n, np.nan)
        for _ in range(TRIES):
            missing = np.isnan(drawn)
            if not missing.any():
                return drawn
            fresh = rng.normal(self.mean, self.sd, int(missing.sum()))
            drawn[missing] = np.where((fresh >= self.low) & (fresh <= self.high), fresh, np.nan)
        raise BadParameter("limits", f"{self.low}–{self.high}", _NOTHING_BETWEEN)


def limited(mean: float, sd: float, spread: float, *, least: float) -> Limited:
    """Give a value known within ``spread`` standard deviations, and above ``least``.

    >>> limited(2.7, 0.5, 2.0, least=0.0)
    Limited(mean=2.7, sd=0.5, low=1.7000000000000002, high=3.7)
    """
    require_positive(sd=sd, spread=spread)
    return Limited(
        mean=mean, sd=sd, low=max(mean - spread * sd, least + ABOVE), high=mean + spread * sd
    )


def draw_serial_intervals(mean: Limited, sd: Limited, n: int, rng: np.random.Generator) -> Floats:
    """Give ``n`` serial intervals whose mean and standard deviation are drawn independently.

    Returns
    -------
    array (draw, day)
        Probabilities of 0, 1, 2, … days; shorter ones are filled up with zeros.

    References
    ----------
    Cori A, Ferguson NM, Fraser C, Cauchemez S. Am J Epidemiol 2013;178:1505-1512,
    doi 10.1093/aje/kwt133, web appendix 4.
    """
    if mean.low <= 1:
        raise BadParameter("mean.low", mean.low, _ABOVE_A_DAY)
    drawn = [
        interval_probabilities(Gamma(mean=float(m), sd=float(s)))
        for m, s in zip(mean.draw(n, rng), sd.draw(n, rng), strict=True)
    ]
    return stacked(drawn)


def stacked(intervals: list[Floats]) -> Floats:
    """Give serial intervals of unequal length as one array (draw, day).

    >>> stacked([np.array([0.0, 1.0]), np.array([0.0, 0.5, 0.5])]).tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.5, 0.5]]
    """
    width = max(map(len, intervals))
    return np.stack([np.pad(w, (0, width - len(w))) for w in intervals])


def estimate_reproduction_uncertain(
    new_cases: xr.DataArray,
    serial_intervals: Gamma | Lognormal | Floats,
    *,
    imported: xr.DataArray | None = None,
    window: int = WINDOW,
    prior_mean: float = PRIOR_MEAN,
    prior_sd: float = PRIOR_SD,
    cv_limit: float = CV_LIMIT,
    last: int | None = None,
) -> xr.Dataset:
    """Give R_t with a range that holds the doubt about the serial interval and about the counts.

    For the draws k = 1 … K of serial interval w^k and counts I^k, the posterior is the mixture ::

        R_t ~ Σ_k Gamma(a + Σ L^k_s, b + Σ Λ^k_s) / K,   Λ^k_s = Σ_j w^k_j I^k_(s−j)

    whose moments and quantiles are computed, not sampled. A draw counts from the day on which
    its own mean serial interval has passed. R is given where the mean number of cases in the
    window, over the draws, is enough (see ``estimate_reproduction``).

    Parameters
    ----------
    new_cases : DataArray (place, date) or (draw, place, date), persons per day
        Draws of a nowcast carry its uncertainty into R_t.
    serial_intervals
        One interval, or draws of it: array (draw, day) of the probabilities of 0, 1, 2, … days.
        With draws of both, draw k of the one goes with draw k of the other.
    imported : DataArray (place, date), persons per day
        As in ``estimate_reproduction``; the same for all draws.
    window, prior_mean, prior_sd, cv_limit
        As in ``estimate_reproduction``.
    last
        Give R on the newest so many dates only, where many draws of many places are to be quick.

    Returns
    -------
    Dataset (place, date)
        ``mean``, ``sd``, ``q025``, ``q25``, ``median``, ``q75``, ``q975`` of R, and ``usable``.

    References
    ----------
    Cori A, Ferguson NM, Fraser C, Cauchemez S. Am J Epidemiol 2013;178:1505-1512,
    doi 10.1093/aje/kwt133, web appendix 4. Thompson RN and others. Epidemics 2019;29:100356,
    doi 10.1016/j.epidem.2019.100356.

    Examples
    --------
    Doubt about the serial interval widens the range where cases grow:

    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(30) * np.timedelta64(1, "D")
    >>> rising = np.round(50 * 1.1 ** np.arange(30.0))
    >>> cases = xr.DataArray([rising], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> sure = estimate_reproduction_uncertain(cases, Gamma(mean=5.1, sd=2.7))
    >>> draws = draw_serial_intervals(
    ...     Limited(mean=5.1, sd=1.0, low=2.0, high=8.0), Limited(mean=2.7, sd=0.5, low=1.5, high=4.0),
    ...     100, np.random.default_rng(1))
    >>> unsure = estimate_reproduction_uncertain(cases, draws)
    >>> bool(unsure["sd"][0, -1] > 5 * sure["sd"][0, -1])
    True
    """
    require_positive(window=window, prior_mean=prior_mean, prior_sd=prior_sd, cv_limit=cv_limit)
    W = _draws_of_interval(serial_intervals)
    prior = Gamma(mean=prior_mean, sd=prior_sd)
    many = new_cases.sizes.get("draw", 1)
    at_once = max(1, CELLS_AT_ONCE // max(1, many * new_cases.sizes.get("date", 1)))
    parts = []
    for start in range(0, max(1, new_cases.sizes.get("place", 1)), at_once):
        some = {"place": slice(start, start + at_once)} if "place" in new_cases.dims else {}
        part = None if imported is None else imported.isel(some)
        parts.append(_estimate(new_cases.isel(some), W, part, window, prior, cv_limit, last))
    return xr.concat(parts, "place", join="exact") if len(parts) > 1 else parts[0]


def _estimate(
    new_cases: xr.DataArray,
    W: Floats,
    imported: xr.DataArray | None,
    window: int,
    prior: Gamma,
    cv_limit: float,
    last: int | None,
) -> xr.Dataset:
    I, least = _draws_of_counts(new_cases)
    many = _matched(len(I), len(W))
    away = least.to_numpy() - local_cases(least, imported)
    shape = prior.shape + window_sum(I - away, window)
    enough = 1 / np.sqrt(np.maximum(shape.mean(axis=0), 1e-12)) <= cv_limit
    usable = np.isfinite(shape[0]) & enough
    usable[:, : max(0, I.shape[-1] - last) if last is not None else 0] = False
    some = usable.any(axis=1)
    I, among = I[:, some], usable[some]
    day = np.broadcast_to(np.arange(I.shape[-1]), among.shape)[among]
    rate = np.empty((many, len(day)))
    for k in range(many):
        w = W[min(k, len(W) - 1)]
        infectivity = window_sum(delayed(I[min(k, len(I) - 1)], w), window)[among]
        rate[k] = np.where(day + 1 > mean_days(w), prior.rate + infectivity, np.nan)
    return _labelled(gamma_mixture(shape[:, usable], rate, QUANTILES), usable, least)


def _draws_of_counts(new_cases: xr.DataArray) -> tuple[Floats, xr.DataArray]:
    """Give counts as (draw, place, date) and the least of each cell, which is sound if all are."""
    if "draw" not in new_cases.dims:
        only = daily_counts(new_cases, "new_cases")
        return only.to_numpy()[None], only
    if new_cases.sizes["draw"] == 0:
        raise BadParameter("new_cases", "draw: 0", _NO_DRAWS)
    least = daily_counts(new_cases.min("draw", skipna=False), "new_cases")
    return new_cases.transpose("draw", "place", "date").to_numpy().astype(float), least


def _draws_of_interval(serial_intervals: Gamma | Lognormal | Floats) -> Floats:
    if not isinstance(serial_intervals, np.ndarray) or serial_intervals.ndim < 2:
        return interval_probabilities(serial_intervals)[None]
    if len(serial_intervals) == 0:
        raise BadParameter("serial_intervals", "draw: 0", _NO_DRAWS)
    return np.stack([interval_probabilities(w) for w in serial_intervals])


def _matched(counts: int, intervals: int) -> int:
    if counts > 1 and intervals > 1 and counts != intervals:
        raise BadParameter("serial_intervals", f"{intervals} ≠ {counts}", _UNEQUAL)
    return max(counts, intervals)


def _labelled(
    found: dict[str, Floats], usable: npt.NDArray[np.bool_], frame: xr.DataArray
) -> xr.Dataset:
    known = usable.copy()
    known[usable] = np.isfinite(found["mean"])
    result = xr.Dataset()
    for name, values in found.items():
        cube = np.full(usable.shape, np.nan)
        cube[usable] = values
        result[name] = frame.copy(data=cube)
        result[name].attrs = {"units": "persons infected by one case"}
    result["usable"] = frame.copy(data=known)
    result["usable"].attrs = {"units": "true or false"}
    return result


_NOTHING_BETWEEN = Text(
    zh="两界限之间几乎没有可抽取的值。请放宽界限。",
    en="hardly any value lies between the limits. Widen them.",
)
_ABOVE_A_DAY = Text(
    zh="序列间隔均值的下限必须大于 1 天。", en="the lower limit of the mean must exceed 1 day."
)
_NO_DRAWS = Text(zh="至少要有一次抽样。", en="there must be at least one draw.")
_UNEQUAL = Text(
    zh="两者的抽样次数必须相等，或其中之一只有一次。",
    en="both need the same number of draws, unless one has a single draw.",
)
