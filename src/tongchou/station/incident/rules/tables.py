"""The reference tables of the incident desk, each read once."""

import csv
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from tongchou import reference
from tongchou.vocabulary.text import Text

LEVEL_LETTERS: Mapping[str, str] = MappingProxyType(
    {"nation": "N", "province": "P", "prefecture": "C", "county": "K", "grid": "G"}
)
"""How the register of mechanisms names the levels among a mechanism's users."""
GROUP_NAMES: Mapping[str, Text] = MappingProxyType(
    {
        "G1": Text(zh="指挥协调", en="Incident management"),
        "G2": Text(zh="法律与响应级别", en="Law and response level"),
        "G3": Text(zh="监测与流调", en="Surveillance and tracing"),
        "G4": Text(zh="形势与分区分级", en="Situation and tiers"),
        "G5": Text(zh="社区与网格", en="Communities and grids"),
        "G6": Text(zh="通道与流动", en="Entry, roads, mobility"),
        "G7": Text(zh="床位与救治", en="Beds and care"),
        "G8": Text(zh="医疗队伍", en="Health workforce"),
        "G9": Text(zh="物资保障", en="Supplies"),
        "G10": Text(zh="复工与产业链", en="Reopening and chains"),
        "G11": Text(zh="纾困与就业", en="Relief and jobs"),
        "G12": Text(zh="民生与农业", en="Livelihood and farming"),
        "G13": Text(zh="沟通与公开", en="Communication"),
        "G14": Text(zh="科研与总结", en="Evidence and learning"),
    }
)


def _rows(name: str) -> list[dict[str, str]]:
    with reference.path(name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@cache
def table(name: str) -> tuple[Mapping[str, str], ...]:
    """Give the rows of a table under ``reference/station/incident``."""
    return tuple(MappingProxyType(r) for r in _rows(f"station/incident/{name}.csv"))


@cache
def mechanisms() -> Mapping[str, Mapping[str, str]]:
    """Give the register of mechanisms by id."""
    return MappingProxyType({r["id"]: MappingProxyType(r) for r in _rows("mechanisms.csv")})


def mechanism_name(mechanism: str) -> Text:
    """Give the phrase of a mechanism, and in English what it means, shortened."""
    row = mechanisms().get(mechanism)
    if row is None:
        return Text(zh=mechanism, en=mechanism)
    meaning = row["meaning_en"].rstrip(".").replace("->", " → ")
    return Text(zh=row["phrase_zh"], en=meaning if len(meaning) <= 110 else f"{meaning[:107]}…")


def at_level(mechanism: str, level: str) -> bool:
    """Say whether the register names a level among a mechanism's users.

    >>> at_level("M005", "province"), at_level("M005", "county")
    (True, False)
    """
    return LEVEL_LETTERS[level] in mechanisms()[mechanism]["users"].split()


@cache
def objectives() -> tuple[Mapping[str, str], ...]:
    """Give the standing objectives of the order of the day."""
    return tuple(MappingProxyType(r) for r in _rows("morning/objectives.csv"))
