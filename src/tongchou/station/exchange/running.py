"""The rows of an import go in, a chunk at a time: each chunk and its progress are one transaction.

Whatever stops it - a killed process, a lost database - leaves whole chunks behind; whoever goes on
begins at the next row. Two workers on one import wait for each other at its row.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from tongchou.station.access.context import acting, current, system
from tongchou.station.access.managers import require
from tongchou.station.access.policy import Actor
from tongchou.station.accounts.actors import actor_of
from tongchou.station.accounts.models import Post
from tongchou.station.audit.record import record
from tongchou.station.exchange.converting import ReadRow, read_row
from tongchou.station.exchange.importable import ChangedRow, Finding, Importable, NewRow, Outcome
from tongchou.station.exchange.limits import limit
from tongchou.station.exchange.models import Import, ImportRow, ImportState, Known, RowState
from tongchou.station.exchange.receiving import reader_of
from tongchou.station.exchange.registry import importable as kind_of
from tongchou.station.exchange.taking import Before, Plan, marks, plan, shown_changes
from tongchou.vocabulary.errors import Fault, TongchouError
from tongchou.vocabulary.text import Text


def run(number: int) -> None:
    """Take all rows of an import that still wait."""
    while advance(number):
        pass


def advance(number: int) -> bool:
    """Take the next chunk of an import, as the post that brought it; say whether any may be left."""
    who = _whose(number)
    if who is None:
        return False
    with acting(who):
        made = Import.objects.select_for_update().filter(pk=number).first()
        if made is None or made.state != ImportState.RUNNING:
            return False
        rows = list(
            made.rows.filter(state=RowState.WAITING).order_by("number")[: limit("chunk_rows")]
        )
        if rows:
            take(made, rows)
            return True
        finish(made)
        return False


def _whose(number: int) -> Actor | None:
    """Give the actor of an import; it stops where its post has ended or may no longer import."""
    with system("import"):
        made = Import.objects.filter(pk=number).first()
        if made is None:
            return None
        post = (
            Post.objects.in_force()
            .select_related("user", "place", "unit")
            .filter(pk=made.by_id, user__is_active=True)
            .first()
        )
        who = actor_of(post, channel="job") if post else None
        if who is None or not {"exchange.import", kind_of(made.importable).action} <= set(who.may):
            stop(made, _NO_POST)
            return None
        return who


def stop(made: Import, why: Text) -> None:
    """Stop an import and say why; what is in stays in."""
    made.state, made.why_zh, made.why_en = ImportState.STOPPED, why.zh, why.en
    made.save(update_fields=["state", "why_zh", "why_en"])


def restart(made: Import) -> None:
    """Let a stopped import go on at its next row."""
    require("exchange.import", made)
    if made.state != ImportState.STOPPED:
        return
    made.state, made.why_zh, made.why_en = ImportState.RUNNING, "", ""
    made.progressed_at = timezone.now()
    made.save(update_fields=["state", "why_zh", "why_en", "progressed_at"])
    record("exchange.import.go_on", made, waiting=made.waiting)


def finish(made: Import) -> None:
    """End an import, or leave it to those who review and correct."""
    made.state = (
        ImportState.REVIEW
        if made.review
        else ImportState.FAULTY
        if made.faulty
        else ImportState.DONE
    )
    made.finished_at = timezone.now()
    made.save(update_fields=["state", "finished_at"])
    record(
        "exchange.import.end",
        made,
        **{s.value: getattr(made, s.value) for s in RowState if s != RowState.WAITING},
    )


def take(made: Import, rows: Sequence[ImportRow]) -> None:
    """Take rows: read, plan, write, and note what became of each."""
    importable = kind_of(made.importable)
    reader = reader_of(made)
    read = [read_row(r.number, r.cells, reader) for r in rows]
    planned, known = _planned(made, importable, rows, read)
    chunk = _Chunk(made, importable, {r.number: r for r in rows}, known)
    chunk.settle(planned)
    chunk.write()


def _planned(
    made: Import, importable: Importable, rows: Sequence[ImportRow], read: Sequence[ReadRow]
) -> tuple[Plan, dict[int, Any]]:
    mark = {r.number: marks(importable, r.values) for r in read if not r.faults}
    known = {
        k.key: (k.said, k.target)
        for k in Known.objects.filter(
            importable=importable.name, key__in={m.key for m in mark.values()}
        )
    }
    decided = {r.number: (r.decision, r.target) for r in rows if r.decision}
    number = importable.record_field
    targets = {t for _, t in [*known.values(), *decided.values()] if t}
    if number:
        targets |= {str(r.values[number.key]) for r in read if number.key in r.values}
    held = importable.held(sorted(targets)) if targets else {}
    before = Before(marks=mark, known=known, held=held, decided=decided)
    return plan(importable, read, before), mark


class _Chunk:
    """The rows of one chunk while they are settled."""

    def __init__(
        self,
        made: Import,
        importable: Importable,
        rows: Mapping[int, ImportRow],
        marks: Mapping[int, Any],
    ) -> None:
        self.made, self.importable, self.rows, self.marks = made, importable, rows, marks
        self.known: list[Known] = []

    def settle(self, planned: Plan) -> None:
        """Carry out a plan."""
        for row in planned.faulty:
            self._faulty(row.number, row.faults)
        for row in planned.lost:
            self._faulty(row.number, [_lost(self.made.file_name, row.number)])
        for row, target in planned.unchanged:
            self._done(row.number, RowState.UNCHANGED, target)
        for row, target in planned.left:
            self._done(row.number, RowState.LEFT_OUT, target)
        for row, target, found in planned.doubt:
            self._review(
                row.number,
                [
                    {
                        "kind": "change",
                        "target": target,
                        "label": [target, target],
                        "changes": shown_changes(found, self.importable),
                    }
                ],
            )
        self._update([(r.number, t, f.all_new) for r, t, f in planned.fill])
        self._add(self._unsuspected(planned.new) + planned.sure)

    def _unsuspected(self, rows: Sequence[ReadRow]) -> list[ReadRow]:
        """Send rows that may be duplicates to review, leave those like an earlier row for later; give the others."""
        if not rows:
            return []
        found: dict[int, list[Finding]] = {}
        earlier: dict[int, set[int]] = {}
        for f in self.importable.check([NewRow(number=r.number, values=r.values) for r in rows]):
            if f.earlier is None:
                found.setdefault(f.number, []).append(f)
            else:
                earlier.setdefault(f.number, set()).add(f.earlier)
        for number, several in found.items():
            self._review(number, [_doubt(f) for f in sorted(several, key=lambda f: -f.score)[:5]])
        taken: dict[int, ReadRow] = {}
        for row in rows:
            if row.number not in found and not earlier.get(row.number, set()) & taken.keys():
                taken[row.number] = row
        return list(taken.values())

    def _add(self, rows: Sequence[ReadRow]) -> None:
        new = [NewRow(number=r.number, values=r.values) for r in rows]
        for outcome in _tried(self.importable.save, new):
            self._came(outcome, RowState.ADDED)

    def _update(self, changes: Sequence[tuple[int, str, Mapping[str, Any]]]) -> None:
        rows = [ChangedRow(number=n, target=t, changes=c) for n, t, c in changes]
        for outcome in _tried(self.importable.update, rows):
            self._came(outcome, RowState.UPDATED)

    def _came(self, outcome: Outcome, state: str) -> None:
        if outcome.problem is None:
            self._done(outcome.number, state, outcome.target)
            return
        self._faulty(
            outcome.number,
            [
                Fault(
                    file=self.made.file_name,
                    row=outcome.number,
                    problem=outcome.problem,
                    remedy=outcome.remedy or Text(zh="", en=""),
                )
            ],
        )

    def _done(self, number: int, state: str, target: str) -> None:
        row = self.rows[number]
        row.state, row.target, row.faults, row.findings = state, target, [], []
        mark = self.marks[number]
        self.known.append(
            Known(
                importable=self.importable.name,
                key=mark.key,
                said=mark.said,
                target=target,
                path=self.made.path,
                unit_id=self.made.unit_id,
            )
        )

    def _faulty(self, number: int, faults: Sequence[Fault]) -> None:
        row = self.rows[number]
        row.state, row.findings, row.decision = RowState.FAULTY, [], ""
        row.faults = [
            [f.column or "", f.value or "", f.problem.zh, f.problem.en, f.remedy.zh, f.remedy.en]
            for f in faults
        ]

    def _review(self, number: int, findings: list[dict[str, object]]) -> None:
        row = self.rows[number]
        row.state, row.faults, row.findings = RowState.REVIEW, [], findings

    def write(self) -> None:
        """Write what became of the rows, what is known since, and the progress."""
        ImportRow.objects.bulk_update(
            [r for r in self.rows.values() if r.state != RowState.WAITING],
            ["state", "target", "faults", "findings", "decision"],
        )
        Known.objects.bulk_create(
            {k.key: k for k in self.known}.values(),
            update_conflicts=True,
            unique_fields=["importable", "key", "path", "unit"],
            update_fields=["said", "target"],
        )
        came = Counter(r.state for r in self.rows.values() if r.state != RowState.WAITING)
        for state, many in came.items():
            setattr(self.made, state, getattr(self.made, state) + many)
        self.made.waiting -= came.total()
        self.made.progressed_at = timezone.now()
        self.made.save(
            update_fields=[*(s.value for s in RowState), "progressed_at"],
        )
        numbers = sorted(self.rows)
        record(
            "exchange.import.rows", self.made, first=numbers[0], last=numbers[-1],
            **{str(RowState(s).value): n for s, n in came.items()},
        )  # fmt: skip


def _doubt(f: Finding) -> dict[str, object]:
    return {
        "kind": "duplicate",
        "target": f.target,
        "label": [f.label.zh, f.label.en],
        "score": round(f.score),
        "reason": [f.reason.zh, f.reason.en],
    }


def _tried(call: Callable[[Any], Sequence[Outcome]], rows: Sequence[Any]) -> list[Outcome]:
    """Give rows to a room; where it refuses them together, halve them until the culprit is alone."""
    if not rows:
        return []
    noted = len(current().pending)
    try:
        with transaction.atomic():
            return list(call(rows))
    except (TongchouError, ValidationError, IntegrityError, DataError) as fault:
        del current().pending[noted:]
        if len(rows) == 1:
            return [_refused(rows[0].number, fault)]
        half = len(rows) // 2
        return _tried(call, rows[:half]) + _tried(call, rows[half:])


def _refused(number: int, fault: Exception) -> Outcome:
    if isinstance(fault, TongchouError):
        return Outcome(number=number, problem=fault.text(), remedy=Text(zh="", en=""))
    if isinstance(fault, ValidationError):
        said = "; ".join(fault.messages)
        return Outcome(number=number, problem=Text(zh=said, en=said), remedy=_CORRECT)
    return Outcome(number=number, problem=_DATABASE, remedy=_CORRECT)


def _lost(file: str, number: int) -> Fault:
    return Fault(file=file, row=number, problem=_NO_RECORD, remedy=_NO_RECORD_STEP)


_NO_POST = Text(
    zh="上传者的岗位已结束，或不再有导入权限。请由现任岗位重新上传同一文件：已导入的行不会重复。",
    en="The post that brought the file has ended or may no longer import. Let the present post send the same file again: rows already in are not doubled.",
)
_DATABASE = Text(
    zh="数据库拒绝了这一行：有的值太长或与其他记录冲突。",
    en="The database refused this row: a value is too long or in conflict with another record.",
)
_CORRECT = Text(zh="请更正后随错误文件送回。", en="Correct it and send the error file back.")
_NO_RECORD = Text(
    zh="找不到这个记录编号，或不在您的职责范围内。",
    en="No record has this number, or it is not within your duties.",
)
_NO_RECORD_STEP = Text(
    zh="请核对编号；若是新记录，请把编号留空。",
    en="Check the number; leave it blank if the record is new.",
)
