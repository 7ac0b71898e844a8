"""The line list of an exercise: suspected, excluded and confirmed persons, contacts and samples."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tongchou.situation.exercise import laboratory
from tongchou.situation.exercise.epidemic import (
    CLOSE,
    SETTINGS,
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
OBSERVED_DAYS = 14
"""Days a close contact is observed after the last exposure."""
WORDS = np.array([*SETTINGS, "unknown"], dtype=object)


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


def seen(chain: Chain, days: int) -> Chain:
    """Give the part of a chain that was suspected by the last day; unseen infectors become -1."""
    keep = np.flatnonzero(chain.suspected < days)
    keep = keep[np.lexsort((keep, chain.county[keep], chain.suspected[keep]))]
    position = np.full(len(chain) + 1, -1)
    position[keep] = np.arange(len(keep))
    values = {name: getattr(chain, name)[keep] for name in Chain.__slots__}
    values["infector"] = position[chain.infector[keep]]
    return Chain(**values)


def contacts(world: World, chain: Chain, unseen: Chain) -> dict[str, npt.NDArray[np.generic]]:
    """Give the close contacts of the cases of a chain as arrays.

    Each traced infected person is a contact of the infector; a Poisson number of uninfected ones
    is added. ``became`` is the position of the case a contact turned into (-1: none known).
    ``unseen`` is the whole chain, for contacts who are infected but not yet ill.
    """
    rng = world.stream("contacts")
    first = _traced(chain, np.arange(len(chain)))
    whole = np.flatnonzero(
        (unseen.placed < world.days) & (unseen.suspected >= world.days) & (unseen.infector >= 0)
    )
    back = {(int(c), int(i), int(h)): k for k, (c, i, h) in enumerate(
        zip(chain.county, chain.infected, chain.household, strict=True))}  # fmt: skip
    hidden = []
    for j in whole:
        i = int(unseen.infector[j])
        key = (int(unseen.county[i]), int(unseen.infected[i]), int(unseen.household[i]))
        if key in back:
            hidden.append((back[key], j))
    number = rng.poisson(setting("contacts_per_case"), len(chain))
    case = np.repeat(np.arange(len(chain)), number)
    n = len(case)
    named = chain.suspected[case] + whole_days(0.6, rng, n)
    traced = named + whole_days(
        improving("trace_delay", named, world.days) * 0.5, rng, n
    )
    placed = traced + whole_days(0.3, rng, n)
    placed = np.where(rng.random(n) < setting("contact_lost_share"), NEVER, placed)
    exposed = np.minimum(
        np.maximum(chain.onset[case] - 2, chain.isolated[case] - rng.integers(0, 6, n)),
        np.minimum(chain.isolated[case], named),
    )
    hid_case = np.array([h[0] for h in hidden], dtype=np.int64)
    hid = np.array([h[1] for h in hidden], dtype=np.int64)
    out = {
        "case": np.concatenate([first["case"], hid_case, case]),
        "became": np.concatenate([first["became"], np.full(len(hid) + n, -1)]),
        "setting": np.concatenate(
            [
                first["setting"],
                unseen.setting[hid],
                rng.choice([1, 2, 3, 4, 5, 6], n, p=[0.3, 0.3, 0.08, 0.07, 0.2, 0.05]),
            ]
        ),
        "named": np.concatenate([first["named"], unseen.placed[hid], named]),
        "exposed": np.concatenate([first["exposed"], unseen.infected[hid], exposed]),
        "traced": np.concatenate([first["traced"], unseen.placed[hid], traced]),
        "placed": np.concatenate([first["placed"], unseen.placed[hid], placed]),
    }
    known = np.flatnonzero(out["named"] < world.days)
    known = known[np.lexsort((known, out["case"][known], out["named"][known]))]
    return {name: values[known] for name, values in out.items()}


def _traced(chain: Chain, position: Ints) -> dict[str, Ints]:
    inside = np.flatnonzero((chain.placed < NEVER) & (chain.infector >= 0))
    placed = chain.placed[inside]
    return {
        "case": chain.infector[inside],
        "became": position[inside],
        "setting": chain.setting[inside],
        "named": placed,
        "exposed": chain.infected[inside],
        "traced": placed,
        "placed": placed,
    }


def examine(
    world: World, sites: Sites, chain: Chain, contact: dict[str, npt.NDArray[np.generic]]
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
    samples, first, final = _samples(world, sites, rng, county, infected, sampled, contact)
    result = np.where(infected, samples.result[first], NEVER)
    confirmed = np.where(result < NEVER, result + (rng.random(n) < 0.15), NEVER)
    excluded = np.where(~infected, samples.result[final], NEVER)
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
        female=np.concatenate([chain.female, other["female"]]),
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
        "female": rng.random(n) < 0.5,
    }


def _samples(
    world: World,
    sites: Sites,
    rng: np.random.Generator,
    county: Ints,
    infected: Bools,
    sampled: Ints,
    contact: dict[str, npt.NDArray[np.generic]],
) -> tuple[Samples, Ints, Ints]:
    """Take the samples: the first of all suspected, a second of those not infected, one of contacts.

    Of the infected a few first samples are invalid; the one taken a day later counts. Gives the
    samples, and for each person the sample that decides for and the one that decides against.
    """
    n = len(county)
    again = (~infected) | (rng.random(n) < setting("invalid_share"))
    second = np.where(sampled < NEVER, sampled + 1, NEVER)
    clear = np.flatnonzero((contact["became"] < 0) & (contact["placed"] < world.days))
    where = np.array(contact["case"])[clear]
    person = np.concatenate([np.arange(n), np.flatnonzero(again), np.full(len(clear), -1)])
    taken = np.concatenate([sampled, second[again], np.array(contact["placed"])[clear]])
    place = np.concatenate([county, county[again], county[where]])
    invalid = np.concatenate(
        [again & infected, np.zeros(int(again.sum()), bool), rng.random(len(clear)) < setting("invalid_share")]
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
    decisive = latest.copy()
    both = np.maximum(result[:n], result[decisive])
    result[decisive[~infected]] = both[~infected]
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
        decisive,
    )


def _course(
    rng: np.random.Generator, onset: Ints, age: Ints, infected: Bools
) -> dict[str, Ints]:
    """Draw severe and critical illness, death or recovery; bounded below where care is given."""
    n = len(onset)
    factor = severity(age)
    worse = (setting("severe_share") + setting("critical_share")) * factor
    is_severe = infected & (rng.random(n) < np.minimum(worse, 0.95))
    among = setting("critical_share") / (setting("severe_share") + setting("critical_share"))
    is_critical = is_severe & (rng.random(n) < among)
    dies = is_critical & (rng.random(n) < np.minimum(setting("critical_fatality") * factor**0.5, 0.9))
    severe = onset + 2 + whole_days(setting("onset_to_severe") - 2, rng, n)
    critical = severe + 1 + whole_days(setting("severe_to_critical") - 1, rng, n)
    death = onset + _gamma(rng, setting("onset_to_death"), setting("onset_to_death_cv"), n)
    recovery = onset + _gamma(rng, setting("onset_to_recovery"), setting("onset_to_recovery_cv"), n)
    recovery = np.maximum(recovery, np.where(is_critical, critical, np.where(is_severe, severe, onset)) + 3)
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
    """Number the clusters: cases joined by infection at home, at work or in a health facility.

    Gives -1 for a case that is joined to no other known case.
    """
    number = np.full(len(chain), -1)
    joined = np.flatnonzero((chain.infector >= 0) & np.isin(chain.setting, CLOSE))
    root = np.arange(len(chain))
    for j in joined[np.argsort(chain.infected[joined], kind="stable")]:
        root[j] = root[chain.infector[j]]
    members = np.unique(np.concatenate([joined, chain.infector[joined]]))
    names, at = np.unique(root[members], return_inverse=True)
    number[members] = at
    return number


def case_table(
    world: World, persons: Persons, sites: Sites, admitted: Ints, facility: Ints
) -> pl.DataFrame:
    """Give the table ``cases``; ``admitted`` and ``facility`` are those of ``care.admit``."""
    rng = world.stream("interviews")
    chain, n, k = persons.chain, len(persons), len(persons.chain)
    infector = np.full(n, -1)
    shown = (
        (chain.infector >= 0)
        & (rng.random(k) < setting("linked_share"))
        & (chain.suspected[chain.infector] <= chain.suspected)
    )
    infector[:k][shown] = chain.infector[shown]
    cluster = np.concatenate([clusters(chain), np.full(n - k, -1)])
    exposed = np.full(n, len(SETTINGS))
    exposed[:k] = np.where((chain.setting == TRAVEL) | shown, chain.setting, len(SETTINGS))
    known = persons.confirmed < NEVER
    ended = {
        "recovered_on": np.where(admitted < NEVER, persons.recovery, NEVER),
        "died_on": np.where(admitted < NEVER, persons.death, NEVER),
    }
    days = {
        "onset_on": persons.onset,
        "visited_on": persons.visited,
        "suspected_on": persons.suspected,
        "sampled_on": persons.sampled,
        "result_on": persons.result,
        "confirmed_on": persons.confirmed,
        "excluded_on": persons.excluded,
        "reported_on": persons.reported,
        "isolated_on": persons.isolated,
        "admitted_on": admitted,
        "severe_on": np.where(known, persons.severe, NEVER),
        "critical_on": np.where(known, persons.critical, NEVER),
        **ended,
    }
    inside = np.concatenate([chain.inside, np.zeros(n - k, bool)])
    frame = pl.DataFrame(
        {
            "case_id": persons.ids,
            "place": world.codes[persons.county],
            "residence": persons.residence,
            "known_on": world.dates(persons.suspected),
            "age": persons.age,
            "sex": np.where(persons.female, "female", "male").astype(object),
            "health_worker": persons.health_worker,
            "household_id": _households(world, persons),
            "cluster_id": [f"{world.tag}-K{c + 1:05d}" if c >= 0 else None for c in cluster],
            "infector_id": [persons.ids[i] if i >= 0 else None for i in infector],
            "exposed_at": WORDS[exposed],
            "found_inside": pl.Series(inside).set(pl.Series(~known), None),
            "facility_id": [sites.ids[f] if f >= 0 else None for f in facility],
            **{name: world.dates(day) for name, day in days.items()},
        }
    )
    return frame.sort("case_id")


def _households(world: World, persons: Persons) -> list[str]:
    _, number = np.unique(persons.chain.household, return_inverse=True)
    rest = np.arange(len(persons) - len(number)) + (number.max() + 1 if len(number) else 0)
    return [f"{world.tag}-H{h + 1:06d}" for h in np.concatenate([number, rest])]


def contact_table(
    world: World, persons: Persons, contact: dict[str, npt.NDArray[np.generic]]
) -> pl.DataFrame:
    """Give the table ``contacts``; a contact who fell ill leaves quarantine for care."""
    case, became = np.array(contact["case"]), np.array(contact["became"])
    placed, due = np.array(contact["placed"]), np.array(contact["exposed"]) + OBSERVED_DAYS
    ill = np.where(became >= 0, persons.suspected[became], NEVER)
    released = np.where(placed < NEVER, np.where(became >= 0, ill, np.maximum(due, placed)), NEVER)
    return pl.DataFrame(
        {
            "contact_id": [f"{world.tag}-N{i + 1:06d}" for i in range(len(case))],
            "case_id": persons.ids[case],
            "place": world.codes[persons.county[case]],
            "known_on": world.dates(contact["named"]),
            "setting": WORDS[contact["setting"]],
            "exposed_on": world.dates(contact["exposed"]),
            "traced_on": world.dates(contact["traced"]),
            "placed_on": world.dates(placed),
            "release_due": world.planned(due),
            "released_on": world.dates(released),
            "became_case_id": [persons.ids[b] if b >= 0 else None for b in became],
        }
    )


def sample_table(world: World, sites: Sites, persons: Persons, samples: Samples) -> pl.DataFrame:
    """Give the table ``samples``."""
    known = np.flatnonzero(samples.taken < world.days)
    known = known[np.lexsort((known, samples.taken[known]))]
    out = samples.result[known] < NEVER
    person = samples.person[known]
    return pl.DataFrame(
        {
            "sample_id": [f"{world.tag}-S{i + 1:06d}" for i in range(len(known))],
            "case_id": [persons.ids[p] if p >= 0 else None for p in person],
            "place": world.codes[samples.county[known]],
            "facility_id": sites.ids[samples.laboratory[known]],
            "known_on": world.dates(samples.taken[known]),
            "taken_on": world.dates(samples.taken[known]),
            "received_on": world.dates(samples.received[known]),
            "result_on": world.dates(samples.result[known]),
            "result": [o if r else None for o, r in zip(samples.outcome[known], out, strict=True)],
        }
    )
