"""What the ledger of work brings to the desk: lists, inbox entries, bulk moves, search."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from tongchou.station.access.context import actor
from tongchou.station.access.managers import Refused
from tongchou.station.desk.lists import (
    Badge,
    BulkAction,
    Column,
    Filter,
    ListSpec,
    register_list,
)
from tongchou.station.desk.registry import (
    Hit,
    InboxSource,
    SearchSource,
    Section,
    register_inbox,
    register_search,
)
from tongchou.station.incident.errors import NotPossible
from tongchou.station.incident.models import Directive, Task
from tongchou.station.incident.models.directive import DIRECTIVE_STATES
from tongchou.station.incident.models.ledger import ORIGIN_NAMES
from tongchou.station.incident.rules import ledger
from tongchou.station.incident.rules.ledger import State
from tongchou.station.incident.rules.tables import mechanism_name, mechanisms
from tongchou.station.incident.services.ledger import move
from tongchou.station.incident.views.ledger import badge_of
from tongchou.vocabulary.text import Text

Rows = Any


def all_work() -> Rows:
    """Give the work within reach."""
    return Task.objects.select_related("place", "unit", "from_place")


def owned(rows: Rows) -> Rows:
    """Give the work that the present post owns: its unit's, or its place's without that of units."""
    who = actor()
    if who.may.get("incident.receipt") == "unit":
        return rows.filter(unit_id=who.unit_id)
    return rows.filter(path=who.path, unit__isnull=True)


def issued(rows: Rows) -> Rows:
    """Give the work that the present post's place has handed out."""
    return rows.filter(from_path=actor().path)


def held(rows: Rows) -> Rows:
    """Give the work that was raised to the present post's place."""
    here = actor().path
    return rows.filter(held_path=here, state__in=ledger.OPEN).exclude(path=here)


def late(rows: Rows) -> Rows:
    """Give the work that is open past its due time."""
    return rows.filter(state__in=ledger.OPEN, due__lt=timezone.now())


WAITS: dict[str, tuple[Callable[[Rows], Rows], Text]] = {
    "accept": (
        lambda r: owned(r).filter(state=State.NEW),
        Text(zh="待我签收", en="mine to accept"),
    ),
    "do": (
        lambda r: owned(r).filter(state__in=(State.ACCEPTED, State.DOING)),
        Text(zh="待我办理", en="mine to do"),
    ),
    "late": (lambda r: late(owned(r)), Text(zh="我已逾期", en="mine and late")),
    "held": (held, Text(zh="上报到本级", en="raised to this level")),
    "verify": (
        lambda r: issued(r).filter(state=State.DONE),
        Text(zh="待我核实", en="mine to verify"),
    ),
    "refused": (
        lambda r: issued(r).filter(state=State.REFUSED),
        Text(zh="被退回", en="refused, back with us"),
    ),
    "late_below": (
        lambda r: late(issued(r)).exclude(path=actor().path),
        Text(zh="下级逾期", en="late below"),
    ),
}
"""What work waits for, by the present post."""

INBOX: tuple[tuple[str, Section, str, Text, str], ...] = (
    ("accept", "new", "incident.receipt", Text(zh="任务与指令待签收", en="Tasks and directives to accept"), "made_at"),
    ("do", "do", "incident.receipt", Text(zh="任务与指令待办理", en="Tasks and directives under way"), "due"),
    ("late", "late", "incident.receipt", Text(zh="任务与指令已逾期", en="Tasks and directives past due"), "due"),
    ("held", "do", "incident.receipt", Text(zh="上报到本级、待解决或督办", en="Raised to this level, to unblock or urge"), "raised_at"),
    ("verify", "do", "incident.plan", Text(zh="办结待核实", en="Reported done, to verify"), "done_at"),
    ("refused", "new", "incident.plan", Text(zh="下级退回、待处理", en="Refused below, to settle"), "made_at"),
    ("late_below", "late", "incident.plan", Text(zh="下级逾期未办结", en="Past due below"), "due"),
)  # fmt: skip


def bulk(name: str) -> Callable[[Rows, HttpRequest], Text]:
    """Give a bulk action that makes one move on each row that allows it, and says of how many."""

    def run(rows: Rows, request: HttpRequest) -> Text:
        done = left = 0
        for task in rows:
            try:
                with transaction.atomic():
                    move(task, name)
                done += 1
            except (NotPossible, Refused):
                left += 1
        said = Text(
            zh="“{move}”{n} 项；{m} 项不能这样做，保持原状。",
            en="“{move}”: {n} done; {m} could not be moved this way and stay as they were.",
        )
        return said.fill(move=ledger.MOVES[name].label, n=done, m=left)

    return run


def find_text(rows: Rows, typed: str) -> Rows:
    """Narrow rows with words to those that hold what was typed."""
    return rows.filter(Q(text_zh__icontains=typed) | Q(text_en__icontains=typed))


def find_work(rows: Rows, typed: str) -> Rows:
    """Narrow work by number, words, owner."""
    return rows.filter(
        Q(number__istartswith=typed)
        | Q(text_zh__icontains=typed)
        | Q(text_en__icontains=typed)
        | Q(owner__icontains=typed)
    )


def mechanism_filter(key: str = "mechanisms") -> Filter:
    """Give a filter by mechanism, for a field that holds several."""
    return Filter(
        key,
        Text(zh="机制", en="Mechanism"),
        choices=lambda: [(m, Text(zh=f"{m} {mechanism_name(m).zh}", en=f"{m} {mechanism_name(m).en}")) for m in mechanisms()],
        apply=lambda rows, value: rows.filter(**{f"{key}__contains": value}),
    )  # fmt: skip


