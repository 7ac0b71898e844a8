"""Cases beyond a service level, from a line list of dates: which step, by how many days, whose step it is.

The service levels are the clocks of ``reference/station/case_clocks.csv``, by which a case page tells
time as well. A page knows hours and a line list only days, so a case stands on the list if it is
late **whatever the hours were**: everybody on the list is late on the page, and the page may know of
more.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Literal

import polars as pl

from tongchou.reference import path
from tongchou.vocabulary.text import Text, text_of

LateStanding = Literal["late", "missed"]
LATE_STANDINGS: Mapping[LateStanding, Text] = {
    "late": Text(zh="已超时，仍未完成", en="late and still open"),
    "missed": Text(zh="超时完成", en="done late"),
}

_SCHEMA = {
    "case_id": pl.String,
    "place": pl.String,
    "clock": pl.String,
    "early": pl.String,
    "started_on": pl.Date,
    "ended_on": pl.Date,
    "standing": pl.String,
    "days": pl.Int64,
    "days_late": pl.Float64,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevel:
    """From the earliest of ``starts`` to ``stop`` within ``hours``; a date of ``void`` ends it unmet."""

    name: str
    starts: tuple[str, ...]
    stop: str
    hours: int
    void: tuple[str, ...]
    early: str
    label: Text
    owner: Text


@cache
def service_levels() -> Mapping[str, ServiceLevel]:
    """Give every service level by name, its times as the dates of table ``cases``.

    >>> service_levels()["admit"].stop, service_levels()["admit"].hours
    ('admitted_on', 24)
    """
    with path("station/case_clocks.csv").open(encoding="utf-8", newline="") as file:
        levels = [_service_level(row) for row in csv.DictReader(file)]
    return MappingProxyType({level.name: level for level in levels})


def _service_level(row: Mapping[str, str]) -> ServiceLevel:
    return ServiceLevel(
        name=row["clock"],
        starts=_dates(row["starts"]),
        stop=_dates(row["stops"])[0],
        hours=int(row["hours"]),
        void=_dates(row["void"]),
        early=row["early"],
        label=Text(zh=row["zh"], en=row["en"]),
        owner=text_of(row, "owner"),
    )


def _dates(times: str) -> tuple[str, ...]:
    return tuple(f"{name.removesuffix('_at')}_on" for name in times.split("|") if name)


def late_cases(cases: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Give every case beyond a service level at the end of a day, the latest first.

    With the start on day a and the stop on day b, more than b − a − 1 days passed between them; with
    no stop by the cut-off c, more than c − a. The case is late if that is as long as the level
    allows. How late it is counts from noon to noon: b − a, or c + ½ − a, less what the level allows.

    Parameters
    ----------
    cases
        One row per case with ``case_id, place`` and dates of table ``cases``. A level whose start
        or stop the list does not have is not judged.
    as_of
        Cut-off: the last day that is known.

    Returns
    -------
    DataFrame
        ``case_id, place, clock, early, started_on, ended_on, standing, days, days_late``: days from
        start to stop or cut-off, and those beyond the level; most days late first.

    Examples
    --------
    Confirmed on the 3rd and without a bed at the end of the 5th, 24 hours being allowed:

    >>> cases = pl.DataFrame({
    ...     "case_id": ["a", "b"], "place": ["420100"] * 2,
    ...     "confirmed_on": [date(2020, 2, 3)] * 2, "admitted_on": [None, date(2020, 2, 4)],
    ... }, schema_overrides={"admitted_on": pl.Date})
    >>> late_cases(cases, date(2020, 2, 5)).select("case_id", "clock", "standing", "days_late").rows()
    [('a', 'admit', 'late', 1.5)]
    """
    listed = [
        _late(cases, level, as_of)
        for level in service_levels().values()
        if is_judged(level, cases.columns)
    ]
    found = pl.concat(listed) if listed else pl.DataFrame(schema=_SCHEMA)
    return found.sort(
        "days_late", "started_on", "case_id", descending=[True, False, False], maintain_order=True
    )


def is_judged(level: ServiceLevel, columns: Sequence[str]) -> bool:
    """Tell whether a line list with these columns can be held against a service level."""
    return level.stop in columns and any(name in columns for name in level.starts)


def _late(cases: pl.DataFrame, level: ServiceLevel, as_of: date) -> pl.DataFrame:
    def known(names: Sequence[str]) -> list[pl.Expr]:
        here = [name for name in names if name in cases.columns]
        return [pl.when(pl.col(name) <= as_of).then(pl.col(name)) for name in here]

    started = pl.min_horizontal(known(level.starts))
    (stopped,) = known([level.stop])
    void = pl.any_horizontal([day.is_not_null() for day in known(level.void)] or [pl.lit(False)])
    waited = (
        pl.when(pl.col("ended_on").is_not_null())
        .then((pl.col("ended_on") - pl.col("started_on")).dt.total_days() - 1)
        .otherwise((pl.lit(as_of) - pl.col("started_on")).dt.total_days())
    )
    return (
        cases.with_columns(started_on=started, ended_on=stopped, void=void)
        .filter(pl.col("ended_on").is_not_null() | ~pl.col("void"))
        .with_columns(waited=waited)
        .filter(pl.col("waited") * 24 >= level.hours)
        .select(
            pl.col("case_id").cast(pl.String),
            pl.col("place").cast(pl.String),
            clock=pl.lit(level.name),
            early=pl.lit(level.early),
            started_on="started_on",
            ended_on="ended_on",
            standing=pl.when(pl.col("ended_on").is_null())
            .then(pl.lit("late"))
            .otherwise(pl.lit("missed")),
            days=(pl.col("ended_on").fill_null(as_of) - pl.col("started_on")).dt.total_days(),
            days_late=pl.col("waited")
            + pl.when(pl.col("ended_on").is_null()).then(0.5).otherwise(1.0)
            - level.hours / 24,
        )
    )
