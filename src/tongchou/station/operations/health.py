"""Whether the station works: what a monitor may ask, without any personal data."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, connection
from django.utils import timezone

WORKER_SILENT = timedelta(seconds=60)
"""A worker says it is alive every ten seconds; silence for a minute means that it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The state of the parts."""

    database: bool
    worker: bool
    jobs_waiting: int = 0
    jobs_late: int = 0

    @property
    def well(self) -> bool:
        """Whether pages can be answered; a silent worker delays jobs and stops no page."""
        return self.database

    def as_dict(self) -> dict[str, object]:
        """Give what the address ``/healthz`` answers."""
        return {
            "status": "ok" if self.well and self.worker else "degraded" if self.well else "down",
            "database": self.database,
            "worker": self.worker,
            "jobs_waiting": self.jobs_waiting,
            "jobs_late": self.jobs_late,
        }


def last_heartbeat() -> datetime | None:
    """Give when a worker was last known to be alive."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(last_heartbeat) FROM procrastinate_workers")
        found = cursor.fetchone()[0]
    return found if found is None or timezone.is_aware(found) else timezone.make_aware(found)


def ask() -> Health:
    """Ask the database and look for the worker's heartbeat."""
    try:
        beat = last_heartbeat()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), count(*) FILTER (WHERE coalesce(scheduled_at, now()) < now() - interval '10 minutes') "
                "FROM procrastinate_jobs WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()"
            )
            waiting, late = cursor.fetchone()
    except DatabaseError:
        connection.close()
        return Health(database=False, worker=False)
    alive = beat is not None and timezone.now() - beat < WORKER_SILENT
    return Health(database=True, worker=alive, jobs_waiting=waiting, jobs_late=late)
