"""The page on which rows in doubt are settled, one by one or many at once."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tongchou.station.audit.record import record
from tongchou.station.desk.templatetags.words import language
from tongchou.station.exchange import tasks
from tongchou.station.exchange.converting import read_row
from tongchou.station.exchange.import_views import import_of, names_of, written_for
from tongchou.station.exchange.models import Decision, Import, ImportRow, RowState
from tongchou.station.exchange.receiving import reader_of
from tongchou.station.exchange.registry import importable as kind_of
from tongchou.station.exchange.reviewing import decide
from tongchou.vocabulary.text import Text

ROWS_A_PAGE = 20
SETTLED = {
    "add": Text(zh="已作为新记录导入 {n} 行。", en="{n} rows were taken as new records."),
    "update": Text(
        zh="已把 {n} 行并入所选记录。", en="{n} rows were written into the records chosen."
    ),
    "leave": Text(zh="已确认不导入 {n} 行。", en="{n} rows were left out."),
}
IN_JOB = Text(
    zh="{n} 行已交给后台写入，本页稍后显示结果。",
    en="{n} rows were handed to a job; this page will show the result.",
)
NOBODY = Text(
    zh="没有需要处理的行：没有选中，或已由他人处理。",
    en="No rows to settle: none is chosen, or somebody else has settled them.",
)


@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Show rows that wait, and settle those chosen."""
    made = import_of(pk)
    if request.method == "POST":
        return _decide(request, made)
    waiting = made.rows.filter(state=RowState.REVIEW).order_by("number")
    page = Paginator(waiting, ROWS_A_PAGE).get_page(request.GET.get("page"))
    if not page.object_list:
        return redirect("exchange:import", made.pk)
    record("exchange.import.read", made, part="review", rows=len(page.object_list))
    kind = kind_of(made.importable)
    reader = reader_of(made)
    read = {row.number: read_row(row.number, row.cells, reader) for row in page}
    names = names_of([r.values for r in read.values()], kind.fields)
    return render(
        request,
        "exchange/import_review.html",
        {
            "made": made,
            "page": page,
            "cards": [_card(row, read[row.number], kind, names) for row in page],
        },
    )


def _card(row: ImportRow, read: Any, kind: Any, names: Any) -> dict[str, Any]:
    """Give a row as it reads and what is asked of it."""
    first = row.findings[0]
    return {
        "row": row,
        "values": [
            (f.label, written_for(read.values[f.key], f, names))
            for f in kind.fields
            if f.key in read.values
        ],
        "change": first["kind"] == "change",
        "findings": [
            {
                **f,
                "label": Text(*f["label"]),
                "reason": Text(*f["reason"]) if "reason" in f else None,
                "url": kind.url(f["target"]) if f["target"] else "",
                "changes": [
                    (Text(zh, en), old, new) for _, zh, en, old, new in f.get("changes", ())
                ],
            }
            for f in row.findings
        ],
    }


def _decide(request: HttpRequest, made: Import) -> HttpResponse:
    """Settle one row by its own button, or all that are chosen by the buttons above."""
    verdict, _, alone = request.POST.get("decision", "").partition(":")
    if verdict not in SETTLED:
        return redirect("exchange:import_review", made.pk)
    if alone.isdigit():
        numbers, target = [int(alone)], request.POST.get(f"target-{alone}", "")
    elif request.POST.get("all") == "1":
        waiting = made.rows.filter(state=RowState.REVIEW)
        numbers, target = list(waiting.values_list("number", flat=True)), ""
    else:
        numbers, target = [int(n) for n in request.POST.getlist("row") if n.isdigit()], ""
    many, job = decide(
        made, numbers, Decision(verdict), target=target if verdict == "update" else ""
    )
    if job:
        tasks.defer(made.pk)
    said = NOBODY if not many else IN_JOB if job else SETTLED[verdict]
    messages.add_message(
        request, messages.SUCCESS if many else messages.WARNING, said.fill(n=many)[language()]
    )
    return redirect("exchange:import_review", made.pk)
