"""Pages of the form gate."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require_any
from tongchou.station.desk.lists import Badge
from tongchou.station.incident.forms.desk_work import FREQUENCIES, KINDS, DataRequestForm
from tongchou.station.incident.models import DataRequest
from tongchou.station.incident.rules import burden
from tongchou.station.incident.services import requests
from tongchou.station.incident.services.standing import own_place
from tongchou.station.incident.views.attempt import attempt, form_page, typed
from tongchou.station.places.models import LEVEL_NAMES
from tongchou.vocabulary.text import Text, count


def _form(number: int) -> DataRequest:
    return get_object_or_404(DataRequest.objects.select_related("place"), pk=number)


@require_GET
def data_request(request: HttpRequest, number: int) -> HttpResponse:
    """Show a form with what is held already, what it costs and what the rule proposes."""
    found = _form(number)
    judged = requests.judgement_of(found)
    context = {
        "form_asked": found,
        "judged": judged,
        "facts": [
            (Text(zh="结论", en="Verdict"), Badge(found.verdict_name, found.tone)),
            (Text(zh="要表单位", en="Asked by"), found.asker),
            (Text(zh="用途", en="Purpose"), found.purpose),
            (Text(zh="依据", en="Basis"), found.basis),
            (Text(zh="填写层级", en="Filled in by"), LEVEL_NAMES[found.addressee_level]),
            (Text(zh="填写单位数", en="Addressees"), found.addressees),
            (Text(zh="频次", en="How often"), FREQUENCIES[found.frequency]),
            (Text(zh="每次条数", en="Rows each time"), found.entries),
            (Text(zh="启用", en="From"), found.starts),
            (Text(zh="停用", en="Until"), found.expires),
            (Text(zh="审查岗位", en="Judged by"), found.judged_title),
            (Text(zh="理由", en="Reason"), found.reason),
        ],
        "rows": [
            {"field": f, "kind": KINDS.get(f.kind), "likeness": round(f.likeness)}
            for f in found.fields.all()
        ],
        "used": requests.minutes_used(found.place, found.addressee_level, but=found.pk),
        "budget": burden.assumed("budget"),
        "mine": "incident.forms" in actor().may and found.path.startswith(actor().path),
        "proposed": found.proposed,
        "saved_minutes": count(judged.saved),
    }
    return render(request, "incident/data_request.html", context)


@require_http_methods(["GET", "POST"])
def new_data_request(request: HttpRequest) -> HttpResponse:
    """Put a form before the gate."""
    require_any("incident.forms")
    place = own_place()

    def save(data: dict) -> str:
        kept = {k: v for k, v in data.items() if k not in ("fields_text", "asked")}
        made = requests.ask(DataRequest(place=place, **kept), data["asked"])
        return reverse("incident:data_request", args=[made.pk])

    return form_page(
        request,
        DataRequestForm(request.POST or None),
        save,
        title=Text(zh="新表单送审", en="Put a form before the gate"),
        button=Text(zh="查重并计时", en="Check what is held, count minutes"),
        back=reverse("incident:data_requests"),
        note=Text(
            zh="每件事只问一次：已有的字段直接调用，新表单须有依据、有时限，且不超出网格员每天的填表时间。",
            en="Each fact is asked once: held fields are reused, and a new form needs a basis, an end, and room in a grid worker's day.",
        ),
    )


@require_POST
def judge(request: HttpRequest, number: int) -> HttpResponse:
    """Decide on a form, keep other fields, or end it."""
    found = _form(number)
    todo = typed(request, "verdict", 12)
    if todo == "fields":
        kept = {int(n) for n in request.POST.getlist("keep") if n.isdigit()}
        attempt(
            request,
            lambda: requests.keep_fields(found, kept),
            Text(zh="已重新计算。", en="Counted anew."),
        )
    elif todo == "ended":
        attempt(
            request,
            lambda: requests.end(found, typed(request, "note")),
            Text(zh="已停用。", en="Ended."),
        )
    else:
        attempt(
            request,
            lambda: requests.decide(found, todo, typed(request, "note")),
            Text(zh="已审结。", en="Judged."),
        )
    return redirect("incident:data_request", number)


@require_GET
def minutes(request: HttpRequest) -> HttpResponse:
    """Show how many minutes of a grid worker's day forms take, and which forms."""
    require_any("incident.view")
    place = own_place()
    forms = requests.forms_in_force(place)
    used = requests.minutes_used(place)
    budget = burden.assumed("budget")
    context = {
        "place": place,
        "rows": [
            {"form": f, "minutes": requests.minutes_of(f), "often": FREQUENCIES[f.frequency],
             "open": f.path.startswith(actor().path)}
            for f in forms
        ],
        "own_entry": burden.assumed("own_entry"),
        "used": used,
        "budget": budget,
        "share": min(100, round(100 * used / budget)),
        "over": used > budget,
        "saved_minutes": count(requests.saved_minutes(place)),
        "doubles": sum(f.fields.filter(kept=True).exclude(held="").count() for f in DataRequest.objects.filter(place=place, verdict__in=("allowed", "reduced"))),
    }  # fmt: skip
    return render(request, "incident/minutes.html", context)
