"""Arrivals under watch: who came from a place of higher tier in the last 14 days, and no more."""

from datetime import date
from uuid import UUID

from tongchou.station.audit.record import record
from tongchou.station.cases.models import Arrival, Contact, Person
from tongchou.station.cases.services.contacts import bounds, name_contact, refuse
from tongchou.station.places.models import Place


def register_arrival(
    person: Person,
    *,
    responsible: Place,
    purpose: str,
    legal_basis: str,
    origin_tier: str,
    arrived_on: date,
    origin: Place | None = None,
    form_token: UUID | None = None,
) -> Contact:
    """Put an arrival under watch for 14 days from arrival, with purpose and legal basis.

    Raises
    ------
    NotAccepted
        If the purpose or the legal basis is missing.
    """
    if not purpose.strip():
        raise refuse("purpose", "请写明观察的目的。", "Say what the watch is for.")
    if not legal_basis.strip():
        raise refuse("legal_basis", "没有法律依据不能观察，请选择依据。", "Nobody is watched without a legal basis; choose one.")  # fmt: skip
    contact = name_contact(
        person, responsible=responsible, setting="arrival", exposed_on=arrived_on, form_token=form_token
    )  # fmt: skip
    if not Arrival.objects.filter(contact=contact).exists():
        Arrival.objects.create(
            contact=contact, purpose=purpose.strip(), legal_basis=legal_basis, origin=origin,
            origin_tier=origin_tier, arrived_on=arrived_on, **bounds(contact),
        )  # fmt: skip
        record("contacts.manage", contact, did="arrival", tier=origin_tier, basis=legal_basis)
    return contact
