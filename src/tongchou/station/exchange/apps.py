"""The app `exchange`."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Configuration of the app."""

    name = "tongchou.station.exchange"
    label = "exchange"

    def ready(self) -> None:
        """Bring the lists, inbox entries and navigation of the exchange to the desk."""
        from tongchou.station.exchange import desk_entries
        from tongchou.station.exchange.packs import desk as packs

        desk_entries.register()
        packs.register()
