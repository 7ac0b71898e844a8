"""Forecasts and their scores as tables."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr

from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.members import ENSEMBLE_OF, Forecaster, forecasters
from tongchou.transmission.renewal import forecast
from tongchou.transmission.reporting import weekday_effect
from tongchou.transmission.rolling import ENSEMBLE, score_past
from tongchou.transmission.training import Training
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

LEVELS = {"q025": 0.025, "q25": 0.25, "median": 0.5, "q75": 0.75, "q975": 0.975}
COLUMNS = ("mean", *LEVELS)
SHORTEST = 28
"""Days of counts from which a forecast is made and scored."""
TRAINING_ORIGINS = 10
"""Past days on which an ensemble looks back for its weights, two days apart."""
ALL = "all"


def forecast_quantiles(
    new_cases: xr.DataArray,
    members: dict[str, Forecaster],
    *,
    model: str,
    horizon: int = 14,
    seed: int = 1,
) -> xr.DataArray:
    """Give the forecast of one member, or of the ensemble with weights from the last three weeks.

    Parameters
    ----------
    new_cases : DataArray (place, date) or, for the renewal forecast, (draw, place, date), persons per day
    members
        From :func:`tongchou.transmission.members.forecasters`.
    model
        A name of a member, or ``ensemble``.
    horizon
        Days ahead.
    seed
        Of the random numbers.

    Returns
    -------
    DataArray (place, date, quantile), persons per day
    """
    rng = np.random.default_rng(seed)
    if model != ENSEMBLE:
        return members[model](new_cases, horizon, rng)
    central = new_cases.mean("draw") if "draw" in new_cases.dims else new_cases
    training = Training(of=ENSEMBLE_OF)
    for origin in past_origins(central, horizon, TRAINING_ORIGINS, step=2):
        known = central.sel(date=slice(None, origin))
        training.learn(known)
        training.remember(
            {n: members[n](known, horizon, np.random.default_rng(seed)) for n in ENSEMBLE_OF}
        )
    training.learn(central)
    today = {
        n: members[n](
            new_cases if n == "renewal" else central, horizon, np.random.default_rng(seed)
        )
        for n in ENSEMBLE_OF
    }
    return training.combine(today)


def past_origins(
    new_cases: xr.DataArray, horizon: int, number: int, step: int
) -> npt.NDArray[np.datetime64]:
    """Give the last known days of past forecasts, earliest first: at most so many, so many days apart."""
    days = new_cases["date"].to_numpy()
    enough = days[max(SHORTEST, 7 + horizon) :]
    return enough[-2::-1][::step][:number][::-1]


def forecast_columns(
    new_cases: xr.DataArray,
    assumptions: ForecastAssumptions,
    *,
    model: str = "renewal",
    horizon: int = 14,
    draws: int = 1000,
    serial_interval_se: float = 0.0,
    by_weekday: bool = False,
    seed: int = 1,
) -> xr.Dataset:
    """Give a forecast as the columns of a table: mean and five quantiles, (place, date).

    Parameters are those of :func:`forecast_quantiles` and of
    :func:`tongchou.transmission.members.forecasters`. The mean of the renewal forecast is that of its futures.
    """
    if model == "renewal":
        central = new_cases.mean("draw") if "draw" in new_cases.dims else new_cases
        ahead = forecast(
            new_cases,
            assumptions,
            horizon=horizon,
            draws=draws,
            weekday=weekday_effect(central) if by_weekday else None,
            serial_interval_se=serial_interval_se,
            rng=np.random.default_rng(seed),
        )
        return forecast_dataset(ahead["new_cases"]).assign(mean=ahead["mean"])
    members = forecasters(
        assumptions, draws=draws, serial_interval_se=serial_interval_se, by_weekday=by_weekday
    )
    return forecast_dataset(
        forecast_quantiles(new_cases, members, model=model, horizon=horizon, seed=seed)
    )


def forecast_dataset(ahead: xr.DataArray) -> xr.Dataset:
    """Give quantiles as the columns of a table: mean and five quantiles, (place, date).

    The mean is that of the quantile function, linear between its levels and level beyond them.

    Examples
    --------
    >>> levels = np.array([0.025, 0.25, 0.5, 0.75, 0.975])
    >>> one = xr.DataArray(
    ...     [[[0.0, 4.0, 5.0, 6.0, 10.0]]],
    ...     {"place": ["420100"], "date": np.array(["2020-02-01"], "datetime64[ns]"), "quantile": levels},
    ...     ("place", "date", "quantile"))
    >>> row = forecast_dataset(one)
    >>> row["mean"].item(), row["q975"].item()
    (5.0, 10.0)
    """
    ahead = ahead.transpose("place", "date", "quantile").sortby("quantile")
    levels, values = ahead["quantile"].to_numpy(), ahead.to_numpy()
    edges = np.concatenate([[0.0], levels, [1.0]])
    padded = np.concatenate([values[..., :1], values, values[..., -1:]], axis=-1)
    result = xr.Dataset(
        {"mean": ahead.isel(quantile=0, drop=True).copy(data=np.trapezoid(padded, edges, axis=-1))}
    )
    for name, level in LEVELS.items():
        result[name] = ahead.sel(quantile=level, method="nearest", tolerance=1e-9, drop=True)
    return result


def score_table(
    new_cases: xr.DataArray,
    *,
    assumptions: ForecastAssumptions,
    horizon: int = 14,
    number: int = 30,
    step: int = 1,
    draws: int = 500,
    seed: int = 1,
    **options: bool | float,
) -> pl.DataFrame:
    """Give how good the forecasts of past days were, by model, by place and by days ahead.

    Parameters
    ----------
    new_cases : DataArray (place, date), persons per day
    assumptions
        Of the renewal forecast.
    horizon
        Days ahead.
    number, step
        Past days on which forecasts are made, and days between them.
    draws, seed, options
        See :func:`tongchou.transmission.members.forecasters`.

    Returns
    -------
    DataFrame
        ``model, place, ahead, n, wis, ratio, log_wis, log_ratio, in50, in95``: mean weighted interval score of counts
        and of log(1 + counts), each beside persistence (below 1 is better), and the share of days inside the
        central bands. ``place`` and ``ahead`` are ``all`` where summed over.
    """
    members = forecasters(assumptions, draws=draws, **options)  # type: ignore[arg-type]
    origins = past_origins(new_cases, horizon, number, step)
    if not len(origins):
        raise BadParameter(
            "new_cases",
            new_cases.sizes["date"],
            Text(
                zh=f"回测至少需要 {max(SHORTEST, 7 + horizon) + 2} 天的逐日数据。请给出更长的序列。",
                en=f"a backtest needs at least {max(SHORTEST, 7 + horizon) + 2} days of counts. Give a longer series.",
            ),
        )
    scores = score_past(
        new_cases, members, origins=origins, of=ENSEMBLE_OF, horizon=horizon, seed=seed
    )
    everywhere = _summary(scores, ())
    by_place = _summary(scores, ("place",)) if scores.sizes["place"] > 1 else everywhere.clear()
    return pl.concat([everywhere, by_place, _summary(scores, ("ahead",))])


def _summary(scores: xr.Dataset, by: Sequence[str]) -> pl.DataFrame:
    over = [d for d in ("origin", "place", "ahead") if d not in by]
    names = ("wis", "log_wis", "in50", "in95")
    mean = scores[list(names)].mean(over)
    mean["n"] = scores["wis"].count(over)
    for name, ratio in (("wis", "ratio"), ("log_wis", "log_ratio")):
        base = mean[name].sel(model="persistence", drop=True)
        mean[ratio] = mean[name] / base.where(base > 0)
    frame = pl.DataFrame(mean.to_dataframe().reset_index().to_dict("list"))
    missing = [pl.lit(ALL).alias(d) for d in ("place", "ahead") if d not in by]
    columns = (
        "model",
        "place",
        "ahead",
        "n",
        "wis",
        "ratio",
        "log_wis",
        "log_ratio",
        "in50",
        "in95",
    )
    return (
        frame.with_columns(*missing)
        .with_columns(pl.col("place", "ahead").cast(pl.String), pl.col("n").cast(pl.Int64))
        .with_columns(pl.col(pl.Float64).fill_nan(None))
        .select(columns)
    )


def draws_from_bands(
    new_cases: xr.DataArray, bands: pl.DataFrame, *, draws: int = 200, rng: np.random.Generator
) -> xr.DataArray:
    """Give draws of counts whose last days are known only within bands, as a nowcast writes them.

    Each draw has one standard normal number z for each place: a day's count is median + z (q975 − median) / 1.96
    for z > 0, and median + z (median − q025) / 1.96 below, never under what is reported. The days of a place
    so move together, as they do when the delay of reporting is what is unsure.

    Parameters
    ----------
    new_cases : DataArray (place, date), persons per day
        Used for the days before the first of the bands.
    bands
        ``place, date, reported, q025, median, q975``; it may go on to later days than the counts.
    draws
        How many.
    rng
        Random numbers.

    Returns
    -------
    DataArray (draw, place, date), persons per day
    """
    first, last = (_day(new_cases["date"].to_numpy()[at]) for at in (0, -1))
    last = max(last, bands.select(pl.col("date").max()).item())
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    dates = np.array(days, dtype="datetime64[ns]")
    counts = new_cases.reindex(date=dates, fill_value=0.0).transpose("place", "date")
    cubes = {}
    for name in ("reported", "q025", "median", "q975"):
        wide = counts.to_numpy().copy()
        rows = {p: i for i, p in enumerate(counts["place"].to_numpy().tolist())}
        known = bands.filter(pl.col("place").is_in(list(rows)) & (pl.col("date") >= first))
        at = ([rows[p] for p in known["place"]], [(d - first).days for d in known["date"]])
        wide[at] = known[name].to_numpy()
        cubes[name] = wide
    z = rng.standard_normal((draws, counts.sizes["place"], 1))
    up, down = cubes["q975"] - cubes["median"], cubes["median"] - cubes["q025"]
    values = np.maximum(
        cubes["median"] + z * np.where(z > 0, up, down) / 1.959964, cubes["reported"]
    )
    return xr.DataArray(
        values,
        {"draw": np.arange(draws), "place": counts["place"], "date": dates},
        ("draw", "place", "date"),
        attrs={"units": "persons per day"},
    )


def _day(stamp: np.datetime64) -> date:
    day: date = stamp.astype("datetime64[D]").item()
    return day
