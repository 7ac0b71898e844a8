"""What happens by itself: release, return to watch, deletion, clusters, suspected duplicates.

Each job may run twice or be cut off anywhere; the plain functions are called by commands and tests.
"""

from procrastinate.contrib.django import app

from tongchou.station.cases.services.contacts import seek_clusters
from tongchou.station.cases.services.duplicates import seek_duplicates
from tongchou.station.cases.services.retention import (
    delete_expired,
    release_all_due,
    return_excluded,
)


def end_watches() -> dict[str, int]:
    """Do everything that a new day asks for; give what was done."""
    return {
        "returned": return_excluded(),
        "released": release_all_due(),
        "deleted": delete_expired(),
    }


def look_for_links() -> dict[str, int]:
    """Find clusters and suspected duplicates."""
    return {"clusters": len(seek_clusters()), "duplicates": seek_duplicates()}


@app.periodic(cron="5 * * * *", periodic_id="end_watches")
@app.task(name="cases.end_watches", queueing_lock="cases.end_watches")
def end_watches_job(timestamp: int = 0) -> dict[str, int]:
    """End watches every hour, so that nobody waits for a server that slept through midnight."""
    return end_watches()


@app.periodic(cron="20 * * * *", periodic_id="look_for_links")
@app.task(name="cases.look_for_links", queueing_lock="cases.look_for_links")
def look_for_links_job(timestamp: int = 0) -> dict[str, int]:
    """Look for clusters and duplicates every hour."""
    return look_for_links()
