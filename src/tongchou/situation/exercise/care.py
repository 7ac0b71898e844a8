"""Beds and patients of an exercise: who is admitted where and when, and what is occupied each day.

Patients are taken in the order in which they became ready. Each looks for a bed of the right class
for every day of the stay, which the exercise knows beforehand: first in the own county, then in the
prefecture, then in the fangcang shelter (adults under 66 whose illness stays mild), then wherever
the road is shortest. Who finds none tries again the next day. So no bed is ever used twice.
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from tongchou.situation.exercise.people import Persons
from tongchou.situation.exercise.settings import (
    NEVER,
    Floats,
    Ints,
    improving,
    setting,
    whole_days,
)
from tongchou.situation.exercise.sites import CARE, HOSPITALS, Sites
from tongchou.situation.exercise.world import World

CLASSES = ("mild", "severe", "critical")
BEFORE = 60
"""Days before the first day for which beds are kept account of."""
LEFT_WAITING = 2
"""Newly confirmed persons deliberately left without a bed: a gap the morning must find."""
CLASS_SHARES = (0.76, 0.19, 0.05)
"""Shares of the beds of a place for mild, severe and critical cases (assumption)."""
WEIGHT = {"designated": 4.0, "general": 1.0}
"""Epidemic beds of a designated hospital against a general one in the same county (assumption)."""
SHELTER_AGES = (18, 65)
"""Ages a fangcang admits, from the published admission rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """Who is where: per person the day and facility of admission; per facility beds and patients.

    ``beds`` and ``occupied`` are (facility, class, day of the exercise).
    """

    admitted: Ints
    facility: Ints
    beds: Ints
    occupied: Ints


def admit(world: World, sites: Sites, persons: Persons) -> tuple[Persons, Care]:
    """Give every patient a bed, and the persons with deaths and recoveries as care found them.

    Nobody recovers within three days of admission, and nobody who waits at home is counted as
    recovered or dead before admission.
    """
    rng = world.stream("care")
    ready = _ready(world, rng, persons)
    beds = _beds(world, sites, rng, persons, ready)
    horizon = world.days + BEFORE
    free = np.concatenate([np.repeat(beds[:, :, :1], BEFORE, axis=2), beds], axis=2)
    occupied = np.zeros_like(free)
    admitted = np.full(len(persons), NEVER)
    facility = np.full(len(persons), -1)
    death, recovery = persons.death.copy(), persons.recovery.copy()
    preferred, shelter = _preferences(world, sites)
    patients = np.flatnonzero(ready < world.days)
    for i in patients[np.lexsort((patients, ready[patients]))]:
        stays_mild = persons.severe[i] >= NEVER
        adult = SHELTER_AGES[0] <= persons.age[i] <= SHELTER_AGES[1]
        choice = preferred[persons.county[i]]
        choice = choice if stays_mild and adult else choice[~shelter[choice]]
        for day in range(int(ready[i]), world.days):
            dies = death[i] < NEVER
            end = int(max(death[i], day + 1) if dies else max(recovery[i], day + 3))
            span = np.arange(day + BEFORE, min(end + BEFORE, horizon))
            kind = (span - BEFORE >= persons.severe[i]).astype(int) + (
                span - BEFORE >= persons.critical[i]
            )
            open_ = (free[choice][:, kind, span] > 0).all(axis=1)
            if open_.any():
                f = int(choice[np.argmax(open_)])
                free[f, kind, span] -= 1
                occupied[f, kind, span] += 1
                admitted[i], facility[i] = day, f
                death[i], recovery[i] = (end, NEVER) if dies else (NEVER, end)
                break
    return replace(persons, death=death, recovery=recovery), Care(
        admitted=admitted, facility=facility, beds=beds, occupied=occupied[:, :, BEFORE:]
    )


def _ready(world: World, rng: np.random.Generator, persons: Persons) -> Ints:
    n = len(persons)
    wait = whole_days(improving("admission_delay", persons.confirmed, world.days), rng, n)
    ready = np.where(persons.confirmed < world.days, persons.confirmed + wait, NEVER)
    late = np.flatnonzero((persons.confirmed >= world.days - 4) & (persons.confirmed < world.days))
    ready[late[np.argsort(persons.confirmed[late], kind="stable")][:LEFT_WAITING]] = NEVER
    return ready


