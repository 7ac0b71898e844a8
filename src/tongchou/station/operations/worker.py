"""The worker: takes jobs from the queue and does them, until a signal stops it.

Run: ``python -m tongchou.station.operations.worker``. On a stop it finishes what it is doing within
the patience of its supervisor; a job cut off all the same is taken up again at the next start.
"""

from tongchou.station.operations.database import start_django

JOBS_AT_ONCE = 2
"""So that a long import does not hold up the hourly release (assumption for a machine of two cores)."""
GRACE_SECONDS = 25
HEARTBEAT_SECONDS = 10


def main() -> None:
    """Work until stopped."""
    start_django()
    from procrastinate.contrib.django import app

    with app.replace_connector(app.connector.get_worker_connector()) as working:
        working.run_worker(
            concurrency=JOBS_AT_ONCE,
            shutdown_graceful_timeout=GRACE_SECONDS,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            delete_jobs="never",
        )


if __name__ == "__main__":
    main()
