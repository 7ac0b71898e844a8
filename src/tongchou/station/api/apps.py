"""The app `api`."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Configuration of the app."""

    name = "tongchou.station.api"
    label = "api"

    def ready(self) -> None:
        """Register the routes of the ground and the page of tokens."""
        from tongchou.station.api.registry import add_router
        from tongchou.station.desk.registry import NavItem, register_nav
        from tongchou.vocabulary.text import Text

        for name in ("me", "places", "units", "tokens"):
            add_router(f"/{name}", f"tongchou.station.api.routes.{name}_router")
        register_nav(
            NavItem(
                label=Text(zh="接口令牌", en="API tokens"),
                url_name="tokens:list",
                action="api.tokens",
                group=Text(zh="管理", en="Administration"),
                order=620,
            )
        )
