"""A line list as daily counts: persons by the day they start, and their events by the day they happen."""

from datetime import date

import numpy as np
import polars as pl
import xarray as xr

from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Text


def cohort_counts(
    cases: pl.DataFrame, as_of: date, *, event: str, start: str = "onset_on"
) -> xr.Dataset:
    """Give new cases and new events of the same persons by place and day.

    Only persons whose start is known count, as cases and as events: what is divided is of one kind.

    Parameters
    ----------
    cases
        One row per case with ``place`` and the columns named below, dates.
    as_of
        Last day; what happened later is not known.
    event
        Column of the event, such as ``died_on``.
    start
        Column from which the delay runs, such as ``onset_on``.

    Returns
    -------
    Dataset (place, date)
        ``cases`` and ``events``, persons per day, from the first start to ``as_of``.

    Examples
    --------
    >>> day = date(2020, 2, 1)
    >>> cases = pl.DataFrame({
    ...     "place": ["420100", "420100"], "onset_on": [day, day], "died_on": [date(2020, 2, 3), None]
    ... })
    >>> counts = cohort_counts(cases, date(2020, 2, 4), event="died_on")
    >>> counts["cases"].values.tolist(), counts["events"].values.tolist()
    ([[2.0, 0.0, 0.0, 0.0]], [[0.0, 0.0, 1.0, 0.0]])
    """
    purpose = Text(zh="按日病例与结局", en="daily cases and outcomes")
    for column in ("place", start, event):
        if column not in cases.columns:
            raise MissingData("cases", purpose, column=column)
    kept = cases.filter(pl.col(start) <= as_of)
    if kept.is_empty():
        raise MissingData("cases", purpose, column=start)
    first: date = kept[start].min()  # type: ignore[assignment]
    places = sorted(kept["place"].cast(pl.String).unique().to_list())
    days = (as_of - first).days + 1
    dates = np.datetime64(first, "ns") + np.arange(days) * np.timedelta64(1, "D")
    result = xr.Dataset(coords={"place": places, "date": dates})
    for name, column in (("cases", start), ("events", event)):
        seen = kept.filter((pl.col(column) <= as_of) & (pl.col(column) >= first))
        values = np.zeros((len(places), days))
        rows = np.searchsorted(places, seen["place"].cast(pl.String).to_numpy())
        columns = (seen[column] - first).dt.total_days().to_numpy()
        np.add.at(values, (rows, columns), 1)
        result[name] = (("place", "date"), values, {"units": "persons per day"})
    return result
