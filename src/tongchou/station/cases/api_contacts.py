"""Contacts, arrivals and daily checks through the interface; never a name, always a pseudonym."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from tongchou.station.access.managers import require_any
from tongchou.station.api.conditional import require_match, tag
from tongchou.station.api.paging import Page, Paging, page_of
from tongchou.station.audit.record import record
from tongchou.station.cases import contact_lists as lists
from tongchou.station.cases.models import Case, Contact, Person
from tongchou.station.cases.services import contacts as service
from tongchou.station.cases.services import quarantine
from tongchou.station.cases.services.contacts import find_contact, refuse
from tongchou.station.cases.services.history import find_case
from tongchou.station.places.models import Place, Unit

router = Router()

State = Literal["named", "traced", "placed", "released", "case"]
Setting = Literal["household", "workplace", "health_facility", "transport", "community", "unknown"]
NeedName = Literal["food", "medicine", "dependants", "medical", "mental", "income", "language", "other"]  # fmt: skip
Symptom = Literal["fever", "cough", "fatigue", "breathless", "sore_throat", "diarrhoea"]
NUMBER = r"^[A-Z]-[0-9A-Z]{1,38}$"


class ContactOut(Schema):
    """A contact or an arrival under watch."""

    number: str
    person: str
    case: str | None
    setting: str
    state: State
    place: str
    exposed_on: date | None
    named_at: datetime
    traced_at: datetime | None
    placed_at: datetime | None
    release_due: date
    released_at: datetime | None
    became_case: str | None
    version: int


class CheckOut(Schema):
    """The check of a day."""

    on: date
    reached: bool
    temperature: float | None
    symptoms: list[str]
    positive: bool


class ContactWhole(ContactOut):
    """A contact with the last checks."""

    checks: list[CheckOut]


class ContactFilter(Paging):
    """Which contacts."""

    state: State | None = None
    setting: str = Field("", max_length=16)
    unplaced: bool = Field(False, description="not placed yet")
    unasked: bool = Field(False, description="in quarantine and not asked today")
    due: bool = Field(False, description="released today")


class ContactIn(Schema):
    """A contact of a case: somebody on record, by the number of the person."""

    person: str = Field(pattern=NUMBER, max_length=40)
    case: str = Field(pattern=NUMBER, max_length=40)
    setting: Setting
    exposed_on: date
    place: str = Field(max_length=20, description="code of the responsible place")


class PlaceIn(Schema):
    """Where and on what basis."""

    kind: Literal["household", "central"]
    site: str = Field("", max_length=40, description="code of the site, for central quarantine")
    room: str = Field("", max_length=20)
    legal_basis: Literal["law39", "notice1"]


class CheckIn(Schema):
    """The check of a day; the same day again corrects it."""

    on: date | None = None
    reached: bool = True
    temperature: float | None = Field(None, ge=34, le=43)
    symptoms: list[Symptom] = Field(default_factory=list, max_length=6)
    needs: list[NeedName] = Field(default_factory=list, max_length=8)


def shown(row: Contact) -> dict[str, Any]:
    """Give a contact as the interface shows it."""
    person = service.person_of(row)
    return {
        "number": row.pseudonym,
        "person": person.pseudonym if person else "",
        "case": service.case_number(row) or None,
        "setting": row.setting,
        "state": row.state,
        "place": row.responsible_id,
        "exposed_on": row.exposed_on,
        "named_at": row.named_at,
        "traced_at": row.traced_at,
        "placed_at": row.placed_at,
        "release_due": row.release_due,
        "released_at": row.released_at,
        "became_case": _number(row),
        "version": row.version,
    }


def _number(row: Contact) -> str | None:
    found = Case.objects.filter(pk=row.became_case_id).first() if row.became_case_id else None
    return found.pseudonym if found else None


@router.get("", response=Page[ContactOut], summary="密接与到达名单 · contacts and arrivals")
def some(request: HttpRequest, asked: Query[ContactFilter]) -> dict[str, object]:
    """List contacts and arrivals within reach."""
    require_any("contacts.view")
    rows = lists.contacts()
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.setting:
        rows = rows.filter(setting=asked.setting)
    for wanted, narrow in ((asked.unplaced, lists.not_placed), (asked.unasked, lists.unasked), (asked.due, lists.due)):  # fmt: skip
        rows = narrow(rows) if wanted else rows
    page = page_of(rows, asked, show=shown)
    record("contacts.view", "api.contacts", rows=len(page["items"]))
    return page


@router.get("/{number}", response=ContactWhole, summary="一名密接 · one contact")
def one(request: HttpRequest, response: HttpResponse, number: str) -> dict[str, object]:
    """Give one contact with the last checks."""
    require_any("contacts.view")
    row = find_contact(number)
    record("contacts.view", row)
    tag(request, response, *_version(row))
    return {**shown(row), "checks": [_check(c) for c in row.checks.all()[:30]]}


def _version(row: Contact) -> tuple[object, ...]:
    """Give what changes whenever the answer does: the contact's version and its last check."""
    last = row.checks.order_by("-at").values_list("at", flat=True).first()
    return row.version, last.isoformat() if last else ""


def _check(check: Any) -> dict[str, object]:
    return {
        "on": check.on, "reached": check.reached, "symptoms": check.symptoms, "positive": check.positive,
        "temperature": None if check.temperature is None else float(check.temperature),
    }  # fmt: skip


@router.post("", response={201: ContactOut}, summary="登记密接 · name a contact")
def name(request: HttpRequest, body: ContactIn) -> tuple[int, dict[str, object]]:
    """Name somebody on record as a contact of a case."""
    require_any("contacts.manage")
    case = find_case(body.case)
    person = Person.objects.filter(pseudonym=body.person, merged_into=None).first()
    place = Place.objects.filter(code=body.place).first()
    if person is None or place is None:
        field = "person" if person is None else "place"
        raise refuse(field, "找不到 {v}。", "There is no {v}.", v=getattr(body, field))
    row = service.name_contact(
        person, responsible=place, setting=body.setting, case=case, exposed_on=body.exposed_on
    )
    return 201, shown(row)


@router.post("/{number}/place", response=ContactOut, summary="安置 · place in quarantine")
def place(request: HttpRequest, number: str, body: PlaceIn) -> dict[str, object]:
    """Place a contact at home or at a site, on the version named in ``If-Match``."""
    require_any("contacts.manage")
    row = find_contact(number)
    require_match(request, *_version(row))
    site = Unit.objects.filter(code=body.site).first() if body.site else None
    if body.site and site is None:
        raise refuse(
            "site", "没有编码为 {v} 的隔离点。", "There is no site with the code {v}.", v=body.site
        )
    values = body.dict(exclude={"site"})
    quarantine.place(row, site=site if body.kind == "central" else None, **values)
    return shown(find_contact(number))


@router.post("/{number}/release", response=ContactOut, summary="解除 · release")
def release(request: HttpRequest, number: str) -> dict[str, object]:
    """End a watch, on the version named in ``If-Match``; repeating it changes nothing."""
    require_any("contacts.manage")
    row = find_contact(number)
    require_match(request, *_version(row))
    quarantine.release(row)
    return shown(find_contact(number))


@router.post("/{number}/checks", response=CheckOut, summary="登记健康询问 · record a check")
def check(request: HttpRequest, number: str, body: CheckIn) -> dict[str, object]:
    """Record the check of a day, with needs."""
    require_any("checks.record")
    return _check(quarantine.record_check(find_contact(number), **body.dict()))
