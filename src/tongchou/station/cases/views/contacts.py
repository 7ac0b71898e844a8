"""Pages of contacts and arrivals: naming, the record, placing, releasing, handing over."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require, require_any
from tongchou.station.audit.record import record
from tongchou.station.cases.bases import basis_text
from tongchou.station.cases.forms.contact import (
    ArrivalForm,
    ContactForm,
    HandOverForm,
    PersonForm,
    PlaceForm,
    ReleaseForm,
    county_guess,
)
from tongchou.station.cases.likeness import Candidate
from tongchou.station.cases.matching import find_duplicates
from tongchou.station.cases.models import Case, Contact, Identity, Person
from tongchou.station.cases.models.arrival import TIER_NAMES
from tongchou.station.cases.models.contact import STATE_NAMES
from tongchou.station.cases.models.quarantine import END_REASONS, KIND_NAMES, NEED_NAMES
from tongchou.station.cases.models.venue import CONTACT_SETTING_NAMES
from tongchou.station.cases.problems import NotAccepted
from tongchou.station.cases.services import contacts as service
from tongchou.station.cases.services import quarantine
from tongchou.station.cases.services.arrivals import register_arrival
from tongchou.station.cases.views.acting_on import kept, say, tried
from tongchou.station.cases.watch import SYMPTOMS, day_of_watch, delete_on
from tongchou.station.desk.lists import Badge
from tongchou.vocabulary.text import Text, join, same

NAMED = Text(zh="登记密切接触者", en="Name a contact")
ARRIVED = Text(zh="登记到达人员", en="Register an arrival")


@require_http_methods(["GET", "POST"])
def new_contact(request: HttpRequest) -> HttpResponse:
    """Name a contact of a case."""
    require_any("contacts.manage")
    guess = {"case": request.GET.get("case", ""), "responsible": county_guess(actor().path)}
    form = ContactForm(request.POST or None, initial=guess)
    return _named(request, form, NAMED, _keep_contact)


def _keep_contact(person: Person, data: dict[str, Any]) -> Contact:
    case = Case.objects.filter(pseudonym=data["case"].strip().upper()).first()
    if case is None:
        raise service.refuse("case", "找不到病例 {n}。", "There is no case {n}.", n=data["case"])
    return service.name_contact(
        person, responsible=data["responsible"], setting=data["setting"], case=case,
        exposed_on=data["exposed_on"], form_token=data["token"],
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def new_arrival(request: HttpRequest) -> HttpResponse:
    """Register an arrival under watch."""
    require_any("contacts.manage")
    guess = {"responsible": county_guess(actor().path), "arrived_on": timezone.localdate()}
    form = ArrivalForm(request.POST or None, initial=guess)
    return _named(request, form, ARRIVED, _keep_arrival)


def _keep_arrival(person: Person, data: dict[str, Any]) -> Contact:
    names = ("responsible", "purpose", "legal_basis", "origin_tier", "origin", "arrived_on")
    return register_arrival(person, form_token=data["token"], **{n: data[n] for n in names})


def _named(request: HttpRequest, form: PersonForm, title: Text, keep: Any) -> HttpResponse:
    """Ask once whether the person is on record already, then keep."""
    found: list[dict[str, object]] = []
    if request.method == "POST" and form.is_valid():
        chosen = request.POST.get("person", "")
        found = [] if chosen else _known(form)
        if not found:
            contact = kept(form, lambda data: keep(_person(form, chosen), data))
            if contact:
                say(request, "已登记 {number}，应于 {due} 解除。", "{number} is entered; release is due on {due}.", number=contact.pseudonym, due=contact.release_due)  # fmt: skip
                return redirect("cases:contact", number=contact.pseudonym)
    context = {"form": form, "title": title, "found": found}
    return render(request, "cases/contact_new.html", context)


def _known(form: PersonForm) -> list[dict[str, object]]:
    """Give persons on record who may be the one being entered."""
    told = form.person()
    asked = Candidate(
        row="new", name=told["name"], sex=told["sex"], birth_year=told["birth_year"], phone=told["phone"],
        document=told["document_number"], path=told["residence"].path,
    )  # fmt: skip
    found = find_duplicates([asked])[:5]
    if found:
        record("cases.identity", "duplicates", rows=len(found), persons=[m.person for m in found])
    people = {
        p.pseudonym: p
        for p in Person.objects.filter(pseudonym__in=[m.person for m in found]).select_related(
            "identity"
        )
    }
    return [
        {
            "person": people[m.person],
            "name": service.name_of(people[m.person]),
            "score": f"{m.score:.0%}",
            "why": join(m.reasons),
        }
        for m in found
    ]


def _person(form: PersonForm, chosen: str) -> Person:
    if chosen and chosen != "new":
        held = Person.objects.filter(pseudonym=chosen).first()
        if held is None:
            raise service.refuse(
                "name", "找不到此人，请重新填写。", "That person is not there; enter them anew."
            )
        return held
    return service.enter_person(responsible=form.cleaned_data["responsible"], **form.person())


@require_GET
def contact(request: HttpRequest, number: str) -> HttpResponse:
    """Show a contact: where they stay, until when, what they need, how they are."""
    found = service.find_contact(number)
    record("contacts.view", found)
    may = {name: _may(name, found) for name in ("contacts.manage", "checks.record", "persons.disclose", "persons.erase", "cases.report")}  # fmt: skip
    person = service.person_of(found)
    identity = Identity.objects.filter(person_id=found.person_id).first()
    context = {
        "contact": found,
        "person": person,
        "identity": identity,
        "residence": found.residence_path.rstrip("/").rpartition("/")[2],
        "age": _age(person),
        "facts": _facts(found),
        "who": _who(person, identity),
        "day": day_of_watch(
            due=found.release_due, today=timezone.localdate(), arrival=found.is_arrival
        ),
        "state": STATE_NAMES[found.state],
        "stays": [_stay(q) for q in found.quarantines.select_related("site")],
        "checks": [_check(c) for c in found.checks.all()[:20]],
        "needs": [(n, NEED_NAMES[n.kind]) for n in found.needs.order_by("done_at", "due_at")],
        "appeals": found.appeals.all(),
        "unseen": found.checks.filter(positive=True, seen_at=None).exists(),
        "may": {k.replace(".", "_"): v for k, v in may.items()},
    }
    return render(request, "cases/contact_page.html", context)


def _age(person: Person | None) -> int | None:
    return timezone.localdate().year - person.birth_year if person and person.birth_year else None


def _may(action: str, row: Contact) -> bool:
    who = actor()
    return action in who.may and (action == "cases.report" or _passes(action, row))


def _passes(action: str, row: Contact) -> bool:
    return Contact.objects.filter(pk=row.pk).allowed(action).exists()


def _who(person: Person | None, identity: Identity | None) -> list[tuple[Text, object]]:
    if person is None or identity is None:
        return [(Text("人员编号", "Person"), person.pseudonym if person else "")]
    return [
        (Text("姓名", "Name"), identity.name),
        (Text("电话", "Telephone"), identity.phone),
        (Text("住址", "Address"), identity.address),
        (Text("出生年份", "Year of birth"), str(person.birth_year or "")),
        (Text("人员编号", "Person"), person.pseudonym),
    ]


def _facts(found: Contact) -> list[tuple[Text, object]]:
    facts: list[tuple[Text, object]] = [
        (Text("责任地区", "Responsible"), found.responsible.name),
        (Text("场所", "Setting"), CONTACT_SETTING_NAMES[found.setting]),
        (Text("判定时间", "Named"), found.named_at),
        (Text("追踪到", "Reached"), found.traced_at),
        (Text("落实隔离", "Placed"), found.placed_at),
        (Text("应解除日期", "Release due"), found.release_due),
    ]
    if number := service.case_number(found):
        facts.insert(1, (Text("关联病例", "Case"), number))
    facts.insert(3, (Text("到达日期", "Arrived") if found.is_arrival else Text("末次接触", "Last exposure"), found.exposed_on))  # fmt: skip
    if found.is_arrival and hasattr(found, "arrival"):
        facts += [
            (Text("观察目的", "Purpose"), found.arrival.purpose),
            (Text("法律依据", "Legal basis"), basis_text(found.arrival.legal_basis)),
            (Text("来源地等级", "Tier of origin"), TIER_NAMES[found.arrival.origin_tier]),
        ]
    if found.released_at:
        facts += [
            (Text("解除时间", "Released"), found.released_at),
            (Text("自动删除", "Deleted by itself"), delete_on(timezone.localdate(found.released_at))),
        ]  # fmt: skip
    return facts


def _stay(stay: Any) -> dict[str, object]:
    return {
        "stay": stay,
        "kind": KIND_NAMES[stay.kind],
        "where": stay.site.name if stay.site else same(""),
        "basis": basis_text(stay.legal_basis),
        "end": END_REASONS.get(stay.end_reason),
    }


def _check(check: Any) -> dict[str, object]:
    if not check.reached:
        badge = Badge(Text("未联系上", "not reached"), "warn")
    elif check.positive:
        badge = Badge(Text("有症状", "symptoms"), "bad")
    else:
        badge = Badge(Text("无症状", "no symptoms"), "good")
    symptoms = join([SYMPTOMS.get(s, same(s)) for s in check.symptoms])
    return {"check": check, "badge": badge, "symptoms": symptoms}


@require_POST
def trace(request: HttpRequest, number: str) -> HttpResponse:
    """Note that a contact was reached."""
    found = service.trace(service.find_contact(number))
    say(request, "已记录追踪到 {number}。", "{number} is noted as reached.", number=found.pseudonym)
    return redirect("cases:contact", number=number)


@require_http_methods(["GET", "POST"])
def place(request: HttpRequest, number: str) -> HttpResponse:
    """Place a contact at home or at a site, with what they need."""
    found = service.find_contact(number)
    require("contacts.manage", found)
    form = PlaceForm(request.POST or None, initial={"version": found.version, "grid": _grid(found)})
    form.fields["site"].near(found.responsible_path)
    if request.method == "POST" and kept(form, lambda data: _place(found, data)):
        say(request, "已安置 {number}，应于 {due} 解除。", "{number} is placed; release is due on {due}.", number=found.pseudonym, due=found.release_due)  # fmt: skip
        return redirect("cases:contact", number=number)
    context = {"form": form, "contact": found, "rooms": _rooms(form)}
    return render(request, "cases/quarantine_place.html", context)


def _grid(found: Contact) -> str:
    code = found.grid_path.rstrip("/").rpartition("/")[2]
    return code


def _rooms(form: PlaceForm) -> list[tuple[Text, int | None]]:
    """Give the sites on offer with their free places."""
    return [(unit.name, quarantine.free_places(unit)) for unit in form.fields["site"].queryset[:20]]


def _place(found: Contact, data: dict[str, Any]) -> bool:
    needs, version = data.pop("needs"), data.pop("version")
    quarantine.place(found, version=version, **data)
    for kind in needs:
        quarantine.add_need(found, kind=kind)
    return True


@require_http_methods(["GET", "POST"])
def release(request: HttpRequest, number: str) -> HttpResponse:
    """End a watch by hand."""
    found = service.find_contact(number)
    require("contacts.manage", found)
    form = ReleaseForm(request.POST or None, initial={"version": found.version})
    if request.method == "POST" and kept(form, lambda d: quarantine.release(found, reason=d["reason"], version=d["version"])):  # fmt: skip
        say(request, "已解除 {number}。", "{number} is released.", number=found.pseudonym)
        return redirect("cases:contact", number=number)
    context = {
        "form": form,
        "title": Text(zh="解除观察", en="End the watch"),
        "note": same(found.pseudonym),
        "button": Text(zh="解除", en="Release"),
        "back": request.path.removesuffix("release/"),
    }
    return render(request, "desk/form_page.html", context)


@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, number: str) -> HttpResponse:
    """Hand a contact over to another place."""
    found = service.find_contact(number)
    require("contacts.manage", found)
    form = HandOverForm(request.POST or None, initial={"version": found.version})
    if request.method == "POST" and kept(form, lambda d: service.hand_over(found, d["to"], version=d["version"])):  # fmt: skip
        say(request, "已移交 {number}。", "{number} is handed over.", number=found.pseudonym)
        return redirect("cases:contacts")
    context = {
        "form": form,
        "title": Text(zh="移交密切接触者", en="Hand a contact over"),
        "note": same(found.pseudonym),
        "button": Text(zh="移交", en="Hand over"),
        "back": request.path.removesuffix("hand-over/"),
    }
    return render(request, "desk/form_page.html", context)


@require_POST
def symptoms_seen(request: HttpRequest, number: str) -> HttpResponse:
    """Note that symptoms were looked at and no case is reported for them."""
    found = service.find_contact(number)
    for check in found.checks.filter(positive=True, seen_at=None):
        quarantine.see_check(check)
    say(request, "已记录：症状已核查。", "Noted: the symptoms were looked at.")
    return redirect("cases:contact", number=number)


__all__ = [
    "NotAccepted", "contact", "hand_over", "new_arrival", "new_contact", "place", "release",
    "symptoms_seen", "trace", "transaction", "tried",
]  # fmt: skip
