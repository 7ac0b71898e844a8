"""The hand-over between shifts."""

from typing import Any

from django.utils import timezone

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require
from tongchou.station.audit.record import record
from tongchou.station.desk.registry import SECTIONS, inbox_for
from tongchou.station.incident.errors import NotPossible
from tongchou.station.incident.models import Handover, Task
from tongchou.station.incident.models.ground import stamp
from tongchou.station.incident.rules import ledger
from tongchou.station.places.models import Place
from tongchou.vocabulary.text import Text

SHOWN = 30
"""Items that a part of the sheet lists; all of them are counted."""


def sheet_of(place: Place) -> dict[str, Any]:
    """Give what is open now: what the inbox counts, and the items behind the clocks."""
    now = timezone.now()
    here = Task.objects.filter(place=place) | Task.objects.filter(held_path=place.path)
    parts = {
        "late": here.filter(state__in=ledger.OPEN, due__lt=now),
        "raised": Task.objects.filter(held_path=place.path)
        .exclude(path=place.path)
        .filter(state__in=ledger.OPEN),
        "new": here.filter(state=ledger.State.NEW),
        "to_verify": Task.objects.filter(from_place=place, state__in=ledger.WAITING),
    }
    return {
        "at": now.isoformat(),
        "inbox": [
            {"section": s.section, "zh": s.label.zh, "en": s.label.en, "count": s.rows().count()}
            for s in inbox_for(actor())
            if s.section in SECTIONS
        ],
        **{name: _part(rows.distinct()) for name, rows in parts.items()},
    }


def _part(rows: Any) -> dict[str, Any]:
    shown = rows.select_related("place", "unit").order_by("due", "id")[:SHOWN]
    return {
        "count": rows.count(),
        "items": [
            {
                "id": t.pk,
                "number": t.number,
                "zh": t.text.zh,
                "en": t.text.en,
                "state": t.state,
                "due": timezone.localtime(t.due).isoformat() if t.due else "",
                "where": t.addressee.as_dict(),
            }
            for t in shown
        ],
    }


def open_one(place: Place) -> Handover | None:
    """Give the hand-over that is open at a place."""
    return Handover.objects.filter(place=place, taken_at__isnull=True).first()


def begin(place: Place) -> Handover:
    """Give the hand-over that is open at a place, or begin one."""
    made = Handover(place=place, path=place.path)
    require("incident.handover", made)
    found = open_one(place)
    if found is not None:
        return found
    made.sheet = sheet_of(place)
    made.save()
    record("incident.handover", made, move="begin")
    return made


def give(handover: Handover, notes: str) -> Handover:
    """Sign as the shift that leaves: the sheet is made anew at this moment and stays."""
    require("incident.handover", handover)
    handover = _locked(handover)
    if handover.given_at is not None:
        raise NotPossible(
            Text(
                zh="交班方已签字，等待接班方签字。",
                en="The shift that leaves has signed; the next one signs now.",
            )
        )
    handover.sheet, handover.notes = sheet_of(handover.place), notes.strip()
    handover.given_at, handover.given_by = timezone.now(), stamp()
    handover.save()
    record("incident.handover", handover, move="give")
    return handover


def take(handover: Handover) -> Handover:
    """Sign as the shift that comes; another post than the one that leaves."""
    require("incident.handover", handover)
    handover = _locked(handover)
    if handover.given_at is None or handover.given_by is None:
        raise NotPossible(Text(zh="请先由交班方签字。", en="The shift that leaves signs first."))
    if handover.taken_at is not None:
        raise NotPossible(
            Text(zh="已由接班方签字，不能再改。", en="Both have signed; it is closed.")
        )
    if handover.given_by["post"] == stamp()["post"]:
        raise NotPossible(
            Text(
                zh="交班与接班须由两个岗位签字。",
                en="Two posts sign a hand-over: you gave it, another takes it.",
            )
        )
    handover.taken_at, handover.taken_by = timezone.now(), stamp()
    handover.save()
    record("incident.handover", handover, move="take")
    return handover


def _locked(handover: Handover) -> Handover:
    return (
        Handover.objects.select_for_update(of=("self",)).select_related("place").get(pk=handover.pk)
    )


def latest_notes(place: Place) -> str:
    """Give the notes of the newest hand-over that was signed, for the order of the day."""
    last = (
        Handover.objects.filter(place=place, given_at__isnull=False).order_by("-given_at").first()
    )
    return last.notes if last else ""
