"""The end of watch and the end of keeping: by themselves, in batches, each safe to repeat.

A batch is one transaction: cut off anywhere, what was done stays done and the next run goes on with
the rest. Tombstones say what was deleted and why, counts by place and day stay, no person does.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import F, Q
from django.utils import timezone

from tongchou.station.access.context import system
from tongchou.station.access.managers import require
from tongchou.station.audit.record import record
from tongchou.station.cases.models import (
    Appeal,
    Arrival,
    Case,
    Check,
    Contact,
    Identity,
    Merge,
    Need,
    Person,
    Quarantine,
    Suspicion,
    Tombstone,
    WatchCount,
)  # fmt: skip
from tongchou.station.cases.models.contact import OPEN_STATES
from tongchou.station.cases.watch import missed_days, number, place_by
from tongchou.vocabulary.text import Text

BATCH = 200
WATCH_RECORDS = (Check, Arrival, Quarantine, Need, Appeal)


def release_all_due(today: date | None = None, *, batch: int = BATCH) -> int:
    """Release everyone whose day has come; give how many.

    Nobody has to remember it: a watch ends by itself, and only a new order with a legal basis could
    begin another.
    """
    today = today or timezone.localdate()
    done = 0
    while count := _release_batch(today, batch):
        done += count
    return done


def _release_batch(today: date, batch: int) -> int:
    with system("release at the due date"):
        due = Contact.objects.filter(state__in=OPEN_STATES, release_due__lte=today).order_by("pk")
        rows = list(due.select_for_update(skip_locked=True).values_list("pk", "pseudonym")[:batch])
        keys, now = [pk for pk, _ in rows], timezone.now()
        Contact.objects.filter(pk__in=keys).update(
            state="released", released_at=now, released_by_itself=True, version=F("version") + 1
        )
        Quarantine.objects.filter(contact__in=keys, ended_at=None).update(ended_at=now, end_reason="due")  # fmt: skip
        if rows:
            record("contacts.manage", "contacts", did="release_due", numbers=[n for _, n in rows])
    return len(rows)


def return_excluded() -> int:
    """Give back to watch those whose suspected illness was excluded before their day came."""
    with system("an excluded case goes back to watch"):
        back = list(
            Contact.objects.select_for_update(of=("self",)).filter(
                state="case", became_case__state="excluded", release_due__gt=timezone.localdate()
            )
        )
        for contact in back:
            contact.state = "traced" if contact.traced_at else "named"
            contact.became_case = contact.released_at = contact.placed_at = None
            contact.version += 1
            contact.save()
            record("contacts.manage", contact, did="back_to_watch")
    return len(back)


def delete_expired(today: date | None = None, *, batch: int = BATCH) -> int:
    """Delete the watch records whose time of keeping has ended; give how many contacts.

    A person with nothing left on record is deleted with their identity. Cases stay: they are kept by
    law, and so is the identity of whoever was one.
    """
    today = today or timezone.localdate()
    last = today - timedelta(days=number("retention_days"))
    done = 0
    while count := _delete_batch(last, batch):
        done += count
    return done


def _delete_batch(last: date, batch: int) -> int:
    with system("end of keeping"):
        ended = Contact.objects.exclude(state__in=OPEN_STATES).filter(released_at__date__lte=last)
        rows = list(ended.order_by("pk").select_for_update(skip_locked=True)[:batch])
        delete_contacts(rows, basis="retention")
    return len(rows)


def delete_contacts(rows: list[Contact], *, basis: str) -> list[Tombstone]:
    """Delete contacts with all that hangs on them, and persons of whom nothing is left."""
    if not rows:
        return []
    keys = [c.pk for c in rows]
    hanging = {m.__name__.lower(): Counter(m.objects.filter(contact__in=keys).values_list("contact_id", flat=True)) for m in WATCH_RECORDS}  # fmt: skip
    _count(rows)
    stones = [
        Tombstone(
            kind="arrival" if c.is_arrival else "contact",
            pseudonym=c.pseudonym,
            path=c.responsible_path,
            deleted={"contact": 1} | {n: k[c.pk] for n, k in hanging.items() if k[c.pk]},
            basis=basis,
        )
        for c in rows
    ]
    Contact.objects.filter(pk__in=keys).delete()
    stones += _delete_persons({c.person_id: c.responsible_path for c in rows}, basis)
    Tombstone.objects.bulk_create(stones)
    record("persons.erase", "contacts", did=basis, numbers=[s.pseudonym for s in stones])
    return stones


def _delete_persons(paths: dict[int, str], basis: str) -> list[Tombstone]:
    """Delete those of the persons who have neither a case nor a contact left."""
    left = list(Person.objects.filter(pk__in=paths, cases=None, contacts=None, merged_into=None))
    merged = set(
        Person.objects.filter(merged_into__in=left).values_list("merged_into_id", flat=True)
    )
    plain = [p for p in left if p.pk not in merged]
    stones = _delete_plain(plain, paths, basis)
    for person in left:
        if person.pk in merged and not Case.objects.filter(person__in=_aliases(person)).exists():
            stones.append(_delete_person(person, paths.get(person.pk, ""), basis))
    return stones


def _delete_plain(persons: list[Person], paths: dict[int, str], basis: str) -> list[Tombstone]:
    """Delete persons into whom nobody was merged, all at once."""
    keys = [p.pk for p in persons]
    named = set(Identity.objects.filter(person__in=keys).values_list("person_id", flat=True))
    _forget([p.pseudonym for p in persons])
    Suspicion.objects.filter(Q(first__in=keys) | Q(second__in=keys)).delete()
    Person.objects.filter(pk__in=keys).delete()
    return [
        Tombstone(
            kind="person",
            pseudonym=p.pseudonym,
            path=paths.get(p.pk, ""),
            deleted={"person": 1, "identity": int(p.pk in named)},
            basis=basis,
        )
        for p in persons
    ]


def _forget(names: list[str]) -> None:
    """Empty what merges remember of persons; that they took place stays."""
    Merge.objects.filter(Q(keeper__in=names) | Q(merged__in=names)).update(rows=[])


def _aliases(person: Person) -> list[Person]:
    """Give a person with all records merged into theirs, the deepest last."""
    found, edge = [person], [person]
    while edge:
        edge = list(Person.objects.filter(merged_into__in=edge))
        found += edge
    return found


def _delete_person(person: Person, path: str, basis: str) -> Tombstone:
    records = _aliases(person)
    identities = Identity.objects.filter(person__in=records).count()
    names = [p.pseudonym for p in records]
    _forget(names)
    Suspicion.objects.filter(Q(first__in=records) | Q(second__in=records)).delete()
    for record_ in reversed(records):
        record_.delete()
    return Tombstone(
        kind="person", pseudonym=person.pseudonym, path=path,
        deleted={"person": len(records), "identity": identities}, basis=basis,
    )  # fmt: skip


def _count(rows: Iterable[Contact]) -> None:
    """Add to the counts by place and day what the rows say without saying who."""
    rows = list(rows)
    checked: dict[int, set[date]] = {c.pk: set() for c in rows}
    for key, day in Check.objects.filter(contact__in=checked).values_list("contact_id", "on"):
        checked[key].add(day)
    sums: dict[tuple[str, date, str], Counter[str]] = {}
    for c in rows:
        slot = (c.responsible_path, timezone.localdate(c.named_at), c.setting)
        sums.setdefault(slot, Counter()).update(_facts(c, checked[c.pk]))
    for (path, day, setting), facts in sums.items():
        row, _ = WatchCount.objects.get_or_create(path=path, named_on=day, setting=setting)
        WatchCount.objects.filter(pk=row.pk).update(**{n: F(n) + v for n, v in facts.items()})


def _facts(contact: Contact, checked: set[date]) -> dict[str, int]:
    released = timezone.localdate(contact.released_at) if contact.released_at else None
    until = min(released or contact.release_due, contact.release_due) - timedelta(days=1)
    missed = missed_days(placed_on=timezone.localdate(contact.placed_at), until=until, checked=checked) if contact.placed_at else []  # fmt: skip
    return {
        "named": 1,
        "placed": int(contact.placed_at is not None),
        "placed_in_time": int(
            contact.placed_at is not None and contact.placed_at <= place_by(contact.named_at)
        ),
        "released_in_time": int(
            contact.state == "released" and released is not None and released <= contact.release_due
        ),
        "became_case": int(contact.state == "case"),
        "checks": len(checked),
        "days_missed": len(missed),
    }


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that is not deleted at request, and why."""

    what: Text
    why: Text


