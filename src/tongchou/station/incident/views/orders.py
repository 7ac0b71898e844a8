"""Pages of the order of the day: the run, the lines to sign, the documents."""

from typing import Any

from csp.decorators import csp_exempt
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require_any
from tongchou.station.accounts.models import User
from tongchou.station.desk.lists import Badge, Tone
from tongchou.station.desk.templatetags.words import language
from tongchou.station.incident import tasks_orders
from tongchou.station.incident.errors import NotPossible
from tongchou.station.incident.forms.orders import AnswerForm, AskForm
from tongchou.station.incident.models import Order, OrderDocument, OrderLine
from tongchou.station.incident.models.order import ORDER_STATES, Reply
from tongchou.station.incident.services import orders, signing
from tongchou.station.incident.services.documents import LABELS, PAGE_POLICY
from tongchou.station.incident.services.standing import own_place
from tongchou.station.incident.views.attempt import attempt, form_page
from tongchou.vocabulary.text import Text

TONES: dict[str, Tone] = {
    "queued": "info",
    "running": "info",
    "failed": "bad",
    "drafted": "warn",
    "signing": "warn",
    "signed": "good",
    "published": "good",
    "superseded": "neutral",
}
BADGES = {state: Badge(text, TONES[state]) for state, text in ORDER_STATES.items()}
REPLY_BADGES = {
    "sign": Badge(Text(zh="签发", en="signed"), "good"),
    "change": Badge(Text(zh="修改后签发", en="changed and signed"), "warn"),
    "refuse": Badge(Text(zh="不予签发", en="refused"), "bad"),
    "": Badge(Text(zh="未答复", en="not answered"), "neutral"),
}


