"""The clocks of the four earlies: what runs for a case, when it is due, how late it is.

The clocks stand in ``reference/station/case_clocks.csv``: from the earliest of ``starts`` to
``stops`` within ``hours``; a time of ``void`` ends a clock without it having been met. The same
rows give the condition of the late lists, so that a list and a case page cannot differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

import polars as pl
from django.db.models import Q

from tongchou.station.cases.tables import names, table, words
from tongchou.surveillance.delays import EARLIES, STEPS, Span, measure_delays
from tongchou.vocabulary.text import Text, text_of

Standing = Literal["waiting", "running", "late", "met", "missed", "void"]
STANDING_NAMES: Mapping[Standing, Text] = {
    "waiting": Text(zh="未开始", en="not started"),
    "running": Text(zh="计时中", en="running"),
    "late": Text(zh="已超时", en="late"),
    "met": Text(zh="按时完成", en="in time"),
    "missed": Text(zh="超时完成", en="done late"),
    "void": Text(zh="不再适用", en="no longer applies"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A service level: from a start to a stop within hours, and whose it is."""

    name: str
    starts: tuple[str, ...]
    stops: str
    hours: int
    void: tuple[str, ...]
    early: str
    label: Text
    owner: Text
    source: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a clock stands for a case; ``late_by`` where it is or was late."""

    clock: Clock
    standing: Standing
    started: datetime | None = None
    due: datetime | None = None
    stopped: datetime | None = None
    late_by: timedelta | None = None

    @property
    def label(self) -> Text:
        """What the standing is called."""
        return STANDING_NAMES[self.standing]

    @property
    def lateness(self) -> Text | None:
        """How late, in words."""
        return None if self.late_by is None else span_text(self.late_by)


@cache
def clocks() -> Mapping[str, Clock]:
    """Give every clock by name."""
    return {
        r["clock"]: Clock(
            name=r["clock"],
            starts=names(r["starts"]),
            stops=r["stops"],
            hours=int(r["hours"]),
            void=names(r["void"]),
            early=r["early"],
            label=words(r),
            owner=text_of(r, "owner"),
            source=r["source"],
            confidence=r["confidence"],
        )
        for r in table("case_clocks")
    }


def read_clock(clock: Clock, times: Mapping[str, datetime | None], now: datetime) -> Reading:
    """Say how a clock stands.

    Examples
    --------
    >>> from datetime import UTC
    >>> at = {"confirmed_at": datetime(2020, 2, 3, 8, tzinfo=UTC)}
    >>> found = read_clock(clocks()["admit"], at, datetime(2020, 2, 4, 10, tzinfo=UTC))
    >>> found.standing, found.lateness.en
    ('late', '2 h')
    """
    started = min((t for s in clock.starts if (t := times.get(s)) is not None), default=None)
    stopped = times.get(clock.stops)
    if started is None:
        return Reading(clock=clock, standing="waiting", stopped=stopped)
    due = started + timedelta(hours=clock.hours)
    if stopped is not None:
        late = max(stopped - due, timedelta(0))
        return Reading(
            clock=clock,
            standing="missed" if late else "met",
            started=started,
            due=due,
            stopped=stopped,
            late_by=late or None,
        )
    if any(times.get(v) is not None for v in clock.void):
        return Reading(clock=clock, standing="void", started=started, due=due)
    late = max(now - due, timedelta(0))
    return Reading(
        clock=clock,
        standing="late" if late else "running",
        started=started,
        due=due,
        late_by=late or None,
    )


def readings(times: Mapping[str, datetime | None], now: datetime) -> list[Reading]:
    """Give every clock of a case, in the order of the table."""
    return [read_clock(c, times, now) for c in clocks().values()]


def running(name: str) -> Q:
    """Give the condition that a clock has started and neither stopped nor become void."""
    clock = clocks()[name]
    started = Q()
    for start in clock.starts:
        started |= Q(**{f"{start}__isnull": False})
    return started & _not_ended(clock)


def late(name: str, now: datetime) -> Q:
    """Give the condition that a clock runs and is past due: the same as a reading of ``late``."""
    clock = clocks()[name]
    limit = now - timedelta(hours=clock.hours)
    started = Q()
    for start in clock.starts:
        started |= Q(**{f"{start}__lt": limit})
    return started & _not_ended(clock)


def any_late(now: datetime) -> Q:
    """Give the condition that any clock of a case is late."""
    found = Q()
    for name in clocks():
        found |= late(name, now)
    return found


def _not_ended(clock: Clock) -> Q:
    found = Q(**{f"{clock.stops}__isnull": True})
    for name in clock.void:
        found &= Q(**{f"{name}__isnull": True})
    return found


def span_text(span: timedelta) -> Text:
    """Write a time span as people say it.

    >>> span_text(timedelta(hours=30)).en, span_text(timedelta(minutes=20)).en
    ('1 d 6 h', '20 min')
    """
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return Text(zh=f"{minutes} 分钟", en=f"{minutes} min")
    days, hours = divmod(minutes // 60, 24)
    if not days:
        return Text(zh=f"{hours} 小时", en=f"{hours} h")
    if not hours:
        return Text(zh=f"{days} 天", en=f"{days} d")
    return Text(zh=f"{days} 天 {hours} 小时", en=f"{days} d {hours} h")


def _from_diagnosis(span: Span) -> Span:
    """Let the delay of a report begin at the first diagnosis: the station reports suspected cases too."""
    if span.end != "reported_on":
        return span
    label = Text(zh="诊断（疑似或确诊）至报告", en="diagnosis (suspected or confirmed) to report")
    if span.name == "reported":
        label = Text(zh=f"早报告：{label.zh}", en=f"reported early: {label.en}")
    return replace(span, start="diagnosed_on", label=label)


SPANS = tuple(_from_diagnosis(s) for s in (*EARLIES, *STEPS))
"""The early delays and the steps, as measured for a place."""


def delays_by_place(cases: pl.DataFrame) -> pl.DataFrame:
    """Give median and 90th percentile of each delay for each place, and the days lost.

    Parameters
    ----------
    cases
        Rows as :func:`tongchou.station.cases.contract.export_cases` gives them.

    Returns
    -------
    DataFrame
        As :func:`tongchou.surveillance.delays.measure_delays`, with ``slowest`` true for the step
        in which a case loses most days on average.
    """
    with_diagnosis = cases.with_columns(
        diagnosed_on=pl.min_horizontal("suspected_on", "confirmed_on")
    )
    steps = [s.name for s in STEPS]
    is_step = pl.col("delay").is_in(steps) & (pl.col("known") > 0)
    worst = pl.col("mean").filter(is_step).max().over("place")
    return measure_delays(with_diagnosis, SPANS).with_columns(
        slowest=(is_step & (pl.col("mean") == worst) & (pl.col("mean") > 0)).fill_null(False)
    )
