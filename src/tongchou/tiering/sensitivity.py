"""What the tier would be if one number of the rule, or of the data, were a little different."""

from dataclasses import dataclass

import numpy as np

from tongchou.tiering.counts import Counts, with_corrections_cancelled
from tongchou.tiering.engine import Codes, apply_rules
from tongchou.tiering.rules import TierRules
from tongchou.vocabulary.fact_table import assumption
from tongchou.vocabulary.text import Text, share


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One other reading of the rule or the data, and the tiers it gives, (place,)."""

    name: str
    meaning: Text
    tier: Codes


def tier_variants(counts: Counts, rules: TierRules, column: int) -> list[Variant]:
    """Give the tiers on one date under every variant that is tried.

    Tried are: the case threshold a share lower and higher; reports that come some days late
    (the window has to be longer to be sure) or cases that had been found some days before their
    report (the window may be shorter); "low" tried last; no clusters, or clusters everywhere,
    where they are not known; downward corrections cancelling the latest cases.
    """
    at = np.array([column])

    def under(other: TierRules, data: Counts = counts) -> Codes:
        return apply_rules(data, other, at)[0][:, 0]

    part = assumption("tiering", "threshold_share")
    variants = [
        _threshold("threshold_lower", 1 - part, rules, under(rules.with_threshold(1 - part))),
        _threshold("threshold_higher", 1 + part, rules, under(rules.with_threshold(1 + part))),
    ]
    for days in range(1, int(assumption("tiering", "reporting_delay_days")) + 1):
        variants += [
            Variant(
                name=f"late_{days}",
                meaning=Text(
                    zh=f"报告迟到{days}天，窗口延长{days}天",
                    en=f"reports {days} days late: window longer by {days} days",
                ),
                tier=under(rules.with_window(days)),
            ),
            Variant(
                name=f"early_{days}",
                meaning=Text(
                    zh=f"病例实际早{days}天发现，窗口缩短{days}天",
                    en=f"cases found {days} days before their report: window shorter by {days} days",
                ),
                tier=under(rules.with_window(-days)),
            ),
        ]
    return [
        *variants,
        Variant(
            name="low_last",
            meaning=Text(
                zh="低风险最后判定：累计超过阈值且14天无新增的仍为中风险",
                en="low tried last: over the threshold with a clean window stays medium",
            ),
            tier=under(rules.with_low_last()),
        ),
        Variant(
            name="clusters_absent",
            meaning=Text(zh="未知的聚集性疫情按没有处理", en="unknown clusters taken as absent"),
            tier=under(rules.with_unknown_clusters("absent")),
        ),
        Variant(
            name="clusters_present",
            meaning=Text(zh="未知的聚集性疫情按发生处理", en="unknown clusters taken as present"),
            tier=under(rules.with_unknown_clusters("present")),
        ),
        Variant(
            name="corrections_cancel",
            meaning=Text(
                zh="累计数下调冲销最近的新增病例",
                en="downward corrections cancel the latest new cases",
            ),
            tier=under(rules, with_corrections_cancelled(counts, column)),
        ),
    ]


def _threshold(name: str, factor: float, rules: TierRules, tier: Codes) -> Variant:
    cases = rules.with_threshold(factor).threshold
    return Variant(
        name=name,
        meaning=Text(
            zh=f"病例阈值为{cases}例（原值的{share(factor)}）",
            en=f"case threshold {cases} ({share(factor)} of the rule's)",
        ),
        tier=tier,
    )
