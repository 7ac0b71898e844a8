"""A small county for the tests of the station: places, units, and a person for every role."""

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import connections
from django.test import Client, override_settings

from tongchou.station.access.policy import Actor
from tongchou.station.access.roles import Role
from tongchou.station.accounts.actors import actor_of
from tongchou.station.accounts.models import Post, User
from tongchou.station.audit.chain import INSTALL
from tongchou.station.operations.embedded import used
from tongchou.station.places.loading import add_grids, load_places
from tongchou.station.places.models import Place, Unit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.fixtures import SettingsWrapper
    from pytest_django.live_server_helper import LiveServer
    from pytest_django.plugin import DjangoDbBlocker

PROVINCE, CITY, COUNTY, NEXT_COUNTY, OTHER_CITY = "640000", "640100", "640104", "640105", "640300"


@pytest.fixture(scope="session")
def database_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Start a PostgreSQL for this run, or join the one another worker started; the last stops it.

    It is the station's own server, less what makes it outlive a power cut.
    """
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    with used(folder / "database") as server:
        with psycopg.connect(server.url("postgres"), autocommit=True) as link:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                link.execute(f"ALTER SYSTEM SET {setting} = off")
            link.execute("SELECT pg_reload_conf()")
        host = str(server.socket)
        yield {"HOST": host, "USER": "postgres", "PASSWORD": "", "PORT": "", "NAME": "postgres"}


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    database_server: dict[str, str], django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Let Django use it."""
    name = connections["default"].settings_dict
    test = name["TEST"]
    name.update(database_server)
    name["TEST"] = test


@pytest.fixture(scope="session", autouse=True)
def nobody_left_behind(
    django_db_setup: None, django_db_blocker: "DjangoDbBlocker"
) -> Iterator[None]:
    """End sessions that servers and threads of the tests left open, so that the database can go."""
    yield
    with django_db_blocker.unblock(), connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def places(db: None) -> dict[str, Place]:
    """Load Ningxia with two grids in each of two counties of its capital."""
    load_places(PROVINCE)
    for county in (COUNTY, NEXT_COUNTY):
        add_grids(Place.objects.get(code=county), 2)
    return {p.code: p for p in Place.objects.all()}


@pytest.fixture
def units(places: dict[str, Place]) -> dict[str, Unit]:
    """Give a hospital, a fever clinic, a laboratory, a depot, a quarantine site and a firm in each of two counties."""
    made = {}
    for county in (COUNTY, NEXT_COUNTY):
        for kind in (
            "designated",
            "fever_clinic",
            "laboratory",
            "depot",
            "quarantine",
            "enterprise",
        ):
            code = f"{county}-{kind}"
            made[code] = Unit(
                code=code,
                kind=kind,
                place=places[county],
                path=places[county].path,
                name_zh=f"{places[county].name_zh}{kind}",
                name_en=f"{places[county].name_en} {kind}",
            )
            made[code].save()
    return made


@pytest.fixture
def post(places: dict[str, Place], units: dict[str, Unit]) -> Callable[..., Post]:
    """Give a maker of posts: ``post("epidemiologist", "640104")``."""

    def make(role: str, place: str, unit: str | None = None, username: str | None = None) -> Post:
        user = User.objects.create_user(
            username or f"{role}-{unit or place}-{User.objects.count()}", password=None
        )
        return Post.objects.create(
            user=user,
            role=Role(role),
            place=places[place],
            unit=units[unit] if unit else None,
            starts=date(2020, 1, 1),
        )

    return make


@pytest.fixture
def actor(post: Callable[..., Post]) -> Callable[..., Actor]:
    """Give a maker of actors: ``with acting(actor("clinician", "640104", "640104-designated"))``."""

    def make(role: str, place: str, unit: str | None = None) -> Actor:
        made = post(role, place, unit)
        return actor_of(Post.objects.select_related("user", "place", "unit").get(pk=made.pk))

    return make


