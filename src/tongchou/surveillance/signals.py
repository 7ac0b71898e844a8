"""Places from which nothing is heard."""

import numpy as np
import xarray as xr

from tongchou.vocabulary.parameter import parameter

SILENT_DAYS = parameter("silent_hours").value / 24


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
