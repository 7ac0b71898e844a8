"""What the other records of the incident bring to the desk, and the navigation."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from tongchou.station.access.context import actor
from tongchou.station.desk.lists import Badge, Column, Filter, ListSpec, register_list
from tongchou.station.desk.registry import (
    Hit,
    InboxSource,
    NavItem,
    SearchSource,
    register_inbox,
    register_nav,
    register_search,
)
from tongchou.station.incident.forms.desk_work import FREQUENCIES
from tongchou.station.incident.models import (
    DataRequest,
    DecisionRecord,
    EarlyWarning,
    Finding,
    Handover,
    Organisation,
    Plan,
    SharedAlert,
)
from tongchou.station.incident.models.decision import DECISION_KINDS
from tongchou.station.incident.models.finding import FINDING_STATES
from tongchou.station.incident.models.organisation import KIND_NAMES
from tongchou.station.incident.models.plan import PLAN_STATES
from tongchou.station.incident.models.request import VERDICTS
from tongchou.station.incident.order_desk import GROUP
from tongchou.station.incident.services.duties import without_owner
from tongchou.station.incident.services.standing import own_place
from tongchou.station.incident.views.findings import finding_badge
from tongchou.station.incident.views.handover import warning_badge
from tongchou.station.incident.views.plans import STATE_TONES
from tongchou.station.incident.work_desk import find_text, mechanism_filter
from tongchou.station.places.names import query_key
from tongchou.vocabulary.text import Text

PLACE = Filter("path", Text(zh="地区", en="Place"), kind="place")
WHERE = Column("place", Text(zh="地区", en="Place"), lambda r: r.place.name, sort="path")
WORDS = Column("text", Text(zh="内容", en="What"), lambda r: r.text)


def _lists() -> Sequence[ListSpec]:
    return (
        ListSpec(
            name="plans",
            title=Text(zh="计划", en="Plans"),
            action="incident.view",
            rows=lambda: Plan.objects.select_related("place"),
            columns=(
                Column("starts", Text(zh="开始", en="From"), kind="date", sort="starts"),
                Column("ends", Text(zh="结束", en="To"), kind="date", sort="ends"),
                WHERE,
                Column("version", Text(zh="版本", en="Version"), kind="count"),
                Column("state", Text(zh="状态", en="State"), kind="badge", badge=lambda p: Badge(p.state_name, STATE_TONES[p.state]), sort="state"),
                WORDS,
            ),
            filters=(Filter("state", Text(zh="状态", en="State"), choices=list(PLAN_STATES.items())), PLACE),
            order=("-starts", "-version"),
            row_url=lambda p: reverse("incident:plan", args=[p.pk]),
            find=find_text,
            new=(Text(zh="新计划", en="New plan"), "incident:plan_new", "incident.plan"),
        ),
        ListSpec(
            name="findings",
            title=Text(zh="督查发现", en="Findings"),
            action="incident.view",
            rows=lambda: Finding.objects.select_related("place", "unit", "from_place"),
            columns=(
                Column("state", Text(zh="状态", en="State"), kind="badge", badge=finding_badge, sort="state"),
                WORDS,
                Column("process", Text(zh="环节", en="Process")),
                Column("place", Text(zh="地区或单位", en="Where"), lambda f: f.unit.name if f.unit else f.place.name, sort="path"),
                Column("mechanism", Text(zh="机制", en="Mechanism"), sort="mechanism"),
                Column("found_on", Text(zh="发现", en="Found"), kind="date", sort="found_on"),
                Column("due", Text(zh="整改时限", en="Due"), kind="datetime", sort="due"),
            ),
            filters=(
                Filter("state", Text(zh="状态", en="State"), choices=list(FINDING_STATES.items())),
                Filter("late", Text(zh="只看逾期", en="Late only"), kind="flag", apply=lambda rows, _: late_findings(rows)),
                PLACE,
                mechanism_filter("mechanism"),
            ),
            order=("due",),
            row_url=lambda f: reverse("incident:finding", args=[f.pk]),
            find=find_text,
            new=(Text(zh="记录发现", en="Record a finding"), "incident:finding_new", "incident.inspect"),
        ),
        ListSpec(
            name="decisions",
            title=Text(zh="决定台账", en="Decision log"),
            action="incident.view",
            rows=lambda: DecisionRecord.objects.select_related("place"),
            columns=(
                Column("decided_at", Text(zh="决定时间", en="Decided"), kind="datetime", sort="decided_at"),
                Column("kind", Text(zh="类别", en="Kind"), lambda d: d.kind_name, sort="kind"),
                WORDS,
                WHERE,
                Column("decided_by", Text(zh="决定", en="Decided by"), lambda d: d.decided_by or d.by_title),
                Column("owner", Text(zh="责任", en="Owner")),
                Column("due", Text(zh="时限", en="Due"), kind="datetime", sort="due"),
                Column("basis", Text(zh="依据", en="Basis")),
            ),
            filters=(
                Filter("kind", Text(zh="类别", en="Kind"), choices=list(DECISION_KINDS.items())),
                Filter("incomplete", Text(zh="缺责任人、依据或时限", en="Lacks owner, basis or due time"), kind="flag",
                       apply=lambda rows, _: rows.filter(kind="decision").filter(Q(owner="") | Q(basis="") | Q(due__isnull=True))),
                PLACE,
                mechanism_filter(),
                Filter("decided_at__date", Text(zh="决定时间", en="Decided"), kind="dates"),
            ),
            order=("-decided_at",),
            row_url=lambda d: reverse("incident:decision", args=[d.pk]),
            find=find_text,
            new=(Text(zh="登记决定", en="Enter a decision"), "incident:decision_new", "incident.plan"),
        ),
        ListSpec(
            name="organisations",
            title=Text(zh="单位", en="Organisations"),
            action="incident.view",
            rows=lambda: Organisation.objects.select_related("place"),
            columns=(
                Column("name", Text(zh="名称", en="Name"), lambda o: o.name, sort="name_zh"),
                Column("kind", Text(zh="类别", en="Kind"), lambda o: o.kind_name, sort="kind"),
                WHERE,
                Column("phone", Text(zh="值班电话", en="Duty telephone")),
                Column("active", Text(zh="在用", en="Active"), sort="active"),
            ),
            filters=(Filter("kind", Text(zh="类别", en="Kind"), choices=list(KIND_NAMES.items())), PLACE),
            order=("path", "id"),
            row_url=lambda o: reverse("incident:organisation", args=[o.pk]),
            find=lambda rows, typed: rows.filter(search__contains=query_key(typed)),
            new=(Text(zh="新单位", en="New organisation"), "incident:organisation_new", "incident.duties"),
        ),
        ListSpec(
            name="data_requests",
            title=Text(zh="表单审查", en="The form gate"),
            action="incident.view",
            rows=lambda: DataRequest.objects.select_related("place"),
            columns=(
                Column("verdict", Text(zh="结论", en="Verdict"), kind="badge", badge=lambda r: Badge(r.verdict_name, r.tone), sort="verdict"),
                Column("text", Text(zh="表单", en="Form"), lambda r: r.text),
                Column("asker", Text(zh="要表单位", en="Asked by"), sort="asker"),
                WHERE,
                Column("frequency", Text(zh="频次", en="How often"), lambda r: FREQUENCIES[r.frequency], sort="frequency"),
                Column("addressees", Text(zh="填写单位", en="Addressees"), kind="count", sort="addressees"),
                Column("seconds_asked", Text(zh="每条秒数（送审）", en="Seconds a row, asked"), kind="count", sort="seconds_asked"),
                Column("seconds_allowed", Text(zh="每条秒数（准予）", en="Seconds a row, allowed"), kind="count", sort="seconds_allowed"),
                Column("expires", Text(zh="停用", en="Until"), kind="date", sort="expires"),
            ),
            filters=(
                Filter("verdict", Text(zh="结论", en="Verdict"), choices=list(VERDICTS.items())),
                Filter("in_force", Text(zh="今天在用", en="In force today"), kind="flag", apply=lambda rows, _: forms_today(rows)),
                Filter("waits", Text(zh="待我审查", en="Mine to judge"), kind="flag", apply=lambda rows, _: to_judge(rows)),
                PLACE,
            ),
            row_url=lambda r: reverse("incident:data_request", args=[r.pk]),
            find=find_text,
            new=(Text(zh="新表单送审", en="Put a form before the gate"), "incident:data_request_new", "incident.forms"),
        ),
        ListSpec(
            name="handovers",
            title=Text(zh="交接班", en="Hand-overs"),
            action="incident.view",
            rows=lambda: Handover.objects.select_related("place"),
            columns=(
                Column("started_at", Text(zh="开始", en="Begun"), kind="datetime", sort="started_at"),
                WHERE,
                Column("given", Text(zh="交班", en="Handed over by"), lambda h: h.given_title),
                Column("given_at", Text(zh="交班时间", en="at"), kind="datetime", sort="given_at"),
                Column("taken", Text(zh="接班", en="Taken over by"), lambda h: h.taken_title),
                Column("taken_at", Text(zh="接班时间", en="at"), kind="datetime", sort="taken_at"),
            ),
            filters=(
                Filter("waits", Text(zh="待接班签字", en="Waits for the next shift"), kind="flag", apply=lambda rows, _: to_take(rows)),
                PLACE,
            ),
            row_url=lambda h: reverse("incident:handover", args=[h.pk]),
            new=(Text(zh="开始交接", en="Begin a hand-over"), "incident:handover_new", "incident.handover"),
        ),
        ListSpec(
            name="warnings",
            title=Text(zh="一线预警", en="Early warnings"),
            action="incident.view",
            rows=lambda: EarlyWarning.objects.select_related("place", "unit"),
            columns=(
                Column("made_at", Text(zh="上报", en="Sent"), kind="datetime", sort="made_at"),
                Column("state", Text(zh="状态", en="State"), kind="badge", badge=warning_badge),
                Column("words", Text(zh="内容", en="What"), lambda w: w.words[:80]),
                WHERE,
                Column("due", Text(zh="答复时限", en="To be answered by"), kind="datetime", sort="due"),
                Column("answered_at", Text(zh="答复", en="Answered"), kind="datetime", sort="answered_at"),
            ),
            filters=(
                Filter("waits", Text(zh="待答复", en="To be answered"), kind="flag", apply=lambda rows, _: to_answer(rows)),
                Filter("late", Text(zh="已超时", en="Late"), kind="flag", apply=lambda rows, _: late_warnings(rows)),
                PLACE,
            ),
            order=("-made_at",),
            row_url=lambda w: reverse("incident:warning", args=[w.pk]),
            find=lambda rows, typed: rows.filter(words__icontains=typed),
            new=(Text(zh="我发现了异常", en="I see something odd"), "incident:warn", "incident.view"),
        ),
        ListSpec(
            name="alerts",
            title=Text(zh="共享预警", en="Shared alerts"),
            action="incident.view",
            rows=lambda: SharedAlert.objects.select_related("place", "from_place"),
            columns=(
                Column("sent_at", Text(zh="发出", en="Sent"), kind="datetime", sort="sent_at"),
                WORDS,
                Column("from_place", Text(zh="发自", en="From"), lambda a: a.from_place.name, sort="from_path"),
                Column("place", Text(zh="发至", en="To"), lambda a: a.place.name, sort="path"),
                Column("due", Text(zh="确认时限", en="Acknowledge by"), kind="datetime", sort="due"),
                Column("acknowledged_at", Text(zh="确认", en="Acknowledged"), kind="datetime", sort="acknowledged_at"),
            ),
            filters=(
                Filter("waits", Text(zh="待我确认", en="Mine to acknowledge"), kind="flag", apply=lambda rows, _: to_acknowledge(rows)),
                PLACE,
            ),
            order=("-sent_at",),
            row_url=lambda a: reverse("incident:compact", args=[a.compact_id]),
            find=find_text,
        ),
    )  # fmt: skip


def late_findings(rows: Any) -> Any:
    """Give the findings that are open past their due time."""
    return rows.filter(state="open", due__lt=timezone.now())


def forms_today(rows: Any) -> Any:
    """Give the forms in force today."""
    today = timezone.localdate()
    return rows.filter(verdict__in=("allowed", "reduced"), starts__lte=today, expires__gte=today)


def to_judge(rows: Any) -> Any:
    """Give the forms that the present post's place judges."""
    return rows.filter(verdict="waiting", path=actor().path)


