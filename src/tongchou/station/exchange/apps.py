"""The app `exchange`."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Configuration of the app."""

    name = "tongchou.station.exchange"
    label = "exchange"
