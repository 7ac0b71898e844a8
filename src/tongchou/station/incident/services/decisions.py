"""The decision log: entries, and the hours from a decision to the first step in the field."""

from datetime import datetime
from statistics import median

from django.db.models import F, Min
from django.utils import timezone

from tongchou.station.access.managers import require
from tongchou.station.audit.record import record
from tongchou.station.incident.errors import NotPossible
from tongchou.station.incident.models import DecisionRecord, Step
from tongchou.station.incident.models.decision import PUBLISHED
from tongchou.station.incident.models.ground import stamp
from tongchou.station.incident.rules.ledger import State
from tongchou.vocabulary.text import Text

FIELD = (State.DOING, State.DONE)
"""Steps that count as action in the field; a signature of receipt does not."""


def enter(entry: DecisionRecord) -> DecisionRecord:
    """Write an entry; a ruling or an award is the title and link of what others have published."""
    entry.path = entry.place.path
    require("incident.plan", entry)
    if entry.kind in PUBLISHED and not entry.link:
        raise NotPossible(
            Text(
                zh="处理决定和表彰只登记已公布的文件，请填写公布链接。",
                en="A ruling or an award is entered only as what was published: give its link.",
            )
        )
    if entry.known_at and entry.known_at > entry.decided_at:
        raise NotPossible(
            Text(
                zh="获知时间不能晚于决定时间。",
                en="What was decided on was known before it was decided: correct a time.",
            )
        )
    if entry.decided_at > timezone.now():
        raise NotPossible(
            Text(zh="决定时间不能在将来。", en="A decision cannot lie in the future.")
        )
    entry.made_by = stamp()
    entry.save()
    record("incident.decide", entry, kind=entry.kind)
    return entry


def first_field_action(entry: DecisionRecord) -> datetime | None:
    """Give when the first addressee began to act on a decision; None while nobody has."""
    if entry.directive_id is None:
        return None
    return Step.objects.filter(task__directive_id=entry.directive_id, after__in=FIELD).aggregate(
        at=Min("at")
    )["at"]


def hours_to_action() -> tuple[float | None, int]:
    """Give the median hours from decision to first field action, and of how many decisions (M001)."""
    waits = (
        DecisionRecord.objects.filter(directive__receipts__steps__after__in=FIELD, kind="decision")
        .annotate(first=Min("directive__receipts__steps__at"))
        .order_by()
        .values_list("decided_at", "first")
    )
    hours = [(first - decided).total_seconds() / 3600 for decided, first in waits]
    return (median(hours) if hours else None), len(hours)


def share_complete() -> float | None:
    """Give the share of decisions that name an owner, a basis and a due time (M001)."""
    rows = list(
        DecisionRecord.objects.filter(kind="decision").values_list("owner", "basis", "due", F("pk"))
    )
    return sum(bool(o and b and d) for o, b, d, _ in rows) / len(rows) if rows else None
