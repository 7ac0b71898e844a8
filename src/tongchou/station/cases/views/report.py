"""Reporting a case in two screens; who may be on record already is shown at once."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require_any
from tongchou.station.access.pseudonyms import typed as as_number
from tongchou.station.cases.forms.fields import refuse, to_the_minute, today
from tongchou.station.cases.forms.report import WhatForm, WhoForm
from tongchou.station.cases.models import Case, Person
from tongchou.station.cases.problems import NotAccepted
from tongchou.station.cases.services.reporting import (
    Known,
    Report,
    already_known,
    own_unit,
    report_case,
)
from tongchou.station.cases.services.sampling import laboratories, take_sample
from tongchou.station.desk.templatetags.words import language
from tongchou.station.places.models import Level, Place
from tongchou.vocabulary.text import Text


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Ask who and how ill; then class and places; then keep it."""
    require_any("cases.report")
    if request.method == "GET" or "back" in request.POST:
        who = WhoForm(request.POST or None, initial={"visited_at": to_the_minute()})
        if request.method == "POST":
            who.errors.clear()
        return render(request, "cases/report_who.html", {"form": who})
    who = WhoForm(request.POST)
    if not who.is_valid():
        return render(request, "cases/report_who.html", {"form": who})
    if "second" not in request.POST:
        what = WhatForm(initial=_first_guess(who.cleaned_data))
        return _second(request, who, what)
    what = WhatForm(request.POST)
    return _keep(request, who, what)


def _second(request: HttpRequest, who: WhoForm, what: WhatForm) -> HttpResponse:
    what.fields["lab_unit"].near(actor().path)
    return render(
        request,
        "cases/report_what.html",
        {"form": what, "who": who, "known": _known(who.cleaned_data), "carried": _carried(who)},
    )


def _carried(who: WhoForm) -> list[tuple[str, str]]:
    """Give the first screen as it was typed, to travel with the second."""
    return [(name, who.data.get(name, "")) for name in who.fields]


def _known(data: dict[str, Any]) -> list[Known]:
    return already_known(
        name=data.get("name") or "",
        document_number=data.get("document_number") or "",
        phone=data.get("phone") or "",
        age=data.get("age"),
        today=today(),
    )


def _first_guess(data: dict[str, Any]) -> dict[str, Any]:
    """Give what is likely: the own county, the nearest laboratory, diagnosed now."""
    path = actor().path
    labs = laboratories(path)
    return {
        "responsible": county_of(path) or county_of(data["residence"].path),
        "lab_unit": labs[0].pk if labs else None,
        "disease": "covid-19",
        "classification": "suspected",
    }


def county_of(path: str) -> Place | None:
    """Give the county that a path lies in or below, None above the counties."""
    codes = path.strip("/").split("/")
    return Place.objects.filter(code__in=codes, level=Level.COUNTY).first()


def _keep(request: HttpRequest, who: WhoForm, what: WhatForm) -> HttpResponse:
    what.fields["lab_unit"].near(actor().path)
    if not what.is_valid():
        return _second(request, who, what)
    try:
        with transaction.atomic():
            case = _store(
                who.cleaned_data, what.cleaned_data, as_number(request.POST.get("person", ""))
            )
    except NotAccepted as refused:
        return _refused(request, who, what, refused)
    messages.success(
        request,
        Text(
            zh="已报告 {number}，责任地区已收到。",
            en="Reported {number}; the responsible place has it.",
        ).fill(number=case.pseudonym)[language()],
    )
    return redirect("cases:case", number=case.pseudonym)


def _refused(
    request: HttpRequest, who: WhoForm, what: WhatForm, refused: NotAccepted
) -> HttpResponse:
    """Show each problem on the screen that its field stands on."""
    if any(p.field in who.fields for p in refused.problems):
        refuse(who, NotAccepted([p for p in refused.problems if p.field in who.fields]))
        return render(request, "cases/report_who.html", {"form": who})
    refuse(what, refused)
    return _second(request, who, what)


def _store(who: dict[str, Any], what: dict[str, Any], known: str) -> Case:
    person = Person.objects.filter(pseudonym=known).first() if known else None
    fields = {k: v for k, v in what.items() if k not in ("sample", "sample_kind", "lab_unit")}
    unit = own_unit()
    case = report_case(Report(**who, **fields, person=person), reported_by=unit)
    if what["sample"] and case.sampled_at is None:
        take_sample(
            case,
            kind=what["sample_kind"] or "throat",
            lab_unit=what["lab_unit"],
            taken_at=max(what["diagnosed_at"], who["visited_at"] or what["diagnosed_at"]),
            collected_by=unit,
            token=what["token"],
        )
    return case


@require_POST
def known(request: HttpRequest) -> HttpResponse:
    """Show who on record may be the person being typed: a piece of the first screen."""
    require_any("cases.report")
    who = WhoForm(request.POST)
    who.is_valid()
    return render(request, "cases/report_known.html", {"known": _known(who.cleaned_data)})
