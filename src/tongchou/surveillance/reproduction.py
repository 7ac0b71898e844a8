"""How many people one case infects now: the instantaneous reproduction number R_t."""

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy import special

from tongchou.vocabulary.daily import daily_counts
from tongchou.vocabulary.distributions import (
    Gamma,
    Lognormal,
    delayed,
    serial_interval_probabilities,
)
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

WINDOW = int(parameter("reproduction_window").value)
PRIOR_MEAN = parameter("reproduction_prior_mean").value
PRIOR_SD = parameter("reproduction_prior_sd").value
CV_LIMIT = parameter("reproduction_cv_limit").value

SUM_SLACK = 0.01
"""How far from 1 the probabilities of a serial interval may add up, for rounding in a table."""

QUANTILES = {"q025": 0.025, "q25": 0.25, "median": 0.5, "q75": 0.75, "q975": 0.975}


def estimate_reproduction(
    new_cases: xr.DataArray,
    serial_interval: Gamma | Lognormal | Floats,
    *,
    imported: xr.DataArray | None = None,
    window: int = WINDOW,
    prior_mean: float = PRIOR_MEAN,
    prior_sd: float = PRIOR_SD,
    cv_limit: float = CV_LIMIT,
) -> xr.Dataset:
    """Give R_t with its posterior range, for every place and date at once.

    With I_s the new cases of day s, L_s those of them infected here, w_k the probability of a serial
    interval of k days and Λ_s = Σ_k w_k I_(s−k) the infectivity, R is held constant over the window
    t − τ + 1 … t. A gamma prior of shape a and rate b then gives the gamma posterior ::

        R_t ~ Gamma(shape = a + Σ L_s, rate = b + Σ Λ_s)

    - The window fills once: NaN before τ + 1 days, for day 1 has no day before it.
    - NaN as long as the series is no longer than the mean serial interval: a generation must fit in.
    - With few cases the posterior is the prior: NaN where its coefficient of variation,
      1 / √shape, exceeds ``cv_limit``. With the default prior, 11 cases must stand in the window.

    Parameters
    ----------
    new_cases : DataArray (place, date), persons per day
        All new cases, by onset if known; by confirmation R_t lags by the delay from onset to
        confirmation.
    serial_interval
        Mean and standard deviation in days (discretised as in the source), or the probabilities
        of 0, 1, 2, … days, of which the first is 0.
    imported : DataArray (place, date), persons per day
        Those among ``new_cases`` who were infected elsewhere: they infect here, but nobody here
        infected them. None where all but those of the first day were infected here.
    window
        τ, days.
    prior_mean, prior_sd
        Of R.
    cv_limit
        Largest coefficient of variation at which R is given.

    Returns
    -------
    Dataset (place, date)
        ``mean``, ``sd``, ``q025``, ``q25``, ``median``, ``q75``, ``q975`` of R; ``usable``; and the
        posterior itself, ``shape`` and ``rate``, also where it is not usable.

    References
    ----------
    Cori A, Ferguson NM, Fraser C, Cauchemez S. Am J Epidemiol 2013;178:1505-1512,
    doi 10.1093/aje/kwt133, web appendix 1.

    Examples
    --------
    Ten cases a day, each infecting one other:

    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(60) * np.timedelta64(1, "D")
    >>> cases = xr.DataArray(np.full((1, 60), 10.0), {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> R = estimate_reproduction(cases, Gamma(mean=5.1, sd=2.7))
    >>> round(float(R["mean"][0, -1]), 2), bool(R["usable"][0, 3])
    (1.01, False)
    """
    require_positive(window=window, prior_mean=prior_mean, prior_sd=prior_sd, cv_limit=cv_limit)
    new_cases = daily_counts(new_cases, "new_cases")
    w = interval_probabilities(serial_interval)
    I = new_cases.to_numpy()
    prior = Gamma(mean=prior_mean, sd=prior_sd)
    shape = prior.shape + window_sum(local_cases(new_cases, imported), window)
    rate = prior.rate + window_sum(delayed(I, w), window)
    usable = np.isfinite(shape) & (1 / np.sqrt(np.maximum(shape, 1e-12)) <= cv_limit)
    usable[:, : int(mean_days(w))] = False
    return _posterior(new_cases, shape, rate, usable)


