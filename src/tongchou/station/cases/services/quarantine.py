"""Placing, moving and releasing; needs, appeals and the question of each day."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.utils import timezone

from tongchou.station.access.context import system
from tongchou.station.access.managers import require
from tongchou.station.audit.record import record
from tongchou.station.cases.models import Appeal, Check, Contact, Need, Quarantine, Site
from tongchou.station.cases.problems import NotAccepted
from tongchou.station.cases.services.contacts import (
    bounds,
    locked,
    post_id,
    rebind,
    refuse,
    save,
)
from tongchou.station.cases.watch import has_symptoms, number
from tongchou.station.places.models import Place, Unit


def free_places(site: Unit) -> int | None:
    """Give how many more people a site can take; None where its capacity is not known."""
    known = Site.objects.filter(unit=site).first()
    if known is None:
        return None
    with system("count the people at a site"):
        return known.capacity - Quarantine.objects.filter(site=site, ended_at=None).count()


def place(
    contact: Contact,
    *,
    kind: str,
    legal_basis: str,
    site: Unit | None = None,
    room: str = "",
    grid: Place | None = None,
    starts_at: datetime | None = None,
    version: int | None = None,
) -> Quarantine:
    """Place a contact at home or at a site; one who is already placed is moved.

    Raises
    ------
    NotAccepted
        If the watch is over, no legal basis is given, or the site is full or not known as one.
    """
    contact = locked(contact, "contacts.manage", version)
    _check_placing(contact, kind, legal_basis, site)
    now = starts_at or timezone.now()
    Quarantine.objects.filter(contact=contact, ended_at=None).update(
        ended_at=now, end_reason="moved"
    )
    contact.placed_at = contact.placed_at or now
    contact.traced_at = contact.traced_at or now
    contact.state = "placed"
    if grid is not None:
        contact.grid_path = grid.path
    save(contact)
    made = Quarantine.objects.create(
        contact=contact, kind=kind, site=site, room=room, legal_basis=legal_basis, starts_at=now,
        release_due=contact.release_due, by_id=post_id(), **bounds(contact),
    )  # fmt: skip
    rebind(contact)
    record("contacts.manage", contact, did="place", kind=kind, site=site.code if site else "", basis=legal_basis)  # fmt: skip
    return made


def _check_placing(contact: Contact, kind: str, legal_basis: str, site: Unit | None) -> None:
    if not contact.is_open:
        raise refuse("contact", "{number} 的观察已结束，不能再安置。", "The watch of {number} is over; they cannot be placed again.", number=contact.pseudonym)  # fmt: skip
    if not legal_basis.strip():
        raise refuse("legal_basis", "没有法律依据不能隔离，请选择依据。", "Nobody is put in quarantine without a legal basis; choose one.")  # fmt: skip
    if kind == "household":
        return
    if site is None or site.kind != "quarantine":
        raise refuse(
            "site", "集中隔离需要选择隔离点。", "Central quarantine needs a quarantine site."
        )
    Site.objects.select_for_update().filter(unit=site).first()
    free = free_places(site)
    here = Quarantine.objects.filter(contact=contact, site=site, ended_at=None).exists()
    if free is not None and free < 1 and not here:
        raise refuse("site", "{site}已满，请选择其他隔离点或居家隔离。", "{site} is full; choose another site or home quarantine.", site=site.name)  # fmt: skip


def place_many(contacts: Iterable[Contact], *, site: Unit, legal_basis: str) -> int:
    """Place many at a site, all or none: the capacity is asked for all of them at once."""
    wanted = [c for c in contacts if c.is_open]
    Site.objects.select_for_update().filter(unit=site).first()
    free = free_places(site)
    if free is not None and free < len(wanted):
        raise refuse("site", "{site}还能安置 {free} 人，选中 {n} 人，未安置任何人。", "{site} can take {free} more, {n} were chosen; nobody was placed.", site=site.name, free=max(free, 0), n=len(wanted))  # fmt: skip
    for contact in wanted:
        place(contact, kind="central", site=site, legal_basis=legal_basis)
    return len(wanted)


def release(
    contact: Contact,
    *,
    reason: str = "released",
    at: datetime | None = None,
    by_itself: bool = False,
    version: int | None = None,
) -> Contact:
    """End a watch; nobody is released twice."""
    contact = locked(contact, "contacts.manage", version)
    if not contact.is_open:
        return contact
    now = at or timezone.now()
    contact.state, contact.released_at, contact.released_by_itself = "released", now, by_itself
    save(contact)
    Quarantine.objects.filter(contact=contact, ended_at=None).update(
        ended_at=now, end_reason=reason
    )
    record("contacts.manage", contact, did="release", reason=reason)
    return contact


def release_many(contacts: Iterable[Contact], *, today: date | None = None) -> int:
    """Release those of them whose day has come; the others stay."""
    today = today or timezone.localdate()
    due = [c for c in contacts if c.is_open and c.release_due <= today]
    for contact in due:
        release(contact, reason="due")
    return len(due)


def add_need(contact: Contact, *, kind: str, detail: str = "") -> Need:
    """Write down what a person under watch needs; the same open need is not written twice."""
    require("checks.record", contact)
    held = Need.objects.filter(contact=contact, kind=kind, detail=detail, done_at=None).first()
    if held:
        return held
    now = timezone.now()
    need = Need.objects.create(
        contact=contact, kind=kind, detail=detail, asked_at=now, asked_by_id=post_id(),
        due_at=now + timedelta(hours=number("need_hours")), **bounds(contact),
    )  # fmt: skip
    record("checks.record", contact, did="need", kind=kind)
    return need


def finish_need(need: Need, *, at: datetime | None = None) -> Need:
    """Note that a need was met."""
    require("checks.record", need)
    if need.done_at is None:
        need.done_at, need.done_by_id = at or timezone.now(), post_id()
        need.save()
        record("checks.record", need.contact, did="need_done", kind=need.kind)
    return need


def make_appeal(contact: Contact, reason: str) -> Appeal:
    """Take down an appeal; whoever asks after a person every day takes it too."""
    require("checks.record", contact)
    if not reason.strip():
        raise refuse(
            "reason", "请写下本人陈述的理由。", "Write down the reason in the person's own words."
        )
    if not contact.is_open:
        raise refuse(
            "reason",
            "观察已结束，无需申诉。",
            "The watch is over; there is nothing left to appeal.",
        )
    appeal = Appeal.objects.create(
        contact=contact, reason=reason.strip(), taken_by_id=post_id(),
        due_on=timezone.localdate() + timedelta(days=number("appeal_days")), **bounds(contact),
    )  # fmt: skip
    record("checks.record", contact, did="appeal")
    return appeal


def answer_appeal(appeal: Appeal, *, upheld: bool, answer: str) -> Appeal:
    """Answer an appeal with reasons; one that is upheld releases the person at once."""
    require("contacts.manage", appeal)
    if appeal.answered_at is not None:
        raise refuse("answer", "此申诉已答复。", "This appeal has been answered already.")
    if not answer.strip():
        raise refuse("answer", "请写明答复的理由，它会交给本人。", "Give the reasons of the answer; the person is handed them.")  # fmt: skip
    appeal.upheld, appeal.answer = upheld, answer.strip()
    appeal.answered_at, appeal.answered_by_id = timezone.now(), post_id()
    appeal.save()
    record("contacts.manage", appeal.contact, did="appeal_answered", upheld=upheld)
    if upheld:
        release(appeal.contact, reason="appeal")
    return appeal


def record_check(
    contact: Contact,
    *,
    on: date | None = None,
    temperature: float | None = None,
    symptoms: Sequence[str] = (),
    reached: bool = True,
    needs: Sequence[str] = (),
) -> Check:
    """Write the check of a day; the same day again corrects it.

    Raises
    ------
    NotAccepted
        If the day lies ahead or outside the watch, or the temperature is no body temperature.
    """
    require("checks.record", contact)
    today = timezone.localdate()
    day = on or today
    if day > today or day < timezone.localdate(contact.named_at) or not contact.is_open:
        raise refuse("on", "{number} 在 {day} 不在观察期内，不能登记健康询问。", "{number} is not under watch on {day}; no check can be recorded.", number=contact.pseudonym, day=day)  # fmt: skip
    if temperature is not None and not 34 <= temperature <= 43:
        raise refuse("temperature", "体温 {t} ℃ 不合理，应在 34—43 之间。", "{t} °C is no body temperature; it lies between 34 and 43.", t=temperature)  # fmt: skip
    positive = reached and has_symptoms(temperature, symptoms)
    check, _ = Check.objects.update_or_create(
        contact=contact,
        on=day,
        defaults={
            "at": timezone.now(),
            "reached": reached,
            "temperature": temperature if reached else None,
            "symptoms": list(symptoms) if reached else [],
            "positive": positive,
            "seen_at": None,
            "by_id": post_id(),
            **bounds(contact),
        },
    )
    record("checks.record", contact, did="check", on=day, positive=positive, reached=reached)
    for kind in needs:
        add_need(contact, kind=kind)
    return check


def check_many(contacts: Iterable[Contact]) -> int:
    """Write for many that they were asked today and have no symptoms; a check made today stays."""
    today = timezone.localdate()
    wanted = [c for c in contacts if c.is_open]
    asked = set(Check.objects.filter(contact__in=wanted, on=today).values_list("contact_id", flat=True))  # fmt: skip
    left = [c for c in wanted if c.pk not in asked]
    for contact in left:
        record_check(contact)
    return len(left)


def see_check(check: Check) -> Check:
    """Note that someone looked at symptoms and what they were found to be no case."""
    require("contacts.manage", check)
    if check.seen_at is None:
        check.seen_at = timezone.now()
        check.save()
        record("contacts.manage", check.contact, did="symptoms_seen", on=check.on)
    return check


__all__ = [
    "NotAccepted", "add_need", "answer_appeal", "check_many", "finish_need", "free_places",
    "make_appeal", "place", "place_many", "record_check", "release", "release_many", "see_check",
]  # fmt: skip
