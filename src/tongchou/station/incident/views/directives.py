"""Pages of directives."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require_any
from tongchou.station.desk.lists import Badge
from tongchou.station.incident.forms.work import DirectiveForm
from tongchou.station.incident.models import Directive
from tongchou.station.incident.models.ground import mechanisms_of
from tongchou.station.incident.rules.tables import mechanism_name
from tongchou.station.incident.services import directives
from tongchou.station.incident.services.ledger import tally_of
from tongchou.station.incident.services.standing import own_place
from tongchou.station.incident.views.attempt import attempt, form_page, typed
from tongchou.station.incident.views.ledger import badge_of
from tongchou.vocabulary.text import Text, join

CHANNELS = {"written": Text(zh="书面", en="in writing"), "oral": Text(zh="口头", en="orally")}


def _directive(number: int) -> Directive:
    return get_object_or_404(Directive.objects.select_related("place"), pk=number)


@require_GET
def directive(request: HttpRequest, number: int) -> HttpResponse:
    """Show a directive with the receipts of its addressees."""
    found = _directive(number)
    receipts = found.receipts.select_related("place", "unit").order_by("path", "unit_id")
    context = {
        "directive": found,
        "facts": [
            (Text(zh="状态", en="State"), Badge(found.state_name, found.tone)),
            (Text(zh="下达地区", en="Issued by"), found.place.name),
            (Text(zh="下达岗位", en="Post"), found.by_title),
            (Text(zh="下达方式", en="Given"), CHANNELS[found.channel]),
            (Text(zh="依据", en="Basis"), found.basis),
            (Text(zh="责任岗位或单位", en="Owner"), found.owner),
            (Text(zh="下达时间", en="Sent"), found.sent_at),
            (Text(zh="完成时限", en="Due"), found.due),
            (Text(zh="失效时间", en="Expires"), found.expires),
            (
                Text(zh="对应机制", en="Mechanism"),
                join([mechanism_name(m) for m in mechanisms_of(found.mechanisms)]),
            ),
        ],
        "lines": [{"task": t, "badge": badge_of(t)} for t in receipts],
        "told": tally_of(found.receipts.all()),
        "mine": found.path.startswith(actor().path) and "incident.direct" in actor().may,
        "draft_to": len(found.to_places) + len(found.to_units),
    }
    return render(request, "incident/directive.html", context)


@require_http_methods(["GET", "POST"])
def new_directive(request: HttpRequest) -> HttpResponse:
    """Write a directive, and send it at once or keep it as a draft."""
    require_any("incident.direct")
    place = own_place()
    form = DirectiveForm(place, request.POST or None)

    def save(data: dict) -> str:
        made = directives.write_directive(
            Directive(
                place=place,
                text_zh=data["text_zh"],
                text_en=data["text_en"],
                basis=data["basis"],
                owner=data["owner"],
                due=data["due"],
                expires=data["expires"],
                mechanisms=data["mechanism"],
                channel=data["channel"],
            ),
            places=data["to"],
            units=list(data["units"]),
        )
        if "send" in request.POST:
            directives.send(made, known_at=data["known_at"])
        return reverse("incident:directive", args=[made.pk])

    return form_page(
        request,
        form,
        save,
        title=Text(zh="新指令", en="New directive"),
        button=Text(zh="下达", en="Send"),
        back=reverse("incident:directives"),
        done=Text(zh="已保存。", en="Saved."),
        template="incident/directive_form.html",
        place=place,
    )


@require_POST
def send_directive(request: HttpRequest, number: int) -> HttpResponse:
    """Send a draft."""
    found = _directive(number)
    attempt(
        request,
        lambda: directives.send(found),
        Text(zh="已下达，等待回执。", en="Sent; receipts will come up."),
    )
    return redirect("incident:directive", number)


@require_POST
def withdraw_directive(request: HttpRequest, number: int) -> HttpResponse:
    """Withdraw a directive."""
    found = _directive(number)
    attempt(
        request,
        lambda: directives.withdraw(found, typed(request, "note")),
        Text(
            zh="已撤回，未办结的回执一并撤回。",
            en="Withdrawn, with the receipts that were not done.",
        ),
    )
    return redirect("incident:directive", number)
