"""Directives, receipts, tasks and findings through the interface."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime

from tongchou.station.access.managers import require_any
from tongchou.station.api.conditional import require_match, tag
from tongchou.station.api.paging import Page, Paging, page_of
from tongchou.station.api.routes import TextOut, text_out
from tongchou.station.incident.models import Directive, Finding, Task
from tongchou.station.incident.rules import ledger
from tongchou.station.incident.services import directives, findings
from tongchou.station.incident.services.ledger import Proof, close_finding, move
from tongchou.station.incident.services.standing import hands, own_place
from tongchou.station.incident.work_desk import WAITS
from tongchou.station.places.models import Place, Unit

router = Router()

Words = Field("", max_length=600)
Origin = Literal["objective", "directive", "finding"]
State = Literal[
    "new", "accepted", "doing", "done", "verified", "refused", "blocked", "withdrawn", "lapsed"
]
MECHANISMS = r"^(M\d{3}(\|M\d{3}){0,20})?$"


class TaskOut(Schema):
    """A piece of work: a task, the receipt of a directive, a corrective action."""

    id: int
    origin: Origin
    number: str
    text: TextOut
    place: str
    unit: int | None
    from_place: str
    owner: str
    basis: str
    mechanisms: str
    state: State
    due: datetime | None
    expires: datetime | None
    late: bool
    raised: bool
    reason: str
    accepted_at: datetime | None
    done_at: datetime | None
    verified_at: datetime | None
    reopened: int


class StepOut(Schema):
    """One step of a piece of work."""

    move: str
    before: str
    after: str
    at: datetime
    by: TextOut
    note: str


class EvidenceOut(Schema):
    """Evidence of a result; files are read on the page of the work."""

    words: str
    link: str
    filename: str
    digest: str
    at: datetime
    by: TextOut


class TaskWhole(TaskOut):
    """A piece of work with its steps, its evidence and what may be done next."""

    steps: list[StepOut]
    evidence: list[EvidenceOut]
    moves: list[str]


class TaskFilter(Paging):
    """Which work."""

    origin: Origin | None = None
    state: State | None = None
    waits: Literal["accept", "do", "late", "held", "verify", "refused", "late_below"] | None = None
    directive: int | None = Field(None, ge=1, le=2**62)


class MoveIn(Schema):
    """A move: its reason where it needs one, evidence where it ends the work."""

    move: Literal[
        "accept", "start", "finish", "refuse", "block", "raise_further",
        "unblock", "urge", "verify", "reopen", "send_again", "withdraw",
    ]  # fmt: skip
    note: str = Words
    words: str = Field("", max_length=1000)
    link: str = Field("", max_length=400)


class DirectiveOut(Schema):
    """A directive."""

    id: int
    number: str
    place: str
    text: TextOut
    basis: str
    owner: str
    due: datetime
    expires: datetime
    mechanisms: str
    state: Literal["draft", "sent", "closed", "withdrawn", "lapsed"]
    sent_at: datetime | None


class DirectiveIn(Schema):
    """A directive to places and units at or below the post's own place."""

    text_zh: str = Words
    text_en: str = Field("", max_length=900)
    basis: str = Field(min_length=1, max_length=300)
    owner: str = Field(min_length=1, max_length=160)
    due: AwareDatetime
    expires: AwareDatetime
    mechanisms: str = Field("", max_length=120, pattern=MECHANISMS)
    places: list[str] = Field([], max_length=3000)
    units: list[int] = Field([], max_length=3000)
    known_at: AwareDatetime | None = None
    send: bool = Field(True, description="send it at once; otherwise it stays a draft")


class WithdrawIn(Schema):
    """Why a directive is withdrawn."""

    note: str = Field(min_length=1, max_length=600)


class DirectiveFilter(Paging):
    """Which directives."""

    state: Literal["draft", "sent", "closed", "withdrawn", "lapsed"] | None = None


class FindingOut(Schema):
    """A finding about a process at a place."""

    id: int
    place: str
    unit: int | None
    from_place: str
    text: TextOut
    process: str
    mechanism: str
    found_on: date
    due: datetime
    state: Literal["open", "closed"]
    late: bool
    closed_at: datetime | None


