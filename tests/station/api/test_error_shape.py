"""Every error under /api/ has one shape, whoever refuses: route, gate, border, database, Django itself."""

import json

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import clear_url_caches, path
from ninja import Router, Schema, Status

from tongchou.station.access.context import system
from tongchou.station.access.managers import Refused
from tongchou.station.access.policy import Decision
from tongchou.station.accounts.models import Post
from tongchou.station.api import entrance
from tongchou.station.api import ground as assembly
from tongchou.station.api.errors import CODES, SENTENCES
from tongchou.station.audit.models import Entry, Outcome
from tongchou.station.places.models import Place, Unit
from tongchou.vocabulary.errors import BadInput, BadParameter, Fault, UnknownPlace
from tongchou.vocabulary.text import same

pytestmark = pytest.mark.django_db
SECURE = {"secure": True}


class Body(Schema):
    """What the routes of this file take."""

    n: int
    word: str = ""


def in_shape(response, status: int, code: str | None = None) -> dict:
    assert response.status_code == status, response.content
    assert response["Content-Type"].startswith("application/json")
    body = json.loads(response.content)
    assert set(body) == {"error"}
    error = body["error"]
    assert set(error) == {"code", "message", "detail", "request_id"}
    assert error["code"] == (code or CODES[status])
    assert set(error["message"]) == {"zh", "en"}
    assert all(error["message"].values())
    assert all(set(d) == {"at", "code", "message"} for d in error["detail"])
    assert error["request_id"] == response["X-Request-ID"]
    return error


def only(settings, api):
    """Let the station have this interface and nothing else."""
    settings.ROOT_URLCONF = type("Urls", (), {"urlpatterns": [path("api/", api.urls)]})
    clear_url_caches()


def raising(kind):
    def route(request):
        raise kind()

    return route


@pytest.fixture
def tried(settings):
    """Give a maker of clients of a small interface whose one route raises what it is given."""

    def make(client: Client, error) -> object:
        router = Router(auth=[assembly.Token(), assembly.Session()])
        router.get("/raises")(raising(error))
        api = assembly.Ground(urls_namespace="tried", docs_url=None, parser=assembly.Reader())
        api.add_router("", router)
        assembly._hold_shape(api)

        only(settings, api)
        client.raise_request_exception = False
        return client.get("/api/raises", **SECURE)

    return make


def refused():
    return Refused("cases.view", "cases.case:C7", Decision(allowed=False, reason=same("elsewhere")))


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (refused, 404, None),
        (Place.DoesNotExist, 404, None),
        (lambda: UnknownPlace("nowhere"), 404, None),
        (lambda: BadParameter("n", 3, same("no more than 2")), 422, None),
        (lambda: OperationalError("gone"), 503, None),
        (ZeroDivisionError, 500, None),
    ],
)
def test_what_a_route_raises(tried, signed_in, error, status, code):
    in_shape(tried(signed_in("duty_officer", "640104"), error), status, code)


def test_not_yours_and_not_there_are_the_same_answer_and_the_audit_knows_why(tried, signed_in):
    not_yours = in_shape(tried(signed_in("duty_officer", "640104"), refused), 404)
    not_there = in_shape(tried(signed_in("duty_officer", "640104"), Place.DoesNotExist), 404)
    assert {**not_yours, "request_id": ""} == {**not_there, "request_id": ""}
    with system("count"):
        entry = Entry.objects.get(outcome=Outcome.REFUSED)
    assert (entry.action, entry.resource) == ("cases.view", "cases.case:C7")


def test_every_fault_of_an_input_is_in_the_detail(tried, signed_in):
    faults = [
        Fault(file="f.csv", row=n, column="onset", value="x", problem=same("p"), remedy=same("r"))
        for n in (3, 5)
    ]
    error = in_shape(tried(signed_in("duty_officer", "640104"), lambda: BadInput(faults)), 422)
    assert [d["at"] for d in error["detail"]] == ["f.csv.3.onset", "f.csv.5.onset"]


def test_addresses_methods_and_parameters(signed_in):
    client = signed_in("duty_officer", "640104")
    in_shape(client.get("/api/nowhere", **SECURE), 404)
    in_shape(client.get("/api/places/nowhere", **SECURE), 404)
    response = client.delete("/api/me", **SECURE)
    in_shape(response, 405)
    assert response["Allow"] == "GET"
    error = in_shape(client.get("/api/places?limit=0&level=village", **SECURE), 422)
    assert {d["at"] for d in error["detail"]} == {"query.limit", "query.level"}
    in_shape(client.get("/api/places?cursor=made-up", **SECURE), 422)


@pytest.mark.parametrize("path", ["/api/places?q=%00", "/api/places/a%00b", "/api/places?q=a\0b"])
def test_a_nul_character_is_refused_at_the_border(signed_in, path):
    in_shape(signed_in("duty_officer", "640104").get(path, **SECURE), 400)


def test_a_page_refuses_it_too(signed_in):
    assert Client().get("/anything?q=%00", **SECURE).status_code == 400


