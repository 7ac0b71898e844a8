"""Work that the last run left unfinished: found at the start, taken up again, and told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from tongchou.vocabulary.text import Text

STALLED_AFTER = timedelta(seconds=60)
"""How long a worker may be silent before its jobs are given to another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """What was taken up again."""

    what: Text


def jobs(*, nobody_else: bool) -> list[Resumed]:
    """Put jobs whose worker is gone back into the queue.

    A job is safe to run again: each writes its work and the mark that it is done together.

    Parameters
    ----------
    nobody_else
        Whether it is certain that no worker is running, as at the start on an embedded database;
        otherwise a job counts as stalled when its worker has been silent for a minute.
    """
    silent = 0.0 if nobody_else else STALLED_AFTER.total_seconds()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT j.id, j.task_name FROM procrastinate_jobs j "
            "LEFT JOIN procrastinate_workers w ON w.id = j.worker_id "
            "WHERE j.status = 'doing' AND "
            "(w.id IS NULL OR w.last_heartbeat <= now() - make_interval(secs => %s)) ORDER BY j.id",
            [silent],
        )
        stalled = cursor.fetchall()
    for number, _ in stalled:
        app.job_manager.retry_job_by_id(job_id=number, retry_at=_now())
    if nobody_else:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_workers")
    return [
        Resumed(what=_JOB.fill(task=name.rpartition(".")[2], number=number))
        for number, name in stalled
    ]


def everything(*, nobody_else: bool) -> list[Resumed]:
    """Take up all that was left; each room is asked in turn."""
    found = jobs(nobody_else=nobody_else)
    for ask in ASKED:
        found.extend(ask())
    return found


ASKED: list[Callable[[], list[Resumed]]] = []
"""Rooms that keep unfinished work elsewhere than in the queue."""


def _now() -> object:
    from django.utils import timezone

    return timezone.now()


_JOB = Text(
    zh="作业 {number}（{task}）上次被中断，已重新排队。",
    en="Job {number} ({task}) was cut off and is queued again.",
)

__all__ = ["Resumed", "Status", "everything", "jobs"]
