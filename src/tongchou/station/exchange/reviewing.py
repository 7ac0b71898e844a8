"""Rows in doubt are settled by a person: a new record, the same record, or not wanted."""

from collections.abc import Iterable

from django.utils import timezone

from tongchou.situation.files.limits import Unreadable
from tongchou.station.access.context import actor
from tongchou.station.access.managers import require, require_any
from tongchou.station.audit.record import record
from tongchou.station.exchange.limits import limit
from tongchou.station.exchange.models import Decision, Import, ImportRow, ImportState, RowState
from tongchou.station.exchange.registry import importable as kind_of
from tongchou.station.exchange.running import finish, take
from tongchou.vocabulary.text import Text


def decide(
    made: Import, numbers: Iterable[int], decision: Decision, *, target: str = ""
) -> tuple[int, bool]:
    """Settle rows that wait for review; give how many, and whether a job must go on with them.

    Parameters
    ----------
    numbers
        The rows. Those that no longer wait are passed over: somebody else was quicker.
    decision
        ``add``, ``update`` or ``leave``.
    target
        The record that a row belongs to, for ``update``; the best finding of each row where not
        given. It must be among the findings.
    """
    require("exchange.import", made)
    require_any(kind_of(made.importable).action)
    made = Import.objects.select_for_update().get(pk=made.pk)
    rows = list(
        made.rows.select_for_update()
        .filter(number__in=set(numbers), state=RowState.REVIEW)
        .order_by("number")
    )
    if not rows:
        return 0, False
    post = actor().post_id
    for row in rows:
        row.decision, row.decided_by_id, row.decided_at = decision, post, timezone.now()
        row.target = _target(row, target) if decision == Decision.UPDATE else ""
        row.state = RowState.WAITING
    ImportRow.objects.bulk_update(rows, ["decision", "decided_by", "decided_at", "target", "state"])
    made.review -= len(rows)
    made.waiting += len(rows)
    made.save(update_fields=["review", "waiting"])
    record(
        "exchange.import.decide",
        made,
        decision=str(decision),
        rows=[r.number for r in rows][:50],
        count=len(rows),
    )
    return len(rows), go_on(made, len(rows))


def go_on(made: Import, many: int) -> bool:
    """Take rows that wait again at once where they are few; else say that a job must."""
    if made.state == ImportState.RUNNING:
        return True
    if many > limit("inline_rows"):
        made.state = ImportState.RUNNING
        made.progressed_at = timezone.now()
        made.save(update_fields=["state", "progressed_at"])
        return True
    while left := list(made.rows.filter(state=RowState.WAITING).order_by("number")[:many]):
        take(made, left)
    finish(made)
    return False


def _target(row: ImportRow, wanted: str) -> str:
    targets = [str(f["target"]) for f in row.findings if f["target"]]
    if wanted and wanted not in targets:
        raise Unreadable("target", _NOT_FOUND)
    if not targets:
        raise Unreadable("target", _NONE.fill(row=row.number))
    return wanted or targets[0]


_NOT_FOUND = Text(
    zh="所选记录不在这一行的疑似重复之列。请重新打开审核页再选。",
    en="The record chosen is not among those this row may be. Open the review again and choose.",
)
_NONE = Text(
    zh="第 {row} 行没有可并入的记录，只能作为新记录或不导入。",
    en="Row {row} names no record that it may be; take it as new or leave it out.",
)
