"""Strategy class of an area: epicentre, its province, ring, capital, inflow, cases, others."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from tongchou.tiering.packages import package
from tongchou.tiering.rules import Tier
from tongchou.vocabulary.errors import NotFound
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.text import Text, estimate

FLAGS = ("epicentre", "in_epicentre_province", "capital", "borders_epicentre_province")
NUMBERS = ("share_of_inflow", "cumulative", "cases_per_million")
WORDS = {
    "epicentre": Text(zh="疫情中心", en="the epicentre itself"),
    "in_epicentre_province": Text(
        zh="疫情中心所在省（或在其内）", en="the province of the epicentre, or within it"
    ),
    "capital": Text(zh="首都", en="the capital"),
    "borders_epicentre_province": Text(
        zh="与疫情中心所在省接壤", en="borders the province of the epicentre"
    ),
    "share_of_inflow": Text(
        zh="占疫情中心所在省流出人员的比例为{value}，不低于{least}",
        en="share of departures from the epicentre's province {value}, at least {least}",
    ),
    "cumulative": Text(
        zh="累计确诊{value}例，不低于{least}", en="{value} cumulative confirmed, at least {least}"
    ),
    "cases_per_million": Text(
        zh="每百万人{value}例，不低于{least}", en="{value} cases per million, at least {least}"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A signed decision to put an area into another class than the rule gives."""

    area: str
    to_class: str
    decided_by: str
    on: date
    expires: date
    reason: Text


def classify_areas(
    profiles: pl.DataFrame, *, today: date, overrides: Iterable[Override] = ()
) -> pl.DataFrame:
    """Give the strategy class of every area, with its reason and any override.

    Parameters
    ----------
    profiles
        area; epicentre, in_epicentre_province, capital, borders_epicentre_province (boolean);
        share_of_inflow (share of departures from the epicentre's province, null if unknown);
        cumulative (confirmed cases, persons); cases_per_million (persons per million).
    overrides
        Signed decisions; one that has lapsed by ``today`` no longer counts, and of two the
        later decides.

    Returns
    -------
    polars.DataFrame
        area, class, rule_class (what the rule alone gives), strategy_zh, strategy_en, reason_zh,
        reason_en, overridden_by (null where the rule stands).

    References
    ----------
    Leading Group notice of 28 February 2020, as summarised by Xinhua on 29 February 2020.

    Examples
    --------
    >>> profile = {"area": "410000", "epicentre": False, "in_epicentre_province": False,
    ...            "capital": False, "borders_epicentre_province": True,
    ...            "share_of_inflow": None, "cumulative": 1272, "cases_per_million": 12.8}
    >>> classify_areas(pl.DataFrame([profile]), today=date(2020, 2, 28))["class"].to_list()
    ['ring']
    """
    rules = packaged("tiering/strategy_classes").sort("order").to_dicts()
    names = {rule["class"]: rule for rule in rules}
    valid = sorted((o for o in overrides if o.on <= today <= o.expires), key=lambda o: o.on)
    if unknown := next((o.to_class for o in valid if o.to_class not in names), None):
        raise NotFound(unknown, near=list(names))
    signed = {o.area: o for o in valid}
    rows = [_classified(row, rules, signed.get(row["area"])) for row in profiles.to_dicts()]
    return pl.DataFrame(rows, schema=dict.fromkeys(_COLUMNS, pl.Utf8))


def strategy_lists_2020() -> pl.DataFrame:
    """Give the areas that the notice of 28 February 2020 names, and their class."""
    return packaged("tiering/strategy_lists_2020")


def matching_share(
    classes: pl.DataFrame, tiers: dict[str, Tier], in_force: dict[str, set[str]]
) -> float:
    """Give the share of areas whose measures in force hold all that class and tier turn on.

    Parameters
    ----------
    classes
        Result of :func:`classify_areas`.
    tiers
        Tier by area.
    in_force
        Measures in force by area.
    """

    def matches(area: str, strategy: str) -> bool:
        states = package(tiers[area], strategy)
        wanted = {measure for measure, state in states.items() if state == "on"}
        return wanted <= in_force.get(area, set())

    pairs = list(classes.select("area", "class").iter_rows())
    return sum(matches(*pair) for pair in pairs) / len(pairs)


_COLUMNS = (
    "area",
    "class",
    "rule_class",
    "strategy_zh",
    "strategy_en",
    "reason_zh",
    "reason_en",
    "overridden_by",
)


def _classified(
    profile: dict[str, Any], rules: list[dict[str, Any]], override: Override | None
) -> dict[str, Any]:
    rule = next(rule for rule in rules if _fits(profile, rule))
    final, reason = rule, _reason(profile, rule)
    if override is not None:
        final = next(r for r in rules if r["class"] == override.to_class)
        reason = override.reason
    return {
        "area": profile["area"],
        "class": final["class"],
        "rule_class": rule["class"],
        "strategy_zh": final["strategy_zh"],
        "strategy_en": final["strategy_en"],
        "reason_zh": reason.zh,
        "reason_en": reason.en,
        "overridden_by": None if override is None else override.decided_by,
    }


def _fits(profile: dict[str, Any], rule: dict[str, Any]) -> bool:
    flags = all(profile[flag] for flag in FLAGS if rule[flag] == "yes")
    numbers = all(
        profile[number] is not None and profile[number] >= rule[f"{number}_min"]
        for number in NUMBERS
        if rule[f"{number}_min"] is not None
    )
    return flags and numbers


def _reason(profile: dict[str, Any], rule: dict[str, Any]) -> Text:
    parts = [WORDS[flag] for flag in FLAGS if rule[flag] == "yes"]
    parts += [
        WORDS[number].fill(
            value=estimate(profile[number]), least=estimate(float(rule[f"{number}_min"]))
        )
        for number in NUMBERS
        if rule[f"{number}_min"] is not None
    ]
    if not parts:
        return Text(zh="不属于前列各类。", en="Fits none of the classes before it.")
    return Text(
        zh=f"{'；'.join(p.zh for p in parts)}。",
        en=f"It is or has: {'; '.join(p.en for p in parts)}.",
    )