def _order(number: int) -> Order:
    return get_object_or_404(Order.objects.select_related("place"), pk=number)


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Start the morning run for a place."""
    require_any("incident.run")
    place = own_place()
    form = AskForm(place, orders.usual_cut(place), request.POST or None)

    def save(data: dict[str, Any]) -> str:
        order = orders.ask(data["place"], data["cut"])
        tasks_orders.defer(order.pk)
        return reverse("incident:order", args=[order.pk])

    return form_page(
        request,
        form,
        save,
        title=Text(zh="启动晨间作业", en="Start the morning run"),
        button=Text(zh="启动", en="Start"),
        back=reverse("incident:orders"),
        note=Text(
            zh="用平台现有数据生成每日工作部署草稿，约需数秒到一分钟；由该地指挥长逐项签署后生效。",
            en="Drafts the order of the day from the station's data, in seconds to a minute; it takes effect when the commander of the place has signed it line by line.",
        ),
    )


@require_POST
def again(request: HttpRequest, number: int) -> HttpResponse:
    """Make a further edition of an order, from the data as they stand now."""
    order = _order(number)
    made = orders.ask(order.place, order.cut, seed=order.seed)
    tasks_orders.defer(made.pk)
    return redirect("incident:order", made.pk)


@require_GET
def order(request: HttpRequest, number: int) -> HttpResponse:
    """Show an order: its run while it is made, then the document beside the lines to sign."""
    found = _order(number)
    return render(request, "incident/order.html", _context(found))


def _context(found: Order) -> dict[str, Any]:
    mine = orders.may_sign(found)
    lines = list(found.lines.select_related("directive", "order"))
    return {
        "order": found,
        "badge": BADGES[found.state],
        "steps": _steps(found),
        "lines": [_line(line, mine and found.open) for line in lines],
        "answered": sum(bool(line.reply) for line in lines),
        "mine": mine,
        "may_run": actor().may.get("incident.run") == "area",
        "files": _files(found),
        "editions": Order.objects.filter(place_id=found.place_id, cut=found.cut)
        .exclude(pk=found.pk)
        .order_by("-edition"),
    }


def _steps(found: Order) -> list[dict[str, Any]]:
    from tongchou.morning.run import STEPS

    over = not found.waiting and found.state != "failed"
    return [
        {
            "number": s.number,
            "name": s.name,
            "state": "done"
            if over or s.number < found.step
            else ("failed" if found.state == "failed" else "now")
            if s.number == found.step
            else "ahead",
        }
        for s in STEPS
    ]


def _line(line: OrderLine, open_: bool, form: AnswerForm | None = None) -> dict[str, Any]:
    proposed = line.proposed
    options = [
        {
            "name": Text(**o["name"]),
            "effect": Text(**o["effect"]),
            "cost": Text(**o["cost"]),
            "burden": Text(**o["burden"]),
            "recommended": o["recommended"],
            "least": n == proposed.get("least"),
        }
        for n, o in enumerate(proposed["options"])
    ]
    return {
        "line": line,
        "badge": REPLY_BADGES[line.reply],
        "form": (form or AnswerForm(line)) if open_ else None,
        "where": line.said("where"),
        "basis": line.said("legal_basis"),
        "would_change": line.said("would_change"),
        "sentence": line.said("sentence"),
        "owner": line.said("owner"),
        "due": line.said("due"),
        "options": options,
        "takes_freedom": proposed["takes_freedom"],
        "start": proposed["start"],
        "expiry": proposed["expiry"],
    }


def _files(found: Order) -> list[tuple[OrderDocument, Text]]:
    signed = found.signed_at is not None
    rows = found.documents.defer("content").filter(lang__in=(language(), ""))
    kept = [d for d in rows if d.signed == signed or d.name not in ("order.html", "order.docx")]
    by_name = {d.name: d for d in kept}
    return [(by_name[n], label) for n, label in LABELS.items() if n in by_name]


@require_GET
def steps(request: HttpRequest, number: int) -> HttpResponse:
    """Give how far the run is; once it is over the whole page is asked for anew."""
    found = _order(number)
    response = render(
        request,
        "incident/order_steps.html",
        {"order": found, "steps": _steps(found), "badge": BADGES[found.state], "polled": True},
    )
    if not found.waiting:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def answer(request: HttpRequest, number: int, line: int) -> HttpResponse:
    """Answer one line; with htmx the line alone comes back, and the count above."""
    found = _order(number)
    row = get_object_or_404(found.lines.select_related("order"), number=line)
    form = AnswerForm(row, request.POST)
    done = False
    if form.is_valid():
        try:
            with transaction.atomic():
                orders.answer(row, form.cleaned_data["reply"], **form.given())
            done = True
        except NotPossible as refused:
            form.add_error(None, refused.text()[language()])
            row.refresh_from_db()
    if request.htmx:
        found = _order(number)
        lines = list(found.lines.all())
        context = {
            "order": found,
            "entry": _line(row, found.open, None if done else form),
            "answered": sum(bool(x.reply) for x in lines),
            "lines": lines,
            "mine": True,
            "swapped": True,
            "just": done,
        }
        return render(request, "incident/order_line.html", context)
    if done:
        return redirect(f"{reverse('incident:order', args=[number])}#line-{line}")
    whole: dict[str, Any] = _context(found)
    whole["lines"][line - 1] = _line(row, found.open, form)
    return render(request, "incident/order.html", whole)


@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, number: int) -> HttpResponse:
    """Ask once more, then sign the whole order."""
    found = _order(number)
    orders.require_signer(found)
    if request.method == "POST":
        attempt(
            request,
            lambda: signing.sign(found),
            Text(
                zh="已签署。指令已下达，不予签发的事项已记入决定台账。",
                en="Signed. The directives are out, and what was refused stands in the decision log.",
            ),
        )
        return redirect("incident:order", number)
    replies = list(found.lines.values_list("reply", flat=True))
    person = User.objects.get(pk=actor().user_id)
    question = Text(
        zh="{name}（{post}）签署：签发 {s} 项，修改后签发 {c} 项，不予签发 {r} 项。签署后任何人都不能再改动，指令立即下达。",
        en="{name} ({post}) signs: {s} as proposed, {c} with changes, {r} refused. Nobody can change it afterwards, and the directives go out at once.",
    ).fill(
        name=str(person),
        post=actor().title,
        s=replies.count(Reply.SIGN),
        c=replies.count(Reply.CHANGE),
        r=replies.count(Reply.REFUSE),
    )
    return _confirm(request, found, Text(zh="签署", en="Sign"), question)


@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, number: int) -> HttpResponse:
    """Ask once more, then let the public read the bulletin."""
    found = _order(number)
    orders.require_signer(found)
    if request.method == "POST":
        attempt(
            request,
            lambda: signing.publish(found),
            Text(zh="公报已公布。", en="The bulletin is public."),
        )
        return redirect("incident:order", number)
    question = Text(
        zh="公布公报和开放数据后，任何人不登录即可阅读；1至4人的数已遮蔽。请先看过公报全文。",
        en="Anyone may read the bulletin and its open data without signing in; counts of 1 to 4 persons are masked. Read the bulletin first.",
    )
    return _confirm(request, found, Text(zh="公布公报", en="Publish the bulletin"), question)


def _confirm(request: HttpRequest, found: Order, button: Text, question: Text) -> HttpResponse:
    context = {
        "title": found.title,
        "question": question,
        "button": button,
        "back": reverse("incident:order", args=[found.pk]),
    }
    return render(request, "desk/confirm.html", context)


@require_GET
@csp_exempt()
def page(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """Give the order or bulletin as a page of its own: signed where it is, in a sandbox."""
    found = _order(number)
    if name not in ("order", "bulletin"):
        raise Http404
    wanted = request.GET.get("lang", language())
    rows = found.documents.filter(name=f"{name}.html", lang=wanted).order_by("-signed")
    if request.GET.get("draft") == "1":
        rows = rows.filter(signed=False)
    document = rows.first()
    if document is None:
        raise Http404
    response = HttpResponse(bytes(document.content), content_type=document.content_type)
    response["Content-Security-Policy"] = PAGE_POLICY
    return response


@require_GET
def file(request: HttpRequest, number: int, document: int) -> HttpResponse:
    """Give a file of an order to keep."""
    found = get_object_or_404(
        OrderDocument.objects.select_related("order"), order_id=number, pk=document
    )
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    stem, _, ending = found.name.rpartition(".")
    parts = [found.order.place_id, str(found.order.cut), stem, found.lang]
    name = "-".join([*(p for p in parts if p), *(["signed"] if found.signed else [])])
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.{ending}")
    response["X-Content-Type-Options"] = "nosniff"
    return response
