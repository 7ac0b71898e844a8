"""What contacts, quarantine and duplicates bring to the desk: inbox entries, search, navigation."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from tongchou.station.audit.record import record
from tongchou.station.cases import contact_lists as lists
from tongchou.station.cases.case_desk import GROUP as CASES
from tongchou.station.cases.models import Appeal, Cluster, Need
from tongchou.station.cases.models.contact import STATE_NAMES
from tongchou.station.cases.services.contacts import name_of
from tongchou.station.desk.registry import (
    Hit,
    InboxSource,
    NavItem,
    SearchSource,
    register_inbox,
    register_nav,
    register_search,
)
from tongchou.vocabulary.text import Text

Rows: TypeAlias = QuerySet[Any]
GROUP = Text("密接与隔离", "Contacts and quarantine")
CHECKING = Text("核对与删除", "Duplicates and deletion")
MOST_HITS = 8


def _source(
    name: str, section: Any, label: Text, action: str, rows: Callable[[], Rows], page: str, query: str, clock: str | None
) -> InboxSource:  # fmt: skip
    return InboxSource(
        name=name, section=section, label=label, action=action, rows=rows, clock=clock,
        url=lambda: reverse(f"cases:{page}") + (f"?{query}" if query else ""),
    )  # fmt: skip


SOURCES = (
    _source("ask_today", "do", Text("今日待询问", "People to ask today"), "checks.record",
            lambda: lists.unasked(lists.contacts()), "round", "", None),
    _source("missed_checks", "late", Text("昨日漏询问", "Missed yesterday"), "checks.record",
            lambda: lists.missed(lists.contacts()), "contacts", "missed=1", None),
    _source("unplaced", "do", Text("密接待安置", "Contacts to place"), "contacts.manage",
            lambda: lists.not_placed(lists.contacts(), late=False), "contacts", "fresh=1", "named_at"),
    _source("unplaced_late", "late", Text("超 24 小时未安置", "Not placed after 24 h"), "contacts.manage",
            lambda: lists.not_placed(lists.contacts(), late=True), "contacts", "late=1", "named_at"),
    _source("due_today", "do", Text("今日应解除", "Released today"), "contacts.manage",
            lambda: lists.due(lists.contacts()), "contacts", "due=1", "release_due"),
    _source("symptoms", "new", Text("观察人员出现症状", "Symptoms under watch"), "contacts.manage",
            lists.unseen, "symptoms", "open=1", "at"),
    _source("appeals_open", "do", Text("申诉待答复", "Appeals to answer"), "contacts.manage",
            lambda: Appeal.objects.filter(answered_at=None, due_on__gte=timezone.localdate()), "appeals", "timely=1", "due_on"),
    _source("appeals_late", "late", Text("申诉逾期未答复", "Appeals overdue"), "contacts.manage",
            lambda: lists.overdue_appeals(Appeal.objects.all()), "appeals", "overdue=1", "due_on"),
    _source("needs_open", "do", Text("生活需求待办", "Needs to meet"), "checks.record",
            lambda: Need.objects.filter(done_at=None, due_at__gte=timezone.now()), "needs", "timely=1", "due_at"),
    _source("needs_late", "late", Text("生活需求逾期", "Needs overdue"), "checks.record",
            lambda: lists.overdue_needs(Need.objects.all()), "needs", "overdue=1", "due_at"),
    _source("suspicions", "do", Text("疑似重复待核", "Suspected duplicates"), "cases.merge",
            lambda: lists.suspicions().filter(state__in=("open", "proposed")), "suspicions", "open=1", "found_at"),
    _source("clusters_new", "new", Text("新聚集性疫情", "New clusters"), "cases.investigate",
            lambda: Cluster.objects.filter(looked_at=None), "clusters", "new=1", "found_at"),
)  # fmt: skip

NAVIGATION = (
    NavItem(label=Text("今日入户", "Today's round"), url_name="cases:round", action="checks.record", group=GROUP, order=200),
    NavItem(label=Text("密接与到达", "Contacts"), url_name="cases:contacts", action="contacts.view", group=GROUP, order=201),
    NavItem(label=Text("到达观察", "Arrivals"), url_name="cases:arrivals", action="contacts.view", group=GROUP, order=202),
    NavItem(label=Text("隔离中", "Under quarantine"), url_name="cases:quarantines", action="contacts.view", group=GROUP, order=203),
    NavItem(label=Text("隔离点", "Quarantine sites"), url_name="cases:sites", action="contacts.manage", group=GROUP, order=204),
    NavItem(label=Text("症状", "Symptoms"), url_name="cases:symptoms", action="contacts.view", group=GROUP, order=205),
    NavItem(label=Text("生活需求", "Needs"), url_name="cases:needs", action="contacts.view", group=GROUP, order=206),
    NavItem(label=Text("申诉", "Appeals"), url_name="cases:appeals", action="contacts.view", group=GROUP, order=207),
    NavItem(label=Text("场所", "Venues"), url_name="cases:venues", action="contacts.view", group=CASES, order=110),
    NavItem(label=Text("聚集性疫情", "Clusters"), url_name="cases:clusters", action="cases.investigate", group=CASES, order=111),
    NavItem(label=Text("疑似重复", "Duplicates"), url_name="cases:suspicions", action="cases.merge", group=CHECKING, order=220),
    NavItem(label=Text("合并记录", "Merges"), url_name="cases:merges", action="cases.merge", group=CHECKING, order=221),
    NavItem(label=Text("已删除记录", "Deleted records"), url_name="cases:tombstones", action="persons.erase", group=CHECKING, order=222),
)  # fmt: skip


def find_contacts(typed: str) -> Sequence[Hit]:
    """Find contacts by number, and by name, telephone or document where identities may be seen."""
    rows = list(lists.find(lists.contacts(), typed)[:MOST_HITS])
    if rows:
        record("contacts.view", "search", rows=len(rows), numbers=[r.pseudonym for r in rows])
    return [
        Hit(
            title=Text("{number} {name}", "{number} {name}").fill(
                number=r.pseudonym, name=name_of(r.person)
            ),
            note=Text("{state} · {place} · 应解除 {due}", "{state} · {place} · release due {due}").fill(
                state=STATE_NAMES[r.state], place=r.responsible.name, due=r.release_due
            ),
            url=lists.contact_url(r),
        )
        for r in rows
    ]  # fmt: skip


def find_venues(typed: str) -> Sequence[Hit]:
    """Find venues by name, pinyin or number."""
    spec = lists.VENUES
    rows = spec.find(spec.rows(), typed)[:MOST_HITS] if spec.find else []
    return [
        Hit(title=v.name, note=lists.VENUE_NAMES[v.kind], url=reverse("cases:venue", args=[v.pseudonym]))
        for v in rows
    ]  # fmt: skip


SEARCHES = (
    SearchSource(name="contacts", label=Text("密切接触者与到达人员", "Contacts and arrivals"), action="contacts.view", find=find_contacts),
    SearchSource(name="venues", label=Text("场所", "Venues"), action="contacts.view", find=find_venues),
)  # fmt: skip


def register_contacts() -> None:
    """Register everything of this half of the room."""
    lists.register_lists()
    for source in SOURCES:
        register_inbox(source)
    for item in NAVIGATION:
        register_nav(item)
    for search in SEARCHES:
        register_search(search)
