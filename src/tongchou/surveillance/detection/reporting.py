"""Who reports, how regularly, and whether a silence is out of its own habit (M048)."""

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy import special

from tongchou.vocabulary.parameter import parameter

Floats = npt.NDArray[np.float64]

SILENT_DAYS = parameter("silent_hours").value / 24
MISSED = parameter("reporting_missed").value


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


def reporting_habits(counts: xr.DataArray) -> xr.Dataset:
    """Give how each place reports, and how likely what it does would be if all were in order.

    With n reports in the N days before the present silence, the chance of a report on a day has the
    posterior Beta(n + ½, N − n + ½), and a silence of d days or more the predictive probability ::

        p_silence = B(n + ½, N − n + ½ + d) / B(n + ½, N − n + ½)

    so the silence of a place that is often silent says little, and its irregularity says it instead:
    p_irregular is the probability of so few reports in the N days if one day in twenty may be missed. A place that
    reports cases and never a zero, but missed days before, leaves its zeros unsaid; with m the mean of its
    reports over all days, p_no_zero = (1 − e^(−m))^n.

    Parameters
    ----------
    counts : DataArray (place, date), persons per day
        NaN where there was no report.

    Returns
    -------
    Dataset (place)
        ``days, silent, reported_share`` as :func:`silence` gives them; ``p_silence``,
        ``p_irregular``, ``p_no_zero``, probabilities; 1 where there is nothing of the kind.

    References
    ----------
    Brown LD, Cai TT, DasGupta A. Statistical Science 2001;16:101-133, doi 10.1214/ss/1009213286
    (the prior of ½ and ½).

    Examples
    --------
    One that reported on each of 18 days and then fell silent for two, and one that reports every
    other day: (0.5 · 1.5) / (19 · 20), and a silence of one day, which is its habit.

    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(20) * np.timedelta64(1, "D")
    >>> steady = [1.0] * 18 + [np.nan] * 2
    >>> counts = xr.DataArray(
    ...     [steady, [2.0, np.nan] * 10], {"place": ["a", "b"], "date": dates}, ("place", "date"))
    >>> reporting_habits(counts)["p_silence"].round(4).values.tolist()
    [0.002, 0.475]
    """
    counts = counts.transpose("place", "date")
    heard = counts.notnull()
    result = silence(heard)
    d = result["days"].to_numpy()
    n = heard.sum("date").to_numpy()
    length = counts.sizes["date"]
    before = length - d
    gone = special.betaln(n + 0.5, before - n + 0.5 + d) - special.betaln(n + 0.5, before - n + 0.5)
    irregular = special.bdtr(n, before, 1 - MISSED)
    y = counts.to_numpy()
    reports = n.astype(float)
    never_zero = (n > 0) & (n < before) & ~(y == 0).any(axis=1)
    mean = np.nansum(y, axis=1) / max(length, 1)
    unsaid = np.where(never_zero, (-np.expm1(-mean)) ** reports, 1.0)
    for name, p in (
        ("p_silence", np.where(d > 0, np.exp(gone), 1.0)),
        ("p_irregular", irregular),
        ("p_no_zero", unsaid),
    ):
        result[name] = ("place", np.asarray(p, dtype=float), {"units": "probability"})
    return result
