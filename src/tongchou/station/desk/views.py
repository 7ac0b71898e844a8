"""Every list of the station as a page: parse the address, ask for rows, show or stream them."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require_any
from tongchou.station.audit.record import record
from tongchou.station.desk import filtering, paging
from tongchou.station.desk.cells import cell
from tongchou.station.desk.export import TYPES, Format, stream
from tongchou.station.desk.filtering import Asked
from tongchou.station.desk.lists import BulkAction, ListSpec, list_of
from tongchou.station.desk.models import SavedView
from tongchou.station.desk.templatetags.words import language
from tongchou.vocabulary.text import Text

View = Callable[[HttpRequest], HttpResponse]
EXPORT = "exchange.export"
"""What an export of rows of persons needs besides seeing them."""
EXPORT_FORMS: tuple[Format, ...] = ("csv", "xlsx")


def list_page(name: str) -> View:
    """Give the view of a list: the page, its table alone for htmx, its export, its bulk actions."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @vary_on_headers("HX-Request")
    def view(request: HttpRequest) -> HttpResponse:
        spec = list_of(name)
        if spec.action:
            require_any(spec.action)
        asked = filtering.read(spec, request.GET)
        if request.method == "POST":
            return _post(request, asked)
        form = request.GET.get("format", "")
        if form in EXPORT_FORMS:
            if spec.personal:
                require_any(EXPORT)
            return _export(asked, "csv" if form == "csv" else "xlsx")
        return _show(request, asked)

    view.__name__ = f"list_{name}"
    return view


def _show(request: HttpRequest, asked: Asked) -> HttpResponse:
    spec = asked.spec
    rows = asked.rows()
    count = rows.count()
    page = paging.page_of(
        rows,
        asked.order(),
        count,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        last="last" in request.GET,
    )
    if spec.personal:
        _note(spec.action, asked, shown=len(page.rows), count=count)
    context = {
        "spec": spec,
        "asked": asked,
        "page": page,
        "lines": [_line(spec, row) for row in page.rows],
        "heads": [_head(asked, column) for column in spec.columns],
        "bulk": _bulk_of(spec),
        "may_export": not spec.personal or EXPORT in actor().may,
        "fields": [_field(asked, wanted) for wanted in spec.filters],
        "may_add": spec.new is not None and (not spec.new[2] or spec.new[2] in actor().may),
    }
    if request.htmx and not request.htmx.history_restore_request and not request.htmx.boosted:
        return render(request, "desk/list_table.html", context)
    context["views"] = SavedView.objects.filter(user_id=actor().user_id, list=spec.name)
    return render(request, "desk/list.html", context)


def _note(action: str, asked: Asked, **numbers: object) -> None:
    record(action, f"list:{asked.spec.name}", filters=asked.for_audit(), sort=asked.sort, **numbers)


def _line(spec: ListSpec, row: Any) -> dict[str, object]:
    return {
        "pk": row.pk,
        "url": spec.row_url(row) if spec.row_url else "",
        "cells": [cell(column, row, language()) for column in spec.columns],
    }


def _head(asked: Asked, column: Any) -> dict[str, object]:
    """Give a column's head: what a click on it asks for, and how the list stands now."""
    now = "up" if asked.sort == column.key else "down" if asked.sort == f"-{column.key}" else ""
    following = {"": column.key, "up": f"-{column.key}", "down": ""}[now]
    return {
        "column": column,
        "now": now,
        "query": asked.query(sort=following) if column.sort else None,
    }


def _field(asked: Asked, wanted: Any) -> dict[str, object]:
    return {
        "filter": wanted,
        "options": wanted.options() if wanted.kind == "choice" else (),
        "value": asked.shown.get(wanted.key, ""),
        "first": asked.shown.get(f"{wanted.key}_from", ""),
        "until": asked.shown.get(f"{wanted.key}_to", ""),
        "fault": next((f.text() for f in asked.faults if f.wanted is wanted), None),
    }


def _bulk_of(spec: ListSpec) -> list[BulkAction]:
    return [b for b in spec.bulk if b.action in actor().may]


def _export(asked: Asked, form: Format) -> HttpResponse:
    """Stream a list as a file, and note who took how many rows by which filters."""
    spec = asked.spec
    _note("desk.export", asked, format=form, count=asked.rows().count())
    name = Text(zh="{title}_{day}.{form}", en="{title}_{day}.{form}").fill(
        title=spec.title, day=_today(), form=form
    )[language()]
    response = StreamingHttpResponse(
        stream(asked, actor(), language(), form), content_type=TYPES[form]
    )
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _today() -> date:
    return timezone.localdate()


def _post(request: HttpRequest, asked: Asked) -> HttpResponse:
    if "save_view" in request.POST:
        return _save_view(request, asked)
    if "drop_view" in request.POST:
        return _drop_view(request, asked)
    return _bulk(request, asked)


def _back(request: HttpRequest, asked: Asked) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{request.path}?{asked.query()}")


def _save_view(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Save the present filters under a name; the same name again replaces what it stood for."""
    name = request.POST["save_view"].strip()[:60]
    if not name:
        messages.warning(
            request,
            Text(zh="请先给这个视图起个名字。", en="Give the view a name first.")[language()],
        )
        return _back(request, asked)
    SavedView.objects.update_or_create(
        user_id=actor().user_id,
        list=asked.spec.name,
        name=name,
        defaults={"query": asked.query()[:1000]},
    )
    messages.success(
        request,
        Text(zh="已保存视图“{name}”。", en="Saved the view “{name}”.").fill(name=name)[language()],
    )
    return _back(request, asked)


def _drop_view(request: HttpRequest, asked: Asked) -> HttpResponse:
    number = request.POST["drop_view"]
    mine = SavedView.objects.filter(user_id=actor().user_id, list=asked.spec.name)
    view = get_object_or_404(mine, pk=number if number.isdigit() else 0)
    view.delete()
    messages.success(
        request,
        Text(zh="已删除视图“{name}”。", en="Deleted the view “{name}”.").fill(name=view.name)[
            language()
        ],
    )
    return _back(request, asked)


def _bulk(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Do something to many rows: first state how many, then do it to exactly so many."""
    todo = next((b for b in asked.spec.bulk if b.key == request.POST.get("bulk")), None)
    if todo is None:
        return _back(request, asked)
    require_any(todo.action)
    everything = request.POST.get("all") == "1"
    chosen = [n for n in request.POST.getlist("row") if n.isdigit()]
    rows = asked.rows() if everything else asked.rows().filter(pk__in=chosen)
    allowed = todo.may_change(rows)
    count, beyond = allowed.count(), rows.count()
    if not beyond:
        messages.warning(request, Text(zh="没有选中任何行。", en="No rows are chosen.")[language()])
        return _back(request, asked)
    if request.POST.get("confirmed") != str(count) or not count:
        return render(
            request,
            "desk/bulk_confirm.html",
            {
                "spec": asked.spec, "asked": asked, "todo": todo, "count": count,
                "beyond": beyond - count, "all": everything, "chosen": chosen,
                "changed": "confirmed" in request.POST,
            },
        )  # fmt: skip
    said = todo.run(allowed, request)
    _note(todo.action, asked, bulk=todo.key, count=count)
    messages.success(request, said[language()])
    return _back(request, asked)
