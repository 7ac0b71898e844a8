"""Step one: what reported, what is late, what was revised. Nothing is repaired in silence."""

from dataclasses import dataclass
from datetime import timedelta

import polars as pl
import xarray as xr

from tongchou.morning.scope import Scope
from tongchou.situation.contract import contracts
from tongchou.situation.situation import Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """The state of the data an order stands on.

    ``silent``: place, last_report, days (units that reported before and not for the cut-off day);
    ``late``: place, rows, longest_days; ``revised``: place, date, column, was, now, known_on;
    ``missing``: tables of the contract that the pack does not hold; ``held``: table, rows, last;
    ``negative``: place, date, change (daily totals that went down);
    ``unplaced``: place, confirmed, fortnight (cases in an area's own total and in none of its units).
    """

    expected: int
    reported: int
    silent: pl.DataFrame
    late: pl.DataFrame
    revised: pl.DataFrame
    negative: pl.DataFrame
    held: pl.DataFrame
    missing: tuple[str, ...]
    unplaced: pl.DataFrame


def check(situation: Situation, scope: Scope, counts: xr.Dataset) -> Quality:
    """Hold the night's data up to the light.

    A unit is *expected* when it has ever reported a confirmed case: one that never had a case owes
    no daily row, as producers of packs do not write rows of zeros.
    """
    silent = silent_units(situation, scope)
    has_case = counts["confirmed"].sel(place=list(scope.units)).max("date").to_numpy() > 0
    expected = [u for u, case in zip(scope.units, has_case, strict=True) if case]
    quiet = silent.filter(pl.col("place").is_in(expected))
    return Quality(
        expected=len(expected),
        reported=len(expected) - quiet.height,
        silent=quiet,
        late=_late(situation, scope),
        revised=_revised(situation, scope),
        negative=_negative(scope, counts),
        held=_held(situation),
        missing=tuple(n for n in contracts() if not situation.has(n)),
        unplaced=_unplaced(scope, counts),
    )


def silent_units(situation: Situation, scope: Scope) -> pl.DataFrame:
    """Give the units without a report for the cut-off day: place, last_report, days."""
    last = (
        situation.table("case_counts")
        .filter(pl.col("place").is_in(list(scope.units)))
        .group_by("place")
        .agg(last_report=pl.col("date").max())
        .filter(pl.col("last_report") < situation.cut)
    )
    return last.with_columns(
        days=(pl.lit(situation.cut) - pl.col("last_report")).dt.total_days()
    ).sort(["days", "place"], descending=[True, False])


def _late(situation: Situation, scope: Scope) -> pl.DataFrame:
    rows = scope.inside(situation.table("case_counts")).filter(
        (pl.col("known_on") > pl.col("date")) & (pl.col("date") > situation.cut - timedelta(days=7))
    )
    return (
        rows.group_by("place")
        .agg(
            rows=pl.len(),
            longest_days=(pl.col("known_on") - pl.col("date")).dt.total_days().max(),
        )
        .sort("place")
    )


def _revised(situation: Situation, scope: Scope) -> pl.DataFrame:
    """Give each figure that a later version replaced, with its old value."""
    values = ["confirmed", "recovered", "deaths"]
    now = situation.table("case_counts").select("place", "date", "known_on", *values)
    was = scope.inside(situation.revisions("case_counts")).select("place", "date", *values)
    pairs = was.unpivot(values, index=["place", "date"], variable_name="column", value_name="was")
    latest = now.unpivot(
        values, index=["place", "date", "known_on"], variable_name="column", value_name="now"
    )
    return (
        pairs.join(latest, on=["place", "date", "column"])
        .filter(pl.col("was") != pl.col("now"))
        .select("place", "date", "column", "was", "now", "known_on")
        .sort(["known_on", "date", "place"], descending=[True, True, False])
    )


def _negative(scope: Scope, counts: xr.Dataset) -> pl.DataFrame:
    change = counts["confirmed"].sel(place=list(scope.units)).diff("date")
    stacked = change.where(change < 0).stack(cell=("place", "date")).dropna("cell")
    return pl.DataFrame(
        {
            "place": [str(p) for p in stacked["place"].values],
            "date": stacked["date"].values.astype("datetime64[ms]"),
            "change": stacked.values.astype(int),
        },
        schema={"place": pl.String, "date": pl.Datetime("ms"), "change": pl.Int64},
    ).with_columns(pl.col("date").dt.date())


def _held(situation: Situation) -> pl.DataFrame:
    rows = []
    for name, terms in contracts().items():
        if not situation.has(name):
            continue
        frame = situation.table(name)
        last = frame[terms.known].max() if terms.known else None
        rows.append({"table": name, "rows": frame.height, "last_known": last})
    return pl.DataFrame(rows, schema={"table": pl.String, "rows": pl.Int64, "last_known": pl.Date})


def _unplaced(scope: Scope, counts: xr.Dataset) -> pl.DataFrame:
    """Give, by area, the cases that stand in its total and in no unit: prisons, cases without a place."""
    rows = []
    total = counts["confirmed"]
    for area in scope.areas:
        units = scope.units_in(area)
        if area in scope.units or not units:
            continue
        apart = total.sel(place=area) - total.sel(place=units).sum("place")
        now = int(apart[-1])
        before = int(apart[-15]) if apart.sizes["date"] > 14 else 0
        if now:
            rows.append((area, now, now - before))
    schema = {"place": pl.String, "confirmed": pl.Int64, "fortnight": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row").sort(
        ["confirmed", "place"], descending=[True, False]
    )
