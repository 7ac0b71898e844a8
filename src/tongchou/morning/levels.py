"""Response levels in force in the area, and whether their checklists ask for a step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np
import polars as pl

from tongchou.morning.picture import Picture
from tongchou.planning import beds
from tongchou.tiering.engine import tier_history
from tongchou.tiering.ladder import LevelLadder, Standing, Transition
from tongchou.tiering.levels import KINDS, LEVELS, AreaKind
from tongchou.tiering.readiness import Daily, Readiness, check_readiness
from tongchou.tiering.rules import TIERS
from tongchou.vocabulary.text import Text

LOOK_BACK = 7
"""Days of indicators handed to the checklist: its longest hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelReview:
    """The level in force in an area and what its checklist says."""

    place: str
    standing: Standing
    readiness: Readiness


def ladder_of(picture: Picture) -> LevelLadder:
    """Give the ladder of levels that the pack records for the area, what is above and inside it.

    The record is history: it is read as it stands and not held against today's powers.
    """
    situation, scope = picture.situation, picture.scope
    above = scope.ancestors.get(scope.place, ())
    gazetteer = situation.gazetteer
    codes = sorted({*scope.members, *above})
    kinds: dict[str, AreaKind] = {}
    for code in codes:
        rank = gazetteer.levels.index(gazetteer.place(code).level)
        kinds[code] = KINDS[min(rank, len(KINDS) - 1)]
    rows = situation.table("response_levels").filter(pl.col("place").is_in(codes))
    transitions = tuple(
        Transition(
            area=row["place"],
            to_level=LEVELS[row["level"] - 1],
            effective=datetime.combine(row["date"], time(0)),
            authority=row["place"],
            basis=row["legal_basis"] or "",
            reason=Text(zh="据记录", en="as recorded"),
            review_on=row["review_on"],
            source=row["source_row"] or "",
        )
        for row in rows.sort("date").iter_rows(named=True)
    )
    return LevelLadder(
        paths={c: gazetteer.path(c) for c in codes}, kinds=kinds, transitions=transitions
    )


def end_of(picture: Picture) -> datetime:
    """Give the moment of the cut-off: the midnight that ends its day."""
    return datetime.combine(picture.situation.cut + timedelta(days=1), time(0))


def standing_level(picture: Picture) -> Standing | None:
    """Give the level in force in the area itself; None where the pack records no levels."""
    if not picture.situation.has("response_levels"):
        return None
    return ladder_of(picture).at(picture.scope.place, end_of(picture) - timedelta(seconds=1))


def level_counts(picture: Picture) -> Mapping[str, int]:
    """Give, for the areas below, how many stand at each level."""
    if not picture.situation.has("response_levels"):
        return {}
    ladder, at = ladder_of(picture), end_of(picture) - timedelta(seconds=1)
    held = [ladder.at(a, at).level for a in picture.scope.areas]
    return {level: held.count(level) for level in LEVELS if level in held}


def level_reviews(picture: Picture) -> list[LevelReview]:
    """Give the checklist of every area of the scope that holds a level of its own."""
    if not picture.situation.has("response_levels"):
        return []
    ladder, at = ladder_of(picture), end_of(picture) - timedelta(seconds=1)
    codes = list(dict.fromkeys((picture.scope.place, *picture.scope.areas, *picture.scope.units)))
    found = []
    for code in codes:
        standing = ladder.at(code, at)
        if standing.level is None or not standing.own:
            continue
        indicators = level_indicators(picture, code)
        found.append(
            LevelReview(
                place=code,
                standing=standing,
                readiness=check_readiness(standing.level, indicators),
            )
        )
    return found


def level_indicators(picture: Picture, place: str) -> Mapping[str, Daily]:
    """Give the daily indicators of an area's checklist; what cannot be known is left out."""
    units = picture.scope.units_in(place)
    new = picture.new.sel(place=place).to_numpy()
    since = np.flatnonzero(new > 0)
    quiet = float(len(new) if not since.size else len(new) - 1 - since[-1])
    upper = picture.rt["q975"].sel(place=place).to_numpy()[-LOOK_BACK:]
    history = tier_history(
        picture.counts["confirmed"].sel(place=units).isel(date=slice(-60, None)),
        picture.tiers.rules,
        clusters=None
        if picture.clusters is None
        else picture.clusters.sel(place=units).isel(date=slice(-60, None)),
    )
    low = (history["tier"].isel(date=slice(-LOOK_BACK, None)) == TIERS.index("low")).mean("place")
    indicators: dict[str, Daily] = {
        "days_without_case": [quiet],
        "r_upper": [_quiet_r(float(v), quiet) for v in upper],
        "share_low": [float(v) for v in low.values],
    }
    occupancy = bed_occupancy(picture, place)
    if occupancy:
        indicators["bed_occupancy"] = occupancy
    return indicators


def _quiet_r(value: float, quiet: float) -> float | None:
    """R without cases: none is shown, but two weeks of silence are no lack of data."""
    if np.isnan(value):
        return 0.0 if quiet >= LOOK_BACK else None
    return value


def bed_occupancy(picture: Picture, place: str) -> list[float | None]:
    """Give the share of beds occupied on each of the last days, empty without facilities."""
    situation = picture.situation
    if not situation.has("facilities"):
        return []
    members = [place, *(p.code for p in situation.gazetteer.descendants(place))]
    rows = situation.table("facilities").filter(pl.col("place").is_in(members))
    shares: list[float | None] = []
    for back in range(LOOK_BACK - 1, -1, -1):
        free = beds.by_place(beds.free_beds(rows, situation.cut - timedelta(days=back)))
        there = free["beds"].sum()
        shares.append(float(free["occupied"].sum()) / float(there) if there else None)
    return shares