@pytest.fixture
def signed_in(post: Callable[..., Post]) -> Callable[..., Client]:
    """Give a maker of clients that are signed in: ``signed_in("duty_officer", "640104")``."""

    def make(role: str, place: str, unit: str | None = None) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(
            post(role, place, unit).user, backend="django.contrib.auth.backends.ModelBackend"
        )
        return client

    return make


@pytest.fixture(scope="session", autouse=True)
def plain_http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Answer over plain HTTP, as the test client and the browser here ask; static files as they lie."""
    with override_settings(
        SECURE_SSL_REDIRECT=False,
        SESSION_COOKIE_SECURE=False,
        CSRF_COOKIE_SECURE=False,
        SESSION_COOKIE_NAME="sessionid",
        CSRF_COOKIE_NAME="csrftoken",
        LANGUAGE_COOKIE_NAME="language",
        LANGUAGE_COOKIE_SECURE=False,
        STATIC_ROOT=tmp_path_factory.mktemp("static"),
        STORAGES={
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
    ):
        yield


@pytest.fixture(autouse=True)
def one_factor(settings: "SettingsWrapper") -> None:
    """Ask nobody for a second factor; tests of signing in set the roles back that must show one."""
    settings.STATION_TOTP_ROLES = frozenset()


@pytest.fixture(scope="session")
def flush_with_audit() -> Iterator[None]:
    """Let the tables be emptied after a test with a server, the append-only audit trail too."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    empty = DatabaseOperations.execute_sql_flush

    def flush(self: DatabaseOperations, statements: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
        empty(self, statements)
        with self.connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = DEFAULT")
            cursor.execute(INSTALL)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush)
        yield


@pytest.fixture
def answered() -> Iterator[Callable[[], None]]:
    """Give a wait for the server's last answer: what it still writes must not meet the next test."""
    begun, ended = [], []

    def served() -> bool:
        return threading.current_thread() is not threading.main_thread()

    def begin(**_: object) -> None:
        if served():
            begun.append(1)

    def end(**_: object) -> None:
        if served():
            ended.append(1)

    def wait() -> None:
        until = time.monotonic() + 30
        while len(ended) < len(begun) and time.monotonic() < until:
            time.sleep(0.02)

    request_started.connect(begin)
    request_finished.connect(end)
    yield wait
    request_started.disconnect(begin)
    request_finished.disconnect(end)


@pytest.fixture
def page_as(
    browser: "Browser",
    flush_with_audit: None,
    transactional_db: None,
    live_server: "LiveServer",
    answered: Callable[[], None],
    post: Callable[..., Post],
) -> Iterator[Callable[..., "Page"]]:
    """Give a maker of pages of a signed-in person in a real browser.

    ``page_as("epidemiologist", "640104", path="/cases/")`` opens the page; ``page_as(None)`` is a
    stranger. ``width=360`` is a phone, ``lang="en"`` English, ``dark=True`` the dark theme. At the
    end the test fails if a page complained in the console, broke, or asked for anything outside.
    """
    contexts, said = [], []

    def make(
        role: str | None,
        place: str = COUNTY,
        unit: str | None = None,
        *,
        path: str = "/",
        width: int = 1440,
        lang: str = "zh",
        dark: bool = False,
    ) -> "Page":
        context = browser.new_context(
            viewport={"width": width, "height": 900 if width > 600 else 740},
            locale="zh-CN" if lang == "zh" else "en-GB",
            color_scheme="dark" if dark else "light",
            has_touch=width < 600,
        )
        contexts.append(context)
        if role is not None:
            held = role if isinstance(role, Post) else post(role, place, unit)
            client = Client()
            client.force_login(held.user, backend="django.contrib.auth.backends.ModelBackend")
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
            )
        page = context.new_page()
        page.on(
            "console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda e: said.append(str(e)))
        page.on(
            "request",
            lambda r: (
                None
                if r.url.startswith((live_server.url, "data:", "blob:"))
                else said.append(r.url)
            ),
        )
        page.complaints = said
        page.goto(live_server.url + path)
        return page

    yield make
    for context in contexts:
        context.close()
    answered()
    # a page that is refused says so in the console of every browser; that is its answer, no fault
    assert [s for s in said if not re.search(r"status of (400|403|404|429)", s)] == []
