"""Case fatality three ways: naive, of closed cases, and adjusted for the delay to death."""

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.surveillance.rates import wilson
from tongchou.surveillance.severity_likelihood import profile
from tongchou.vocabulary.daily import daily_counts
from tongchou.vocabulary.distributions import Delay, daily_probabilities, delayed

Floats = npt.NDArray[np.float64]


def case_fatality(
    new_cases: xr.DataArray,
    new_deaths: xr.DataArray,
    onset_to_death: Delay | Floats,
    *,
    new_recoveries: xr.DataArray | None = None,
    level: float = 0.95,
) -> xr.Dataset:
    """Give the case fatality to each date: naive, closed and delay-adjusted, with intervals.

    With C and D the cumulative cases and deaths, c_i the new cases of day i and f_k the
    probability that a fatal case dies k days after onset ::

        naive     D / C
        closed    D / (D + discharged)
        adjusted  D / (u C),   u_t C_t = Σ_(i≤t) Σ_(k≤t−i) c_i f_k

    u_t is the share of outcomes that can be known by day t. The naive figure forgets those who
    will die later and is too low while an epidemic grows; the closed figure forgets that death
    comes sooner than discharge and is too high. For Wuhan, same city and day, Wu JT and others
    set 4.5 % (naive) and 11 % (closed) beside an adjusted symptomatic fatality of 1.4 %: the adjusted
    estimate there also counts cases that were never confirmed, which no formula on confirmed
    cases can.

    The interval of the adjusted figure is the profile likelihood of D deaths among u C known
    outcomes, D ln p + (u C − D) ln(1 − p), within χ²₁(level) / 2 of its maximum; those of the
    naive and the closed figure are Wilson's.

    Parameters
    ----------
    new_cases : DataArray (place, date), persons per day
        By onset if known. By confirmation, the delay handed in should run from confirmation.
    new_deaths : DataArray (place, date), persons per day
    onset_to_death
        Delay in days, or the probabilities of 0, 1, 2, … days.
    new_recoveries : DataArray (place, date), persons per day
        Discharged as recovered; without it there is no ``closed``.
    level
        Coverage of the intervals.

    Returns
    -------
    Dataset (place, date)
        ``naive``, ``adjusted`` and, with recoveries, ``closed``, each with ``…_low`` and ``…_high``,
        shares; ``known_share`` (u_t); ``usable``: at least one death or known outcome, and no
        more deaths than known outcomes. Where that fails the adjusted figure is NaN: the delay
        does not fit these data.

    References
    ----------
    Nishiura H, Klinkenberg D, Roberts M, Heesterbeek JAP. PLoS ONE 2009;4(8):e6852,
    doi 10.1371/journal.pone.0006852, equations 1-6. Wu JT et al. Nat Med 2020,
    doi 10.1038/s41591-020-0822-7.

    Examples
    --------
    A hundred cases on the first day, two deaths, and half of the outcomes known:

    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(3) * np.timedelta64(1, "D")
    >>> def cube(row):
    ...     return xr.DataArray([row], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> result = case_fatality(cube([100.0, 0, 0]), cube([0.0, 0, 2]), np.array([0.1, 0.2, 0.2, 0.5]))
    >>> result["naive"][0, -1].item(), round(result["adjusted"][0, -1].item(), 6)
    (0.02, 0.04)
    """
    cases, deaths = xr.align(
        daily_counts(new_cases, "new_cases"), daily_counts(new_deaths, "new_deaths"), join="exact"
    )
    f = (
        onset_to_death
        if isinstance(onset_to_death, np.ndarray)
        else daily_probabilities(onset_to_death)
    )
    C, D = (np.cumsum(x.to_numpy(), axis=1) for x in (cases, deaths))
    known = np.cumsum(delayed(cases.to_numpy(), f), axis=1)
    usable = (known > 0) & (known >= D)
    shares = {"naive": (_ratio(D, C), *wilson(D, C, level))}
    shares["adjusted"] = profile(D, known[None], known[None], "binomial", level)
    if new_recoveries is not None:
        recoveries = daily_counts(new_recoveries, "new_recoveries")
        cases, recoveries = xr.align(cases, recoveries, join="exact")
        closed = D + np.cumsum(recoveries.to_numpy(), axis=1)
        shares["closed"] = (_ratio(D, closed), *wilson(D, closed, level))
    result = xr.Dataset()
    for name, (share, low, high) in shares.items():
        for suffix, values in (("", share), ("_low", low), ("_high", high)):
            result[name + suffix] = cases.copy(data=values)
            result[name + suffix].attrs = {"units": "share"}
    result["known_share"] = cases.copy(data=_ratio(known, C))
    result["known_share"].attrs = {"units": "share"}
    result["usable"] = cases.copy(data=usable)
    result["usable"].attrs = {"units": "true or false"}
    return result


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)
