"""Pages of the daily round, needs, appeals, the person's own sheet, and the sites."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require, require_any
from tongchou.station.audit.record import record
from tongchou.station.cases import contact_lists as lists
from tongchou.station.cases.bases import basis_text
from tongchou.station.cases.forms.contact import (
    AnswerForm,
    AppealForm,
    CapacityForm,
    NeedForm,
    PlaceManyForm,
)
from tongchou.station.cases.models import Appeal, Check, Contact, Need, Quarantine, Site
from tongchou.station.cases.models.arrival import TIER_NAMES
from tongchou.station.cases.models.quarantine import KIND_NAMES, NEED_NAMES
from tongchou.station.cases.problems import NotAccepted
from tongchou.station.cases.services import quarantine
from tongchou.station.cases.services.contacts import find_contact, name_of, person_of
from tongchou.station.cases.views.acting_on import kept, say, tried
from tongchou.station.cases.watch import SYMPTOMS, day_of_watch, number, rules
from tongchou.station.desk.templatetags.words import language
from tongchou.station.places.models import Unit, UnitKind
from tongchou.vocabulary.text import Text, same

ROUND = 60
"""People on one page of the round: more is another page, so that a phone can carry it."""


@require_http_methods(["GET", "POST"])
def daily_round(request: HttpRequest) -> HttpResponse:
    """Ask everyone of the grid how they are: one page, saved at once."""
    require_any("checks.record")
    if request.method == "POST":
        done, problems = _keep_round(request)
        if done:
            say(request, "已登记 {n} 人今日情况。", "Recorded {n} people today.", n=done)
        for problem in problems:
            messages.error(request, problem[language()])
        return redirect("cases:round")
    today = timezone.localdate()
    waiting = lists.unasked(lists.contacts()).order_by("person__identity__address", "pk")
    rows = list(waiting[:ROUND])
    if rows:
        record("contacts.view", "round", rows=len(rows))
    asked = Check.objects.filter(on=today, contact__state="placed").select_related("contact__person__identity")  # fmt: skip
    context = {
        "people": [_line(c, today) for c in rows],
        "left": max(waiting.count() - len(rows), 0),
        "asked": [(c, name_of(c.contact.person)) for c in asked[:ROUND]],
        "symptoms": SYMPTOMS.items(),
        "needs": NEED_NAMES.items(),
        "fever": rules()["fever_celsius"].value,
        "today": today,
    }
    return render(request, "cases/quarantine_round.html", context)


def _line(contact: Contact, today: Any) -> dict[str, Any]:
    identity = getattr(contact.person, "identity", None)
    return {
        "contact": contact,
        "name": name_of(contact.person) or contact.pseudonym,
        "phone": identity.phone if identity else "",
        "address": identity.address if identity else "",
        "day": day_of_watch(due=contact.release_due, today=today, arrival=contact.is_arrival),
        "due": contact.release_due,
    }


def _keep_round(request: HttpRequest) -> tuple[int, list[Text]]:
    """Keep the lines that were answered; one that cannot be kept says why, the others stay."""
    done, problems = 0, []
    for key in request.POST.getlist("who"):
        answer = request.POST.get(f"how-{key}", "")
        contact = Contact.objects.filter(pk=int(key)).first() if key.isdigit() else None
        if not answer or contact is None:
            continue
        temperature, fault = _degrees(request.POST.get(f"t-{key}", ""))
        refused = fault or _keep_line(request, contact, key, answer, temperature)
        if refused:
            who = name_of(contact.person) or contact.pseudonym
            problems.append(Text("{who}：{why}", "{who}: {why}").fill(who=who, why=refused))
        else:
            done += 1
    return done, problems


def _degrees(typed: str) -> tuple[float | None, Text | None]:
    typed = typed.strip().replace(",", ".").replace("，", ".").rstrip("℃°Cc ")
    if not typed:
        return None, None
    try:
        return float(typed), None
    except ValueError:
        return None, Text("读不懂体温“{t}”。", "“{t}” is no temperature.").fill(t=typed)


def _keep_line(
    request: HttpRequest, contact: Contact, key: str, answer: str, temperature: float | None
) -> Text | None:
    symptoms = [s for s in request.POST.getlist(f"s-{key}") if s in SYMPTOMS]
    needs = [n for n in request.POST.getlist(f"n-{key}") if n in NEED_NAMES]
    try:
        quarantine.record_check(
            contact, temperature=temperature, symptoms=symptoms if answer == "ill" else [],
            reached=answer != "away", needs=needs,
        )  # fmt: skip
    except NotAccepted as refused:
        return refused.text()
    return None


@require_http_methods(["GET", "POST"])
def new_need(request: HttpRequest, number: str) -> HttpResponse:
    """Write down what a person needs."""
    found = find_contact(number)
    require("checks.record", found)
    form = NeedForm(request.POST or None)
    if request.method == "POST" and kept(form, lambda d: quarantine.add_need(found, **d)):
        say(request, "已登记需求。", "The need is written down.")
        return redirect("cases:contact", number=number)
    return _form(
        request, form, Text("登记生活需求", "Write down a need"), found, Text("登记", "Save")
    )


@require_POST
def need_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a need was met."""
    need = get_object_or_404(Need.objects.all(), pk=pk)
    quarantine.finish_need(need)
    say(request, "已办结。", "It is noted as met.")
    return redirect("cases:contact", number=need.contact.pseudonym)


