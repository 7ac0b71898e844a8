"""The four headline rates with fixed formulas: admission, recovery, infection (fatality has its own file)."""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr
from scipy import special

from tongchou.surveillance.incidence import PER, seven_day_incidence
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

ADMISSION_DAYS = round(parameter("admission_hours").value / 24)
FOLLOW_UP_DAYS = int(parameter("recovery_follow_up_days").value)


def wilson(part: npt.ArrayLike, whole: npt.ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Give Wilson's interval of a share; NaN where there is nothing to share.

    (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n).

    References
    ----------
    Wilson EB. J Am Stat Assoc 1927;22:209-212, doi 10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> low, high = wilson(64, 135)
    >>> round(float(low), 4), round(float(high), 4)
    (0.3917, 0.5579)
    """
    n = np.asarray(whole, dtype=float)
    n = np.where(n > 0, n, np.nan)
    p = np.asarray(part, dtype=float) / n
    p = np.where((p >= 0) & (p <= 1), p, np.nan)
    z = special.ndtri((1 + level) / 2)
    centre, spread = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    return (centre - spread) / scale, (centre + spread) / scale


def admission_rate(
    cases: pl.DataFrame, as_of: date, *, confirmed_from: date | None = None
) -> pl.DataFrame:
    """Give, for each place, the share of confirmed people admitted within 24 hours.

    admission rate = admitted within 24 h of confirmation ÷ confirmed due, where *due* are those
    confirmed at least a day before the cut-off. Records carry days, not hours: "within 24 h" is
    taken as admitted no later than the day after confirmation, which lets pass some who waited up
    to 48 h. ``same_day_share`` leaves them all out; the true rate lies between the two.

    Parameters
    ----------
    cases
        One row per case with ``place``, ``confirmed_on`` and ``admitted_on`` (dates, null if not).
        Somebody admitted before confirmation counts as in time.
    as_of
        Cut-off: what happened after it is not known.
    confirmed_from
        First day of confirmation that counts; by default the first on record.

    Returns
    -------
    DataFrame
        ``place, due, in_time, same_day, waiting, admission_rate, low, high, same_day_share``.
        ``waiting`` are the due who are still not admitted at the cut-off.

    Examples
    --------
    >>> day = date(2020, 2, 10)
    >>> cases = pl.DataFrame({
    ...     "place": ["420100"] * 4,
    ...     "confirmed_on": [day, day, day, day + timedelta(2)],
    ...     "admitted_on": [day, day + timedelta(1), None, None],
    ... })
    >>> row = admission_rate(cases, day + timedelta(2)).row(0, named=True)
    >>> row["due"], row["in_time"], row["same_day"], row["waiting"], round(row["admission_rate"], 3)
    (3, 2, 1, 1, 0.667)
    """
    _need(cases, ("place", "confirmed_on", "admitted_on"), Text(zh="收治率", en="admission rate"))
    due = pl.col("confirmed_on") <= as_of - timedelta(days=ADMISSION_DAYS)
    if confirmed_from is not None:
        due &= pl.col("confirmed_on") >= confirmed_from
    admitted = pl.when(pl.col("admitted_on") <= as_of).then(pl.col("admitted_on"))
    wait = (admitted - pl.col("confirmed_on")).dt.total_days()
    table = (
        cases.filter(due)
        .group_by("place")
        .agg(
            due=pl.len(),
            in_time=(wait <= ADMISSION_DAYS).sum(),
            same_day=(wait <= 0).sum(),
            waiting=admitted.is_null().sum(),
        )
        .sort("place")
    )
    low, high = wilson(table["in_time"].to_numpy(), table["due"].to_numpy())
    return table.with_columns(
        admission_rate=pl.col("in_time") / pl.col("due"),
        low=pl.Series(low),
        high=pl.Series(high),
        same_day_share=pl.col("same_day") / pl.col("due"),
    )


def recovery_rate(discharged: xr.DataArray, deaths: xr.DataArray) -> xr.Dataset:
    """Give the share of closed cases that were discharged as recovered.

    recovery rate = discharged ÷ (discharged + dead), both cumulative. While cases are open it
    leans: deaths come sooner than discharges, so it starts too low. The cohort-based rate
    (:func:`cohort_recovery`) does not.

    Parameters
    ----------
    discharged, deaths : DataArray, persons cumulative
        Same dimensions and labels.

    Returns
    -------
    Dataset
        ``rate``, ``low``, ``high`` (Wilson, 95 %), shares; ``closed``, persons.

    Examples
    --------
    >>> one = {"place": ["420000"]}
    >>> result = recovery_rate(xr.DataArray([900.0], one, ["place"]), xr.DataArray([100.0], one, ["place"]))
    >>> result["rate"].item()
    0.9
    """
    discharged, deaths = xr.align(discharged, deaths, join="exact")
    closed = (discharged + deaths).astype(float)
    low, high = wilson(discharged.to_numpy(), closed.to_numpy())
    result = xr.Dataset({"rate": discharged / closed.where(closed > 0), "closed": closed})
    result["low"], result["high"] = closed.copy(data=low), closed.copy(data=high)
    for name in ("rate", "low", "high"):
        result[name].attrs = {"units": "share"}
    result["closed"].attrs = {"units": "persons"}
    return result


def cohort_recovery(
    cases: pl.DataFrame, as_of: date, *, follow_up_days: int = FOLLOW_UP_DAYS
) -> pl.DataFrame:
    """Give, for each place, what became of those confirmed at least ``follow_up_days`` ago.

    Everybody in the cohort has been watched equally long, so quick deaths do not crowd out slow
    recoveries.

    Parameters
    ----------
    cases
        One row per case with ``place``, ``confirmed_on``, ``recovered_on``, ``died_on``.
    as_of
        Cut-off.
    follow_up_days
        Days after confirmation within which an outcome counts.

    Returns
    -------
    DataFrame
        ``place, cohort, recovered, dead, open, recovery_rate, low, high``: the rate is
        recovered ÷ cohort.

    Examples
    --------
    >>> day = date(2020, 1, 20)
    >>> cases = pl.DataFrame({
    ...     "place": ["420100"] * 3,
    ...     "confirmed_on": [day] * 3,
    ...     "recovered_on": [day + timedelta(20), None, None],
    ...     "died_on": [None, day + timedelta(9), None],
    ... })
    >>> cohort_recovery(cases, day + timedelta(40)).select("cohort", "recovered", "dead", "open").row(0)
    (3, 1, 1, 1)
    """
    columns = ("place", "confirmed_on", "recovered_on", "died_on")
    _need(cases, columns, Text(zh="队列治愈率", en="recovery rate of the cohort"))
    end = pl.col("confirmed_on") + timedelta(days=follow_up_days)
    table = (
        cases.filter(end <= as_of)
        .group_by("place")
        .agg(
            cohort=pl.len(),
            recovered=(pl.col("recovered_on") <= end).sum(),
            dead=(pl.col("died_on") <= end).sum(),
        )
        .sort("place")
    )
    low, high = wilson(table["recovered"].to_numpy(), table["cohort"].to_numpy())
    return table.with_columns(
        open=pl.col("cohort") - pl.col("recovered") - pl.col("dead"),
        recovery_rate=pl.col("recovered") / pl.col("cohort"),
        low=pl.Series(low),
        high=pl.Series(high),
    )


def infection_rate(new_cases: xr.DataArray, population: xr.DataArray) -> xr.Dataset:
    """Give new cases per 100,000 residents, of the last seven days and since the start.

    Parameters
    ----------
    new_cases : DataArray (place, date), persons per day
    population : DataArray (place), persons

    Returns
    -------
    Dataset (place, date)
        ``seven_day`` and ``cumulative``, persons per 100,000.

    Examples
    --------
    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(8) * np.timedelta64(1, "D")
    >>> cases = xr.DataArray([[2.0] * 8], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> rate = infection_rate(cases, xr.DataArray([200_000.0], {"place": ["420100"]}, ("place",)))
    >>> round(rate["seven_day"][0, -1].item(), 6), rate["cumulative"][0, -1].item()
    (7.0, 8.0)
    """
    seven_day = seven_day_incidence(new_cases, population)
    total = (new_cases.cumsum("date") / population * PER).transpose("place", "date")
    total = total.assign_coords(date=new_cases["date"])
    result = xr.Dataset({"seven_day": seven_day, "cumulative": total})
    result["seven_day"].attrs = {"units": "persons per 100,000 in 7 days"}
    result["cumulative"].attrs = {"units": "persons per 100,000"}
    return result


def health_worker_infection_rate(
    infections: xr.DataArray, staff_weeks: xr.DataArray, *, level: float = 0.95
) -> xr.Dataset:
    """Give infections of health workers per 1,000 staff-weeks, with the exact Poisson interval.

    low = χ²_{α/2}(2x) / 2, high = χ²_{1−α/2}(2x + 2) / 2, for x infections, divided by exposure.

    Parameters
    ----------
    infections : DataArray, persons
    staff_weeks : DataArray, staff × weeks at work in the same time
    level
        Coverage of the interval.

    Returns
    -------
    Dataset
        ``rate``, ``low``, ``high``, infections per 1,000 staff-weeks.

    References
    ----------
    Garwood F. Biometrika 1936;28:437-442, doi 10.1093/biomet/28.3-4.437.

    Examples
    --------
    No infection in 3,000 staff-weeks does not mean no risk:

    >>> one = {"place": ["420100"]}
    >>> rate = health_worker_infection_rate(
    ...     xr.DataArray([0.0], one, ["place"]), xr.DataArray([3000.0], one, ["place"])
    ... )
    >>> rate["rate"].item(), round(rate["high"].item(), 2)
    (0.0, 1.23)
    """
    infections, staff_weeks = xr.align(infections, staff_weeks, join="exact")
    x, tail = infections.to_numpy().astype(float), (1 - level) / 2
    low = np.where(x > 0, special.gammaincinv(np.maximum(x, 1e-300), tail), 0.0)
    high = special.gammaincinv(x + 1, 1 - tail)
    exposure = (staff_weeks / 1000).where(staff_weeks > 0)
    result = xr.Dataset(
        {
            "rate": infections / exposure,
            "low": infections.copy(data=low) / exposure,
            "high": infections.copy(data=high) / exposure,
        }
    )
    for variable in result.values():
        variable.attrs = {"units": "infections per 1,000 staff-weeks"}
    return result


def found_inside_share(cases: pl.DataFrame) -> pl.DataFrame:
    """Give, for each place, the share of confirmed cases already in quarantine or under watch.

    Parameters
    ----------
    cases
        One row per case with ``place``, ``confirmed_on`` and ``found_inside`` (null if unknown).

    Returns
    -------
    DataFrame
        ``place, confirmed, known, inside, share, low, high``: the share is of those whose status is
        known, with Wilson's 95 % interval.

    Examples
    --------
    >>> from datetime import date
    >>> cases = pl.DataFrame({
    ...     "place": ["330100"] * 3, "confirmed_on": [date(2020, 2, 9)] * 3, "found_inside": [True, False, None]
    ... })
    >>> found_inside_share(cases).select("place", "confirmed", "known", "inside", "share").row(0)
    ('330100', 3, 2, 1, 0.5)
    """
    columns = ("place", "confirmed_on", "found_inside")
    _need(cases, columns, Text(zh="隔离中发现的占比", en="share found inside quarantine"))
    table = (
        cases.filter(pl.col("confirmed_on").is_not_null())
        .group_by("place")
        .agg(
            confirmed=pl.len().cast(pl.Int64),
            known=pl.col("found_inside").count().cast(pl.Int64),
            inside=pl.col("found_inside").sum().cast(pl.Int64),
            share=pl.col("found_inside").mean(),
        )
        .sort("place")
    )
    low, high = wilson(table["inside"].to_numpy(), table["known"].to_numpy())
    return table.with_columns(
        low=pl.Series(low).fill_nan(None), high=pl.Series(high).fill_nan(None)
    )


def _need(cases: pl.DataFrame, columns: tuple[str, ...], purpose: Text) -> None:
    for column in columns:
        if column not in cases.columns:
            raise MissingData("cases", purpose, column=column)
