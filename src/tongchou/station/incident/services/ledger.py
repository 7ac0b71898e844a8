"""The ledger of work at the database: handing out, moving on, evidence, the clocks."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from tongchou.station.access.context import system
from tongchou.station.audit.record import record
from tongchou.station.incident.errors import NotPossible, Overtaken
from tongchou.station.incident.models import Evidence, Finding, Step, Task
from tongchou.station.incident.models.finding import FindingState
from tongchou.station.incident.models.ground import stamp
from tongchou.station.incident.models.ledger import ISSUING_ACTION
from tongchou.station.incident.rules import ledger
from tongchou.station.incident.rules.evidence import kind_of, safe_name
from tongchou.station.incident.rules.hours import hours
from tongchou.station.incident.services.standing import hands, not_yours
from tongchou.vocabulary.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Evidence as a person gives it; any of the three, none of them required by itself."""

    words: str = ""
    link: str = ""
    filename: str = ""
    content: bytes = b""

    def __bool__(self) -> bool:
        return bool(self.words.strip() or self.link.strip() or self.filename)


def hand_out(task: Task) -> Task:
    """Save new work and its first step; the gate was asked by whoever hands it out."""
    task.made_by = stamp()
    task.save()
    _step(task, "send", before="", note="")
    return task


def move(
    task: Task, name: str, *, note: str = "", proof: Proof | None = None, seen: str = ""
) -> Task:
    """Move work on by one step.

    Parameters
    ----------
    task
        The task, as found within the present scope.
    name
        Name of the move, see :data:`tongchou.station.incident.rules.ledger.MOVES`.
    note
        Reason or remark.
    proof
        Evidence of the result.
    seen
        The state that the person saw; if it has changed since, nothing is done.

    Raises
    ------
    Refused
        If the present post may not make this move.
    Overtaken
        If someone else has moved it since.
    NotPossible
        If the move does not follow, or lacks its reason or evidence.
    """
    task = (
        Task.objects.select_for_update(of=("self",))
        .select_related("place", "from_place")
        .get(pk=task.pk)
    )
    step = ledger.MOVES.get(name)
    mine = hands(task)
    if step is None or step.by not in mine:
        raise not_yours(f"incident.{name}", f"incident.task:{task.pk}")
    if seen and seen != task.state:
        raise Overtaken(task.state_name)
    note = note.strip()
    _check(task, step, note, proof)
    before, now = task.state, timezone.now()
    if proof:
        add_evidence(task, proof)
    task.state = step.ends or task.state
    _dates(task, step, now)
    if step.reason and name != "urge":
        task.reason = note
    if name in ("block", "raise_further"):
        task.held_path = _above(task.held_path)
        task.raised_at = now
    elif name in ("unblock", "finish", "send_again"):
        task.held_path, task.raised_at = task.path, None
    elif name == "urge":
        task.held_path, task.raised_at = task.path, now
    task.save()
    _step(task, name, before=before, note=note)
    record(_action(step, task), task, move=name, before=before, after=str(task.state))
    _settle(task)
    return task


def _action(step: ledger.Move, task: Task) -> str:
    return ISSUING_ACTION[task.origin] if step.by == "issuer" else "incident.receipt"


def _check(task: Task, step: ledger.Move, note: str, proof: Proof | None) -> None:
    if task.state not in step.starts:
        raise NotPossible(
            Text(
                zh="现为“{state}”，不能“{move}”。请刷新页面，看可以做的下一步。",
                en="It is “{state}” and cannot be moved by “{move}”. Reload the page to see the next steps.",
            ).fill(state=task.state_name, move=step.label)
        )
    if step.reason and not note:
        raise NotPossible(
            Text(zh="“{move}”须写明理由。", en="“{move}” needs a reason in words.").fill(
                move=step.label
            )
        )
    if step.evidence and not proof and not task.evidence.exists():
        raise NotPossible(
            Text(
                zh="办结须附结果证据：写明结果、给出清单链接或上传文件，任选其一。",
                en="Work is done with evidence of its result: say what came of it, link to a list, or attach a file.",
            )
        )
    if step.name == "verify" and task.done_by and task.done_by["post"] == stamp()["post"]:
        raise NotPossible(
            Text(
                zh="办结的岗位不能核实自己的办结，请由同级另一岗位或下达单位核实。",
                en="The post that reported it done cannot verify it: another post of this level, or the issuer, does.",
            )
        )


def _dates(task: Task, step: ledger.Move, now: datetime) -> None:
    if step.name == "accept" or (step.name == "start" and task.accepted_at is None):
        task.accepted_at = now
    if step.name == "start":
        task.started_at = now
    elif step.name == "finish":
        task.done_at, task.done_by = now, stamp()
    elif step.name == "verify":
        task.verified_at, task.verified_by = now, stamp()
    elif step.name == "reopen":
        task.reopened += 1
        task.done_at = task.verified_at = task.done_by = task.verified_by = None
    elif step.name == "send_again":
        task.accepted_at = task.started_at = None


def _above(path: str) -> str:
    above = ledger.one_up(path)
    if above is None:
        raise NotPossible(
            Text(
                zh="已到最高一级，不能再上报。请退回并写明理由。",
                en="This is the highest level: it cannot be raised. Refuse it with a reason instead.",
            )
        )
    return above


