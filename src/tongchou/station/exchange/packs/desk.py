"""What data packs bring to the desk and to the interface."""

from tongchou.station.api.registry import add_router
from tongchou.station.desk.registry import NavItem, register_nav
from tongchou.vocabulary.text import Text


def register() -> None:
    """Make the page and the routes known."""
    register_nav(
        NavItem(
            label=Text(zh="数据包", en="Data packs"),
            url_name="exchange:packs",
            action="exchange.pack",
            group=Text(zh="数据交换", en="Exchange"),
            order=420,
        )
    )
    add_router("/packs", "tongchou.station.exchange.packs.api.router")
