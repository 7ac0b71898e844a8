"""What is reported of an exercise: counts by place and day, with faults put in on purpose.

The counts are those of the line list, exactly, but for three events the pack's corrections name:
one county's figure of one day came two days late; one county counted one person twice for three
days and revised it; one county has been silent for the last two days (no case of it is lost: it
had none). Prefectures and the province add up what they knew, and revise with the counties.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from tongchou.situation import corrections as corrections_of
from tongchou.situation.exercise.people import Persons, clusters
from tongchou.situation.exercise.settings import Ints
from tongchou.situation.exercise.world import World
from tongchou.situation.pack import PUBLISHED_SCHEMA

LOW, MEDIUM, HIGH = range(3)
WINDOW, THRESHOLD = 14, 50
"""Days and cases of the published rule, restated here because the stage may not import the rule."""
COLUMNS = ("confirmed", "suspected", "recovered", "deaths", "imported")
LATE_BEFORE, LATE_DAYS = 20, 2
DOUBLED_BEFORE, DOUBLED_DAYS = 12, 3
SILENT_DAYS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """True counts by county and day (column, county, day), and who plays which fault."""

    values: Ints
    late: int
    doubled: int
    silent: int


def count(world: World, persons: Persons) -> Counts:
    """Count the line list by county and day and choose the counties that report badly."""
    died_or_well = (persons.recovery, persons.death)
    confirmed = _cumulative(world, persons.county, persons.confirmed)
    suspected = (
        _cumulative(world, persons.county, persons.suspected)
        - confirmed
        - _cumulative(world, persons.county, persons.excluded)
    )
    recovered, deaths = (_cumulative(world, persons.county, d) for d in died_or_well)
    imported = _cumulative(world, persons.county[persons.abroad], persons.confirmed[persons.abroad])
    values = np.stack([confirmed, suspected, recovered, deaths, imported])
    quiet = np.flatnonzero(confirmed[:, -1] == confirmed[:, -1 - WINDOW])
    ever = quiet[confirmed[quiet, -1] > 0]
    cases = np.argsort(-confirmed[:, -1], kind="stable")
    return Counts(values=values, late=int(cases[1]), doubled=int(cases[0]), silent=int(ever[0]))


def tiers(world: World, persons: Persons, confirmed: Ints) -> Ints:
    """Give the tier of each county on each day by a plain reading of the published rule."""
    days = np.arange(world.days)
    before = np.concatenate([np.repeat(confirmed[:, :1], WINDOW, axis=1), confirmed], axis=1)
    new = confirmed - before[:, : world.days]
    clustered = np.zeros(confirmed.shape, dtype=bool)
    number, k = clusters(persons.chain), len(persons.chain)
    members = np.flatnonzero((number >= 0) & (persons.confirmed[:k] < world.days))
    members = members[np.lexsort((persons.confirmed[members], number[members]))]
    for a, b in pairwise(members):
        first, second = persons.confirmed[a], persons.confirmed[b]
        if number[a] == number[b] and second - first < WINDOW:
            clustered[persons.county[a]] |= (days >= second) & (days < second + WINDOW)
    return np.where(new == 0, LOW, np.where((confirmed > THRESHOLD) & clustered, HIGH, MEDIUM))


def _cumulative(world: World, county: Ints, day: Ints) -> Ints:
    come = day < world.days
    table = np.zeros((len(world.counties), world.days), dtype=np.int64)
    np.add.at(table, (county[come], np.maximum(day[come], 0)), 1)
    return np.cumsum(table, axis=1)


def _known(world: World, counts: Counts, night: int) -> Ints:
    """Give the counts by county and day as they were known on a night (column, county, day)."""
    known = counts.values[:, :, : night + 1].copy()
    late = world.days - 1 - LATE_BEFORE
    if late <= night < late + LATE_DAYS:
        known[:, counts.late, late] = known[:, counts.late, late - 1]
    twice = world.days - 1 - DOUBLED_BEFORE
    if twice <= night < twice + DOUBLED_DAYS:
        known[0, counts.doubled, twice:] += 1
    silent = world.days - SILENT_DAYS
    if night >= silent:
        known[:, counts.silent, silent:] = known[:, counts.silent, silent - 1 : silent]
    return known


def count_table(world: World, counts: Counts) -> pl.DataFrame:
    """Give the table ``case_counts``: counties, prefectures and province, with all versions."""
    late, twice = world.days - 1 - LATE_BEFORE, world.days - 1 - DOUBLED_BEFORE
    silent = world.days - SILENT_DAYS
    first = np.stack([_known(world, counts, t)[:, :, t] for t in range(world.days)], axis=2)
    c, t = np.meshgrid(np.arange(len(world.counties)), np.arange(world.days), indexing="ij")
    told = ~((c == counts.silent) & (t >= silent))
    arrives = np.where((c == counts.late) & (t == late), t + LATE_DAYS, t)
    value = np.where((c == counts.late) & (t == late), counts.values, first)
    frames = [_frame(world, world.codes[c[told]], t[told], arrives[told], value[:, told])]
    again = np.arange(twice, twice + DOUBLED_DAYS)
    frames.append(
        _frame(
            world,
            np.full(len(again), world.codes[counts.doubled]),
            again,
            np.full(len(again), twice + DOUBLED_DAYS),
            counts.values[:, counts.doubled, again],
        )
    )
    for code, members in _totals(world):
        total = first[:, members].sum(axis=1)
        days = np.arange(world.days)
        frames.append(_frame(world, np.full(world.days, code), days, days, total))
        for night in sorted({late + LATE_DAYS, twice + DOUBLED_DAYS}):
            now = _known(world, counts, night)[:, members].sum(axis=1)
            changed = np.flatnonzero((now != total[:, : night + 1]).any(axis=0))
            total[:, : night + 1] = now
            frames.append(
                _frame(
                    world,
                    np.full(len(changed), code),
                    changed,
                    np.full(len(changed), night),
                    now[:, changed],
                )
            )
    return pl.concat(frames).sort("place", "date", "known_on")


def _totals(world: World) -> list[tuple[str, Ints]]:
    everyone = [(world.province.code, np.arange(len(world.counties)))]
    return everyone + [
        (g.code, np.flatnonzero(world.group == i))
        for i, g in enumerate(world.groups)
        if g.code != world.province.code
    ]


def _frame(
    world: World,
    place: "np.ndarray[tuple[int], np.dtype[np.object_]]",
    day: Ints,
    known: Ints,
    values: Ints,
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "place": place.astype(object),
            "date": world.dates(day),
            "known_on": world.dates(known),
            **dict(zip(COLUMNS, values, strict=True)),
        },
        schema_overrides={"place": pl.String, **dict.fromkeys(COLUMNS, pl.Int64)},
    )


def correction_table(world: World, counts: Counts) -> pl.DataFrame:
    """Give the pack's corrections: the three faults put in on purpose."""
    late, twice = world.days - 1 - LATE_BEFORE, world.days - 1 - DOUBLED_BEFORE
    silent = world.days - SILENT_DAYS
    wrong = int(counts.values[0, counts.doubled, twice]) + 1
    said = [
        (counts.late, late, late + LATE_DAYS, "note", "", "该县当日数据晚报两天。",
         "The county reported this day two days late."),
        (counts.doubled, twice, twice + DOUBLED_DAYS, "revised", str(wrong),
         "同一病例登记了两次，三天后核减。", "One case was recorded twice and taken out three days later."),
        (counts.silent, silent, silent, "note", "", "该县自此日起未报告。",
         "The county has not reported from this day on."),
    ]  # fmt: skip
    return pl.DataFrame(
        [
            {
                "correction_id": f"{world.tag}-R{n + 1}",
                "table": "case_counts",
                "place": world.codes[county],
                "date": world.planned(np.array([day]))[0],
                "column": "confirmed",
                "action": action,
                "value": value,
                "window_days": None,
                "known_on": world.planned(np.array([known]))[0],
                "reason_zh": f"演练设定：{zh}",
                "reason_en": f"Set up by the exercise: {en}",
                "source": "exercise",
                "confidence": "high",
            }
            for n, (county, day, known, action, value, zh, en) in enumerate(said)
        ],
        schema=corrections_of.SCHEMA,
    )


def published_table(world: World, counts: Counts) -> pl.DataFrame:
    """Give the totals first published that were revised later."""
    twice = world.days - 1 - DOUBLED_BEFORE
    true = counts.values[0]
    rows = [
        (world.codes[counts.doubled], int(true[counts.doubled, twice])),
        (world.province.code, int(true[:, twice].sum())),
    ]
    return pl.DataFrame(
        [
            {
                "place": code,
                "date": world.planned(np.array([twice]))[0],
                "column": "confirmed",
                "published": here + 1,
                "here": here,
                "series": "first publication",
                "reason_zh": "演练设定：同一病例登记了两次，三天后核减。",
                "reason_en": "Set up by the exercise: one case was recorded twice and taken out three days later.",
                "source": "exercise",
            }
            for code, here in rows
        ],
        schema=PUBLISHED_SCHEMA,
    )
