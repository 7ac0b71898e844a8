"""Lists of cases and samples."""

from datetime import timedelta
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from tongchou.station.access.context import actor
from tongchou.station.cases import conditions
from tongchou.station.cases.clocks import readings
from tongchou.station.cases.finding import either, identities_like, numbered
from tongchou.station.cases.models import Case, Identity, Investigation, Sample
from tongchou.station.cases.models.case import CLASS_NAMES, SEVERITY_NAMES
from tongchou.station.cases.models.person import SEX_NAMES
from tongchou.station.cases.models.sample import KIND_NAMES, RESULT_NAMES
from tongchou.station.cases.services.history import moments_of
from tongchou.station.cases.services.investigating import open_interview
from tongchou.station.cases.services.sampling import PRIORITY_NAMES, receive
from tongchou.station.cases.states import states
from tongchou.station.desk.lists import (
    Badge,
    BulkAction,
    Choices,
    Column,
    Filter,
    ListSpec,
    Rows,
    register_list,
)
from tongchou.vocabulary.text import Text

TONES: dict[str, Any] = {
    "suspected": "warn", "tested": "warn", "confirmed": "bad", "isolated": "info", "admitted": "info",
    "severe": "bad", "critical": "bad", "recovered": "good", "released": "good",
    "excluded": "neutral", "died": "neutral", "transferred": "neutral",
}  # fmt: skip
STATE_BADGES = {name: Badge(s.label, TONES[name]) for name, s in states().items()}


def _choices(names: dict[str, Text]) -> Choices:
    return tuple(names.items())


def _state_choices() -> Choices:
    return (
        ("open", Text(zh="全部在管", en="all open")),
        *((n, s.label) for n, s in states().items()),
    )


def _by_state(rows: Rows, value: str) -> Rows:
    return rows.filter(conditions.open_cases() if value == "open" else Q(state=value))


def _by_waiting(rows: Rows, value: str) -> Rows:
    return rows.filter(conditions.CASES[value].condition(timezone.now()))


def _by_sample_waiting(rows: Rows, value: str) -> Rows:
    return rows.filter(conditions.SAMPLES[value].condition(timezone.now()))


def _days(field: str) -> Any:
    def narrow(rows: Rows, value: tuple[Any, Any]) -> Rows:
        first, last = value
        bounds = {f"{field}__date__gte": first, f"{field}__date__lte": last}
        return rows.filter(**{k: v for k, v in bounds.items() if v is not None})

    return narrow


def _rows() -> Rows:
    return conditions.cases().select_related("responsible", "residence", "care_unit")


def _named_rows() -> Rows:
    name = Identity.objects.filter(person_id=OuterRef("person_id")).values("name")[:1]
    return _rows().annotate(person_name=Subquery(name))


def _find(rows: Rows, typed: str) -> Rows:
    return rows.filter(matching(typed))


def matching(typed: str) -> Q:
    """Give cases by number, and for those who may see identities by name, pinyin, phone or document."""
    by_number = Case.objects.filter(numbered(typed))
    if "cases.identity" not in actor().may:
        return either(by_number)
    persons = identities_like(typed).values("person_id")
    return either(by_number, Case.objects.filter(person_id__in=persons))


def _late_badge(case: Case) -> Badge | None:
    late = [r for r in readings(moments_of(case), timezone.now()) if r.standing == "late"]
    if not late:
        return None
    worst = max(late, key=lambda r: r.late_by or timedelta())
    return Badge(
        Text(zh="{what}：超时 {by}", en="{what}: late by {by}").fill(
            what=worst.clock.label, by=worst.lateness
        ),
        "bad",
    )


NUMBER = Column("pseudonym", Text(zh="个案编号", en="Case"), sort="pseudonym")
NAME = Column("person_name", Text(zh="姓名", en="Name"))
COLUMNS = (
    Column("state", Text(zh="状态", en="State"), kind="badge", badge=lambda c: STATE_BADGES[c.state], value=lambda c: states()[c.state].label, sort="state"),
    Column("classification", Text(zh="分类", en="Class"), value=lambda c: CLASS_NAMES[c.classification], sort="classification"),
    Column("severity", Text(zh="严重程度", en="Severity"), value=lambda c: SEVERITY_NAMES.get(c.severity), sort="severity"),
    Column("sex", Text(zh="性别", en="Sex"), value=lambda c: SEX_NAMES[c.sex]),
    Column("age", Text(zh="年龄", en="Age"), kind="count", sort="age"),
    Column("responsible", Text(zh="责任地区", en="Responsible"), value=lambda c: c.responsible.name, sort="responsible_path"),
    Column("residence", Text(zh="现住地区", en="Lives in"), value=lambda c: c.residence.name if c.residence else None),
    Column("care_unit", Text(zh="收治机构", en="Facility of care"), value=lambda c: c.care_unit.name if c.care_unit else None),
    Column("onset_on", Text(zh="发病", en="Onset"), kind="date", sort="onset_on"),
    Column("reported_at", Text(zh="报告", en="Reported"), kind="datetime", sort="reported_at"),
    Column("late", Text(zh="时限", en="Clock"), kind="badge", badge=_late_badge, value=lambda c: (b := _late_badge(c)) and b.text),
)  # fmt: skip
FILTERS = (
    Filter("state", Text(zh="状态", en="State"), choices=_state_choices, apply=_by_state),
    Filter("classification", Text(zh="分类", en="Class"), choices=_choices(CLASS_NAMES)),
    Filter("severity", Text(zh="严重程度", en="Severity"), choices=_choices(SEVERITY_NAMES)),
    Filter("waiting", Text(zh="待办与超时", en="Waiting or late"), choices=tuple((n, w.label) for n, w in conditions.CASES.items()), apply=_by_waiting),
    Filter("responsible_path", Text(zh="责任地区", en="Responsible place"), kind="place"),
    Filter("onset_on", Text(zh="发病日期", en="Onset"), kind="dates"),
    Filter("reported", Text(zh="报告日期", en="Reported"), kind="dates", apply=_days("reported_at")),
)  # fmt: skip


