"""The queue of suspected duplicates: found by a job, settled by a person, never merged by itself."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from tongchou.station.access.context import system
from tongchou.station.audit.record import record
from tongchou.station.cases.likeness import Candidate
from tongchou.station.cases.matching import Match, find_duplicates
from tongchou.station.cases.models import Identity, Person, Suspicion

BATCH = 5_000
LOOK_BACK = timedelta(days=2)
"""Persons written down since then are compared by the hourly job: wide enough for a day without it."""


def seek_duplicates(persons: Iterable[int] | None = None) -> int:
    """Compare persons with all others and queue the pairs that may be one; give how many are new.

    Parameters
    ----------
    persons
        Keys of persons; those written down in the last two days where not given.
    """
    with system("seek duplicates"):
        rows = Identity.objects.filter(person__merged_into=None)
        if persons is None:
            rows = rows.filter(person__created_at__gte=timezone.now() - LOOK_BACK)
        else:
            rows = rows.filter(person__in=list(persons))
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
    return sum(_seek(keys[n : n + BATCH]) for n in range(0, len(keys), BATCH))


def _seek(keys: list[int]) -> int:
    with system("seek duplicates"):
        rows = [
            _candidate(i) for i in Identity.objects.filter(pk__in=keys).select_related("person")
        ]
        found = [m for m in find_duplicates(rows) if m.row != m.person]
        known = {
            p.pseudonym: p
            for p in Person.objects.filter(pseudonym__in={n for m in found for n in (m.row, m.person)})
        }  # fmt: skip
        pairs = {}
        for match in found:
            first, second = sorted((known[match.row], known[match.person]), key=lambda p: p.pk)
            pairs[first.pk, second.pk] = _suspicion(first, second, match)
        held = set(
            Suspicion.objects.filter(first__in=[a for a, _ in pairs]).values_list("first", "second")
        )
        new = [pair for key, pair in pairs.items() if key not in held]
        Suspicion.objects.bulk_create(new, ignore_conflicts=True)
        if new:
            record("cases.merge", "suspicions", did="found", rows=len(new))
    return len(new)


def _candidate(identity: Identity) -> Candidate:
    person = identity.person
    return Candidate(
        row=person.pseudonym, name=identity.name, sex=person.sex, birth_year=person.birth_year,
        document=identity.document_number, phone=identity.phone, path=identity.residence_path,
    )  # fmt: skip


def _suspicion(first: Person, second: Person, match: Match) -> Suspicion:
    def path(person: Person) -> str:
        return person.responsible_path or person.watch_path or person.residence_path

    return Suspicion(
        first=first, second=second, first_path=path(first), second_path=path(second),
        score=match.score, reasons=[r.as_dict() for r in match.reasons],
    )  # fmt: skip
