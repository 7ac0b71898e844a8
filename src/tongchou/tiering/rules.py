"""The published rule for low, medium and high risk, read as data and checked to be complete."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal, get_args

import polars as pl

from tongchou.vocabulary.errors import BadInput, Fault
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.text import Text, text_of

Tier = Literal["low", "medium", "high"]
TIERS: tuple[Tier, ...] = get_args(Tier)
"""Tiers in ascending order: the position of a tier is its code."""

UNKNOWN = -1
"""Code of a place that has never reported."""

Cumulative = Literal["any", "zero", "at_most", "over"]
Presence = Literal["any", "some", "none"]
Assumption = Literal["count", "absent", "present"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRule:
    """One clause of the rule.

    Attributes
    ----------
    cumulative
        Condition on cumulative confirmed cases: ``zero``, ``at_most`` or ``over`` the threshold.
    new, cluster
        Condition on new cases and on clusters within ``window_days``: ``some`` or ``none``.
    window_days
        Days looked back over, the day itself included; a case ``window_days`` ago is outside.
    cluster_size, cluster_window_days
        Cases in one small setting, within so many days, that make a cluster.
    cluster_when_unknown
        Where only counts are known: ``count`` takes ``cluster_size`` new cases within the
        cluster window for a cluster, ``absent`` never sees one, ``present`` always.
    """

    order: int
    rule: str
    tier: Tier
    cumulative: Cumulative
    new: Presence
    cluster: Presence
    window_days: int
    threshold: int
    cluster_size: int
    cluster_window_days: int
    cluster_when_unknown: Assumption
    wording: Text
    reason: Text
    source: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRules:
    """The clauses in the order in which they are tried; the first that fits decides."""

    clauses: tuple[TierRule, ...]

    def __post_init__(self) -> None:
        if faults := _faults(self.clauses):
            raise BadInput(faults)

    @property
    def window_days(self) -> int:
        """Longest look-back of any clause, days."""
        return max(max(c.window_days, c.cluster_window_days) for c in self.clauses)

    @property
    def threshold(self) -> int:
        """Largest case threshold of any clause, persons."""
        return max(c.threshold for c in self.clauses)

    def with_threshold(self, factor: float) -> "TierRules":
        """Give the same rule with every case threshold multiplied, to whole cases."""
        return self._each(lambda c: replace(c, threshold=round(c.threshold * factor)))

    def with_window(self, days: int) -> "TierRules":
        """Give the same rule with every look-back longer (or shorter, if negative) by days."""
        return self._each(
            lambda c: replace(
                c,
                window_days=c.window_days + days,
                cluster_window_days=c.cluster_window_days + days,
            )
        )

    def with_unknown_clusters(self, assumed: Assumption) -> "TierRules":
        """Give the same rule with another assumption where clusters are not known."""
        return self._each(lambda c: replace(c, cluster_when_unknown=assumed))

    def with_low_last(self) -> "TierRules":
        """Give the other reading of the published wording: "low" is tried after the others.

        A county with more than 50 cases and 14 clean days then stays "medium".
        """
        return TierRules(clauses=tuple(sorted(self.clauses, key=lambda c: c.tier == "low")))

    def _each(self, change: Callable[[TierRule], TierRule]) -> "TierRules":
        return TierRules(clauses=tuple(change(c) for c in self.clauses))


def tier_rules(rows: pl.DataFrame | None = None) -> TierRules:
    """Give the published rule, or the rule of another table with the same columns.

    References
    ----------
    State Council joint mechanism, guidance of 17 February 2020, as quoted by Xinhua on
    29 February 2020.

    Examples
    --------
    >>> [c.rule for c in tier_rules().clauses]
    ['low_no_case', 'low_clean', 'high_cluster', 'medium_few', 'medium_no_cluster']
    """
    rows = packaged("tiering/tier_rules") if rows is None else rows
    clauses = tuple(_clause(row) for row in rows.sort("order").iter_rows(named=True))
    return TierRules(clauses=clauses)


def tier_name(tier: Tier) -> Text:
    """Give the tier as each language names it.

    >>> tier_name("low")["zh"]
    '低风险'
    """
    return _named("zh", "en", tier)


def tier_strategy(tier: Tier) -> Text:
    """Give the published strategy of a tier.

    >>> tier_strategy("high")["zh"]
    '内防扩散、外防输出、严格管控'
    """
    return _named("strategy_zh", "strategy_en", tier)


def tier_measures(tier: Tier) -> Text:
    """Give what a tier means for work and life, as announced, for the public bulletin.

    >>> tier_measures("medium")["en"].split(";")[0]
    'Resume in order'
    """
    return _named("measures_zh", "measures_en", tier)


def _named(zh: str, en: str, tier: Tier) -> Text:
    row = packaged("tiering/tiers").row(by_predicate=pl.col("tier") == tier, named=True)
    return Text(zh=row[zh], en=row[en])


def _clause(row: Mapping[str, object]) -> TierRule:
    whole = ("order", "window_days", "threshold", "cluster_size", "cluster_window_days")
    plain = ("rule", "tier", "cumulative", "new", "cluster", "cluster_when_unknown", "source")
    return TierRule(
        **{name: int(str(row[name])) for name in whole},  # type: ignore[arg-type]
        **{name: str(row[name]) for name in plain},  # type: ignore[arg-type]
        confidence=str(row["confidence"]),
        wording=text_of(row, "wording"),
        reason=text_of(row, "reason"),
    )


def _faults(clauses: tuple[TierRule, ...]) -> list[Fault]:
    faults = [fault for clause in clauses for fault in _clause_faults(clause)]
    if not faults:
        faults = [_gap(*facts) for facts in _facts() if not any(_fits(c, *facts) for c in clauses)]
    return faults


def _clause_faults(clause: TierRule) -> list[Fault]:
    allowed: dict[str, tuple[str, ...]] = {
        "tier": TIERS,
        "cumulative": get_args(Cumulative),
        "new": get_args(Presence),
        "cluster": get_args(Presence),
        "cluster_when_unknown": get_args(Assumption),
    }
    faults = [
        _fault(
            clause,
            column,
            Text(zh="不是可用的词。", en="is not an allowed word."),
            Text(zh=f"可用：{'、'.join(words)}。", en=f"Allowed: {', '.join(words)}."),
        )
        for column, words in allowed.items()
        if getattr(clause, column) not in words
    ]
    least = {"window_days": 1, "threshold": 1, "cluster_size": 1, "cluster_window_days": 1}
    faults += [
        _fault(
            clause,
            column,
            Text(zh="小于最小值，规则无法计算。", en="is too small for the rule to mean anything."),
            Text(zh=f"请填不小于 {low} 的整数。", en=f"Use a whole number of at least {low}."),
        )
        for column, low in least.items()
        if getattr(clause, column) < low
    ]
    return faults


def _fault(clause: TierRule, column: str, problem: Text, remedy: Text) -> Fault:
    return Fault(
        file="tier_rules.csv",
        row=clause.order,
        column=column,
        value=str(getattr(clause, column)),
        problem=problem,
        remedy=remedy,
    )


def _facts() -> list[tuple[str, str, str]]:
    """Give every state of affairs a county can be in: cases so far, new ones, clusters."""
    seen = product(("zero", "at_most", "over"), ("some", "none"), ("some", "none"))
    # no case ever means no new case; a cluster of asymptomatic infections stays possible
    return [f for f in seen if not (f[0] == "zero" and f[1] == "some")]


def _fits(clause: TierRule, cumulative: str, new: str, cluster: str) -> bool:
    few = {
        "zero": ("any", "zero", "at_most"),
        "at_most": ("any", "at_most"),
        "over": ("any", "over"),
    }
    return (
        clause.cumulative in few[cumulative]
        and clause.new in ("any", new)
        and clause.cluster in ("any", cluster)
    )


def _gap(cumulative: str, new: str, cluster: str) -> Fault:
    return Fault(
        file="tier_rules.csv",
        value=f"cumulative={cumulative}, new={new}, cluster={cluster}",
        problem=Text(
            zh="没有一条规则适用于这种情形，这类地区将得不到等级。",
            en="is covered by no clause, so such a place would get no tier.",
        ),
        remedy=Text(zh="请补一条规则或放宽一条规则。", en="Add a clause or widen one."),
    )