@dataclass(slots=True)
class Erased:
    """What a request to be deleted came to."""

    deleted: list[Tombstone] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)


CASE_KEPT = Kept(
    Text(zh="病例报告及其身份信息", en="the case report, with the identity on it"),
    Text(
        zh="传染病报告依法必须保存，本站不能应请求删除；其他内容已删除。",
        en="the law requires reports of infectious diseases to be kept, so the station cannot delete it at request; everything else was deleted.",
    ),
)
WATCH_KEPT = Kept(
    Text(zh="正在进行的观察", en="the watch that is going on"),
    Text(
        zh="观察结束前需要这些记录来保障本人的生活需求和按期解除；解除后到保存期满自动删除，也可再次提出。",
        en="until it ends these records are needed to meet the person's needs and to release them on the day; afterwards they are deleted at the end of keeping, or sooner if asked again.",
    ),
)


def erase(person: Person) -> Erased:
    """Delete at a person's request what no law requires to be kept, and say what stays and why."""
    require("persons.erase", person)
    with system("erasure at the person's request"):
        person = Person.objects.select_for_update().get(pk=person.pk)
        records = _aliases(person)
        contacts = list(Contact.objects.select_for_update(of=("self",)).filter(person__in=records))
        answer = Erased()
        if Case.objects.filter(person__in=records).exists():
            answer.kept.append(CASE_KEPT)
        if any(c.is_open for c in contacts):
            answer.kept.append(WATCH_KEPT)
        answer.deleted = delete_contacts([c for c in contacts if not c.is_open], basis="request")
        if not answer.kept and Person.objects.filter(pk=person.pk).exists():
            path = person.watch_path or person.responsible_path or person.residence_path
            stone = _delete_person(person, path, "request")
            stone.save()
            answer.deleted.append(stone)
        record("persons.erase", f"cases.person:{person.pseudonym}", did="request", deleted=len(answer.deleted), kept=len(answer.kept))  # fmt: skip
    return answer
