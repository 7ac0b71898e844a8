"""What became of the orders last signed: told to the next morning run."""

from datetime import timedelta

from django.utils import timezone

from tongchou.morning.learn import Receipts
from tongchou.station.incident.models import Handover, Order, Task
from tongchou.station.incident.models.order import SIGNED
from tongchou.station.incident.rules.ledger import State, is_late
from tongchou.vocabulary.text import Text

NOTE_HOURS = 36
"""How long a hand-over note stands on the next order (assumption: a day and a shift)."""
NOTE_LENGTH = 300


def receipts_for(order: Order) -> Receipts | None:
    """Count the receipts of the last order signed for the place before this one; None where none was.

    Call it inside ``system()``: the receipts lie with all addressees.
    """
    last = (
        Order.objects.filter(place_id=order.place_id, cut__lt=order.cut, state__in=SIGNED)
        .order_by("-cut", "-edition")
        .first()
    )
    notes = _notes(order)
    if last is None:
        return None
    now = timezone.now()
    states = Task.objects.filter(directive__in=last.lines.values("directive")).values_list(
        "state", "due"
    )
    found = {"done": 0, "late": 0, "refused": 0, "open": 0}
    for state, due in states:
        if state in (State.WITHDRAWN, State.LAPSED):
            continue
        kind = (
            "done"
            if state in (State.DONE, State.VERIFIED)
            else "refused"
            if state == State.REFUSED
            else "late"
            if is_late(state, due, now)
            else "open"
        )
        found[kind] += 1
    return Receipts(cut=last.cut, handover=notes, **found)


def _notes(order: Order) -> tuple[Text, ...]:
    """Give what the last shift wrote down for the next, line by line."""
    since = timezone.now() - timedelta(hours=NOTE_HOURS)
    last = (
        Handover.objects.filter(place_id=order.place_id, given_at__gte=since)
        .order_by("-given_at")
        .first()
    )
    lines = [] if last is None else [x.strip()[:NOTE_LENGTH] for x in last.notes.splitlines()]
    return tuple(Text(zh=x, en=x) for x in lines if x)
