"""What the last run left unfinished is taken up again: nothing lost, nothing doubled."""

import pytest
from django.db import connection

from tongchou.station.operations import resume
from tongchou.station.operations.resume import MOST_TRIES, jobs


def job(
    *, status: str = "doing", worker_age: int | None = None, lock: str | None = None, tries: int = 0
) -> int:
    with connection.cursor() as cursor:
        worker = None
        if worker_age is not None:
            cursor.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s)) RETURNING id",
                [worker_age],
            )
            worker = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, priority, task_name, status, worker_id, queueing_lock, attempts) "
            "VALUES ('default', 0, 'cases.end_watches', %s, %s, %s, %s) RETURNING id",
            [status, worker, lock, tries],
        )
        return cursor.fetchone()[0]


def status(number: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [number])
        return cursor.fetchone()[0]


pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("age", "nobody_else", "after"),
    [
        (5, True, "todo"),
        (5, False, "doing"),
        (120, False, "todo"),
        (None, False, "todo"),
    ],
)
def test_a_job_whose_worker_is_gone_is_queued_again(age, nobody_else, after):
    number = job(worker_age=age)
    told = jobs(nobody_else=nobody_else)
    assert status(number) == after
    assert bool(told) == (after == "todo")
    if told:
        assert told[0].zh == "上次被中断的 1 项后台作业已重新排队：cases.end_watches × 1。"
    assert jobs(nobody_else=nobody_else) == []


def test_a_job_whose_successor_waits_already_is_not_doubled():
    old, new = job(lock="cases.end_watches"), job(status="todo", lock="cases.end_watches")
    assert jobs(nobody_else=True) == []
    assert (status(old), status(new)) == ("failed", "todo")


def test_a_job_that_was_cut_off_again_and_again_is_left_and_told():
    number = job(tries=MOST_TRIES)
    (told,) = jobs(nobody_else=True)
    assert str(number) in told["en"]
    assert status(number) == "failed"


def test_finished_and_waiting_jobs_are_left_alone():
    kept = {job(status=s): s for s in ("todo", "succeeded", "failed")}
    jobs(nobody_else=True)
    assert {n: status(n) for n in kept} == kept


def test_the_rooms_are_asked_at_the_start_only(monkeypatch):
    asked = []
    for name in ("imports", "orders"):
        monkeypatch.setattr(resume, name, lambda name=name: asked.append(name) or [])
    resume.everything(nobody_else=False)
    assert asked == []
    resume.everything(nobody_else=True)
    assert asked == ["imports", "orders"]


def test_nothing_left_says_nothing():
    assert resume.everything(nobody_else=True) == []
