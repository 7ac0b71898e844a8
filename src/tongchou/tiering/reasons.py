"""The sentences beside a tier: why, what would move it, and how likely it is to be wrong."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from tongchou.tiering.resurgence import incubation_beyond
from tongchou.tiering.rules import TierRule, tier_name
from tongchou.vocabulary.text import Text, count, join, run_on, same, share
from tongchou.vocabulary.text import day as written

NEVER = Text(
    zh="从未收到报告，无法判定等级；请先查明未报告的原因。",
    en="No report has ever come in, so no tier can be given; find out first why.",
)
KNOWN_CLUSTER = Text(
    zh="病例个案信息显示{window}天内有聚集性疫情。",
    en="The line list shows a cluster within {window} days.",
)
KNOWN_NO_CLUSTER = Text(
    zh="病例个案信息显示{window}天内没有聚集性疫情。",
    en="The line list shows no cluster within {window} days.",
)
ASSUMED_CLUSTER = Text(
    zh="没有聚集性疫情信息：假定{window}天内新增不少于{size}例即为聚集性疫情，因此按有处理。",
    en="Clusters are not known: by assumption {size} or more new cases within {window} days make a cluster, so one is taken as present.",
)
ASSUMED_NO_CLUSTER = Text(
    zh="没有聚集性疫情信息：假定{window}天内新增不少于{size}例才为聚集性疫情，因此按没有处理。",
    en="Clusters are not known: by assumption it takes {size} new cases within {window} days to make a cluster, so none is taken as present.",
)
TAKEN_ABSENT = Text(
    zh="没有聚集性疫情信息：一律按没有处理。",
    en="Clusters are not known and are always taken as absent.",
)
TAKEN_PRESENT = Text(
    zh="没有聚集性疫情信息：一律按有处理。",
    en="Clusters are not known and are always taken as present.",
)
SILENT = Text(
    zh="窗口内有{n}天没有报告：没有报告不等于没有病例。",
    en="On {n} days of the window there was no report: silence is not the absence of cases.",
)
CORRECTED = Text(
    zh="窗口内累计数曾下调{n}例；下调不计为新增，也不倒拨天数。",
    en="The cumulative figure was corrected downward by {n} in the window; a correction is neither a new case nor turns the clock back.",
)
LOWER = Text(
    zh="如无新增，{n}天后（{on}24时的数据）可降为{tier}。",
    en="With nothing new it can fall to {tier} in {n} days (data to 24:00 on {on}).",
)
HIGHER_ALONE = Text(
    zh="再新增{n}例即升为{tier}。", en="It rises to {tier} with {n} more confirmed."
)
HIGHER_CLUSTER = Text(
    zh="再新增{n}例并构成聚集性疫情即升为{tier}。",
    en="It rises to {tier} with {n} more confirmed that form a cluster.",
)
RISK = Text(
    zh="低风险不等于零风险：按模型，措施放松后复燃的概率为{central}（{low}至{high}）；潜伏期超过{days}天的比例：{studies}。",
    en="Low is not zero: by the model the probability of resurgence after relaxation is {central} ({low} to {high}); incubation longer than {days} days: {studies}.",
)
RISK_NO_CASE = Text(
    zh="从未报告病例，复燃模型不适用；剩下的风险是输入和未被发现的传播。",
    en="No case was ever reported, so the resurgence model does not apply; what remains is importation and undetected spread.",
)


def reason_text(row: Mapping[str, Any], clause: TierRule | None) -> Text:
    """Give why the tier is what it is, with its numbers and what was assumed."""
    if clause is None:
        return NEVER
    sentences = [
        clause.reason.fill(
            clean=row["days_since_last"],
            window=clause.window_days,
            threshold=clause.threshold,
            cumulative=count(row["cumulative"]),
            new=count(row["new"]),
        )
    ]
    if clause.cluster != "any":
        sentences.append(_cluster_text(clause, known=row["cluster_known"]))
    if row["silent_days"]:
        sentences.append(SILENT.fill(n=row["silent_days"]))
    if row["corrected"]:
        sentences.append(CORRECTED.fill(n=row["corrected"]))
    return run_on(sentences)


def outlook_text(row: Mapping[str, Any], today: date) -> Text:
    """Give what would move the tier down and up."""
    sentences = []
    if row["lower_tier"] is not None:
        wait = int(row["days_to_lower"])
        sentences.append(
            LOWER.fill(
                n=wait,
                on=written(today + timedelta(days=wait)),
                tier=tier_name(row["lower_tier"]),
            )
        )
    if row["higher_tier"] is not None:
        sentence = HIGHER_CLUSTER if row["higher_needs_cluster"] else HIGHER_ALONE
        sentences.append(
            sentence.fill(n=row["cases_to_higher"], tier=tier_name(row["higher_tier"]))
        )
    return run_on(sentences)


def risk_text(row: Mapping[str, Any]) -> Text:
    """Give the probability of resurgence beside a low tier; nothing beside the others."""
    if row["tier"] != "low":
        return same("")
    if row["resurgence_central"] is None:
        return RISK_NO_CASE
    days = int(row["days_since_last"])
    studies = [
        Text(zh=f"{chance(part)}（{name}）", en=f"{chance(part)} ({name})")
        for name, part in incubation_beyond(days).items()
    ]
    return RISK.fill(
        central=chance(row["resurgence_central"]),
        low=chance(row["resurgence_low"]),
        high=chance(row["resurgence_high"]),
        days=days,
        studies=join(studies),
    )


def chance(value: float) -> str:
    """Write a probability so that rounding never makes it nothing or certain.

    >>> chance(0.00002), chance(0.078), chance(0.9996)
    ('<0.1%', '7.8%', '>99.9%')
    """
    if 0 < value < 0.001:
        return "<0.1%"
    return ">99.9%" if 0.999 < value < 1 else share(value)


def _cluster_text(clause: TierRule, *, known: bool) -> Text:
    """Say what was known or assumed about clusters; the clause itself tells which it was."""
    present = clause.cluster == "some"
    if known:
        sentence = KNOWN_CLUSTER if present else KNOWN_NO_CLUSTER
        return sentence.fill(window=clause.window_days)
    sentence = {
        "count": ASSUMED_CLUSTER if present else ASSUMED_NO_CLUSTER,
        "absent": TAKEN_ABSENT,
        "present": TAKEN_PRESENT,
    }[clause.cluster_when_unknown]
    return sentence.fill(window=clause.cluster_window_days, size=clause.cluster_size)
