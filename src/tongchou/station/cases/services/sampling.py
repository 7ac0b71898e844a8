"""Samples from taking to result: what a laboratory enters moves the case's own times."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from tongchou.station.access.context import system
from tongchou.station.access.managers import Refused, require
from tongchou.station.access.policy import Decision
from tongchou.station.audit.record import record
from tongchou.station.cases.models import Case, Sample
from tongchou.station.cases.problems import NotAccepted, Problem
from tongchou.station.cases.services.history import assign, bounds, locked, note, save
from tongchou.station.cases.states import find_move
from tongchou.station.cases.times import written
from tongchou.station.places.models import Unit, UnitKind
from tongchou.vocabulary.text import Text

FIRST, SECOND, ORDINARY = 1, 2, 3
PRIORITY_NAMES = {
    FIRST: Text(zh="优先", en="first"),
    SECOND: Text(zh="其次", en="second"),
    ORDINARY: Text(zh="普通", en="ordinary"),
}
"""In what order a laboratory works (assumption; the county may change it): health workers and
severe patients first, then repeats and people already in quarantine, then all others by age of the sample."""


def priority_of(case: Case, *, retest: bool) -> int:
    """Give the place of a sample in the queue, made from its case."""
    if case.health_worker or case.severity in ("severe", "critical"):
        return FIRST
    if retest or case.found_inside:
        return SECOND
    return ORDINARY


def laboratories(path: str) -> "list[Unit]":
    """Give the laboratories that serve a place, the nearest administration first."""
    rows = Unit.objects.filter(kind=UnitKind.LABORATORY, active=True)
    shared = [path[: i + 1] for i, ch in enumerate(path) if ch == "/"]
    return sorted(
        rows,
        key=lambda u: (-max((len(s) for s in shared if u.path.startswith(s)), default=0), u.pk),
    )


def find_sample(number: str) -> Sample:
    """Give a sample that the present actor may see.

    Raises
    ------
    Refused
        If there is none, or it is not theirs.
    """
    rows = Sample.objects.select_related("lab_unit", "collected_by")
    found = None if "\x00" in number else rows.filter(pseudonym=number).first()
    if found is None:
        nobody = Decision(
            allowed=False, reason=Text(zh="不存在或不在范围内", en="not there or not within reach")
        )
        raise Refused("samples.view", f"cases.sample:{number}", nobody)
    return found


def take_sample(
    case: Case,
    *,
    kind: str = "throat",
    lab_unit: Unit | None,
    taken_at: datetime,
    collected_by: Unit | None = None,
    retest_of: Sample | None = None,
    version: int | None = None,
    token: uuid.UUID | None = None,
) -> Sample:
    """Record that a sample was taken and where it goes; the case counts as tested from then on."""
    if token and (known := Sample.objects.filter(form_token=token).first()):
        return known
    case = locked(case, "samples.collect", version)
    problems = _taken_problems(case, taken_at, lab_unit)
    if problems:
        raise NotAccepted(problems)
    before = case.state
    changes: dict[str, list[object]] = {}
    if case.state in ("suspected", "tested"):
        step = find_move(case.state, "sample", [])
        changes = assign(case, {"state": step.to})
    if case.sampled_at is None or taken_at < case.sampled_at:
        changes |= assign(case, {"sampled_at": taken_at})
    sample = Sample.objects.create(
        case=case,
        kind=kind,
        lab_unit=lab_unit,
        collected_by=collected_by,
        retest_of=retest_of,
        priority=priority_of(case, retest=retest_of is not None),
        taken_at=taken_at,
        form_token=token,
        **bounds(case),
    )
    if changes:
        save(case)
    note(
        case,
        "sample",
        from_state=before,
        happened_at=taken_at,
        changes=changes,
        text=sample.pseudonym,
    )
    record("samples.collect", sample, case=case.pseudonym)
    return sample


def _taken_problems(case: Case, taken_at: datetime, lab_unit: Unit | None) -> list[Problem]:
    problems = []
    if taken_at > timezone.now():
        problems.append(Problem(field="taken_at", text=_NOT_YET))
    if lab_unit is None or lab_unit.kind != UnitKind.LABORATORY:
        problems.append(Problem(field="lab_unit", text=_NO_LAB))
    if case.state in ("released", "excluded", "died", "transferred"):
        problems.append(Problem(field="", text=_CLOSED))
    return problems


_NOT_YET = Text(zh="采样时间晚于现在。请核对。", en="The time of taking lies after now. Check it.")
_NO_LAB = Text(zh="请选择检测实验室。", en="Choose the laboratory that tests it.")
_CLOSED = Text(
    zh="个案已结案，不再采样；如需重新管理，请先重新列为疑似。",
    en="The case is closed, so no sample is taken; suspect it again first.",
)


def receive(samples: Iterable[Sample], *, at: datetime | None = None) -> int:
    """Record that a laboratory received samples; those already received stay as they are."""
    when, count = at or timezone.now(), 0
    for sample in samples:
        require("samples.result", sample)
        if sample.received_at is None:
            sample.received_at = max(when, sample.taken_at)
            sample.save(update_fields=["received_at"])
            record("samples.result", sample, step="receive")
            count += 1
    return count


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A result as a laboratory enters it."""

    sample: Sample
    result: str
    result_at: datetime


