"""The station's database for a command: the embedded server, or the one ``DATABASE_URL`` names.

::

    with opened() as database:      # Django is set up when the block begins
        ...
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tongchou.situation.home import home
from tongchou.station.operations.embedded import Embedded, used
from tongchou.station.operations.errors import DatabaseUnreachable
from tongchou.vocabulary.text import same

URL = "DATABASE_URL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """Where the records are; ``embedded`` is None for a server that is not ours."""

    url: str
    embedded: Embedded | None

    @property
    def shown(self) -> str:
        """The address without its password."""
        head, at, tail = self.url.rpartition("@")
        scheme, _, who = head.partition("://")
        return f"{scheme}://{who.partition(':')[0]}{at}{tail}"


def folder() -> Path:
    """Give the folder of the station's own files."""
    return home() / "station"


@contextmanager
def opened(*, setup: bool = True) -> Iterator[Database]:
    """Have the database answer, with Django set up for it unless told otherwise.

    Raises
    ------
    DatabaseWillNotStart, DatabaseUnreachable
        If it does not.
    """
    named = os.environ.get(URL)
    if named:
        _ask(named)
        if setup:
            start_django()
        yield Database(url=named, embedded=None)
        return
    with used(folder()) as server:
        os.environ[URL] = server.url()
        try:
            if setup:
                start_django()
            yield Database(url=server.url(), embedded=server)
        finally:
            _let_go()
            del os.environ[URL]


def start_django() -> None:
    """Set Django up, once; the settings read the environment as it is at this moment."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongchou.station.settings")
    django.setup()


def _let_go() -> None:
    """Close our own connections before the server stops."""
    from django.apps import apps

    if apps.ready:
        from django.db import connections

        connections.close_all()


def _ask(url: str) -> None:
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.Error as error:
        raise DatabaseUnreachable(same(str(error).strip().splitlines()[0])) from error
