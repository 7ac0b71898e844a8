"""Clients that come with a token."""

from collections.abc import Callable

import pytest
from django.test import Client

from tongchou.station.access.context import acting
from tongchou.station.accounts.actors import actor_of
from tongchou.station.accounts.models import Post
from tongchou.station.api import tokens


@pytest.fixture
def token(post: Callable[..., Post]) -> Callable[..., str]:
    """Give a maker of secrets: ``token("epidemiologist", "640104", actions=["cases.view"])``."""

    def make(
        role: str, place: str, unit: str | None = None, *, actions=None, days: int = 30
    ) -> str:
        held = Post.objects.select_related("user", "place", "unit").get(
            pk=post(role, place, unit).pk
        )
        who = actor_of(held)
        with acting(who):
            return tokens.make("a program", actions or tokens.allowed_actions(who), days)[1]

    return make


@pytest.fixture
def with_token(token: Callable[..., str]) -> Callable[..., Client]:
    """Give a maker of clients that send a token and check CSRF as a server does."""

    def make(*where: str, **options) -> Client:
        headers = {"authorization": f"Bearer {token(*where, **options)}"}
        return Client(headers=headers, enforce_csrf_checks=True)

    return make


@pytest.fixture(autouse=True)
def second_factor_done(settings: object) -> None:
    """Take it that whoever is signed in has given the second factor."""
    settings.STATION_TOTP_ROLES = ()
