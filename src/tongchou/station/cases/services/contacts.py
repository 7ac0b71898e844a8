"""Naming, reaching and handing over contacts; venues, exposures and the clusters they show."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from tongchou.station.access.context import current, system
from tongchou.station.access.managers import Refused, require
from tongchou.station.access.policy import Decision
from tongchou.station.audit.record import record
from tongchou.station.cases.clusters import Found, Visit, find_clusters
from tongchou.station.cases.models import (
    Appeal,
    Arrival,
    Case,
    Check,
    Cluster,
    Contact,
    Exposure,
    Identity,
    Need,
    Person,
    Quarantine,
    Venue,
)  # fmt: skip
from tongchou.station.cases.models.contact import OPEN_STATES
from tongchou.station.cases.problems import ChangedMeanwhile, NotAccepted, Problem
from tongchou.station.cases.services.history import bounds as case_bounds
from tongchou.station.cases.watch import number, release_due
from tongchou.station.places.models import Place
from tongchou.vocabulary.text import Text

BOUNDS = ("responsible_path", "residence_path", "grid_path")
HANGING = (Check, Arrival, Quarantine, Need, Appeal)
"""What hangs on a contact and copies its places."""


def post_id() -> int | None:
    """Give the post that acts, None for the system."""
    who = current().actor
    return who.post_id if who else None


def bounds(contact: Contact) -> dict[str, str]:
    """Give the columns that a row hanging on a contact copies."""
    return {name: getattr(contact, name) for name in BOUNDS}


def find_contact(pseudonym: str) -> Contact:
    """Give a contact that the present actor may see.

    Raises
    ------
    Refused
        If there is none, or it is not theirs: the two look the same.
    """
    found = Contact.objects.filter(pseudonym=pseudonym).first()
    if found is None:
        raise Refused("contacts.view", f"cases.contact:{pseudonym}", Decision(allowed=False, reason=_NONE))  # fmt: skip
    return found


_NONE = Text(zh="不存在或不在范围内", en="not there or not within reach")


def locked(contact: Contact, action: str, version: int | None = None) -> Contact:
    """Give the contact for a change: gate asked, row locked, version compared."""
    require(action, contact)
    fresh: Contact = Contact.objects.select_for_update().get(pk=contact.pk)
    if version is not None and fresh.version != version:
        raise ChangedMeanwhile(fresh.pseudonym, version, fresh.version)
    return fresh


def save(contact: Contact) -> None:
    """Save a contact as its next version."""
    contact.version += 1
    contact.save()


def name_of(person: Person | None) -> str:
    """Give a person's name, blank where the present actor may not see identities."""
    identity = getattr(person, "identity", None)
    return identity.name if identity else ""


def person_of(contact: Contact) -> Person | None:
    """Give the person of a contact; None where only the watch, not the person, is within reach."""
    return Person.objects.filter(pk=contact.person_id).select_related("identity").first()


def case_number(contact: Contact) -> str:
    """Give the number of the case that a contact met, blank where the present actor may not see it."""
    found = Case.objects.filter(pk=contact.case_id).first() if contact.case_id else None
    return found.pseudonym if found else ""


def refuse(field: str, zh: str, en: str, **values: object) -> NotAccepted:
    """Give the refusal of one field."""
    return NotAccepted([Problem(field=field, text=Text(zh=zh, en=en).fill(**values))])


def enter_person(
    *,
    responsible: Place,
    residence: Place | None,
    name: str = "",
    sex: str = "unknown",
    birth_year: int | None = None,
    document_number: str = "",
    phone: str = "",
    address: str = "",
) -> Person:
    """Write a person who is not yet held, with their identity."""
    where = {
        "watch_path": responsible.path,
        "residence_path": residence.path if residence else "",
    }
    person = Person.objects.create(sex=sex, birth_year=birth_year, **where)
    Identity.objects.create(
        person=person, name=name, document_number=document_number, phone=phone, address=address, **where
    )  # fmt: skip
    return person


