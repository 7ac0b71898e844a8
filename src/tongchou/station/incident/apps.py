"""The app `incident`."""

from django.apps import AppConfig


class IncidentConfig(AppConfig):
    """Configuration of the app."""

    name = "tongchou.station.incident"
    label = "incident"

    def ready(self) -> None:
        """Bring the order of the day and all work of the incident to the desk and to the interface."""
        from tongchou.station.api.registry import add_router
        from tongchou.station.incident import incident_desk, order_desk, tier_panel, work_desk

        order_desk.register()
        tier_panel.register()
        work_desk.register()
        incident_desk.register()
        add_router("/incident", "tongchou.station.incident.api.router")
        add_router("/orders", "tongchou.station.incident.api_orders.router")
