"""Fault drills: killed, cut off, full. Nothing lost, nothing doubled, and the next start says it.

Each drill works on a copy of one small station, with real processes on this machine's loopback.
"""

import contextlib
import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.station.operations.conftest import command
from tests.station.operations.running import Station, until

pytestmark = pytest.mark.drill

WATCHED = """
from datetime import timedelta
from django.utils import timezone
from tongchou.station.access.context import system
from tongchou.station.cases.services.contacts import enter_person, name_contact
from tongchou.station.places.models import Place
today = timezone.localdate()
with system("set up"):
    county = Place.objects.get(code="640104")
    person = enter_person(responsible=county, residence=county, name="张伟")
    contact = name_contact(person, responsible=county, setting="household", exposed_on=today - timedelta(days=20), named_at=timezone.now() - timedelta(days=20))
print(contact.pk)
"""
DEFER = """
from tongchou.station.cases.tasks import end_watches_job
print(end_watches_job.defer())
"""


@pytest.fixture(scope="module")
def prepared(small_station: Path) -> tuple[Path, str]:
    """Give a stopped station with an account, and the password of that."""
    done = command(small_station, "station", "administrator", "drill", "--place", "640104")
    return small_station, re.search(r"(?:[a-z0-9]{4}-){3}[a-z0-9]{4}", done.stdout)[0]


@pytest.fixture
def password(prepared: tuple[Path, str]) -> str:
    return prepared[1]


@pytest.fixture
def station(prepared: tuple[Path, str], tmp_path: Path) -> Iterator[Station]:
    home = tmp_path / "home"
    subprocess.run(["cp", "-a", prepared[0], home], check=True)
    running = Station(home)
    yield running
    if running.process is not None and running.process.poll() is None:
        running.process.send_signal(signal.SIGCONT)
        running.stop()
    running.server.stop()


@contextlib.contextmanager
def held(station: Station, table: str) -> Iterator[None]:
    """Hold a table, so that whoever writes to it stands still in the middle."""
    link = psycopg.connect(station.server.url())
    link.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
    yield
    with contextlib.suppress(psycopg.Error):
        link.close()


def waiting(station: Station, table: str) -> bool:
    return bool(
        station.one(
            f"SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '{table}'::regclass"
        )
    )


def chain_holds(station: Station) -> bool:
    return command(station.home, "station", "audit", "verify").returncode == 0


def test_everything_killed_in_the_middle_of_a_request(station, password):
    station.start()
    entries = station.one("SELECT count(*) FROM audit_entry")
    answer: list[object] = []

    def sign_in() -> None:
        try:
            answer.append(station.sign_in("drill", password))
        except OSError as error:
            answer.append(error)

    with held(station, "audit_entry"):
        asking = threading.Thread(target=sign_in)
        asking.start()
        until(lambda: waiting(station, "audit_entry"))
        station.kill(database=True)
        asking.join()
    told = answer[0]
    assert isinstance(told, OSError) or told[0] == 503, "nobody was told that it was done"
    said = station.start()
    assert "the database has recovered" in said
    assert station.one("SELECT count(*) FROM audit_entry") == entries
    assert station.one("SELECT count(*) FROM accounts_user WHERE last_login IS NOT NULL") == 0
    assert station.sign_in("drill", password)[0] == 302
    assert chain_holds(station)


def test_the_worker_killed_in_the_middle_of_a_job(station):
    contact = station.python(WATCHED).strip()
    job = station.python(DEFER).strip()
    with contextlib.ExitStack() as stack:
        stack.callback(station.server.stop)
        station.server.start()
        with held(station, "audit_entry"):
            station.start()
            until(lambda: waiting(station, "audit_entry"))
            assert station.one(f"SELECT status FROM procrastinate_jobs WHERE id = {job}") == "doing"
            station.kill(database=False)
        assert station.one(f"SELECT state FROM cases_contact WHERE id = {contact}") != "released"
        said = station.start()
        (resumed,) = (line for line in said.splitlines() if line.startswith("Jobs cut off"))
        assert "cases.end_watches × 1" in resumed
        state = f"SELECT status FROM procrastinate_jobs WHERE id = {job}"
        until(lambda: station.one(state) == "succeeded")
        assert station.one(f"SELECT state FROM cases_contact WHERE id = {contact}") == "released"
        released = "SELECT count(*) FROM audit_entry WHERE detail LIKE '%release_due%'"
        assert station.one(released) == 1
        assert station.stop() == 0


