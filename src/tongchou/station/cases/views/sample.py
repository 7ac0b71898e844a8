"""Pages of samples: taking one, the laboratory's queue, results for many, correcting one."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongchou.station.access.context import actor
from tongchou.station.access.managers import Refused, require, require_any
from tongchou.station.access.pseudonyms import typed as as_number
from tongchou.station.audit.record import record
from tongchou.station.cases import conditions
from tongchou.station.cases.forms.fields import refuse
from tongchou.station.cases.forms.sample import CorrectResultForm, ResultForm, TakeForm, WhenForm
from tongchou.station.cases.models import Case, Sample
from tongchou.station.cases.models.sample import KIND_NAMES, RESULT_NAMES
from tongchou.station.cases.problems import NotAccepted
from tongchou.station.cases.services.history import find_case
from tongchou.station.cases.services.reporting import own_unit
from tongchou.station.cases.services.sampling import (
    PRIORITY_NAMES,
    Entered,
    correct_result,
    enter_results,
    find_sample,
    laboratories,
    receive,
    take_sample,
)
from tongchou.station.cases.views.case import ask
from tongchou.station.desk.lists import Badge
from tongchou.station.desk.templatetags.words import language
from tongchou.station.desk.views import list_page
from tongchou.vocabulary.text import Text

A_PAGE = 30
"""Samples on a page of results."""

sample_list = list_page("samples")


@require_http_methods(["GET", "POST"])
def take(request: HttpRequest, number: str) -> HttpResponse:
    """Record a sample of a case."""
    case = find_case(number)
    require("samples.collect", case)
    labs = laboratories(case.responsible_path)
    form = TakeForm(
        request.POST or None,
        initial={"version": case.version, "lab_unit": labs[0].pk if labs else None},
    )
    form.fields["lab_unit"].near(case.responsible_path)
    unit = own_unit()
    return ask(
        request,
        case,
        form,
        lambda c, d: take_sample(c, collected_by=unit, **d),
        title=Text(zh="登记采样", en="Record a sample"),
        button=Text(zh="登记", en="Record"),
    )


@require_GET
def sample_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show a sample; the case behind it only to those who may see it."""
    sample = find_sample(number)
    record("samples.view", sample)
    case = Case.objects.filter(pk=sample.case_id).first() if sample.case_id else None
    facts = [
        (Text(zh="种类", en="Kind"), KIND_NAMES[sample.kind]),
        (Text(zh="优先级", en="Priority"), PRIORITY_NAMES[sample.priority]),
        (Text(zh="采样时间", en="Taken"), sample.taken_at),
        (
            Text(zh="采样单位", en="Taken by"),
            sample.collected_by.name if sample.collected_by else None,
        ),
        (Text(zh="检测实验室", en="Laboratory"), sample.lab_unit.name if sample.lab_unit else None),
        (Text(zh="接收时间", en="Received"), sample.received_at),
        (Text(zh="结果", en="Result"), _badge(sample)),
        (Text(zh="出结果时间", en="Time of result"), sample.result_at),
    ]
    return render(
        request,
        "cases/sample_page.html",
        {"sample": sample, "facts": facts, "case": case, "may_result": _may_result(sample)},
    )


def _badge(sample: Sample) -> Badge | None:
    if not sample.result:
        return None
    return Badge(RESULT_NAMES[sample.result], "bad" if sample.result == "positive" else "neutral")


def _may_result(sample: Sample) -> bool:
    try:
        return bool(require("samples.result", sample))
    except Refused:
        return False


@require_http_methods(["GET", "POST"])
def results(request: HttpRequest) -> HttpResponse:
    """Enter results for the first samples of the queue, or for one number looked up."""
    require_any("samples.result")
    find = request.GET.get("q", "").strip()[:40]
    queue = conditions.samples("queue").filter(lab_unit_id=actor().unit_id)
    if find:
        queue = queue.filter(pseudonym__istartswith=as_number(find))
    count = queue.count()
    rows = list(queue.order_by("priority", "taken_at", "pk")[:A_PAGE])
    record("samples.view", "list:results", rows=len(rows))
    if request.method == "POST":
        sent = [n for n in request.POST.getlist("sample") if n]
        rows = list(
            Sample.objects.filter(pseudonym__in=sent).order_by("priority", "taken_at", "pk")
        )
    when = WhenForm(request.POST or None)
    forms = [(s, ResultForm(request.POST or None, prefix=s.pseudonym)) for s in rows]
    if request.method == "POST" and when.is_valid() and all(f.is_valid() for _, f in forms):
        chosen = [(s, f.cleaned_data["result"]) for s, f in forms if f.cleaned_data["result"]]
        entries = [
            Entered(sample=s, result=r, result_at=when.cleaned_data["result_at"]) for s, r in chosen
        ]
        try:
            with transaction.atomic():
                enter_results(entries)
        except NotAccepted as refused:
            refuse(when, refused)
        else:
            return _entered(request, chosen)
    return render(
        request,
        "cases/sample_results.html",
        {
            "when": when,
            "forms": forms,
            "count": count,
            "find": find,
            "priorities": PRIORITY_NAMES,
            "kinds": KIND_NAMES,
        },
    )


def _entered(request: HttpRequest, chosen: list[tuple[Sample, str]]) -> HttpResponse:
    positive = sum(r == "positive" for _, r in chosen)
    said = Text(
        zh="已登记 {n} 个结果，其中阳性 {p} 个；阳性结果已送达负责的单位。",
        en="Entered {n} results, {p} of them positive; whoever is responsible has been told.",
    )
    if not chosen:
        said = Text(zh="没有选择任何结果。", en="No result was chosen.")
    messages.success(request, said.fill(n=len(chosen), p=positive)[language()])
    return redirect("cases:results")


@require_POST
def receive_one(request: HttpRequest, number: str) -> HttpResponse:
    """Record that one sample was received."""
    sample = find_sample(number)
    receive([sample])
    return redirect("cases:sample", number=sample.pseudonym)


@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, number: str) -> HttpResponse:
    """Correct a result."""
    sample = find_sample(number)
    require("samples.result", sample)
    form = CorrectResultForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                correct_result(
                    sample, form.cleaned_data["result"], reason=form.cleaned_data["reason"]
                )
        except NotAccepted as refused:
            refuse(form, refused)
        else:
            return redirect("cases:sample", number=sample.pseudonym)
    return render(
        request,
        "desk/form_page.html",
        {
            "title": Text(zh="更正结果", en="Correct the result"),
            "note": Text(
                zh="{number}：原结果 {result}，会与原因一起留在历史中。",
                en="{number}: it is {result} now, which stays in the history with the reason.",
            ).fill(
                number=sample.pseudonym,
                result=RESULT_NAMES.get(sample.result, Text(zh="无", en="none")),
            ),
            "form": form,
            "button": Text(zh="保存更正", en="Save the correction"),
            "back": reverse("cases:sample", args=(sample.pseudonym,)),
        },
    )
