"""Today's inbox, the search over everything, and the switches of language, theme and post."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from tongchou.station.access.context import actor
from tongchou.station.accounts.actors import ACTIVE_POST
from tongchou.station.audit.record import record
from tongchou.station.desk.registry import (
    SECTIONS,
    Hit,
    InboxSource,
    SearchSource,
    inbox_for,
    panels_for,
    search_for,
)
from tongchou.station.places.models import Place
from tongchou.station.places.names import query_key

THEMES = ("auto", "light", "dark")
A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An entry of the inbox as it stands now."""

    source: InboxSource
    count: int
    oldest: date | datetime | None

    @property
    def url(self) -> str:
        """Address of the list that shows exactly these rows."""
        return self.source.url() if callable(self.source.url) else self.source.url


def waiting(source: InboxSource) -> Waiting:
    """Count what waits, and find the oldest of it."""
    rows = source.rows()
    if source.clock is None:
        return Waiting(source=source, count=rows.count(), oldest=None)
    found = rows.order_by().aggregate(count=Count("*"), oldest=Min(source.clock))
    return Waiting(source=source, **found)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for the present post, in four sections."""
    found = [waiting(s) for s in inbox_for(actor())]
    sections = [
        {
            "key": key,
            "label": label,
            "entries": (entries := [w for w in found if w.source.section == key]),
            "count": sum(w.count for w in entries),
        }
        for key, label in SECTIONS.items()
    ]
    panels = [(p, drawn) for p in panels_for(actor()) if (drawn := p.draw())]
    return render(
        request, "desk/home.html", {"sections": sections, "panels": panels, "now": timezone.now()}
    )


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Search every source that the present post may search; results by group."""
    typed = request.GET.get("q", "").strip()[:100].replace("\x00", "")
    groups: list[tuple[SearchSource, list[Hit]]] = []
    if typed:
        for source in search_for(actor()):
            hits = list(source.find(typed))
            if hits:
                groups.append((source, hits))
        record("desk.search", "search", sources={s.name: len(h) for s, h in groups})
    context = {"typed": typed, "groups": groups, "count": sum(len(h) for _, h in groups)}
    return render(request, "desk/search.html", context)


@require_GET
def place_suggestions(request: HttpRequest) -> JsonResponse:
    """Give places whose name, pinyin, initials or code begin or contain what is typed."""
    key = query_key(request.GET.get("q", "")[:60])
    rows = Place.objects.none()
    if key:
        rows = Place.objects.filter(search__contains=key) | Place.objects.filter(
            code__startswith=key.upper()
        )
    return JsonResponse(
        {"places": [[p.code, p.name_zh, p.name_en] for p in rows.order_by("path")[:12]]}
    )


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """Go back to the page that was left, if it is one of ours."""
    there = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(there, {request.get_host()}, request.is_secure()):
        there = reverse("desk:home")
    return HttpResponseRedirect(there)


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember a language for this browser and, where somebody is signed in, for the person."""
    wanted = request.POST.get("language", "")
    response = _back(request)
    if wanted in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, wanted, max_age=A_YEAR, samesite="Lax",
            secure=settings.LANGUAGE_COOKIE_SECURE, httponly=True,
        )  # fmt: skip
        if request.user.is_authenticated:
            request.user.language = wanted
            request.user.save(update_fields=["language"])
    return response


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark, or as the system has it."""
    wanted = request.POST.get("theme", "")
    response = _back(request)
    if wanted in THEMES:
        response.set_cookie(
            "theme", wanted, max_age=A_YEAR, samesite="Lax", secure=request.is_secure()
        )
    return response


@require_POST
def set_post(request: HttpRequest) -> HttpResponse:
    """Work in another of one's posts from now on."""
    wanted = request.POST.get("post", "")
    mine = {str(p.pk): p for p in request.posts}
    if wanted in mine:
        request.session[ACTIVE_POST] = mine[wanted].pk
        record("accounts.post", f"post:{wanted}")
    return HttpResponseRedirect(reverse("desk:home"))