@require_http_methods(["GET", "POST"])
def new_appeal(request: HttpRequest, number: str) -> HttpResponse:
    """Take down an appeal."""
    found = find_contact(number)
    require("checks.record", found)
    form = AppealForm(request.POST or None)
    if request.method == "POST" and (made := kept(form, lambda d: quarantine.make_appeal(found, d["reason"]))):  # fmt: skip
        say(request, "申诉已受理，最迟于 {due} 答复。", "The appeal is taken down; it is answered by {due}.", due=made.due_on)  # fmt: skip
        return redirect("cases:contact", number=number)
    return _form(
        request, form, Text("受理申诉", "Take down an appeal"), found, Text("受理", "Save")
    )


def _form(
    request: HttpRequest, form: Any, title: Text, found: Contact, button: Text
) -> HttpResponse:
    context = {
        "form": form, "title": title, "button": button,
        "note": same(f"{name_of(person_of(found))} {found.pseudonym}".strip()),
        "back": reverse("cases:contact", args=[found.pseudonym]),
    }  # fmt: skip
    return render(request, "desk/form_page.html", context)


@require_http_methods(["GET", "POST"])
def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """Read an appeal and answer it with reasons."""
    found = get_object_or_404(Appeal.objects.select_related("contact"), pk=pk)
    record("contacts.view", found.contact, did="appeal_read")
    form = AnswerForm(request.POST or None)
    if request.method == "POST":
        require("contacts.manage", found)
        if kept(form, lambda d: quarantine.answer_appeal(found, upheld=d["upheld"] == "yes", answer=d["answer"])):  # fmt: skip
            say(request, "已答复，请把答复交给本人。", "Answered; hand the answer to the person.")
            return redirect("cases:contact", number=found.contact.pseudonym)
    context = {
        "appeal": found,
        "contact": found.contact,
        "name": name_of(person_of(found.contact)),
        "form": form,
        "may_answer": found.answered_at is None and "contacts.manage" in actor().may,
        "late": found.answered_at is None and found.due_on < timezone.localdate(),
    }
    return render(request, "cases/quarantine_appeal.html", context)


