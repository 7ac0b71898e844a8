"""The app `places`."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """Configuration of the app."""

    name = "tongchou.station.places"
    label = "places"