def test_a_child_that_dies_is_started_again_and_said(station):
    station.start()
    (web,) = [p for p in until(lambda: _children(station)) if "gunicorn" in " ".join(p.cmdline())]
    web.kill()
    until(lambda: "The web server ended by itself" in station.said())
    until(station.answers)
    assert station.stop() == 0


def _children(station: Station) -> list[object]:
    import psutil

    return psutil.Process(station.process.pid).children()


def test_the_database_cut_off_and_back(station, password):
    station.start()
    assert station.sign_in("drill", password)[0] == 302
    with station.database() as link:
        link.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    assert station.answers(), "a connection that was cut is made anew before anybody notices"
    os.kill(station.process.pid, signal.SIGSTOP)
    os.kill(station.server.pid(), signal.SIGKILL)
    until(lambda: station.server.pid() is None and not station.server._remains())
    for path in ("/", "/accounts/login/"):
        status, page = station.ask("GET", path)
        assert status == 503
        assert "数据库暂时无法使用" in page
        assert "The database is away" in page
        assert "Traceback" not in page
    assert station.ask("GET", "/healthz")[0] == 503
    os.kill(station.process.pid, signal.SIGCONT)
    until(station.answers)
    until(lambda: "The database is back" in station.said())
    assert "Traceback" not in station.said()
    assert station.stop() == 0


def _comes_in(station: Station, password: str) -> bool:
    try:
        return station.sign_in("drill", password)[0] == 302
    except OSError:
        return False


@pytest.fixture
def small_disk(prepared: tuple[Path, str], tmp_path: Path) -> Iterator[Path]:
    """Give a small disk with a station on it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=220m", "tmpfs", disk],
        check=False,
        capture_output=True,
        text=True,
    )
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    subprocess.run(["cp", "-a", prepared[0], disk / "home"], check=True)
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_a_full_disk_says_so_writes_nothing_half_and_goes_on_when_there_is_room(
    small_disk, password
):
    station = Station(small_disk / "home")
    station.log = small_disk.parent / "serve.out"
    try:
        station.start()
        assert station.sign_in("drill", password)[0] == 302
        entries = station.one("SELECT count(*) FROM audit_entry")
        ballast = small_disk / "ballast"
        _fill(ballast)
        added = _fill_table(station)
        status, page = station.sign_in("drill", password)
        assert status == 503
        assert "磁盘已满" in page or "数据库暂时无法使用" in page
        assert "Traceback" not in page
        ballast.unlink()
        until(lambda: _comes_in(station, password))
        assert station.one("SELECT count(*) FROM audit_entry") > entries + added
        assert station.one("SELECT max(seq) - count(*) FROM audit_entry") == 0
        assert chain_holds(station)
    finally:
        station.stop()
        station.server.stop()


def _fill(ballast: Path) -> None:
    """Write until the disk is full."""
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as handle:
        while handle.write(b"\0" * 65536):
            pass


def _fill_table(station: Station) -> int:
    """Use up the room that the audit trail still has in its last page; give the rows it took."""
    insert = "INSERT INTO audit_entry (at, actor, path, channel, action, outcome, resource, detail) VALUES (now(), 'drill', '', 'system', 'drill', 'done', '', %s)"
    added = 0
    with station.database() as link:
        for size in (400, 0):
            with contextlib.suppress(psycopg.OperationalError):
                for _ in range(200):
                    link.execute(insert, ["x" * size])
                    added += 1
    return added


def test_a_second_station_on_the_same_folder_is_refused(station):
    station.start()
    other = command(station.home, "serve", "--port", station.port + 1)
    assert other.returncode == 9
    assert "running from" in other.stderr
    assert station.stop() == 0
    assert station.server.pid() is None
