"""The page of a case, and a page for each thing that may be done with it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from tongchou.station.access.context import actor
from tongchou.station.access.managers import Refused, require
from tongchou.station.audit.record import record
from tongchou.station.cases.case_lists import STATE_BADGES
from tongchou.station.cases.clocks import readings
from tongchou.station.cases.forms.case import (
    CorrectForm,
    HandOverForm,
    IdentityForm,
    MoveForm,
    ReasonForm,
    ResidenceForm,
)
from tongchou.station.cases.forms.fields import refuse
from tongchou.station.cases.models import Case, Identity, Investigation, Person
from tongchou.station.cases.problems import ChangedMeanwhile, NotAccepted
from tongchou.station.cases.services.history import find_case, moments_of, times_of
from tongchou.station.cases.services.lifecycle import correct, last_step, move, take_back
from tongchou.station.cases.services.persons import correct_identity
from tongchou.station.cases.services.transfer import hand_over, move_home
from tongchou.station.cases.states import find_move, open_moves
from tongchou.station.cases.storytelling import story
from tongchou.station.cases.summary import CLOCK_TONES, facts_of, person_facts, places_of
from tongchou.station.desk.lists import Badge
from tongchou.station.desk.templatetags.words import language
from tongchou.station.desk.views import list_page
from tongchou.vocabulary.text import Text


def case_list(request: HttpRequest) -> HttpResponse:
    """Show the list of cases; with names only to those who may see identities."""
    name = "cases_named" if "cases.identity" in actor().may else "cases"
    return list_page(name)(request)


@require_GET
def case_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show a case: who, state, clocks, places, samples, interview, history, and what may be done."""
    case = find_case(number)
    record("cases.view", case)
    person = Person.objects.filter(pk=case.person_id).first()
    identity = Identity.objects.filter(person_id=case.person_id).first()
    if identity is not None:
        record("cases.identity", case)
    interview = Investigation.objects.filter(case=case).first()
    now = timezone.now()
    return render(
        request,
        "cases/case_page.html",
        {
            "case": case,
            "badge": STATE_BADGES[case.state],
            "facts": facts_of(case),
            "who": person_facts(case, person, identity),
            "identity": identity,
            "places": places_of(case),
            "clocks": [
                (r, Badge(r.label, CLOCK_TONES[r.standing]))
                for r in readings(moments_of(case), now)
            ],
            "samples": case.samples.select_related("lab_unit").order_by("-taken_at"),
            "interview": interview,
            "events": story(case),
            "actions": _actions(case),
            "can": _can(case),
            "step": last_step(case),
            "positive": case.state in ("suspected", "tested")
            and case.samples.filter(result="positive").exists(),
        },
    )


def _allowed(case: Case, action: str) -> bool:
    try:
        return bool(require(action, case))
    except Refused:
        return False


def _actions(case: Case) -> list[dict[str, object]]:
    """Give the moves that this state and this actor allow."""
    held = [f for f, v in times_of(case).items() if v is not None]
    return [
        {"move": m, "danger": m.action in ("die", "move_away", "exclude")}
        for m in open_moves(case.state, held)
        if m.action != "sample" and _allowed(case, m.permission)
    ]


def _can(case: Case) -> dict[str, bool]:
    names = {
        "update": "cases.update", "collect": "samples.collect", "transfer": "cases.transfer",
        "investigate": "cases.investigate", "identity": "cases.identity",
    }  # fmt: skip
    return {name: _allowed(case, action) for name, action in names.items()}


Act = Callable[[Case, dict[str, Any]], object]


def ask(
    request: HttpRequest,
    case: Case,
    form: Form,
    act: Act,
    *,
    title: Text,
    button: Text,
    note: Text | None = None,
    wide: bool = False,
) -> HttpResponse:
    """Show a form about a case; when it is sent, do what it asks or say why not."""
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                act(case, form.cleaned_data)
        except NotAccepted as refused:
            refuse(form, refused)
        except ChangedMeanwhile as changed:
            form.add_error(None, changed.text()[language()])
        else:
            return _done(request, case, title)
    return render(
        request,
        "cases/case_form.html",
        {
            "case": case, "form": form, "title": title, "button": button, "note": note, "wide": wide,
            "back": reverse("cases:case", args=(case.pseudonym,)),
        },
    )  # fmt: skip


