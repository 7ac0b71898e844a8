"""Killed, cut off, run twice at once: whole chunks stay, the rest goes on, nothing is doubled."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest
from django.db import connection, connections

from tongchou.station.access.context import acting, system
from tongchou.station.exchange import tasks
from tongchou.station.exchange.models import Import, ImportState, RowState
from tongchou.station.exchange.receiving import confirm, propose, receive, set_mapping
from tongchou.station.exchange.running import advance, run
from tongchou.station.places.models import Unit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.drill]

HEADER = ["编号", "单位名称", "英文名", "类别", "所在地区"]
ROWS = 4_000
WORKER = Path(__file__).parent / "units_kind.py"


@pytest.fixture
def begun(flush_with_audit, actor, units_kind, csv_of):
    """Give an import that has begun and of which no row is in."""
    who = actor("epidemiologist", "640104")
    lines = [[f"U{n:05d}", f"第{n}物资库", "", "物资库", "金凤区"] for n in range(ROWS)]
    with acting(who):
        made = receive(units_kind, "x.csv", csv_of([HEADER, *lines]))
        set_mapping(made, [g.field for g in propose(made).guesses], {})
        confirm(made)
    return made


def worker(what, stand_still_in=0):
    """Start a worker in a process of its own on the database of the tests."""
    found = connection.settings_dict
    url = f"postgresql://{found['USER']}:@/{found['NAME']}?host={found['HOST']}"
    env = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tongchou.station.settings"}
    return subprocess.Popen([sys.executable, str(WORKER), str(what), str(stand_still_in)], env=env)


def state(made):
    with system("look"):
        return Import.objects.get(pk=made.pk)


def wait_for(condition, seconds=180):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.1)


def all_in(made):
    now = state(made)
    with system("look"):
        codes = list(Unit.objects.filter(code__startswith="U0").values_list("code", flat=True))
        rows = now.rows.filter(state=RowState.ADDED).count()
    assert (now.added, now.waiting, now.state) == (ROWS, 0, ImportState.DONE)
    assert rows == ROWS
    assert len(codes) == len(set(codes)) == ROWS


def test_a_worker_killed_in_the_middle_of_an_import(begun):
    process = worker(begun.pk, stand_still_in=3)
    try:
        wait_for(lambda: state(begun).added == 1_000 and process.poll() is None)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    now = state(begun)
    in_by_now = Unit.objects.filter(code__startswith="U0").count()
    assert now.added == 1_000
    assert in_by_now == now.added, "what was written and what is said are one transaction"
    assert tasks.resume(at_start=True) == [begun.pk]
    run(begun.pk)
    all_in(begun)
    assert state(begun).resumed == 1


def test_the_database_cut_in_the_middle_of_an_import(begun, monkeypatch):
    """The backend of the worker is ended by an administrator; the same worker goes on."""
    from tongchou.station.exchange import running

    took = running.take
    ended = []

    def cut(made, rows):
        took(made, rows)
        if made.added >= 1_500 and not ended:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                ended.append(cursor.fetchone()[0])
            found = connection.settings_dict
            with psycopg.connect(
                host=found["HOST"], user=found["USER"], dbname=found["NAME"]
            ) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [ended[0]])

    monkeypatch.setattr(running, "take", cut)
    monkeypatch.setattr(tasks.time, "sleep", lambda seconds: None)
    tasks.run_import.func(begun.pk)
    assert ended
    all_in(begun)


def test_two_workers_on_one_import(begun):
    def work():
        run(begun.pk)
        connections.close_all()

    both = [threading.Thread(target=work) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    all_in(begun)


def test_a_fault_of_the_program_stops_the_import_and_it_goes_on_when_mended(
    begun, units_kind, monkeypatch
):
    from dataclasses import replace

    from tongchou.station.exchange import registry
    from tongchou.station.exchange.running import restart

    calls = []

    def broken(rows):
        calls.append(len(rows))
        if len(calls) == 3:
            raise ZeroDivisionError
        return units_kind.save(rows)

    monkeypatch.setitem(registry._importables, "units", replace(units_kind, save=broken))
    with pytest.raises(ZeroDivisionError):
        tasks.run_import.func(begun.pk)
    now = state(begun)
    assert (now.state, now.added) == (ImportState.STOPPED, 1_000)
    assert "A fault of the program" in now.why.en
    with system("mended"):
        restart(now)
    run(begun.pk)
    all_in(begun)


def test_an_import_that_stands_still_is_found_and_one_that_moves_is_left_alone(begun):
    advance(begun.pk)
    assert tasks.resume() == []
    with system("an hour later"):
        Import.objects.filter(pk=begun.pk).update(progressed_at="2020-01-01T00:00Z")
    assert tasks.resume() == [begun.pk]
    assert tasks.resume() == []


def test_old_files_are_let_go_of_and_the_counts_stay(begun):
    run(begun.pk)
    with system("a month later"):
        Import.objects.filter(pk=begun.pk).update(created_at="2020-01-01T00:00Z")
    assert tasks.forget(28) == 1
    assert tasks.forget(28) == 0
    now = state(begun)
    with system("look"):
        assert set(map(tuple, now.rows.values_list("cells", flat=True))) == {()}
    assert (now.added, now.state) == (ROWS, ImportState.DONE)
    assert len(now.digest) == 64


def test_the_job_that_the_page_asks_for_does_the_work(begun):
    """Through the queue itself: asked for twice, queued once, done by a worker."""
    from procrastinate.contrib.django.models import ProcrastinateJob

    tasks.defer(begun.pk)
    tasks.defer(begun.pk)
    jobs = ProcrastinateJob.objects.filter(args__number=begun.pk)
    assert jobs.count() == 1
    process = worker("queue")
    assert process.wait(timeout=280) == 0
    assert jobs.get().status == "succeeded"
    all_in(begun)
