"""The teams of an exercise: who works where, beyond hours or not, infected or not."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tongchou.situation.exercise.care import Care
from tongchou.situation.exercise.people import Persons
from tongchou.situation.exercise.settings import Floats, Ints, improving, rows, setting, words
from tongchou.situation.exercise.sites import HOSPITALS, Sites
from tongchou.situation.exercise.world import World

AID_SKILLS = ("nurse", "critical_care_nurse", "doctor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Teams:
    """Teams, one array element each; ``load`` is (team, day), need over staff.

    ``site`` is -1 for teams without a facility, ``home`` is empty for teams of the place itself.
    """

    skill: npt.NDArray[np.object_]
    county: Ints
    site: Ints
    home: npt.NDArray[np.object_]
    staff: Ints
    arrives: Ints
    load: Floats


def muster(world: World, sites: Sites, persons: Persons, care: Care, tests: Ints) -> Teams:
    """Form the teams and work out what each day asks of them, over what they can do."""
    rng = world.stream("workforce")
    parts = [*_wards(sites, care, rng), *_others(world, sites, persons, tests, rng)]
    parts += _aid(world, sites, care, rng)
    return Teams(
        skill=np.array([p[0] for p in parts], dtype=object),
        county=np.array([p[1] for p in parts]),
        site=np.array([p[2] for p in parts]),
        home=np.array([p[3] for p in parts], dtype=object),
        staff=np.array([p[4] for p in parts]),
        arrives=np.array([p[5] for p in parts]),
        load=np.array([p[6] for p in parts]),
    )


_Part = tuple[str, int, int, str | None, int, int, Floats]


def _wards(sites: Sites, care: Care, rng: np.random.Generator) -> list[_Part]:
    parts: list[_Part] = []
    shift = setting("hours_per_shift")
    for row in rows("staffing"):
        hours = np.array([float(row[f"hours_{c}"]) for c in ("mild", "severe", "critical")])
        full = np.tensordot(hours, care.beds[:, :, -1], (0, 1)) / shift
        asked = np.tensordot(hours, care.occupied, (0, 1)) / shift
        surplus = setting("staff_surplus") * rng.lognormal(0, 0.25, len(sites))
        for f in sites.of(*HOSPITALS, "fangcang"):
            staff = max(int(row["least"]), round(full[f] * surplus[f]))
            parts.append(
                (row["skill"], int(sites.county[f]), int(f), None, staff, 0, asked[f] / staff)
            )
    return parts


def _others(
    world: World, sites: Sites, persons: Persons, tests: Ints, rng: np.random.Generator
) -> list[_Part]:
    days = np.arange(world.days)
    parts: list[_Part] = []
    for k, f in enumerate(sites.of("laboratory")):
        staff = max(3, round(float(tests[k].mean()) / setting("tests_per_worker")))
        load = tests[k] / setting("tests_per_worker") / staff
        parts.append(("laboratory", int(sites.county[f]), int(f), None, staff, 0, load))
    for f in sites.of("depot"):
        load = rng.uniform(0.6, 1.0, world.days)
        parts.append(
            ("logistics", int(sites.county[f]), int(f), None, int(setting("depot_staff")), 0, load)
        )
    minutes = improving("form_minutes", days, world.days)
    for c, residents in enumerate(world.population):
        new = np.bincount(
            persons.confirmed[
                (persons.county == c) & (persons.confirmed >= 0) & (persons.confirmed < world.days)
            ],
            minlength=world.days,
        )
        staff = max(2, round(residents * setting("tracers_per_100k") / 1e5))
        load = np.convolve(new, np.ones(3) / 3)[: world.days] / setting("cases_per_tracer") / staff
        parts.append(("tracer", c, -1, None, staff, 0, load))
        grid = max(2, round(residents / setting("residents_per_grid_worker")))
        parts.append(("grid_worker", c, -1, None, grid, 0, 0.6 + minutes / 200))
    return parts


def _aid(world: World, sites: Sites, care: Care, rng: np.random.Generator) -> list[_Part]:
    """Send teams of other provinces to the facilities with most patients."""
    load = care.occupied.sum(axis=(1, 2))
    busiest = np.argsort(-load, kind="stable")
    homes = rng.permutation(len(world.others))
    parts: list[_Part] = []
    for n in range(int(setting("aid_teams"))):
        f = int(busiest[n % max(1, int((load > 0).sum()))])
        day = min(int(setting("aid_team_day")) + 3 * n, world.days - 1)
        hours = rng.uniform(0.6, 1.2, world.days)
        parts.append(
            (
                AID_SKILLS[n % len(AID_SKILLS)],
                int(sites.county[f]),
                f,
                world.others[homes[n]].code,
                int(setting("aid_staff")),
                day,
                hours,
            )
        )
    return parts


def team_table(world: World, sites: Sites, persons: Persons, teams: Teams) -> pl.DataFrame:
    """Give the table ``staff_teams``: each team on each day from its arrival.

    Members beyond hours are those the load leaves without rest, and a few more; members infected
    are the confirmed health workers of the line list, each counted in one team.
    """
    rng = world.stream("hours")
    n, days = len(teams.staff), world.days
    beyond = np.clip((teams.load - 0.95) / 0.6, 0, 1) * 0.9 + 0.01
    over = rng.binomial(np.repeat(teams.staff[:, None], days, axis=1), beyond)
    infected = _infected(world, persons, teams, rng)
    grid = teams.skill == "grid_worker"
    forms = improving("form_minutes", np.arange(days), days) * rng.lognormal(0, 0.12, (n, days))
    day = np.tile(np.arange(days), n)
    here = day >= np.repeat(teams.arrives, days)
    site = [sites.ids[s] if s >= 0 else None for s in teams.site]
    return pl.DataFrame(
        {
            "team_id": np.repeat([f"{world.tag}-T{i + 1:05d}" for i in range(n)], days),
            "date": world.dates(day),
            "known_on": world.dates(day),
            "place": np.repeat(world.codes[teams.county], days),
            "home_place": words(np.repeat(teams.home, days)),
            "facility_id": words(np.repeat(np.array(site, dtype=object), days)),
            "skill": np.repeat(teams.skill, days),
            "staff": np.repeat(teams.staff, days),
            "staff_over_hours": over.ravel(),
            "infected": infected.ravel(),
            "form_minutes": pl.Series(np.round(forms, 1).ravel()).set(
                pl.Series(~np.repeat(grid, days)), None
            ),
        }
    ).filter(pl.Series(here))


def _infected(world: World, persons: Persons, teams: Teams, rng: np.random.Generator) -> Ints:
    """Count infected members to each day; a health worker belongs to a ward as near as there is."""
    count = np.zeros((len(teams.staff), world.days), dtype=np.int64)
    wards = np.flatnonzero(
        np.isin(teams.skill, ["doctor", "nurse", "critical_care_nurse"]) & (teams.arrives == 0)
    )
    left = teams.staff.copy()
    for i in np.flatnonzero(persons.health_worker & (persons.confirmed < world.days)):
        county = persons.county[i]
        far = np.where(
            teams.county[wards] == county,
            0,
            np.where(world.group[teams.county[wards]] == world.group[county], 1, 2),
        )
        far = np.where(left[wards] > 0, far, 3)
        team = int(rng.choice(wards[far == far.min()]))
        left[team] -= 1
        count[team, max(int(persons.confirmed[i]), 0) :] += 1
    return count
