"""The app `incident`."""

from django.apps import AppConfig


class IncidentConfig(AppConfig):
    """Configuration of the app."""

    name = "tongchou.station.incident"
    label = "incident"
