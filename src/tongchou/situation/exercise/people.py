"""The line list of an exercise: suspected, excluded and confirmed persons, contacts and samples."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tongchou.situation.exercise import laboratory
from tongchou.situation.exercise.epidemic import (
    CLOSE,
    TRAVEL,
    Chain,
    ages,
    severity,
)
from tongchou.situation.exercise.settings import (
    NEVER,
    Bools,
    Floats,
    Ints,
    improving,
    setting,
    whole_days,
)
from tongchou.situation.exercise.sites import Sites
from tongchou.situation.exercise.world import World

UNTESTED = 3
"""Suspected persons of the last days from whom no sample was taken: a gap the morning must find."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Persons:
    """Everybody ever suspected, first the infected of the chain, then those later excluded.

    Days count from the start; NEVER stands for what did not come by the last day.
    """

    chain: Chain
    county: Ints
    infected: Bools
    onset: Ints
    visited: Ints
    suspected: Ints
    isolated: Ints
    sampled: Ints
    result: Ints
    confirmed: Ints
    excluded: Ints
    reported: Ints
    severe: Ints
    critical: Ints
    death: Ints
    recovery: Ints
    age: Ints
    female: Bools
    health_worker: Bools
    abroad: Bools
    residence: npt.NDArray[np.object_]
    ids: npt.NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.county)


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Samples, one array element each; ``person`` is -1 for a contact without symptoms."""

    person: Ints
    county: Ints
    laboratory: Ints
    taken: Ints
    received: Ints
    result: Ints
    outcome: npt.NDArray[np.object_]
    capacity: Ints


def seen(chain: Chain, days: int) -> tuple[Chain, Ints]:
    """Give the part of a chain suspected by the last day, and where each member of the chain went.

    Infectors never suspected become -1, and so does the place of all members not seen.
    """
    keep = np.flatnonzero(chain.suspected < days)
    keep = keep[np.lexsort((keep, chain.county[keep], chain.suspected[keep]))]
    position = np.full(len(chain) + 1, -1)
    position[keep] = np.arange(len(keep))
    values = {name: getattr(chain, name)[keep] for name in Chain.__slots__}
    values["infector"] = position[chain.infector[keep]]
    return Chain(**values), position


def contacts(world: World, chain: Chain, everyone: Chain, position: Ints) -> dict[str, Ints]:
    """Give the close contacts of the cases of a chain as arrays.

    Each traced infected person is a contact of the infector; a Poisson number of uninfected ones
    is added. ``became`` is the position of the case a contact turned into (-1: none known).
    ``everyone`` is the whole chain, for contacts who are infected but not yet ill, and
    ``position`` says where in ``chain`` each of its members stands.
    """
    rng = world.stream("contacts")
    inside = np.flatnonzero((chain.placed < world.days) & (chain.infector >= 0))
    hidden = np.flatnonzero(
        (everyone.placed < world.days)
        & (everyone.suspected >= world.days)
        & (position[everyone.infector] >= 0)
    )
    number = rng.poisson(setting("contacts_per_case"), len(chain))
    case = np.repeat(np.arange(len(chain)), number)
    n = len(case)
    named = chain.suspected[case] + whole_days(0.6, rng, n)
    traced = named + whole_days(improving("trace_delay", named, world.days) * 0.5, rng, n)
    placed = traced + whole_days(0.3, rng, n)
    placed = np.where(rng.random(n) < setting("contact_lost_share"), NEVER, placed)
    exposed = np.minimum(
        np.maximum(chain.onset[case] - 2, chain.isolated[case] - rng.integers(0, 6, n)),
        np.minimum(chain.isolated[case], named),
    )
    found = np.concatenate([chain.placed[inside], everyone.placed[hidden]])
    out = {
        "case": np.concatenate([chain.infector[inside], position[everyone.infector[hidden]], case]),
        "became": np.concatenate([inside, np.full(len(hidden) + n, -1)]),
        "setting": np.concatenate(
            [
                chain.setting[inside],
                everyone.setting[hidden],
                rng.choice([1, 2, 3, 4, 5, 6], n, p=[0.3, 0.3, 0.08, 0.07, 0.2, 0.05]),
            ]
        ),
        "named": np.concatenate([found, named]),
        "exposed": np.concatenate([chain.infected[inside], everyone.infected[hidden], exposed]),
        "traced": np.concatenate([found, traced]),
        "placed": np.concatenate([found, placed]),
    }
    known = np.flatnonzero(out["named"] < world.days)
    known = known[np.lexsort((known, out["case"][known], out["named"][known]))]
    return {name: values[known] for name, values in out.items()}


def examine(
    world: World, sites: Sites, chain: Chain, contact: dict[str, Ints]
) -> tuple[Persons, Samples]:
    """Suspect, sample, test, confirm or exclude: the way of every person through the laboratory."""
    rng = world.stream("people")
    other = _others(world, rng)
    k, n = len(chain), len(chain) + len(other["county"])
    infected = np.arange(n) < k
    county = np.concatenate([chain.county, other["county"]])
    suspected = np.concatenate([chain.suspected, other["suspected"]])
    wait = whole_days(improving("sample_delay", suspected, world.days), rng, n)
    sampled = suspected + wait
    sampled[n - UNTESTED :] = NEVER
    samples, latest = _samples(world, sites, rng, county, infected, sampled, contact)
    result = np.where(infected, samples.result[latest], NEVER)
    confirmed = np.where(result < NEVER, result + (rng.random(n) < 0.15), NEVER)
    excluded = np.where(infected, NEVER, np.maximum(samples.result[:n], samples.result[latest]))
    onset = np.concatenate([chain.onset, other["onset"]])
    age = np.concatenate([chain.age, other["age"]])
    course = _course(rng, onset, age, infected)
    abroad, residence = _origin(world, rng, chain, county)
    order = np.lexsort((np.arange(n), county, suspected))
    ids = np.empty(n, dtype=object)
    ids[order] = [f"{world.tag}-C{i + 1:06d}" for i in range(n)]
    persons = Persons(
        chain=chain,
        county=county,
        infected=infected,
        onset=onset,
        visited=np.concatenate([chain.visited, other["visited"]]),
        suspected=suspected,
        isolated=np.concatenate([chain.isolated, other["suspected"]]),
        sampled=sampled,
        result=np.where(infected, result, excluded),
        confirmed=confirmed,
        excluded=excluded,
        reported=np.where(
            confirmed < NEVER,
            confirmed + (rng.random(n) < improving("sample_delay", suspected, world.days) / 3),
            NEVER,
        ),
        age=age,
        female=np.concatenate([chain.female, other["female"] > 0]),
        health_worker=np.concatenate([chain.health_worker, np.zeros(n - k, dtype=bool)]),
        abroad=abroad,
        residence=residence,
        ids=ids,
        **course,
    )
    return persons, samples


def _others(world: World, rng: np.random.Generator) -> dict[str, Ints]:
    """Draw persons with fever from other causes, the untested of the last days at the end."""
    rate = world.population * setting("suspects_per_million_day") / 1e6
    number = rng.poisson(rate[:, None], (len(rate), world.days))
    county, suspected = np.nonzero(number)
    county = np.repeat(county, number[county, suspected])
    suspected = np.repeat(suspected, number[number > 0])
    hot = np.flatnonzero(world.plays("high"))
    county = np.concatenate([county, rng.choice(hot, UNTESTED)])
    suspected = np.concatenate([suspected, world.days - 1 - np.arange(UNTESTED)])
    n = len(county)
    visited = suspected - whole_days(0.3, rng, n)
    return {
        "county": county,
        "suspected": suspected,
        "visited": visited,
        "onset": visited - whole_days(1.5, rng, n),
        "age": ages(rng, n),
        "female": rng.integers(0, 2, n),
    }


def _samples(
    world: World,
    sites: Sites,
    rng: np.random.Generator,
    county: Ints,
    infected: Bools,
    sampled: Ints,
    contact: dict[str, Ints],
) -> tuple[Samples, Ints]:
    """Take the samples: the first of all suspected, a second of those not infected, one of contacts.

    Of the infected a few first samples are invalid; the one taken a day later counts. Gives the
    samples, and for each person the position of the last one.
    """
    n = len(county)
    again = (~infected) | (rng.random(n) < setting("invalid_share"))
    second = np.where(sampled < NEVER, sampled + 1, NEVER)
    clear = np.flatnonzero((contact["became"] < 0) & (contact["placed"] < world.days))
    where = contact["case"][clear]
    person = np.concatenate([np.arange(n), np.flatnonzero(again), np.full(len(clear), -1)])
    taken = np.concatenate([sampled, second[again], contact["placed"][clear]])
    place = np.concatenate([county, county[again], county[where]])
    invalid = np.concatenate(
        [
            again & infected,
            np.zeros(int(again.sum()), bool),
            rng.random(len(clear)) < setting("invalid_share"),
        ]
    )
    sick = np.concatenate([infected, infected[again], np.zeros(len(clear), bool)])
    labs = sites.of("laboratory")
    lab = np.zeros(len(world.groups), dtype=np.int64)
    lab[sites.group[labs]] = np.arange(len(labs))
    mine = lab[world.group[place]]
    urgent = (person < 0).astype(np.int64)
    received = taken + (rng.random(len(taken)) < 0.2)
    come = taken < world.days
    tests = laboratory.capacity(taken[come], mine[come], len(labs), world.days)
    result = np.full(len(taken), NEVER)
    result[come] = laboratory.results(received[come], urgent[come], mine[come], tests, world.days)
    latest = np.arange(n)
    latest[again] = n + np.arange(int(again.sum()))
    outcome = np.where(invalid, "invalid", np.where(sick, "positive", "negative")).astype(object)
    return (
        Samples(
            person=person,
            county=place,
            laboratory=labs[mine],
            taken=taken,
            received=received,
            result=result,
            outcome=outcome,
            capacity=tests,
        ),
        latest,
    )


def _course(rng: np.random.Generator, onset: Ints, age: Ints, infected: Bools) -> dict[str, Ints]:
    """Draw severe and critical illness, death or recovery; bounded below where care is given."""
    n = len(onset)
    factor = severity(age)
    worse = (setting("severe_share") + setting("critical_share")) * factor
    is_severe = infected & (rng.random(n) < np.minimum(worse, 0.95))
    among = setting("critical_share") / (setting("severe_share") + setting("critical_share"))
    is_critical = is_severe & (rng.random(n) < among)
    dies = is_critical & (
        rng.random(n) < np.minimum(setting("critical_fatality") * factor**0.5, 0.9)
    )
    severe = onset + 2 + whole_days(setting("onset_to_severe") - 2, rng, n)
    critical = severe + 1 + whole_days(setting("severe_to_critical") - 1, rng, n)
    death = onset + _gamma(rng, setting("onset_to_death"), setting("onset_to_death_cv"), n)
    recovery = onset + _gamma(rng, setting("onset_to_recovery"), setting("onset_to_recovery_cv"), n)
    recovery = np.maximum(
        recovery, np.where(is_critical, critical, np.where(is_severe, severe, onset)) + 3
    )
    return {
        "severe": np.where(is_severe, severe, NEVER),
        "critical": np.where(is_critical, critical, NEVER),
        "death": np.where(dies, np.maximum(death, critical + 1), NEVER),
        "recovery": np.where(infected & ~dies, recovery, NEVER),
    }


def _gamma(rng: np.random.Generator, mean: float, cv: float, size: int) -> Ints:
    draw: Floats = rng.gamma(1 / cv**2, mean * cv**2, size)
    return np.asarray(np.maximum(1, np.round(draw)), dtype=np.int64)


def _origin(
    world: World, rng: np.random.Generator, chain: Chain, county: Ints
) -> tuple[Bools, npt.NDArray[np.object_]]:
    """Say who came from abroad, and where each person lives.

    Of those infected on a journey some live in another province and came as visitors; those who
    live here came back from abroad if they fell ill in the second half, else from elsewhere.
    """
    n = len(county)
    residence = world.codes[county].copy()
    travel = np.zeros(n, dtype=bool)
    travel[: len(chain)] = chain.setting == TRAVEL
    abroad = travel & np.concatenate(
        [chain.infected >= world.days // 2, np.zeros(n - len(chain), bool)]
    )
    visitor = travel & ~abroad & (rng.random(n) < 0.4)
    others = np.array([p.code for p in world.others], dtype=object)
    residence[visitor] = rng.choice(others, int(visitor.sum()))
    away = ~travel & (rng.random(n) < setting("away_share"))
    residence[away] = world.codes[rng.integers(0, len(world.counties), int(away.sum()))]
    return abroad, residence


def clusters(chain: Chain) -> Ints:
    """Give each case the number of its cluster: cases joined by infection at home, at work or in a health facility.

    It is -1 for a case that is joined to no other known case.
    """
    number = np.full(len(chain), -1)
    joined = np.flatnonzero((chain.infector >= 0) & np.isin(chain.setting, CLOSE))
    root = np.arange(len(chain))
    for j in joined[np.argsort(chain.infected[joined], kind="stable")]:
        root[j] = root[chain.infector[j]]
    members = np.unique(np.concatenate([joined, chain.infector[joined]]))
    number[members] = np.unique(root[members], return_inverse=True)[1]
    return number
