"""Counts beside the days just before: the three charts C1, C2 and C3 of EARS."""

from typing import Literal

import numpy as np
import numpy.typing as npt
import xarray as xr
from numpy.lib.stride_tricks import sliding_window_view
from scipy import special

from tongchou.surveillance.detection.series import (
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
Chart = Literal["C1", "C2", "C3"]

BASELINE = int(parameter("ears_baseline").value)
LIMIT: dict[Chart, float] = {
    "C1": parameter("ears_limit", "C1 and C2").value,
    "C2": parameter("ears_limit", "C1 and C2").value,
    "C3": parameter("ears_limit", "C3").value,
}
LEAST_SD = parameter("ears_least_sd").value
GUARD: dict[Chart, int] = {"C1": 0, "C2": 2, "C3": 2}
C3_FALSE_ALARM = 0.063
"""For normal counts and the settings of the source, by simulation of 10⁷ days."""
SPAN: dict[Chart, int] = {"C1": 1, "C2": 1, "C3": 3}
"""Days whose excess is added up."""


def ears(
    counts: xr.DataArray,
    chart: Chart = "C2",
    *,
    baseline: int = BASELINE,
    limit: float | None = None,
    least_sd: float = LEAST_SD,
    last: int | None = None,
) -> xr.Dataset:
    """Judge counts by the mean and standard deviation of the days just before (EARS).

    With m_t and s_t mean and standard deviation of n days, C_t = (y_t − m_t) / s_t:

    - C1: the n days end the day before t; alarm where C1_t > 3;
    - C2: they end two days earlier, so that a beginning rise does not hide itself; C2_t > 3;
    - C3: Σ_(i = t−2 … t) max(0, C2_i − 1) > 2, for a rise spread over three days.

    C_t is not normal: s_t rests on n numbers, and counts are skew. The probabilities therefore
    are the larger of two: the t distribution (n − 1 degrees of freedom) of the difference of means
    of the cube roots, which are less skew, and the exact binomial, given the sum, of the days judged beside
    the days of the baseline. For C3 they are those of the last three days together.

    Parameters
    ----------
    counts : DataArray (place, date), persons per step
    chart
        C1, C2 or C3.
    baseline
        n, steps.
    limit
        Of C1 and C2, standard deviations; of C3, the sum. Without it that of the source.
    least_sd
        Smallest s_t, persons; without it (0) any case after days of equal counts is an alarm.
    last
        Judge only so many of the last dates.

    Returns
    -------
    Dataset (place, date)
        ``observed``, ``expected`` (m_t), ``threshold`` (the count above which the chart passes its limit today,
        0 if the two days before suffice), ``score`` (C_t), ``alarm``, ``at_least``, ``above``.

    References
    ----------
    Hutwagner L, Thompson W, Seeman GM, Treadwell T. J Urban Health 2003;80:i89-i96, doi 10.1007/PL00022319.

    Examples
    --------
    >>> dates = np.datetime64("2020-01-01", "ns") + np.arange(10) * np.timedelta64(1, "D")
    >>> visits = xr.DataArray(
    ...     [[3.0, 5, 4, 4, 5, 3, 4, 9, 4, 8]], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> result = ears(visits, "C2")  # mean 4, standard deviation √(4/6)
    >>> float(result["expected"][0, 0]), round(float(result["score"][0, 0]), 3)
    (4.0, 4.899)
    """
    if chart not in LIMIT or baseline < 3:
        name, value = ("chart", chart) if chart not in LIMIT else ("baseline", baseline)
        raise BadParameter(
            name,
            value,
            Text(
                zh="图为 C1、C2 或 C3，基线至少 3 步。",
                en="the chart is C1, C2 or C3, its baseline at least 3 steps.",
            ),
        )
    given = series(counts)
    span, guard = SPAN[chart], GUARD[chart]
    first = baseline + guard + span - 1
    need_history(given, first + 1, f"ears-{chart.lower()}")
    positions = judged(given, first, last)
    limit = LIMIT[chart] if limit is None else limit
    begin = positions[0] - span + 1
    y = given.values[:, begin:]
    past = _past(given, begin, baseline, guard)
    mean, sd = past.mean(axis=-1), np.maximum(past.std(axis=-1, ddof=1), least_sd)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(y == mean, 0.0, (y - mean) / sd)
    if chart == "C3":
        excess = np.maximum(score - 1, 0.0)
        before = excess[:, :-2] + excess[:, 1:-1]
        score = before + excess[:, 2:]
        mean, sd = mean[:, 2:], sd[:, 2:]
        threshold = np.where(before > limit, 0.0, mean + sd * (1 + limit - before))
    else:
        threshold = mean + limit * sd
    at_least, above = (_tail(given, begin, baseline, guard, span, more) for more in (0, 1))
    verdict = Verdict(
        expected=mean,
        threshold=np.where(np.isnan(mean), np.nan, threshold),
        score=score,
        alarm=score > limit,
        at_least=at_least,
        above=above,
    )
    return detection(given, positions, verdict, _false_alarm(chart, baseline, limit))


def _false_alarm(chart: Chart, n: int, limit: float) -> float:
    """Give the probability of an alarm for normal counts: P(t_(n−1) > limit / √(1 + 1/n)); C3 as simulated."""
    if chart != "C3":
        return float(special.stdtr(n - 1, -limit / np.sqrt(1 + 1 / n)))
    return C3_FALSE_ALARM if (n, limit) == (BASELINE, LIMIT["C3"]) else float("nan")


def _past(given: Series, begin: int, n: int, guard: int) -> Floats:
    """Give (place, date from ``begin``, n): the baseline of each date."""
    stop = given.values.shape[1] - guard - 1
    return sliding_window_view(given.values[:, begin - guard - n : stop], n, axis=1)


def _tail(given: Series, begin: int, n: int, guard: int, span: int, more: int) -> Floats:
    """Give the probability of at least so many cases (``more`` 1: of more) in the ``span`` days judged.

    The larger of the t distribution of (ȳ − m) / (s √(1/span + 1/n)) on the scale of cube roots, for
    one day half a case off for the steps of a count, and of the binomial of the cases of these
    days among them and those of the baseline, with chance span / (span + n).
    """
    y = given.values[:, begin:]
    root = np.cbrt(np.maximum(y + more - 0.5, 0.0) if span == 1 else y)
    newest = sliding_window_view(root, span, axis=1).mean(axis=-1)
    days = sliding_window_view(y, span, axis=1).sum(axis=-1)
    past = _past(given, begin + span - 1, n, guard)
    roots = np.cbrt(past)
    cases = past.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = newest - roots.mean(axis=-1)
        t = apart / (roots.std(axis=-1, ddof=1) * np.sqrt(1 / span + 1 / n))
        scatter = special.stdtr(n - 1, -t)
        rare = special.betainc(
            np.maximum(days + more, 1), np.maximum(cases + 1 - more, 1e-9), span / (span + n)
        )
    rare = np.where(days + more == 0, 1.0, rare)
    return np.where(np.isnan(cases + days), np.nan, np.fmax(scatter, rare))
