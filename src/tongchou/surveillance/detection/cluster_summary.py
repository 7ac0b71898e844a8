"""A line on each cluster: how large, how old, where, whether it still grows, how many generations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from tongchou.surveillance.detection.setting_runs import Found

WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """What :func:`~tongchou.surveillance.detection.exposure_clusters.link_clusters` gives.

    Parameters
    ----------
    clusters
        One row each, the newest case first: ``cluster, cases, households, settings, kinds,
        index_case, first_on, last_on, days_since_last, open, last_7_days, week_before, growth,
        generations``.
    members
        One row for each case of a cluster: ``cluster, case_id, on, settings, infector_id,
        generation``.
    explained
        Settings whose cases are all of one household: ``kind, setting, cases``; the household is
        counted and they are not.
    undated
        Cases without any date, which no window can hold.
    usable
        Whether the list says anything that cases can share.
    """

    clusters: pl.DataFrame
    members: pl.DataFrame
    explained: pl.DataFrame
    undated: int
    usable: bool


def summarise(
    groups: Sequence[Sequence[str]],
    on: Mapping[str, date | None],
    runs: Sequence[Found],
    explained: Sequence[Found],
    homes: Mapping[str, str],
    infector: Mapping[str, str],
    *,
    closed_days: int,
    today: date,
    undated: int,
    usable: bool,
) -> Clusters:
    """Give the tables of clusters and members.

    Parameters
    ----------
    groups
        Cases that belong together.
    on
        The day of each case.
    runs
        Settings and their cases.
    explained
        Settings that one household explains.
    homes, infector
        Household and infector of the cases that have one.
    closed_days, today
        A cluster is closed that long after its last case.
    undated
        Cases without a day.
    usable
        Whether anything links cases at all.
    """
    at: dict[str, list[str]] = {}
    for run in runs:
        for case in run.cases:
            if run.setting not in at.setdefault(case, []):
                at[case].append(run.setting)
    generation = generations(infector)
    lines = [_line(g, on, at, homes, infector, generation, closed_days, today) for g in groups]
    newest = [max((day for c in g if (day := on[c])), default=date.min) for g in groups]
    order = sorted(
        range(len(groups)),
        key=lambda k: (-newest[k].toordinal(), -len(groups[k]), str(lines[k]["index_case"])),
    )
    clusters = [{"cluster": n, **lines[k]} for n, k in enumerate(order, start=1)]
    members = [
        {
            "cluster": n, "case_id": case, "on": on[case], "settings": "; ".join(at.get(case, ())),
            "infector_id": infector.get(case), "generation": generation.get(case),
        }
        for n, k in enumerate(order, start=1)
        for case in sorted(groups[k], key=lambda c: (on[c] or date.max, c))
    ]  # fmt: skip
    alone = [(*run.setting.split(" ", 1), len(run.cases)) for run in explained]
    return Clusters(
        clusters=pl.DataFrame(clusters, schema=_CLUSTERS),
        members=pl.DataFrame(members, schema=_MEMBERS),
        explained=pl.DataFrame(
            alone, schema={"kind": pl.String, "setting": pl.String, "cases": pl.Int64}, orient="row"
        ),
        undated=undated,
        usable=usable,
    )


def _line(
    cases: Sequence[str],
    on: Mapping[str, date | None],
    at: Mapping[str, Sequence[str]],
    homes: Mapping[str, str],
    infector: Mapping[str, str],
    generation: Mapping[str, int],
    closed_days: int,
    today: date,
) -> dict[str, object]:
    known = sorted((day, case) for case in cases if (day := on[case]) is not None)
    settings = list(dict.fromkeys(s for _, case in known for s in at.get(case, ())))
    first, last = (known[0][0], known[-1][0]) if known else (None, None)
    week = timedelta(days=WEEK)
    recent = sum(day > today - week for day, _ in known)
    before = sum(today - 2 * week < day <= today - week for day, _ in known)
    linked = [generation[c] for c in cases if c in generation]
    since = None if last is None else (today - last).days
    return {
        "cases": len(cases),
        "households": len({homes.get(c, f"case {c}") for c in cases}),
        "settings": "; ".join(settings),
        "kinds": "; ".join(dict.fromkeys(s.split(" ", 1)[0] for s in settings)) or "link",
        "index_case": known[0][1] if known else min(cases),
        "first_on": first,
        "last_on": last,
        "days_since_last": since,
        "open": since is None or since < closed_days,
        "last_7_days": recent,
        "week_before": before,
        "growth": recent / before if before else None,
        "generations": max(linked) if linked else None,
    }


def generations(infector: Mapping[str, str]) -> dict[str, int]:
    """Give the generation of each case along the named infectors; the first of a chain is 1.

    A ring of infectors names no first; its cases have no generation.

    >>> generations({"b": "a", "c": "b", "d": "a"})
    {'a': 1, 'b': 2, 'c': 3, 'd': 2}
    """
    found: dict[str, int] = {}
    for case in dict.fromkeys([*infector.values(), *infector]):
        path, here = [], case
        while here not in found and here in infector and here not in path:
            path.append(here)
            here = infector[here]
        if here in path:
            continue
        found.setdefault(here, 1)
        for step in reversed(path):
            found[step] = found[infector[step]] + 1
    return {c: found[c] for c in sorted(found)}


_CLUSTERS = {
    "cluster": pl.Int64, "cases": pl.Int64, "households": pl.Int64, "settings": pl.String,
    "kinds": pl.String, "index_case": pl.String, "first_on": pl.Date, "last_on": pl.Date,
    "days_since_last": pl.Int64, "open": pl.Boolean, "last_7_days": pl.Int64,
    "week_before": pl.Int64, "growth": pl.Float64, "generations": pl.Int64,
}  # fmt: skip
_MEMBERS = {
    "cluster": pl.Int64, "case_id": pl.String, "on": pl.Date, "settings": pl.String,
    "infector_id": pl.String, "generation": pl.Int64,
}  # fmt: skip
