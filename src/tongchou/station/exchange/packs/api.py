"""Data packs through the interface."""

from datetime import date, datetime
from typing import Any

from django.http import FileResponse, HttpRequest
from ninja import Router, Schema

from tongchou.station.access.context import actor, system
from tongchou.station.access.managers import require_any
from tongchou.station.api.routes import TextOut
from tongchou.station.exchange.packs.asking import ask
from tongchou.station.exchange.packs.held import pack_name, packs_over
from tongchou.station.places.models import Place

router = Router()


class PackOut(Schema):
    """A pack that was loaded."""

    name: str
    title: TextOut
    first: date
    last: date
    synthetic: bool
    digest: str
    loaded_at: datetime


@router.get("", response=list[PackOut], summary="已载入的数据包 · Packs that are loaded")
def packs(request: HttpRequest) -> list[dict[str, Any]]:
    """List the packs over the area of the present post, the newest first."""
    require_any("exchange.pack")
    place = Place.objects.get(code=actor().place)
    with system("which packs are loaded"):
        held = packs_over(place)[::-1]
    return [
        {
            "name": p.name,
            "title": p.manifest["title"],
            "first": p.first,
            "last": p.last,
            "synthetic": p.synthetic,
            "digest": p.digest,
            "loaded_at": p.loaded_at,
        }
        for p in held
    ]


@router.get("/{place}/{cut}", summary="导出一个地区的数据包 · The pack of an area")
def one(request: HttpRequest, place: str, cut: date) -> FileResponse:
    """Give the pack of an area as a ZIP; rows of persons only where the post may export records."""
    require_any("exchange.pack")
    found = Place.objects.get(code=place)
    name = f"{pack_name(found, cut)}.zip"
    return FileResponse(
        ask(found, cut), as_attachment=True, filename=name, content_type="application/zip"
    )
