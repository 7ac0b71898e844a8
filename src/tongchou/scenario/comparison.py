"""Options compared on the same futures: what each brings, how it differs from what is in force, what it costs.

This is the one comparison on the transmission model. The morning's proposals call it with the model of the
night and the options of a place::

    compared = compare_options(
        model,                       # days ahead as R goes on: projection.model_of(...)[0] or NightFit.model(horizon)
        [Choice(...), ...],          # "keep" is added if it is not among them
        in_force=entries,            # recorded_entries(situation.table("measures"), cut, review_days=horizon)[0]
        places=frame,                # place, population, gross_product
        illness=disease("covid2020"),
        units=units,                 # code -> places of the model, for places and all areas above them
        rows={scope.place: [...]},   # what is told; the first row is the one that is judged
        replicates=200, seed=1,
    )
    compared.judged                  # one row for each option, health beside work and burden, dominated_by
    compared.paired                  # differences to "keep", future by future
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr

from tongchou.scenario.burden import costs
from tongchou.scenario.choices import Choice
from tongchou.scenario.effects import Growth, common_course, relative, with_measures
from tongchou.scenario.futures import OUTCOMES, Lived, live
from tongchou.scenario.measures import KEEP, options
from tongchou.transmission.metapopulation.block import Mode
from tongchou.transmission.metapopulation.disease import Disease
from tongchou.transmission.metapopulation.entries import Entry
from tongchou.transmission.metapopulation.levers import End
from tongchou.transmission.metapopulation.model import Model
from tongchou.transmission.metapopulation.timeline import timeline
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

Row = dict[str, Any]

HEALTH = ("infections", "deaths", "short_bed_days")
"""What is weighed on the side of health; the other side is :data:`COSTS`."""

COSTS = ("work_stopped", "burden")

BAND = {"q025": 0.025, "q25": 0.25, "median": 0.5, "q75": 0.75, "q975": 0.975}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What is known of the options.

    Attributes
    ----------
    choices
        The options; the first is "keep".
    totals : DataArray (option, outcome, place, replicate)
        Every future's own: see :data:`.futures.OUTCOMES`.
    daily : DataArray (option, variable, place, date, quantile)
    costs : Dataset (option, place)
        See :func:`.burden.costs`; ``product_missing`` counts the places without a gross product.
    """

    choices: tuple[Choice, ...]
    totals: xr.DataArray
    daily: xr.DataArray
    costs: xr.Dataset

    @property
    def outcomes(self) -> pl.DataFrame:
        """Give one row for each option, place and outcome, beside its difference to "keep".

        option, place, outcome, unit, mean, q025, q25, median, q75, q975; difference and
        difference_q025, difference_q975, of the same future under the option less under "keep";
        chance_better and chance_worse, the share of futures with less of it, and more.
        Outcome ``gone`` is the share of futures in which nobody is infected after the last day.
        The day of the peak has no difference.
        """
        rows: list[Row] = []
        options_, places = self.totals["option"].values, self.totals["place"].values
        for o, option in enumerate(options_):
            for p, place in enumerate(places):
                for k, outcome in enumerate(OUTCOMES):
                    values = self.totals.values[o, k, p]
                    paired = values - self.totals.values[0, k, p]
                    row: Row = {"option": str(option), "place": str(place)}
                    if outcome == "left":
                        rows.append(row | _gone(values, self.totals.values[0, k, p]))
                    else:
                        rows.append(
                            row
                            | {"outcome": outcome, "unit": OUTCOMES[outcome], **_spread(values)}
                            | (_nothing() if outcome == "peak_day" else _difference(paired))
                        )
                rows += [row | _cost(self.costs, str(c), o, p) for c in self.costs]
        return pl.DataFrame(rows, infer_schema_length=None)

    @property
    def judged(self) -> pl.DataFrame:
        """Give one row for each option: the means of :data:`HEALTH` and all costs of the first place told.

        ``dominated_by`` names an option that is no worse in health, work and burden and better in
        one of them, in expectation; null where there is none: then health and costs pull apart and
        the choice is the commander's, for no weight is hidden here.
        """
        first = self.totals.isel(place=0)
        health = {h: first.sel(outcome=h).mean("replicate").values for h in HEALTH}
        spent = {str(c): self.costs[c].isel(place=0).values for c in self.costs}
        table = pl.DataFrame(
            {
                "option": [c.id for c in self.choices],
                "name_zh": [c.name.zh for c in self.choices],
                "name_en": [c.name.en for c in self.choices],
                **health,
                **spent,
            }
        ).with_columns(pl.col("output_at_stake").fill_nan(None))
        worst = table.select(*HEALTH, *COSTS).to_numpy()
        return table.with_columns(
            dominated_by=pl.Series(dominated(worst, table["option"].to_list()), dtype=pl.String)
        )


