"""The lists of contacts, arrivals, appeals, needs, symptoms, suspected duplicates, clusters and sites."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeAlias

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from tongchou.station.access.context import current
from tongchou.station.access.pseudonyms import typed as as_pseudonym
from tongchou.station.cases.finding import either, identities_like, numbered
from tongchou.station.cases.models import (
    Appeal,
    Check,
    Cluster,
    Contact,
    Merge,
    Need,
    Person,
    Quarantine,
    Suspicion,
    Tombstone,
    Venue,
)
from tongchou.station.cases.models.arrival import TIER_NAMES
from tongchou.station.cases.models.contact import OPEN_STATES, STATE_NAMES
from tongchou.station.cases.models.merge import SUSPICION_NAMES
from tongchou.station.cases.models.quarantine import KIND_NAMES, NEED_NAMES
from tongchou.station.cases.models.venue import CONTACT_SETTING_NAMES, VENUE_NAMES
from tongchou.station.cases.services.contacts import name_of
from tongchou.station.cases.services.quarantine import check_many, finish_need, release_many
from tongchou.station.cases.watch import SYMPTOMS, number
from tongchou.station.desk.lists import Badge, BulkAction, Column, Filter, ListSpec, register_list
from tongchou.station.places.names import query_key
from tongchou.vocabulary.text import Text, join, same

Rows: TypeAlias = QuerySet[Any]
STONE_KINDS = {"contact": Text("密切接触者", "contact"), "arrival": Text("到达人员", "arrival"), "person": Text("人员", "person")}  # fmt: skip
STONE_BASES = {"retention": Text("保存期满", "end of keeping"), "request": Text("本人请求", "the person's request")}  # fmt: skip


def contacts() -> Rows:
    """Give contacts and arrivals with what a list shows of them."""
    return Contact.objects.select_related("person__identity", "responsible", "case")


def not_placed(rows: Rows, *, late: bool | None = None) -> Rows:
    """Give those not yet placed; ``late`` for those beyond (or within) the time allowed for it."""
    rows = rows.filter(state__in=("named", "traced"))
    limit = timezone.now() - timedelta(hours=number("place_within_hours"))
    if late is None:
        return rows
    return rows.filter(named_at__lt=limit) if late else rows.filter(named_at__gte=limit)


def unasked(rows: Rows) -> Rows:
    """Give those in quarantine whom nobody has asked today."""
    return rows.filter(~Exists(_checks(timezone.localdate())), state="placed")


def missed(rows: Rows) -> Rows:
    """Give those in quarantine whom nobody asked yesterday."""
    yesterday = timezone.localdate() - timedelta(days=1)
    begun = timezone.make_aware(timezone.datetime.combine(yesterday, timezone.datetime.min.time()))
    return rows.filter(~Exists(_checks(yesterday)), state="placed", placed_at__lt=begun)


def _checks(day: Any) -> Rows:
    return Check.objects.filter(contact=OuterRef("pk"), on=day, reached=True)


def due(rows: Rows) -> Rows:
    """Give those who are released today."""
    return rows.filter(state__in=OPEN_STATES, release_due__lte=timezone.localdate())


def find(rows: Rows, typed: str) -> Rows:
    """Narrow contacts to a number, or to names, telephones and documents where those may be seen."""
    held = Contact.objects.all()
    return rows.filter(
        either(
            held.filter(numbered(typed)),
            held.filter(person__in=Person.objects.filter(numbered(typed)).values("pk")),
            held.filter(person__in=identities_like(typed).values("person")),
        )
    )


def _state(row: Contact) -> Badge:
    tones: dict[str, Any] = {"named": "warn", "traced": "warn", "placed": "info", "released": "good", "case": "bad"}  # fmt: skip
    return Badge(STATE_NAMES[row.state], tones[row.state])


def _case(row: Contact) -> str:
    """Give the number of the case to those who may see cases."""
    now = current().actor
    seen = now is not None and "cases.view" in now.may
    return row.case.pseudonym if seen and row.case else ""


NUMBER = Column("pseudonym", Text("编号", "Number"), sort="pk")
NAME = Column("name", Text("姓名", "Name"), value=lambda r: name_of(r.person))
OF_NUMBER = Column("contact", Text("编号", "Number"), value=lambda r: r.contact.pseudonym)
OF_NAME = Column("name", Text("姓名", "Name"), value=lambda r: name_of(r.contact.person))
PLACE = Column("responsible", Text("责任地区", "Responsible"), value=lambda r: r.responsible.name)
STATE = Column("state", Text("状态", "State"), kind="badge", badge=_state, sort="state")
DUE = Column("release_due", Text("应解除日期", "Release due"), kind="date", sort="release_due")


def contact_url(row: Contact) -> str:
    """Give the page of a contact."""
    return reverse("cases:contact", args=[row.pseudonym])


def of_contact_url(row: Any) -> str:
    """Give the page of the contact that a row hangs on."""
    return contact_url(row.contact)


def _choices(names: dict[str, Text]) -> tuple[tuple[str, Text], ...]:
    return tuple(names.items())


def _flag(key: str, zh: str, en: str, narrow: Callable[[Rows], Rows]) -> Filter:
    return Filter(key, Text(zh, en), kind="flag", apply=lambda rows, _: narrow(rows))


WATCH_FILTERS = (
    Filter("state", Text("状态", "State"), choices=_choices(STATE_NAMES)),
    Filter("responsible_path", Text("责任地区", "Responsible"), kind="place"),
    Filter("release_due", Text("应解除日期", "Release due"), kind="dates"),
    _flag("unplaced", "未安置", "not placed", lambda rows: not_placed(rows)),
    _flag("fresh", "24 小时内待安置", "to place within 24 h", lambda rows: not_placed(rows, late=False)),
    _flag("late", "超 24 小时未安置", "not placed after 24 h", lambda rows: not_placed(rows, late=True)),
    _flag("due", "今日应解除", "released today", due),
    _flag("unasked", "今日未询问", "not asked today", unasked),
    _flag("missed", "昨日漏询问", "missed yesterday", missed),
)  # fmt: skip


def _run_checks(rows: Rows, request: object) -> Text:
    return Text("已登记 {n} 人今日无症状。", "Recorded {n} people without symptoms today.").fill(n=check_many(rows))  # fmt: skip


def _run_release(rows: Rows, request: object) -> Text:
    rows = list(rows)
    done = release_many(rows)
    return Text("已解除 {n} 人；{left} 人未到期，保持不变。", "Released {n}; {left} whose day has not come stay as they are.").fill(n=done, left=len(rows) - done)  # fmt: skip


def _run_needs(rows: Rows, request: object) -> Text:
    rows = list(rows)
    for need in rows:
        finish_need(need)
    return Text("已办结 {n} 项需求。", "{n} needs are met.").fill(n=len(rows))


BULK = (
    BulkAction("check", Text("登记今日无症状", "No symptoms today"), "checks.record", _run_checks),
    BulkAction("release", Text("解除到期人员", "Release those due"), "contacts.manage", _run_release),
)  # fmt: skip

CONTACTS = ListSpec(
    name="contacts",
    title=Text("密切接触者与到达人员", "Contacts and arrivals"),
    action="contacts.view",
    rows=contacts,
    columns=(
        NUMBER, NAME, STATE, PLACE,
        Column("setting", Text("场所", "Setting"), value=lambda r: CONTACT_SETTING_NAMES[r.setting], sort="setting"),
        Column("case", Text("关联病例", "Case"), value=_case),
        Column("named_at", Text("判定", "Named"), value=lambda r: timezone.localdate(r.named_at), kind="date", sort="named_at"),
        Column("placed_at", Text("安置", "Placed"), value=lambda r: r.placed_at and timezone.localdate(r.placed_at), kind="date"),
        DUE,
    ),
    filters=(Filter("setting", Text("场所", "Setting"), choices=_choices(CONTACT_SETTING_NAMES)), *WATCH_FILTERS),
    bulk=BULK, row_url=contact_url, find=find, personal=True,
    new=(Text("登记密切接触者", "Name a contact"), "cases:new_contact", "contacts.manage"),
)  # fmt: skip

ARRIVALS = ListSpec(
    name="arrivals",
    title=Text("到达观察人员", "Arrivals under watch"),
    action="contacts.view",
    rows=lambda: contacts().filter(setting="arrival").select_related("arrival__origin"),
    columns=(
        NUMBER, NAME, STATE, PLACE,
        Column("arrived_on", Text("到达", "Arrived"), value=lambda r: r.arrival.arrived_on if hasattr(r, "arrival") else r.exposed_on, kind="date", sort="exposed_on"),
        Column("origin", Text("来自", "From"), value=lambda r: r.arrival.origin.name if hasattr(r, "arrival") and r.arrival.origin else None),
        Column("tier", Text("来源地等级", "Tier of origin"), value=lambda r: TIER_NAMES[r.arrival.origin_tier] if hasattr(r, "arrival") else None),
        DUE,
    ),
    filters=WATCH_FILTERS, bulk=BULK, row_url=contact_url, find=find, personal=True,
    new=(Text("登记到达人员", "Register an arrival"), "cases:new_arrival", "contacts.manage"),
)  # fmt: skip


def _find_of(rows: Rows, typed: str) -> Rows:
    return rows.filter(contact__in=find(Contact.objects.all(), typed).values("pk"))


def overdue_appeals(rows: Rows) -> Rows:
    """Give unanswered appeals whose day has passed."""
    return rows.filter(answered_at=None, due_on__lt=timezone.localdate())


def overdue_needs(rows: Rows) -> Rows:
    """Give open needs whose time has passed."""
    return rows.filter(done_at=None, due_at__lt=timezone.now())


APPEALS = ListSpec(
    name="appeals",
    title=Text("隔离申诉", "Appeals against quarantine"),
    action="contacts.view",
    rows=lambda: Appeal.objects.select_related("contact__person__identity"),
    columns=(
        OF_NUMBER, OF_NAME,
        Column("made_at", Text("提出", "Made"), kind="datetime", sort="made_at"),
        Column("due_on", Text("应答复", "Answer due"), kind="date", sort="due_on"),
        Column("answered_at", Text("答复", "Answered"), kind="datetime"),
        Column("upheld", Text("结果", "Result"), value=lambda r: {None: None, True: Text("成立", "upheld"), False: Text("不成立", "not upheld")}[r.upheld]),
    ),
    filters=(
        _flag("open", "未答复", "not answered", lambda rows: rows.filter(answered_at=None)),
        _flag("timely", "未到期", "not yet due", lambda rows: rows.filter(answered_at=None, due_on__gte=timezone.localdate())),
        _flag("overdue", "已逾期", "overdue", overdue_appeals),
    ),
    order=("due_on",), row_url=lambda r: reverse("cases:appeal", args=[r.pk]), find=_find_of, personal=True,
)  # fmt: skip

NEEDS = ListSpec(
    name="needs",
    title=Text("隔离人员生活需求", "Needs of people in quarantine"),
    action="contacts.view",
    rows=lambda: Need.objects.select_related("contact__person__identity"),
    columns=(
        OF_NUMBER, OF_NAME,
        Column("kind", Text("需求", "Need"), value=lambda r: NEED_NAMES[r.kind], sort="kind"),
        Column("detail", Text("说明", "Detail")),
        Column("asked_at", Text("提出", "Asked"), kind="datetime", sort="asked_at"),
        Column("due_at", Text("应办结", "Due"), kind="datetime", sort="due_at"),
        Column("done_at", Text("办结", "Met"), kind="datetime"),
    ),
    filters=(
        Filter("kind", Text("需求", "Need"), choices=_choices(NEED_NAMES)),
        _flag("open", "未办结", "open", lambda rows: rows.filter(done_at=None)),
        _flag("timely", "未到期", "not yet due", lambda rows: rows.filter(done_at=None, due_at__gte=timezone.now())),
        _flag("overdue", "已逾期", "overdue", overdue_needs),
    ),
    bulk=(BulkAction("done", Text("登记已办结", "Mark as met"), "checks.record", _run_needs),),
    order=("due_at",), row_url=of_contact_url, find=_find_of, personal=True,
)  # fmt: skip


def unseen() -> Rows:
    """Give checks with symptoms that nobody has acted on."""
    return _symptoms().filter(seen_at=None)


def _symptoms() -> Rows:
    return Check.objects.filter(positive=True).select_related("contact__person__identity")


SYMPTOM_CHECKS = ListSpec(
    name="symptoms",
    title=Text("有症状的观察人员", "People under watch with symptoms"),
    action="contacts.view",
    rows=_symptoms,
    columns=(
        OF_NUMBER, OF_NAME,
        Column("at", Text("询问", "Asked"), kind="datetime", sort="at"),
        Column("temperature", Text("体温 ℃", "°C"), value=lambda r: r.temperature and f"{r.temperature}"),
        Column("symptoms", Text("症状", "Symptoms"), value=lambda r: join([SYMPTOMS.get(s, same(s)) for s in r.symptoms]) if r.symptoms else None),
        Column("seen_at", Text("处理", "Acted on"), kind="datetime"),
    ),
    filters=(_flag("open", "未处理", "not acted on", lambda rows: rows.filter(seen_at=None)),),
    order=("-at",), row_url=of_contact_url, find=_find_of, personal=True,
)  # fmt: skip


def suspicions() -> Rows:
    """Give suspected duplicates of which neither side was merged away."""
    return Suspicion.objects.filter(
        Q(state="merged") | Q(first__merged_into=None, second__merged_into=None)
    ).select_related("first__identity", "second__identity")


def _suspicion_state(row: Suspicion) -> Badge:
    tones: dict[str, Any] = {
        "open": "warn",
        "proposed": "info",
        "merged": "good",
        "apart": "neutral",
    }
    return Badge(SUSPICION_NAMES[row.state], tones[row.state])


SUSPICIONS = ListSpec(
    name="suspicions",
    title=Text("疑似重复", "Suspected duplicates"),
    action="cases.merge",
    rows=suspicions,
    columns=(
        Column("score", Text("同一人的概率", "Probability"), value=lambda r: f"{r.score:.0%}", sort="score"),
        Column("first", Text("较早记录", "Older record"), value=lambda r: name_of(r.first) or (r.first_id and _number_of(r.first))),
        Column("second", Text("较新记录", "Newer record"), value=lambda r: name_of(r.second) or _number_of(r.second)),
        Column("reasons", Text("理由", "Reasons"), value=lambda r: join([Text(**x) for x in r.reasons])),
        Column("state", Text("状态", "State"), kind="badge", badge=_suspicion_state),
        Column("found_at", Text("发现", "Found"), kind="datetime", sort="found_at"),
    ),
    filters=(
        Filter("state", Text("状态", "State"), choices=_choices(SUSPICION_NAMES)),
        _flag("open", "未处理", "not settled", lambda rows: rows.filter(state__in=("open", "proposed"))),
    ),
    order=("-score",), row_url=lambda r: reverse("cases:suspicion", args=[r.pk]), personal=True,
)  # fmt: skip


def _number_of(person: Any) -> str:
    return person.pseudonym if person else ""


MERGES = ListSpec(
    name="merges",
    title=Text("合并记录", "Merges"),
    action="cases.merge",
    rows=lambda: Merge.objects.defer("rows"),
    columns=(
        Column("pseudonym", Text("合并号", "Merge")),
        Column("kind", Text("对象", "Of"), value=lambda r: Text("人员", "persons") if r.kind == "person" else Text("病例", "cases")),
        Column("keeper", Text("保留", "Kept")),
        Column("merged", Text("并入", "Merged into it")),
        Column("at", Text("时间", "When"), kind="datetime", sort="at"),
        Column("undone_at", Text("撤销", "Undone"), kind="datetime"),
    ),
    filters=(Filter("kind", Text("对象", "Of"), choices=(("person", Text("人员", "persons")), ("case", Text("病例", "cases")))),),
    row_url=lambda r: reverse("cases:merge", args=[r.pseudonym]), personal=True,
    find=lambda rows, typed: rows.filter(Q(keeper=as_pseudonym(typed)) | Q(merged=as_pseudonym(typed)) | Q(pseudonym=as_pseudonym(typed))),
)  # fmt: skip

CLUSTERS = ListSpec(
    name="clusters",
    title=Text("聚集性疫情", "Clusters"),
    action="cases.view",
    rows=lambda: Cluster.objects.select_related("venue"),
    columns=(
        Column("pseudonym", Text("编号", "Number")),
        Column("where", Text("场所", "Where"), value=lambda r: r.venue.name if r.venue else Text("住户 {code}", "household {code}").fill(code=r.household_code)),
        Column("cases", Text("病例数", "Cases"), value=lambda r: len(r.cases), kind="count"),
        Column("first_on", Text("最早发病", "First onset"), kind="date", sort="first_on"),
        Column("last_on", Text("最近发病", "Last onset"), kind="date", sort="last_on"),
        Column("looked_at", Text("已核查", "Looked at"), kind="datetime"),
    ),
    filters=(_flag("new", "未核查", "not looked at", lambda rows: rows.filter(looked_at=None)),),
    order=("-last_on",), row_url=lambda r: reverse("cases:cluster", args=[r.pseudonym]), personal=True,
)  # fmt: skip

VENUES = ListSpec(
    name="venues",
    title=Text("场所", "Venues"),
    action="contacts.view",
    rows=lambda: Venue.objects.select_related("place").annotate(times=Count("exposures")),
    columns=(
        Column("pseudonym", Text("编号", "Number"), sort="pk"),
        Column("name", Text("名称", "Name")),
        Column("kind", Text("类别", "Kind"), value=lambda r: VENUE_NAMES[r.kind], sort="kind"),
        Column("place", Text("地区", "Place"), value=lambda r: r.place.name),
        Column("times", Text("病例到过次数", "Visits of cases"), kind="count", sort="times"),
    ),
    filters=(
        Filter("kind", Text("类别", "Kind"), choices=_choices(VENUE_NAMES)),
        Filter("path", Text("地区", "Place"), kind="place"),
    ),
    row_url=lambda r: reverse("cases:venue", args=[r.pseudonym]),
    find=lambda rows, typed: rows.filter(Q(search__contains=query_key(typed)) | Q(pseudonym=as_pseudonym(typed))),
    new=(Text("登记场所", "Enter a venue"), "cases:new_venue", "cases.investigate"),
)  # fmt: skip

STAYS = ListSpec(
    name="quarantines",
    title=Text("隔离中", "Under quarantine"),
    action="contacts.view",
    rows=lambda: Quarantine.objects.filter(ended_at=None).select_related("contact__person__identity", "site"),
    columns=(
        OF_NUMBER, OF_NAME,
        Column("kind", Text("方式", "Kind"), value=lambda r: KIND_NAMES[r.kind], sort="kind"),
        Column("site", Text("隔离点", "Site"), value=lambda r: r.site and r.site.name),
        Column("room", Text("房间", "Room")),
        Column("starts_at", Text("开始", "Since"), kind="datetime", sort="starts_at"),
        DUE,
    ),
    filters=(
        Filter("kind", Text("方式", "Kind"), choices=_choices(KIND_NAMES)),
        Filter("site", Text("隔离点编码", "Site code"), kind="text", apply=lambda rows, v: rows.filter(site__code=v)),
        Filter("responsible_path", Text("责任地区", "Responsible"), kind="place"),
        Filter("release_due", Text("应解除日期", "Release due"), kind="dates"),
    ),
    order=("release_due",), row_url=of_contact_url, find=_find_of, personal=True,
)  # fmt: skip

TOMBSTONES = ListSpec(
    name="tombstones",
    title=Text("已删除记录", "Deleted records"),
    action="persons.erase",
    rows=lambda: Tombstone.objects.all(),
    columns=(
        Column("pseudonym", Text("编号", "Number")),
        Column("kind", Text("种类", "Kind"), value=lambda r: STONE_KINDS.get(r.kind, same(r.kind)), sort="kind"),
        Column("rows", Text("删除行数", "Rows deleted"), value=lambda r: sum(r.deleted.values()), kind="count"),
        Column("basis", Text("依据", "Basis"), value=lambda r: STONE_BASES.get(r.basis, same(r.basis))),
        Column("deleted_at", Text("时间", "When"), kind="datetime", sort="deleted_at"),
    ),
    order=("-deleted_at",), find=lambda rows, typed: rows.filter(pseudonym=as_pseudonym(typed)),
)  # fmt: skip

LISTS = (
    CONTACTS, ARRIVALS, STAYS, APPEALS, NEEDS, SYMPTOM_CHECKS, SUSPICIONS, MERGES, CLUSTERS, VENUES, TOMBSTONES,
)  # fmt: skip


def register_lists() -> None:
    """Make the lists known to the desk."""
    for spec in LISTS:
        register_list(spec)
