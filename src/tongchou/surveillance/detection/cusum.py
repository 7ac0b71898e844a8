"""Small lasting rises, added up until they stand out: the CUSUM of Rossi for counts."""

import numpy as np
import numpy.typing as npt
import xarray as xr
from numpy.lib.stride_tricks import sliding_window_view

from tongchou.surveillance.detection.run_length import Chart, chart_for, resting_tail, run_length
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

IN_CONTROL = parameter("cusum_in_control").value
OUT_OF_CONTROL = parameter("cusum_out_of_control").value
BASELINE = int(parameter("cusum_baseline").value)
GUARD = int(parameter("cusum_guard").value)
LEAST_MEAN = parameter("cusum_least_mean").value


def cusum(
    counts: xr.DataArray,
    expected: xr.DataArray | None = None,
    *,
    chart: Chart | None = None,
    reset: bool = True,
    baseline: int = BASELINE,
    guard: int = GUARD,
    least_mean: float = LEAST_MEAN,
) -> xr.Dataset:
    """Add up what counts exceed their expectation by (Rossi and others 1999).

    With μ_t the count expected, a Poisson count is made nearly normal ::

        z_t = (y_t − 3 μ_t + 2 √(y_t μ_t)) / (2 √μ_t),   C_t = max(0, C_(t−1) + z_t / √φ_t − k)

    and an alarm is given where C_t ≥ h.

    - Without ``expected``, μ_t is the mean of n steps that end ``guard`` steps before t, and
      φ_t = max(1, variance / mean) of the same steps allows for scatter beyond the Poisson's.
    - With it, μ_t is as given and φ = 1.

    Parameters
    ----------
    counts : DataArray (place, date), persons per step
        A step without a report leaves C as it was.
    expected : DataArray (place, date), persons per step
        From another model; its dates are those judged.
    chart
        k and h, standard deviations. Without it, those of a mean run of 500 steps while nothing goes
        on and of 3 after a shift by 2k.
    reset
        Begin again at zero after an alarm, so that the next alarm is a new one; else the alarm
        lasts until C falls below h.
    baseline, guard
        Steps.
    least_mean
        Smallest μ_t of a baseline, persons per step: below it counts are too rare for the normal scale.

    Returns
    -------
    Dataset (place, date)
        ``observed``, ``expected``, ``threshold`` (the count today at which C reaches h), ``score`` (C_t),
        ``alarm``; ``at_least`` and ``above``: the probability that a chart never reset stands at C_t or
        higher while nothing goes on.

    References
    ----------
    Rossi G, Lampugnani L, Marchi M. Stat Med 1999;18:2111-2122,
    doi 10.1002/(SICI)1097-0258(19990830)18:16<2111::AID-SIM171>3.0.CO;2-Q.

    Examples
    --------
    >>> dates = np.datetime64("2020-01-01", "ns") + np.arange(4) * np.timedelta64(1, "D")
    >>> cases = xr.DataArray([[4.0, 9, 9, 4]], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> result = cusum(cases, xr.full_like(cases, 4), chart=Chart(k=0.5, h=3))
    >>> result["score"].values[0].tolist()  # z = 0, 2.25, 2.25, 0
    [0.0, 1.75, 3.5, 0.0]
    >>> round(float(result["threshold"][0, 1]), 3), bool(result["alarm"][0, 2])
    (12.091, True)
    """
    given = series(counts)
    chart = chart_for(IN_CONTROL, OUT_OF_CONTROL) if chart is None else chart
    if not (chart.k > 0 and chart.h > 0):
        raise BadParameter(
            "chart", chart, Text(zh="k 与 h 必须大于零。", en="k and h must be positive.")
        )
    if expected is None:
        positions, mean, scatter = _recent(given, baseline, guard, least_mean)
    else:
        positions, mean = _handed_in(given, expected)
        scatter = np.ones_like(mean)
    y = given.values[:, list(positions)]
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(mean)
        z = (y - 3 * mean + 2 * np.sqrt(y * mean)) / (2 * root) / scatter
    score, before, alarm = _add_up(z, chart, reset)
    room = (chart.h + chart.k - before) * scatter
    with np.errstate(invalid="ignore"):
        # y at which z reaches the room left: a quadratic in √y.
        reach = np.sqrt(np.maximum(4 * mean + 2 * root * room, 0.0)) - root
    tail = np.where(np.isnan(z), np.nan, resting_tail(score, chart.k))
    verdict = Verdict(
        expected=mean,
        threshold=np.maximum(reach, 0.0) ** 2,
        score=np.where(np.isnan(z), np.nan, score),
        alarm=alarm,
        at_least=tail,
        above=tail,
    )
    return detection(given, positions, verdict, 1 / run_length(chart))


def _recent(given: Series, n: int, guard: int, least_mean: float) -> tuple[range, Floats, Floats]:
    """Give mean and scatter √φ of the n steps that end ``guard`` steps before each date."""
    first = n + guard
    need_history(given, first + 1, "cusum")
    positions = judged(given, first, None)
    past = sliding_window_view(given.values, n, axis=1)[:, : len(positions)]
    mean = np.maximum(past.mean(axis=-1), least_mean)
    return positions, mean, np.sqrt(np.maximum(past.var(axis=-1, ddof=1) / mean, 1.0))


def _handed_in(given: Series, expected: xr.DataArray) -> tuple[range, Floats]:
    """Give the positions and values of an expectation from elsewhere, which must fit the counts."""
    ours = expected.transpose("place", "date").reindex(place=given.counts["place"])
    at = np.searchsorted(given.dates, ours["date"].to_numpy().astype("datetime64[D]"))
    positions = range(int(at[0]), int(at[-1]) + 1)
    fits = len(positions) == len(at) and at[-1] < len(given.dates)
    if not (fits and bool((ours > 0).all())):
        raise BadParameter(
            "expected",
            f"{ours.sizes['date']} dates",
            Text(
                zh="期望数须为正，地区与日期须与计数相同且连续。",
                en="it must be positive, of the same places and of consecutive dates of the counts.",
            ),
        )
    return positions, ours.to_numpy().astype(float)


def _add_up(z: Floats, chart: Chart, reset: bool) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Give C of each step, C before it, and whether it reached h."""
    score, before = np.empty_like(z), np.empty_like(z)
    alarm = np.zeros(z.shape, dtype=bool)
    c = np.zeros(len(z))
    for step in range(z.shape[1]):
        before[:, step] = c
        heard = np.isfinite(z[:, step])
        c = np.where(heard, np.maximum(c + z[:, step] - chart.k, 0.0), c)
        score[:, step] = c
        alarm[:, step] = heard & (c >= chart.h)
        if reset:
            c = np.where(alarm[:, step], 0.0, c)
    return score, before, alarm
