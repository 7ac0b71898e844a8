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


def health_worker_infections(
    cases: pl.DataFrame, as_of: date, *, date_column: str = "confirmed_on"
) -> xr.DataArray:
    """Give infections of health workers by place and week.

    The numerator of :func:`tongchou.surveillance.rates.health_worker_infection_rate`.

    Parameters
    ----------
    cases
        One row per case with ``place``, ``health_worker`` and a date.
    as_of
        Last day; later infections are not known.
    date_column
        Column of the date.

    Returns
    -------
    DataArray (place, week), persons
        Weeks by their Monday, without a gap; every place of the list has a row, with 0 where nobody was infected.

    Examples
    --------
    >>> cases = pl.DataFrame({
    ...     "place": ["420100", "420100", "420200"], "health_worker": [True, True, False],
    ...     "confirmed_on": [date(2020, 2, 4), date(2020, 2, 12), date(2020, 2, 5)],
    ... })
    >>> health_worker_infections(cases, date(2020, 2, 20)).values.tolist()
    [[1.0, 1.0], [0.0, 0.0]]
    """
    purpose = Text(zh="医务人员感染", en="infections of health workers")
    for column in ("place", "health_worker", date_column):
        if column not in cases.columns:
            raise MissingData("cases", purpose, column=column)
    dated = cases.filter(pl.col(date_column) <= as_of).with_columns(
        week=pl.col(date_column).dt.truncate("1w"), place=pl.col("place").cast(pl.String)
    )
    if dated.is_empty():
        raise MissingData("cases", purpose, column=date_column)
    days = dated["week"].to_numpy().astype("datetime64[D]")
    weeks = np.arange(days.min(), days.max() + 1, 7)
    places = dated["place"].unique().sort().to_list()
    seen = dated.filter(pl.col("health_worker"))
    values = np.zeros((len(places), len(weeks)))
    at = (
        np.searchsorted(places, seen["place"].to_numpy()),
        np.searchsorted(weeks, seen["week"].to_numpy().astype("datetime64[D]")),
    )
    np.add.at(values, at, 1)
    return xr.DataArray(
        values,
        {"place": places, "week": weeks.astype("datetime64[ns]")},
        ("place", "week"),
        attrs={"units": "persons"},
    )
