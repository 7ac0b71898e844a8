"""What the exchange brings to the desk: the list of imports, what waits in the inbox, the navigation."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from tongchou.station.desk.lists import Badge, Column, Filter, ListSpec, Tone, register_list
from tongchou.station.desk.registry import (
    InboxSource,
    NavItem,
    register_inbox,
    register_nav,
)
from tongchou.station.exchange.models import Import, ImportState
from tongchou.station.exchange.models.imports import STATE_NAMES
from tongchou.station.exchange.registry import importables
from tongchou.vocabulary.text import Text

TONES: dict[str, Tone] = {
    "done": "good",
    "stopped": "bad",
    "review": "warn",
    "faulty": "warn",
    "running": "info",
}
EXCHANGE = Text(zh="数据交换", en="Exchange")


def _imports() -> QuerySet[Any]:
    return Import.objects.select_related("by__user")


def _kind(made: Import) -> Text | str:
    kind = importables().get(made.importable)
    return kind.title if kind else made.importable


IMPORTS = ListSpec(
    name="imports",
    title=Text(zh="导入", en="Imports"),
    action="exchange.import",
    rows=_imports,
    columns=(
        Column("file_name", Text(zh="文件", en="File"), sort="file_name"),
        Column("importable", Text(zh="种类", en="Kind"), value=_kind),
        Column(
            "state", Text(zh="状态", en="State"), kind="badge", value=lambda m: STATE_NAMES[m.state],
            badge=lambda m: Badge(STATE_NAMES[m.state], TONES.get(m.state, "neutral")), sort="state",
        ),
        Column("created_at", Text(zh="上传时间", en="Brought at"), kind="datetime", sort="created_at"),
        Column("by", Text(zh="上传者", en="Brought by"), value=lambda m: str(m.by.user)),
        Column("total", Text(zh="行数", en="Rows"), kind="count", sort="total"),
        Column("added", Text(zh="新增", en="Added"), kind="count", sort="added"),
        Column("updated", Text(zh="已更新", en="Updated"), kind="count", sort="updated"),
        Column("unchanged", Text(zh="未变", en="Unchanged"), kind="count", sort="unchanged"),
        Column("review", Text(zh="待审核", en="For review"), kind="count", sort="review"),
        Column("faulty", Text(zh="有错误", en="Faulty"), kind="count", sort="faulty"),
        Column("digest", Text(zh="文件校验值", en="File digest"), value=lambda m: m.digest[:12]),
    ),
    filters=(
        Filter(
            "state", Text(zh="状态", en="State"),
            choices=[(s.value, STATE_NAMES[s.value]) for s in ImportState],
        ),
        Filter(
            "importable", Text(zh="种类", en="Kind"),
            choices=lambda: [(k.name, k.title) for k in importables().values()],
        ),
        Filter("created_at", Text(zh="上传时间", en="Brought at"), kind="dates",
               apply=lambda rows, v: _between(rows, v)),
    ),
    row_url=lambda made: reverse("exchange:import", args=[made.pk]),
    find=lambda rows, typed: rows.filter(file_name__icontains=typed),
    new=(Text(zh="导入文件", en="Import a file"), "exchange:import_new", "exchange.import"),
)  # fmt: skip


def _between(rows: QuerySet[Any], value: Any) -> QuerySet[Any]:
    first, last = value
    if first:
        rows = rows.filter(created_at__date__gte=first)
    return rows.filter(created_at__date__lte=last) if last else rows


def _waiting(state: str) -> QuerySet[Any]:
    return _imports().filter(state=state)


def register() -> None:
    """Register everything; called once when the station starts."""
    register_list(IMPORTS)
    for state, label in (
        ("review", Text(zh="导入：待审核的文件", en="Imports to review")),
        ("faulty", Text(zh="导入：有错误行待更正", en="Imports with rows to correct")),
        ("stopped", Text(zh="导入：已停止", en="Imports that stopped")),
    ):
        register_inbox(
            InboxSource(
                name=f"imports-{state}",
                section="late" if state == "stopped" else "do",
                label=label,
                action="exchange.import",
                rows=lambda state=state: _waiting(state),
                url=lambda state=state: f"{reverse('exchange:imports')}?state={state}",
                clock="created_at",
            )
        )
    for label, name, action, order in (
        (Text(zh="导入", en="Imports"), "exchange:imports", "exchange.import", 400),
        (Text(zh="导出记录", en="Export records"), "exchange:tables", "exchange.export", 410),
    ):
        register_nav(
            NavItem(label=label, url_name=name, action=action, group=EXCHANGE, order=order)
        )
