"""What the interface clears away by itself: stored answers after a day, counts after an hour."""

import time
from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from tongchou.station.access.context import system
from tongchou.station.api.entrance import WINDOW
from tongchou.station.api.idempotency import KEPT_FOR
from tongchou.station.api.models import Answer, Usage

COUNTS_KEPT = timedelta(hours=1)


def clear() -> dict[str, int]:
    """Delete what nobody will ask for any more; give how much."""
    since = int((time.time() - COUNTS_KEPT.total_seconds()) / WINDOW)
    with system("stored answers and counts are cleared"):
        return {
            "answers": Answer.objects.filter(created__lt=timezone.now() - KEPT_FOR).delete()[0],
            "counts": Usage.objects.filter(window__lt=since).delete()[0],
        }


@app.periodic(cron="35 * * * *", periodic_id="clear_interface")
@app.task(name="api.clear", queueing_lock="api.clear")
def clear_job(timestamp: int = 0) -> dict[str, int]:
    """Clear every hour."""
    return clear()
