"""The invented facilities of an exercise: where each stands, and of which kind it is."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tongchou.situation.exercise.settings import Bools, Floats, Ints, setting
from tongchou.situation.exercise.world import MARK, World
from tongchou.vocabulary.text import Text

NAMES = {
    "designated": Text(zh="定点医院", en="Designated Hospital"),
    "general": Text(zh="综合医院", en="General Hospital"),
    "fangcang": Text(zh="方舱医院", en="Fangcang Shelter Hospital"),
    "laboratory": Text(zh="核酸检测实验室", en="Test Laboratory"),
    "depot": Text(zh="应急物资库", en="Emergency Depot"),
    "quarantine": Text(zh="集中隔离点", en="Quarantine Site"),
    "fever_clinic": Text(zh="发热门诊", en="Fever Clinic"),
}
HOSPITALS = ("designated", "general")
CARE = (*HOSPITALS, "fangcang")
"""Kinds that admit patients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sites:
    """All facilities, one array element each; ``main_depot`` is the province's own depot."""

    ids: npt.NDArray[np.object_]
    kind: npt.NDArray[np.object_]
    county: Ints
    group: Ints
    name: tuple[Text, ...]
    longitude: Floats
    latitude: Floats
    main_depot: int

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, *kinds: str) -> Ints:
        """Give the positions of all facilities of some kinds."""
        return np.flatnonzero(np.isin(self.kind, kinds))

    def is_of(self, *kinds: str) -> Bools:
        """Say which facilities are of some kinds."""
        return np.isin(self.kind, kinds)


def build(world: World) -> Sites:
    """Place the facilities: the first hospital of each prefecture, the rest where people live."""
    rng = world.stream("sites")
    seats = [_seat(world, g) for g in range(len(world.groups))]
    hospitals = _hospitals(world, rng, seats)
    hot = np.flatnonzero(world.plays("high"))
    shelters = max(1, round(int(world.population.sum()) / setting("residents_per_fangcang")))
    hot = hot[np.argsort(-world.population[hot], kind="stable")]
    planned = [
        *hospitals,
        *[("fangcang", int(hot[i % len(hot)])) for i in range(shelters)],
        *[(k, s) for k in ("laboratory", "depot", "quarantine", "fever_clinic") for s in seats],
        ("depot", int(np.argmax(world.population))),
    ]
    kind = np.array([k for k, _ in planned], dtype=object)
    county = np.array([c for _, c in planned])
    jitter = rng.uniform(-0.03, 0.03, (2, len(planned)))
    return Sites(
        ids=np.array([f"{world.tag}-F{i + 1:04d}" for i in range(len(planned))], dtype=object),
        kind=kind,
        county=county,
        group=world.group[county],
        name=tuple(_names(world, planned)),
        longitude=np.round(world.longitude[county] + jitter[0], 4),
        latitude=np.round(world.latitude[county] + jitter[1], 4),
        main_depot=len(planned) - 1,
    )


def _seat(world: World, group: int) -> int:
    members = np.flatnonzero(world.group == group)
    return int(members[np.argmax(world.population[members])])


def _hospitals(world: World, rng: np.random.Generator, seats: list[int]) -> list[tuple[str, int]]:
    by_size = sorted(
        seats, key=lambda s: -int(world.population[world.group == world.group[s]].sum())
    )
    first = by_size[: world.hospitals]
    weight = world.population / world.population.sum()
    rest = rng.choice(len(world.counties), world.hospitals - len(first), p=weight)
    designated = max(len(first), round(world.hospitals * setting("designated_share")))
    counties = [*first, *[int(c) for c in rest]]
    return [("designated" if i < designated else "general", c) for i, c in enumerate(counties)]


def _names(world: World, planned: list[tuple[str, int]]) -> list[Text]:
    seen: dict[tuple[str, int], int] = {}
    names = []
    for i, (kind, county) in enumerate(planned):
        number = seen[kind, county] = seen.get((kind, county), 0) + 1
        main = i == len(planned) - 1
        place = world.province.name if main else world.counties[county].name
        names.append(
            Text(
                zh=f"（{MARK.zh}）{place.zh}第{number}{NAMES[kind].zh}",
                en=f"({MARK.en}) {place.en} {NAMES[kind].en} No. {number}",
            )
        )
    return names
