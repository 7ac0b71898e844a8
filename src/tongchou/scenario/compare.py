"""Packages of measures compared on the same random numbers: health beside output (M006, M065, M067)."""

from collections.abc import Collection, Sequence
from typing import Protocol

import numpy as np
import polars as pl
import xarray as xr

from tongchou.planning.beds import mean_bed_days
from tongchou.scenario.measures import (
    KEEP,
    Option,
    burden_points,
    multiplier_between,
    options,
    people_touched,
    work_stopped,
)
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.fact_table import assumption
from tongchou.vocabulary.parameter import Parameter
from tongchou.vocabulary.text import Text


class Forecast(Protocol):
    """New cases under a multiplier on R.

    It gives ``mean`` (place, date), persons a day, and ``cumulative`` (place, date, quantile),
    persons, as :func:`tongchou.transmission.renewal.forecast` does. Called twice with equal
    generators it must give the same chance to both.
    """

    def __call__(self, multiplier: xr.DataArray, rng: np.random.Generator) -> xr.Dataset:
        """Give the forecast under a multiplier by place."""


def compare(
    forecast: Forecast,
    places: pl.DataFrame,
    in_force: Collection[str],
    fatality: Parameter,
    rng: np.random.Generator,
    *,
    where: Sequence[str] | None = None,
    choices: Sequence[Option] | None = None,
) -> pl.DataFrame:
    """Give the outcome of each option over the horizon of the forecast.

    Every option meets the same chance: each forecast gets a generator of the same seed. With
    multipliers m_low ≤ m ≤ m_high of the option against what is in force:

    - infections: Σ mean new cases under m. Range: the 5 % quantile of cumulative cases under
      m_low to the 95 % quantile under m_high, summed over places as if all ran low, or high,
      together, so that it is wide rather than narrow.
    - averted: infections under "keep" less infections; its range comes from the multiplier alone,
      because chance is the same on both sides.
    - deaths = infections × fatality; bed-days = infections × Σ share × mean stay. Both belong to
      those infected within the horizon, whenever they happen.
    - output at stake = Σ gross product ÷ 365 × share of work stopped × days, in the places where
      the option applies. Places without a gross product are left out and counted.
    - people under burden = population × share under a measure; burden-days = population × Σ share
      × points × days.

    Infections are those that become confirmed cases, as the forecast counts them. Output and
    burden are of all measures in force once the option is taken, so that lifting shows as less.

    Parameters
    ----------
    forecast
        See :class:`Forecast`.
    places
        place, population (persons), gross_product (CNY a year).
    in_force
        Ids of the measures in force where the decision applies.
    fatality
        Deaths per confirmed case, such as ``parameter("case_fatality_adjusted")``.
    rng
        One number is drawn from it, the seed that all options share.
    where
        Places where the decision applies; by default all places of the table.
    choices
        Options; by default those of the packaged table that would change something. "Keep" is
        added if it is not among them.

    Returns
    -------
    DataFrame
        option, name_zh, name_en, multiplier, infections, averted, deaths, bed_days (each with
        ``_low`` and ``_high``), output_at_stake (CNY; null where no gross product is known),
        product_missing (places), people_under_burden (persons), burden_days (point-days),
        ``pareto``: no other option has fewer infections without more output at stake, or less
        output at stake without more infections (null where output is not known);
        ``lighter``: the option of least burden that reaches the same effect (null: none is
        lighter); ``least_burden``: whether it is the lightest way to the strongest effect.
    """
    chosen = with_keep(options(in_force) if choices is None else choices)
    area = places if where is None else places.filter(pl.col("place").is_in(list(where)))
    seed = int(rng.integers(2**63))
    rows = [_outcome(o, forecast, places, area, in_force, fatality, seed) for o in chosen]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    keep = float(frame.filter(pl.col("option") == KEEP)["mean"][0])
    compared = frame.with_columns(
        averted=keep - pl.col("mean"),
        averted_low=keep - pl.col("mean_high"),
        averted_high=keep - pl.col("mean_low"),
    )
    return marked(compared).drop("mean", "mean_low", "mean_high")


def with_keep(choices: Sequence[Option]) -> list[Option]:
    """Give the options with the one that changes nothing among them."""
    if any(o.id == KEEP for o in choices):
        return list(choices)
    return [next(o for o in options(()) if o.id == KEEP), *choices]


