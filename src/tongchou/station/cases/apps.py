"""The app `cases`."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Configuration of the app."""

    name = "tongchou.station.cases"
    label = "cases"