def enter_results(entries: Sequence[Entered]) -> list[Sample]:
    """Enter results, all or none; a result that stands is not overwritten.

    Raises
    ------
    NotAccepted
        With every problem; ``row`` counts the entries from 1.
    """
    problems = []
    for row, e in enumerate(entries, 1):
        require("samples.result", e.sample)
        problems += [Problem(field=p.field, text=p.text, row=row) for p in _result_problems(e)]
    if problems:
        raise NotAccepted(problems)
    return [_enter(e) for e in entries]


def _result_problems(e: Entered) -> list[Problem]:
    zone = timezone.get_current_timezone()
    found = []
    if e.sample.result and e.sample.result != e.result:
        found.append(
            Problem(
                field="result",
                text=Text(
                    zh="样本 {number} 已有结果。要更改请用“更正结果”并写明原因。",
                    en="Sample {number} has a result already. To change it, correct it with a reason.",
                ).fill(number=e.sample.pseudonym),
            )
        )
    if e.result not in ("positive", "negative", "invalid"):
        found.append(
            Problem(
                field="result",
                text=Text(zh="请选择结果。", en="Choose the result."),
            )
        )
    if e.result_at < e.sample.taken_at or e.result_at > timezone.now():
        found.append(
            Problem(
                field="result_at",
                text=Text(
                    zh="样本 {number} 的结果时间（{at}）应在采样（{taken}）之后、现在之前。",
                    en="The result of sample {number} ({at}) must lie after its taking ({taken}) and before now.",
                ).fill(
                    number=e.sample.pseudonym,
                    at=written(e.result_at, zone),
                    taken=written(e.sample.taken_at, zone),
                ),
            )
        )
    return found


def _enter(e: Entered) -> Sample:
    sample = e.sample
    if sample.result == e.result:
        return sample
    sample.result, sample.result_at = e.result, e.result_at
    sample.received_at = sample.received_at or sample.taken_at
    sample.save(update_fields=["result", "result_at", "received_at"])
    record("samples.result", sample, result=e.result)
    _tell_case(sample, "result", {"result": ["", e.result]}, e.result)
    return sample


def correct_result(sample: Sample, result: str, *, reason: str) -> Sample:
    """Correct a result that was entered wrongly; the old one stays in the history of the case."""
    require("samples.result", sample)
    if not reason.strip():
        raise NotAccepted([Problem(field="reason", text=_WHY)])
    if not sample.result or sample.result == result:
        raise NotAccepted([Problem(field="result", text=_SAME)])
    old, sample.result = sample.result, result
    sample.save(update_fields=["result"])
    record("samples.result", sample, step="correct", result=[old, result])
    _tell_case(sample, "correct_result", {"result": [old, result]}, reason)
    return sample


_WHY = Text(zh="请写明更正结果的原因。", en="Give the reason for correcting the result.")
_SAME = Text(zh="结果没有变化。", en="The result is unchanged.")


def _tell_case(sample: Sample, action: str, changes: dict[str, list[object]], text: str) -> None:
    """Write a result into the case, which the laboratory itself cannot see."""
    if sample.case_id is None:
        return
    with system("a result reaches its case"):
        case = Case.objects.select_for_update().get(pk=sample.case_id)
        if case.result_at is None or (sample.result_at and sample.result_at < case.result_at):
            changes = {**changes, **assign(case, {"result_at": sample.result_at})}
        save(case)
        note(
            case,
            action,
            happened_at=sample.result_at,
            changes=changes,
            text=f"{sample.pseudonym}: {text}",
        )
