"""The app `operations`."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Configuration of the app."""

    name = "tongchou.station.operations"
    label = "operations"
