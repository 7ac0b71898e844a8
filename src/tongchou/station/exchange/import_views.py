"""Pages of an import: send a file, say what its columns are, look at it, watch it, correct it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongchou.situation.files.limits import Unreadable
from tongchou.situation.files.reading import column_letters, read
from tongchou.station.access.managers import require_any
from tongchou.station.audit.record import record
from tongchou.station.desk.templatetags.words import language
from tongchou.station.exchange import correcting, receiving, tasks
from tongchou.station.exchange.converting import written
from tongchou.station.exchange.exporting import TYPES
from tongchou.station.exchange.forms import FileForm, UploadForm, mine, refuse_too_large
from tongchou.station.exchange.importable import ImportField
from tongchou.station.exchange.limits import limit, upload_limits
from tongchou.station.exchange.mapping import HOW
from tongchou.station.exchange.models import Import, ImportState, RowState
from tongchou.station.exchange.models.imports import ROW_STATE_NAMES, STATE_NAMES
from tongchou.station.exchange.registry import importable as kind_of
from tongchou.station.exchange.running import restart
from tongchou.station.places.models import Place, Unit
from tongchou.vocabulary.text import Text

UNPROCESSABLE = 422
ORDERS = {
    "dmy": Text(zh="日/月/年", en="day/month/year"),
    "mdy": Text(zh="月/日/年", en="month/day/year"),
}
FAULTY_SHOWN = 50


def import_of(pk: int) -> Import:
    """Give an import within reach."""
    require_any("exchange.import")
    return get_object_or_404(Import.objects.select_related("by__user", "by__place"), pk=pk)


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file in; an error file that comes back goes to its own import."""
    require_any("exchange.import")
    form = UploadForm(request.POST or None, request.FILES or None)
    fault = None
    if request.method == "POST":
        try:
            refuse_too_large(request)
            if form.is_valid():
                return _received(request, form)
        except Unreadable as refused:
            fault = refused.text()
    context = {"form": form, "fault": fault, "kinds": mine(), "limit": limit}
    return render(
        request,
        "exchange/import_new.html",
        context,
        status=UNPROCESSABLE if request.method == "POST" else 200,
    )


def _received(request: HttpRequest, form: UploadForm) -> HttpResponse:
    data = form.data_sent()
    name = form.cleaned_data["file"].name
    table = read(data, upload_limits())
    if correcting.is_error_file(table):
        made = get_object_or_404(Import, pk=correcting.import_named(table) or 0)
        _sent_back(request, made, table)
        return redirect("exchange:import", made.pk)
    made = receiving.receive(kind_of(form.cleaned_data["kind"]), name, data, received=table)
    return redirect("exchange:import_columns", made.pk)


