"""Counts beside the same weeks of earlier years: Farrington's method, as first published."""

import xarray as xr

from tongchou.surveillance.detection.baseline import Baseline, Year, same_weeks
from tongchou.surveillance.detection.exceedance import (
    LEAST_CASES,
    LEAST_WEEKS,
    LEAST_YEARS_FOR_TREND,
    fit_weeks,
    power_limit,
    weekly_verdict,
    weeks_of,
)
from tongchou.vocabulary.parameter import parameter

YEARS = int(parameter("farrington_years").value)
HALF_WINDOW = int(parameter("farrington_half_window").value)
ALPHA = parameter("farrington_alpha").value
REWEIGH_ABOVE = 1.0
TREND_LEVEL = 0.05


def farrington(
    counts: xr.DataArray,
    *,
    years: int = YEARS,
    half_window: int = HALF_WINDOW,
    alpha: float = ALPHA,
    least_cases: int = LEAST_CASES,
    least_weeks: int = LEAST_WEEKS,
    last: int | None = None,
    year: Year = "date",
) -> xr.Dataset:
    """Judge weekly counts by the same weeks of earlier years (Farrington and others 1996).

    From the w weeks before and after the same week of each of the last b years ::

        log μ_i = α + β t_i,   var(y_i) = φ μ_i,   φ = max(1, Pearson χ² / degrees of freedom)

    - Weeks of past outbreaks weigh less: after a first fit a week whose standardised Anscombe residual
      s_i exceeds 1 gets the weight γ s_i⁻², any other γ, so that they sum to their number; then the fit is made again.
    - The slope is kept where b ≥ 3, its t test is below 5 % and μ_0 is not above the largest
      count of the baseline; else it is left out and all is fitted again.
    - With τ = φ + var(μ̂_0)/μ̂_0 the limit lies on the 2/3 power scale, where counts are least skew ::

        U = μ_0 (1 + 2/3 z_(1−α) √(τ / μ_0))^(3/2)

    and an alarm is given where y_0 > U, the score (y_0 − μ_0)/(U − μ_0) being above 1, if the last
    ``least_weeks`` weeks hold ``least_cases`` cases.

    Parameters
    ----------
    counts : DataArray (place, date), persons per week
        NaN (no report) is left out of the baseline.
    years, half_window
        b and w.
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
        ``observed``, ``expected`` (μ_0), ``threshold`` (U), ``score``, ``alarm``, and the
        probabilities ``at_least`` and ``above``, alike here: on the power scale the normal tail at
        y_0 stands in the middle of the step of a count.

    References
    ----------
    Farrington CP, Andrews NJ, Beale AD, Catchpole MA. J R Stat Soc A 1996;159:547-563,
    doi 10.2307/2983331, sections 3.2 to 3.8.

    Examples
    --------
    Ten cases a week for five years, and then thirty; φ = 1 and τ = 1 + 1/35:

    >>> import numpy as np
    >>> dates = np.datetime64("2014-01-06", "ns") + 7 * np.arange(265) * np.timedelta64(1, "D")
    >>> weekly = np.full((1, 265), 10.0)
    >>> weekly[0, -1] = 30
    >>> given = xr.DataArray(weekly, {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> result = farrington(given, alpha=0.025, last=1)
    >>> round(float(result["threshold"][0, 0]), 4), bool(result["alarm"][0, 0])
    (16.9044, True)
    >>> round(10 * (1 + 2 / 3 * 1.959964 * ((1 + 1 / 35) / 10) ** 0.5) ** 1.5, 4)
    16.9044
    """
    given = weeks_of(counts, years, half_window, "farrington")

    def baseline(now: int) -> Baseline | None:
        return same_weeks(given.dates, now, years, half_window, year)

    level = TREND_LEVEL if years >= LEAST_YEARS_FOR_TREND else 0.0
    positions, fits = fit_weeks(given, baseline, 1, REWEIGH_ABOVE, level, last)
    y = given.values[:, list(positions)]
    threshold, tail = power_limit(y, fits, alpha)
    return weekly_verdict(
        given, positions, fits[..., 0], threshold, (tail, tail), alpha, least_cases, least_weeks
    )
