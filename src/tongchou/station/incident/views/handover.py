"""Pages of the hand-over between shifts, and of early warnings."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require_any
from tongchou.station.desk.lists import Badge
from tongchou.station.desk.templatetags.words import language
from tongchou.station.incident.forms.desk_work import WarningForm
from tongchou.station.incident.models import EarlyWarning, Handover
from tongchou.station.incident.rules.ledger import STATE_NAMES
from tongchou.station.incident.services import handover as work
from tongchou.station.incident.services import warnings
from tongchou.station.incident.services.standing import own_place
from tongchou.station.incident.views.attempt import attempt, form_page, typed
from tongchou.vocabulary.text import Text

PARTS = {
    "late": Text(zh="逾期", en="Late"),
    "raised": Text(zh="上报到本级", en="Raised to this level"),
    "new": Text(zh="待签收", en="New"),
    "to_verify": Text(zh="待核实或被退回", en="To verify, or refused"),
}


@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Ask, then open the hand-over of this shift; one that is open already is shown."""
    require_any("incident.handover")
    if request.method == "POST":
        return redirect("incident:handover", work.begin(own_place()).pk)
    open_one = work.open_one(own_place())
    if open_one is not None:
        return redirect("incident:handover", open_one.pk)
    context = {
        "title": Text(zh="开始交接", en="Begin a hand-over"),
        "question": Text(
            zh="系统将列出本级逾期、上报、待签收、待核实的事项和收件箱，供交接双方核对签字。",
            en="The sheet lists what is late, raised, new and to verify at this level, and the inbox, for both shifts to go through and sign.",
        ),
        "button": Text(zh="开始", en="Begin"),
        "back": reverse("incident:handovers"),
    }
    return render(request, "desk/confirm.html", context)


@require_GET
def handover(request: HttpRequest, number: int) -> HttpResponse:
    """Show a hand-over sheet."""
    found = get_object_or_404(Handover.objects.select_related("place"), pk=number)
    sheet = found.sheet
    context = {
        "handover": found,
        "inbox": [(Text(zh=x["zh"], en=x["en"]), x["count"]) for x in sheet.get("inbox", [])],
        "parts": [
            {
                "label": label,
                "count": sheet.get(key, {}).get("count", 0),
                "items": [
                    {
                        "id": i["id"],
                        "number": i["number"],
                        "text": Text(zh=i["zh"], en=i["en"]),
                        "state": STATE_NAMES[i["state"]],
                        "due": i["due"][:16].replace("T", " "),
                        "where": Text(**i["where"]),
                    }
                    for i in sheet.get(key, {}).get("items", [])
                ],
            }
            for key, label in PARTS.items()
        ],
        "mine": "incident.handover" in actor().may and found.path == actor().path,
        "given_by_me": bool(found.given_by) and found.given_by["post"] == actor().post_id,
    }
    return render(request, "incident/handover.html", context)


@require_POST
def sign(request: HttpRequest, number: int, side: str) -> HttpResponse:
    """Sign a hand-over as the shift that leaves or the one that comes."""
    found = get_object_or_404(Handover.objects.select_related("place"), pk=number)
    if side == "give":
        attempt(
            request,
            lambda: work.give(found, typed(request, "notes", 4000)),
            Text(zh="交班方已签字。", en="Signed by the shift that leaves."),
        )
    else:
        attempt(
            request,
            lambda: work.take(found),
            Text(zh="接班方已签字，交接完成。", en="Signed by the shift that comes: handed over."),
        )
    return redirect("incident:handover", number)


def warning_badge(warning: EarlyWarning) -> Badge:
    """Say whether a warning was answered in time."""
    if warning.answered_at is None:
        if warning.late:
            return Badge(Text(zh="未答复·已超时", en="not answered, late"), "bad")
        return Badge(Text(zh="待答复", en="to be answered"), "info")
    return Badge(Text(zh="已答复", en="answered"), "warn" if warning.late else "good")


@require_http_methods(["GET", "POST"])
def warn(request: HttpRequest) -> HttpResponse:
    """Send an early warning."""
    require_any("incident.view")

    def save(data: dict) -> str:
        made = warnings.warn(data["words"], withhold=data["withhold"])
        messages.success(
            request,
            Text(
                zh="已直接送达县级值班室，24 小时内答复。回执码：{slip}",
                en="It went straight to the duty room and is answered within 24 hours. Your slip: {slip}",
            ).fill(slip=made.slip)[language()],
        )
        return f"{reverse('incident:warn_answer')}?slip={made.slip}"

    return form_page(
        request,
        WarningForm(request.POST or None),
        save,
        title=Text(zh="我发现了异常", en="I see something odd"),
        button=Text(zh="直接上报", en="Send it up"),
        back=reverse("desk:home"),
        note=Text(
            zh="第一时间说出来比确定更重要。报错了没有任何后果。",
            en="Saying it at once matters more than being sure. Being wrong has no consequence.",
        ),
    )


@require_GET
def warn_answer(request: HttpRequest) -> HttpResponse:
    """Show the answer to a warning to whoever holds its slip."""
    slip = request.GET.get("slip", "").replace("\x00", "").strip()[:64]
    found = warnings.by_slip(slip)
    return render(
        request,
        "incident/warn_answer.html",
        {"slip": slip, "warning": found, "badge": warning_badge(found) if found else None},
    )


@require_http_methods(["GET", "POST"])
def warning(request: HttpRequest, number: int) -> HttpResponse:
    """Show a warning, and answer it."""
    found = get_object_or_404(EarlyWarning.objects.select_related("place", "unit"), pk=number)
    if request.method == "POST":
        attempt(
            request,
            lambda: warnings.answer(found, typed(request, "answer", 2000)),
            Text(zh="已答复。", en="Answered."),
        )
        return redirect("incident:warning", number)
    context = {
        "warning": found,
        "facts": [
            (Text(zh="状态", en="State"), warning_badge(found)),
            (Text(zh="地区", en="Area"), found.place.name),
            (
                Text(zh="上报人岗位", en="Written by"),
                found.by_title if found.made_by else Text(zh="未留", en="withheld"),
            ),
            (Text(zh="上报时间", en="Sent"), found.made_at),
            (Text(zh="答复时限", en="To be answered by"), found.due),
            (Text(zh="答复时间", en="Answered"), found.answered_at),
        ],
        "may": "incident.inspect" in actor().may and found.path.startswith(actor().path),
    }
    return render(request, "incident/warning.html", context)