def _tasks() -> ListSpec:
    return ListSpec(
        name="tasks",
        title=Text(zh="任务与回执", en="Tasks and receipts"),
        action="incident.view",
        rows=all_work,
        columns=(
            Column("state", Text(zh="状态", en="State"), kind="badge", badge=badge_of, sort="state"),
            Column("text", Text(zh="内容", en="What"), lambda t: t.text),
            Column("addressee", Text(zh="承办", en="With"), lambda t: t.addressee, sort="path"),
            Column("from_place", Text(zh="下达", en="From"), lambda t: t.from_place.name, sort="from_path"),
            Column("origin", Text(zh="来源", en="Kind"), lambda t: t.origin_name, sort="origin"),
            Column("number", Text(zh="编号", en="Number"), sort="number"),
            Column("owner", Text(zh="责任", en="Owner")),
            Column("due", Text(zh="时限", en="Due"), kind="datetime", sort="due"),
        ),
        filters=(
            Filter(
                "waits",
                Text(zh="等待", en="Waits"),
                choices=[(k, t) for k, (_, t) in WAITS.items()],
                apply=lambda rows, kind: WAITS[kind][0](rows),
            ),
            Filter("origin", Text(zh="来源", en="Kind"), choices=list(ORIGIN_NAMES.items())),
            Filter("state", Text(zh="状态", en="State"), choices=list(ledger.STATE_NAMES.items())),
            Filter("late", Text(zh="只看逾期", en="Late only"), kind="flag", apply=lambda rows, _: late(rows)),
            Filter(
                "raised",
                Text(zh="只看已上报", en="Raised only"),
                kind="flag",
                apply=lambda rows, _: rows.exclude(held_path=F("path")),
            ),
            Filter("path", Text(zh="承办地区", en="Place"), kind="place"),
            mechanism_filter(),
            Filter("due__date", Text(zh="时限", en="Due"), kind="dates"),
        ),
        bulk=(
            BulkAction("accept", Text(zh="签收", en="Accept"), "incident.receipt", bulk("accept")),
            BulkAction("start", Text(zh="开始办理", en="Start"), "incident.receipt", bulk("start")),
            BulkAction("verify", Text(zh="核实办结", en="Verify"), "incident.plan", bulk("verify")),
        ),
        order=("due",),
        row_url=lambda t: reverse("incident:task", args=[t.pk]),
        find=find_work,
    )  # fmt: skip


def _directives() -> ListSpec:
    return ListSpec(
        name="directives",
        title=Text(zh="指令", en="Directives"),
        action="incident.view",
        rows=lambda: Directive.objects.select_related("place"),
        columns=(
            Column("number", Text(zh="编号", en="Number"), sort="number"),
            Column("state", Text(zh="状态", en="State"), kind="badge", badge=lambda d: Badge(d.state_name, d.tone), sort="state"),
            Column("text", Text(zh="内容", en="What"), lambda d: d.text),
            Column("place", Text(zh="下达地区", en="Issued by"), lambda d: d.place.name, sort="path"),
            Column("owner", Text(zh="责任", en="Owner")),
            Column("sent_at", Text(zh="下达时间", en="Sent"), kind="datetime", sort="sent_at"),
            Column("due", Text(zh="时限", en="Due"), kind="datetime", sort="due"),
            Column("expires", Text(zh="失效", en="Expires"), kind="datetime", sort="expires"),
        ),
        filters=(
            Filter("state", Text(zh="状态", en="State"), choices=list(DIRECTIVE_STATES.items())),
            Filter("path", Text(zh="下达地区", en="Place"), kind="place"),
            mechanism_filter(),
            Filter("due__date", Text(zh="时限", en="Due"), kind="dates"),
        ),
        order=("-id",),
        row_url=lambda d: reverse("incident:directive", args=[d.pk]),
        find=lambda rows, typed: rows.filter(Q(number__istartswith=typed) | Q(text_zh__icontains=typed) | Q(text_en__icontains=typed)),
        new=(Text(zh="新指令", en="New directive"), "incident:directive_new", "incident.direct"),
    )  # fmt: skip


def _search(typed: str) -> Sequence[Hit]:
    work = find_work(all_work(), typed).order_by("-made_at")[:10]
    orders = find_text(Directive.objects.select_related("place"), typed) | Directive.objects.filter(
        number__istartswith=typed
    )
    return [
        *(
            Hit(
                t.text,
                Text(zh="{kind}·{state}·{where}", en="{kind}, {state}, {where}").fill(
                    kind=t.origin_name, state=t.state_name, where=t.addressee
                ),
                reverse("incident:task", args=[t.pk]),
            )
            for t in work
        ),
        *(
            Hit(
                d.text,
                Text(zh="指令 {n}·{state}", en="directive {n}, {state}").fill(
                    n=d.number, state=d.state_name
                ),
                reverse("incident:directive", args=[d.pk]),
            )
            for d in orders.order_by("-id")[:10]
        ),
    ]


def register() -> None:
    """Make lists, inbox entries and search known."""
    register_list(_tasks())
    register_list(_directives())
    for key, section, action, label, clock in INBOX:
        register_inbox(
            InboxSource(
                name=f"work_{key}",
                section=section,
                label=label,
                action=action,
                rows=lambda key=key: WAITS[key][0](all_work()),
                url=lambda key=key: f"{reverse('incident:tasks')}?waits={key}",
                clock=clock,
            )
        )
    register_search(
        SearchSource(
            name="work",
            label=Text(zh="指令、任务与整改", en="Directives, tasks, corrective actions"),
            action="incident.view",
            find=_search,
        )
    )
