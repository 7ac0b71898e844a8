"""The stage of an exercise: a real province with invented residents, and who is to suffer what."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

import numpy as np
import polars as pl

from tongchou.situation.exercise.settings import NEVER, Bools, Floats, Ints, setting, stream
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.places import Gazetteer, Place
from tongchou.vocabulary.text import Text

Role = Literal["never", "calmed", "medium", "reignited", "high"]
ROLES: tuple[Role, ...] = get_args(Role)
"""What the script asks of a county: where it is to stand on the last day."""

LEAST_DAYS = 45
"""Shorter runs have no room for an outbreak, fourteen clean days and a second outbreak."""
LEAST_POPULATION = 100_000
LEAST_COUNTIES = 8
"""Fewer counties cannot play all five roles."""

MARK = Text(zh="演练", en="Exercise")
"""The word every invented facility, enterprise and title begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Counties of one province, their invented residents and the calendar.

    Days are counted from 0 (``first``) to ``days`` - 1 (``last``); earlier days are negative.
    ``group`` gives for each county the position of its prefecture in ``groups`` (of the province
    itself, where it answers to the province directly).
    """

    seed: int
    province: Place
    groups: tuple[Place, ...]
    counties: tuple[Place, ...]
    others: tuple[Place, ...]
    group: Ints
    population: Ints
    roles: tuple[Role, ...]
    first: date
    days: int
    hospitals: int

    @property
    def last(self) -> date:
        """The last day."""
        return self.first + timedelta(days=self.days - 1)

    @property
    def codes(self) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
        """Codes of the counties."""
        return np.array([p.code for p in self.counties], dtype=object)

    @property
    def longitude(self) -> Floats:
        """Longitudes of the counties, degrees."""
        return np.array([p.longitude for p in self.counties])

    @property
    def latitude(self) -> Floats:
        """Latitudes of the counties, degrees."""
        return np.array([p.latitude for p in self.counties])

    @property
    def tag(self) -> str:
        """The start of every invented identifier."""
        return f"EX{self.province.code[:2]}"

    def stream(self, *name: str | int) -> np.random.Generator:
        """Give the random stream of one concept of this exercise."""
        return stream(self.seed, *name)

    def dates(self, day: Ints) -> pl.Series:
        """Give days as dates; a day after the last has not come and is blank."""
        known = day < self.days
        start = np.datetime64(self.first, "D")
        out = start + np.where(known, day, 0).astype("timedelta64[D]")
        return pl.Series(out).cast(pl.Date).set(pl.Series(~known), None)

    def planned(self, day: Ints) -> pl.Series:
        """Give planned days, which may lie ahead of the last day; only NEVER is blank."""
        start = np.datetime64(self.first, "D")
        out = start + np.where(day < NEVER, day, 0).astype("timedelta64[D]")
        return pl.Series(out).cast(pl.Date).set(pl.Series(day >= NEVER), None)

    def plays(self, *roles: Role) -> Bools:
        """Say which counties play one of the roles."""
        return np.array([r in roles for r in self.roles])


def stage(
    seed: int,
    *,
    province: str,
    population: int,
    hospitals: int,
    days: int,
    first: date,
    gazetteer: Gazetteer,
) -> World:
    """Set the stage: places from the gazetteer, residents and roles from the seed.

    The residents of the exercise are shared among prefectures as the census does; within a
    prefecture, where no county figure is shipped, by a Dirichlet draw. The roles are dealt by the
    shares in ``reference/exercise/parameters.csv``, at least one county each.

    Raises
    ------
    BadParameter
        If the exercise is too small for its story.
    """
    here = gazetteer.place(province)
    counties = gazetteer.leaves(province)
    _check(population, hospitals, days, here, counties)
    parents = [gazetteer.place(p.parent) if p.parent else here for p in counties]
    groups = tuple({p.code: p for p in parents}.values())
    at = {p.code: i for i, p in enumerate(groups)}
    group = np.array([at[p.code] for p in parents])
    weight = np.array([float(p.population or 1) if p.code != province else 0.0 for p in groups])
    direct = group == at.get(province, -1)
    if direct.any():
        weight[at[province]] = (weight[weight > 0].mean() if direct.sum() < len(group) else 1.0) * (
            direct.sum() / len(group) * len(groups)
        )
    return World(
        seed=seed,
        province=here,
        groups=groups,
        counties=counties,
        others=tuple(p for p in gazetteer.units("province") if p.counted and p.code != province),
        group=group,
        population=_split(population, weight, group, stream(seed, "residents")),
        roles=_deal(len(counties), stream(seed, "roles")),
        first=first,
        days=days,
        hospitals=hospitals,
    )


def places(world: World, gazetteer: Gazetteer) -> pl.DataFrame:
    """Give the table ``places``: the nation, its provinces, and this province down to its counties.

    Residents, households, health staff and product are given for the province of the exercise
    and below; the figures of other places would be real beside invented ones and stay blank.
    """
    residents = {p.code: int(n) for p, n in zip(world.counties, world.population, strict=True)}
    for i, g in enumerate(world.groups):
        if g.code != world.province.code:
            residents[g.code] = int(world.population[world.group == i].sum())
    residents[world.province.code] = int(world.population.sum())
    shown = {p.code: p for p in (gazetteer.nation, world.province, *world.others)}
    shown |= {p.code: p for p in (*world.groups, *world.counties)}
    people = [residents.get(code) for code in shown]
    return pl.DataFrame(
        {
            "place": list(shown),
            "level": [p.level for p in shown.values()],
            "name_zh": [p.name.zh for p in shown.values()],
            "name_en": [p.name.en for p in shown.values()],
            "parent": [p.parent for p in shown.values()],
            "population": people,
            "longitude": [p.longitude for p in shown.values()],
            "latitude": [p.latitude for p in shown.values()],
            "households": [n and round(n / setting("household_size")) for n in people],
            "health_staff": [n and n * setting("health_staff_per_1000") / 1000 for n in people],
            "gross_product": [n and n * setting("gross_product_per_person") for n in people],
        },
        schema_overrides={"population": pl.Int64, "households": pl.Int64},
    ).sort("place")


def _check(
    population: int, hospitals: int, days: int, here: Place, counties: tuple[Place, ...]
) -> None:
    for name, value, least, zh, en in (
        (
            "days",
            days,
            LEAST_DAYS,
            "复燃的县需要这么多天",
            "a county that re-ignites needs that long",
        ),
        ("population", population, LEAST_POPULATION, "人口太少", "too few residents otherwise"),
        ("hospitals", hospitals, 1, "没有医院就没有收治", "no care without a hospital"),
    ):
        if value < least:
            raise BadParameter(
                name,
                value,
                Text(zh=f"不得小于 {least}：{zh}。", en=f"it must be at least {least}: {en}."),
            )
    if here.level != "province" or len(counties) < LEAST_COUNTIES:
        raise BadParameter(
            "province",
            here.code,
            Text(
                zh=f"须为至少有 {LEAST_COUNTIES} 个县区的省级代码，如 360000。",
                en=f"it must be the code of a province with at least {LEAST_COUNTIES} counties, such as 360000.",
            ),
        )


def _split(total: int, weight: Floats, group: Ints, rng: np.random.Generator) -> Ints:
    """Share residents over counties; every resident is somewhere."""
    share = np.zeros(len(group))
    for g, w in enumerate(weight / weight.sum()):
        members = np.flatnonzero(group == g)
        draw = rng.dirichlet(np.full(len(members), setting("county_concentration")))
        share[members] = w * draw
    people: Ints = np.floor(total * share / share.sum()).astype(np.int64)
    people[np.argsort(-share)[: total - people.sum()]] += 1
    return people


def _deal(counties: int, rng: np.random.Generator) -> tuple[Role, ...]:
    dealt: list[Role] = []
    for role in ROLES[1:]:
        dealt += [role] * max(1, round(counties * setting(f"{role}_share")))
    dealt += ["never"] * (counties - len(dealt))
    return tuple(dealt[i] for i in rng.permutation(counties))
