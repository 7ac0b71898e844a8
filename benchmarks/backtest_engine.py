"""The engine from reports, every night from 25 January 2020, beside the renewal forecast and persistence.

Run: ``TONGCHOU_DATA=… python -m benchmarks.backtest_engine [step]``. Each night sees what was known that
night; prefectures are lived together and summed to provinces; truth is the analytic series of the last
day, days on which a backlog falls left out. Prints weighted interval scores as ratios to persistence and
the coverage of the 95 % band, by province group. In-sample: assumptions were chosen on these weeks.
"""

import sys
from datetime import date, timedelta

import numpy as np
import xarray as xr

from tongchou.morning.backtest import corrected_days, series_of
from tongchou.morning.picture import assess, with_quiet_past
from tongchou.morning.projection import project
from tongchou.morning.scope import scope_of
from tongchou.situation import library
from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.renewal import forecast
from tongchou.transmission.score import coverage, persistence, weighted_interval_score

FIRST, LAST, HORIZON = date(2020, 1, 25), date(2020, 3, 15), 14
LEVELS = (0.025, 0.25, 0.5, 0.75, 0.975)
HUBEI = "420000"


def scores(ahead: xr.DataArray, truth: xr.DataArray, kept: xr.DataArray) -> dict[str, xr.DataArray]:
    """Give the score and whether the 95 % band holds, by place and day."""
    ahead = ahead.reindex(place=truth["place"]).sel(date=truth["date"])
    kept = kept & ahead.notnull().all("quantile")
    return {
        "wis": weighted_interval_score(ahead, truth).where(kept),
        "in95": coverage(ahead, truth, 0.95).astype(float).where(kept),
    }


def main() -> None:
    """Score the nights and print a table."""
    step = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    pack = library.open_pack("china2020")
    end = pack.as_of(pack.last)
    scope = scope_of(end, None)
    places = list(scope.areas)
    truth, _ = series_of(end, scope, places)
    touched = corrected_days(end, scope, places)
    found: dict[tuple[str, str], list[xr.DataArray]] = {}
    nights = [FIRST + timedelta(days=k) for k in range(0, (LAST - FIRST).days + 1, step)]
    for night in nights:
        situation = pack.as_of(night)
        picture = assess(situation, None)
        _, known = series_of(situation, scope, places)
        known = with_quiet_past(known)
        engine = project(picture, horizon=HORIZON, replicates=256, quantiles=LEVELS).ahead
        rivals = {
            "persistence": persistence(known, horizon=HORIZON),
            "renewal": forecast(
                known,
                ForecastAssumptions.from_table(),
                horizon=HORIZON,
                draws=1000,
                rng=np.random.default_rng(1),
            )["new_cases"],
            "engine": engine["confirmed"],
        }
        days = np.intersect1d(rivals["renewal"]["date"].values, truth["date"].values)
        came = truth.sel(date=days)
        kept = xr.ones_like(came, dtype=bool)
        for place, day in touched:
            at = np.datetime64(day, "ns")
            if place in places and at in days:
                kept.loc[{"place": place, "date": at}] = False
        for name, ahead in rivals.items():
            levels = ahead.sel(quantile=list(LEVELS), method="nearest")
            for measure, values in scores(levels, came, kept).items():
                found.setdefault((name, measure), []).append(values.drop_vars("date"))
    groups = {"Hubei": [HUBEI], "other provinces": [p for p in places if p != HUBEI]}
    print(f"Nights {nights[0]} to {nights[-1]}, every {step}; 14 days ahead\n")
    print("| places | forecast | WIS ÷ persistence | 95 % band holds |")
    print("|---|---|---|---|")
    for label, members in groups.items():
        base = _mean(found["persistence", "wis"], members)
        for name in ("persistence", "renewal", "engine"):
            ratio = _mean(found[name, "wis"], members) / base
            held = _mean(found[name, "in95"], members)
            print(f"| {label} | {name} | {ratio:.2f} | {held:.1%} |")


def _mean(parts: list[xr.DataArray], members: list[str]) -> float:
    values = np.concatenate([p.sel(place=members).to_numpy().ravel() for p in parts])
    return float(np.nanmean(values))


if __name__ == "__main__":
    main()