def to_take(rows: Any) -> Any:
    """Give the hand-overs that wait for the next shift."""
    return rows.filter(given_at__isnull=False, taken_at__isnull=True, path=actor().path)


def to_answer(rows: Any) -> Any:
    """Give the warnings without an answer."""
    return rows.filter(answered_at__isnull=True, path=actor().path)


def late_warnings(rows: Any) -> Any:
    """Give the warnings without an answer past their time."""
    return to_answer(rows).filter(due__lt=timezone.now())


def to_acknowledge(rows: Any) -> Any:
    """Give the alerts that the present post's place has not acknowledged."""
    return rows.filter(acknowledged_at__isnull=True, path=actor().path)


class Unowned:
    """The mechanisms without an owner here, counted like rows of a list."""

    def count(self) -> int:
        """Give how many there are."""
        return len(without_owner(own_place()))


def _inbox() -> Sequence[InboxSource]:
    def at(name: str, query: str) -> Any:
        return lambda: f"{reverse(name)}?{query}"

    return (
        InboxSource(name="unowned", section="do", label=Text(zh="无牵头单位的机制", en="Mechanisms without an owner"), action="incident.duties", rows=Unowned, url=at("incident:matrix", "only=missing")),
        InboxSource(name="forms_to_judge", section="do", label=Text(zh="新表单待审查", en="Forms to judge"), action="incident.forms", rows=lambda: to_judge(DataRequest.objects.all()), url=at("incident:data_requests", "waits=1"), clock="made_at"),
        InboxSource(name="findings_late", section="late", label=Text(zh="督查发现逾期未销号", en="Findings past due"), action="incident.inspect", rows=lambda: late_findings(Finding.objects.all()), url=at("incident:findings", "late=1"), clock="due"),
        InboxSource(name="handover_to_take", section="sign", label=Text(zh="交接班待签字", en="Hand-over to sign"), action="incident.handover", rows=lambda: to_take(Handover.objects.all()), url=at("incident:handovers", "waits=1"), clock="given_at"),
        InboxSource(name="warnings_to_answer", section="new", label=Text(zh="一线预警待答复", en="Early warnings to answer"), action="incident.inspect", rows=lambda: to_answer(EarlyWarning.objects.all()), url=at("incident:warnings", "waits=1"), clock="due"),
        InboxSource(name="warnings_late", section="late", label=Text(zh="一线预警超时未答", en="Early warnings not answered in time"), action="incident.inspect", rows=lambda: late_warnings(EarlyWarning.objects.all()), url=at("incident:warnings", "late=1"), clock="due"),
        InboxSource(name="alerts_to_acknowledge", section="new", label=Text(zh="伙伴地区预警待确认", en="Alerts of partners to acknowledge"), action="incident.receipt", rows=lambda: to_acknowledge(SharedAlert.objects.all()), url=at("incident:alerts", "waits=1"), clock="due"),
    )  # fmt: skip