def _outcome(
    option: Option,
    forecast: Forecast,
    places: pl.DataFrame,
    area: pl.DataFrame,
    in_force: Collection[str],
    fatality: Parameter,
    seed: int,
) -> dict[str, object]:
    after = option.after(in_force)
    factors = multiplier_between(in_force, after)
    runs = [
        forecast(_by_place(factor, places, area), np.random.default_rng(seed)) for factor in factors
    ]
    means = [float(run["mean"].sum()) for run in runs]
    days = runs[1].sizes["date"]
    infections = (
        _total(runs[0], assumption("scenario", "range_low")),
        means[1],
        _total(runs[2], assumption("scenario", "range_high")),
    )
    deadly = (
        fatality.value if fatality.low is None else fatality.low,
        fatality.value,
        fatality.value if fatality.high is None else fatality.high,
    )
    deaths = [i * f for i, f in zip(infections, deadly, strict=True)]
    bed_days = [i * mean_bed_days() for i in infections]
    return {
        "option": option.id,
        "name_zh": option.name.zh,
        "name_en": option.name.en,
        **_ranged("multiplier", factors),
        **_ranged("infections", infections),
        **_ranged("deaths", deaths),
        **_ranged("bed_days", bed_days),
        **_ranged("mean", means),
        **costs_of(option, area, in_force, days),
    }


def costs_of(
    option: Option, area: pl.DataFrame, in_force: Collection[str], days: int
) -> dict[str, float | int | None]:
    """Give output at stake and burden of all measures in force once an option is taken; see :func:`compare`."""
    after = option.after(in_force)
    population, product = float(area["population"].sum()), area["gross_product"]
    stopped = work_stopped(after) * days / 365
    return {
        "output_at_stake": None
        if product.null_count() == len(product)
        else float(product.sum()) * stopped,
        "product_missing": product.null_count(),
        "people_under_burden": population * people_touched(after),
        "burden_days": population * burden_points(after) * days,
    }


def _by_place(factor: float, places: pl.DataFrame, area: pl.DataFrame) -> xr.DataArray:
    codes = places["place"].to_list()
    here = places["place"].is_in(area["place"].to_list()).to_numpy()
    return xr.DataArray(
        np.where(here, factor, 1.0), coords={"place": codes}, dims="place", attrs={"units": "1"}
    )


def _total(run: xr.Dataset, level: float) -> float:
    """Give the cumulative cases at a quantile on the last day, summed over places."""
    last = run["cumulative"].isel(date=-1)
    if not np.isclose(last["quantile"].values, level).any():
        raise BadParameter(
            "quantile",
            level,
            Text(
                zh="预测须给出这一分位数。",
                en="the forecast must give this quantile.",
            ),
        )
    return float(last.sel(quantile=level, method="nearest").sum())


def _ranged(name: str, values: Sequence[float]) -> dict[str, float]:
    low, central, high = values
    # A mean may lie outside the quantiles of a sum over many quiet places: the range holds it.
    return {name: central, f"{name}_low": min(low, central), f"{name}_high": max(high, central)}


def marked(frame: pl.DataFrame) -> pl.DataFrame:
    """Mark the options that no other beats, and the lightest ways to an effect; see :func:`compare`."""
    return frame.with_columns(
        pareto=pl.Series(
            pareto(frame["infections"].to_list(), frame["output_at_stake"].to_list()),
            dtype=pl.Boolean,
        ),
        lighter=pl.Series(_lighter(frame), dtype=pl.Utf8),
        least_burden=pl.Series(_least_burden(frame), dtype=pl.Boolean),
    )


def pareto(harm: Sequence[float], cost: Sequence[float | None]) -> list[bool | None]:
    """Give for each option whether no other is at least as good in both and better in one.

    >>> pareto([10.0, 8.0, 9.0], [0.0, 5.0, 6.0])
    [True, True, False]
    """
    known = [(h, c) for h, c in zip(harm, cost, strict=True) if c is not None]
    return [
        None if c is None else not any(a <= h and b <= c and (a < h or b < c) for a, b in known)
        for h, c in zip(harm, cost, strict=True)
    ]


def _as_good(frame: pl.DataFrame, row: int) -> list[int]:
    """Give the options that reach the effect of one, within the tolerance."""
    averted = frame["averted"].to_list()
    shortfall = assumption("scenario", "same_effect_tolerance") * abs(averted[row])
    # A billionth of a case: what floating-point sums may differ by.
    return [j for j, a in enumerate(averted) if a >= averted[row] - shortfall - 1e-9]


def _lighter(frame: pl.DataFrame) -> list[str | None]:
    burden, ids = frame["burden_days"].to_list(), frame["option"].to_list()
    best = [min(_as_good(frame, i), key=lambda j: burden[j]) for i in range(len(frame))]
    return [ids[j] if burden[j] < burden[i] else None for i, j in enumerate(best)]


def _least_burden(frame: pl.DataFrame) -> list[bool]:
    strongest = int(np.argmax(frame["averted"].to_numpy()))
    burden = frame["burden_days"].to_list()
    lightest = min(_as_good(frame, strongest), key=lambda j: burden[j])
    return [j == lightest for j in range(len(frame))]
