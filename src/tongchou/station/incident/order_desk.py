"""What the order of the day brings to the desk: its list, its inbox entries, its place in the navigation."""

from django.db.models import QuerySet
from django.urls import reverse

from tongchou.station.access.context import actor
from tongchou.station.desk.lists import Column, Filter, ListSpec, register_list
from tongchou.station.desk.registry import (
    InboxSource,
    NavItem,
    register_inbox,
    register_nav,
)
from tongchou.station.incident.models import Order
from tongchou.station.incident.models.order import OPEN, ORDER_STATES, OrderState
from tongchou.station.incident.views.orders import BADGES
from tongchou.vocabulary.text import Text

GROUP = Text(zh="指挥", en="Command")


def _all() -> QuerySet[Order]:
    return Order.objects.select_related("place")


def to_sign(rows: QuerySet[Order]) -> QuerySet[Order]:
    """Give the orders that wait for the commander of the present post's own place."""
    return rows.filter(state__in=OPEN, path=actor().path)


def to_publish(rows: QuerySet[Order]) -> QuerySet[Order]:
    """Give the signed orders of the own place whose bulletin is not public yet."""
    return rows.filter(state=OrderState.SIGNED, path=actor().path)


def failed(rows: QuerySet[Order]) -> QuerySet[Order]:
    """Give the runs of the own place that failed."""
    return rows.filter(state=OrderState.FAILED, path=actor().path)


WAITS = {
    "sign": (to_sign, Text(zh="待我签署", en="mine to sign")),
    "publish": (to_publish, Text(zh="待公布公报", en="bulletin to publish")),
    "failed": (failed, Text(zh="未能生成", en="failed runs")),
}


def _headline(order: Order) -> Text:
    return Text(**order.headline[2]) if order.headline else order.failure


def _url(kind: str) -> str:
    return f"{reverse('incident:orders')}?waits={kind}"


def register() -> None:
    """Make list, inbox entries and navigation known."""
    register_list(
        ListSpec(
            name="orders",
            title=Text(zh="每日工作部署", en="Orders of the day"),
            action="incident.view",
            rows=_all,
            columns=(
                Column("cut", Text(zh="数据截至", en="Data to"), kind="date", sort="cut"),
                Column("place", Text(zh="地区", en="Place"), lambda o: o.place.name, sort="path"),
                Column("edition", Text(zh="版次", en="Edition"), kind="count"),
                Column("state", Text(zh="状态", en="State"), kind="badge", badge=BADGES, sort="state"),
                Column("headline", Text(zh="今日要办", en="Today"), _headline),
                Column("signed_title", Text(zh="签署岗位", en="Signed by")),
                Column("signed_at", Text(zh="签署时间", en="Signed"), kind="datetime", sort="signed_at"),
            ),
            filters=(
                Filter("waits", Text(zh="等待", en="Waits"), choices=[(k, t) for k, (_, t) in WAITS.items()],
                       apply=lambda rows, kind: WAITS[kind][0](rows)),
                Filter("state", Text(zh="状态", en="State"), choices=list(ORDER_STATES.items())),
                Filter("path", Text(zh="地区", en="Place"), kind="place"),
                Filter("cut", Text(zh="数据截至", en="Data to"), kind="dates"),
            ),
            order=("-cut", "-edition", "path"),
            row_url=lambda o: reverse("incident:order", args=[o.pk]),
            new=(Text(zh="启动晨间作业", en="Start the morning run"), "incident:order_ask", "incident.run"),
        )
    )  # fmt: skip
    register_inbox(
        InboxSource(
            name="orders_to_sign",
            section="sign",
            label=Text(zh="每日工作部署待签署", en="Orders of the day to sign"),
            action="incident.sign",
            rows=lambda: to_sign(_all()),
            url=lambda: _url("sign"),
            clock="drafted_at",
        )
    )
    register_inbox(
        InboxSource(
            name="bulletins_to_publish",
            section="do",
            label=Text(zh="公报待公布", en="Bulletins to publish"),
            action="incident.sign",
            rows=lambda: to_publish(_all()),
            url=lambda: _url("publish"),
            clock="signed_at",
        )
    )
    register_inbox(
        InboxSource(
            name="orders_failed",
            section="late",
            label=Text(zh="晨间作业未能完成", en="Morning runs that failed"),
            action="incident.run",
            rows=lambda: failed(_all()),
            url=lambda: _url("failed"),
            clock="asked_at",
        )
    )
    register_nav(
        NavItem(
            label=Text(zh="每日工作部署", en="Orders of the day"),
            url_name="incident:orders",
            action="incident.view",
            group=GROUP,
            order=310,
        )
    )
