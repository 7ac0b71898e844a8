"""Forecasts as they would have been made on past days, scored by what came."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.members import Forecaster
from tongchou.transmission.score import coverage, weighted_interval_score
from tongchou.transmission.training import Training
from tongchou.vocabulary.daily import daily_counts
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Dates = npt.NDArray[np.datetime64]
ENSEMBLE = "ensemble"


def score_past(
    new_cases: xr.DataArray,
    members: Mapping[str, Forecaster],
    *,
    origins: Dates,
    of: Sequence[str],
    horizon: int = 14,
    seed: int = 1,
) -> xr.Dataset:
    """Score every member and their ensemble on past days, each day seeing only what was known by then.

    Parameters
    ----------
    new_cases : DataArray (place, date), persons per day
        As known today: kinder to a forecast than what was known then.
    members
        Forecasters by name.
    origins
        Last known days of the forecasts, in order.
    of
        Names that make the ensemble.
    horizon
        Days ahead; days after the last count are not scored.
    seed
        Each forecast gets a generator of this seed.

    Returns
    -------
    Dataset (model, origin, place, ahead)
        ``wis``, persons; ``log_wis``, the score of log(1 + cases); ``in50``, ``in95``, 0 or 1; ``median``,
        ``observed``, persons; NaN where the day is not known yet. ``weight`` (origin, model).

    References
    ----------
    Bracher J et al. PLoS Comput Biol 2021;17:e1008618, doi 10.1371/journal.pcbi.1008618. Bosse NI et al.
    PLoS Comput Biol 2023;19:e1011393, doi 10.1371/journal.pcbi.1011393 (scores of logarithms).

    Examples
    --------
    >>> from tongchou.transmission.score import persistence
    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(40) * np.timedelta64(1, "D")
    >>> cases = xr.DataArray(np.full((1, 40), 6.0), {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> steady = {"persistence": lambda known, horizon, rng: persistence(known, horizon=horizon)}
    >>> scores = score_past(cases, steady, origins=dates[-8:], of=["persistence"], horizon=7)
    >>> float(scores["wis"].mean()), float(scores["in95"].mean()), scores.sizes["origin"]
    (0.0, 1.0, 7)
    """
    counts = daily_counts(new_cases, "new_cases")
    origins = origins[origins < counts["date"].to_numpy()[-1]]
    if not len(origins):
        raise BadParameter(
            "origins",
            0,
            Text(
                zh="没有可评分的过去日期：序列太短。请给出更长的序列。",
                en="there is no past day to score: the series is too short. Give a longer one.",
            ),
        )
    training = Training(of=of)
    scored, weighed = [], []
    for origin in origins:
        known = counts.sel(date=slice(None, origin))
        made = {
            name: make(known, horizon, np.random.default_rng(seed))
            for name, make in members.items()
        }
        training.learn(known)
        weights = training.weights()
        everything = {**made, ENSEMBLE: training.combine(made)}
        training.remember(made)
        scored.append(score_members(everything, counts))
        weighed.append([weights.get(name, np.nan) for name in everything])
    result = xr.concat(scored, dim="origin", join="exact").assign_coords(origin=origins)
    result["weight"] = (("origin", "model"), np.array(weighed))
    return result


def score_members(members: Mapping[str, xr.DataArray], counts: xr.DataArray) -> xr.Dataset:
    """Score forecasts made on one day, (model, place, ahead); see :func:`score_past`."""
    stacked = xr.concat(list(members.values()), dim="model", join="exact")
    stacked = stacked.assign_coords(model=list(members))
    came = counts.reindex(date=stacked["date"])
    came = came.expand_dims(model=list(members))
    seen = came.notnull()
    result = xr.Dataset(
        {
            "wis": weighted_interval_score(stacked, came),
            "log_wis": weighted_interval_score(_log(stacked), _log(came)),
            "in50": coverage(stacked, came, 0.5).where(seen),
            "in95": coverage(stacked, came, 0.95).where(seen),
            "median": stacked.sel(quantile=0.5, drop=True),
            "observed": came,
        }
    )
    days = np.arange(1, result.sizes["date"] + 1)
    return result.assign_coords(date=days).rename(date="ahead")


def _log(cases: xr.DataArray) -> xr.DataArray:
    return cases.copy(data=np.log1p(cases.to_numpy()))
