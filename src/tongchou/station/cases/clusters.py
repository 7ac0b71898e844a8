"""Clusters: two or more cases within 14 days that share a venue or a household.

The rule (M043) is pure; what it finds is written down by :mod:`tongchou.station.cases.services.contacts`.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from tongchou.station.cases.watch import number


@dataclass(frozen=True, slots=True, order=True)
class Visit:
    """A case at a shared setting; ``on`` is the day of onset, or of report where onset is not known."""

    setting: str
    on: date
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Cases that share a setting within the window."""

    setting: str
    cases: tuple[str, ...]
    first_on: date
    last_on: date


def find_clusters(
    visits: Iterable[Visit], *, fewest: int | None = None, days: int | None = None
) -> list[Found]:
    """Give the clusters of each setting: runs of cases in which each falls within the window of the one before.

    A case that was at a setting twice counts once, on its first day there. A run goes on as long
    as the next case falls at most ``days`` days after the last: a long outbreak in one place is one
    cluster, two outbreaks a month apart are two.

    >>> from datetime import date
    >>> at = [Visit("mill", date(2020, 2, d), f"C{d}") for d in (1, 10, 27)]
    >>> [(f.setting, f.cases) for f in find_clusters(at)]
    [('mill', ('C1', 'C10'))]
    """
    fewest = number("cluster_cases") if fewest is None else fewest
    window = timedelta(days=number("cluster_days") if days is None else days)
    by_setting: dict[str, dict[str, date]] = defaultdict(dict)
    for visit in sorted(visits):
        by_setting[visit.setting].setdefault(visit.case, visit.on)
    found = []
    for setting, cases in sorted(by_setting.items()):
        run: list[tuple[str, date]] = []
        for case, on in [*cases.items(), ("", date.max)]:
            if run and on - run[-1][1] > window:
                if len(run) >= fewest:
                    found.append(
                        Found(
                            setting=setting,
                            cases=tuple(c for c, _ in run),
                            first_on=run[0][1],
                            last_on=run[-1][1],
                        )
                    )
                run = []
            run.append((case, on))
    return found
