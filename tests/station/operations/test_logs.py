"""The log of a working day holds no secret and nothing about a person."""

import io
import json
import logging
import logging.config

import pytest
from django.test import Client

from tongchou.station.access.context import acting
from tongchou.station.accounts.actors import actor_of
from tongchou.station.accounts.models import Post
from tongchou.station.api import tokens
from tongchou.station.operations import logs
from tongchou.station.operations.logs import Discreet, JsonLines, strike

NAME, DOCUMENT, PHONE, PASSWORD = (
    "欧阳测试",
    "110101199003078515",
    "13812345678",
    "correct-Horse-77-battery",
)


@pytest.fixture
def written() -> io.StringIO:
    """Everything that every logger of the process writes, as the station would write it."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(Discreet())
    handler.setFormatter(JsonLines())
    watched = [
        logging.getLogger(n) for n in ("", "django", "tongchou", "procrastinate", "axes", "allauth")
    ]
    before = [(w, w.level, w.propagate) for w in watched]
    logging.getLogger().addHandler(handler)
    for w in watched:
        w.setLevel(logging.DEBUG)
    yield out
    logging.getLogger().removeHandler(handler)
    for w, level, propagate in before:
        w.setLevel(level)
        w.propagate = propagate


def test_after_a_login_a_report_a_search_and_a_token_call(post, written, settings):
    settings.SECURE_SSL_REDIRECT = False
    held = post("epidemiologist", "640104", username="liu.min")
    held.user.set_password(PASSWORD)
    held.user.save()
    with acting(actor_of(Post.objects.select_related("user", "place", "unit").get(pk=held.pk))):
        _, token = tokens.make("a program", ["cases.view"], 1)
    client = Client()
    client.post("/accounts/login/", {"login": "liu.min", "password": PASSWORD + "x"})
    client.post("/accounts/login/", {"login": "liu.min", "password": PASSWORD})
    session = client.cookies["sessionid"].value
    client.get("/", {"q": NAME})
    client.get("/cases/", {"find": DOCUMENT})
    client.post("/cases/report/", {"name": NAME, "document_number": DOCUMENT, "phone": PHONE})
    Client(headers={"authorization": f"Bearer {token}"}).get("/api/v1/places")
    Client(headers={"authorization": f"Bearer {token}x"}).get("/api/v1/nowhere", {"name": NAME})
    said = written.getvalue()
    assert "request" in said
    for secret in (NAME, DOCUMENT, PHONE, PASSWORD, token, session, held.user.password):
        assert secret not in said
    for line in said.splitlines():
        assert set(json.loads(line)) >= {"at", "level", "from", "request", "message"}


def test_an_exception_is_named_and_placed_but_not_quoted(written):
    try:
        {NAME: 1}[DOCUMENT]
    except KeyError:
        logging.getLogger("tongchou.station").exception("import failed for %s", PHONE)
    line = json.loads(written.getvalue().splitlines()[-1])
    assert line["error"].startswith("KeyError at ")
    assert "test_logs.py" in line["error"]
    assert DOCUMENT not in written.getvalue()
    assert PHONE not in written.getvalue()


def test_a_job_is_named_without_its_arguments(written):
    logging.getLogger("procrastinate.worker").error(
        "Job cases.report[17](name='%s', tags={'a': (1, 2)}) ended with status: Error", NAME
    )
    assert "cases.report[17] ended with status" in written.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer tch_abcdefghijklmnopqrstuvwxyz0123456789abcdefg",
        "headers={'Cookie': 'sessionid=abc123def456; csrftoken=zzz'}",
        "GET /x?password=hunter2&token=abc",
        "postgresql://station:s3cret@db/tongchou",
        "phone +86 13812345678",
        "id 11010119900307851X.",
        "mail li.si@example.org",
    ],
)
def test_what_looks_like_a_secret_is_struck(text):
    struck = strike(text)
    for secret in (
        "tch_abc",
        "abc123def456",
        "hunter2",
        "s3cret",
        "13812345678",
        "11010119900307851X",
        "li.si",
    ):
        assert secret not in struck


def test_dates_pseudonyms_and_counts_stay():
    kept = "order 2030-03-01 for 360703, case C-7F3K2M, 300000 rows, 12345678901234"
    assert strike(kept) == kept


def test_each_request_has_a_number_that_its_lines_carry(client, db, written, settings):
    settings.SECURE_SSL_REDIRECT = False
    response = client.get("/accounts/login/")
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    mine = [line for line in lines if line["request"] == response["X-Request-ID"]]
    assert {"method": "GET", "status": 200}.items() <= mine[-1].items()
    assert mine[-1]["milliseconds"] > 0
    assert logs.request_id.get() == "-"
