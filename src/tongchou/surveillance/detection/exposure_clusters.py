"""Clusters by setting: two or more cases within 14 days who share a household, a venue or a link (M043).

The official wording (聚集性病例): within 14 days, in a small area such as a family, a worksite or a
school class, 2 or more confirmed cases or infections without symptoms, with a possibility of spread
from person to person or of a common exposure. :func:`~tongchou.surveillance.detection.setting_runs.find_runs`
applies it to each setting; :func:`link_clusters` joins the settings that share cases, so that an
outbreak counts once.
"""

from collections.abc import Sequence
from datetime import date

import polars as pl

from tongchou.surveillance.detection.cluster_summary import Clusters, summarise
from tongchou.surveillance.detection.components import Components
from tongchou.surveillance.detection.setting_runs import (
    ATTENDED,
    DAYS,
    FEWEST,
    Found,
    Visit,
    attendances,
    dated,
    find_runs,
)
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

CLOSED_DAYS = int(parameter("cluster_closed_days").value)


def link_clusters(
    cases: pl.DataFrame,
    *,
    settings: Sequence[str] = (),
    related: Sequence[str] = (),
    fewest: int = FEWEST,
    days: int = DAYS,
    closed_days: int = CLOSED_DAYS,
    today: date,
) -> Clusters:
    """Give the outbreaks of a line list: cases joined by a setting within the window, or by a link.

    1. In each setting, runs of cases each at most ``days`` after the one before (:func:`~tongchou.surveillance.detection.setting_runs.find_runs`).
    2. A household counts once: a venue whose cases are all of one household is explained by it.
    3. Settings that share a case, cases and their ``infector_id``, and cases named as ``related``, are one
       cluster.

    A cluster is open until ``closed_days`` have passed since its last case. Growth is the number of
    cases of the last 7 days up to ``today`` over that of the 7 before, null where those had none.
    Generations are counted along the named infectors, null where none is named.

    Parameters
    ----------
    cases
        Line list: ``case_id``, dates, and of ``household_id``, ``cluster_id``, ``exposed_at``,
        ``infector_id`` those there are.
    settings
        Further columns that name settings.
    related
        Columns that name related cases, several parted by ``,`` or ``;``.
    fewest, days, closed_days
        The rule; ``fewest`` at least 2.
    today
        Day up to which the list goes.

    References
    ----------
    National Health Commission of China, Protocol for prevention and control of COVID-19, fifth
    edition, 21 February 2020 (guideline for the investigation of cases).

    Examples
    --------
    A couple, and a colleague of one of them; the couple's restaurant is explained by their household:

    >>> listed = pl.DataFrame({
    ...     "case_id": ["a", "b", "c"], "onset_on": [date(2020, 2, d) for d in (1, 5, 9)],
    ...     "household_id": ["H", "H", "K"], "office": ["mill", None, "mill"], "dinner": ["inn", "inn", None]})
    >>> found = link_clusters(listed, settings=["office", "dinner"], today=date(2020, 2, 10))
    >>> found.clusters.select("cases", "households", "settings", "index_case", "open").rows()
    [(3, 2, 'household H; office mill', 'a', True)]
    >>> found.explained.rows()
    [('dinner', 'inn', 2)]
    """
    if fewest < 2:
        raise BadParameter("fewest", fewest, _TWO)
    known = dated(cases)
    duplicate = known.filter(pl.col("case_id").is_duplicated())["case_id"].unique().sort()
    if len(duplicate):
        raise BadParameter("case_id", ", ".join(duplicate.head(3)), _TWICE)
    ahead = known.filter(pl.col("on") > today)
    if ahead.height:
        raise BadParameter("today", today, _AHEAD.fill(case=ahead["case_id"][0]))
    attended = attendances(cases, settings)
    homes = _homes(known)
    runs, explained = _qualified(attended.drop_nulls("on"), homes, fewest, days)
    infector = _infectors(known)
    joined = Components(known["case_id"].to_list())
    for run in runs:
        joined.join(run.cases)
    for pair in [*infector.items(), *_related(known, related)]:
        joined.join(pair)
    return summarise(
        joined.groups(fewest), dict(known.select("case_id", "on").iter_rows()), runs, explained,
        homes, infector, closed_days=closed_days, today=today,
        undated=known["on"].null_count(), usable=bool(attended.height or related or "infector_id" in known.columns),
    )  # fmt: skip


def _homes(cases: pl.DataFrame) -> dict[str, str]:
    if "household_id" not in cases.columns:
        return {}
    return dict(cases.select("case_id", "household_id").drop_nulls().cast(pl.String).iter_rows())


def _infectors(cases: pl.DataFrame) -> dict[str, str]:
    """Give the named infector of each case where both are on the list."""
    if "infector_id" not in cases.columns:
        return {}
    listed = set(cases["case_id"])
    pairs = cases.select("case_id", pl.col("infector_id").cast(pl.String)).drop_nulls().iter_rows()
    return {case: source for case, source in pairs if source in listed and source != case}


def _related(cases: pl.DataFrame, columns: Sequence[str]) -> list[tuple[str, str]]:
    """Give the pairs of listed cases that the columns name."""
    missing = [c for c in columns if c not in cases.columns]
    if missing:
        raise BadParameter("related", ", ".join(missing), _NO_COLUMN)
    listed = set(cases["case_id"])
    return [
        (case, other.strip())
        for column in columns
        for case, named in cases.select("case_id", column).drop_nulls().iter_rows()
        for other in str(named).replace(";", ",").split(",")
        if other.strip() in listed
    ]


def _qualified(
    attended: pl.DataFrame, homes: dict[str, str], fewest: int, days: int
) -> tuple[list[Found], list[Found]]:
    """Give the runs that make a cluster of their own, and those that one household explains."""
    visits = (
        Visit(f"{kind} {setting}", on, case)
        for case, on, kind, setting in attended.select(list(ATTENDED)).iter_rows()
    )
    kept: list[Found] = []
    explained: list[Found] = []
    for run in find_runs(visits, fewest=fewest, days=days):
        apart = {homes.get(case, f"case {case}") for case in run.cases}
        at_home = run.setting.startswith("household ")
        (kept if at_home or len(apart) >= fewest else explained).append(run)
    return kept, explained


_NO_COLUMN = Text(zh="个案表没有这一列。", en="the line list has no such column.")
_TWO = Text(zh="至少为 2：一例不成聚集。", en="it must be at least 2: one case is no cluster.")
_TWICE = Text(zh="编号必须唯一。", en="each number must stand on one row.")
_AHEAD = Text(zh="个案 {case} 的日期晚于这一天。", en="case {case} is dated later.")
