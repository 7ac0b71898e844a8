"""Early signs: a smoothed count above the limit that the month before sets."""

import numpy as np
import numpy.typing as npt
import xarray as xr
from numpy.lib.stride_tricks import sliding_window_view
from scipy import special

from tongchou.surveillance.detection.series import Verdict, detection, judged, need_history, series
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

SMOOTHING = parameter("signal_smoothing").value
WIDTH = parameter("signal_width").value
BASELINE = int(parameter("signal_baseline").value)
GUARD = int(parameter("signal_guard").value)


def ewma(
    counts: xr.DataArray,
    *,
    smoothing: float = SMOOTHING,
    width: float = WIDTH,
    baseline: int = BASELINE,
    guard: int = GUARD,
    last: int | None = None,
) -> xr.Dataset:
    """Judge a smoothed count by the mean and scatter of the month before (EWMA chart).

    With y_t the count, m_t and s_t² mean and variance of the ``baseline`` steps that end ``guard`` steps
    before t ::

        z_t = λ y_t + (1 − λ) z_(t−1),   limit_t = m_t + max(L √(v_t λ / (2 − λ)), λ)

    and a sign is given where z_t > limit_t. A count cannot scatter less than a Poisson, so
    v_t = max(s_t², m_t, 1/28) is at least its mean; the 1/28 stands for one case in a silent month, and the last λ
    for this: one case alone is no sign. The guard keeps a beginning rise from raising its own limit.

    The probabilities are those of a gamma shifted to the mean, variance and skewness of z_t − m_t.

    Parameters
    ----------
    counts : DataArray (place, date), persons per step
        Visits to fever clinics, suspected or confirmed cases. Where a report is missing z stays.
    smoothing
        λ, weight of the newest step.
    width
        L, standard deviations.
    baseline, guard
        Steps.
    last
        Judge only so many of the last dates.

    Returns
    -------
    Dataset (place, date)
        ``observed``, ``expected`` (m_t), ``threshold`` (the count today at which z_t is at its limit),
        ``score``, (z_t − m_t) in units of its standard deviation, ``alarm``, ``at_least``, ``above``;
        and ``level`` (z_t) and ``limit``, persons per step.

    References
    ----------
    Roberts SW. Technometrics 1959;1:239-250, doi 10.1080/00401706.1959.10489860.

    Examples
    --------
    >>> dates = np.datetime64("2020-01-01", "ns") + np.arange(40) * np.timedelta64(1, "D")
    >>> visits = xr.DataArray([[4.0, 6.0] * 19 + [15.0, 20.0]], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> ewma(visits)["alarm"].values[0, -3:].tolist()
    [False, True, True]
    """
    if not 0 < smoothing <= 1:
        raise BadParameter(
            "smoothing",
            smoothing,
            Text(zh="必须大于 0 且不超过 1。", en="it must be above 0 and at most 1."),
        )
    given = series(counts)
    first = baseline + guard
    need_history(given, first + 1, "ewma")
    positions = judged(given, first, last)
    y = given.values[:, list(positions)]
    z, before = (part[:, list(positions)] for part in _smooth(given.values, smoothing))
    past = sliding_window_view(given.values, baseline, axis=1)
    past = past[:, positions[0] - first : positions[-1] - first + 1]
    mean = past.mean(axis=-1)
    variance = np.maximum(past.var(axis=-1, ddof=1), np.maximum(mean, 1 / BASELINE))
    sd = np.sqrt(variance * smoothing / (2 - smoothing))
    limit = mean + np.maximum(width * sd, smoothing)
    heard = np.isfinite(y)
    verdict = Verdict(
        expected=mean,
        threshold=np.maximum((limit - (1 - smoothing) * before) / smoothing, 0.0),
        score=np.where(heard, (z - mean) / sd, np.nan),
        alarm=heard & (z > limit),
        at_least=_tail(y, z - smoothing / 2, mean, variance, smoothing, baseline),
        above=_tail(y, z + smoothing / 2, mean, variance, smoothing, baseline),
    )
    # Of one step, the limit resting on a mean of so many; a run of signs counts each of its steps.
    uncertain = np.sqrt(1 + (2 - smoothing) / (smoothing * baseline))
    result = detection(given, positions, verdict, float(special.ndtr(-width / uncertain)))
    for name, values in (("level", z), ("limit", limit)):
        result[name] = result["observed"].copy(data=values)
    return result


def _smooth(y: Floats, smoothing: float) -> tuple[Floats, Floats]:
    """Give z of each step and z before it, begun with the first count."""
    z, before = np.empty_like(y), np.empty_like(y)
    level = np.nan_to_num(y[:, 0])
    for step in range(y.shape[1]):
        before[:, step] = level
        next_level = smoothing * y[:, step] + (1 - smoothing) * level
        level = np.where(np.isfinite(y[:, step]), next_level, level)
        z[:, step] = level
    z[:, 0] = before[:, 0]
    return z, before


def _tail(y: Floats, z: Floats, mean: Floats, variance: Floats, smoothing: float, n: int) -> Floats:
    """Give P(Z ≥ z), Z of the mean, variance and skewness of a smoothed negative binomial."""
    squares, cubes = (smoothing / (2 - smoothing), smoothing**3 / (1 - (1 - smoothing) ** 3))
    floor = np.maximum(mean, 1 / BASELINE)
    skewness = (2 * variance / floor - 1) / np.sqrt(variance) * cubes / squares**1.5
    shape = 4 / skewness**2
    units = (z - mean) / np.sqrt(variance * (squares + 1 / n))
    tail = special.gammaincc(shape, np.maximum(shape + units * np.sqrt(shape), 0.0))
    return np.where(np.isnan(y), np.nan, tail)