def name_contact(
    person: Person,
    *,
    responsible: Place,
    setting: str,
    case: Case | None = None,
    exposure: Exposure | None = None,
    exposed_on: date | None = None,
    named_at: datetime | None = None,
    form_token: UUID | None = None,
) -> Contact:
    """Name a person as a contact of a case, or as an arrival under watch.

    The day of release follows from the last exposure. The same form sent twice adds nothing.

    Raises
    ------
    NotAccepted
        If the person is already followed for this case, or the day of exposure lies ahead.
    """
    sent = Contact.objects.filter(form_token=form_token).first() if form_token else None
    if sent:
        return sent
    now = named_at or timezone.now()
    today = timezone.localdate(now)
    if exposed_on and exposed_on > today:
        raise refuse("exposed_on", "末次接触日期 {day} 晚于今天，请核对。", "The last exposure {day} lies after today; check it.", day=exposed_on)  # fmt: skip
    held = Contact.objects.filter(person=person, case=case, state__in=OPEN_STATES).first()
    if held:
        raise refuse("person", "此人已作为该病例的密切接触者在管：{number}。", "This person is already followed for this case: {number}.", number=held.pseudonym)  # fmt: skip
    arrival = setting == "arrival"
    contact = Contact(
        person=person,
        case=case,
        exposure=exposure,
        setting=setting,
        responsible=responsible,
        responsible_path=responsible.path,
        residence_path=person.residence_path,
        grid_path=person.residence_path if is_grid(person.residence_path) else "",
        exposed_on=exposed_on,
        named_at=now,
        release_due=release_due(last_exposure=exposed_on, named_on=today, arrival=arrival),
        by_id=post_id(),
        form_token=form_token,
    )
    require("contacts.manage", contact)
    contact.save()
    bind_watch(contact)
    record("contacts.manage", contact, did="name", setting=setting, case=case.pseudonym if case else "")  # fmt: skip
    return contact


def is_grid(path: str) -> bool:
    """Say whether a path goes down to a grid."""
    return len([c for c in path.split("/") if c]) > 4


def bind_watch(contact: Contact) -> None:
    """Let the person and their identity be seen where they are followed: in the grid, else where answered for."""
    inside = contact.grid_path.startswith(contact.responsible_path)
    path = contact.grid_path if contact.grid_path and inside else contact.responsible_path
    with system("a person is seen where they are under watch"):
        Person.objects.filter(pk=contact.person_id).update(watch_path=path)
        Identity.objects.filter(person_id=contact.person_id).update(watch_path=path)


def trace(contact: Contact, *, at: datetime | None = None, version: int | None = None) -> Contact:
    """Note that a contact was reached; the first time stays."""
    contact = locked(contact, "contacts.manage", version)
    if contact.traced_at is None:
        contact.traced_at = at or timezone.now()
        if contact.state == "named":
            contact.state = "traced"
        save(contact)
        record("contacts.manage", contact, did="trace")
    return contact


def hand_over(contact: Contact, to: Place, *, version: int | None = None) -> Contact:
    """Hand a contact over to another place; everything that hangs on it goes along."""
    contact = locked(contact, "contacts.manage", version)
    before = contact.responsible.code
    if to.path == contact.responsible_path:
        return contact
    with system("hand-over of a contact"):
        contact.responsible, contact.responsible_path = to, to.path
        save(contact)
        rebind(contact)
    record("contacts.manage", contact, did="hand_over", before=before, to=to.code)
    return contact


def rebind(contact: Contact) -> None:
    """Write the places of a contact on everything that hangs on it."""
    with system("places of a contact"):
        for model in HANGING:
            model.objects.filter(contact=contact).update(**bounds(contact))
    bind_watch(contact)


def link_case(case: Case) -> list[Contact]:
    """Close the watch of a person who became a case: the quarantine ends, the chain is kept.

    Called when a case is reported; ``found_inside`` says whether the person was in quarantine.
    """
    with system("a contact became a case"):
        open_now = list(Contact.objects.select_for_update().filter(person_id=case.person_id, state__in=OPEN_STATES))  # fmt: skip
        now = timezone.now()
        for contact in open_now:
            contact.state, contact.became_case = "case", case
            contact.released_at = now
            save(contact)
            Quarantine.objects.filter(contact=contact, ended_at=None).update(ended_at=now, end_reason="case")  # fmt: skip
            Check.objects.filter(contact=contact, positive=True, seen_at=None).update(seen_at=now)
            record("contacts.manage", contact, did="became_case", case=case.pseudonym)
        if open_now and case.found_inside is None:
            case.found_inside = any(c.placed_at for c in open_now)
            Case.objects.filter(pk=case.pk).update(found_inside=case.found_inside)
        source = next((c.case for c in open_now if c.case_id and c.case_id != case.pk), None)
        if source and case.infector_id is None:
            case.infector = source
            Case.objects.filter(pk=case.pk).update(infector=source)
    return open_now


