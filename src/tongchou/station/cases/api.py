"""Cases and samples over the API: the same services as the pages, the same gate, by pseudonym.

Names, documents, telephones and addresses go in with a report; they never come out here.
"""

import uuid
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime

from tongchou.station.access.managers import require, require_any
from tongchou.station.api.conditional import require_match, tag
from tongchou.station.api.errors import Problem, fault
from tongchou.station.api.paging import Page, Paging, page_of
from tongchou.station.audit.record import record
from tongchou.station.cases import conditions
from tongchou.station.cases.models import Case, Sample
from tongchou.station.cases.problems import NotAccepted
from tongchou.station.cases.services.history import find_case
from tongchou.station.cases.services.lifecycle import move
from tongchou.station.cases.services.reporting import Report, own_unit, report_case
from tongchou.station.cases.services.sampling import (
    Entered,
    enter_results,
    find_sample,
    take_sample,
)
from tongchou.station.cases.states import moves
from tongchou.station.cases.tables import diseases
from tongchou.station.places.models import Place, Unit
from tongchou.vocabulary.text import Text

router, samples_router = Router(), Router()

Class = Literal["suspected", "clinical", "confirmed", "asymptomatic"]
Severity = Literal["", "mild", "ordinary", "severe", "critical"]
Action = Literal[
    "isolate", "admit", "confirm", "exclude", "worsen", "worsen_critical", "improve", "recover", "readmit",
    "release", "die", "reopen", "move_away",
]  # fmt: skip
Setting = Literal[
    "", "household", "workplace", "health_facility", "transport", "community", "travel", "unknown"
]


Moment = Annotated[
    AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))
]
Day = Annotated[date, Field(ge=date(1900, 1, 1), lt=date(2200, 1, 1))]


class CaseOut(Schema):
    """A case by pseudonym."""

    number: str
    disease: str
    definition: str
    classification: str
    state: str
    severity: str
    sex: str
    age: int | None
    health_worker: bool | None
    responsible: str
    residence: str | None
    care_unit: str | None
    reported_by: str | None
    household_code: str
    cluster_code: str
    exposed_at: str
    found_inside: bool | None
    onset_on: date | None
    visited_at: datetime | None
    suspected_at: datetime | None
    sampled_at: datetime | None
    result_at: datetime | None
    confirmed_at: datetime | None
    excluded_at: datetime | None
    reported_at: datetime | None
    isolated_at: datetime | None
    admitted_at: datetime | None
    severe_at: datetime | None
    critical_at: datetime | None
    recovered_at: datetime | None
    died_at: datetime | None
    released_at: datetime | None
    investigated_at: datetime | None
    transferred_at: datetime | None
    version: int


class CaseIn(Schema):
    """A report. ``token`` makes sending it twice add nothing."""

    name: str = Field(max_length=80)
    residence: str = Field(max_length=20, description="place code")
    responsible: str = Field(
        max_length=20, description="place code of the county that answers for it"
    )
    classification: Class
    disease: str = Field("covid-19", max_length=20)
    sex: Literal["female", "male", "unknown"] = "unknown"
    age: int | None = Field(None, ge=0, le=120)
    document_kind: Literal["resident", "passport", "permit", "other"] = "resident"
    document_number: str = Field("", max_length=40)
    phone: str = Field("", max_length=30)
    address: str = Field("", max_length=200)
    occupation: str = Field("", max_length=60)
    health_worker: bool | None = None
    onset_on: Day | None = None
    visited_at: Moment | None = None
    diagnosed_at: Moment | None = None
    isolated_at: Moment | None = None
    severity: Severity = ""
    evidence: str = Field("", max_length=200)
    exposed_at: Setting = ""
    found_inside: bool | None = None
    household_code: str = Field("", max_length=40)
    token: uuid.UUID | None = None


