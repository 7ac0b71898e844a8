"""Pages of organisations and duties: the matrix, what nobody owns, who is on duty."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require, require_any
from tongchou.station.audit.record import record
from tongchou.station.incident.forms.desk_work import DelegationForm, OrganisationForm, ShiftForm
from tongchou.station.incident.models import Delegation, Organisation, Shift
from tongchou.station.incident.models.ground import stamp
from tongchou.station.incident.models.organisation import ROLE_MARKS, ROLE_NAMES
from tongchou.station.incident.rules.tables import GROUP_NAMES, at_level, mechanism_name, mechanisms
from tongchou.station.incident.services import duties
from tongchou.station.incident.services.standing import own_place
from tongchou.station.incident.views.attempt import attempt, form_page
from tongchou.station.places.models import Place
from tongchou.vocabulary.text import Text

RANK = {role: n for n, role in enumerate(ROLE_MARKS)}


def _place(request: HttpRequest) -> Place:
    """Give the place asked for, if it lies within reach; the post's own otherwise."""
    code = (request.GET.get("place", "") or request.POST.get("place", "")).replace("\x00", "")
    here = own_place()
    if not code or code == here.pk:
        return here
    return get_object_or_404(
        Place.objects.filter(path__startswith=here.path).exclude(level="grid"), pk=code
    )


@require_GET
def matrix(request: HttpRequest) -> HttpResponse:
    """Show who is accountable, responsible, consulted and informed for each of the mechanisms."""
    require_any("incident.view")
    place = _place(request)
    held: dict[str, list[Any]] = {}
    for duty in duties.in_force(place):
        held.setdefault(duty.mechanism, []).append(duty)
    missing = set(duties.without_owner(place))
    only = request.GET.get("only") == "missing"
    groups: dict[str, list[dict[str, Any]]] = {}
    for m, row in mechanisms().items():
        if only and m not in missing:
            continue
        groups.setdefault(row["group"], []).append(
            {
                "id": m,
                "name": mechanism_name(m),
                "asked": at_level(m, place.level),
                "missing": m in missing,
                "duties": [
                    {"duty": d, "name": short_name(d.organisation.name, place.name)}
                    for d in sorted(held.get(m, []), key=lambda d: (RANK[d.role], d.pk))
                ],
            }
        )
    context = {
        "place": place,
        "groups": [(name, groups[g]) for g, name in GROUP_NAMES.items() if g in groups],
        "missing": len(missing),
        "asked": sum(at_level(m, place.level) for m in mechanisms()),
        "organisations": Organisation.objects.filter(place=place, active=True).count(),
        "only": only,
        "own": place.path == actor().path,
        "may": "incident.duties" in actor().may,
        "roles": [(ROLE_MARKS[r], ROLE_NAMES[r]) for r in ROLE_MARKS],
        "children": Place.objects.filter(parent_id=own_place().pk).exclude(level="grid"),
    }
    return render(request, "incident/matrix.html", context)


def short_name(name: Text, place: Text) -> Text:
    """Give the name of an organisation without the place that stands above the page.

    >>> short_name(Text(zh="兴庆区疾控中心", en="CDC, Xingqing"), Text(zh="兴庆区", en="Xingqing"))
    Text(zh='疾控中心', en='CDC')
    """
    return Text(
        zh=name.zh.removeprefix(place.zh) or name.zh,
        en=name.en.removesuffix(f", {place.en}") or name.en,
    )


@require_POST
def adopt(request: HttpRequest) -> HttpResponse:
    """Adopt the proposed division of duties."""
    place = _place(request)
    count: list[tuple[int, int]] = []
    attempt(request, lambda: count.append(duties.adopt(place)))
    if count:
        from django.contrib import messages

        from tongchou.station.desk.templatetags.words import language

        said = Text(
            zh="已采用：新增 {n} 个单位、{m} 项职责；本地已定的保持不变。",
            en="Adopted: {n} organisations and {m} duties were added; what was set here stays.",
        )
        messages.success(request, said.fill(n=count[0][0], m=count[0][1])[language()])
    return redirect(f"{reverse('incident:matrix')}?place={place.pk}")


def _organisation(number: int) -> Organisation:
    return get_object_or_404(Organisation.objects.select_related("place", "parent"), pk=number)


