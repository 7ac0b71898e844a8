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

QUANTILES = {"q025": 0.025, "q25": 0.25, "median": 0.5, "q75": 0.75, "q975": 0.975}


def estimate_reproduction(
    new_cases: xr.DataArray,
    serial_interval: Gamma | Lognormal | Floats,
    *,
    window: int = WINDOW,
    prior_mean: float = PRIOR_MEAN,
    prior_sd: float = PRIOR_SD,
    cv_limit: float = CV_LIMIT,
) -> xr.Dataset:
    """Give R_t with its posterior range, for every place and date at once.

    With I_s the new cases of day s, w_k the probability of a serial interval of k days and
    Λ_s = Σ_k w_k I_(s−k) the infectivity, R is held constant over the window t − τ + 1 … t. A gamma
    prior of shape a and rate b then gives the gamma posterior ::

        R_t ~ Gamma(shape = a + Σ I_s, rate = b + Σ Λ_s)

    - The window fills once: NaN before τ + 1 days, for day 1 has no day before it.
    - With few cases the posterior is the prior: NaN where its coefficient of variation,
      1 / √shape, exceeds ``cv_limit``. With the default prior, 11 cases must stand in the window.

    Parameters
    ----------
    new_cases : DataArray (place, date), persons per day
        By onset if known; by confirmation R_t lags by the delay from onset to confirmation.
    serial_interval
        Mean and standard deviation in days (discretised as in the source), or the probabilities
        of 0, 1, 2, … days.
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
    _require(window=window, prior_mean=prior_mean, prior_sd=prior_sd, cv_limit=cv_limit)
    new_cases = daily_counts(new_cases, "new_cases")
    w = (
        serial_interval
        if isinstance(serial_interval, np.ndarray)
        else serial_interval_probabilities(serial_interval)
    )
    I = new_cases.to_numpy()
    prior = Gamma(mean=prior_mean, sd=prior_sd)
    shape = prior.shape + _window_sum(I, window)
    rate = prior.rate + _window_sum(delayed(I, w), window)
    usable = np.isfinite(shape) & (1 / np.sqrt(np.maximum(shape, 1e-12)) <= cv_limit)
    return _posterior(new_cases, shape, rate, usable)


def _require(**values: float) -> None:
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


def _window_sum(values: Floats, window: int) -> Floats:
    """Sum the last ``window`` days; NaN until the window has filled without day 1."""
    total = np.cumsum(values, axis=1)
    result = np.full_like(values, np.nan)
    result[:, window:] = total[:, window:] - total[:, :-window]
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