class FindingIn(Schema):
    """A finding; it names a process, never a person."""

    place: str = Field(max_length=20)
    unit: int | None = Field(None, ge=1, le=2**62)
    text_zh: str = Words
    text_en: str = Field("", max_length=900)
    process: str = Field(min_length=1, max_length=200)
    mechanism: str = Field(pattern=r"^M\d{3}$")
    evidence: str = Field(min_length=1, max_length=1000)
    found_on: date
    due: AwareDatetime


class ActionIn(Schema):
    """A corrective action."""

    text_zh: str = Words
    text_en: str = Field("", max_length=900)
    owner: str = Field(min_length=1, max_length=160)
    due: AwareDatetime | None = None


class CloseIn(Schema):
    """A closing note."""

    note: str = Words


class FindingFilter(Paging):
    """Which findings."""

    state: Literal["open", "closed"] | None = None
    late: bool = False


def _task(number: int) -> Task:
    return Task.objects.select_related("place", "unit", "from_place").get(pk=number)


def _version(task: Task) -> tuple[object, ...]:
    return ("task", task.pk, task.state, task.held_path, task.reopened)


def _shown(task: Task) -> dict[str, Any]:
    same = ("origin", "number", "owner", "basis", "mechanisms", "state", "due", "expires", "late", "raised", "reason", "accepted_at", "done_at", "verified_at", "reopened")  # fmt: skip
    return {
        "id": task.pk,
        "text": text_out(task.text),
        "place": task.place_id,
        "unit": task.unit_id,
        "from_place": task.from_place_id,
        **{name: getattr(task, name) for name in same},
    }


def _whole(task: Task) -> dict[str, Any]:
    return {
        **_shown(task),
        "steps": [
            {"move": s.move, "before": s.before, "after": s.after, "at": s.at, "by": text_out(s.by_title), "note": s.note}
            for s in task.steps.all()
        ],
        "evidence": [
            {"words": e.words, "link": e.link, "filename": e.filename, "digest": e.digest, "at": e.at, "by": text_out(e.by_title)}
            for e in task.evidence.defer("content")
        ],
        "moves": [m.name for m in ledger.moves_from(task.state, hands(task))],
    }  # fmt: skip


def _directive(found: Directive) -> dict[str, Any]:
    same = ("number", "basis", "owner", "due", "expires", "mechanisms", "state", "sent_at")
    return {
        "id": found.pk,
        "place": found.place_id,
        "text": text_out(found.text),
        **{name: getattr(found, name) for name in same},
    }


def _finding(found: Finding) -> dict[str, Any]:
    same = ("process", "mechanism", "found_on", "due", "state", "late", "closed_at")
    return {
        "id": found.pk,
        "place": found.place_id,
        "unit": found.unit_id,
        "from_place": found.from_place_id,
        "text": text_out(found.text),
        **{name: getattr(found, name) for name in same},
    }


def _work(asked: TaskFilter, origin: str | None = None) -> dict[str, object]:
    require_any("incident.view")
    rows = Task.objects.select_related("place", "unit", "from_place")
    if origin or asked.origin:
        rows = rows.filter(origin=origin or asked.origin)
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.waits:
        rows = WAITS[asked.waits][0](rows)
    if asked.directive:
        rows = rows.filter(directive_id=asked.directive)
    return page_of(rows, asked, order=("-made_at",), show=_shown)


@router.get("/tasks", response=Page[TaskOut], summary="任务 · All work")
def tasks(request: HttpRequest, asked: Query[TaskFilter]) -> dict[str, object]:
    """List work: tasks, receipts and corrective actions, the newest first."""
    return _work(asked)


@router.get("/receipts", response=Page[TaskOut], summary="指令回执 · Receipts of directives")
def receipts(request: HttpRequest, asked: Query[TaskFilter]) -> dict[str, object]:
    """List the receipts of directives alone."""
    return _work(asked, "directive")


@router.get("/tasks/{int:number}", response=TaskWhole, summary="一项任务 · One piece of work")
def one_task(request: HttpRequest, response: HttpResponse, number: int) -> dict[str, Any]:
    """Give one piece of work; its tag is what a move is made on."""
    task = _task(number)
    tag(request, response, *_version(task))
    return _whole(task)


