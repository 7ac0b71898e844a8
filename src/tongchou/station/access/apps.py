"""The app `access`."""

from django.apps import AppConfig
from django.db import connection
from django.db.models.signals import post_migrate


def give_grants(**_: object) -> None:
    """Let the bound role touch the tables that the migrations have just made."""
    from tongchou.station.access.rls import GRANT_TABLES

    with connection.cursor() as cursor:
        if "audit_entry" in connection.introspection.table_names(cursor):
            cursor.execute(GRANT_TABLES)


class AccessConfig(AppConfig):
    """Configuration of the app."""

    name = "tongchou.station.access"
    label = "access"

    def ready(self) -> None:
        """Give grants once after each migration run."""
        from django.apps import apps

        post_migrate.connect(
            give_grants, sender=apps.get_app_config("audit"), dispatch_uid="station-grants"
        )
