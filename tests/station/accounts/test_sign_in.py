"""Signing in: what lets a person in, what keeps others out, and when a session ends."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tongchou.station.access.context import system
from tongchou.station.accounts.middleware import BEGAN, SEEN
from tongchou.station.audit.models import Entry

PASSWORD = "willow-brook-2291-lantern"


@pytest.fixture(autouse=True)
def _fresh_counters(db):
    cache.clear()


@pytest.fixture
def person(post):
    held = post("epidemiologist", "640104", username="li.na")
    held.user.set_password(PASSWORD)
    held.user.save()
    return held.user


def sign_in(client: Client, password: str = PASSWORD, username: str = "li.na"):
    return client.post("/accounts/login/", {"login": username, "password": password})


def test_a_password_opens_the_desk(person):
    client = Client()
    assert sign_in(client).url == "/"
    assert client.get("/").status_code == 200


def test_the_page_says_the_same_of_a_wrong_password_and_of_an_unknown_name(person):
    def answer(**given):
        page = sign_in(Client(headers={"accept-language": "en"}), **given).content.decode()
        page = re.sub(r'(value|nonce|content)="[^"]*"', "", page)
        return page

    assert answer(password="wrong-wrong-wrong") == answer(username="nobody.here")


def test_five_failures_lock_the_name_at_that_address_and_a_right_password_does_not_open_it(person):
    client = Client()
    for _ in range(4):
        assert sign_in(client, "wrong-wrong-wrong").status_code == 200
    assert sign_in(client, "wrong-wrong-wrong").status_code == 429
    assert sign_in(client).status_code == 429
    assert client.get("/").status_code == 302


def test_signing_in_and_failing_to_stand_in_the_audit_trail_of_the_area(person):
    client = Client()
    sign_in(client, "wrong-wrong-wrong")
    sign_in(client)
    client.post("/accounts/logout/")
    with system("look"):
        trail = list(
            Entry.objects.filter(action__startswith="accounts.")
            .order_by("seq")
            .values_list("action", "outcome", "actor", "path")
        )
    where = person.posts_today().get().place.path
    assert trail == [
        ("accounts.sign_in", "refused", "li.na", where),
        ("accounts.sign_in", "done", "li.na", where),
        ("accounts.sign_out", "done", "li.na", where),
    ]


def test_a_post_with_personal_data_asks_for_a_second_factor_first(person, settings):
    settings.STATION_TOTP_ROLES = ("epidemiologist",)
    client = Client()
    sign_in(client)
    assert client.get("/").url == "/accounts/factor/totp/activate/"
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/factor/totp/activate/")
    assert page.status_code == 200
    secret = page.context["form"].secret
    code = next(hotp_value(secret, c) for c in yield_hotp_counters_from_time())
    client.post("/accounts/factor/totp/activate/", {"code": f"{code:06d}"})
    assert client.get("/").status_code == 200


def test_with_a_second_factor_the_password_alone_opens_nothing_and_a_code_works_once(person):
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    assert secret not in str(Authenticator.objects.get(type="totp").data), "the secret lies sealed"
    client = Client()
    assert sign_in(client).url == "/accounts/factor/authenticate/"
    assert client.get("/").status_code == 302
    code = f"{next(hotp_value(secret, c) for c in yield_hotp_counters_from_time()):06d}"
    assert client.post("/accounts/factor/authenticate/", {"code": code}).url == "/"
    again = Client()
    sign_in(again)
    assert again.post("/accounts/factor/authenticate/", {"code": code}).status_code == 200
    assert again.get("/").status_code == 302


def test_a_one_time_password_must_be_changed_before_anything_else(person):
    person.must_change_password = True
    person.save()
    client = Client()
    sign_in(client)
    assert client.get("/").url == "/accounts/password/change/"
    done = client.post(
        "/accounts/password/change/",
        {
            "oldpassword": PASSWORD,
            "password1": "a-new-and-longer-phrase-7",
            "password2": "a-new-and-longer-phrase-7",
        },
    )
    assert done.status_code == 302
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "bad", ["short-one-1", "password123456", "tongchou-wuhan-2020", "li.na.li.na.li"]
)
def test_passwords_that_others_would_try_first_are_refused(person, bad):
    client = Client()
    sign_in(client)
    answer = client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": bad, "password2": bad}
    )
    assert answer.status_code == 200
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_any_long_password_will_do_without_rules_of_composition(person):
    client = Client()
    sign_in(client)
    phrase = "柳 絮 因 风 起 未 若 撒 盐 空 中 差 可 拟 " + "x" * 50
    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": phrase, "password2": phrase},
    )
    person.refresh_from_db()
    assert person.check_password(phrase)
    assert person.password.startswith("argon2$argon2id$")


@pytest.mark.parametrize(
    ("key", "ago"), [(SEEN, timedelta(minutes=61)), (BEGAN, timedelta(hours=12, minutes=1))]
)
def test_a_session_ends_when_idle_and_with_the_shift(person, key, ago):
    client = Client()
    sign_in(client)
    client.get("/")
    session = client.session
    session[key] = (timezone.now() - ago).isoformat()
    session.save()
    assert client.get("/").url == "/accounts/login/?over=1"
    assert client.get("/").url.startswith("/accounts/login/")


def test_a_new_password_ends_every_other_session(person):
    here, elsewhere = Client(), Client()
    sign_in(here)
    sign_in(elsewhere)
    here.post(
        "/accounts/password/change/",
        {
            "oldpassword": PASSWORD,
            "password1": "a-new-and-longer-phrase-7",
            "password2": "a-new-and-longer-phrase-7",
        },
    )
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


def test_a_session_gets_a_new_key_at_sign_in(person):
    client = Client()
    client.get("/accounts/login/")
    client.session.save()
    before = client.session.session_key
    sign_in(client)
    assert client.session.session_key != before


def test_a_closed_account_is_out_at_once(person):
    client = Client()
    sign_in(client)
    person.is_active = False
    person.save()
    assert client.get("/").status_code == 302


def test_a_post_that_has_ended_opens_nothing_although_the_session_lasts(person):
    client = Client()
    sign_in(client)
    held = person.posts.get()
    held.ends = timezone.localdate() - timedelta(days=1)
    held.save()
    assert client.get("/cases/").status_code != 200


@pytest.mark.parametrize("way", ["signup", "email", "password/reset", "password/set"])
def test_ways_in_that_this_station_does_not_have_lead_nowhere(way, db):
    assert Client().get(f"/accounts/{way}/").status_code == 404


def test_where_one_is_signed_in_can_be_seen_and_ended(person):
    here, elsewhere = Client(), Client()
    sign_in(here)
    sign_in(elsewhere)
    here.get("/")
    elsewhere.get("/")
    assert here.get("/accounts/sessions/").content.decode().count("<tr>") == 3
    here.post("/accounts/sessions/")
    assert elsewhere.get("/").status_code == 302
    assert here.get("/").status_code == 200
