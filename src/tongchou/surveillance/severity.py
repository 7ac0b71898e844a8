"""Severity from counts, adjusted for the delay to the outcome: static, rolling and varying in time."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy import special

from tongchou.surveillance.severity_likelihood import Floats, Likelihood, profile
from tongchou.vocabulary.daily import daily_counts
from tongchou.vocabulary.distributions import (
    Delay,
    Gamma,
    Lognormal,
    daily_probabilities,
    delayed,
)
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Delays = Delay | Floats | Sequence[Delay]
"""One delay; the probabilities of 0, 1, 2, … days; or draws of a delay that is itself uncertain."""


def rolling_severity(
    new_cases: xr.DataArray,
    new_events: xr.DataArray,
    delay: Delays | None = None,
    *,
    likelihood: Likelihood = "matched",
    level: float = 0.95,
) -> xr.Dataset:
    """Give the share of cases that come to an event, as it could be estimated on each date.

    With c_i the new cases of day i, D_t the events to day t, f the probabilities of the delay and
    F its cumulative sums ::

        K_t = Σ_(i≤t) c_i F_(t−i)          outcomes that can be known by day t
        p_t = D_t / K_t

    Without a delay K is the number of cases C and p the naive share, too low while cases rise.

    The interval is the profile likelihood of p, within χ²₁(level)/2 of its maximum:

    - ``"binomial"``: D deaths among K known outcomes (Nishiura 2009, equation 6). It treats outcomes
      that are known on average as known for certain: with p high and outcomes still open it is too narrow.
    - ``"matched"``: D is a sum of binomials, c_i trials with probability p F_(t−i) each. It has mean pK and
      variance pK − p²S with S_t = Σ c_i F²_(t−i); so has the binomial of K²/S trials with probability pS/K,
      which is used. With a single day of cases it is the true distribution; with all outcomes known it is
      the binomial above.
    - ``"poisson"``: mean pK, for many cases and a small p.

    With several delays handed in, the likelihood is their mean: uncertainty of the delay widens the
    interval. The naive interval is the exact one of Clopper and Pearson.

    Parameters
    ----------
    new_cases : DataArray (place, date), persons per day
        By the day from which the delay runs (onset, or confirmation).
    new_events : DataArray (place, date), persons per day
        Deaths, admissions, or another event, by the day on which they happened.
    delay
        From case to event, among those who come to it.
    likelihood
        As above; without a delay it plays no part.
    level
        Coverage of the interval.

    Returns
    -------
    Dataset (place, date)
        ``estimate``, ``low``, ``high``, shares; ``cases``, ``events``, ``known`` (K), persons; ``usable``,
        false where there is no known outcome, or so many events that no share up to 1 explains them
        with this delay: then the estimate is NaN. Events somewhat above K give an estimate of 1.

    References
    ----------
    Nishiura H, Klinkenberg D, Roberts M, Heesterbeek JAP. PLoS ONE 2009;4(8):e6852,
    doi 10.1371/journal.pone.0006852. Clopper CJ, Pearson ES. Biometrika 1934;26:404-413,
    doi 10.1093/biomet/26.4.404.

    Examples
    --------
    A hundred cases on the first day, two deaths, half of the outcomes known:

    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(3) * np.timedelta64(1, "D")
    >>> def cube(row):
    ...     return xr.DataArray([row], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> result = rolling_severity(cube([100.0, 0, 0]), cube([0.0, 0, 2]), np.array([0.1, 0.2, 0.2, 0.5]))
    >>> result["known"].values.round(6).tolist(), round(result["estimate"][0, -1].item(), 4)
    ([[10.0, 30.0, 50.0]], 0.04)
    """
    cases, events = _aligned(new_cases, new_events)
    C, D = (np.cumsum(x.to_numpy(), axis=1) for x in (cases, events))
    if delay is None:
        _refuse_more_events_than_cases(cases, C, D)
        shares, known = exact_binomial(D, C, level), C
    else:
        K, S = _known(cases.to_numpy(), _probabilities(delay))
        shares, known = profile(D, K, S, likelihood, level), K.mean(axis=0)
    return _result(cases, shares, C, D, known)


def static_severity(
    new_cases: xr.DataArray,
    new_events: xr.DataArray,
    delay: Delays | None = None,
    *,
    likelihood: Likelihood = "matched",
    level: float = 0.95,
) -> xr.Dataset:
    """Give the share of cases that come to an event, as estimated on the last date.

    Parameters, formula and result are those of :func:`rolling_severity`, without the dimension ``date``.

    Examples
    --------
    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(2) * np.timedelta64(1, "D")
    >>> def cube(row):
    ...     return xr.DataArray([row], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> static_severity(cube([40.0, 0]), cube([0.0, 3]))["estimate"].values.tolist()
    [0.075]
    """
    cases, events = _aligned(new_cases, new_events)
    c = cases.to_numpy()
    C, D = (x.to_numpy().sum(axis=1, keepdims=True) for x in (cases, events))
    last = cases.isel(date=[-1])
    if delay is None:
        _refuse_more_events_than_cases(cases, C, D)
        return _result(last, exact_binomial(D, C, level), C, D, C).isel(date=0, drop=True)
    cumulative = [_cumulative(f, c.shape[1])[::-1] for f in _probabilities(delay)]
    K = np.stack([(c * F).sum(axis=1, keepdims=True) for F in cumulative])
    S = np.stack([(c * F**2).sum(axis=1, keepdims=True) for F in cumulative])
    shares = profile(D, K, S, likelihood, level)
    return _result(last, shares, C, D, K.mean(axis=0)).isel(date=0, drop=True)


def time_varying_severity(
    new_cases: xr.DataArray,
    new_events: xr.DataArray,
    delay: Delay | Floats | None = None,
    *,
    window: int = 1,
    burn_in: int = 7,
    level: float = 0.95,
) -> xr.Dataset:
    """Give the share of those whose outcome falls due in a window that comes to the event.

    k_t = Σ_j c_(t−j) f_j are the outcomes that fall due on day t, and with sums over the last ``window``
    days p_t = Σ d / Σ k, Σ k rounded to whole persons. The interval is that of Clopper and Pearson. Unlike
    the rolling estimate it forgets the past: it follows a change of treatment, load or case mix, at the
    price of wide intervals. A change of p shows at the date of the outcomes, not of the cases.

    Parameters
    ----------
    new_cases, new_events, delay, level
        As in :func:`rolling_severity`; without a delay k is c.
    window
        Days summed; 1 gives daily figures.
    burn_in
        First days left out: cases before the series starts are not known.

    Returns
    -------
    Dataset (place, date)
        As from :func:`rolling_severity`, with sums over the window. NaN where no outcome falls due or more
        events came than outcomes were due.

    References
    ----------
    Nishiura H et al. PLoS ONE 2009;4(8):e6852, doi 10.1371/journal.pone.0006852.

    Examples
    --------
    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(3) * np.timedelta64(1, "D")
    >>> def cube(row):
    ...     return xr.DataArray([row], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> half_a_day_later = np.array([0.5, 0.5])
    >>> result = time_varying_severity(cube([8.0, 8, 8]), cube([1.0, 1, 4]), half_a_day_later, burn_in=0)
    >>> result["estimate"].values.tolist()
    [[0.25, 0.125, 0.5]]
    """
    if window < 1 or burn_in < 0:
        raise BadParameter(
            "window, burn_in",
            (window, burn_in),
            Text(
                zh="窗口至少 1 天，舍去天数不得为负。请改正后重试。",
                en="the window is at least 1 day and no negative number of days is left out. Correct them.",
            ),
        )
    cases, events = _aligned(new_cases, new_events)
    c = cases.to_numpy()
    due = c if delay is None else delayed(c, _probabilities(delay)[0])
    C, D, k = (_window_sum(x, window) for x in (c, events.to_numpy(), due))
    whole = np.round(k)
    shares = [np.where(whole >= D, x, np.nan) for x in exact_binomial(D, whole, level)]
    for share in shares:
        share[:, :burn_in] = np.nan
    return _result(cases, (shares[0], shares[1], shares[2]), C, D, k)


def uncertain_delay(
    delay: Gamma | Lognormal, standard_error: float, *, points: int = 40
) -> list[Gamma | Lognormal]:
    """Give a delay whose mean is known with an error as equally likely delays; sd ÷ mean is kept.

    The means are the quantiles (i − ½) / n of a normal distribution, held above a tenth of its centre.

    Examples
    --------
    >>> several = uncertain_delay(Gamma(mean=17.8, sd=8.0), 0.6, points=4)
    >>> [round(one.mean, 2) for one in several]
    [17.11, 17.61, 17.99, 18.49]
    """
    normal = special.ndtri((np.arange(points) + 0.5) / points)
    means = np.maximum(delay.mean + standard_error * normal, delay.mean / 10)
    ratio = delay.sd / delay.mean
    if isinstance(delay, Gamma):
        return [Gamma(mean=float(m), sd=ratio * float(m)) for m in means]
    return [Lognormal.from_mean_sd(mean=float(m), sd=ratio * float(m)) for m in means]


def exact_binomial(
    events: npt.ArrayLike, trials: npt.ArrayLike, level: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """Give a share with the exact interval of Clopper and Pearson; NaN without trials.

    The ends are quantiles of Beta(x, n − x + 1) and Beta(x + 1, n − x), and 0 or 1 at the edges.

    Examples
    --------
    >>> [round(float(x), 6) for x in exact_binomial(234, 245)]
    [0.955102, 0.921087, 0.977377]
    """
    x, n = np.broadcast_arrays(np.asarray(events, dtype=float), np.asarray(trials, dtype=float))
    tail = (1 - level) / 2
    seen = (n > 0) & (x <= n)
    a, b = np.where(seen, x, 0.0), np.where(seen, n - x, 1.0)
    low = np.where(a > 0, special.betaincinv(np.maximum(a, 1e-300), b + 1, tail), 0.0)
    high = np.where(b > 0, special.betaincinv(a + 1, np.maximum(b, 1e-300), 1 - tail), 1.0)
    share = a / np.where(seen, n, 1.0)
    return tuple(np.where(seen, v, np.nan) for v in (share, low, high))  # type: ignore[return-value]


def _aligned(cases: xr.DataArray, events: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    left, right = daily_counts(cases, "new_cases"), daily_counts(events, "new_events")
    left, right = xr.align(left, right, join="exact")
    return left, right


def _probabilities(delay: Delays) -> list[Floats]:
    if isinstance(delay, np.ndarray):
        return [delay]
    if isinstance(delay, Sequence):
        return [daily_probabilities(one) for one in delay]
    return [daily_probabilities(delay)]


def _cumulative(f: Floats, days: int) -> Floats:
    """Cumulative probability to each lag of a series of so many days."""
    return np.cumsum(np.pad(f, (0, max(days - len(f), 0)))[:days])


def _known(c: Floats, probabilities: list[Floats]) -> tuple[Floats, Floats]:
    """K and S for each delay, (delay, place, date)."""
    cumulative = [_cumulative(f, c.shape[1]) for f in probabilities]
    return (
        np.stack([delayed(c, F) for F in cumulative]),
        np.stack([delayed(c, F**2) for F in cumulative]),
    )


def _window_sum(values: Floats, window: int) -> Floats:
    """Sum over the last days; at the start over those there are."""
    total = np.cumsum(values, axis=1)
    total[:, window:] -= total[:, :-window].copy()
    return total


def _refuse_more_events_than_cases(cases: xr.DataArray, C: Floats, D: Floats) -> None:
    over = np.flatnonzero(D[:, -1] > C[:, -1])
    if len(over):
        place = str(cases["place"].to_numpy()[over[0]])
        raise BadParameter(
            "new_events",
            f"{place}: {D[over[0], -1]:.0f} > {C[over[0], -1]:.0f}",
            Text(
                zh="事件数多于病例数，比例无意义。请核对两列是否为同一批病例的逐日新增。",
                en="there are more events than cases, so their ratio means nothing. Check that both are new persons per day of the same cases.",
            ),
        )


def _result(
    grid: xr.DataArray, shares: tuple[Floats, Floats, Floats], C: Floats, D: Floats, known: Floats
) -> xr.Dataset:
    values = dict(zip(("estimate", "low", "high"), shares, strict=True))
    result = xr.Dataset()
    for name, array in values.items():
        result[name] = grid.copy(data=array)
        result[name].attrs = {"units": "share"}
    for name, array in (("cases", C), ("events", D), ("known", known)):
        result[name] = grid.copy(data=array)
        result[name].attrs = {"units": "persons"}
    result["usable"] = grid.copy(data=~np.isnan(values["estimate"]))
    result["usable"].attrs = {"units": "true or false"}
    return result
