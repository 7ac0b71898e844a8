"""Pages of the decision log."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from tongchou.station.access.managers import require_any
from tongchou.station.incident.forms.work import DecisionForm
from tongchou.station.incident.models import DecisionRecord, Directive
from tongchou.station.incident.models.ground import mechanisms_of
from tongchou.station.incident.rules.tables import mechanism_name
from tongchou.station.incident.services import decisions
from tongchou.station.incident.services.standing import own_place
from tongchou.station.incident.views.attempt import form_page
from tongchou.vocabulary.text import Text, join

KEPT = (
    "kind",
    "text_zh",
    "text_en",
    "decided_by",
    "decided_at",
    "known_at",
    "basis",
    "owner",
    "due",
    "link",
)


@require_GET
def decision(request: HttpRequest, number: int) -> HttpResponse:
    """Show an entry: process facts only, known when, decided when, first done when."""
    found = get_object_or_404(DecisionRecord.objects.select_related("place", "corrects"), pk=number)
    first = decisions.first_field_action(found)
    facts: list[tuple[Text, object]] = [
        (Text(zh="类别", en="Kind"), found.kind_name),
        (Text(zh="地区", en="Place"), found.place.name),
        (Text(zh="决定的岗位或会议", en="Decided by"), found.decided_by or found.by_title),
        (Text(zh="获知时间", en="Known here since"), found.known_at),
        (Text(zh="决定时间", en="Decided"), found.decided_at),
        (Text(zh="基层首次行动", en="First action in the field"), first),
        (Text(zh="依据", en="Basis"), found.basis),
        (Text(zh="责任岗位或单位", en="Owner"), found.owner),
        (Text(zh="完成时限", en="Due"), found.due),
        (
            Text(zh="对应机制", en="Mechanism"),
            join([mechanism_name(m) for m in mechanisms_of(found.mechanisms)]),
        ),
        (Text(zh="登记岗位", en="Entered by"), found.by_title),
        (Text(zh="登记时间", en="Entered"), found.made_at),
    ]
    context = {
        "entry": found,
        "facts": facts,
        "corrections": found.corrections.all(),
        "directive": Directive.objects.filter(pk=found.directive_id).first(),
    }
    return render(request, "incident/decision.html", context)


@require_http_methods(["GET", "POST"])
def new_decision(request: HttpRequest, corrects: int | None = None) -> HttpResponse:
    """Write an entry, or one that corrects another."""
    require_any("incident.plan")
    wrong = get_object_or_404(DecisionRecord, pk=corrects) if corrects else None
    initial = {f: getattr(wrong, f) for f in KEPT[1:]} if wrong else None
    form = DecisionForm(request.POST or None, initial=initial)
    if wrong is not None:
        del form.fields["kind"]

    def save(data: dict) -> str:
        mechanism = data.pop("mechanism")
        kind = "correction" if wrong else data.pop("kind")
        entry = DecisionRecord(
            place=wrong.place if wrong else own_place(),
            mechanisms=mechanism,
            corrects=wrong,
            **data | {"kind": kind},
        )
        return reverse("incident:decision", args=[decisions.enter(entry).pk])

    return form_page(
        request,
        form,
        save,
        title=Text(zh="更正", en="Correction")
        if wrong
        else Text(zh="登记决定", en="Enter a decision"),
        button=Text(zh="登记", en="Enter"),
        back=reverse("incident:decisions"),
        note=Text(
            zh="台账只增不改；写错了用“更正”另记一条。",
            en="The log only grows; put an error right with a further entry.",
        ),
    )
