"""The line list of an exercise as tables: cases, contacts and samples."""

import numpy as np
import polars as pl

from tongchou.situation.exercise.epidemic import SETTINGS, TRAVEL
from tongchou.situation.exercise.people import Persons, Samples, clusters
from tongchou.situation.exercise.settings import NEVER, Ints, setting
from tongchou.situation.exercise.sites import Sites
from tongchou.situation.exercise.world import World

WORDS = np.array([*SETTINGS, "unknown"], dtype=object)


def case_table(
    world: World, persons: Persons, sites: Sites, admitted: Ints, facility: Ints
) -> pl.DataFrame:
    """Give the table ``cases`` once every patient has a bed or waits for one."""
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
    told = (chain.setting == TRAVEL) | shown | chain.health_worker
    exposed[:k] = np.where(told, chain.setting, len(SETTINGS))
    known = persons.confirmed < world.days
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
        "recovered_on": np.where(admitted < world.days, persons.recovery, NEVER),
        "died_on": np.where(admitted < world.days, persons.death, NEVER),
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


def contact_table(world: World, persons: Persons, contact: dict[str, Ints]) -> pl.DataFrame:
    """Give the table ``contacts``; a contact who fell ill leaves quarantine for care."""
    case, became = contact["case"], contact["became"]
    placed, due = contact["placed"], contact["exposed"] + int(setting("observed_days"))
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