NAV = (
    ("incident:board", Text(zh="指挥总览", en="Incident board"), "incident.view", 305),
    ("incident:directives", Text(zh="指令", en="Directives"), "incident.direct", 312),
    ("incident:tasks", Text(zh="任务与回执", en="Tasks and receipts"), "incident.view", 314),
    ("incident:plans", Text(zh="计划", en="Plans"), "incident.plan", 316),
    ("incident:findings", Text(zh="督查发现", en="Findings"), "incident.inspect", 318),
    ("incident:decisions", Text(zh="决定台账", en="Decision log"), "incident.plan", 320),
    ("incident:matrix", Text(zh="职责矩阵", en="Responsibilities"), "incident.duties", 322),
    ("incident:handovers", Text(zh="交接班", en="Hand-overs"), "incident.handover", 325),
    ("incident:compacts", Text(zh="区域协作", en="Compacts"), "incident.direct", 326),
    ("incident:data_requests", Text(zh="表单审查", en="Form gate"), "incident.forms", 327),
    ("incident:minutes", Text(zh="填表时间", en="Minutes of forms"), "incident.view", 328),
    ("incident:warnings", Text(zh="一线预警", en="Early warnings"), "incident.inspect", 329),
    ("incident:warn", Text(zh="我发现了异常", en="I see something odd"), "incident.view", 330),
)


def _search(typed: str) -> Sequence[Hit]:
    findings = find_text(Finding.objects.select_related("place"), typed).order_by("-id")[:8]
    decisions = find_text(DecisionRecord.objects.all(), typed).order_by("-id")[:8]
    key = query_key(typed)
    organisations = Organisation.objects.filter(search__contains=key)[:8] if key else []
    return [
        *(Hit(f.text, f.place.name, reverse("incident:finding", args=[f.pk])) for f in findings),
        *(Hit(d.text, d.kind_name, reverse("incident:decision", args=[d.pk])) for d in decisions),
        *(
            Hit(o.name, o.kind_name, reverse("incident:organisation", args=[o.pk]))
            for o in organisations
        ),
    ]


def register() -> None:
    """Make lists, inbox entries, navigation and search known."""
    for spec in _lists():
        register_list(spec)
    for source in _inbox():
        register_inbox(source)
    for url_name, label, action, order in NAV:
        register_nav(
            NavItem(label=label, url_name=url_name, action=action, group=GROUP, order=order)
        )
    register_search(
        SearchSource(
            name="incident",
            label=Text(zh="督查、决定与单位", en="Findings, decisions, organisations"),
            action="incident.view",
            find=_search,
        )
    )
