"""Early signs in daily counts, and places from which nothing is heard."""

import numpy as np
import xarray as xr
from numpy.lib.stride_tricks import sliding_window_view

from tongchou.vocabulary.daily import daily_counts
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

SMOOTHING = parameter("signal_smoothing").value
WIDTH = parameter("signal_width").value
BASELINE = int(parameter("signal_baseline").value)
GUARD = int(parameter("signal_guard").value)
SILENT_DAYS = parameter("silent_hours").value / 24


def early_sign(
    counts: xr.DataArray,
    *,
    smoothing: float = SMOOTHING,
    width: float = WIDTH,
    baseline: int = BASELINE,
    guard: int = GUARD,
) -> xr.Dataset:
    """Give a smoothed count beside the limit it should not pass, for each place and date.

    With y_t the count, m_t and s_t² mean and variance of the ``baseline`` days that end ``guard`` days
    before t ::

        z_t = λ y_t + (1 − λ) z_(t−1),   limit_t = m_t + max(L √(max(s_t², m_t, 1/28) λ / (2 − λ)), λ)

    and a sign is given where z_t > limit_t. A count cannot scatter less than a Poisson, so its
    variance is at least its mean; the 1/28 stands for one case in a silent month, and the last λ
    for this: one case alone is no sign. The
    guard keeps a beginning rise from raising its own limit.

    Parameters
    ----------
    counts : DataArray (place, date), persons per day
        Visits to fever clinics, suspected or confirmed cases.
    smoothing
        λ, weight of the newest day.
    width
        L, standard deviations.
    baseline, guard
        Days.

    Returns
    -------
    Dataset (place, date)
        ``level`` (z_t) and ``limit``, persons per day; ``excess``, (z_t − m_t) in units of its standard
        deviation; ``sign``. Before ``baseline + guard`` days nothing can be said: NaN, no sign.

    References
    ----------
    Roberts SW. Technometrics 1959;1:239-250, doi 10.1080/00401706.1959.10489860.

    Examples
    --------
    >>> dates = np.datetime64("2020-01-01", "ns") + np.arange(40) * np.timedelta64(1, "D")
    >>> visits = xr.DataArray([[4.0, 6.0] * 19 + [15.0, 20.0]], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> early_sign(visits)["sign"].values[0, -3:].tolist()
    [False, True, True]
    """
    if not 0 < smoothing <= 1:
        raise BadParameter(
            "smoothing",
            smoothing,
            Text(zh="必须大于 0 且不超过 1。", en="it must be above 0 and at most 1."),
        )
    counts = daily_counts(counts, "counts")
    y = counts.to_numpy()
    z = np.empty_like(y)
    z[:, 0] = y[:, 0]
    for day in range(1, y.shape[1]):
        z[:, day] = smoothing * y[:, day] + (1 - smoothing) * z[:, day - 1]
    mean, sd = np.full_like(y, np.nan), np.full_like(y, np.nan)
    first = baseline + guard
    if y.shape[1] > first:
        past = sliding_window_view(y, baseline, axis=1)[:, : y.shape[1] - first]
        mean[:, first:] = past.mean(axis=-1)
        floor = np.maximum(mean[:, first:], 1 / BASELINE)
        variance = np.maximum(past.var(axis=-1, ddof=1), floor)
        sd[:, first:] = np.sqrt(variance * smoothing / (2 - smoothing))
    limit = mean + np.maximum(width * sd, smoothing)
    variables = {
        "level": (z, "persons per day"),
        "limit": (limit, "persons per day"),
        "excess": ((z - mean) / sd, "standard deviations"),
        "sign": (z > limit, "true or false"),
    }
    result = xr.Dataset()
    for name, (values, units) in variables.items():
        result[name] = counts.copy(data=values)
        result[name].attrs = {"units": units}
    return result


def silence(reported: xr.DataArray) -> xr.Dataset:
    """Give how long each place has been silent at the last date, and how much of the time before.

    A zero is a report; silence is no report at all.

    Parameters
    ----------
    reported : DataArray (place, date), true or false
        Whether the place itself reported that day.

    Returns
    -------
    Dataset (place)
        ``days``: full days since the last report (0 if it reported on the last date; the length of
        the series if never); ``silent``: 24 hours or more; ``reported_share``: share of the days
        with a report.

    Examples
    --------
    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(4) * np.timedelta64(1, "D")
    >>> heard = xr.DataArray(
    ...     [[True, True, False, False], [True, True, True, True]],
    ...     {"place": ["420100", "420200"], "date": dates}, ("place", "date"))
    >>> result = silence(heard)
    >>> result["days"].values.tolist(), result["silent"].values.tolist()
    ([2, 0], [True, False])
    """
    heard = reported.transpose("place", "date").astype(bool)
    backwards = heard.to_numpy()[:, ::-1]
    days = np.where(backwards.any(axis=1), backwards.argmax(axis=1), backwards.shape[1])
    place = {"place": heard["place"]}
    result = xr.Dataset(
        {
            "days": xr.DataArray(days, place, ("place",), attrs={"units": "days"}),
            "silent": xr.DataArray(
                days >= SILENT_DAYS, place, ("place",), attrs={"units": "true or false"}
            ),
            "reported_share": heard.mean("date"),
        }
    )
    result["reported_share"].attrs = {"units": "share"}
    return result