def enter_venue(
    *, kind: str, name_zh: str, name_en: str, place: Place, unit_id: int | None = None
) -> Venue:
    """Write a venue."""
    venue = Venue(
        kind=kind, name_zh=name_zh, name_en=name_en or name_zh, place=place, path=place.path, unit_id=unit_id
    )  # fmt: skip
    require_venue(venue)
    venue.save()
    record("cases.investigate", venue, did="venue", kind=kind)
    return venue


def require_venue(venue: Venue) -> None:
    """Ask whether the present actor may write the venue down."""
    require("cases.investigate", venue)


def record_exposure(
    case: Case,
    *,
    from_on: date,
    to_on: date,
    setting: str,
    venue: Venue | None = None,
    event: str = "",
) -> Exposure:
    """Write that a case was at a venue or an event, and look for clusters there."""
    require("cases.investigate", case)
    if to_on < from_on:
        raise refuse("to_on", "结束日期 {day} 早于开始日期，请核对。", "The last day {day} lies before the first; check it.", day=to_on)  # fmt: skip
    if venue is None and not event.strip():
        raise refuse(
            "venue", "请选择场所，或写明活动。", "Choose a venue or say what the event was."
        )
    exposure = Exposure.objects.create(
        case=case, venue=venue, event=event.strip(), setting=setting, from_on=from_on, to_on=to_on,
        by_id=post_id(), **case_bounds(case),
    )  # fmt: skip
    record("cases.investigate", case, did="exposure", setting=setting)
    if venue:
        seek_clusters(venues=[venue.pk])
    return exposure


def seek_clusters(
    *, venues: Iterable[int] | None = None, since: date | None = None
) -> list[Cluster]:
    """Find clusters by shared venue and by shared household; those known grow, none is made twice.

    Parameters
    ----------
    venues
        Only these venues; all venues and households where not given.
    since
        Leave out cases that fell ill before; the last 60 days where not given.
    """
    with system("seek clusters"):
        first = since or timezone.localdate() - timedelta(days=60)
        seen = _venue_visits(venues) if venues is not None else {**_venue_visits(None), **_household_visits()}  # fmt: skip
        found = find_clusters(v for v in seen if v.on >= first)
        return [_keep(cluster, seen) for cluster in found]


def _venue_visits(venues: Iterable[int] | None) -> dict[Visit, tuple[int | None, str, str]]:
    rows = Exposure.objects.filter(venue__isnull=False, case__merged_into=None)
    if venues is not None:
        rows = rows.filter(venue__in=list(venues))
    rows = rows.exclude(case__state="excluded")
    return {
        Visit(f"venue:{venue}", onset or timezone.localdate(known), case): (venue, "", path)
        for venue, path, case, onset, known in rows.values_list(
            "venue_id", "venue__path", "case__pseudonym", "case__onset_on", "case__known_at"
        )
    }


def _household_visits() -> dict[Visit, tuple[int | None, str, str]]:
    rows = (
        Case.objects.filter(merged_into=None).exclude(household_code="").exclude(state="excluded")
    )
    return {
        Visit(f"home:{path}:{home}", onset or timezone.localdate(known), case): (None, home, path)
        for home, path, case, onset, known in rows.values_list(
            "household_code", "responsible_path", "pseudonym", "onset_on", "known_at"
        )
    }


def _keep(found: Found, seen: dict[Visit, tuple[int | None, str, str]]) -> Cluster:
    venue, home, path = next(v for k, v in seen.items() if k.setting == found.setting)
    window = timedelta(days=number("cluster_days"))
    cluster = Cluster.objects.filter(
        venue_id=venue, household_code=home, path=path,
        first_on__lte=found.last_on + window, last_on__gte=found.first_on - window,
    ).first()  # fmt: skip
    if cluster is None:
        cluster = Cluster(venue_id=venue, household_code=home, path=path, cases=[])
    if set(cluster.cases) != set(found.cases):
        grew = not set(found.cases) <= set(cluster.cases)
        cluster.cases, cluster.first_on, cluster.last_on = sorted(found.cases), found.first_on, found.last_on  # fmt: skip
        cluster.looked_at = None if grew else cluster.looked_at
        cluster.save()
        Case.objects.filter(pseudonym__in=found.cases, cluster_code="").update(
            cluster_code=cluster.pseudonym, version=F("version") + 1
        )
        record("cases.investigate", cluster, did="cluster", cases=len(found.cases))
    return cluster
