"""Counts beside all weeks of earlier years: Farrington's method as Noufaily and others improved it."""

from typing import Literal

import numpy as np
import xarray as xr
from scipy import special

from tongchou.surveillance.detection.baseline import Baseline, Year, all_weeks
from tongchou.surveillance.detection.exceedance import (
    LEAST_CASES,
    LEAST_WEEKS,
    LEAST_YEARS_FOR_TREND,
    count_limit,
    fit_weeks,
    power_limit,
    weekly_verdict,
    weeks_of,
)
from tongchou.surveillance.detection.farrington import ALPHA, HALF_WINDOW, YEARS
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

PERIODS = int(parameter("farrington_periods").value)
LEFT_OUT = int(parameter("farrington_weeks_left_out").value)
REWEIGH_ABOVE = parameter("farrington_reweigh_above").value
TREND_LEVEL = parameter("farrington_trend_level").value

Limit = Literal["nb-plugin", "muan", "delta"]


def farrington_flexible(
    counts: xr.DataArray,
    *,
    years: int = YEARS,
    half_window: int = HALF_WINDOW,
    periods: int = PERIODS,
    left_out: int = LEFT_OUT,
    reweigh_above: float = REWEIGH_ABOVE,
    trend_level: float = TREND_LEVEL,
    limit: Limit = "nb-plugin",
    alpha: float = ALPHA,
    least_cases: int = LEAST_CASES,
    least_weeks: int = LEAST_WEEKS,
    last: int | None = None,
    year: Year = "date",
) -> xr.Dataset:
    """Judge weekly counts by all weeks of earlier years, season by season (Noufaily and others 2013).

    From every week of the last b years but the newest ones ::

        log μ_i = α + β t_i + γ_c(i),   var(y_i) = φ μ_i,   φ = max(1, Pearson χ² / degrees of freedom)

    with c(i) one of ``periods`` seasons, that of the week judged being the 2w + 1 weeks around it
    in each year. Against the method of 1996: all seasons speak, the newest 26 weeks do not, only a residual
    above 2.58 weighs less, and the slope is always kept (``trend_level`` 1) unless it expects more
    now than any week of the baseline had, or b < 3. The limit U is

    - ``nb-plugin``: the 1 − α quantile of the negative binomial of mean μ_0 and variance φ μ_0;
    - ``muan``: the same at the 1 − α quantile of μ_0 itself, exp(η_0 + z_(1−α) se(η_0));
    - ``delta``: that of 1996, on the 2/3 power scale.

    Parameters
    ----------
    counts : DataArray (place, date), persons per week
        NaN (no report) is left out of the baseline.
    years, half_window
        b and w.
    periods
        Seasons of a year; 1 takes the windows alone, as in 1996.
    left_out
        Weeks before the one judged that stay out of its baseline.
    reweigh_above
        Standardised Anscombe residual above which a week weighs less.
    trend_level
        Level of the t test at which a slope is kept; 1 keeps it always, 0 never.
    limit
        How the limit is set.
    alpha
        Probability above the limit, one-sided.
    least_cases, least_weeks
        Fewer cases in so many weeks are no alarm, whatever the limit.
    last
        Judge only so many of the last weeks.
    year
        How a year back is counted: to the nearest week by date, or 52 weeks.

    Returns
    -------
    Dataset (place, date)
        ``observed``, ``expected`` (μ_0), ``threshold`` (U), ``score`` (y_0 − μ_0)/(U − μ_0), ``alarm``,
        ``at_least`` P(Y ≥ y_0) and ``above`` P(Y > y_0). With fewer than ``least_cases`` cases the
        probabilities are 1.

    References
    ----------
    Noufaily A, Enki DG, Farrington P, Garthwaite P, Andrews N, Charlett A. Stat Med 2013;32:1206-1222,
    doi 10.1002/sim.5595. Salmon M, Schumacher D, Höhle M. J Stat Softw 2016;70(10), doi
    10.18637/jss.v070.i10, section 3.1.

    Examples
    --------
    Ten cases a week for five years, and then thirty: the limit is the 99.5 % quantile of Poisson(10).

    >>> dates = np.datetime64("2014-01-06", "ns") + 7 * np.arange(266) * np.timedelta64(1, "D")
    >>> weekly = np.full((1, 266), 10.0)
    >>> weekly[0, -1] = 30
    >>> given = xr.DataArray(weekly, {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> result = farrington_flexible(given, last=1)
    >>> float(result["threshold"][0, 0]), round(float(result["score"][0, 0]), 4)
    (19.0, 2.2222)
    """
    _require_known(limit)
    given = weeks_of(counts, years, half_window, "farrington-flexible")

    def baseline(now: int) -> Baseline | None:
        return all_weeks(given.dates, now, years, half_window, periods, left_out, year)

    level = trend_level if years >= LEAST_YEARS_FOR_TREND else 0.0
    positions, fits = fit_weeks(given, baseline, periods, reweigh_above, level, last)
    y = given.values[:, list(positions)]
    mean, phi = fits[..., 0], fits[..., 2]
    if limit == "delta":
        threshold, tail = power_limit(y, fits, alpha)
        tails = (tail, tail)
    else:
        shift = -special.ndtri(alpha) * np.sqrt(fits[..., 1]) if limit == "muan" else 0.0
        with np.errstate(invalid="ignore", over="ignore"):
            judged_mean = np.where(mean > 0, mean * np.exp(shift), mean)
        threshold, tails = count_limit(y, judged_mean, phi, alpha)
    return weekly_verdict(given, positions, mean, threshold, tails, alpha, least_cases, least_weeks)


def _require_known(limit: str) -> None:
    if limit not in ("nb-plugin", "muan", "delta"):
        raise BadParameter(
            "limit",
            limit,
            Text(zh="可用 nb-plugin、muan、delta。", en="it is nb-plugin, muan or delta."),
        )
