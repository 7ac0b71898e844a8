"""The app `desk`."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Configuration of the app."""

    name = "tongchou.station.desk"
    label = "desk"

    def ready(self) -> None:
        """Make places and units known."""
        from tongchou.station.desk.gazetteer import lists

        lists.register()
