"""Records out: every kind as a table that imports again without a difference; and empty tables to fill."""

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require_any
from tongchou.station.audit.record import record
from tongchou.station.desk.templatetags.words import language
from tongchou.station.exchange.blank import blank_table
from tongchou.station.exchange.exporting import TYPES, Format, stream
from tongchou.station.exchange.forms import mine
from tongchou.station.exchange.importable import Importable
from tongchou.station.exchange.registry import importables
from tongchou.vocabulary.text import Text


@require_GET
def tables(request: HttpRequest) -> HttpResponse:
    """Show the kinds of records that can be exported."""
    require_any("exchange.export")
    return render(request, "exchange/tables.html", {"kinds": mine()})


def _kind(name: str) -> Importable:
    kind = importables().get(name)
    if kind is None or kind.action not in actor().may:
        raise Http404
    return kind


def _form(form: str) -> Format:
    return "csv" if form == "csv" else "xlsx"


@require_GET
def table(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """Stream every record of a kind within reach."""
    require_any("exchange.export")
    kind = _kind(name)
    record("exchange.export", f"table:{kind.name}", format=form)
    answer = StreamingHttpResponse(
        stream(kind, actor(), language(), _form(form)), content_type=TYPES[_form(form)]
    )
    today = timezone.localdate()
    title = Text(zh=f"{kind.title.zh}_{today}.{form}", en=f"{kind.title.en}_{today}.{form}")
    answer["Content-Disposition"] = content_disposition_header(True, title[language()])
    return answer


@require_GET
def blank(request: HttpRequest, name: str) -> HttpResponse:
    """Give an empty table with the columns of a kind, and what each holds."""
    require_any("exchange.import")
    kind = _kind(name)
    answer = HttpResponse(blank_table(kind, language()), content_type=TYPES["xlsx"])
    title = Text(zh=f"{kind.title.zh}_空表.xlsx", en=f"{kind.title.en}_empty.xlsx")
    answer["Content-Disposition"] = content_disposition_header(True, title[language()])
    return answer