@require_GET
def organisation(request: HttpRequest, number: int) -> HttpResponse:
    """Show an organisation with its duties."""
    found = _organisation(number)
    context = {
        "organisation": found,
        "facts": [
            (Text(zh="类别", en="Kind"), found.kind_name),
            (Text(zh="地区", en="Place"), found.place.name),
            (Text(zh="值班电话", en="Duty telephone"), found.phone),
            (Text(zh="单位邮箱", en="E-mail"), found.email),
            (Text(zh="地址", en="Address"), found.address),
        ],
        "duties": [
            {"duty": d, "name": mechanism_name(d.mechanism)}
            for d in sorted(found.duties.all(), key=lambda d: (d.mechanism, d.pk))
        ],
        "mechanisms": [(m, mechanism_name(m)) for m in mechanisms()],
        "roles": [(r, ROLE_NAMES[r]) for r in ROLE_NAMES],
        "mine": "incident.duties" in actor().may and found.path.startswith(actor().path),
    }
    return render(request, "incident/organisation.html", context)


@require_POST
def assign(request: HttpRequest, number: int) -> HttpResponse:
    """Give an organisation a role in a mechanism, or take it away."""
    found = _organisation(number)
    mechanism, role = request.POST.get("mechanism", ""), request.POST.get("role", "")
    if mechanism in mechanisms() and (role in ROLE_NAMES or not role):
        attempt(
            request,
            lambda: duties.assign(found, mechanism, role),
            Text(zh="已更新 {m}。", en="Changed {m}.").fill(m=mechanism),
        )
    return redirect("incident:organisation", number)


@require_http_methods(["GET", "POST"])
def edit_organisation(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """Enter an organisation, or change one."""
    require_any("incident.duties")
    row = _organisation(number) if number else Organisation(place=own_place())
    require("incident.duties", _with_path(row))
    fields = ("name_zh", "name_en", "kind", "phone", "email", "address")

    def save(data: dict) -> str:
        for field in fields:
            setattr(row, field, data[field])
        return reverse("incident:organisation", args=[duties.save_organisation(row).pk])

    initial = {f: getattr(row, f) for f in fields} if row.pk else None
    return form_page(
        request,
        OrganisationForm(request.POST or None, initial=initial),
        save,
        title=Text(zh="单位", en="Organisation"),
        button=Text(zh="保存", en="Save"),
        back=reverse("incident:organisations"),
        done=Text(zh="已保存。", en="Saved."),
    )


def _with_path(row: Any) -> Any:
    row.path = row.place.path
    return row


@require_GET
def roster(request: HttpRequest) -> HttpResponse:
    """Show who is on duty now and next, and which powers are lent."""
    require_any("incident.view")
    place, now = own_place(), timezone.now()
    shifts = Shift.objects.filter(place=place, ends__gte=now).select_related(
        "post__user", "post__place", "post__unit"
    )
    context = {
        "place": place,
        "now_on": [s for s in shifts if s.starts <= now],
        "coming": [s for s in shifts if s.starts > now][:40],
        "delegations": Delegation.objects.filter(
            place=place, ends__gte=timezone.localdate()
        ).select_related("to_post__user", "to_post__place", "to_post__unit"),
        "may": "incident.duties" in actor().may,
    }
    return render(request, "incident/roster.html", context)


@require_http_methods(["GET", "POST"])
def new_shift(request: HttpRequest) -> HttpResponse:
    """Put a post on the roster."""
    require_any("incident.duties")
    place = own_place()

    def save(data: dict) -> str:
        made = _with_path(Shift(place=place, **data))
        require("incident.duties", made)
        made.save()
        record("incident.duties", made, move="shift")
        return reverse("incident:roster")

    return form_page(
        request,
        ShiftForm(place, request.POST or None),
        save,
        title=Text(zh="排班", en="Shift"),
        button=Text(zh="保存", en="Save"),
        back=reverse("incident:roster"),
    )


@require_http_methods(["GET", "POST"])
def new_delegation(request: HttpRequest) -> HttpResponse:
    """Lend a power to another post."""
    require_any("incident.duties")
    place = own_place()

    def save(data: dict) -> str:
        made = _with_path(Delegation(place=place, by=stamp(), **data))
        require("incident.duties", made)
        made.save()
        record("incident.duties", made, move="delegate")
        return reverse("incident:roster")

    return form_page(
        request,
        DelegationForm(place, request.POST or None),
        save,
        title=Text(zh="授权委托", en="Delegation"),
        button=Text(zh="保存", en="Save"),
        back=reverse("incident:roster"),
        note=Text(
            zh="只作登记，供查阅和追溯；账户权限仍由岗位决定。",
            en="This is a record to read and to trace; what an account may do still comes from its post.",
        ),
    )
