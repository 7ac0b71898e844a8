"""How many people those who fell ill on a day came to infect: the cohort reproduction number."""

import numpy as np
import numpy.typing as npt
import xarray as xr
from numba import njit

from tongchou.surveillance.reproduction import (
    interval_probabilities,
    local_cases,
    require_positive,
)
from tongchou.vocabulary.daily import daily_counts
from tongchou.vocabulary.distributions import Gamma, Lognormal, delayed
from tongchou.vocabulary.parameter import parameter

Floats = npt.NDArray[np.float64]

SEEN_SHARE = parameter("cohort_seen_share").value
PROBABILITIES = np.array([0.025, 0.5, 0.975])
SPREAD = 9.0
"""Standard deviations on each side of the mean within which the exact distribution is worked out."""
NOTHING, LOG_NOTHING = 1e-300, -45.0
"""A modulus of the characteristic function below which it adds nothing that is printed."""


def cohort_reproduction(
    new_cases: xr.DataArray,
    serial_interval: Gamma | Lognormal | Floats,
    *,
    imported: xr.DataArray | None = None,
    window: int = 1,
    seen_share: float = SEEN_SHARE,
) -> xr.Dataset:
    """Give the mean number of people infected by the cases of a window, for every place and date.

    Each case of day t had its infector among the cases of day s with a probability that follows
    from the dates alone, and the cohort of day s infected on average R_s::

        p_ts = w_(t−s) I_s / Σ_u w_(t−u) I_u,    R_s = Σ_t L_t p_ts / I_s

    with I all cases, L those infected here and w the serial interval. Over the window J of ``window`` days
    that ends on a date, R is the mean over the cases of those days. Who infected whom is not
    known, so the number that the window infected is a sum of independent draws ::

        N_J = Σ_t Binomial(L_t, P_t),    P_t = Σ_(s in J) p_ts

    whose quantiles, divided by the cases of the window, are the limits. They are worked out
    exactly (by the discrete Fourier transform of the characteristic function): the source
    simulates the same distribution.

    - A cohort can only be judged once those it infects have fallen ill: ``seen`` is the share of
      its infections that show by the last date, and R of the newest cohorts is too low by that
      share. They are given, but not ``usable``.
    - The limits hold the doubt about who infected whom, not that about the serial interval.

    Parameters
    ----------
    new_cases : DataArray (place, date), persons per day
        All new cases, by onset.
    serial_interval
        Mean and standard deviation in days, or the probabilities of 0, 1, 2, … days.
    imported : DataArray (place, date), persons per day
        Those among ``new_cases`` who were infected elsewhere: they infect, but have no infector here.
    window
        Days.
    seen_share
        Least ``seen`` at which R is ``usable``.

    Returns
    -------
    Dataset (place, date)
        ``mean``, ``sd``, ``q025``, ``median``, ``q975`` of R, by the last day of the window; NaN where
        nobody fell ill in it or it has not filled; ``seen``; ``usable``.

    References
    ----------
    Wallinga J, Teunis P. Am J Epidemiol 2004;160:509-516, doi 10.1093/aje/kwh255. Hong Y, On computing the
    distribution function for the Poisson binomial distribution, Comput Stat Data Anal 2013;59:41-51,
    doi 10.1016/j.csda.2012.10.006.

    Examples
    --------
    Two cases, then six three days later; the interval is three days, so each infected three:

    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(4) * np.timedelta64(1, "D")
    >>> cases = xr.DataArray([[2.0, 0.0, 0.0, 6.0]], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> R = cohort_reproduction(cases, np.array([0.0, 0.0, 0.0, 1.0]))
    >>> R["mean"].values[0].tolist(), R["usable"].values[0].tolist()
    ([3.0, nan, nan, 0.0], [True, False, False, False])
    """
    require_positive(window=window, seen_share=seen_share)
    new_cases = daily_counts(new_cases, "new_cases")
    w = interval_probabilities(serial_interval)
    I, L = new_cases.to_numpy(), local_cases(new_cases, imported)
    cubes = np.full((5, *I.shape), np.nan)
    pressure = delayed(I, w)
    for place in range(len(I)):
        _one_place(I[place], L[place], pressure[place], w, window, PROBABILITIES, cubes[:, place])
    seen = _seen(w, I.shape[-1])
    return _labelled(new_cases, cubes, seen, seen_share)


