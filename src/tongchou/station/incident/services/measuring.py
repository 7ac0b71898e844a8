"""What the latest order of a place says of an indicator."""

import json
from dataclasses import dataclass
from datetime import date

from tongchou.station.incident.models import Order, OrderDocument
from tongchou.station.incident.models.order import OPEN, SIGNED


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A value of an indicator, the day it is of and where it stands."""

    value: float
    of: date
    source: str


def latest_order(place: str) -> Order | None:
    """Give the newest order of a place that has been made, signed or not."""
    made = Order.objects.filter(place_id=place, state__in=[*OPEN, *SIGNED])
    return made.order_by("-cut", "-edition").first()


def measures_of(order: Order) -> dict[str, float]:
    """Give every indicator of an order that has a value, as ``figure:NAME`` and ``gap:NAME``."""
    found = {f"figure:{f['id']}": f["value"] for f in order.figures if f["value"] is not None}
    document = OrderDocument.objects.filter(order=order, name="order.json").first()
    if document is not None:
        gaps = json.loads(bytes(document.content)).get("gaps", [])
        found |= {f"gap:{g['id']}": g["count"] for g in gaps if g.get("count") is not None}
    return {name: float(value) for name, value in found.items()}


def measured(place: str) -> dict[str, Measured]:
    """Give the indicators of the latest order of a place; none where there is no order."""
    order = latest_order(place)
    if order is None:
        return {}
    source = f"{order.cut} #{order.edition}"
    return {
        name: Measured(value=value, of=order.cut, source=source)
        for name, value in measures_of(order).items()
    }
