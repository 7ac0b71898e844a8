"""The page of an investigation: save a draft, or complete it."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tongchou.station.access.managers import require
from tongchou.station.audit.record import record
from tongchou.station.cases.forms.fields import refuse
from tongchou.station.cases.forms.interview import InterviewForm
from tongchou.station.cases.models import Investigation
from tongchou.station.cases.problems import ChangedMeanwhile, NotAccepted
from tongchou.station.cases.services.history import find_case
from tongchou.station.cases.services.investigating import ANSWERS, open_interview, save_interview
from tongchou.station.desk.templatetags.words import language
from tongchou.vocabulary.text import Text


@require_http_methods(["GET", "POST"])
def interview(request: HttpRequest, number: str) -> HttpResponse:
    """Ask a case; opening the page begins the investigation."""
    case = find_case(number)
    require("cases.investigate", case)
    record("cases.view", case)
    found = open_interview(case)
    form = InterviewForm(request.POST or None, initial=_stands(found))
    if request.method == "POST" and form.is_valid():
        complete = "complete" in request.POST
        try:
            with transaction.atomic():
                save_interview(
                    found,
                    {n: form.cleaned_data[n] for n in ANSWERS},
                    complete=complete,
                    version=form.cleaned_data["version"],
                )
        except NotAccepted as refused:
            refuse(form, refused)
        except ChangedMeanwhile as changed:
            form.add_error(None, changed.text()[language()])
        else:
            said = (
                Text(zh="流行病学调查已完成。", en="The investigation is complete.")
                if complete
                else Text(zh="草稿已保存。", en="The draft is saved.")
            )
            messages.success(request, said[language()])
            return redirect("cases:case", number=case.pseudonym)
    return render(
        request,
        "cases/case_form.html",
        {
            "case": case,
            "form": form,
            "title": Text(zh="流行病学调查", en="Investigation"),
            "note": Text(
                zh="先存草稿；内容齐全后再完成。",
                en="Save a draft first; complete it when all is answered.",
            ),
            "button": Text(zh="保存草稿", en="Save the draft"),
            "second": Text(zh="完成流调", en="Complete the investigation"),
            "wide": True,
            "back": reverse("cases:case", args=(case.pseudonym,)),
        },
    )


def _stands(found: Investigation) -> dict[str, Any]:
    return {"version": found.version, **{n: getattr(found, n) for n in ANSWERS}}
