"""The address for monitors, and the page that is shown while the database is away."""

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection
from psycopg.errors import DiskFull, QueryCanceled

from tongchou.station.operations import health, unavailable
from tongchou.station.operations.middleware import is_absence


def beat(seconds_ago: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s))",
            [seconds_ago],
        )


@pytest.mark.parametrize(("seconds", "status"), [(5, "ok"), (120, "degraded"), (None, "degraded")])
def test_health_says_whether_the_worker_lives(client, db, seconds, status):
    if seconds is not None:
        beat(seconds)
    answer = client.get("/healthz", headers={"host": "any.example"})
    assert answer.status_code == 200
    assert answer.json() == {
        "status": status, "database": True, "worker": status == "ok", "jobs_waiting": 0, "jobs_late": 0,
    }  # fmt: skip


def test_health_without_a_database_is_down_and_says_no_more(client, db, monkeypatch):
    def gone():
        raise OperationalError("connection to server at secret-host failed")

    monkeypatch.setattr(health, "last_heartbeat", gone)
    monkeypatch.setattr(connection, "close", lambda: None)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "down"
    assert b"secret-host" not in answer.content


@pytest.mark.parametrize("full", [False, True])
def test_the_page_says_it_in_both_languages_and_needs_nothing(full):
    page = unavailable.page(full=full, number="abc").content.decode()
    assert ("磁盘已满" in page) == full
    assert ("disk is full" in page) == full
    assert "没有保存" in page
    assert "was not saved" in page
    assert "<script" not in page
    assert "<link" not in page


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("fault", "absent"),
    [
        (OperationalError("server closed the connection"), True),
        (caused(OperationalError(), DiskFull()), True),
        (caused(DatabaseError(), DiskFull()), True),
        (caused(OperationalError(), QueryCanceled()), False),
        (IntegrityError("duplicate key"), False),
        (ValueError("x"), False),
        (None, False),
    ],
)
def test_only_an_absent_or_full_database_is_called_so(fault, absent):
    assert is_absence(fault) is absent


def test_a_page_that_loses_its_database_says_so_with_503(client, db, monkeypatch, settings):
    settings.SECURE_SSL_REDIRECT = False
    client.raise_request_exception = False

    def gone(*_: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("tongchou.station.access.context._set", gone)
    answer = client.get("/")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "15"
    assert "数据库暂时无法使用" in answer.content.decode()
    assert "Traceback" not in answer.content.decode()
