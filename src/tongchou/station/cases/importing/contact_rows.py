"""Rows of contacts and of arrivals under watch: each through the service that names one."""

from collections.abc import Iterator, Mapping, Sequence

from django.utils import timezone

from tongchou.station.cases.importing import rows as shared
from tongchou.station.cases.models import Contact, Identity, Person
from tongchou.station.cases.services.arrivals import register_arrival
from tongchou.station.cases.services.contacts import enter_person, find_contact, name_contact
from tongchou.station.cases.services.history import find_case
from tongchou.station.exchange.importable import ChangedRow, NewRow, Outcome, Record, Value
from tongchou.station.exchange.importables import FIELDS
from tongchou.station.places.models import Place

PERSON = {
    "name": "person__identity__name", "document_kind": "person__identity__document_kind",
    "document_number": "person__identity__document_number", "phone": "person__identity__phone",
    "address": "person__identity__address", "sex": "person__sex", "responsible": "responsible_id",
}  # fmt: skip
CONTACT = {
    "contact_number": "pseudonym", "case_number": "case__pseudonym", "setting": "setting",
    "exposed_on": "exposed_on", **PERSON,
}  # fmt: skip
ARRIVAL = {
    "contact_number": "pseudonym", "purpose": "arrival__purpose", "legal_basis": "arrival__legal_basis",
    "origin": "arrival__origin_id", "origin_tier": "arrival__origin_tier",
    "arrived_on": "arrival__arrived_on", **PERSON,
}  # fmt: skip
HELD = {"birth_year": "person__birth_year", "home": "residence_path", "named_at": "named_at"}
LABELS = {f.key: f.label for k in ("contacts", "arrivals") for f in FIELDS[k]()}


def _met():  # type: ignore[no-untyped-def]
    return Contact.objects.exclude(setting="arrival")


def _arrived():  # type: ignore[no-untyped-def]
    return Contact.objects.filter(setting="arrival")


def _shown(record: Record) -> Record:
    """Give age at the time of naming and the code of the residence, as a row writes them."""
    number, held = record
    values = dict(held)
    year, home, named = (values.pop(k) for k in HELD)
    age = None if year is None else named.year - int(year)  # type: ignore[union-attr, arg-type, operator]
    codes = [c for c in str(home or "").split("/") if c]
    return number, {**values, "age": age, "residence": codes[-1] if codes else None}


def contacts() -> Iterator[Record]:
    """Give every contact within reach."""
    return map(_shown, shared.records_of(_met(), CONTACT | HELD, "contact_number"))


def arrivals() -> Iterator[Record]:
    """Give every arrival under watch within reach."""
    return map(_shown, shared.records_of(_arrived(), ARRIVAL | HELD, "contact_number"))


def held_contacts(targets: Sequence[str]) -> Mapping[str, Mapping[str, Value | None]]:
    """Give the present values of contacts by number."""
    return dict(
        map(_shown, shared.held_of(_met(), CONTACT | HELD, "contact_number", targets).items())
    )


def held_arrivals(targets: Sequence[str]) -> Mapping[str, Mapping[str, Value | None]]:
    """Give the present values of arrivals by number."""
    return dict(
        map(_shown, shared.held_of(_arrived(), ARRIVAL | HELD, "contact_number", targets).items())
    )


def save_contacts(rows: Sequence[NewRow]) -> list[Outcome]:
    """Name contacts of cases."""
    places = shared.places_of(rows, "residence", "responsible")

    def one(row: NewRow) -> str:
        case = find_case(str(row.values["case_number"]))
        named = name_contact(
            _person(row, places),
            responsible=shared.responsible_of(row.values, places),
            setting=str(row.values["setting"]),
            case=case,
            exposed_on=row.values["exposed_on"],  # type: ignore[arg-type]  # a field of dates
        )
        return str(named.pseudonym)

    return shared.each(rows, one)


def save_arrivals(rows: Sequence[NewRow]) -> list[Outcome]:
    """Put arrivals under watch."""
    places = shared.places_of(rows, "residence", "responsible", "origin")

    def one(row: NewRow) -> str:
        values = row.values
        watched = register_arrival(
            _person(row, places),
            responsible=shared.responsible_of(values, places),
            purpose=str(values["purpose"]),
            legal_basis=str(values["legal_basis"]),
            origin_tier=str(values["origin_tier"]),
            arrived_on=values["arrived_on"],  # type: ignore[arg-type]  # a field of dates
            origin=places.get(str(values.get("origin", ""))),
        )
        return str(watched.pseudonym)

    return shared.each(rows, one)


def _person(row: NewRow, places: Mapping[str, Place]) -> Person:
    """Give the person on record who bears the same document, else a new one."""
    values = row.values
    document = str(values.get("document_number", ""))
    if document:
        held = (
            Identity.objects.filter(document_number=document, person__merged_into=None)
            .select_related("person")
            .first()
        )
        if held:
            return held.person
    age = values.get("age")
    person = enter_person(
        responsible=shared.responsible_of(values, places),
        residence=places.get(str(values.get("residence", ""))),
        name=str(values.get("name", "")),
        sex=str(values.get("sex", "unknown")),
        birth_year=None if age is None else timezone.localdate().year - int(age),  # type: ignore[arg-type]
        document_number=document,
        phone=str(values.get("phone", "")),
        address=str(values.get("address", "")),
    )
    if "document_kind" in values:
        Identity.objects.filter(person=person).update(document_kind=values["document_kind"])
    return person


def update(rows: Sequence[ChangedRow]) -> list[Outcome]:
    """Correct who a contact is; what they were exposed to and where is changed on their page."""
    beyond = {
        r.number: names
        for r in rows
        if (names := [n for n in r.changes if n not in shared.IDENTITY_FIELDS])
    }

    def one(row: ChangedRow) -> str:
        shared.correct_person(find_contact(row.target).person_id, row.changes)
        return row.target

    return [
        *(shared.not_here(number, names, LABELS) for number, names in beyond.items()),
        *shared.each([r for r in rows if r.number not in beyond], one),
    ]
