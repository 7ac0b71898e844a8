"""Counts beside a few reference weeks, by the smallest Bayesian model there is: gamma and Poisson."""

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.surveillance.detection.baseline import Year, years_back
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

HALF_WINDOW = int(parameter("bayes_half_window").value)
ALPHA = parameter("bayes_alpha").value
PRIOR_CASES = 0.5
"""Jeffreys' prior of a Poisson mean: half a case in no time."""


def gamma_poisson(
    counts: xr.DataArray,
    *,
    years: int = 0,
    half_window: int = HALF_WINDOW,
    recent: bool = True,
    alpha: float = ALPHA,
    last: int | None = None,
    year: Year = "date",
) -> xr.Dataset:
    """Judge counts by what a few reference steps let expect, the mean being uncertain (Riebler 2004).

    With S cases in n reference steps — the w before the one judged (``recent``) and the 2w + 1 around the same
    week of each of the last b years — and Jeffreys' prior, the mean is Gamma(S + 1/2, n), and a
    new count is negative binomial ::

        Y ~ NB(mean = (S + 1/2) / n, size = S + 1/2)

    with its 1 − α quantile as limit. Six steps are enough to begin; there is no trend, no season but the
    window's, and no scatter beyond the Poisson's.

    Parameters
    ----------
    counts : DataArray (place, date), persons per step
        NaN (no report) is not counted among the n.
    years, half_window, recent
        b, w, and whether the newest steps are reference; a year needs weekly counts.
    alpha
        Probability above the limit.
    last
        Judge only so many of the last dates.
    year
        How a year back is counted: to the nearest week by date, or 52 weeks.

    Returns
    -------
    Dataset (place, date)
        ``observed``, ``expected``, ``threshold``, ``score`` (−log₁₀ of P(Y ≥ y)), ``alarm``,
        ``at_least``, ``above``.

    References
    ----------
    Riebler A. Empirischer Vergleich von statistischen Methoden zur Ausbruchserkennung bei Surveillance
    Daten. Bachelor's thesis, University of Munich, 2004. Höhle M. Comput Stat 2007;22:571-582,
    doi 10.1007/s00180-007-0074-8.

    Examples
    --------
    Two cases in six weeks, then three:

    >>> dates = np.datetime64("2020-01-06", "ns") + 7 * np.arange(7) * np.timedelta64(1, "D")
    >>> weekly = xr.DataArray([[0.0, 1, 0, 0, 1, 0, 3]], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> result = gamma_poisson(weekly, alpha=0.05)
    >>> round(float(result["expected"][0, 0]), 4), float(result["threshold"][0, 0])
    (0.4167, 2.0)
    """
    given = series(counts)
    if years and given.step != WEEK:
        raise BadParameter(
            "years",
            years,
            Text(zh="回溯年份需要周计数。", en="earlier years take weekly counts."),
        )
    if not years and not recent:
        raise BadParameter(
            "recent", recent, Text(zh="没有任何参照。", en="nothing would be left to refer to.")
        )
    first = max(
        half_window if recent else 0, round((365.25 * years + 3) / 7) + half_window if years else 0
    )
    need_history(given, first + 1, "gamma-poisson")
    positions = judged(given, first, last)
    cases, steps = _references(given, positions, years, half_window, recent, year)
    y = given.values[:, list(positions)]
    size = cases + PRIOR_CASES
    mean = np.where(steps > 0, size / np.maximum(steps, 1), np.nan)
    threshold = quantile(1 - alpha, mean, size)
    at_least = tail_at_least(y, mean, size)
    verdict = Verdict(
        expected=mean,
        threshold=threshold,
        score=-np.log10(np.maximum(at_least, 1e-300)),
        alarm=y > threshold,
        at_least=at_least,
        above=tail_at_least(y + 1, mean, size),
    )
    return detection(given, positions, verdict, alpha)


def _references(
    given: Series, positions: range, years: int, half_window: int, recent: bool, year: Year
) -> tuple[Floats, Floats]:
    """Give the cases in the reference steps of each date, and the number of these steps."""
    heard = np.isfinite(given.values)
    pad = ((0, 0), (1, 0))
    total = np.cumsum(np.pad(np.nan_to_num(given.values), pad), axis=1)
    number = np.cumsum(np.pad(heard.astype(float), pad), axis=1)
    cases = np.zeros((len(total), len(positions)))
    steps = np.zeros_like(cases)
    for column, now in enumerate(positions):
        spans = [(now - half_window, now)] if recent else []
        middles = years_back(given.dates, now, years, year)
        spans += [(m - half_window, m + half_window + 1) for m in middles]
        for start, stop in spans:
            cases[:, column] += total[:, stop] - total[:, start]
            steps[:, column] += number[:, stop] - number[:, start]
    return cases, steps