class CaseMoveIn(Schema):
    """One step of a case: ``at`` is when it happened."""

    action: Action
    at: Moment
    classification: Class | None = None
    care_unit: str | None = Field(None, max_length=40, description="unit code")
    severity: Severity = ""
    evidence: str = Field("", max_length=200)
    found_inside: bool | None = None
    note: str = Field("", max_length=300)


class SampleOut(Schema):
    """A sample by pseudonym; it does not say whose it is."""

    number: str
    kind: str
    priority: int
    laboratory: str | None
    collected_by: str | None
    taken_at: datetime
    received_at: datetime | None
    result: str
    result_at: datetime | None


class SampleIn(Schema):
    """A sample that was taken."""

    kind: Literal["throat", "nose", "sputum", "lavage", "blood", "stool"] = "throat"
    laboratory: str = Field(max_length=40, description="unit code")
    taken_at: Moment
    token: uuid.UUID | None = None


class ResultIn(Schema):
    """A result."""

    result: Literal["positive", "negative", "invalid"]
    result_at: Moment


class CaseFilter(Schema):
    """Which cases."""

    state: str = Field("", max_length=12)
    classification: Class | None = None
    waiting: str = Field("", max_length=20, description="a name of what waits, such as late_sample")


def _case(case: Case) -> dict[str, object]:
    related = {
        "number": case.pseudonym,
        "responsible": case.responsible_id,
        "residence": case.residence_id,
        "care_unit": case.care_unit.code if case.care_unit else None,
        "reported_by": case.reported_by.code if case.reported_by else None,
    }
    plain = [name for name in CaseOut.model_fields if name not in related]
    return related | {name: getattr(case, name) for name in plain}


def _sample(sample: Sample) -> dict[str, object]:
    return {
        "number": sample.pseudonym,
        "laboratory": sample.lab_unit.code if sample.lab_unit else None,
        "collected_by": sample.collected_by.code if sample.collected_by else None,
        **{n: getattr(sample, n) for n in ("kind", "priority", "taken_at", "received_at", "result", "result_at")},
    }  # fmt: skip


def _wrong(at: str, code: str, text: Text) -> Problem:
    return Problem(422, detail=[fault(at, code, text)], n=1)


def _place(code: str, at: str) -> Place:
    found = Place.objects.filter(code=code).first()
    if found is None:
        raise _wrong(at, "unknown_place", _NO_PLACE.fill(code=code))
    return found


def _unit(code: str, at: str) -> Unit:
    found = Unit.objects.filter(code=code).first()
    if found is None:
        raise _wrong(at, "unknown_unit", _NO_UNIT.fill(code=code))
    return found


_NO_PLACE = Text(zh="没有编码为 {code} 的地区。", en="No place has the code {code}.")
_NO_UNIT = Text(zh="没有编码为 {code} 的机构。", en="No unit has the code {code}.")
_NO_WORD = Text(zh="不认识“{word}”。", en="“{word}” is not known.")


def refused(error: NotAccepted) -> Problem:
    """Give a refusal of the rules in the one shape of errors."""
    detail = [
        fault(f"body.{p.field}" if p.field else "body", "rule", p.text) for p in error.problems
    ]
    return Problem(422, detail=detail, n=len(detail))


@router.get("", response=Page[CaseOut], summary="个案列表 · Cases")
def list_cases(request: HttpRequest, paging: Query[Paging], wanted: Query[CaseFilter]) -> object:
    """List cases within reach, the newest first."""
    require_any("cases.view")
    rows = conditions.cases().select_related("care_unit", "reported_by")
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.classification:
        rows = rows.filter(classification=wanted.classification)
    if wanted.waiting:
        if wanted.waiting not in conditions.CASES:
            raise _wrong("query.waiting", "unknown", _NO_WORD.fill(word=wanted.waiting))
        rows = rows.filter(pk__in=conditions.waiting(wanted.waiting).values("pk"))
    page = page_of(rows, paging, show=_case)
    record("cases.view", "api:cases", rows=len(page["items"]))
    return page


