"""How good the renewal forecast would have been: China's provinces, 25 January to 15 March 2020.

Run: ``python benchmarks/backtest_forecast.py cases_province_daily.csv`` with a table of cumulative
counts (``date, province_adcode, confirmed``). Each forecast sees the counts up to its date only, as the
table has them: a table revised later is kinder than what was known that night. Prints the ratio of
weighted interval scores to persistence and the coverage, for the assumptions of the table and with one
assumption changed at a time.
"""

import dataclasses
import sys
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import xarray as xr

from tongchou.surveillance.incidence import daily_new
from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.renewal import forecast
from tongchou.transmission.score import coverage, persistence, weighted_interval_score
from tongchou.vocabulary.distributions import Gamma

FIRST, LAST, HORIZON = date(2020, 1, 25), date(2020, 3, 15), 14
OUTSIDE = ("710000", "810000", "820000")  # not in the mainland reporting system
HUBEI = "420000"
VARIANTS: dict[str, dict[str, object]] = {
    "assumptions of the table": {},
    "no trend": {"trend_limit": 0.0},
    "trend at most 0.05 a day": {"trend_limit": 0.05},
    "trend at most 0.15 a day": {"trend_limit": 0.15},
    "trend damping 0.8": {"trend_damping": 0.8},
    "trend damping 0.95": {"trend_damping": 0.95},
    "response half-life 3.5 days": {"response_half_life": 3.5},
    "response half-life 10 days": {"response_half_life": 10.0},
    "drift 0.05": {"drift_sd": 0.05},
    "drift 0.15": {"drift_sd": 0.15},
    "pooling 5 cases": {"pooling_cases": 5.0},
    "pooling 30 cases": {"pooling_cases": 30.0},
    "prior 5 cases": {"prior_cases": 5.0},
    "prior 50 cases": {"prior_cases": 50.0},
    "serial interval 7.5 (3.4) days": {"serial_interval": Gamma(mean=7.5, sd=3.4)},
}


def read(path: Path) -> xr.DataArray:
    """Read the table as new cases (place, date)."""
    table = pl.read_csv(path, schema_overrides={"date": pl.Date, "province_adcode": pl.String})
    table = table.filter(~pl.col("province_adcode").is_in(OUTSIDE))
    wide = table.pivot(
        on="province_adcode", index="date", values="confirmed", aggregate_function="max"
    ).sort("date")
    wide = wide.upsample("date", every="1d").fill_null(strategy="forward").fill_null(0)
    total = xr.DataArray(
        wide.drop("date").to_numpy().T.astype(float),
        {"place": wide.columns[1:], "date": wide["date"].to_numpy().astype("datetime64[ns]")},
        ("place", "date"),
    )
    return daily_new(total)["new"]


def backtest(
    new: xr.DataArray, assumptions: ForecastAssumptions, step: int, draws: int
) -> xr.Dataset:
    """Score every forecast of the period."""
    origins = new["date"].sel(date=slice(str(FIRST), str(LAST))).to_numpy()[::step]
    scored = []
    for origin in origins:
        known = new.sel(date=slice(None, origin))
        came = new.isel(date=slice(known.sizes["date"], known.sizes["date"] + HORIZON))
        rng = np.random.default_rng(int(origin.astype("datetime64[D]").astype(int)))
        ahead = forecast(known, assumptions, draws=draws, rng=rng)
        base = persistence(known)
        scores = {
            "wis": weighted_interval_score(ahead["new_cases"], came),
            "baseline": weighted_interval_score(base, came),
            "in50": coverage(ahead["new_cases"], came, 0.5),
            "in95": coverage(ahead["new_cases"], came, 0.95),
            "baseline95": coverage(base, came, 0.95),
            "total95": coverage(
                ahead["cumulative"], came.cumsum("date").assign_coords(date=came["date"]), 0.95
            ),
            "median": ahead["new_cases"].sel(quantile=0.5, drop=True),
        }
        days = {"date": np.arange(1, HORIZON + 1)}
        scored.append(xr.Dataset(scores).assign_coords(days).rename(date="ahead"))
    return xr.concat(scored, dim=xr.IndexVariable("origin", origins))


def line(name: str, result: xr.Dataset) -> str:
    """Summarise one variant."""

    def ratio(part: xr.Dataset) -> float:
        return float(part["wis"].mean() / part["baseline"].mean())

    by_place = result[["wis", "baseline"]].mean(["origin", "ahead"])
    better = int((by_place["wis"] < by_place["baseline"]).sum())
    rest = result.drop_sel(place=HUBEI)
    return (
        f"{name:32s}{ratio(result):7.2f}{ratio(result.sel(place=[HUBEI])):7.2f}{ratio(rest):7.2f}"
        f"{better:5d}{float(result['in50'].mean()):8.2f}{float(result['in95'].mean()):7.2f}{float(result['total95'].mean()):7.2f}"
    )


def main() -> None:
    """Print the tables."""
    new = read(Path(sys.argv[1]))
    table = ForecastAssumptions.from_table()
    full = backtest(new, table, step=1, draws=1000)
    print(f"{full.sizes['origin']} dates × {full.sizes['place']} provinces × {HORIZON} days")
    print(
        f"{'':32s}{'all':>7s}{'Hubei':>7s}{'rest':>7s}{'of31':>5s}{'in 50':>8s}{'in 95':>7s}{'sum 95':>7s}"
    )
    print(line("every day, 1,000 draws", full))
    for start, end in (
        ("2020-01-25", "2020-02-03"),
        ("2020-02-04", "2020-02-13"),
        ("2020-02-14", "2020-03-15"),
    ):
        print(line(f"  {start} … {end}", full.sel(origin=slice(start, end))))
    for first, last in ((1, 7), (8, 14)):
        print(line(f"  days ahead {first} … {last}", full.sel(ahead=slice(first, last))))
    print(f"  baseline coverage of 95 %: {float(full['baseline95'].mean()):.2f}")
    for low, high in ((-1, 0.5), (0.5, 5), (5, 20), (20, np.inf)):
        cell = (full["median"] > low) & (full["median"] <= high)
        inside = [float(full[name].where(cell).mean()) for name in ("in50", "in95")]
        print(
            f"  median {max(low, 0)} … {high}: n {int(cell.sum())}, in 50 {inside[0]:.2f}, in 95 {inside[1]:.2f}"
        )
    print("\nevery second day, 300 draws, one assumption changed")
    for name, change in VARIANTS.items():
        print(line(name, backtest(new, dataclasses.replace(table, **change), step=2, draws=300)))


if __name__ == "__main__":
    main()
