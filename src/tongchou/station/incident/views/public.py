"""What anyone may read without signing in: bulletins of signed orders, and the data beside them."""

from datetime import date

from csp.decorators import csp_exempt
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from tongchou.station.desk.templatetags.words import language
from tongchou.station.incident.services.signing import public_document, published

BULLETIN_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""The bulletin needs no script."""


@login_not_required
@require_GET
def bulletins(request: HttpRequest) -> HttpResponse:
    """List the bulletins that were published."""
    from tongchou.morning.documents.bulletin import FILES

    place = request.GET.get("place", "")[:20]
    return render(request, "incident/public.html", {"orders": published(place), "files": FILES})


@login_not_required
@require_GET
@csp_exempt()
def bulletin(request: HttpRequest, place: str, cut: date) -> HttpResponse:
    """Give a bulletin in the reader's language, or in the one asked for."""
    asked = request.GET.get("lang", language())
    found = public_document(place, cut, "bulletin.html", "en" if asked == "en" else "zh")
    if found is None:
        raise Http404
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    response["Content-Security-Policy"] = BULLETIN_POLICY
    response["Content-Language"] = found.lang
    return response


@login_not_required
@require_GET
def latest(request: HttpRequest, place: str) -> HttpResponse:
    """Lead to the newest bulletin of a place."""
    found = published(place)
    if not found:
        raise Http404
    return redirect("public:bulletin", place, found[0].cut)


@login_not_required
@require_GET
def data(request: HttpRequest, place: str, cut: date, name: str) -> HttpResponse:
    """Give an open-data file."""
    from tongchou.morning.documents.bulletin import FILES

    found = public_document(place, cut, name, "") if name in FILES else None
    if found is None:
        raise Http404
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    response["Access-Control-Allow-Origin"] = "*"
    response["ETag"] = f'"{found.digest}"'
    return response
