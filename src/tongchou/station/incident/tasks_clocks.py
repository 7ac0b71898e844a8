"""Jobs of the clocks: late work is raised, expired work lapses."""

from procrastinate.contrib.django import app

from tongchou.station.incident.services.ledger import raise_overdue


@app.periodic(cron="*/15 * * * *")
@app.task(name="incident.clocks", queue="incident", queueing_lock="incident.clocks")
def clocks(timestamp: int) -> None:
    """Look at every clock of the ledger; looking twice changes nothing the second time."""
    raise_overdue()
