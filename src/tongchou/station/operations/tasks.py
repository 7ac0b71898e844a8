"""Jobs of the engine room: what stalled is taken up again, and old finished jobs are cleared away."""

from procrastinate.contrib.django import app

KEPT_HOURS = 24 * 7
"""How long a finished job can be looked at (assumption)."""


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="operations.take_up_stalled", name="operations.take_up_stalled")
def take_up_stalled(timestamp: int) -> None:
    """Give the jobs of a worker that has gone silent to another."""
    from tongchou.station.operations.resume import jobs

    jobs(nobody_else=False)


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="operations.clear_finished", name="operations.clear_finished")
async def clear_finished(timestamp: int) -> None:
    """Delete jobs that ended a week ago, failed ones included: what they did is in the audit trail."""
    await app.job_manager.delete_old_jobs(
        nb_hours=KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )
