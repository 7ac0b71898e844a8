"""Counts beside what a Bayesian regression on trend, season and day of the week expects."""

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.surveillance.detection.laplace import predictive
from tongchou.surveillance.detection.negative_binomial import (
    quantile,
    smallest,
    tail_at_least,
)
from tongchou.surveillance.detection.series import (
    DAY,
    Series,
    Verdict,
    detection,
    judged,
    need_history,
    series,
)
from tongchou.vocabulary.parameter import parameter

Floats = npt.NDArray[np.float64]

ALPHA = parameter("bayes_alpha").value
BASELINE = {p: int(parameter("bayes_baseline", p).value) for p in ("days", "weeks")}
LEAST = {p: int(parameter("bayes_least_history", p).value) for p in ("days", "weeks")}
GUARD = {p: int(parameter("bayes_guard", p).value) for p in ("days", "weeks")}
TREND_SD = parameter("bayes_trend_sd").value
WEEKDAY_SD = parameter("bayes_weekday_sd").value
SEASON_SD = parameter("bayes_season_sd").value
HARMONICS = 2
YEAR = 365.25
SCATTERS = np.concatenate([[0.0], 0.01 * 1.6 ** np.arange(12)])
"""Values of ω, equally likely beforehand: none, and even on a log scale from 0.01 to 1.8."""

POINTS = ((0.0, 2 / 3), (np.sqrt(3), 1 / 6), (-np.sqrt(3), 1 / 6))
"""Points and weights of a normal distribution by three (Gauss–Hermite)."""


def count_regression(
    counts: xr.DataArray,
    *,
    baseline: int | None = None,
    guard: int | None = None,
    alpha: float = ALPHA,
    last: int | None = None,
) -> xr.Dataset:
    """Judge counts by a negative binomial regression and its posterior predictive limit.

    From up to n steps that end ``guard`` steps before the one judged ::

        y_i ~ NB(μ_i, ω),  var = μ_i + ω μ_i²,   log μ_i = β_0 + β_1 x_i + …

    - days: … = δ_(day of the week);
    - weeks: … = Σ_(h = 1, 2) a_h cos(2πh d_i/365.25) + b_h sin(2πh d_i/365.25), d_i days;

    x_i from −1/2 to 1/2 over the baseline. Priors are normal about 0, those of β_0 and ω are half a case
    and a grid. For each ω the posterior is its top and curvature (Laplace); for the count judged
    that is a log mean η with variance v, told as the gamma of mean e^η and relative variance v, so that the
    count is negative binomial again, 1/size = ω (1 + v) + v; over the grid 1/size is told as lognormal, by three
    points. The limit is the 1 − α quantile of that.

    With Poisson counts, no trend and no weekday it is the gamma–Poisson detector exactly.

    Parameters
    ----------
    counts : DataArray (place, date), persons per step
        NaN (no report) is left out.
    baseline, guard
        Steps; without them those of the table for days or weeks.
    alpha
        Probability above the limit.
    last
        Judge only so many of the last dates.

    Returns
    -------
    Dataset (place, date)
        ``observed``, ``expected``, ``threshold``, ``score`` (−log₁₀ of P(Y ≥ y)), ``alarm``,
        ``at_least``, ``above``.

    References
    ----------
    Manitz J, Höhle M. Biom J 2013;55:509-526, doi 10.1002/bimj.201200141 (the idea). Tierney L, Kadane JB. J Am Stat
    Assoc 1986;81:82-86, doi 10.1080/01621459.1986.10478240.

    Examples
    --------
    >>> dates = np.datetime64("2020-01-01", "ns") + np.arange(92) * np.timedelta64(1, "D")
    >>> daily = np.full((1, 92), 10.0)
    >>> daily[0, -1] = 30
    >>> visits = xr.DataArray(daily, {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> result = count_regression(visits, last=1)
    >>> round(float(result["expected"][0, 0])), bool(result["alarm"][0, 0])
    (10, True)
    """
    given = series(counts)
    unit = "days" if given.step == DAY else "weeks"
    baseline = BASELINE[unit] if baseline is None else baseline
    guard = GUARD[unit] if guard is None else guard
    least = min(LEAST[unit], baseline) + guard
    need_history(given, least + 1, "bayes")
    positions = judged(given, least, last)
    features, precision = _features(given)
    found = predictive(given.values, features, positions[0], baseline, guard, precision, SCATTERS)
    mean = found[..., 0]
    y = given.values[:, list(positions)]
    threshold = _limit(found, alpha)
    at_least = _tail(y, found)
    verdict = Verdict(
        expected=mean,
        threshold=threshold,
        score=-np.log10(np.maximum(at_least, 1e-300)),
        alarm=y > threshold,
        at_least=at_least,
        above=_tail(y + 1, found),
    )
    return detection(given, positions, verdict, alpha)


def _tail(y: Floats, found: Floats) -> Floats:
    """Give P(Y ≥ y), the negative binomials of three sizes weighed together.

    1/size is uncertain; three points, exp(mean ± √3 sd) and the mean of its logarithm, stand for it
    (Gauss–Hermite). One size alone would make far tails too thin.
    """
    mean, middle, sd = found[..., 0], found[..., 1], found[..., 2]
    parts = [w * tail_at_least(y, mean, np.exp(-middle - z * sd)) for z, w in POINTS]
    return np.asarray(sum(parts))


def _limit(found: Floats, alpha: float) -> Floats:
    """Give the smallest whole y with P(Y > y) ≤ α."""
    known = np.isfinite(found[..., 0])
    rows = found[known]
    start = quantile(1 - alpha, rows[:, 0], np.exp(-rows[:, 1]))
    limit = np.full(known.shape, np.nan)
    limit[known] = smallest(start, lambda y: _tail(y + 1, rows) <= alpha)
    return limit


def _features(given: Series) -> tuple[Floats, Floats]:
    """Give what is known of each date beforehand, and the precision of the prior of each coefficient."""
    days = given.dates.astype("datetime64[D]").astype(np.int64)
    if given.step == DAY:
        features = np.eye(7)[days % 7]
        sd = np.full(7, WEEKDAY_SD)
    else:
        angle = 2 * np.pi * np.outer(days / YEAR, np.arange(1, HARMONICS + 1))
        features = np.concatenate([np.cos(angle), np.sin(angle)], axis=1)
        sd = np.full(2 * HARMONICS, SEASON_SD)
    return features, np.concatenate([[0.0], [TREND_SD**-2], sd**-2])
