"""The four delays of the present actor's places: where the days are lost."""

from datetime import timedelta

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require_any
from tongchou.station.audit.record import record
from tongchou.station.cases import conditions
from tongchou.station.cases.clocks import SPANS, delays_by_place
from tongchou.station.cases.contract import milestones
from tongchou.station.places.models import Place

WINDOWS = (14, 28, 90, 3650)
"""Days looked back that the page offers; the last is everything."""


@require_GET
def delays(request: HttpRequest) -> HttpResponse:
    """Show median and 90th percentile of each step for the actor's own place and those below it."""
    require_any("cases.view")
    chosen = request.GET.get("days", "28")
    days = int(chosen) if chosen.isdigit() and int(chosen) in WINDOWS else 28
    rows = conditions.cases().filter(reported_at__gte=timezone.now() - timedelta(days=days))
    frame = milestones(rows)
    record("cases.view", "delays", rows=frame.height, days=days)
    return render(
        request,
        "cases/case_delays.html",
        {
            "tables": _tables(frame),
            "days": days,
            "windows": WINDOWS,
            "count": frame.height,
            "spans": SPANS,
        },
    )


def _tables(frame: pl.DataFrame) -> list[dict[str, object]]:
    """Give one table for the whole reach and one for each place directly below."""
    if frame.is_empty():
        return []
    depth = actor().path.count("/") if actor().may["cases.view"] == "area" else 99
    whole = frame.with_columns(place=pl.lit(actor().place))
    below = frame.with_columns(
        place=pl.col("path").str.split("/").list.get(depth, null_on_oob=True)
    ).filter(pl.col("place").is_not_null() & (pl.col("place") != ""))
    parts = [whole, *([below] if below.height else [])]
    found = delays_by_place(pl.concat(parts))
    names = Place.objects.in_bulk(found["place"].unique().to_list())
    labels = {s.name: s.label for s in SPANS}
    tables = []
    for place in [actor().place, *sorted(set(found["place"]) - {actor().place})]:
        lines = [
            {**r, "label": labels[r["delay"]]}
            for r in found.filter(pl.col("place") == place).iter_rows(named=True)
        ]
        tables.append({"place": names[place].name, "lines": lines})
    return tables
