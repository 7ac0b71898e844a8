"""The app `api`."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Configuration of the app."""

    name = "tongchou.station.api"
    label = "api"

    def ready(self) -> None:
        """Register the routes of the ground."""
        from tongchou.station.api.registry import add_router

        for name in ("me", "places", "units", "tokens"):
            add_router(f"/{name}", f"tongchou.station.api.routes.{name}_router")