def _seen(w: Floats, days: int) -> Floats:
    """Give for the cohort of each day the share of its infections that show by the last day."""
    after = np.arange(days)[::-1]
    return np.asarray(np.cumsum(w)[np.minimum(after, len(w) - 1)] / w.sum())


def _labelled(
    new_cases: xr.DataArray, cubes: Floats, seen: Floats, seen_share: float
) -> xr.Dataset:
    result = xr.Dataset()
    for name, cube in zip(("mean", "sd", "q025", "median", "q975"), cubes, strict=True):
        result[name] = new_cases.copy(data=cube)
        result[name].attrs = {"units": "persons infected by one case"}
    shares = np.broadcast_to(seen, new_cases.shape)
    result["seen"] = new_cases.copy(data=shares)
    result["seen"].attrs = {"units": "share"}
    result["usable"] = new_cases.copy(data=np.isfinite(cubes[0]) & (shares >= seen_share - 1e-9))
    result["usable"].attrs = {"units": "true or false"}
    return result


@njit(cache=True)
def _one_place(
    I: Floats,
    L: Floats,
    pressure: Floats,
    w: Floats,
    window: int,
    probabilities: Floats,
    out: Floats,
) -> None:
    """Fill ``out`` (mean, sd and three quantiles; date) for one place."""
    days = len(I)
    for end in range(window - 1, days):
        first = end - window + 1
        cases = 0.0
        for s in range(first, end + 1):
            cases += I[s]
        if cases == 0:
            continue
        last = min(days, end + len(w))
        share = np.zeros(last)
        mean = 0.0
        variance = 0.0
        for t in range(first + 1, last):
            if L[t] == 0 or pressure[t] <= 0:
                continue
            for s in range(max(first, t - len(w) + 1), min(end, t - 1) + 1):
                share[t] += w[t - s] * I[s]
            share[t] = min(share[t] / pressure[t], 1.0)
            mean += L[t] * share[t]
            variance += L[t] * share[t] * (1 - share[t])
        out[0, end] = mean / cases
        out[1, end] = np.sqrt(variance) / cases
        _quantiles(L, share, first + 1, mean, np.sqrt(variance), probabilities, out[2:, end])
        out[2:, end] /= cases


@njit(cache=True)
def _quantiles(
    L: Floats,
    share: Floats,
    first: int,
    mean: float,
    sd: float,
    probabilities: Floats,
    out: Floats,
) -> None:
    """Give quantiles of a sum of binomials: its mass from its characteristic function.

    Only the stretch that holds all but a billionth of the mass is worked out: what lies outside
    folds back onto it, so the stretch is read modulo its length.
    """
    low = int(max(0.0, np.floor(mean - SPREAD * sd - SPREAD)))
    length = int(np.ceil(mean + SPREAD * sd + SPREAD)) - low + 1
    mass = np.ones(length)
    for u in range(1, length // 2 + 1):
        turn = np.exp(2j * np.pi * u / length)
        log_value = 0.0 + 0.0j
        for t in range(first, len(share)):
            if share[t] > 0 and L[t] > 0:
                one = 1 - share[t] + share[t] * turn
                if abs(one) < NOTHING:
                    log_value += -np.inf
                else:
                    log_value += L[t] * np.log(one)
        if log_value.real < LOG_NOTHING:
            break  # the modulus only falls from here to half a turn
        twice = 1.0 if 2 * u == length else 2.0
        value = np.exp(log_value - 2j * np.pi * ((u * low) % length) / length)
        for n in range(length):
            mass[n] += twice * value.real
            value /= turn
    reached = 0.0
    at = 0
    for n in range(length):
        reached += max(mass[n] / length, 0.0)
        while at < len(probabilities) and reached >= probabilities[at] - 1e-12:
            out[at] = low + n
            at += 1
