"""Correcting what is known of a person; what it was before stays beside it."""

from collections.abc import Mapping

from django.utils import timezone

from tongchou.station.access.managers import require, require_any
from tongchou.station.audit.record import record
from tongchou.station.cases.models import Case, Identity
from tongchou.station.cases.problems import NotAccepted, Problem
from tongchou.station.cases.services.history import locked, note, save
from tongchou.vocabulary.text import Text

IDENTITY_FIELDS = ("name", "document_kind", "document_number", "phone", "address")


def identities(person_ids: "list[int]") -> dict[int, Identity]:
    """Give identities by person, as far as the present actor may see them; the reading is audited."""
    found = {i.person_id: i for i in Identity.objects.filter(person_id__in=person_ids)}
    if found:
        record("cases.identity", "persons", rows=len(found))
    return found


def correct_identity(
    case: Case, values: Mapping[str, str], *, reason: str, version: int | None
) -> Identity:
    """Correct name, document, telephone or address; old values stay in the identity row only."""
    require_any("cases.identity")
    case = locked(case, "cases.update", version)
    identity: Identity = Identity.objects.select_for_update().get(person_id=case.person_id)
    require("cases.identity", identity)
    changed = {
        n: [getattr(identity, n), values[n]]
        for n in IDENTITY_FIELDS
        if n in values and values[n] != getattr(identity, n)
    }
    problems = []
    if not changed:
        problems.append(Problem(field="", text=Text(zh="没有改动。", en="Nothing was changed.")))
    if not reason.strip():
        problems.append(
            Problem(
                field="reason",
                text=Text(zh="请写明更正原因。", en="Give the reason for the correction."),
            )
        )
    if problems:
        raise NotAccepted(problems)
    for name, (_, new) in changed.items():
        setattr(identity, name, new)
    identity.former = [
        *identity.former,
        {"at": timezone.now().isoformat(), "reason": reason, "changes": changed},
    ]
    identity.save()
    save(case)
    note(case, "correct_identity", text=reason, changes={n: ["*", "*"] for n in changed})
    record("cases.identity", case, step="correct", fields=sorted(changed))
    return identity
