"""The app `exchange`."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Configuration of the app."""

    name = "tongchou.station.exchange"
    label = "exchange"

    def ready(self) -> None:
        """Bring the lists, inbox entries and navigation of the exchange to the desk."""
        from tongchou.station.desk.registry import register_notice
        from tongchou.station.exchange import desk_entries
        from tongchou.station.exchange.notice import exercise_notice
        from tongchou.station.exchange.packs import desk as packs

        register_notice("exercise", exercise_notice)
        desk_entries.register()
        packs.register()
