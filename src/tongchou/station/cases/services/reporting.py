"""Reporting cases: one from a clinic, or many lines at once, all or none, never twice."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from tongchou.station.access.context import actor, system
from tongchou.station.access.managers import require, require_any
from tongchou.station.audit.record import record
from tongchou.station.cases.identity_numbers import read_number
from tongchou.station.cases.models import Case, Identity, Person
from tongchou.station.cases.problems import NotAccepted, Problem
from tongchou.station.cases.services.contacts import link_case
from tongchou.station.cases.services.history import bounds, follow, note, times_of
from tongchou.station.cases.states import evidence, find_move
from tongchou.station.cases.tables import definition_on, number
from tongchou.station.cases.times import check_times
from tongchou.station.places.models import Place, Unit
from tongchou.vocabulary.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a clinic knows when it reports; everything else comes later."""

    name: str
    residence: Place | None
    responsible: Place
    classification: str
    disease: str = "covid-19"
    sex: str = "unknown"
    age: int | None = None
    document_kind: str = "resident"
    document_number: str = ""
    phone: str = ""
    address: str = ""
    occupation: str = ""
    health_worker: bool | None = None
    onset_on: date | None = None
    visited_at: datetime | None = None
    diagnosed_at: datetime | None = None
    isolated_at: datetime | None = None
    severity: str = ""
    evidence: str = ""
    exposed_at: str = ""
    found_inside: bool | None = None
    household_code: str = ""
    person: Person | None = None
    token: uuid.UUID | None = None


def check_report(report: Report, *, now: datetime) -> list[Problem]:
    """Give everything that is missing or does not fit in a report."""
    found = []
    if not report.name.strip() and report.person is None:
        found.append(
            _missing(
                "name",
                "请填写姓名；不详时写“不详”。",
                "Enter the name; write “unknown” if it is not known.",
            )
        )
    if report.residence is None:
        found.append(
            _missing("residence", "请选择现住地区。", "Choose where the person lives now.")
        )
    if report.age is None:
        found.append(
            _missing(
                "age",
                "请填写年龄，或完整的身份证号。",
                "Enter the age, or the whole identity card number.",
            )
        )
    if report.onset_on is None and report.classification != "asymptomatic":
        found.append(
            _missing(
                "onset_on",
                "请填写发病日期；无症状感染者可不填。",
                "Enter the day of onset; only an asymptomatic infection has none.",
            )
        )
    if report.document_number and report.document_kind == "resident":
        found += _document(report)
    return found


def _missing(field: str, zh: str, en: str) -> Problem:
    return Problem(field=field, text=Text(zh=zh, en=en))


def _document(report: Report) -> list[Problem]:
    told = read_number(report.document_number)
    if told is None:
        return [
            Problem(
                field="document_number",
                text=Text(
                    zh="身份证号“{number}”的位数或校验位不对。请核对；没有身份证时改选其他证件。",
                    en="The identity card number “{number}” fails its check sign. Check it, or choose another kind of document.",
                ).fill(number=report.document_number),
            )
        ]
    if report.sex not in ("unknown", told.sex):
        return [
            Problem(
                field="sex",
                text=Text(
                    zh="性别与身份证号不一致。请核对其中之一。",
                    en="Sex does not agree with the identity card number. Check one of them.",
                ),
            )
        ]
    return []


def report_case(report: Report, *, reported_by: Unit | None = None) -> Case:
    """Report a case; with a token that was used before, give the case it made then.

    Raises
    ------
    Refused
        If the present actor may not report there.
    NotAccepted
        With every problem of the report.
    """
    require_any("cases.report")
    if report.token and (known := Case.objects.filter(form_token=report.token).first()):
        return known
    case = build_case(report, reported_by=reported_by)
    try:
        with transaction.atomic():
            return _store(case, report)
    except IntegrityError:
        with system("a form sent twice"):
            known = Case.objects.filter(form_token=report.token).first()
        if known is None:
            raise
        return known


def report_many(reports: Sequence[Report], *, reported_by: Unit | None = None) -> list[Case]:
    """Report many cases, all or none; problems name their line, counted from 1.

    A line whose token was used before adds nothing.
    """
    problems, cases = [], []
    for row, report in enumerate(reports, 1):
        try:
            cases.append(build_case(report, reported_by=reported_by))
        except NotAccepted as refused:
            problems += [Problem(field=p.field, text=p.text, row=row) for p in refused.problems]
    if problems:
        raise NotAccepted(problems)
    return [report_case(report, reported_by=reported_by) for report in reports]


