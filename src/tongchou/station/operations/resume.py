"""Work that the last run left unfinished: found at the start, taken up again, and told."""

from collections import Counter
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException, UniqueViolation

from tongchou.vocabulary.text import Text, join, same

SILENT = timedelta(seconds=60)
"""How long a worker may be silent before its jobs are given to another."""
MOST_TRIES = 5
"""A job that was cut off so often may itself be what ends the worker: it is left and told (assumption)."""

_STALLED = """
SELECT j.id, j.task_name, j.attempts FROM procrastinate_jobs j
LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
WHERE j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat <= now() - make_interval(secs => %s))
ORDER BY j.id
"""
_GIVE_UP = "SELECT procrastinate_finish_job_v1(%s, 'failed', false)"


def everything(*, nobody_else: bool) -> list[Text]:
    """Take up all that was left, in the queue and in the rooms; give a sentence for each kind.

    Parameters
    ----------
    nobody_else
        Whether it is certain that nothing is running, as at the start on an embedded database.
    """
    told = jobs(nobody_else=nobody_else)
    if nobody_else:
        told += imports() + orders()
    return told


def jobs(*, nobody_else: bool) -> list[Text]:
    """Put jobs whose worker is gone back into the queue.

    A job is safe to run again: each writes its work and the mark that it is done together. One
    whose successor waits already is closed instead.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STALLED, [0.0 if nobody_else else SILENT.total_seconds()])
        stalled = cursor.fetchall()
    again: Counter[str] = Counter()
    told = []
    for number, task, tries in stalled:
        if tries >= MOST_TRIES:
            _close(number)
            told.append(_LEFT.fill(number=number, task=task, n=tries))
        elif _queue_again(number):
            again[task] += 1
        else:
            _close(number)
    if nobody_else:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_workers")
    if again:
        what = join([same(f"{task} × {n}") for task, n in sorted(again.items())])
        told.insert(0, _JOBS.fill(n=again.total(), what=what))
    return told


def imports() -> list[Text]:
    """Have imports that were cut off go on with the rows that wait."""
    from tongchou.station.exchange.tasks import resume

    found = resume(at_start=True)
    return [_IMPORTS.fill(n=len(found), numbers=_numbers(found))] if found else []


def orders() -> list[Text]:
    """Have orders whose making was cut off made."""
    from tongchou.station.incident.services.orders import left_standing
    from tongchou.station.incident.tasks_orders import defer

    found = list(left_standing(timezone.now()))
    for number in found:
        defer(number)
    return [_ORDERS.fill(n=len(found), numbers=_numbers(found))] if found else []


def _queue_again(number: int) -> bool:
    try:
        with transaction.atomic():
            app.job_manager.retry_job_by_id(job_id=number, retry_at=timezone.now())
    except (UniqueViolation, ConnectorException):
        return False
    return True


def _close(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_UP, [number])


def _numbers(found: list[int]) -> Text:
    return join([same(str(n)) for n in found])


_JOBS = Text(
    zh="上次被中断的 {n} 项后台作业已重新排队：{what}。",
    en="Jobs cut off by the last stop and queued again: {n} ({what}).",
)
_LEFT = Text(
    zh="作业 {number}（{task}）已被中断 {n} 次，不再重试；请查看日志。",
    en="Job {number} ({task}) was cut off {n} times and is left alone; see the log.",
)
_IMPORTS = Text(
    zh="上次被中断的 {n} 次导入继续进行：{numbers}。",
    en="Imports cut off by the last stop go on: {n} ({numbers}).",
)
_ORDERS = Text(
    zh="上次被中断的 {n} 份工作部署重新生成：{numbers}。",
    en="Orders of the day whose making was cut off are made again: {n} ({numbers}).",
)