@router.post("", response={201: CaseOut}, summary="报告病例 · Report a case")
def report(request: HttpRequest, body: CaseIn) -> Status:
    """Report a case."""
    require_any("cases.report")
    if body.disease not in diseases():
        raise _wrong("body.disease", "unknown", _NO_WORD.fill(word=body.disease))
    fields = body.model_dump(exclude={"residence", "responsible"})
    found = Report(
        **fields,
        residence=_place(body.residence, "body.residence"),
        responsible=_place(body.responsible, "body.responsible"),
    )
    try:
        with transaction.atomic():
            return Status(201, _case(report_case(found, reported_by=own_unit())))
    except NotAccepted as error:
        raise refused(error) from error


@router.get("/{number}", response=CaseOut, summary="一个个案 · One case")
def one(request: HttpRequest, response: HttpResponse, number: str) -> object:
    """Give a case."""
    case = find_case(number)
    record("cases.view", case)
    tag(request, response, "case", case.pk, case.version)
    return _case(case)


@router.post("/{number}/moves", response=CaseOut, summary="推进个案 · Move a case on")
def step(request: HttpRequest, response: HttpResponse, number: str, body: CaseMoveIn) -> object:
    """Move a case on; ``If-Match`` names the version that was read."""
    case = find_case(number)
    known = next(m for m in moves() if m.action == body.action)
    require(known.permission, case)
    require_match(request, "case", case.pk, case.version)
    values = body.model_dump(exclude={"action", "at", "care_unit", "note"})
    values[known.stamps or "happened_at"] = body.at
    if body.care_unit:
        values["care_unit"] = _unit(body.care_unit, "body.care_unit")
    try:
        with transaction.atomic():
            moved = move(case, body.action, values, version=case.version, text=body.note)
    except NotAccepted as error:
        raise refused(error) from error
    tag(request, response, "case", moved.pk, moved.version)
    return _case(moved)


@router.post(
    "/{number}/samples",
    response={201: SampleOut},
    summary="登记采样 · Record that a sample was taken",
)
def take(request: HttpRequest, number: str, body: SampleIn) -> Status:
    """Record that a sample of a case was taken."""
    case = find_case(number)
    require("samples.collect", case)
    try:
        with transaction.atomic():
            made = take_sample(
                case,
                kind=body.kind,
                lab_unit=_unit(body.laboratory, "body.laboratory"),
                taken_at=body.taken_at,
                collected_by=own_unit(),
                token=body.token,
            )
    except NotAccepted as error:
        raise refused(error) from error
    return Status(201, _sample(made))


@samples_router.get("", response=Page[SampleOut], summary="样本列表 · Samples")
def list_samples(
    request: HttpRequest, paging: Query[Paging], waiting: str = Query("", max_length=20)
) -> object:
    """List samples within reach in the order of work."""
    require_any("samples.view")
    rows = Sample.objects.select_related("lab_unit", "collected_by")
    if waiting:
        if waiting not in conditions.SAMPLES:
            raise _wrong("query.waiting", "unknown", _NO_WORD.fill(word=waiting))
        rows = rows.filter(pk__in=conditions.samples(waiting).values("pk"))
    page = page_of(rows, paging, order=("priority", "taken_at"), show=_sample)
    record("samples.view", "api:samples", rows=len(page["items"]))
    return page


@samples_router.get("/{number}", response=SampleOut, summary="一个样本 · One sample")
def one_sample(request: HttpRequest, number: str) -> object:
    """Give a sample."""
    sample = find_sample(number)
    record("samples.view", sample)
    return _sample(sample)


@samples_router.post("/{number}/result", response=SampleOut, summary="登记结果 · Enter a result")
def result(request: HttpRequest, number: str, body: ResultIn) -> object:
    """Enter the result of a sample; sending the same result again changes nothing."""
    sample = find_sample(number)
    require("samples.result", sample)
    try:
        with transaction.atomic():
            enter_results([Entered(sample=sample, result=body.result, result_at=body.result_at)])
    except NotAccepted as error:
        raise refused(error) from error
    return _sample(sample)
