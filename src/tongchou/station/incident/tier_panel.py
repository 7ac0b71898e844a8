"""The map of tiers on the first page: as the latest order of the place has them."""

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tongchou.station.access.context import actor
from tongchou.station.desk.registry import Panel, register_panel
from tongchou.station.desk.templatetags.words import language
from tongchou.station.incident.models import Order, OrderDocument
from tongchou.station.incident.services.measuring import latest_order
from tongchou.vocabulary.text import Text

if TYPE_CHECKING:
    from tongchou.station.desk.charts import Tier


def register() -> None:
    """Make the panel known to the desk."""
    register_panel(
        Panel(
            name="tiers",
            label=Text(zh="风险等级", en="Risk tiers"),
            action="incident.view",
            draw=draw,
            order=20,
        )
    )


def draw() -> SafeString | None:
    """Draw the tiers of the present post's place; None while it has no order."""
    from tongchou.station.desk.charts import tier_chart

    order = latest_order(actor().place)
    if order is None:
        return None
    rows = _tiers(order.pk, order.digest)
    drawn = tier_chart(
        {code: tier for code, tier, _ in rows}, {code: name for code, _, name in rows}
    )
    if drawn is None:
        return None
    source = Text(
        zh="来源：{place}每日工作部署第{edition}版，数据截至{cut} 24时，{state}。",
        en="Source: order of the day of {place}, edition {edition}, data to {cut}, 24:00, {state}.",
    ).fill(
        place=order.place.name, edition=order.edition, cut=order.cut.isoformat(),
        state=order.state_name,
    )  # fmt: skip
    return format_html(
        '{}<p class="note"><a href="{}">{}</a></p>',
        drawn,
        reverse("incident:order", args=[order.pk]),
        source[language()],
    )


@lru_cache(maxsize=64)
def _tiers(order: int, digest: str) -> "tuple[tuple[str, Tier, Text], ...]":
    """Read the tiers of a draft, which its digest names; its file never changes."""
    held = OrderDocument.objects.filter(order=Order(pk=order), name="order.json").first()
    if held is None:
        return ()
    rows = json.loads(bytes(held.content))["tiers"]["rows"]
    return tuple((r["place"], r["tier"], Text(**r["name"])) for r in rows)
