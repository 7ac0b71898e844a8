"""Alerts to look into, the most harmful first."""

from collections.abc import Iterator

from tongchou.morning.order import Decision
from tongchou.morning.proposals.common import NOTHING, Context, option, propose
from tongchou.morning.proposals.spread import spreading
from tongchou.morning.surveillance.alerts import Alert
from tongchou.morning.surveillance.proof import alerts_evidence
from tongchou.vocabulary.text import Text, estimate, share

FIRST = 0.5
"""Share of the harm that the lighter option covers (assumption; the commander may choose another)."""


def alert_decisions(context: Context) -> Iterator[Decision]:
    """Propose to look into tonight's alerts, or into the fewest that hold half of their harm.

    An alert whose places all have a decision of their own this morning stands on the list and is not
    asked for twice.
    """
    decided = set(spreading(context.picture))
    alerts = tuple(a for a in context.picture.survey.alerts if not decided.issuperset(a.places))
    if not alerts:
        return
    first = leading(alerts, FIRST)
    proof = alerts_evidence(alerts)
    excess = sum(max(a.observed - a.expected, 0.0) * (1 - a.chance) for a in alerts)
    yield propose(
        context,
        "alert",
        id="alerts",
        sentence=Text(
            zh="24小时内核查 {n} 条警报", en="Review all alerts within 24 hours ({n})"
        ).fill(n=len(alerts)),
        where=context.names(dict.fromkeys(a.places[0] for a in alerts)),
        places=tuple(dict.fromkeys(p for a in alerts for p in a.places)),
        options=(
            option(
                Text(
                    zh="县级疾控按附件A的次序逐一核查并答复",
                    en="the county CDC checks and answers each, in the order of Annex A",
                ),
                Text(
                    zh="每条有结论：传播、补报或重复",
                    en="a finding for each: spread, late report or double",
                ),
                recommended=True,
            ),
            option(
                Text(zh="先核查前 {n} 条", en="the first {n} at once").fill(n=len(first)),
                Text(zh="占全部危害的 {s}", en="{s} of the harm").fill(
                    s=share(
                        sum(a.harm_per_day for a in first) / sum(a.harm_per_day for a in alerts)
                    )
                ),
            ),
            option(
                NOTHING,
                Text(
                    zh="约 {n} 例来源未查明者再无人追查一天",
                    en="about {n} unexplained cases go a further day without review",
                ).fill(n=estimate(excess)),
            ),
        ),
        amounts={"unexplained_case_day": excess},
        rows=proof.rows,
        formula=proof.formula,
        notes=proof.notes,
    )


def leading(alerts: tuple[Alert, ...], part: float) -> tuple[Alert, ...]:
    """Give the fewest alerts that together hold a part of the harm of all."""
    wanted = part * sum(a.harm_per_day for a in alerts)
    held = 0.0
    for number, alert in enumerate(alerts, start=1):
        held += alert.harm_per_day
        if held >= wanted:
            return alerts[:number]
    return alerts