@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask which column fills which field."""
    made = import_of(pk)
    if made.state != ImportState.MAPPING:
        return redirect("exchange:import", made.pk)
    asked: list[receiving.Asked] = []
    if request.method == "POST":
        if "read_again" in request.POST:
            return _read_again(request, made)
        chosen = [request.POST.get(f"column-{n}") or None for n in range(len(made.header))]
        orders = {
            n: value
            for n in range(len(made.header))
            if (value := request.POST.get(f"order-{n}")) in ("dmy", "mdy")
        }
        asked = receiving.set_mapping(made, chosen, orders)
        if not asked:
            return redirect("exchange:import_preview", made.pk)
    proposal = receiving.propose(made)
    record("exchange.import.read", made, part="columns")
    return render(
        request,
        "exchange/import_columns.html",
        {
            "made": made,
            "kind": kind_of(made.importable),
            "asked": asked,
            "remembered": proposal.remembered,
            "lines": _lines(made, proposal, request, asked),
            "orders": ORDERS,
        },
    )


def _read_again(request: HttpRequest, made: Import) -> HttpResponse:
    line = request.POST.get("header_line", "")
    receiving.read_again(
        made, sheet=request.POST.get("sheet", ""), header_line=int(line) if line.isdigit() else 1
    )
    return redirect("exchange:import_columns", made.pk)


def _lines(
    made: Import, proposal: receiving.Proposal, request: HttpRequest, asked: list[receiving.Asked]
) -> list[dict[str, Any]]:
    """Give one line for each column: its name, samples, the field chosen and what is asked of it."""
    questions = {a.at: a for a in asked if a.order}
    return [
        {
            "at": at,
            "letters": column_letters(at),
            "name": name,
            "samples": proposal.samples[at],
            "chosen": request.POST.get(f"column-{at}", guess.field or "")
            if request.POST
            else guess.field or "",
            "how": HOW[guess.how],
            "tone": {"like": "warn", "values": "warn", "none": "neutral"}.get(guess.how, "good"),
            "order": request.POST.get(f"order-{at}") or proposal.orders.get(at, ""),
            "question": questions.get(at),
        }
        for at, (name, guess) in enumerate(zip(made.header, proposal.guesses, strict=True))
    ]


@require_http_methods(["GET", "POST"])
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the first rows as they will be read, and begin."""
    made = import_of(pk)
    if made.state != ImportState.MAPPING or not any(made.columns):
        return redirect("exchange:import", made.pk)
    if request.method == "POST":
        receiving.confirm(made)
        tasks.defer(made.pk)
        return redirect("exchange:import", made.pk)
    seen = receiving.preview(made)
    kind = kind_of(made.importable)
    fields = [kind.by_key[c] for c in dict.fromkeys(c for c in made.columns if c)]
    names = names_of([row.values for _, row in seen.rows], fields)
    record("exchange.import.read", made, part="preview", rows=len(seen.rows))
    return render(
        request,
        "exchange/import_preview.html",
        {
            "made": made,
            "kind": kind,
            "seen": seen,
            "fields": fields,
            "rows": [(n, _shown(row, fields, names), row.faults) for n, row in seen.rows],
            "faulty": seen.looked_at - seen.sound,
            "earlier": Import.objects.filter(importable=made.importable, digest=made.digest)
            .exclude(pk=made.pk)
            .exclude(started_at=None)
            .first(),
            "left_out": [h for h, c in zip(made.header, made.columns, strict=True) if not c],
        },
    )


def _shown(
    row: Any, fields: list[ImportField], names: Mapping[str, Text]
) -> list[tuple[Text, str]]:
    """Give a row as pairs of label and value."""
    return [(f.label, written_for(row.values.get(f.key), f, names)) for f in fields]


def names_of(
    rows: Iterable[Mapping[str, Any]], fields: Iterable[ImportField]
) -> Mapping[str, Text]:
    """Give the names of the places and units that rows hold by code."""
    kinds = {f.key: f.kind for f in fields if f.kind in ("place", "unit")}
    codes = {str(v) for row in rows for k, v in row.items() if k in kinds}
    places = Place.objects.filter(code__in=codes)
    units = Unit.objects.filter(code__in=codes)
    return {x.code: x.name for x in (*places, *units)}


def written_for(value: Any, field: ImportField, names: Mapping[str, Text]) -> str:
    """Give a value as the reader's language writes it, places and units with their names."""
    word = written(value, field, language())
    name = names.get(word) if field.kind in ("place", "unit") else None
    return f"{name[language()]} {word}" if name else word


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show where an import stands and what became of its rows."""
    made = import_of(pk)
    if made.state == ImportState.MAPPING:
        return redirect("exchange:import_columns", made.pk)
    faulty = list(made.rows.filter(state=RowState.FAULTY).order_by("number")[:FAULTY_SHOWN])
    if faulty:
        record("exchange.import.read", made, part="faulty", rows=len(faulty))
    context = _standing(made) | {
        "faulty": [
            (row, [(f[0], f[1], Text(f[2], f[3]), Text(f[4], f[5])) for f in row.faults])
            for row in faulty
        ],
        "form": FileForm(),
        "kind": kind_of(made.importable),
        "facts": facts_of(made),
    }
    return render(request, "exchange/import.html", context)


@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the bar alone, asked for again and again while the job runs."""
    made = import_of(pk)
    answer = render(request, "exchange/import_progress.html", _standing(made))
    if made.state != ImportState.RUNNING:
        answer["HX-Refresh"] = "true"
    return answer


