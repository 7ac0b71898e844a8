"""New cases out of cumulative counts, incidence by population, and days without a case."""

import numpy as np
import xarray as xr

from tongchou.vocabulary.daily import daily_counts

WEEK = 7
PER = 100_000


def daily_new(cumulative: xr.DataArray) -> xr.Dataset:
    """Give the daily increments of cumulative counts, downward corrections kept apart.

    With C_t the cumulative count, new_t = max(C_t − C_(t−1), 0) and correction_t =
    min(C_t − C_(t−1), 0): their sum is the increment, and nothing vanishes.

    Parameters
    ----------
    cumulative : DataArray (place, date), persons cumulative
        May hold NaN where a place did not report; the increments that touch it are NaN.

    Returns
    -------
    Dataset (place, date)
        ``new`` and ``correction``, persons per day, from the second date on: the first date has
        no day before it to compare with.

    Examples
    --------
    >>> dates = np.datetime64("2020-02-18", "ns") + np.arange(4) * np.timedelta64(1, "D")
    >>> total = xr.DataArray([[90.0, 95, 88, 91]], {"place": ["420800"], "date": dates}, ("place", "date"))
    >>> result = daily_new(total)
    >>> result["new"].values.tolist(), result["correction"].values.tolist()
    ([[5.0, 0.0, 3.0]], [[0.0, -7.0, 0.0]])
    """
    increments = cumulative.transpose("place", "date").astype(float).diff("date")
    result = xr.Dataset({"new": increments.clip(min=0), "correction": increments.clip(max=0)})
    for variable in result.values():
        variable.attrs["units"] = "persons per day"
    return result


def fill_gaps(new_cases: xr.DataArray) -> xr.Dataset:
    """Fill days without a report with the mean of the place's last seven days, in sight.

    Parameters
    ----------
    new_cases : DataArray (place, date), persons per day
        NaN where the place did not report.

    Returns
    -------
    Dataset (place, date)
        ``new_cases``, persons per day, without NaN (a place that has not reported yet counts as
        zero), and ``reported``, whether the place itself said so.

    Examples
    --------
    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(4) * np.timedelta64(1, "D")
    >>> heard = xr.DataArray([[2.0, 4, np.nan, 3]], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> fill_gaps(heard)["new_cases"].values.tolist()
    [[2.0, 4.0, 3.0, 3.0]]
    """
    heard = new_cases.transpose("place", "date").astype(float)
    values = heard.to_numpy().copy()
    reported = ~np.isnan(values)
    values[~reported[:, 0], 0] = 0.0
    for day in np.flatnonzero(~reported.all(axis=0)):
        if day:
            level = values[:, max(day - WEEK, 0) : day].mean(axis=1)
            values[:, day] = np.where(reported[:, day], values[:, day], level)
    result = xr.Dataset(
        {"new_cases": heard.copy(data=values), "reported": heard.copy(data=reported)}
    )
    result["new_cases"].attrs["units"] = "persons per day"
    result["reported"].attrs["units"] = "true or false"
    return result


def seven_day_incidence(new_cases: xr.DataArray, population: xr.DataArray) -> xr.DataArray:
    """Give new cases of the last seven days per 100,000 residents.

    Parameters
    ----------
    new_cases : DataArray (place, date), persons per day
    population : DataArray (place), persons

    Returns
    -------
    DataArray (place, date), persons per 100,000 in 7 days
        NaN on the first six dates.

    Examples
    --------
    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(7) * np.timedelta64(1, "D")
    >>> cases = xr.DataArray([[1.0] * 7], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> people = xr.DataArray([50_000.0], {"place": ["420100"]}, ("place",))
    >>> round(float(seven_day_incidence(cases, people)[0, -1]), 6)
    14.0
    """
    new_cases, population = xr.align(new_cases, population, join="exact", exclude=("date",))
    weekly = new_cases.rolling(date=WEEK).sum()
    result = (weekly / population * PER).transpose("place", "date")
    result.attrs["units"] = "persons per 100,000 in 7 days"
    return result


def days_since_last(new_cases: xr.DataArray) -> xr.DataArray:
    """Give the full days since the last day with a confirmed case, at each date.

    Parameters
    ----------
    new_cases : DataArray (place, date), persons per day

    Returns
    -------
    DataArray (place, date), days
        0 on a day with a case; NaN where no case has been seen since the series began.

    Examples
    --------
    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(4) * np.timedelta64(1, "D")
    >>> cases = xr.DataArray([[0.0, 2, 0, 0]], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> days_since_last(cases).values.tolist()
    [[nan, 0.0, 1.0, 2.0]]
    """
    new_cases = daily_counts(new_cases, "new_cases")
    day = np.arange(new_cases.sizes["date"], dtype=float)
    seen = np.where(new_cases.to_numpy() > 0, day, -np.inf)
    since = day - np.maximum.accumulate(seen, axis=1)
    result = new_cases.copy(data=np.where(np.isfinite(since), since, np.nan))
    result.attrs = {"units": "days"}
    return result
