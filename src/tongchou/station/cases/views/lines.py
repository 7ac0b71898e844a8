"""Line entry: many cases on one page, typed or pasted; all are kept or none."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require_any
from tongchou.station.cases.forms.fields import PlaceField, refuse
from tongchou.station.cases.forms.lines import COLUMNS, LineForm, split_pasted
from tongchou.station.cases.problems import NotAccepted
from tongchou.station.cases.services.reporting import own_unit, report_many
from tongchou.station.cases.views.report import county_of
from tongchou.station.desk.forms import lazy
from tongchou.station.desk.templatetags.words import language
from tongchou.vocabulary.text import Text, join

EMPTY_LINES, MOST = 8, 200
"""Lines on a new page, and the most that one page takes; more go through the import of tables."""


class FrameForm(forms.Form):
    """What holds for all lines: who answers for them, and the token of the page."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    responsible = PlaceField(
        label=lazy("责任地区（适用于所有行）", "Responsible place (for all lines)")
    )


@require_http_methods(["GET", "POST"])
def lines(request: HttpRequest) -> HttpResponse:
    """Show the grid; paste into it, or keep it."""
    require_any("cases.report")
    if request.method == "GET":
        return _show(
            request, FrameForm(initial={"responsible": county_of(actor().path)}), [], EMPTY_LINES
        )
    frame = FrameForm(request.POST)
    count = min(int(n) if (n := request.POST.get("lines", "")).isdigit() else 0, MOST)
    rows = [LineForm(request.POST, prefix=f"r{i}") for i in range(count)]
    if "paste" in request.POST:
        return _pasted(request, frame, rows)
    filled = [r for r in rows if not r.is_blank]
    sound = [r.is_valid() for r in filled]
    if frame.is_valid() and filled and all(sound):
        try:
            with transaction.atomic():
                return _keep(request, frame, filled)
        except NotAccepted as refused:
            _show_problems(frame, filled, refused)
    elif not filled:
        frame.add_error(None, lazy("没有填写任何一行。", "No line is filled in."))
    return _show(request, frame, rows, 0)


def _keep(request: HttpRequest, frame: FrameForm, filled: list[LineForm]) -> HttpResponse:
    token: uuid.UUID = frame.cleaned_data["token"]
    reports = [
        r.report(frame.cleaned_data["responsible"], uuid.uuid5(token, r.prefix or ""))
        for r in filled
    ]
    kept = report_many(reports, reported_by=own_unit())
    messages.success(
        request,
        Text(zh="已报告 {n} 例。", en="Reported {n} cases.").fill(n=len(kept))[language()],
    )
    return redirect("cases:cases")


def _show_problems(frame: FrameForm, filled: list[LineForm], refused: NotAccepted) -> None:
    for p in refused.problems:
        form: forms.BaseForm = frame if p.row is None else filled[p.row - 1]
        refuse(form, NotAccepted([p]))


def _pasted(request: HttpRequest, frame: FrameForm, rows: list[LineForm]) -> HttpResponse:
    """Add pasted lines to those already typed; nothing is kept yet."""
    typed = [{n: r.data.get(r.add_prefix(n), "") for n in r.fields} for r in rows if not r.is_blank]
    all_lines = (typed + split_pasted(request.POST.get("pasted", "")))[:MOST]
    data: dict[str, Any] = {
        f"r{i}-{name}": cell for i, line in enumerate(all_lines) for name, cell in line.items()
    }
    drawn = [LineForm(data, prefix=f"r{i}") for i in range(len(all_lines))]
    fresh = FrameForm(initial={k: request.POST.get(k) or None for k in ("token", "responsible")})
    return _show(request, fresh, drawn, 2)


def _show(request: HttpRequest, frame: FrameForm, rows: list[LineForm], more: int) -> HttpResponse:
    """Draw the grid: each line with its cells and, below it, what is wrong with it."""
    grid = [_line(i, row) for i, row in enumerate(rows)]
    grid += [_line(i, None) for i in range(len(rows), len(rows) + more)]
    wrong = sum(bool(line["errors"]) for line in grid)
    context = {
        "frame": frame, "columns": COLUMNS, "grid": grid, "wrong": wrong, "most": MOST,
        "order": join([label for _, label, _ in COLUMNS]),
    }  # fmt: skip
    return render(request, "cases/report_lines.html", context)


def _line(index: int, row: LineForm | None) -> dict[str, Any]:
    errors = row.errors if row is not None and not row.is_blank else {}
    labels = {name: label for name, label, _ in COLUMNS}
    return {
        "number": index + 1,
        "cells": [
            {
                "name": f"r{index}-{name}",
                "value": row.data.get(f"r{index}-{name}", "") if row is not None else "",
                "label": label,
                "wide": wide,
                "wrong": name in errors,
                "place": name == "residence",
            }
            for name, label, wide in COLUMNS
        ],
        "errors": [(labels.get(name), e) for name, found in errors.items() for e in found],
    }