def build_case(report: Report, *, reported_by: Unit | None) -> Case:
    """Give the case that a report makes, checked and not yet stored."""
    now = timezone.now()
    problems = check_report(report, now=now)
    case = _draft(report, reported_by, now)
    if report.classification != "suspected":
        step = find_move("suspected", "confirm", _held(case))
        problems += evidence(
            report.classification,
            [],
            report.evidence,
            definition_on(report.disease, timezone.localdate(case.confirmed_at)),
        )
        case.state = step.to
    problems += check_times(times_of(case), now=now, zone=timezone.get_current_timezone())
    if problems:
        raise NotAccepted(problems)
    require("cases.report", case)
    return case


def _draft(report: Report, reported_by: Unit | None, now: datetime) -> Case:
    suspected = report.classification == "suspected"
    diagnosed = report.diagnosed_at or now
    told = read_number(report.document_number) if report.document_number else None
    return Case(
        disease=report.disease,
        definition=definition_on(report.disease, timezone.localdate(diagnosed)).name,
        classification=report.classification,
        severity=report.severity,
        sex=told.sex if told and report.sex == "unknown" else report.sex,
        age=report.age,
        health_worker=report.health_worker,
        responsible=report.responsible,
        responsible_path=report.responsible.path,
        residence=report.residence,
        residence_path=report.residence.path if report.residence else "",
        reported_by=reported_by,
        household_code=report.household_code,
        exposed_at=report.exposed_at,
        found_inside=report.found_inside,
        evidence=report.evidence,
        onset_on=report.onset_on,
        visited_at=report.visited_at,
        suspected_at=diagnosed if suspected else None,
        confirmed_at=None if suspected else diagnosed,
        isolated_at=report.isolated_at,
        reported_at=now,
        known_at=now,
        assigned_at=now,
        form_token=report.token,
    )


def _held(case: Case) -> list[str]:
    return [name for name, value in times_of(case).items() if value is not None]


def _store(case: Case, report: Report) -> Case:
    person = report.person or Person.objects.create(
        sex=case.sex,
        birth_year=None if case.age is None else _birth_year(report, case),
        occupation=report.occupation,
        health_worker=report.health_worker,
        **bounds(case),
    )
    case.person = person
    case.save()
    if report.person is None:
        Identity.objects.create(
            person=person,
            name=report.name.strip(),
            document_kind=report.document_kind,
            document_number=report.document_number.strip().upper(),
            phone=report.phone.strip(),
            address=report.address.strip(),
            **bounds(case),
        )
    else:
        follow(case)
    note(case, "report", happened_at=case.reported_at)
    record("cases.report", case, classification=case.classification)
    link_case(case)
    return case


def _birth_year(report: Report, case: Case) -> int:
    told = read_number(report.document_number) if report.document_number else None
    return told.born.year if told else timezone.localdate(case.reported_at).year - (case.age or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Somebody on record who may be the person being reported, and why."""

    person: Person
    name: str
    why: Text
    cases: tuple[Case, ...]


WHY = {
    "document_number": Text(zh="证件号相同", en="same document number"),
    "phone": Text(zh="电话相同", en="same telephone number"),
    "name": Text(zh="姓名相同，年龄相近", en="same name, similar age"),
}


def already_known(
    *,
    name: str = "",
    document_number: str = "",
    phone: str = "",
    age: int | None = None,
    today: date,
) -> list[Known]:
    """Give persons on record who may be the one being reported: exact signs only, a hint.

    Only what the present actor may see is looked at; the reading is audited.
    """
    require_any("cases.report")
    signs = _signs(name, document_number, phone)
    if not signs:
        return []
    condition = Q()
    for sign, value in signs.items():
        condition |= Q(**{sign: value})
    rows = Identity.objects.filter(condition).select_related("person")[:20]
    since = today - timedelta(days=number("duplicate_days"))
    found = []
    for row in rows:
        why = next(
            (s for s in WHY if s in signs and signs[s] and getattr(row, s) == signs[s]), None
        )
        if why == "name" and not _close(row.person.birth_year, age, today):
            continue
        if why is None or row.person.merged_into_id:
            continue
        cases = tuple(
            Case.objects.filter(person_id=row.person_id, known_at__date__gte=since).order_by("-id")
        )
        found.append(Known(person=row.person, name=row.name, why=WHY[why], cases=cases))
    if found:
        record(
            "cases.identity",
            "duplicates",
            rows=len(found),
            persons=[k.person.pseudonym for k in found],
        )
    return found


def _signs(name: str, document_number: str, phone: str) -> dict[str, str]:
    typed = {
        "document_number": document_number.strip().upper(),
        "phone": phone.strip(),
        "name": name.strip(),
    }
    return {sign: value for sign, value in typed.items() if len(value) >= 2}


def _close(birth_year: int | None, age: int | None, today: date) -> bool:
    return birth_year is None or age is None or abs(today.year - age - birth_year) <= 2


def own_unit() -> Unit | None:
    """Give the unit of the present actor, None for a post without one."""
    who = actor()
    return None if who.unit_id is None else Unit.objects.get(pk=who.unit_id)
