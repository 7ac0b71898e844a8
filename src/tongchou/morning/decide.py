"""Step six: at most twelve proposals, ranked by the harm that a day of delay would do."""

from tongchou.morning.order import Decision
from tongchou.morning.proposal import Context
from tongchou.morning.proposals_epidemic import EPIDEMIC
from tongchou.morning.proposals_work import WORK
from tongchou.scenario.harm import rank


def decide(context: Context) -> tuple[tuple[Decision, ...], int]:
    """Give the proposals to put before the commander, and how many more there were.

    Nothing is decided here: each proposal waits for a person to sign, change or refuse it.
    """
    proposals = {d.id: d for make in (*EPIDEMIC, *WORK) for d in make(context)}
    chosen = rank({d.id: d.harm_per_day for d in proposals.values()})
    return tuple(proposals[i] for i in chosen), len(proposals) - len(chosen)