def case_url(case: Case) -> str:
    """Give the address of a case's page."""
    return reverse("cases:case", args=(case.pseudonym,))


def _receive(rows: Rows, request: HttpRequest) -> Text:
    count = receive(rows.select_for_update(of=("self",)))
    return Text(zh="已接收 {n} 份样本。", en="Received {n} samples.").fill(n=count)


def _begin(rows: Rows, request: HttpRequest) -> Text:
    before = Investigation.objects.count()
    for case in rows:
        open_interview(case)
    begun = Investigation.objects.count() - before
    return Text(
        zh="已由您开始 {n} 例流行病学调查；已经开始的不变。",
        en="You have begun {n} investigations; those already begun stay as they are.",
    ).fill(n=begun)


BEGIN = BulkAction(
    "begin",
    Text(zh="由我开始流调", en="Begin investigations"),
    "cases.investigate",
    _begin,
)


SAMPLE_COLUMNS = (
    Column("pseudonym", Text(zh="样本编号", en="Sample"), sort="pseudonym"),
    Column("priority", Text(zh="优先级", en="Priority"), value=lambda s: PRIORITY_NAMES[s.priority], sort="priority"),
    Column("kind", Text(zh="种类", en="Kind"), value=lambda s: KIND_NAMES[s.kind]),
    Column("taken_at", Text(zh="采样", en="Taken"), kind="datetime", sort="taken_at"),
    Column("received_at", Text(zh="接收", en="Received"), kind="datetime", sort="received_at"),
    Column("result", Text(zh="结果", en="Result"), kind="badge", value=lambda s: RESULT_NAMES.get(s.result),
           badge=lambda s: Badge(RESULT_NAMES[s.result], "bad" if s.result == "positive" else "neutral") if s.result else None),
    Column("result_at", Text(zh="结果时间", en="Result at"), kind="datetime", sort="result_at"),
    Column("lab_unit", Text(zh="实验室", en="Laboratory"), value=lambda s: s.lab_unit.name if s.lab_unit else None),
    Column("collected_by", Text(zh="采样单位", en="Taken by"), value=lambda s: s.collected_by.name if s.collected_by else None),
)  # fmt: skip


def register() -> None:
    """Make the lists known to the desk."""
    for name, rows, columns in (
        ("cases", _rows, (NUMBER, *COLUMNS)),
        ("cases_named", _named_rows, (NUMBER, NAME, *COLUMNS)),
    ):
        register_list(
            ListSpec(
                name=name,
                title=Text(zh="个案", en="Cases"),
                action="cases.view",
                rows=rows,
                columns=columns,
                filters=FILTERS,
                bulk=(BEGIN,),
                row_url=case_url,
                find=_find,
                personal=True,
                new=(Text(zh="报告病例", en="Report a case"), "cases:report", "cases.report"),
            )
        )
    register_list(
        ListSpec(
            name="samples",
            title=Text(zh="样本", en="Samples"),
            action="samples.view",
            rows=lambda: Sample.objects.select_related("lab_unit", "collected_by"),
            columns=SAMPLE_COLUMNS,
            filters=(
                Filter("waiting", Text(zh="待办", en="Waiting"), choices=tuple((n, w.label) for n, w in conditions.SAMPLES.items()), apply=_by_sample_waiting),
                Filter("result", Text(zh="结果", en="Result"), choices=_choices(RESULT_NAMES)),
                Filter("taken", Text(zh="采样日期", en="Taken"), kind="dates", apply=_days("taken_at")),
            ),
            bulk=(BulkAction("receive", Text(zh="接收所选", en="Receive the chosen"), "samples.result", _receive),),
            order=("priority", "taken_at"),
            row_url=lambda s: reverse("cases:sample", args=(s.pseudonym,)),
            find=lambda rows, typed: rows.filter(numbered(typed)),
            personal=True,
        )
    )  # fmt: skip