def interval_probabilities(serial_interval: Gamma | Lognormal | Floats) -> Floats:
    """Give the probabilities of a serial interval of 0, 1, 2, … days, or refuse them.

    Examples
    --------
    >>> interval_probabilities(np.array([0.0, 0.25, 0.75])).tolist()
    [0.0, 0.25, 0.75]

    Raises
    ------
    BadParameter
        If a given row of probabilities is none, or lets people infect on the day of their onset.
    """
    if not isinstance(serial_interval, np.ndarray):
        return serial_interval_probabilities(serial_interval)
    w = serial_interval.astype(float)
    if w.ndim != 1 or not np.isfinite(w).all() or (w < 0).any() or abs(w.sum() - 1) > SUM_SLACK:
        raise BadParameter("serial_interval", w[:5].tolist(), _NO_PROBABILITIES)
    if w[0] > 0:
        raise BadParameter("serial_interval", w[:5].tolist(), _SAME_DAY)
    return w


def mean_days(w: Floats) -> float:
    """Give the mean of a delay of 0, 1, 2, … days.

    >>> mean_days(np.array([0.0, 0.25, 0.75]))
    1.75
    """
    return float(np.arange(len(w)) @ w)


def local_cases(new_cases: xr.DataArray, imported: xr.DataArray | None) -> Floats:
    """Give the cases infected here; ``imported`` must be a part of ``new_cases``, cell by cell."""
    I = new_cases.to_numpy()
    if imported is None:
        return np.asarray(I)
    new_cases, imported = xr.align(new_cases, daily_counts(imported, "imported"), join="exact")
    local = I - imported.to_numpy()
    if (local < 0).any():
        most = float(imported.to_numpy()[local < 0].max())
        raise BadParameter("imported", f"{most:g}", _MORE_IMPORTED)
    return np.asarray(local)


def require_positive(**values: float) -> None:
    """Refuse a parameter that is not positive."""
    for name, value in values.items():
        if not value > 0:
            raise BadParameter(
                name,
                value,
                Text(
                    zh="必须大于零。请去掉该参数以用默认值。",
                    en="it must be positive. Leave it out for the default.",
                ),
            )


def window_sum(values: Floats, window: int) -> Floats:
    """Sum the last ``window`` days, dates last; NaN until the window has filled without day 1.

    >>> window_sum(np.array([[9.0, 1.0, 2.0, 3.0]]), 2).tolist()
    [[nan, nan, 3.0, 5.0]]
    """
    total = np.cumsum(values, axis=-1)
    result = np.full_like(values, np.nan)
    result[..., window:] = total[..., window:] - total[..., :-window]
    return result


def _posterior(
    new_cases: xr.DataArray, shape: Floats, rate: Floats, usable: npt.NDArray[np.bool_]
) -> xr.Dataset:
    a, b = shape[usable], rate[usable]
    variables = {"mean": a / b, "sd": np.sqrt(a) / b}
    # Counts are whole numbers, so few different shapes occur: one inverse per shape, not per cell.
    kinds, kind = np.unique(a, return_inverse=True)
    for name, probability in QUANTILES.items():
        variables[name] = special.gammaincinv(kinds, probability)[kind] / b
    result = xr.Dataset()
    for name, values in variables.items():
        cube = np.full(shape.shape, np.nan)
        cube[usable] = values
        result[name] = new_cases.copy(data=cube)
        result[name].attrs = {"units": "persons infected by one case"}
    for name, cube, units in (
        ("shape", shape, "1"),
        ("rate", rate, "1"),
        ("usable", usable, "true or false"),
    ):
        result[name] = new_cases.copy(data=cube)
        result[name].attrs = {"units": units}
    return result


_NO_PROBABILITIES = Text(
    zh="须为 0、1、2…天的概率：不为负、合计为 1。请核对序列间隔表。",
    en="it must hold the probabilities of 0, 1, 2, … days: none negative, adding up to 1. Check the table of the serial interval.",
)
_SAME_DAY = Text(
    zh="0 天的概率必须为 0：日数据无法分辨同日的代际。请以 0 开头。",
    en="the probability of 0 days must be 0: daily counts cannot tell generations of one day apart. Let it begin with 0.",
)
_MORE_IMPORTED = Text(
    zh="输入病例不能多于当日全部病例；new_cases 应包含输入病例。",
    en="it cannot exceed all cases of the day; new_cases are to include the imported ones.",
)
