"""Step six: at most twelve proposals, ranked by the harm that a day of delay would do."""

from collections.abc import Callable, Iterator

from tongchou.morning.order import Decision
from tongchou.morning.proposals.alerts import alert_decisions
from tongchou.morning.proposals.common import Context
from tongchou.morning.proposals.gaps import gap_decisions
from tongchou.morning.proposals.levels import level_decisions
from tongchou.morning.proposals.relief import (
    open_ended_decisions,
    relief_decisions,
    staff_decisions,
)
from tongchou.morning.proposals.spread import spread_decisions
from tongchou.morning.proposals.tiers import tier_decisions
from tongchou.scenario.harm import rank

MAKERS: tuple[Callable[[Context], Iterator[Decision]], ...] = (
    tier_decisions,
    spread_decisions,
    alert_decisions,
    level_decisions,
    gap_decisions,
    staff_decisions,
    relief_decisions,
    open_ended_decisions,
)
"""All that is considered each morning; the order of the page is that of harm, not of this list."""


def decide(context: Context) -> tuple[tuple[Decision, ...], int]:
    """Give the proposals to put before the commander, and how many more there were.

    Nothing is decided here: each proposal waits for a person to sign, change or refuse it.
    """
    proposals = {d.id: d for make in MAKERS for d in make(context)}
    harmful = sum(d.harm_per_day > 0 for d in proposals.values())
    chosen = rank({d.id: d.harm_per_day for d in proposals.values()})
    return tuple(proposals[i] for i in chosen), harmful - len(chosen)
