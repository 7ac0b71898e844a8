"""Partners compared: where their response level or their measures by tier differ (M056)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from tongchou.station.incident.rules.tables import _rows
from tongchou.vocabulary.text import Text

TIERS = ("low", "medium", "high")
TIER_NAMES = {
    "low": Text(zh="低风险", en="low"),
    "medium": Text(zh="中风险", en="medium"),
    "high": Text(zh="高风险", en="high"),
}

GROUPS = {
    "low": Text(zh="低风险地区的措施", en="Measures in low-risk areas"),
    "medium": Text(zh="中风险地区的措施", en="Measures in medium-risk areas"),
    "high": Text(zh="高风险地区的措施", en="Measures in high-risk areas"),
}

Rules = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """One point on which partners differ, with what each has; ``group`` is its tier, if it has one."""

    group: Text
    point: Text
    values: tuple[tuple[str, Text], ...]


@cache
def measure_names() -> dict[str, Text]:
    """Give the measures of the tiering table by code."""
    return {r["measure"]: Text(zh=r["zh"], en=r["en"]) for r in _rows("tiering/measures.csv")}


def allowed_in(tier: str) -> dict[str, Text]:
    """Give the measures that may be taken at all in a tier; what is forbidden is offered in none.

    >>> "sealed_home" in allowed_in("high"), "venue_closure" in allowed_in("low")
    (False, False)
    """
    return {
        r["measure"]: Text(zh=r["zh"], en=r["en"])
        for r in _rows("tiering/measures.csv")
        if r["lowest_tier"] in TIERS and TIERS.index(r["lowest_tier"]) <= TIERS.index(tier)
    }


@cache
def packaged_rules() -> dict[str, list[str]]:
    """Give the measures by tier of the packaged table, as a first draft of a partner's rules."""
    packages = _rows("tiering/packages.csv")
    return {
        t: [r["measure"] for r in packages if r["tier"] == t and r["state"] == "on"] for t in TIERS
    }


def mismatches(partners: Sequence[tuple[str, Rules]]) -> list[Mismatch]:
    """Give the points on which partners differ; none where fewer than two have entered rules.

    >>> [m.point.en for m in mismatches([("a", {"level": "I"}), ("b", {"level": "II"})])]
    ['level in force']
    """
    entered = [(name, rules) for name, rules in partners if rules]
    if len(entered) < 2:
        return []
    found = []
    levels = [(name, str(rules.get("level") or "–")) for name, rules in entered]
    if len({level for _, level in levels}) > 1:
        found.append(
            Mismatch(
                group=Text(zh="响应级别", en="Response level"),
                point=Text(zh="现行级别", en="level in force"),
                values=tuple((n, Text(zh=v, en=v)) for n, v in levels),
            )
        )
    for tier in TIERS:
        sets = {name: _measures(rules, tier) for name, rules in entered}
        for measure in sorted(set().union(*sets.values())):
            if all(measure in s for s in sets.values()):
                continue
            found.append(
                Mismatch(
                    group=GROUPS[tier],
                    point=measure_names().get(measure, Text(zh=measure, en=measure)),
                    values=tuple(
                        (n, Text(zh="有", en="yes") if measure in s else Text(zh="无", en="no"))
                        for n, s in sets.items()
                    ),
                )
            )
    return found


def _measures(rules: Rules, tier: str) -> set[str]:
    entered = rules.get(tier)
    return set(entered) if isinstance(entered, list) else set()


def recognised(members: Sequence[tuple[str, bool]], one: str, other: str) -> bool:
    """Say whether a watch begun with one partner counts with the other: both must have agreed.

    >>> recognised([("a", True), ("b", False)], "a", "b")
    False
    """
    agreed = dict(members)
    return bool(agreed.get(one)) and bool(agreed.get(other))
