"""The app `accounts`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Configuration of the app."""

    name = "tongchou.station.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Listen to people who sign in; show the users of an area in the navigation."""
        from tongchou.station.accounts import signals  # noqa: F401
