"""Pages of findings and of the decision log."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require, require_any
from tongchou.station.desk.lists import Badge
from tongchou.station.incident.forms.work import ActionForm, FindingForm
from tongchou.station.incident.models import Finding, Task
from tongchou.station.incident.rules.tables import mechanism_name
from tongchou.station.incident.services import findings
from tongchou.station.incident.services.ledger import close_finding
from tongchou.station.incident.services.standing import own_place
from tongchou.station.incident.views.attempt import attempt, form_page, typed
from tongchou.station.incident.views.ledger import badge_of
from tongchou.vocabulary.text import Text


def finding_badge(finding: Finding) -> Badge:
    """Give the state of a finding as a badge."""
    if finding.late:
        return Badge(Text(zh="未销号·已逾期", en="open, late"), "bad")
    return Badge(finding.state_name, "good" if finding.state == "closed" else "warn")


def _finding(number: int) -> Finding:
    return get_object_or_404(
        Finding.objects.select_related("place", "from_place", "unit"), pk=number
    )


@require_GET
def finding(request: HttpRequest, number: int) -> HttpResponse:
    """Show a finding with its corrective actions."""
    found = _finding(number)
    actions = found.actions.select_related("place", "unit")
    context = {
        "finding": found,
        "facts": [
            (Text(zh="状态", en="State"), finding_badge(found)),
            (
                Text(zh="地区或单位", en="Where"),
                found.unit.name if found.unit else found.place.name,
            ),
            (Text(zh="环节或流程", en="Process"), found.process),
            (Text(zh="对应机制", en="Mechanism"), mechanism_name(found.mechanism)),
            (Text(zh="督查地区", en="Inspected by"), found.from_place.name),
            (Text(zh="记录岗位", en="Recorded by"), found.by_title),
            (Text(zh="发现日期", en="Found on"), found.found_on),
            (Text(zh="整改时限", en="To be corrected by"), found.due),
            (Text(zh="依据", en="Evidence"), found.evidence),
            (Text(zh="销号时间", en="Closed"), found.closed_at),
            (Text(zh="销号说明", en="Closing note"), found.closing_note),
        ],
        "lines": [{"task": t, "badge": badge_of(t)} for t in actions],
        "mine": "incident.inspect" in actor().may and found.from_path.startswith(actor().path),
    }
    return render(request, "incident/finding.html", context)


@require_http_methods(["GET", "POST"])
def new_finding(request: HttpRequest) -> HttpResponse:
    """Record a finding."""
    require_any("incident.inspect")
    place = own_place()

    def save(data: dict) -> str:
        made = findings.record_finding(Finding(from_place=place, **data))
        return reverse("incident:finding", args=[made.pk])

    return form_page(
        request,
        FindingForm(place, request.POST or None),
        save,
        title=Text(zh="记录督查发现", en="Record a finding"),
        button=Text(zh="记录", en="Record"),
        back=reverse("incident:findings"),
        note=Text(
            zh="只记事实和流程，供整改和复盘；不给个人或单位打分排名。",
            en="Facts and processes only, to correct and to learn from; no person or unit is scored or ranked.",
        ),
    )


@require_http_methods(["GET", "POST"])
def new_action(request: HttpRequest, number: int) -> HttpResponse:
    """Set a corrective action."""
    found = _finding(number)
    require("incident.inspect", found)

    def save(data: dict) -> str:
        findings.set_action(found, Task(**data))
        return reverse("incident:finding", args=[found.pk])

    return form_page(
        request,
        ActionForm(request.POST or None),
        save,
        title=Text(zh="布置整改", en="Set a corrective action"),
        button=Text(zh="布置", en="Set"),
        back=reverse("incident:finding", args=[found.pk]),
        note=found.text,
    )


@require_POST
def close(request: HttpRequest, number: int) -> HttpResponse:
    """Close a finding."""
    found = _finding(number)
    attempt(
        request,
        lambda: close_finding(found, typed(request, "note")),
        Text(zh="已销号。", en="Closed."),
    )
    return redirect("incident:finding", number)
