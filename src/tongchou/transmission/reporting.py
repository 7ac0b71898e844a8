"""Habits of reporting: how much of a usual day's count arrives on each weekday."""

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.vocabulary.daily import daily_counts
from tongchou.vocabulary.parameter import parameter

Floats = npt.NDArray[np.float64]

WEEK = 7
WEEKS = int(parameter("forecast_weekday_weeks").value)
"""Weeks looked back at: habits change."""
PRIOR_CASES = parameter("forecast_weekday_prior_cases").value
"""Weight of what is common to all places in a place of its own, as cases."""


def weekday_effect(new_cases: xr.DataArray) -> xr.DataArray:
    """Give the share of a usual day's count that each place reports on each weekday.

    With m_t the mean of the seven days around t, over the last eight weeks and n₀ = 30 cases ::

        φ_d = Σ_(t on d) y_t / Σ_(t on d) m_t                                   all places together
        φ_pd = (Σ_(t on d) y_pt + n₀ φ_d) / (Σ_(t on d) m_pt + n₀)               a place

    scaled so that the seven have mean 1. A few cases leave a place with the common habit; a country without
    cases has none.

    Parameters
    ----------
    new_cases : DataArray (place, date), persons per day

    Returns
    -------
    DataArray (place, weekday), ratio
        Weekday 0 is Monday.

    Examples
    --------
    Half of a Sunday's cases are written down on Monday:

    >>> dates = np.datetime64("2020-02-03", "ns") + np.arange(56) * np.timedelta64(1, "D")
    >>> week = [150.0, 100, 100, 100, 100, 100, 50]
    >>> cases = xr.DataArray([week * 8], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> weekday_effect(cases).values.round(2).tolist()
    [[1.5, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5]]
    """
    cases = daily_counts(new_cases, "new_cases").isel(date=slice(-WEEK * WEEKS, None))
    y, day = cases.to_numpy(), weekday_of(cases["date"].to_numpy())
    inner = slice(WEEK // 2, -(WEEK // 2))
    total = np.cumsum(np.pad(y, ((0, 0), (1, 0))), axis=1)
    m = (total[:, WEEK:] - total[:, :-WEEK]) / WEEK
    on = (day[inner, None] == np.arange(WEEK)).astype(float)
    seen, usual = y[:, inner] @ on, m @ on
    common = _ratio(seen.sum(axis=0), usual.sum(axis=0))
    effect = (seen + PRIOR_CASES * common) / (usual + PRIOR_CASES)
    effect /= effect.mean(axis=1, keepdims=True)
    return xr.DataArray(
        effect,
        {"place": cases["place"], "weekday": np.arange(WEEK)},
        ("place", "weekday"),
        attrs={"units": "ratio"},
    )


def weekday_of(dates: npt.NDArray[np.datetime64]) -> npt.NDArray[np.int64]:
    """Give the weekday of each date, 0 for Monday.

    >>> weekday_of(np.array(["2020-02-03", "2020-02-09"], "datetime64[D]")).tolist()
    [0, 6]
    """
    return (dates.astype("datetime64[D]").astype(np.int64) + 3) % WEEK  # 1970-01-01 was a Thursday


def habit_on(
    effect: xr.DataArray | None,
    places: npt.NDArray[np.str_],
    dates: npt.NDArray[np.datetime64],
) -> Floats:
    """Give the weekday effect of each place on each date, (place, date); ones where there is none.

    >>> dates = np.array(["2020-02-03", "2020-02-04"], "datetime64[D]")
    >>> monday_more = xr.DataArray([1.6, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9], {"weekday": range(7)}, ("weekday",))
    >>> habit_on(monday_more, np.array(["420100"]), dates).tolist()
    [[1.6, 0.9]]
    """
    if effect is None:
        return np.ones((len(places), len(dates)))
    if "place" in effect.dims:
        effect = effect.sel(place=places)
    else:
        effect = effect.expand_dims(place=places)
    by_day = effect.transpose("place", "weekday").sel(weekday=weekday_of(dates)).to_numpy()
    return np.asarray(np.maximum(by_day, 1e-3))


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.ones_like(whole), where=whole > 0)
