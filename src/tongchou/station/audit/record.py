"""Writing to the audit trail: noted while acting, written at the end in the same transaction.

Entries wait until the scope ends, so that the lock of the chain is held for a moment only. An
action that fails leaves no entry; a refusal does.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.utils import timezone

from tongchou.station.access.context import Acting, current
from tongchou.station.access.policy import Actor
from tongchou.station.audit.models import Entry, Outcome

ANONYMOUS, SYSTEM = "-", "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """An entry that waits to be written."""

    action: str
    resource: str
    detail: dict[str, object]
    outcome: str = Outcome.DONE
    survives_refusal: bool = False
    by: Actor | None = None
    at: datetime = field(default_factory=timezone.now)


def record(action: str, resource: object = "", **detail: object) -> None:
    """Note that the present actor did or read something.

    Parameters
    ----------
    action
        Name of the action, as in ``reference/station/actions.csv`` or of the same shape.
    resource
        A record, or the name of a list; identities never belong here, pseudonyms do.
    detail
        What was changed, or how many rows were read; plain values.
    """
    current().pending.append(Note(action=action, resource=_name(resource), detail=detail))


def record_sign_in(action: str, username: str, by: Actor | None, *, refused: bool = False) -> None:
    """Note that somebody signed in or out, or failed to: before or after they are the actor."""
    current().pending.append(
        Note(
            action=action,
            resource=f"accounts.user:{username}",
            detail={},
            outcome=Outcome.REFUSED if refused else Outcome.DONE,
            survives_refusal=True,
            by=by,
        )
    )


def record_refusal(action: str, resource: object, reason: str) -> None:
    """Note that the gate refused; kept although all else of the request is undone."""
    current().pending.append(
        Note(
            action=action,
            resource=_name(resource),
            detail={"reason": reason},
            outcome=Outcome.REFUSED,
            survives_refusal=True,
        )
    )


def write(now: Acting) -> None:
    """Write what was noted in a scope."""
    notes = [n for n in now.pending if isinstance(n, Note)]
    now.pending = [n for n in now.pending if not isinstance(n, Note)]
    if not notes:
        return
    entries = [
        (
            note.at,
            *_who(now, note.by or now.actor),
            note.action,
            note.outcome,
            note.resource[:80],
            json.dumps(note.detail, ensure_ascii=False, sort_keys=True, default=str),
        )
        for note in notes
    ]
    columns = "at, actor, post, path, channel, action, outcome, resource, detail"
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO audit_entry ({columns}) VALUES ({', '.join(['%s'] * 9)})", entries
        )


def _who(now: Acting, actor: Actor | None) -> tuple[str, int | None, str, str]:
    """Give actor, post, path and channel of an entry."""
    if actor is not None:
        return actor.label, actor.post_id, actor.path, actor.channel
    return (SYSTEM, None, "", "system") if now.is_system else (ANONYMOUS, None, "", "web")


def _name(resource: object) -> str:
    if hasattr(resource, "_meta"):
        number = getattr(resource, "pseudonym", None) or resource.pk
        return f"{resource._meta.label_lower}:{number}"
    return str(resource)


__all__ = ["Entry", "Note", "record", "record_refusal", "write"]
