"""A week beside what earlier years expect: the fits, the limits above them, the verdict."""

from bisect import bisect_left
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy import special

from tongchou.surveillance.detection.baseline import Baseline
from tongchou.surveillance.detection.loglinear import quasi_poisson
from tongchou.surveillance.detection.negative_binomial import quantile, tail_at_least
from tongchou.surveillance.detection.series import (
    WEEK,
    Series,
    Verdict,
    detection,
    judged,
    need_history,
    series,
)
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

LEAST_CASES = int(parameter("farrington_least_cases").value)
LEAST_WEEKS = int(parameter("farrington_least_weeks").value)
LEAST_YEARS_FOR_TREND = 3


def weeks_of(counts: xr.DataArray, years: int, half_window: int, method: str) -> Series:
    """Give weekly counts long enough to judge their last week, or refuse them.

    Raises
    ------
    BadParameter
        If the counts are daily, or fewer than b years and w weeks lie before the last week.
    """
    given = series(counts)
    if given.step != WEEK:
        raise BadParameter(
            "counts",
            "daily",
            Text(
                zh=f"{method} 用周计数。请先用 weekly 汇总成周。",
                en=f"{method} takes weekly counts. Sum them to weeks first, with weekly.",
            ),
        )
    # The same date b years before lies up to half a week and b leap days beyond 52 b weeks.
    need_history(given, round((365.25 * years + 3) / 7) + half_window + 1, method)
    return given


def fit_weeks(
    given: Series,
    baseline: Callable[[int], Baseline | None],
    periods: int,
    reweigh_above: float,
    trend_level: float,
    last: int | None,
) -> tuple[range, Floats]:
    """Fit the baseline of every week that has one; give the weeks and (place, week, 4) of the fits.

    The last axis holds the mean expected, the variance of its logarithm, φ and the slope per week
    (NaN where none was kept). ``trend_level`` 0 looks for no slope.
    """
    end = given.values.shape[1]
    first = bisect_left(range(end), True, key=lambda now: baseline(now) is not None)
    positions = judged(given, first, last)
    freedom = np.maximum(np.arange(end + 1), 1)
    critical = -special.stdtrit(freedom, trend_level / 2) if trend_level > 0 else freedom * 0.0
    fits = np.full((given.values.shape[0], len(positions), 4), np.nan)
    for column, now in enumerate(positions):
        if (found := baseline(now)) is not None:
            fits[:, column] = quasi_poisson(
                given.values, found.weeks, found.period, now, periods, reweigh_above,
                trend_level > 0, critical,
            )  # fmt: skip
    return positions, fits


def power_limit(y: Floats, fits: Floats, alpha: float) -> tuple[Floats, Floats]:
    """Give the limit on the 2/3 power scale and the normal tail there at the count itself.

    μ^(2/3) has variance 4/9 μ^(1/3) τ, τ = φ + var(μ̂)/μ̂ (Farrington and others 1996).
    """
    mean, variance, phi = fits[..., 0], fits[..., 1], fits[..., 2]
    with np.errstate(invalid="ignore", divide="ignore"):
        tau = phi + np.where(mean > 0, variance * mean, 0.0)
        sd = 2 / 3 * np.sqrt(mean ** (1 / 3) * tau)
        limit = (mean ** (2 / 3) - special.ndtri(alpha) * sd) ** 1.5
        tail = special.ndtr((mean ** (2 / 3) - y ** (2 / 3)) / sd)
    return limit, np.where((mean == 0) & (y == 0), 1.0, tail)


def count_limit(
    y: Floats, mean: Floats, phi: Floats, alpha: float
) -> tuple[Floats, tuple[Floats, Floats]]:
    """Give the quantile of the negative binomial with variance φ μ, P(Y ≥ y) and P(Y > y).

    Its size is μ/(φ − 1); with φ = 1 it is the Poisson.
    """
    size = np.where(phi > 1, mean / np.maximum(phi - 1, 1e-300), np.inf)
    size = np.where(mean > 0, size, np.inf)
    limit = quantile(1 - alpha, mean, size)
    return limit, (tail_at_least(y, mean, size), tail_at_least(y + 1, mean, size))


def weekly_verdict(
    given: Series,
    positions: range,
    expected: Floats,
    threshold: Floats,
    tails: tuple[Floats, Floats],
    alpha: float,
    least_cases: int,
    least_weeks: int,
) -> xr.Dataset:
    """Give the verdict of weekly counts: over the limit, and not by a handful of cases."""
    y = given.values[:, list(positions)]
    heard = np.nan_to_num(given.values)
    total = np.cumsum(np.pad(heard, ((0, 0), (least_weeks, 0))), axis=1)
    recent = total[:, least_weeks:] - total[:, :-least_weeks]
    enough = recent[:, list(positions)] >= least_cases
    with np.errstate(invalid="ignore", divide="ignore"):
        score = np.where(y == expected, 0.0, (y - expected) / (threshold - expected))
    at_least, above = (np.where(np.isnan(y) | np.isnan(expected), np.nan, t) for t in tails)
    verdict = Verdict(
        expected=expected,
        threshold=threshold,
        score=score,
        alarm=(y > threshold) & enough,
        at_least=np.where(enough | np.isnan(at_least), at_least, 1.0),
        above=np.where(enough | np.isnan(above), above, 1.0),
    )
    return detection(given, positions, verdict, alpha)
