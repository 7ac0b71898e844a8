"""Measures and response levels of an exercise, some of them wrong on purpose.

Counties put on the package of their tier and renew what runs out, as the register of measures asks.
Four kinds of fault are put in: measures that ran out and were neither lifted nor renewed, measures
without a legal basis, measures above the tier, and a road closed against the five prohibitions.
"""

import csv
from collections.abc import Iterator, Mapping
from functools import cache

import numpy as np
import polars as pl

from tongchou import reference
from tongchou.situation.exercise.reports import LOW
from tongchou.situation.exercise.settings import NEVER, Ints
from tongchou.situation.exercise.world import World

TIER_NAMES = ("low", "medium", "high")
START = 4
"""Day on which the province starts level I and counties put their first measures on."""
STEP_DOWN_BEFORE = 16
"""Days before the last on which the province steps down to level II."""
REVIEW_DAYS = 14
BEYOND = "venue_closure"
"""Measure of the high tier left on in low counties."""
UNFOUNDED = ("village_road_dug", "checkpoint_unapproved")
"""Measures that no tier allows, taken without any basis."""

_Row = dict[str, object]


@cache
def _catalogue() -> Mapping[str, Mapping[str, str]]:
    with reference.path("tiering/measures.csv").open(encoding="utf-8", newline="") as handle:
        return {row["measure"]: row for row in csv.DictReader(handle)}


@cache
def _package(tier: str) -> tuple[str, ...]:
    with reference.path("tiering/packages.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(
            row["measure"]
            for row in csv.DictReader(handle)
            if row["tier"] == tier and row["state"] == "on"
        )


def measure_table(world: World, tier: Ints) -> pl.DataFrame:
    """Give the table ``measures`` from the tiers of counties by day (county, day)."""
    rows = [row for c in range(len(world.counties)) for row in _county(world, c, tier[c])]
    rng = world.stream("measures")
    current = [
        i
        for i, r in enumerate(rows)
        if r["lifted"] == NEVER and int(str(r["started"])) < world.days - 6
    ]
    chosen = rng.choice(current, min(5, len(current)), replace=False)
    for n, i in enumerate(chosen):
        if n < 3:
            rows[i]["expires"] = world.days - 2 - n
        else:
            rows[i]["basis"] = None
    low = np.flatnonzero(tier[:, -1] == LOW)
    for n, c in enumerate(rng.choice(low, min(4, len(low)), replace=False)):
        kind = BEYOND if n < 2 else UNFOUNDED[n - 2]
        row = _row(world, int(c), kind, world.days - 9 - n)
        rows.append(row)
        if n >= 2:
            row["expires"], row["basis"] = NEVER, None
    return _frame(world, rows)


def _county(world: World, county: int, tier: Ints) -> Iterator[_Row]:
    """Put packages on and off with the tier; renew what runs out while it is still wanted."""
    wanted = {
        kind: [
            day >= START and kind in _package(TIER_NAMES[tier[day]]) for day in range(world.days)
        ]
        for kind in _catalogue()
    }
    for kind, days in wanted.items():
        edges = np.flatnonzero(np.diff(np.concatenate([[0], days, [0]]).astype(int)))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            begin = int(start)
            while begin < end:
                row = _row(world, county, kind, begin)
                expires = int(str(row["expires"]))
                stops = min(expires, int(end))
                row["lifted"] = stops if stops < world.days else NEVER
                yield row
                begin = expires


def _row(world: World, county: int, kind: str, day: int) -> _Row:
    entry = _catalogue()[kind]
    return {
        "county": county,
        "kind": kind,
        "started": day,
        "expires": day + int(entry["default_days"] or 0),
        "lifted": NEVER,
        "basis": entry["basis"] or None,
        "owner": entry["owner_zh"],
        "appeal": entry["appeal_zh"],
    }


def _frame(world: World, rows: list[_Row]) -> pl.DataFrame:
    rows = sorted(
        rows, key=lambda r: (int(str(r["started"])), int(str(r["county"])), str(r["kind"]))
    )
    day = {
        k: np.array([int(str(r[k])) for r in rows])
        for k in ("started", "expires", "lifted", "county")
    }
    return pl.DataFrame(
        {
            "measure_id": [f"{world.tag}-M{i + 1:05d}" for i in range(len(rows))],
            "place": world.codes[day["county"]],
            "kind": [r["kind"] for r in rows],
            "known_on": world.dates(day["started"]),
            "start_on": world.dates(day["started"]),
            "expires_on": world.planned(day["expires"]),
            "lifted_on": world.dates(day["lifted"]),
            "legal_basis": [r["basis"] for r in rows],
            "owner": [r["owner"] for r in rows],
            "appeal_to": [r["appeal"] for r in rows],
        }
    )


def level_table(world: World, tier: Ints) -> pl.DataFrame:
    """Give the table ``response_levels``: the province's history and one county by tier."""
    quiet = np.flatnonzero((tier == LOW).all(axis=1))
    county = world.codes[int(quiet[0]) if len(quiet) else 0]
    down = world.days - 1 - STEP_DOWN_BEFORE
    said = [
        (world.province.code, START, 1, "省级人民政府"),
        (world.province.code, down, 2, "省级人民政府"),
        (county, down + 6, 3, "市级人民政府"),
    ]
    days = np.array([s[1] for s in said])
    return pl.DataFrame(
        {
            "place": [s[0] for s in said],
            "date": world.dates(days),
            "known_on": world.dates(days),
            "level": [s[2] for s in said],
            "legal_basis": ["plan2006"] * len(said),
            "decided_by": [s[3] for s in said],
            "review_on": world.planned(days + REVIEW_DAYS),
        }
    )
