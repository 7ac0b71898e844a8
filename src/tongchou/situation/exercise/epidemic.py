"""The outbreak of an exercise: who infects whom, when, and when each falls ill and is held.

A branching process, generation by generation, county by county. A case would infect a negative
binomial number of persons (mean ``reproduction``); an infection takes place only if contact is
left on that day (measures ramp down to ``contact_floor``) and if the case is not yet isolated. So
the reproduction number falls both with measures and with faster isolation; nothing sets it.

The process serves a script: a county's draw is repeated, each time a little tamer or wilder, until
it ends where its role wants it. This is no model of transmission and imports none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from tongchou.situation.exercise.settings import (
    NEVER,
    Bools,
    Floats,
    Ints,
    improving,
    rows,
    setting,
    whole_days,
)
from tongchou.situation.exercise.world import Role, World
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

TRAVEL, HOUSEHOLD, WORKPLACE, HOSPITAL, TRANSPORT, COMMUNITY = range(6)
SETTINGS = ("travel", "household", "workplace", "health_facility", "transport", "community")
"""Names of the settings of exposure, by their number."""

CLOSE = (HOUSEHOLD, WORKPLACE, HOSPITAL)
"""Small settings: two cases linked by one of them form a cluster."""

LEAST_HIGH = 56
"""Known cases a high county is to have: above 50 with room for a slow laboratory."""
SLACK = 7
"""Days allowed between suspicion and confirmation when the script looks at suspicions."""
MOST_CALMED = 80
"""Cases of the largest calmed county: some above 50, which fourteen clean days make low again."""
ATTEMPTS = 300
HOUSEHOLD_LIMIT = 4
"""Secondary cases one case can have at home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Infected persons, one array element each; days count from the start of the exercise.

    ``infector`` is a position in these arrays (-1: from outside). ``placed`` is the day a traced
    contact was quarantined (NEVER: not traced in time).
    """

    county: Ints
    infector: Ints
    setting: Ints
    infected: Ints
    onset: Ints
    visited: Ints
    suspected: Ints
    isolated: Ints
    placed: Ints
    household: Ints
    age: Ints
    female: Bools
    health_worker: Bools

    def __len__(self) -> int:
        return len(self.county)

    @property
    def inside(self) -> Bools:
        """Whether the person was in quarantine when suspected."""
        return np.asarray(self.placed < NEVER)


def outbreak(world: World) -> Chain:
    """Give all infected persons of the province."""
    parts = [
        part
        for c, role in enumerate(world.roles)
        if role != "never"
        for part in _county(world, c, role)
    ]
    return _together(parts)


def _county(world: World, county: int, role: Role) -> list[Chain]:
    rng = world.stream("outbreak", county)
    end = world.days
    if role == "reignited":
        first = _until(
            world,
            rng,
            county,
            seeds=1,
            between=(-16, -6),
            measures=2,
            fits=lambda s: s.max() <= end - 26 - SLACK,
        )
        second = _until(
            world,
            rng,
            county,
            seeds=2,
            between=(end - 17, end - 14),
            measures=end - 12,
            fits=lambda s: s.min() >= end - 12 and s.min() <= end - SLACK and _known(s, end) <= 30,
        )
        return [first, second]
    if role == "calmed":
        return [
            _until(
                world,
                rng,
                county,
                seeds=int(rng.integers(1, 4)),
                between=(-14, 4),
                measures=8,
                fits=lambda s: s.max() <= end - 15 - SLACK and len(s) <= MOST_CALMED,
            )
        ]
    if role == "medium":
        return [
            _until(
                world,
                rng,
                county,
                seeds=int(rng.integers(2, 5)),
                between=(end - 40, end - 22),
                measures=end - 26,
                fits=lambda s: 3 <= _known(s, end) <= 44 and _recent(s, end) >= 1,
            )
        ]
    most = max(3 * LEAST_HIGH, int(world.population[county] * setting("high_attack_share")))
    return [
        _until(
            world, rng, county, seeds=int(np.clip(most // 40, 3, 60)),
            between=(-12, 10), measures=end - 30, most=most,
            fits=lambda s: _known(s, end - SLACK) >= LEAST_HIGH and _known(s, end) <= most
            and _recent(s, end) >= 6,
        )
    ]  # fmt: skip


def _known(suspected: Ints, end: int) -> int:
    return int((suspected < end).sum())


def _recent(suspected: Ints, end: int) -> int:
    """Suspicions that will surely be confirmed within the last fourteen days."""
    return int(((suspected >= end - 12) & (suspected <= end - SLACK)).sum())


def _until(
    world: World,
    rng: np.random.Generator,
    county: int,
    *,
    seeds: int,
    between: tuple[int, int],
    measures: int,
    fits: Callable[[Ints], bool],
    most: int | None = None,
) -> Chain:
    """Draw an episode until it fits the script.

    Without ``most`` each attempt is a little tamer; with it, measures come earlier after a draw
    that grew beyond ``most`` known cases and later after any other.
    """
    reproduction = setting("reproduction")
    for _ in range(ATTEMPTS):
        chain = _episode(world, rng, county, seeds, between, measures, reproduction)
        if fits(chain.suspected):
            return chain
        if most is None:
            reproduction *= 0.97
        elif _known(chain.suspected, world.days) > most:
            measures -= 2
        else:
            measures += 1
    raise BadParameter(
        "seed",
        world.seed,
        Text(
            zh=f"{world.counties[county].name.zh}的疫情无法符合剧本，请换一个种子或增加天数。",
            en=f"no outbreak of {world.counties[county].name.en} fits the script; take another seed or more days.",
        ),
    )


def _episode(
    world: World,
    rng: np.random.Generator,
    county: int,
    seeds: int,
    between: tuple[int, int],
    measures: int,
    reproduction: float,
) -> Chain:
    infected = rng.integers(between[0], between[1] + 1, seeds)
    people = [_seeds(world, rng, county, infected)]
    start = 0
    while len(people[-1]) and start < 100_000:
        parents = people[-1]
        people.append(_offspring(world, rng, parents, start, measures, reproduction))
        start += len(parents)
    return _together(people, linked=True)


def _seeds(world: World, rng: np.random.Generator, county: int, infected: Ints) -> Chain:
    n = len(infected)
    return _persons(
        world,
        rng,
        county=np.full(n, county),
        infector=np.full(n, -1),
        place=np.full(n, TRAVEL),
        infected=infected,
        household=rng.integers(1, 2**40, n),
        found=np.full(n, NEVER),
    )


def _offspring(
    world: World,
    rng: np.random.Generator,
    parents: Chain,
    start: int,
    measures: int,
    reproduction: float,
) -> Chain:
    k = setting("dispersion")
    would = rng.negative_binomial(k, k / (k + reproduction), len(parents))
    source = np.repeat(np.arange(len(parents)), would)
    shape = (setting("generation_mean") / setting("generation_sd")) ** 2
    wait = rng.gamma(shape, setting("generation_mean") / shape, len(source))
    day = parents.infected[source] + np.maximum(1, np.round(wait)).astype(np.int64)
    left = 1 - (1 - setting("contact_floor")) * np.clip(
        (day - measures) / setting("measure_ramp_days"), 0, 1
    )
    happens = (day < parents.isolated[source]) & (rng.random(len(day)) < left) & (day < world.days)
    source, day = source[happens], day[happens]
    place = _settings(rng, day, world.days)
    place[(place == HOUSEHOLD) & (_order(source, place == HOUSEHOLD) >= HOUSEHOLD_LIMIT)] = (
        COMMUNITY
    )
    suspected = parents.suspected[source]
    traced = np.isin(place, CLOSE) & (
        rng.random(len(day)) < improving("trace_share", suspected, world.days)
    )
    found = (
        suspected
        + 1
        + whole_days(improving("trace_delay", suspected, world.days) - 0.5, rng, len(day))
    )
    home = np.where(place == HOUSEHOLD, parents.household[source], rng.integers(1, 2**40, len(day)))
    return _persons(
        world,
        rng,
        county=parents.county[source],
        infector=source + start,
        place=place,
        infected=day,
        household=home,
        found=np.where(traced, np.maximum(found, day + 1), NEVER),
    )


def _settings(rng: np.random.Generator, day: Ints, days: int) -> Ints:
    hospital = improving("hospital_share", day, days)
    draw = rng.random(len(day))
    edges = np.cumsum(
        [
            hospital,
            np.full(len(day), setting("household_share")),
            np.full(len(day), setting("workplace_share")),
            np.full(len(day), setting("transport_share")),
        ],
        axis=0,
    )
    kind = (draw >= edges).sum(axis=0)
    return np.asarray(np.array([HOSPITAL, HOUSEHOLD, WORKPLACE, TRANSPORT, COMMUNITY])[kind])


def _order(source: Ints, counted: Bools) -> Ints:
    """Give each counted element its place among those of the same source (sorted by source)."""
    total = np.cumsum(counted)
    start = np.searchsorted(source, source)
    before: Ints = total[start] - counted[start]
    return np.asarray(total - counted - before)


def _persons(
    world: World,
    rng: np.random.Generator,
    *,
    county: Ints,
    infector: Ints,
    place: Ints,
    infected: Ints,
    household: Ints,
    found: Ints,
) -> Chain:
    """Draw illness, person and the way into care of newly infected persons."""
    n = len(infected)
    incubation = rng.lognormal(setting("incubation_meanlog"), setting("incubation_sdlog"), n)
    onset = infected + np.maximum(1, np.round(incubation)).astype(np.int64)
    visited = onset + whole_days(improving("visit_delay", onset, world.days), rng, n)
    suspected = visited + whole_days(0.2, rng, n)
    inside = found <= suspected
    suspected = np.where(inside, np.maximum(onset, found) + (rng.random(n) < 0.3), suspected)
    visited = np.where(inside, suspected, visited)
    isolated = np.where(inside, found, suspected + whole_days(0.4, rng, n))
    return Chain(
        county=county,
        infector=infector,
        setting=place,
        infected=infected,
        onset=onset,
        visited=visited,
        suspected=suspected,
        isolated=isolated,
        placed=np.where(inside, found, NEVER),
        household=household,
        age=ages(rng, n),
        female=rng.random(n) < 0.5,
        health_worker=(place == HOSPITAL) & (rng.random(n) < setting("health_worker_share")),
    )


def ages(rng: np.random.Generator, size: int) -> Ints:
    """Draw ages in years after ``reference/exercise/ages.csv``."""
    table = rows("ages")
    share = np.array([float(r["share"]) for r in table])
    low = np.array([int(r["from_age"]) for r in table])
    high = np.array([int(r["to_age"]) for r in table])
    band = rng.choice(len(table), size, p=share / share.sum())
    return np.asarray(rng.integers(low[band], high[band] + 1))


def severity(age: Ints) -> Floats:
    """Give how likely a severe course is at an age, relative to the mean of all cases."""
    table = rows("ages")
    low = np.array([int(r["from_age"]) for r in table])
    factor = np.array([float(r["severity"]) for r in table])
    return np.asarray(factor[np.searchsorted(low, age, side="right") - 1])


def _together(parts: Sequence[Chain], *, linked: bool = False) -> Chain:
    """Join chains; ``linked`` parts already count infectors over the whole."""
    starts = np.cumsum([0, *[len(p) for p in parts]])[:-1]
    joined = {f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Chain)}
    if not linked:
        joined["infector"] = np.concatenate(
            [
                np.where(p.infector >= 0, p.infector + s, -1)
                for p, s in zip(parts, starts, strict=True)
            ]
        )
    return Chain(**joined)