@router.post(
    "/tasks/{int:number}/moves", response=TaskWhole, summary="推进一步 · Move it on by one step"
)
def move_task(request: HttpRequest, number: int, body: MoveIn) -> dict[str, Any]:
    """Make one move, on the version named in ``If-Match``."""
    task = _task(number)
    require_match(request, *_version(task))
    proof = Proof(words=body.words, link=body.link) if body.words or body.link else None
    return _whole(move(task, body.move, note=body.note, proof=proof, seen=task.state))


@router.get("/directives", response=Page[DirectiveOut], summary="指令 · Directives")
def all_directives(request: HttpRequest, asked: Query[DirectiveFilter]) -> dict[str, object]:
    """List the directives issued at or below the post's place."""
    rows = Directive.objects.all()
    if asked.state:
        rows = rows.filter(state=asked.state)
    return page_of(rows, asked, order=("-made_at",), show=_directive)


@router.post("/directives", response={201: DirectiveOut}, summary="下达指令 · Issue a directive")
def issue(request: HttpRequest, body: DirectiveIn) -> dict[str, Any]:
    """Write a directive in the name of the post's own place, and send it."""
    require_any("incident.direct")
    made = Directive(
        place=own_place(), **body.dict(exclude={"places", "units", "known_at", "send"})
    )
    made.clean()
    directives.write_directive(
        made,
        places=list(Place.objects.filter(code__in=body.places)),
        units=list(Unit.objects.filter(pk__in=body.units)),
    )
    if body.send:
        made = directives.send(made, known_at=body.known_at)
    return _directive(made)


@router.get("/directives/{int:number}", response=DirectiveOut, summary="一条指令 · One directive")
def one_directive(request: HttpRequest, response: HttpResponse, number: int) -> dict[str, Any]:
    """Give one directive."""
    found = Directive.objects.get(pk=number)
    tag(request, response, found.pk, found.state)
    return _directive(found)


@router.post(
    "/directives/{int:number}/withdraw", response=DirectiveOut, summary="撤回指令 · Withdraw"
)
def withdraw(request: HttpRequest, number: int, body: WithdrawIn) -> dict[str, Any]:
    """Withdraw a directive and its receipts that are not done."""
    found = Directive.objects.select_related("place").get(pk=number)
    return _directive(directives.withdraw(found, body.note))


@router.get("/findings", response=Page[FindingOut], summary="督查发现 · Findings")
def all_findings(request: HttpRequest, asked: Query[FindingFilter]) -> dict[str, object]:
    """List findings."""
    from tongchou.station.incident.incident_desk import late_findings

    rows = Finding.objects.all()
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.late:
        rows = late_findings(rows)
    return page_of(rows, asked, order=("-made_at",), show=_finding)


@router.post("/findings", response={201: FindingOut}, summary="记录发现 · Record a finding")
def record_finding(request: HttpRequest, body: FindingIn) -> dict[str, Any]:
    """Record a finding about a process at a place at or below the post's own."""
    require_any("incident.inspect")
    unit = Unit.objects.get(pk=body.unit) if body.unit else None
    made = Finding(
        from_place=own_place(),
        place=unit.place if unit else Place.objects.get(code=body.place),
        unit=unit,
        **body.dict(exclude={"place", "unit"}),
    )
    made.clean()
    return _finding(findings.record_finding(made))


@router.post(
    "/findings/{int:number}/actions", response={201: TaskOut}, summary="布置整改 · Set an action"
)
def set_action(request: HttpRequest, number: int, body: ActionIn) -> dict[str, Any]:
    """Set a corrective action."""
    found = Finding.objects.select_related("place", "from_place", "unit").get(pk=number)
    made = Task(**body.dict())
    made.clean()
    return _shown(findings.set_action(found, made))


@router.post("/findings/{int:number}/close", response=FindingOut, summary="销号 · Close")
def close(request: HttpRequest, number: int, body: CloseIn) -> dict[str, Any]:
    """Close a finding whose corrective actions are all verified."""
    found = Finding.objects.select_related("place", "from_place").get(pk=number)
    return _finding(close_finding(found, body.note))
