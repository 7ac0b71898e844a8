"""Pages that show a person all that is held on them, and delete at their request."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require
from tongchou.station.audit.record import record
from tongchou.station.cases.disclosure import disclose
from tongchou.station.cases.models import Person
from tongchou.station.cases.services.contacts import name_of
from tongchou.station.cases.services.retention import erase
from tongchou.station.cases.views.acting_on import say


def _person(number: str, action: str) -> Person:
    found = Person.objects.filter(pseudonym=number, merged_into=None).first()
    if found is None:
        raise Http404
    require(action, found)
    return found


@require_GET
def held(request: HttpRequest, number: str) -> HttpResponse:
    """Show everything that is held on a person; ``?format=json`` gives it as a file."""
    person = _person(number, "persons.disclose")
    found = disclose(person)
    record("persons.disclose", person, rows=found.count, format=request.GET.get("format", "page"))
    if request.GET.get("format") == "json":
        answer = JsonResponse(
            found.as_json(), json_dumps_params={"ensure_ascii": False, "indent": 1}
        )
        answer["Content-Disposition"] = f'attachment; filename="{number}.json"'
        return answer
    context = {
        "person": person, "name": name_of(person), "held": found,
        "may_erase": "persons.erase" in actor().may,
    }  # fmt: skip
    return render(request, "cases/contact_held.html", context)


@require_http_methods(["GET", "POST"])
def erase_held(request: HttpRequest, number: str) -> HttpResponse:
    """Delete at a person's request what no law requires to be kept."""
    person = _person(number, "persons.erase")
    if request.method == "POST" and request.POST.get("confirmed"):
        answer = erase(person)
        say(request, "已删除 {n} 项记录。", "{n} records were deleted.", n=len(answer.deleted))
        if not Person.objects.filter(pk=person.pk).exists():
            return redirect("cases:contacts")
        context = {"answer": answer, "person": person}
        return render(request, "cases/contact_erased.html", context)
    context = {"person": person, "name": name_of(person)}
    return render(request, "cases/contact_erase.html", context)