def _step(task: Task, name: str, *, before: str, note: str) -> Step:
    return Step.objects.create(
        task=task,
        place=task.place,
        from_path=task.from_path,
        held_path=task.held_path,
        unit_id=task.unit_id,
        move=name,
        before=before,
        after=task.state,
        by=stamp(),
        note=note,
    )


def _settle(task: Task) -> None:
    """Close a directive when the last of its receipts is closed; open it again with a reopened one.

    What a directive's state follows from lies with all addressees, beyond the reach of one of
    them; so it is done by the system in the person's name.
    """
    if task.directive_id is None:
        return
    with system("the state of a directive follows from its receipts"):
        from tongchou.station.incident.models import Directive

        left = Task.objects.filter(directive_id=task.directive_id).exclude(state__in=ledger.CLOSED)
        state = "sent" if left.exists() else "closed"
        Directive.objects.filter(pk=task.directive_id, state__in=("sent", "closed")).update(
            state=state
        )


def add_evidence(task: Task, proof: Proof) -> Evidence:
    """Keep evidence with a task, after its file was checked."""
    given: dict[str, Any] = {"words": proof.words.strip()[:1000], "link": _link(proof.link)}
    if proof.filename:
        kind = kind_of(proof.filename, proof.content)
        given |= {
            "filename": safe_name(proof.filename),
            "content_type": kind.content_type,
            "size": len(proof.content),
            "digest": hashlib.sha256(proof.content).hexdigest(),
            "content": proof.content,
        }
    return Evidence.objects.create(
        task=task,
        place=task.place,
        from_path=task.from_path,
        held_path=task.held_path,
        unit_id=task.unit_id,
        by=stamp(),
        **given,
    )


def _link(link: str) -> str:
    link = link.strip()
    if link and not link.startswith(("https://", "http://", "/")):
        raise NotPossible(
            Text(
                zh="链接须以 https:// 或 / 开头（站内清单）。",
                en="A link begins with https://, or with / for a list of the station.",
            )
        )
    if link.startswith("//"):
        raise NotPossible(
            Text(
                zh="站内链接只能以一个 / 开头。", en="A link within the station begins with one /."
            )
        )
    return link[:400]


def raise_overdue(now: datetime | None = None) -> int:
    """Raise overdue work one level, and let expired work lapse; running again changes nothing.

    Returns how many were raised.
    """
    now = now or timezone.now()
    wait = timedelta(hours=hours("raise_again"))
    raised = 0
    with system("clocks of the ledger"):
        _lapse(now)
        open_late = Task.objects.filter(state__in=ledger.OPEN, due__lt=now).select_related(
            "place", "from_place"
        )
        for task in open_late.select_for_update(of=("self",), skip_locked=True):
            above = ledger.one_up(task.held_path)
            if above is None or not ledger.raise_due(
                task.state, task.due, task.raised_at, now, wait
            ):
                continue
            task.held_path, task.raised_at = above, now
            task.save(update_fields=("path", "from_path", "held_path", "raised_at"))
            _step(task, "escalate", before=task.state, note="")
            raised += 1
        if raised:
            record("incident.escalate", "incident.task", rows=raised)
    return raised


def _lapse(now: datetime) -> None:
    from tongchou.station.incident.models import Directive

    expired = Task.objects.filter(
        state__in=[*ledger.OPEN, ledger.State.REFUSED], expires__lt=now
    ).select_related("place", "from_place")
    for task in expired.select_for_update(of=("self",), skip_locked=True):
        before, task.state = task.state, ledger.State.LAPSED
        task.save(update_fields=("path", "from_path", "held_path", "state"))
        _step(task, "lapse", before=before, note="")
    Directive.objects.filter(state="sent", expires__lt=now).update(state="lapsed")


def tally_of(tasks: Any) -> ledger.Tally:
    """Count a set of tasks by how they were closed."""
    lines = [
        ledger.Line(state=s, due=d, done_at=f, reopened=r)
        for s, d, f, r in tasks.values_list("state", "due", "done_at", "reopened")
    ]
    return ledger.tally(lines, timezone.now())


def close_finding(finding: Finding, note: str) -> Finding:
    """Close a finding whose corrective actions are all verified.

    Raises
    ------
    NotPossible
        If an action is not verified yet, or there is none.
    """
    from tongchou.station.access.managers import require

    require("incident.inspect", finding)
    states: Sequence[str] = list(
        finding.actions.exclude(state="withdrawn").values_list("state", flat=True)
    )
    if not states or any(s != ledger.State.VERIFIED for s in states):
        raise NotPossible(
            Text(
                zh="还有整改事项未核实（或尚未布置），不能销号。请先核实每一项整改。",
                en="A corrective action is not verified yet, or none was set: verify each one before the finding is closed.",
            )
        )
    finding.state, finding.closed_at = FindingState.CLOSED, timezone.now()
    finding.closed_by, finding.closing_note = stamp(), note.strip()
    finding.save()
    record("incident.inspect", finding, move="close")
    return finding
