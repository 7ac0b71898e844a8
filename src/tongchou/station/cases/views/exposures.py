"""Pages of venues, exposures, clusters and the chain picture."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_http_methods

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require, require_any
from tongchou.station.audit.record import record
from tongchou.station.cases.chains import KIND_NAMES, NO_SOURCE, Chain, draw, legend
from tongchou.station.cases.forms.contact import ExposureForm, VenueForm, county_guess
from tongchou.station.cases.models import Case, Cluster, Exposure, Venue
from tongchou.station.cases.models.case import CLASS_NAMES, SETTING_NAMES
from tongchou.station.cases.models.venue import CONTACT_SETTING_NAMES, VENUE_NAMES
from tongchou.station.cases.services.chains import chain_among, chain_of
from tongchou.station.cases.services.contacts import enter_venue, post_id, record_exposure
from tongchou.station.cases.services.history import find_case
from tongchou.station.cases.views.acting_on import kept, say
from tongchou.station.desk.templatetags.words import language
from tongchou.vocabulary.text import Text, same


@require_http_methods(["GET", "POST"])
def new_venue(request: HttpRequest) -> HttpResponse:
    """Enter a venue."""
    require_any("cases.investigate")
    form = VenueForm(request.POST or None, initial={"place": county_guess(actor().path)})
    if request.method == "POST" and (made := kept(form, lambda d: enter_venue(**d))):
        say(request, "已登记场所 {n}。", "The venue {n} is entered.", n=made.pseudonym)
        return redirect("cases:venue", number=made.pseudonym)
    context = {
        "form": form, "title": Text("登记场所", "Enter a venue"), "button": Text("登记", "Save"),
        "back": reverse("cases:venues"),
    }  # fmt: skip
    return render(request, "desk/form_page.html", context)


@require_GET
def venue(request: HttpRequest, number: str) -> HttpResponse:
    """Show a venue: who was there when, and the chain among them."""
    found = get_object_or_404(Venue.objects.select_related("place"), pseudonym=number)
    visits = Exposure.objects.filter(venue=found).select_related("case").order_by("from_on")
    record("cases.view", found, rows=len(visits))
    facts = [
        (Text("类别", "Kind"), VENUE_NAMES[found.kind]),
        (Text("地区", "Place"), found.place.name),
    ]
    context = {
        "venue": found,
        "facts": facts,
        "visits": visits,
        **_picture(chain_among({v.case_id for v in visits})),
    }
    return render(request, "cases/venue_page.html", context)


@require_http_methods(["GET", "POST"])
def new_exposure(request: HttpRequest, number: str) -> HttpResponse:
    """Write that a case was at a venue or an event."""
    case = find_case(number)
    require("cases.investigate", case)
    form = ExposureForm(request.POST or None, initial={"setting": "community"})
    form.fields["venue"].queryset = Venue.objects.order_by("-id")
    if request.method == "POST" and kept(form, lambda d: record_exposure(case, **d)):
        say(request, "已登记暴露。", "The exposure is written down.")
        return redirect("cases:chain", number=number)
    context = {
        "form": form, "title": Text("登记暴露场所", "Write down an exposure"), "note": same(number),
        "button": Text("登记", "Save"), "back": reverse("cases:chain", args=[number]),
    }  # fmt: skip
    return render(request, "desk/form_page.html", context)


@require_GET
def chain(request: HttpRequest, number: str) -> HttpResponse:
    """Show the chain that a case belongs to, its exposures and its contacts."""
    case = find_case(number)
    found = chain_of(case)
    record("cases.view", case, did="chain", rows=len(found.placed))
    context = {
        "case": case,
        "may": Case.objects.filter(pk=case.pk).allowed("cases.investigate").exists(),
        "exposures": [
            (e, CONTACT_SETTING_NAMES[e.setting])
            for e in case.exposures.select_related("venue").order_by("from_on")
        ],
        "contacts": case.contacts.count() if "contacts.view" in actor().may else None,
        **_picture(found),
    }
    return render(request, "cases/chain_page.html", context)


def _picture(found: Chain) -> dict[str, Any]:
    """Give the drawing, its legend, and the table that says the same."""
    lang = language()
    return {
        "chain": found,
        "drawing": mark_safe(draw(found, lang, settings=SETTING_NAMES)),
        "legend": mark_safe(legend(lang, settings=SETTING_NAMES)),
        "lines": [
            {
                "placed": p,
                "setting": SETTING_NAMES.get(p.node.setting, SETTING_NAMES["unknown"]),
                "how": KIND_NAMES[p.how] if p.how else NO_SOURCE,
            }
            for p in found.placed
        ],
    }


@require_http_methods(["GET", "POST"])
def cluster(request: HttpRequest, number: str) -> HttpResponse:
    """Show a cluster with its chain; note that it was looked at."""
    found = get_object_or_404(Cluster.objects.select_related("venue"), pseudonym=number)
    if request.method == "POST":
        require("cases.investigate", found)
        found.looked_at, found.by_id = timezone.now(), post_id()
        found.save()
        record("cases.investigate", found, did="cluster_seen")
        say(request, "已记录核查。", "Noted as looked at.")
        return redirect("cases:cluster", number=number)
    cases = list(Case.objects.filter(pseudonym__in=found.cases))
    record("cases.view", found, rows=len(cases))
    context = {
        "cluster": found,
        "where": found.venue.name if found.venue else Text("住户 {c}", "household {c}").fill(c=found.household_code),
        "cases": [(c, CLASS_NAMES[c.classification]) for c in cases],
        "beyond": len(found.cases) - len(cases),
        "may": "cases.investigate" in actor().may,
        **_picture(chain_among({c.pk for c in cases})),
    }  # fmt: skip
    return render(request, "cases/chain_cluster.html", context)