def _done(request: HttpRequest, case: Case, title: Text) -> HttpResponse:
    messages.success(
        request, Text(zh="已保存：{what}。", en="Saved: {what}.").fill(what=title)[language()]
    )
    still = Case.objects.filter(pk=case.pk).exists()
    return redirect("cases:case", number=case.pseudonym) if still else redirect("cases:cases")


def _bound(request: HttpRequest, case: Case, **more: object) -> dict[str, Any]:
    """Give what a form is made with: what was sent, or the case as it stands."""
    return {"data": request.POST or None, "initial": {"version": case.version, **more}}


@require_http_methods(["GET", "POST"])
def case_move(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """Do one of the moves of the table of states."""
    case = find_case(number)
    held = [f for f, v in times_of(case).items() if v is not None]
    step = find_move(case.state, action, held)
    require(step.permission, case)
    form = MoveForm(move=step, case=case, **_bound(request, case))
    return ask(
        request,
        case,
        form,
        lambda c, d: move(c, action, d, version=d["version"], text=d["note"]),
        title=step.label,
        button=step.label,
    )


@require_http_methods(["GET", "POST"])
def case_correct(request: HttpRequest, number: str) -> HttpResponse:
    """Correct times and attributes; old values stay in the history."""
    case = find_case(number)
    require("cases.update", case)
    form = CorrectForm(case=case, **_bound(request, case))
    return ask(
        request,
        case,
        form,
        lambda c, d: correct(c, form.changed_values(), reason=d["reason"], version=d["version"]),
        title=Text(zh="更正个案", en="Correct the case"),
        button=Text(zh="保存更正", en="Save the correction"),
        note=Text(
            zh="改动的内容、原值和原因都会写入历史。",
            en="What changes, its old value and the reason go into the history.",
        ),
        wide=True,
    )


@require_http_methods(["GET", "POST"])
def case_take_back(request: HttpRequest, number: str) -> HttpResponse:
    """Take the last move back."""
    case = find_case(number)
    require("cases.update", case)
    return ask(
        request,
        case,
        ReasonForm(**_bound(request, case)),
        lambda c, d: take_back(c, reason=d["reason"], version=d["version"]),
        title=Text(zh="撤回上一步", en="Take the last step back"),
        button=Text(zh="撤回", en="Take back"),
        note=Text(
            zh="状态和该步骤写入的时间恢复原样，历史中两者都保留。",
            en="The state and the times that the step wrote are as before; the history keeps both.",
        ),
    )


@require_http_methods(["GET", "POST"])
def case_hand_over(request: HttpRequest, number: str) -> HttpResponse:
    """Hand the case to another place."""
    case = find_case(number)
    require("cases.transfer", case)
    return ask(
        request,
        case,
        HandOverForm(**_bound(request, case, to=case.residence)),
        lambda c, d: hand_over(c, d["to"], reason=d["reason"], version=d["version"]),
        title=Text(zh="移交责任地区", en="Hand over to another place"),
        button=Text(zh="移交", en="Hand over"),
        note=Text(
            zh="样本、流调和历史随个案一起移交。此人若不住在本地，移交后您将看不到此个案。",
            en="Samples, interview and history go with the case. Unless the person lives here, you will not see it afterwards.",
        ),
    )


@require_http_methods(["GET", "POST"])
def case_residence(request: HttpRequest, number: str) -> HttpResponse:
    """Correct where the person lives."""
    case = find_case(number)
    require("cases.update", case)
    return ask(
        request,
        case,
        ResidenceForm(**_bound(request, case, residence=case.residence)),
        lambda c, d: move_home(c, d["residence"], reason=d["reason"], version=d["version"]),
        title=Text(zh="更正现住地区", en="Correct where the person lives"),
        button=Text(zh="保存更正", en="Save the correction"),
    )


@require_http_methods(["GET", "POST"])
def case_identity(request: HttpRequest, number: str) -> HttpResponse:
    """Correct name, document, telephone or address."""
    case = find_case(number)
    require("cases.update", case)
    identity = Identity.objects.filter(person_id=case.person_id).first()
    if identity is None:
        return redirect("cases:case", number=case.pseudonym)
    require("cases.identity", identity)
    record("cases.identity", case)
    return ask(
        request,
        case,
        IdentityForm(**_bound(request, case, **IdentityForm.stands(identity))),
        lambda c, d: correct_identity(
            c, _without_frame(d), reason=d["reason"], version=d["version"]
        ),
        title=Text(zh="更正身份信息", en="Correct the identity"),
        button=Text(zh="保存更正", en="Save the correction"),
    )


def _without_frame(data: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in data.items() if k not in ("reason", "version")}
