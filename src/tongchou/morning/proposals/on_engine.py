"""What each option changes, future by future: lived by the transmission model from tonight on."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl
import xarray as xr

from tongchou.morning.outlook import Outlook
from tongchou.morning.rivals.members import HORIZON
from tongchou.planning.beds import mean_bed_days
from tongchou.scenario.choices import Choice, Lift
from tongchou.scenario.compare import costs_of, marked
from tongchou.scenario.comparison import compare_options
from tongchou.scenario.effects import Growth
from tongchou.scenario.measures import KEEP, Option
from tongchou.transmission.metapopulation.contacts import SETTINGS
from tongchou.transmission.metapopulation.disease import disease
from tongchou.transmission.metapopulation.entries import Entry
from tongchou.transmission.metapopulation.levers import End
from tongchou.transmission.metapopulation.model import Model
from tongchou.transmission.metapopulation.timeline import timeline
from tongchou.vocabulary.parameter import Parameter, parameter

FUTURES: dict[End, int] = {"value": 64, "low": 32, "high": 32}
"""Futures lived for each option: with the measures' expected, strongest and weakest effect."""

HERE = "here"
LOW, HIGH = 0.025, 0.975


def lived(
    outlook: Outlook,
    model: Model,
    places: pl.DataFrame,
    where: Sequence[str],
    in_force: Collection[str],
    choices: Sequence[Option],
    fatality: Parameter,
) -> pl.DataFrame:
    """Compare options for some units, the others going on as they are, on the same futures.

    Every option starts from the same states and meets the same chance, so that what it changes is known
    future by future: ``averted`` is the mean difference to "keep"; its range goes from the 2.5 % quantile
    of the differences with all measures at their weakest to the 97.5 % with all at their strongest.
    Infections are all of them, found or not, in the units where the decision applies; deaths and bed-days
    are of those infected within the horizon, whenever they happen: infections × share found × fatality,
    or × mean bed-days of a case. ``multiplier`` is the factor on R that the model gives.

    Parameters
    ----------
    outlook
        Its seed and picture are used.
    model
        Of the engine, from tonight on.
    places
        place, population, gross_product of all units.
    where
        Units where the decision applies, all in the model.
    in_force
        Ids of the measures taken as in force there tonight; what they do is held in R.
    choices
        Options; "keep" among them.
    fatality
        Deaths per confirmed case.

    Returns
    -------
    DataFrame
        As :func:`tongchou.scenario.compare.compare`.
    """
    tonight = outlook.picture.situation.cut
    last = tonight + timedelta(days=HORIZON)
    standing = [
        Entry(what=m, places=tuple(where), start=tonight, until=last) for m in sorted(in_force)
    ]
    asked = [_choice(o, where, tonight + timedelta(days=1), last) for o in choices]
    inside = places.filter(pl.col("place").is_in(list(model.places)))
    order = {p: i for i, p in enumerate(inside["place"])}
    inside = inside[[order[p] for p in model.places]]
    found: dict[End, xr.DataArray] = {}
    for end, replicates in FUTURES.items():
        found[end] = compare_options(
            model,
            asked,
            in_force=standing,
            places=inside,
            illness=disease("covid2020"),
            units={p: [p] for p in model.places},
            rows={HERE: list(where)},
            replicates=replicates,
            seed=outlook.seed,
            end=end,
        ).totals.sel(outcome="infections", place=HERE)
    area = places.filter(pl.col("place").is_in(list(where)))
    growth = Growth(model, disease("covid2020"))
    rows = []
    for option, choice in zip(choices, asked, strict=True):
        changed = choice.after(standing, {p: [p] for p in where}, tonight)
        factors = [_factor_on_r(growth, where, standing, changed, end) for end in FUTURES]
        rows.append(
            _row(option, found, _ranged(factors[0], min(factors), max(factors)), fatality)
            | costs_of(option, area, in_force, HORIZON)
        )
    return marked(pl.DataFrame(rows, infer_schema_length=None))


def _choice(option: Option, where: Sequence[str], start: date, last: date) -> Choice:
    return Choice(
        id=option.id,
        name=option.name,
        add=tuple(Entry(what=m, places=tuple(where), start=start, until=last) for m in option.add),
        lift=tuple(Lift(what=m, places=tuple(where), start=start) for m in option.lift),
    )


def _factor_on_r(
    growth: Growth, where: Sequence[str], before: Sequence[Entry], after: Sequence[Entry], end: End
) -> float:
    """Give the factor on R of going from what is in force to an option, as the model has it in the first unit.

    R̂(E) / R̂(E₀), R̂ the spectral radius of the next-generation matrix; see
    :func:`tongchou.scenario.effects.relative`.
    """
    model = growth.model
    first = model.dates[0].astype("datetime64[D]").item()
    then, now = (
        timeline(e, where, first, 1, growth.illness, end=end).effects.isel(date=0, place=0)
        for e in (after, before)
    )
    isolated = float(model.days.isolate[0, model.places.index(where[0])])

    def r(effects: xr.Dataset, isolate: float) -> float:
        met = [float(effects[str(s)]) for s in SETTINGS]
        grown = growth(met, isolate, float(effects["trace"]), float(effects["traced"]))
        return float(effects["transmissibility"]) * grown

    changed = max(0.0, isolated + float(then["isolate"]) - float(now["isolate"]))
    return r(then, changed) / r(now, isolated)


def _row(
    option: Option,
    found: dict[End, xr.DataArray],
    factors: tuple[float, float, float],
    fatality: Parameter,
) -> dict[str, object]:
    central = found["value"].sel(option=option.id).to_numpy()
    saved = {
        end: (f.sel(option=KEEP) - f.sel(option=option.id)).to_numpy() for end, f in found.items()
    }
    share = parameter("ascertainment").value
    infections = _ranged(central.mean(), np.quantile(central, LOW), np.quantile(central, HIGH))
    averted = _ranged(
        saved["value"].mean(),
        min(np.quantile(saved[end], LOW) for end in ("low", "high")),
        max(np.quantile(saved[end], HIGH) for end in ("low", "high")),
    )
    deadly = (fatality.value, fatality.low or fatality.value, fatality.high or fatality.value)
    row: dict[str, object] = {
        "option": option.id,
        "name_zh": option.name.zh,
        "name_en": option.name.en,
    }
    for name, (value, low, high) in {
        "multiplier": factors,
        "infections": infections,
        "deaths": _times(infections, [share * f for f in deadly]),
        "bed_days": _times(infections, [share * mean_bed_days()] * 3),
        "averted": averted,
    }.items():
        row |= {name: value, f"{name}_low": low, f"{name}_high": high}
    return row


def _times(
    values: tuple[float, float, float], factors: Sequence[float]
) -> tuple[float, float, float]:
    a, b, c = (v * f for v, f in zip(values, factors, strict=True))
    return a, b, c


def _ranged(middle: float, low: float, high: float) -> tuple[float, float, float]:
    """Give a number with its range; a mean outside its quantiles, where most futures see nothing, widens it."""
    return float(middle), float(min(low, middle)), float(max(high, middle))
