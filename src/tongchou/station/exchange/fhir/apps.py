"""The app `fhir`."""

from django.apps import AppConfig


class FhirConfig(AppConfig):
    """Configuration of the app."""

    name = "tongchou.station.exchange.fhir"
    label = "fhir"

    def ready(self) -> None:
        """Register the routes."""
        from tongchou.station.api.registry import JSON, add_router

        add_router(
            "/fhir",
            "tongchou.station.exchange.fhir.routes.router",
            content_types=("application/fhir+json", JSON),
            body_limit=32 * 1024 * 1024,
        )