def test_nobody(units):
    for headers in ({}, {"authorization": "Bearer tch_" + "x" * 43}, {"authorization": "Bearer "}):
        response = Client(headers=headers).get("/api/me", **SECURE)
        in_shape(response, 401)
        assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_user_without_a_post(signed_in):
    client = signed_in("duty_officer", "640104")
    Post.objects.all().delete()
    in_shape(client.get("/api/me", **SECURE), 403, "no_post")


def test_an_unencrypted_call_is_told_so(settings, signed_in):
    settings.SECURE_SSL_REDIRECT = True
    in_shape(signed_in("duty_officer", "640104").get("/api/me"), 403, "unencrypted")


@pytest.fixture
def small(settings):
    """Give an interface with one route that takes a body, as the address ``/api/small``."""
    router = Router(auth=[assembly.Token(), assembly.Session()])
    done = []

    @router.post("/small", response={201: Body})
    def add(request, body: Body):
        done.append(body.n)
        return Status(201, body)

    @router.post("/unit")
    def add_unit(request, body: Body):
        Unit.objects.filter(pk=body.n).update(active=True)
        return {"at": len(done)}

    api = assembly.Ground(urls_namespace="small", docs_url=None, parser=assembly.Reader())
    api.add_router("", router)
    assembly._hold_shape(api)

    only(settings, api)
    return done


def send(client, body, **headers):
    written = body if isinstance(body, bytes | str) else json.dumps(body)
    return client.post(
        "/api/small", written, content_type="application/json", headers=headers, **SECURE
    )


@pytest.mark.parametrize(
    ("body", "status", "at"),
    [
        ("{", 400, "body:1:2"),
        (b"\xff\xfe", 400, "body"),
        ('{"n": 1, "word": "a\\u0000b"}', 422, "body.word"),
        ('{"n": 1, "word": "\\ud800"}', 422, "body.word"),
        ('{"n": 1e999}', 422, "body.n"),
        ('{"n": NaN}', 422, "body.n"),
        ('{"n": ' + "9" * 40 + "}", 422, "body.n"),
        ('{"n": ' + "9" * 5000 + "}", 422, "body"),
        ('{"n": 1, "n": 2}', 422, "body"),
        ("[" * 200 + "]" * 200, 422, None),
        ("[" * 100_000, 422, "body"),
        ('{"word": "x"}', 422, "body.n"),
        ("", 422, "body"),
    ],
)
def test_bodies_that_cannot_be_read_or_stored(small, with_token, body, status, at):
    error = in_shape(send(with_token("duty_officer", "640104"), body), status)
    assert at is None or at in [d["at"] for d in error["detail"]]
    assert small == []


def test_too_large_and_of_another_type(small, with_token):
    client = with_token("duty_officer", "640104")
    in_shape(send(client, b" " * (2 * 1024 * 1024 + 1)), 413)
    in_shape(client.post("/api/small", "<n/>", content_type="text/xml", **SECURE), 415)


def test_a_session_needs_the_csrf_token_and_a_token_does_not(small, signed_in, with_token):
    browser = signed_in("duty_officer", "640104")
    browser.handler.enforce_csrf_checks = True
    in_shape(send(browser, {"n": 1}), 403)
    assert send(with_token("duty_officer", "640104"), {"n": 2}).status_code == 201
    assert small == [2]


def test_the_same_key_is_answered_once(small, with_token):
    client = with_token("duty_officer", "640104")
    first = send(client, {"n": 1}, **{"idempotency-key": "k1"})
    again = send(client, {"n": 1}, **{"idempotency-key": "k1"})
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert again["Idempotent-Replay"] == "true"
    in_shape(send(client, {"n": 2}, **{"idempotency-key": "k1"}), 409, "key_reused")
    assert small == [1]
    in_shape(send(client, {"n": 2}, **{"idempotency-key": "鍵"}), 400)


def test_a_refused_request_leaves_its_key_free(small, with_token):
    client = with_token("duty_officer", "640104")
    in_shape(send(client, {}, **{"idempotency-key": "k1"}), 422)
    assert send(client, {"n": 1}, **{"idempotency-key": "k1"}).status_code == 201


def test_a_key_is_the_actors_own(small, with_token):
    for _ in range(2):
        key = {"idempotency-key": "k1"}
        assert send(with_token("duty_officer", "640104"), {"n": 1}, **key).status_code == 201
    assert small == [1, 1]


def test_too_many_requests_are_told_how_long_to_wait(settings, with_token):
    settings.API_REQUESTS_PER_MINUTE = {"token": 2, "user": 100, "address": 100}
    client = with_token("duty_officer", "640104")
    assert [client.get("/api/me", **SECURE).status_code for _ in range(2)] == [200, 200]
    response = client.get("/api/me", **SECURE)
    in_shape(response, 429)
    assert 0 < int(response["Retry-After"]) <= entrance.WINDOW


def test_every_code_has_its_sentence():
    assert set(CODES.values()) <= set(SENTENCES)
