"""Before the station opens: tables brought up to date, cache table, static files, work taken up again."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tongchou.version import __version__

MADE_OF = ".made_of"
"""In the folder of static files: what they were collected from."""


def pending() -> list[str]:
    """Give the migrations that are not applied."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate() -> list[str]:
    """Bring the tables up to date; give what was applied."""
    todo = pending()
    if todo:
        call_command("migrate", interactive=False, verbosity=0)
    name = settings.CACHES["default"]["LOCATION"]
    if name not in connection.introspection.table_names():
        call_command("createcachetable", verbosity=0)
        from tongchou.station.access.rls import GRANT_TABLES

        with connection.cursor() as cursor:
            cursor.execute(GRANT_TABLES)
    return todo


def load_country() -> bool:
    """Load the places of the country where there are none; give whether there were none."""
    from tongchou.station.places.loading import load_places
    from tongchou.station.places.models import Place

    if Place.objects.exists():
        return False
    load_places()
    return True


def collect_static() -> bool:
    """Collect, hash and compress the static files where they have changed; give whether they had."""
    root = Path(settings.STATIC_ROOT)
    digest, stamp = _made_of(), root / MADE_OF
    if stamp.exists() and stamp.read_text(encoding="ascii") == digest:
        return False
    root.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(digest, encoding="ascii")
    return True


def _made_of() -> str:
    """Give a digest over name, size and time of every static file."""
    digest = hashlib.sha256(__version__.encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