def _beds(
    world: World, sites: Sites, rng: np.random.Generator, persons: Persons, ready: Ints
) -> Ints:
    """Give beds by facility, class and day: by residents, at least what the outbreak asks for."""
    days = np.arange(world.days)
    population = int(world.population.sum())
    total = population / 1000 * improving("beds_per_1000", days, world.days)
    headroom = np.interp(days, [0, world.days - 1], [0.7, setting("bed_headroom")])
    asked = np.maximum.accumulate(_asked(world, persons, ready), axis=1) * headroom
    want = np.maximum(np.array(CLASS_SHARES)[:, None] * total, asked)
    hospitals, shelters = sites.of(*HOSPITALS), sites.of("fangcang")
    weight = np.array([WEIGHT[k] for k in sites.kind[hospitals]])
    weight = (
        weight * world.population[sites.county[hospitals]] * rng.lognormal(0, 0.35, len(weight))
    )
    beds = np.zeros((len(sites), 3, world.days), dtype=np.int64)
    opening = min(int(setting("fangcang_open_day")), world.days - 1)
    sheltered = np.where(days >= opening, 0.35 * want[0], 0)
    want[0] -= sheltered
    beds[hospitals] = np.ceil(want[None] * (weight / weight.sum())[:, None, None])
    for n, f in enumerate(shelters):
        opened = days >= min(opening + 4 * n, world.days - 1)
        beds[f, 0] = np.where(opened, np.ceil(sheltered / len(shelters)), 0)
    return np.maximum.accumulate(beds, axis=2)


def _asked(world: World, persons: Persons, ready: Ints) -> Floats:
    """Give the persons who would lie in a bed of each class on each day if none were short."""
    asked = np.zeros((3, world.days + 1))
    end = np.minimum(np.minimum(persons.death, persons.recovery), world.days)
    come = np.flatnonzero(ready < world.days)
    steps = [ready, persons.severe, persons.critical]
    for kind, start in enumerate(steps):
        stop = np.minimum(steps[kind + 1], end) if kind < 2 else end
        first = np.clip(np.maximum(start, ready)[come], 0, world.days)
        last = np.clip(stop[come], first, world.days)
        np.add.at(asked[kind], first, 1)
        np.add.at(asked[kind], last, -1)
    return np.cumsum(asked, axis=1)[:, :-1]


def _preferences(
    world: World, sites: Sites
) -> tuple[list[Ints], "np.ndarray[tuple[int], np.dtype[np.bool_]]"]:
    """Give for each county the facilities that admit, best first, and which are shelters."""
    places, shelter = sites.of(*CARE), sites.is_of("fangcang")
    preferred = []
    for c in range(len(world.counties)):
        far = np.hypot(
            sites.longitude[places] - world.longitude[c], sites.latitude[places] - world.latitude[c]
        )
        rank = np.where(
            sites.county[places] == c,
            0,
            np.where(shelter[places], 2, np.where(sites.group[places] == world.group[c], 1, 3)),
        )
        preferred.append(places[np.lexsort((far, rank))])
    return preferred, shelter


def facility_table(world: World, sites: Sites, care: Care, tests: Ints) -> pl.DataFrame:
    """Give the table ``facilities``: each facility on each day.

    Beds and patients are given for kinds that admit, tests a day for laboratories; blank elsewhere.
    ``tests`` is (laboratory, day).
    """
    days, n = world.days, len(sites)
    admits, labs = np.repeat(sites.is_of(*CARE), days), sites.of("laboratory")
    capacity = np.zeros((n, days), dtype=np.int64)
    capacity[labs] = tests
    day = np.tile(np.arange(days), n)
    columns: dict[str, pl.Series] = {}
    for word, cube in (("beds", care.beds), ("occupied", care.occupied)):
        for kind, name in enumerate(CLASSES):
            values = pl.Series(cube[:, kind, :].ravel())
            columns[f"{word}_{name}"] = values.set(pl.Series(~admits), None)
    return pl.DataFrame(
        {
            "facility_id": np.repeat(sites.ids, days),
            "date": world.dates(day),
            "known_on": world.dates(day),
            "place": np.repeat(world.codes[sites.county], days),
            "name_zh": np.repeat(np.array([t.zh for t in sites.name], dtype=object), days),
            "name_en": np.repeat(np.array([t.en for t in sites.name], dtype=object), days),
            "kind": np.repeat(sites.kind, days),
            "longitude": np.repeat(sites.longitude, days),
            "latitude": np.repeat(sites.latitude, days),
            **columns,
            "tests_per_day": pl.Series(capacity.ravel()).set(
                pl.Series(~np.repeat(sites.is_of("laboratory"), days)), None
            ),
        }
    )
