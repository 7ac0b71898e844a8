"""The app `desk`."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Configuration of the app."""

    name = "tongchou.station.desk"
    label = "desk"
