"""The engine from a night's calibration, every night, beside the engine from reports, renewal and persistence.

Run: ``TONGCHOU_DATA=… python -m benchmarks.backtest_engine --keep FOLDER --out TABLE.csv [--step 4]``. Each night
sees only what was known then and is fitted anew; its forecast of each model is kept in the folder, so that a
run cut off goes on from there, and ``--again MODEL`` makes that of one model anew. Truth is the series as it
was received later, days on which a backlog falls left out. The calibrated engine takes provinces as places, which
scored better than prefectures on three nights at a tenth of the time; ``--with-prefectures`` fits these too.
In-sample: assumptions were chosen on these weeks.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import xarray as xr

from tongchou.morning.backtest import corrected_days, series_of
from tongchou.morning.calibrated import fit_night
from tongchou.morning.picture import Picture, assess, with_quiet_past
from tongchou.morning.projection import project
from tongchou.morning.scope import Scope, scope_of
from tongchou.situation import library
from tongchou.situation.pack import Pack
from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.metapopulation.quantiles import LEVELS
from tongchou.transmission.renewal import HUB_QUANTILES, forecast
from tongchou.transmission.score import coverage, persistence, weighted_interval_score

FIRST, LAST, HORIZON = date(2020, 1, 25), date(2020, 2, 29), 14
REPLICATES, SEED = 500, 1
QUANTILES = tuple(q for q in HUB_QUANTILES if np.abs(LEVELS - q).min() < 1e-9)
"""Levels that the engine keeps and forecast hubs ask for: all but four about the middle."""

HUBEI = "420000"


def calibrated(picture: Picture, scope: Scope) -> xr.DataArray:
    """Forecast by the engine fitted to the night, areas as places."""
    fit = fit_night(picture, seed=SEED, whole_areas=True)
    model = fit.model(HORIZON)
    ahead, _ = fit.reported(model, replicates=REPLICATES, quantiles=QUANTILES, seed=SEED)
    return ahead.reindex(place=list(scope.areas), fill_value=0.0)


def calibrated_units(picture: Picture, scope: Scope) -> xr.DataArray:
    """Forecast by the engine fitted to the night at prefectures."""
    fit = fit_night(picture, seed=SEED)
    model = fit.model(HORIZON)
    ahead, _ = fit.reported(model, replicates=REPLICATES, quantiles=QUANTILES, seed=SEED)
    return ahead.reindex(place=list(scope.areas), fill_value=0.0)


def from_reports(picture: Picture, scope: Scope) -> xr.DataArray:
    """Forecast by the engine started from the reports at prefectures."""
    found = project(picture, horizon=HORIZON, replicates=256, quantiles=QUANTILES)
    return found.ahead["confirmed"].reindex(place=list(scope.areas), fill_value=0.0)


def renewal(picture: Picture, scope: Scope) -> xr.DataArray:
    """Forecast by the renewal equation."""
    return forecast(
        _known(picture, scope),
        ForecastAssumptions.from_table(),
        horizon=HORIZON,
        draws=1000,
        rng=np.random.default_rng(SEED),
    )["new_cases"]


def unchanged(picture: Picture, scope: Scope) -> xr.DataArray:
    """Forecast that nothing changes."""
    return persistence(_known(picture, scope), horizon=HORIZON)


def _known(picture: Picture, scope: Scope) -> xr.DataArray:
    _, known = series_of(picture.situation, scope, list(scope.areas))
    return with_quiet_past(known)


Model = Callable[[Picture, Scope], xr.DataArray]
MODELS: dict[str, Model] = {
    "persistence": unchanged,
    "renewal": renewal,
    "engine from reports": from_reports,
    "engine calibrated": calibrated,
}
MORE: dict[str, Model] = {"engine calibrated at prefectures": calibrated_units}


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Forecasts of each night and model in a folder."""

    folder: Path

    def file(self, night: date, model: str) -> Path:
        """Give the file of one forecast."""
        return self.folder / f"{night}-{model.replace(' ', '-')}.parquet"

    def load(self, night: date, model: str) -> xr.DataArray:
        """Read a forecast (place, date, quantile)."""
        frame = pl.read_parquet(self.file(night, model))
        levels = [c for c in frame.columns if c.startswith("q")]
        places = frame["place"].unique(maintain_order=True).to_list()
        days = frame["date"].unique(maintain_order=True).to_numpy().astype("datetime64[ns]")
        values = frame.select(levels).to_numpy().reshape(len(places), len(days), len(levels))
        labels = {"place": places, "date": days, "quantile": [float(c[1:]) for c in levels]}
        return xr.DataArray(values, labels, ("place", "date", "quantile"))

    def save(self, night: date, model: str, ahead: xr.DataArray) -> None:
        """Write a forecast, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        ahead = ahead.transpose("place", "date", "quantile")
        places, days = ahead["place"].values, ahead["date"].values.astype("datetime64[D]")
        frame = pl.DataFrame(
            {"place": np.repeat(places.astype(str), len(days)), "date": np.tile(days, len(places))}
            | {f"q{float(q):g}": ahead.values[..., k].ravel() for k, q in enumerate(ahead["quantile"].values)}
        )  # fmt: skip
        half = self.file(night, model).with_suffix(".part")
        frame.write_parquet(half)
        half.replace(self.file(night, model))


def make(pack: Pack, nights: list[date], scope: Scope, kept: Kept, models: dict[str, Model], again: list[str]) -> None:  # fmt: skip
    """Make the forecasts that are not there yet."""
    for night in nights:
        wanted = [m for m in models if m in again or not kept.file(night, m).exists()]
        if not wanted:
            continue
        picture = assess(pack.as_of(night), None)
        told = []
        for name in wanted:
            began = time.process_time()
            kept.save(night, name, models[name](picture, scope))
            told.append(f"{name} {time.process_time() - began:.1f} s")
        print(night, "; ".join(told), flush=True)


def scored(pack: Pack, nights: list[date], scope: Scope, kept: Kept, models: list[str]) -> pl.DataFrame:  # fmt: skip
    """Give one row for each model, night, place and day: observed, median, score, coverage; backlog days left out."""
    end = pack.as_of(pack.last)
    places = list(scope.areas)
    truth, _ = series_of(end, scope, places)
    touched = corrected_days(end, scope, places)
    parts = []
    for night in nights:
        for name in models:
            ahead = kept.load(night, name).sel(quantile=list(QUANTILES), method="nearest")
            came = truth.sel(date=np.intersect1d(ahead["date"].values, truth["date"].values))
            ahead = ahead.sel(date=came["date"])
            places_, days = (
                came["place"].values.astype(str),
                came["date"].values.astype("datetime64[D]"),
            )
            columns = {
                "observed": came,
                "median": ahead.sel(quantile=0.5, drop=True),
                "wis": weighted_interval_score(ahead, came),
                "in50": coverage(ahead, came, 0.5).astype(float),
                "in95": coverage(ahead, came, 0.95).astype(float),
            }
            parts.append(
                pl.DataFrame(
                    {
                        "model": name,
                        "night": night,
                        "place": np.repeat(places_, len(days)),
                        "date": np.tile(days, len(places_)),
                    }
                    | {n: a.transpose("place", "date").to_numpy().astype(float).ravel() for n, a in columns.items()}
                )
            )  # fmt: skip
    rows = pl.concat(parts)
    backlog = pl.DataFrame(
        list(touched), schema={"place": pl.String, "date": pl.Date}, orient="row"
    )
    return rows.join(backlog, on=["place", "date"], how="anti")


def summary(rows: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Give mean score, its ratio to persistence, and coverage by model."""
    means = rows.group_by([*by, "model"]).agg(
        pl.len().alias("n"), pl.mean("wis", "in50", "in95"), pl.mean("observed")
    )
    base = means.filter(pl.col("model") == "persistence").select(*by, base="wis")
    joined = means.join(base, on=by) if by else means.join(base, how="cross")
    return joined.with_columns(ratio=pl.col("wis") / pl.col("base")).drop("base")


