"""How severe: shares who die, are admitted, fall critically ill; by age and class; health workers."""

from datetime import timedelta

import polars as pl

from tongchou.morning.scope import Scope
from tongchou.morning.surveillance.onsets import confirmed_cases
from tongchou.situation.situation import Situation
from tongchou.surveillance.cohorts import health_worker_infections
from tongchou.surveillance.outcomes import ENDS, competing_outcomes
from tongchou.surveillance.severity_table import grouped
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Text

NEEDED_FOR = Text(zh="病情严重程度", en="severity")
EVENTS = {
    "death": Text(zh="死亡", en="died"),
    "admission": Text(zh="入院", en="admitted"),
    "critical": Text(zh="转为危重", en="became critical"),
}
STAFF_WEEKS = 4


def severity_tables(situation: Situation, scope: Scope) -> pl.DataFrame:
    """Give the share of confirmed cases that came to each event, all together, by age and by class.

    Returns
    -------
    DataFrame
        event, group, cases, events, naive, share, low, high: the share is that of competing ends
        (Aalen and Johansen), which waits for those whose end is not known.

    Raises
    ------
    MissingData
        If there is no line list with onsets.
    """
    cases = confirmed_cases(situation, scope, NEEDED_FOR)
    if cases["onset_on"].null_count() == cases.height:
        raise MissingData("cases", NEEDED_FOR, column="onset_on")
    parts = []
    for event in EVENTS:
        if cases[ENDS[event][0]].null_count() == cases.height:
            continue
        for by in ((), ("age",), ("class",)) if event == "death" else ((), ("age",)):
            table = competing_outcomes(
                grouped(cases, by), situation.cut, event=event, by=("group_",)
            )
            parts.append(table.with_columns(event=pl.lit(event)))
    if not parts:
        raise MissingData("cases", NEEDED_FOR, column="died_on")
    return pl.concat(parts, how="vertical_relaxed").select(
        "event",
        group="group_",
        cases="cases",
        events="events",
        naive=pl.col("events") / pl.col("cases"),
        share="estimate",
        low="low",
        high="high",
    )


def health_workers(situation: Situation, scope: Scope) -> tuple[float, float]:
    """Give infections of health workers and staff-weeks of the last four weeks.

    Raises
    ------
    MissingData
        If the line list does not say who is a health worker, or nobody says who is at work.
    """
    needed = Text(zh="医务人员感染率", en="infection rate of health workers")
    cases = confirmed_cases(situation, scope, needed)
    if cases["health_worker"].null_count() == cases.height:
        raise MissingData("cases", needed, column="health_worker")
    since = situation.cut - timedelta(days=7 * STAFF_WEEKS)
    recent = cases.filter(pl.col("confirmed_on") > since)
    infected = 0.0 if recent.is_empty() else health_worker_infections(recent, situation.cut).sum()
    teams = scope.inside(situation.table("staff_teams", needed)).filter(
        (pl.col("date") > since) & (pl.col("skill") != "grid_worker")
    )
    if teams.is_empty():
        raise MissingData("staff_teams", needed)
    a_day = teams.group_by("date").agg(pl.col("staff").sum())["staff"].to_numpy().mean()
    return float(infected), float(a_day) * STAFF_WEEKS
