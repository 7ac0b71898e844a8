"""Pages of one piece of work: where it stands, its steps, its evidence."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from tongchou.station.audit.record import record
from tongchou.station.desk.lists import Badge
from tongchou.station.incident.forms.work import ProofForm
from tongchou.station.incident.models import Evidence, Task
from tongchou.station.incident.models.ground import mechanisms_of
from tongchou.station.incident.rules import ledger
from tongchou.station.incident.rules.tables import mechanism_name
from tongchou.station.incident.services.ledger import Proof, move
from tongchou.station.incident.services.standing import hands
from tongchou.station.incident.views.attempt import attempt, typed
from tongchou.station.places.models import Place
from tongchou.vocabulary.text import Text, join

STEP_TONES = {
    "verified": "good",
    "done": "good",
    "refused": "bad",
    "blocked": "bad",
    "lapsed": "warn",
}


def _task(number: int) -> Task:
    return get_object_or_404(
        Task.objects.select_related("place", "unit", "from_place", "organisation"), pk=number
    )


@require_GET
def task(request: HttpRequest, number: int) -> HttpResponse:
    """Show one piece of work with the moves that the present post may make."""
    found = _task(number)
    held = Place.objects.filter(path=found.held_path).first()
    context = {
        "task": found,
        "badge": badge_of(found),
        "facts": _facts(found, held),
        "moves": ledger.moves_from(found.state, hands(found)),
        "steps": [
            {
                "at": s.at,
                "title": s.label,
                "note": Text(zh="{by}　{note}", en="{by}. {note}").fill(by=s.by_title, note=s.note),
                "tone": STEP_TONES.get(s.after, "info"),
            }
            for s in found.steps.all()
        ],
        "evidence": found.evidence.defer("content"),
        "proof": ProofForm(),
        "back": _back(found),
    }
    return render(request, "incident/task.html", context)


def badge_of(task: Task) -> Badge:
    """Give the state of work as a badge; lateness is said in words too."""
    if task.late:
        late = Text(zh="{state}·已逾期", en="{state}, late")
        return Badge(late.fill(state=task.state_name), "bad")
    return Badge(task.state_name, task.tone)


def _facts(task: Task, held: Place | None) -> list[tuple[Text, object]]:
    facts: list[tuple[Text, object]] = [
        (Text(zh="状态", en="State"), badge_of(task)),
        (Text(zh="编号", en="Number"), task.number),
        (Text(zh="承办", en="With"), task.addressee),
        (Text(zh="责任人岗位", en="Owner"), task.owner),
        (Text(zh="下达", en="From"), task.from_place.name),
        (Text(zh="依据", en="Basis"), task.basis),
        (Text(zh="完成时限", en="Due"), task.due),
        (Text(zh="失效时间", en="Expires"), task.expires),
        (
            Text(zh="对应机制", en="Mechanisms"),
            join([mechanism_name(m) for m in mechanisms_of(task.mechanisms)]),
        ),
    ]
    if task.raised and held is not None:
        facts.append((Text(zh="已上报至", en="Raised to"), held.name))
    if task.reason:
        facts.append((Text(zh="理由", en="Reason given"), task.reason))
    if task.reopened:
        facts.append((Text(zh="重办次数", en="Reopened"), task.reopened))
    return facts


def _back(task: Task) -> str:
    return f"{reverse('incident:tasks')}?origin={task.origin}"


@require_POST
def task_move(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """Make one move."""
    found = _task(number)
    form = ProofForm(request.POST, request.FILES)
    proof = None
    if name == "finish" and form.is_valid():
        file = form.cleaned_data["file"]
        proof = Proof(
            words=form.cleaned_data["words"],
            link=form.cleaned_data["link"],
            filename=file.name if file else "",
            content=file.read() if file else b"",
        )
    attempt(
        request,
        lambda: move(
            found,
            name,
            note=typed(request, "note"),
            proof=proof,
            seen=typed(request, "seen", 12),
        ),
        Text(zh="已记录：{move}。", en="Recorded: {move}.").fill(
            move=ledger.MOVES[name].label if name in ledger.MOVES else name
        ),
    )
    return redirect("incident:task", number)


@require_GET
def evidence_file(request: HttpRequest, number: int) -> HttpResponse:
    """Give the file of a piece of evidence: always as a download, never shown in the page."""
    found = get_object_or_404(Evidence.objects.exclude(filename=""), pk=number)
    record("incident.view", found, bytes=found.size)
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    response["Content-Disposition"] = content_disposition_header(True, found.filename)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
