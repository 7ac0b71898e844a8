"""The app `audit`."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Configuration of the app."""

    name = "tongchou.station.audit"
    label = "audit"

    def ready(self) -> None:
        """Write what was noted at the end of every scope."""
        from tongchou.station.access.context import at_end
        from tongchou.station.audit.record import write

        at_end(write)
