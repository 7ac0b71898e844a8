"""Clusters: two or more cases within 14 days that share a venue or a household.

The rule (M043) is :func:`tongchou.surveillance.detection.setting_runs.find_runs`, here with the numbers of
the watch; what it finds is written down by :mod:`tongchou.station.cases.services.contacts`.
"""

from collections.abc import Iterable

from tongchou.station.cases.watch import number
from tongchou.surveillance.detection.setting_runs import Found, Visit, find_runs

__all__ = ["Found", "Visit", "find_clusters"]


def find_clusters(
    visits: Iterable[Visit], *, fewest: int | None = None, days: int | None = None
) -> list[Found]:
    """Give the clusters of each setting, by the numbers of the watch where none are given.

    >>> from datetime import date
    >>> at = [Visit("mill", date(2020, 2, d), f"C{d}") for d in (1, 10, 27)]
    >>> [(f.setting, f.cases) for f in find_clusters(at)]
    [('mill', ('C1', 'C10'))]
    """
    return find_runs(
        visits,
        fewest=number("cluster_cases") if fewest is None else fewest,
        days=number("cluster_days") if days is None else days,
    )