def compare_options(
    model: Model,
    choices: Sequence[Choice],
    *,
    in_force: Iterable[Entry],
    places: pl.DataFrame,
    illness: Disease,
    units: Mapping[str, Sequence[str]],
    rows: Mapping[str, Sequence[str]],
    replicates: int = 200,
    seed: int = 1,
    mode: Mode = "exact",
    end: End = "value",
    threads: int = 1,
    scheduler: str | None = None,
    keep: Path | None = None,
    told: Callable[[int, int], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Comparison:
    """Live the same futures under each option.

    All options start from the same draws of tonight and meet the same chance, because a random
    number is found by its address: an option that changes nothing differs by nothing, in every
    future.

    Parameters
    ----------
    model
        The days ahead if every place keeps its reproduction number on its path.
    choices
        Options; "keep" is put first.
    in_force
        Measures in force tonight and known to come; what they do tonight is held in R already.
    places
        place, population (persons), gross_product (CNY a year, null where not known), in the order
        of the model.
    illness
        Whose course the model has.
    units
        Places of the model by code, for each place and every area above it.
    rows
        Places summed, by the name of what is told; the first is judged.
    replicates, seed, mode, threads, scheduler, stop
        See :func:`tongchou.transmission.metapopulation.run.simulate`.
    end
        Expected, strongest (``low``) or weakest (``high``) effect of all measures.
    keep
        Folder with a folder for each option: see :func:`.futures.live`.
    told
        Called with futures lived and asked for, over all options.

    Raises
    ------
    BadParameter
        If two options bear the same id, or places and model differ.
    """
    chosen = with_keep(choices)
    if places["place"].to_list() != list(model.places):
        raise BadParameter("places", places.height, _PLACES)
    first, days = model.dates[0].astype(object), len(model.dates)
    tonight = first - timedelta(days=1)
    standing = list(in_force)
    ahead = [c.after(standing, units, tonight) for c in chosen]
    effects = [timeline(e, model.places, first, days, illness, end=end).effects for e in ahead]
    now = chosen[0].after(standing, units, tonight)
    before = timeline(now, model.places, tonight, 1, illness, end=end).effects.isel(date=0)
    growth = Growth(model, illness)
    found = [relative(growth, before, e) for e in effects]
    course = common_course(model, illness, found)
    done = 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        if told is not None:
            told(done, replicates * len(chosen))

    lived = [
        live(
            with_measures(model, f, before, e, course),
            rows=rows,
            replicates=replicates,
            seed=seed,
            mode=mode,
            threads=threads,
            scheduler=scheduler,
            keep=None if keep is None else keep / c.id,
            told=tell,
            stop=stop,
        )
        for c, f, e in zip(chosen, found, effects, strict=True)
    ]
    spent = [_by_row(costs(e, places, first, days), rows) for e in ahead]
    return _together(chosen, lived, spent)


def with_keep(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """Give the options with "keep" first, refusing two of the same id."""
    ids = [c.id for c in choices]
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise BadParameter("choices", ", ".join(twice), _TWICE)
    own = [c for c in choices if c.id == KEEP]
    name = next(o.name for o in options(()) if o.id == KEEP)
    keep = own or [Choice(id=KEEP, name=name)]
    return (*keep, *(c for c in choices if c.id != KEEP))


def dominated(criteria: Floats, names: Sequence[str]) -> list[str | None]:
    """Give for each option one that is no worse by any criterion and better by one: less is better.

    >>> dominated(np.array([[10.0, 0.0], [8.0, 5.0], [9.0, 6.0]]), ["keep", "close", "close late"])
    [None, None, 'close']
    """
    beats = (criteria[:, None] <= criteria).all(-1) & (criteria[:, None] < criteria).any(-1)
    # Of several that beat it, one that nothing beats.
    best = beats & ~np.asarray(beats.any(axis=0))[:, None]
    return [names[int(by.argmax())] if by.any() else None for by in best.T]


def _by_row(cost: xr.Dataset, rows: Mapping[str, Sequence[str]]) -> xr.Dataset:
    """Sum over the places of each row; output over those with a product, the others counted."""
    missing = cost["output_at_stake"].isnull()
    counted = cost.assign(product_missing=missing.astype(float).assign_attrs(units="places"))
    parts = []
    for members in rows.values():
        part = counted.sel(place=list(members))
        total = part.sum("place")
        if bool(part["output_at_stake"].isnull().all()):
            total["output_at_stake"] = xr.full_like(total["output_at_stake"], np.nan)
        parts.append(total)
    summed = xr.concat(parts, dim="place").assign_coords(place=list(rows))
    for name, array in counted.items():
        summed[name].attrs["units"] = array.attrs["units"]
    return summed


def _together(
    choices: tuple[Choice, ...], lived: Sequence[Lived], spent: Sequence[xr.Dataset]
) -> Comparison:
    names = xr.DataArray([c.id for c in choices], dims="option", name="option")
    costs_ = xr.concat(list(spent), dim=names)
    for name, array in spent[0].items():
        costs_[name].attrs["units"] = array.attrs["units"]
    return Comparison(
        choices=choices,
        totals=xr.concat([one.totals for one in lived], dim=names),
        daily=xr.concat([one.daily for one in lived], dim=names),
        costs=costs_,
    )


def _spread(values: Floats) -> Row:
    known = values[~np.isnan(values)]
    if not len(known):
        return dict.fromkeys(("mean", *BAND))
    return {"mean": float(known.mean())} | {
        name: float(np.quantile(known, q, method="hazen")) for name, q in BAND.items()
    }


def _difference(paired: Floats) -> Row:
    return {
        "difference": float(paired.mean()),
        "difference_q025": float(np.quantile(paired, 0.025, method="hazen")),
        "difference_q975": float(np.quantile(paired, 0.975, method="hazen")),
        "chance_better": float((paired < 0).mean()),
        "chance_worse": float((paired > 0).mean()),
    }


def _nothing() -> Row:
    return dict.fromkeys(_difference(np.zeros(1)))


def _gone(left: Floats, kept: Floats) -> Row:
    gone, before = (left == 0).astype(float), (kept == 0).astype(float)
    return (
        {"outcome": "gone", "unit": "share", "mean": float(gone.mean())}
        | dict.fromkeys(BAND)
        | _nothing()
        | {"difference": float((gone - before).mean())}
    )


def _cost(costs_: xr.Dataset, name: str, option: int, place: int) -> Row:
    """Give a cost; it is the same in every future, hence without a band."""
    value, kept = (float(costs_[name].values[o, place]) for o in (option, 0))
    known = None if np.isnan(value) else value
    return (
        {"outcome": name, "unit": costs_[name].attrs["units"], "mean": known}
        | dict.fromkeys(BAND)
        | _nothing()
        | {"difference": None if np.isnan(value - kept) else value - kept}
    )


_PLACES = Text(
    zh="须与模型的地区相同、次序相同。",
    en="they must be the places of the model, in its order.",
)
_TWICE = Text(
    zh="方案编号重复。请为每个方案取不同的编号。",
    en="options bear the same id. Give each one its own.",
)
