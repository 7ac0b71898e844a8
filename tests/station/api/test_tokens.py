"""Tokens: seen once, kept as a hash, bounded by post, scope and time."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tongchou.station.access.context import system
from tongchou.station.accounts.models import Post
from tongchou.station.api.models import ApiToken
from tongchou.station.audit.models import Entry

pytestmark = pytest.mark.django_db
SECURE = {"secure": True}


def made(client, **fields) -> str:
    page = client.post(
        "/tokens/new/", {"name": "laboratory system", "days": 30, **fields}, **SECURE
    )
    return re.search(r"tch_[\w-]{43}", page.content.decode())[0]


def status(secret: str) -> int:
    return (
        Client(headers={"authorization": f"Bearer {secret}"}).get("/api/me", **SECURE).status_code
    )


def test_a_token_is_made_seen_once_used_and_revoked(signed_in):
    client = signed_in("epidemiologist", "640104")
    secret = made(client, actions=["cases.view"])
    page = client.get("/tokens/", **SECURE).content.decode()
    assert secret not in page
    assert secret[:10] in page
    assert secret not in str(ApiToken.objects.values())
    assert status(secret) == 200
    assert ApiToken.objects.get().last_used is not None
    client.post(f"/tokens/{ApiToken.objects.get().pk}/revoke/", **SECURE)
    assert status(secret) == 401
    with system("count"):
        assert [e.action for e in Entry.objects.all()].count("api.tokens") == 3


@pytest.mark.parametrize(
    "fields",
    [
        {"days": 91},
        {"days": 0},
        {"actions": ["incident.sign"]},
        {"actions": ["api.tokens"]},
        {"name": ""},
    ],
)
def test_a_token_beyond_the_post_or_ninety_days_is_not_made(signed_in, fields):
    client = signed_in("epidemiologist", "640104")
    page = client.post(
        "/tokens/new/", {"name": "n", "days": 30, "actions": ["cases.view"], **fields}, **SECURE
    )
    assert page.status_code == 200
    assert ApiToken.objects.count() == 0


@pytest.mark.parametrize("path", ["/tokens/", "/tokens/new/", "/tokens/1/revoke/"])
def test_a_post_without_the_action_sees_no_page(signed_in, path):
    assert signed_in("depot", "640104", "640104-depot").get(path, **SECURE).status_code == 404


def test_another_persons_token_is_not_there(signed_in, token):
    token("epidemiologist", "640104")
    number = ApiToken.objects.get().pk
    client = signed_in("epidemiologist", "640104")
    assert client.post(f"/tokens/{number}/revoke/", **SECURE).status_code == 404
    assert client.get("/api/tokens", **SECURE).json()["count"] == 0


def test_a_token_ends_with_its_time_its_post_and_its_user(token):
    now = timezone.now()
    for change in (
        lambda t: ApiToken.objects.filter(pk=t.pk).update(expires=now),
        lambda t: Post.objects.filter(pk=t.post_id).update(
            ends=timezone.localdate() - timedelta(days=1)
        ),
        lambda t: type(t.user).objects.filter(pk=t.user_id).update(is_active=False),
    ):
        secret = token("epidemiologist", "640104")
        assert status(secret) == 200
        change(ApiToken.objects.latest("id"))
        assert status(secret) == 401


def test_a_token_opens_no_page(token):
    client = Client(headers={"authorization": f"Bearer {token('epidemiologist', '640104')}"})
    assert client.get("/tokens/", **SECURE).status_code in (302, 404)


def test_a_bad_token_beside_a_good_session_is_refused(signed_in):
    client = signed_in("epidemiologist", "640104")
    assert client.get("/api/me", headers={"authorization": "Bearer x"}, **SECURE).status_code == 401


def test_the_reference_names_every_route_in_both_languages(signed_in):
    client = signed_in("duty_officer", "640104")
    page = client.get("/tokens/reference/", **SECURE).content.decode()
    assert "GET /api/places/{code}" in page
    assert "One place" in page


def test_what_a_program_reads_stands_in_the_trail_with_its_channel(with_token):
    with_token("epidemiologist", "640104").get("/api/fhir/export", **SECURE)
    with system("look"):
        entry = Entry.objects.get(action="exchange.export")
    assert (entry.channel, entry.resource) == ("api", "fhir:Condition")


def test_a_token_without_the_action_reads_nothing(with_token):
    client = with_token("epidemiologist", "640104", actions=["cases.view"])
    assert client.get("/api/fhir/export", **SECURE).status_code == 404
    assert client.get("/api/fhir/Patient?names=true", **SECURE).status_code == 404
