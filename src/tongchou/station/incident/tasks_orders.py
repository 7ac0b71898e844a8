"""Jobs of the order of the day: making one, and the run that each morning asks for."""

from datetime import time, timedelta

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from tongchou.station.incident.services import orders

BEGINS = time(6, 30)
"""When the morning run begins, by the clock of the place (assumption; the register's own hour)."""
SILENT = timedelta(minutes=3)
"""An order that a job should have, and that has not moved for so long, is given to a job again."""


@app.task(name="incident.make_order", queue="incident")
def make_order(number: int) -> None:
    """Make an order that waits."""
    from tongchou.station.incident.services.making import make

    make(number)


def defer(number: int) -> None:
    """Have a worker make an order; asking twice is asking once."""
    try:
        with transaction.atomic():
            make_order.configure(queueing_lock=f"order-{number}").defer(number=number)
    except AlreadyEnqueued:
        return


@app.periodic(cron="*/5 * * * *")
@app.task(name="incident.morning", queue="incident", queueing_lock="incident.morning")
def morning(timestamp: int) -> None:
    """Ask for this morning's orders once it is time, and take up what was left standing.

    It looks every five minutes and not only at half past six, so that a station which was off at
    that time makes its orders when it is on again.
    """
    now = timezone.localtime()
    if now.time() >= BEGINS:
        for order in orders.due_this_morning():
            defer(order.pk)
    for number in orders.left_standing(timezone.now() - SILENT):
        defer(number)