def _table(frame: pl.DataFrame, first: str, models: list[str]) -> None:
    print(f"| {first} | n | " + " | ".join(models) + " |")
    print("|---|---|" + "---|" * len(models))
    for label in frame[first].unique(maintain_order=True):
        part = {r["model"]: r for r in frame.filter(pl.col(first) == label).iter_rows(named=True)}
        cells = [
            f"{part[m]['ratio']:.2f} · {part[m]['in50']:.0%} · {part[m]['in95']:.0%}"
            for m in models
        ]
        print(f"| {label} | {part[models[0]]['n']:,} | " + " | ".join(cells) + " |")


def main() -> None:
    """Make, score and print; see the module's docstring."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--step", type=int, default=1, help="nights between forecasts")
    ask.add_argument("--last", type=date.fromisoformat, default=LAST)
    ask.add_argument("--keep", type=Path, required=True, help="folder of the forecasts")
    ask.add_argument("--out", type=Path, help="table by model, night and province, as CSV")
    ask.add_argument("--again", action="append", default=[], help="make this model anew")
    ask.add_argument("--with-prefectures", action="store_true", help="fit prefectures too")
    said = ask.parse_args()
    models = MODELS | (MORE if said.with_prefectures else {})
    nights = [FIRST + timedelta(days=k) for k in range(0, (said.last - FIRST).days + 1, said.step)]
    pack = library.open_pack("china2020")
    scope = scope_of(pack.as_of(pack.last), None)
    places = list(scope.areas)
    kept = Kept(folder=said.keep)
    make(pack, nights, scope, kept, models, said.again)
    rows = scored(pack, nights, scope, kept, list(models))
    if said.out is not None:
        rows.group_by("model", "night", "place", maintain_order=True).agg(
            pl.len().alias("days"), pl.mean("observed", "wis", "in50", "in95")
        ).write_csv(said.out, float_precision=4)
    where = (
        pl.when(pl.col("place") == HUBEI).then(pl.lit("Hubei")).otherwise(pl.lit("other provinces"))
    )
    print(f"\nNights {nights[0]} to {nights[-1]}, every {said.step}; {HORIZON} days ahead")
    print("Score ÷ persistence · held by the 50 % band · by the 95 % band\n")
    _table(
        summary(rows.with_columns(places=where), ["places"]).sort("places"), "places", list(models)
    )
    ahead = (pl.col("date") - pl.col("night")).dt.total_days()
    week = pl.when(ahead <= 7).then(pl.lit("days 1 to 7")).otherwise(pl.lit("days 8 to 14"))
    print()
    for label in ("Hubei", "other provinces"):
        part = rows.with_columns(places=where, ahead=week).filter(pl.col("places") == label)
        print(label)
        _table(summary(part, ["ahead"]).sort("ahead"), "ahead", list(models))
    part = rows.filter(pl.col("place") != HUBEI).with_columns(
        night=pl.col("night").dt.truncate("1w").cast(pl.String)
    )
    print("\nOther provinces, by week of the night")
    _table(summary(part, ["night"]).sort("night"), "night", list(models))
    print()
    names = {p: scope.names[p]["en"] for p in places}
    by_place = summary(rows.with_columns(province=pl.col("place").replace(names)), ["province"])
    _table(
        by_place.sort("observed", "province", descending=[True, False]), "province", list(models)
    )


if __name__ == "__main__":
    main()