def _standing(made: Import) -> dict[str, Any]:
    return {
        "made": made,
        "state": STATE_NAMES[made.state],
        "running": made.state == ImportState.RUNNING,
        "counts": [
            (state, ROW_STATE_NAMES[state], getattr(made, state), _TONES[state])
            for state in RowState.values
            if getattr(made, state)
            or state in ("added", "unchanged", "updated", "review", "faulty")
        ],
    }


_TONES = {
    "waiting": "neutral",
    "added": "good",
    "unchanged": "neutral",
    "updated": "info",
    "review": "warn",
    "faulty": "bad",
    "left_out": "neutral",
}


def facts_of(made: Import) -> list[tuple[Text, object]]:
    """Give who brought which file when, and how it was read."""
    facts: list[tuple[Text, object]] = [
        (Text(zh="种类", en="Kind"), kind_of(made.importable).title),
        (Text(zh="上传者", en="Brought by"), f"{made.by.user} · {made.by.title[language()]}"),
        (Text(zh="上传时间", en="Brought at"), made.created_at),
        (Text(zh="文件大小", en="Size"), Text(zh=f"{made.size:,} 字节", en=f"{made.size:,} bytes")),
        (
            Text(zh="格式", en="Format"),
            " · ".join(filter(None, [made.format, made.encoding, made.sheet])),
        ),
        (Text(zh="文件校验值 SHA-256", en="File digest SHA-256"), made.digest),
    ]
    if made.finished_at:
        facts.insert(3, (Text(zh="结束时间", en="Ended at"), made.finished_at))
    if made.resumed:
        facts.append((Text(zh="中断后继续的次数", en="Times gone on after a break"), made.resumed))
    return facts


@require_GET
def errors(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """Give the error file."""
    made = import_of(pk)
    wanted: correcting.Format = "csv" if form == "csv" else "xlsx"
    if not made.faulty:
        raise Http404
    answer = HttpResponse(correcting.error_file(made, wanted), content_type=TYPES[wanted])
    name = Text(zh=f"错误行_{made.pk}.{form}", en=f"faulty_rows_{made.pk}.{form}")[language()]
    answer["Content-Disposition"] = content_disposition_header(True, name)
    return answer


@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the corrected error file back."""
    made = import_of(pk)
    refuse_too_large(request)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, form.errors["file"][0])
        return redirect("exchange:import", made.pk)
    table = read(form.data_sent(), upload_limits())
    if not correcting.is_error_file(table):
        raise Unreadable(
            "not an error file",
            Text(
                zh="这不是从本页下载的错误文件：第一列“导入行 import row”不在。请在下载的文件上更正后送回。",
                en="This is not the error file from this page: its first column “导入行 import row” is missing. Correct the file you downloaded and send that back.",
            ),
        )
    _sent_back(request, made, table)
    return redirect("exchange:import", made.pk)


def _sent_back(request: HttpRequest, made: Import, table: Any) -> None:
    sent = correcting.send_back(made, table)
    if sent.job:
        tasks.defer(made.pk)
    messages.success(
        request,
        Text(
            zh="已收回更正：重新读取 {again} 行；{already} 行早已导入，没有再动。",
            en="Corrections received: {again} rows are read again; {already} rows were in already and were not touched.",
        ).fill(again=sent.again, already=sent.already)[language()],
    )


@require_POST
def give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """End an import by hand."""
    receiving.give_up(import_of(pk))
    return redirect("exchange:import", pk)


@require_POST
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a stopped import go on."""
    made = import_of(pk)
    restart(made)
    tasks.defer(made.pk)
    return redirect("exchange:import", pk)
