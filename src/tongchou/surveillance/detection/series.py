"""Count series as the detectors take them, days or weeks, and the result that all of them give."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

DAY, WEEK = np.timedelta64(1, "D"), np.timedelta64(7, "D")


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Counts of many places on the same days or weeks.

    ``values`` (place, date), persons per step, NaN where nothing was reported; ``dates`` (date);
    ``step`` one day or one week.
    """

    counts: xr.DataArray
    values: Floats
    dates: npt.NDArray[np.datetime64]
    step: np.timedelta64


def series(counts: xr.DataArray) -> Series:
    """Give counts as a regular series of days or weeks, or refuse them.

    Parameters
    ----------
    counts : DataArray (place, date), persons per step
        NaN where a place did not report: a detector leaves it out and never takes it for a zero.

    Raises
    ------
    BadParameter
        If the dimensions are others, the dates are not every day or every seventh day, or a count
        is negative.
    """
    if set(counts.dims) != {"place", "date"}:
        _refuse(
            counts,
            Text(zh="维度必须是 place 与 date。", en="the dimensions must be place and date."),
        )
    counts = counts.transpose("place", "date").astype(float)
    dates = counts["date"].to_numpy().astype("datetime64[D]")
    steps = np.unique(np.diff(dates))
    if len(steps) > 1 or (len(steps) == 1 and steps[0] not in (DAY, WEEK)):
        _refuse(
            counts,
            Text(
                zh="日期必须逐日或逐周连续。请补齐缺少的日期。",
                en="dates must follow day by day or week by week. Complete the missing ones.",
            ),
        )
    values = counts.to_numpy()
    if (negative := values < 0).any():
        where = ", ".join(map(str, counts["place"].to_numpy()[negative.any(axis=1)][:3]))
        _refuse(
            counts,
            Text(
                zh=f"负值 {negative.sum()} 处（如 {where}）。请先把更正数分开。",
                en=f"{negative.sum()} counts are negative (such as {where}). Set corrections apart first.",
            ),
        )
    return Series(counts=counts, values=values, dates=dates, step=steps[0] if len(steps) else DAY)


def _refuse(counts: xr.DataArray, why: Text) -> None:
    raise BadParameter("counts", f"({', '.join(map(str, counts.dims))})", why)


def weekly(counts: xr.DataArray) -> xr.DataArray:
    """Give weeks of seven days counted back from the last date, each dated by its last day.

    Counting back leaves no unfinished week at the end; days before the first full week are left
    out. Weekly counts come back as they are. A day without report makes its week NaN.

    Examples
    --------
    >>> dates = np.datetime64("2020-01-01", "ns") + np.arange(15) * np.timedelta64(1, "D")
    >>> daily = xr.DataArray([np.arange(15.0)], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> weekly(daily).values.tolist()
    [[28.0, 77.0]]
    """
    given = series(counts)
    if given.step == WEEK:
        return given.counts
    places, days = given.values.shape
    weeks = days // 7
    kept = given.counts[:, days - 7 * weeks :]
    sums = kept.to_numpy().reshape(places, weeks, 7).sum(axis=2)
    result = kept[:, 6::7].copy(data=sums)
    result.attrs["units"] = "persons per week"
    return result


def need_history(given: Series, steps: int, method: str) -> None:
    """Refuse a series that is too short for even its last date to be judged.

    Raises
    ------
    BadParameter
        It names the number of days or weeks that are needed.
    """
    held = given.values.shape[1]
    if held >= steps:
        return
    day = given.step == DAY
    unit = Text(zh="天", en="days") if day else Text(zh="周", en="weeks")
    raise BadParameter(
        "counts",
        f"{held} {unit.en}",
        Text(
            zh=f"{method} 至少需要 {steps} {unit.zh}。请提供更长的序列，或换用所需历史较短的方法（如 ears-c1）。",
            en=f"{method} needs at least {steps} {unit.en}. Hand in a longer series or take a method that needs less history (such as ears-c1).",
        ),
    )


def judged(given: Series, first: int, last: int | None) -> range:
    """Give the positions to judge: from the first with a baseline, or only the ``last`` of them."""
    end = given.values.shape[1]
    return range(first if last is None else max(first, end - last), end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a detector found, each (place, date), for the dates it judged.

    ``at_least`` is P(Y ≥ y) and ``above`` P(Y > y) where nothing is going on; for a score without
    steps they are equal.
    """

    expected: Floats
    threshold: Floats
    score: Floats
    alarm: Booleans
    at_least: Floats
    above: Floats


UNITS = {
    "observed": "persons per step",
    "expected": "persons per step",
    "threshold": "persons per step",
    "score": "1",
    "alarm": "true or false",
    "at_least": "probability",
    "above": "probability",
}


def detection(given: Series, positions: range, verdict: Verdict, false_alarm: float) -> xr.Dataset:
    """Label a verdict: one Dataset (place, date) of the dates judged, the same for every method.

    ``false_alarm``, the probability that a place is an alarm on a date while nothing goes on, as far
    as the method itself states or implies it, is kept among the attributes.
    """
    counts = given.counts[:, list(positions)]
    result = xr.Dataset()
    for name, units in UNITS.items():
        values = counts.to_numpy() if name == "observed" else getattr(verdict, name)
        result[name] = counts.copy(data=values)
        result[name].attrs = {"units": units}
    result.attrs["false_alarm"] = false_alarm
    return result
