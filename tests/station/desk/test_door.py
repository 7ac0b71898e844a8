"""At the door: who comes in, in which language, as which post, and what a refusal looks like."""

import re

import pytest
from django.test import Client, RequestFactory

from tongchou.station.access.context import system
from tongchou.station.access.managers import Refused
from tongchou.station.access.policy import Decision
from tongchou.station.accounts.models import Post, User
from tongchou.station.audit.models import Entry
from tongchou.station.desk import errors
from tongchou.vocabulary.text import same


@pytest.mark.parametrize(
    "address", ["/", "/places/", "/places/640104/", "/search/?q=x", "/places/?format=csv"]
)
def test_a_stranger_is_led_to_the_sign_in_page_and_back(db, address):
    answer = Client().get(address)
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/?next=/")


def test_someone_without_a_post_is_told_whom_to_ask(places):
    client = Client(headers={"accept-language": "en"})
    client.force_login(
        User.objects.create_user("new"), backend="django.contrib.auth.backends.ModelBackend"
    )
    answer = client.get("/")
    assert answer.status_code == 403
    assert "Ask the account administrator of your area" in answer.content.decode()
    assert "请联系所在地区的账户管理员" in answer.content.decode()
    assert client.get("/accounts/").status_code == 200, "one's own account needs no post"


def test_not_yours_and_not_there_are_the_same_page_byte_for_byte(signed_in, places, units):
    client = signed_in("administrator", "640104")
    not_yours = client.get("/places/640105-G01/edit/")
    not_there = client.get("/places/640105-G99/edit/")
    nowhere = client.get("/no/such/address/")
    assert not_yours.status_code == not_there.status_code == nowhere.status_code == 404
    assert not_yours.content == not_there.content == nowhere.content
    kept = [
        {k: v for k, v in a.headers.items() if not k.lower().startswith("x-request")}
        for a in (not_yours, not_there)
    ]
    assert kept[0] == kept[1]


def test_a_refusal_is_noted_with_its_reason_although_all_else_is_undone(signed_in, places):
    signed_in("administrator", "640104").get("/places/640105-G01/edit/")
    with system("look"):
        entry = Entry.objects.get(outcome="refused")
    assert (entry.action, entry.resource) == ("places.manage", "places.place:640105-G01")
    assert "outside the area" in entry.detail


@pytest.mark.parametrize("status", sorted(errors.PAGES))
@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_error_pages_are_whole_in_both_languages(status, lang):
    from django.utils.translation import override

    with override(lang):
        page = errors.page(status)
    text = page.content.decode()
    title, body = errors.PAGES[status]
    assert page.status_code == status
    for sentence in (title.zh, title.en, body.zh, body.en):
        assert sentence in text
    assert (
        text.index(title.zh) < text.index(title.en)
        if lang == "zh-hans"
        else text.index(title.en) < text.index(title.zh)
    )
    assert "csrf" not in text
    assert "<script" not in text


def test_an_error_of_the_program_shows_the_page_of_both_languages(signed_in, places, monkeypatch):
    from tongchou.station.desk import home

    monkeypatch.setattr(home, "inbox_for", lambda actor: 1 / 0)
    client = signed_in("epidemiologist", "640104")
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500
    assert "The fault is ours" in answer.content.decode()


def test_a_form_without_its_token_gets_our_page(places, post):
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        post("epidemiologist", "640104").user, backend="django.contrib.auth.backends.ModelBackend"
    )
    answer = client.post("/language/", {"language": "en"})
    assert answer.status_code == 403
    assert "This request was refused" in answer.content.decode()


class TestLanguage:
    """A language is chosen once, for the browser and for the person."""

    def test_a_stranger_chooses_for_the_browser(self, db):
        client = Client(headers={"accept-language": "zh-CN"})
        assert 'lang="zh-Hans"' in client.get("/accounts/login/").content.decode()
        client.post("/language/", {"language": "en", "next": "/accounts/login/"})
        assert '<html lang="en"' in client.get("/accounts/login/").content.decode()

    def test_a_person_finds_their_language_on_another_machine(self, post):
        user = post("epidemiologist", "640104").user
        for accept in ("zh-CN", "zh-CN"):
            client = Client(headers={"accept-language": accept})
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            client.post("/language/", {"language": "en"})
        assert '<html lang="en"' in client.get("/").content.decode()
        user.refresh_from_db()
        assert user.language == "en"

    def test_one_does_not_come_back_to_somewhere_else(self, db):
        answer = Client().post(
            "/language/", {"language": "en", "next": "https://elsewhere.example/"}
        )
        assert answer.url == "/"

    def test_an_unknown_language_changes_nothing(self, db):
        assert not Client().post("/language/", {"language": "xx"}).cookies


def test_the_theme_is_remembered_and_drawn_by_the_server(signed_in, places):
    client = signed_in("epidemiologist", "640104")
    assert "data-bs-theme" not in client.get("/").content.decode().partition(">")[0]
    client.post("/theme/", {"theme": "dark"})
    assert 'data-bs-theme="dark"' in client.get("/").content.decode()
    client.post("/theme/", {"theme": "pink"})
    assert 'data-bs-theme="dark"' in client.get("/").content.decode()


def test_a_person_with_two_posts_works_in_one_at_a_time(places, post):
    held = post("administrator", "640104")
    second = Post.objects.create(
        user=held.user, role="epidemiologist", place=places["640105"], starts=held.starts
    )
    stranger = post("epidemiologist", "640300")
    client = Client(headers={"accept-language": "en"})
    client.force_login(held.user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/").context["actor"].role == "administrator"
    client.post("/post/", {"post": second.pk})
    page = client.get("/")
    assert (page.context["actor"].role, page.context["actor"].place) == ("epidemiologist", "640105")
    assert len(re.findall(r'name="post"', page.content.decode())) == 2
    client.post("/post/", {"post": stranger.pk})
    assert client.get("/").context["actor"].post_id == second.pk, "another's post is not one's own"


def test_what_the_middleware_does_with_a_refusal_of_nobody(db):
    from tongchou.station.desk.middleware import DeskMiddleware

    refusal = Refused("cases.view", "x", Decision(allowed=False, reason=same("no")))
    door = DeskMiddleware(lambda request: None)
    with system("test"):
        assert door.process_exception(RequestFactory().get("/"), refusal).status_code == 404
        assert door.process_exception(RequestFactory().get("/api/x"), refusal) is None
