"""The outlook of past nights beside what came: scores of the members and of both together, chances of tier moves.

Run: ``TONGCHOU_DATA=… python -m benchmarks.backtest_outlook [pack] [first] [last] [step]``. Each night sees what was
known that night; truth is the analytic series of the last day for counts, and the counts as received for
tiers, as the rule reads them. In-sample: assumptions of both members were chosen on these weeks.
"""

import sys
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import xarray as xr

from tongchou.morning.outlook import Outlook, look_ahead
from tongchou.morning.picture import Picture, assess
from tongchou.morning.rivals.members import ENGINE, RENEWAL
from tongchou.morning.rivals.together import tier_moves
from tongchou.situation import library
from tongchou.transmission.score import coverage, weighted_interval_score

BOTH = "both"
BINS = (0.0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0001)


def scores(night: date, outlook: Outlook, truth: xr.DataArray) -> pl.DataFrame:
    """Score the counts of the members and of both together, by level."""
    rows = []
    scope = outlook.picture.scope
    told = {n: (m.upper, m.units) for n, m in outlook.members.items()}
    told[BOTH] = (outlook.upper, outlook.units)
    for name, (upper, units) in told.items():
        for level, cube, places in (
            ("area", upper, [scope.place]),
            ("parts", upper, list(scope.areas)),
            ("units", units, list(scope.units)),
        ):
            if not places:
                continue
            places = [p for p in places if p in told[ENGINE][level == "units"]["place"].values]
            ahead = cube["new_cases"].sel(place=places)
            days = np.intersect1d(ahead["date"].values, truth["date"].values)
            ahead, came = ahead.sel(date=days), truth.sel(place=places, date=days)
            rows.append(
                {
                    "night": night,
                    "member": name,
                    "level": level,
                    "wis": float(weighted_interval_score(ahead, came).mean()),
                    "in95": float(coverage(ahead, came, 0.95).mean()),
                }
            )
    return pl.DataFrame(rows)


def chances(outlook: Outlook, new: xr.DataArray) -> pl.DataFrame:
    """Give each possible tier move with what each says and whether it came."""
    picture = outlook.picture
    cut = picture.situation.cut
    parts = {n: tier_moves(picture, [m], {n: 1.0}) for n, m in outlook.members.items()}
    parts[BOTH] = outlook.tier_moves
    keys = ["place", "tier", "to", "on"]
    frame = parts[RENEWAL].select(keys)
    for name, moves in parts.items():
        frame = frame.join(moves.rename({"probability": name}), on=keys, how="inner")
    needed = dict(picture.tiers.frame.select("place", "cases_to_higher").iter_rows())
    lower = dict(picture.tiers.frame.select("place", "lower_tier").iter_rows())
    came, falls = [], []
    for row in frame.iter_rows(named=True):
        ahead = new.sel(
            place=row["place"],
            date=slice(np.datetime64(cut + timedelta(days=1)), np.datetime64(row["on"])),
        )
        fall = row["to"] == lower[row["place"]]
        falls.append(fall)
        came.append(
            float((ahead > 0).sum()) == 0 if fall else float(ahead.sum()) >= needed[row["place"]]
        )
    return frame.with_columns(came=pl.Series(came), fall=pl.Series(falls))


def reliability(rows: pl.DataFrame, member: str) -> str:
    """Write how often what was said came, by bins of what was said."""
    lines = []
    y = rows["came"].cast(pl.Float64)
    for low, high in pairwise(BINS):
        inside = (rows[member] >= low) & (rows[member] < high)
        n = int(inside.sum())
        if n:
            lines.append(
                f"{low:.0%}-{min(high, 1):.0%}: n {n}, said {rows[member].filter(inside).mean():.1%}, came {y.filter(inside).mean():.1%}"
            )
    brier = ((rows[member] - y) ** 2).mean()
    return f"{member}: Brier {brier:.4f}\n  " + "\n  ".join(lines)


def main() -> None:
    """Look ahead from every so many nights and print the tables."""
    name = sys.argv[1] if len(sys.argv) > 1 else "china2020"
    pack = library.open_pack(name)
    first, last = (
        (date.fromisoformat(a) for a in sys.argv[2:4])
        if len(sys.argv) > 3
        else (date(2020, 1, 25), date(2020, 3, 15))
    )
    step = int(sys.argv[4]) if len(sys.argv) > 4 else 8
    end: Picture = assess(pack.as_of(pack.last))
    scored, told = [], []
    for k in range(0, (last - first).days + 1, step):
        night = first + timedelta(days=k)
        outlook = look_ahead(assess(pack.as_of(night)), 1)
        scored.append(scores(night, outlook, end.analytic))
        if (pack.last - night).days >= 14:
            told.append(chances(outlook, end.new))
        print(night, {n: round(w, 2) for n, w in outlook.past.weights.items()}, flush=True)
    table = pl.concat(scored).group_by("level", "member").agg(pl.col("wis", "in95").mean())
    print(table.sort("level", "member"))
    rows = pl.concat(told)
    for fall, label in ((True, "falls"), (False, "rises")):
        print(f"\n{label}: {rows.filter(pl.col('fall') == fall).height}")
        for member in (RENEWAL, ENGINE, BOTH):
            print(reliability(rows.filter(pl.col("fall") == fall), member))


if __name__ == "__main__":
    main()