@require_GET
def sheet(request: HttpRequest, number: str) -> HttpResponse:
    """Show the person's own sheet: what is held, why, until when, how to appeal; in both languages."""
    found = find_contact(number)
    record("contacts.view", found, did="sheet")
    stay = found.quarantines.filter(ended_at=None).select_related("site").first()
    arrival = getattr(found, "arrival", None)
    basis = stay.legal_basis if stay else arrival.legal_basis if arrival else ""
    context = {
        "contact": found,
        "identity": getattr(person_of(found), "identity", None),
        "stay": stay,
        "kind": KIND_NAMES[stay.kind] if stay else None,
        "basis": basis_text(basis) if basis else None,
        "arrival": arrival,
        "tier": TIER_NAMES[arrival.origin_tier] if arrival else None,
        "needs": [NEED_NAMES[n.kind] for n in found.needs.filter(done_at=None)],
        "appeals": found.appeals.all(),
        "keep_days": number_of("retention_days"),
        "appeal_days": number_of("appeal_days"),
        "languages": ("zh", "en"),
        "printed": timezone.now(),
    }
    return render(request, "cases/quarantine_sheet.html", context)


def number_of(name: str) -> int:
    """Give a number of the rules for a page."""
    return number(name)


@require_GET
def sites(request: HttpRequest) -> HttpResponse:
    """Show the sites with how many they hold and can hold."""
    require_any("contacts.manage")
    rows = Unit.objects.filter(kind=UnitKind.QUARANTINE, active=True, path__startswith=actor().path)
    context = {"sites": [_site(u) for u in rows.select_related("place")[:200]]}
    return render(request, "cases/quarantine_sites.html", context)


def _site(unit: Unit) -> dict[str, Any]:
    known = Site.objects.filter(unit=unit).first()
    free = quarantine.free_places(unit)
    capacity = known.capacity if known else None
    return {
        "unit": unit, "capacity": capacity, "free": free,
        "held": capacity - free if capacity is not None and free is not None else None,
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
def site(request: HttpRequest, code: str) -> HttpResponse:
    """Place waiting contacts at one site, as many as it can hold."""
    require_any("contacts.manage")
    unit = get_object_or_404(
        Unit, code=code, kind=UnitKind.QUARANTINE, path__startswith=actor().path
    )
    waiting = lists.not_placed(lists.contacts()).allowed("contacts.manage").order_by("named_at")
    form = PlaceManyForm(request.POST if "place" in request.POST else None)
    capacity = CapacityForm(
        request.POST if "set_capacity" in request.POST else None, initial=_site(unit)
    )
    if request.method == "POST":
        done = _post_site(request, unit, waiting, form, capacity)
        if done:
            return redirect("cases:site", code=code)
    rows = list(waiting[:200])
    if rows:
        record("contacts.view", "waiting", rows=len(rows))
    context = {
        **_site(unit), "form": form, "capacity_form": capacity,
        "waiting": [(c, name_of(c.person)) for c in rows],
        "here": Quarantine.objects.filter(site=unit, ended_at=None).count(),
    }  # fmt: skip
    return render(request, "cases/quarantine_site.html", context)


def _post_site(request: HttpRequest, unit: Unit, waiting: Any, form: Any, capacity: Any) -> bool:
    if "set_capacity" in request.POST:
        if not capacity.is_valid():
            return False
        Site.objects.update_or_create(unit=unit, defaults=capacity.cleaned_data)
        record(
            "contacts.manage", f"places.unit:{unit.code}", did="capacity", **capacity.cleaned_data
        )
        say(request, "已保存容量。", "The capacity is saved.")
        return True
    chosen = [int(n) for n in request.POST.getlist("row") if n.isdigit()]
    if not form.is_valid():
        return False
    basis = form.cleaned_data["legal_basis"]
    rows = list(waiting.filter(pk__in=chosen))
    placed = tried(request, lambda: quarantine.place_many(rows, site=unit, legal_basis=basis))
    if placed:
        say(
            request,
            "已安置 {n} 人到{site}。",
            "Placed {n} people at {site}.",
            n=placed,
            site=unit.name,
        )
    return True
