"""The rules of quarantine and watch: dates, clocks, what is missed, how long records are kept.

Pure functions over dates; every number stands in ``reference/station/watch_rules.csv`` with its
source and who may change it.
"""

import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from types import MappingProxyType

from tongchou import reference
from tongchou.vocabulary.text import Text, text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A number that a rule needs, with where it comes from and who may change it."""

    name: str
    value: float
    unit: str
    label: Text
    source: str
    confidence: str
    may_change: Text


@cache
def rules() -> Mapping[str, Rule]:
    """Give every number of the watch by name.

    >>> rules()["quarantine_days"].value
    14.0
    """
    with reference.path("station/watch_rules.csv").open(encoding="utf-8", newline="") as handle:
        return MappingProxyType(
            {
                r["name"]: Rule(
                    name=r["name"],
                    value=float(r["value"]),
                    unit=r["unit"],
                    label=text_of(r, "label"),
                    source=r["source"],
                    confidence=r["confidence"],
                    may_change=text_of(r, "may_change"),
                )
                for r in csv.DictReader(handle)
            }
        )


def number(name: str) -> int:
    """Give a whole number of the rules."""
    return int(rules()[name].value)


def release_due(*, last_exposure: date | None, named_on: date, arrival: bool = False) -> date:
    """Give the day on which a person is released: last exposure (or arrival) plus 14 days.

    Where the day of exposure is not known, the count begins on the day of naming; it never begins
    after it, whatever was typed.

    >>> release_due(last_exposure=date(2020, 2, 1), named_on=date(2020, 2, 5))
    datetime.date(2020, 2, 15)
    """
    start = min(last_exposure, named_on) if last_exposure else named_on
    return start + timedelta(days=number("arrival_days" if arrival else "quarantine_days"))


def day_of_watch(*, due: date, today: date, arrival: bool = False) -> int:
    """Give which day of the watch today is: 1 on the first full day, never below 0.

    >>> day_of_watch(due=date(2020, 2, 15), today=date(2020, 2, 4))
    3
    """
    length = number("arrival_days" if arrival else "quarantine_days")
    return max(0, length - (due - today).days)


def place_by(named_at: datetime) -> datetime:
    """Give the moment by which a named contact should be placed."""
    return named_at + timedelta(hours=number("place_within_hours"))


def delete_on(released_on: date) -> date:
    """Give the first day on which the records of a released person are deleted.

    >>> delete_on(date(2020, 3, 1))
    datetime.date(2020, 3, 29)
    """
    return released_on + timedelta(days=number("retention_days"))


def missed_days(*, placed_on: date, until: date, checked: Collection[date]) -> list[date]:
    """Give the days on which nobody asked, from the day after placing to ``until``, both counted."""
    days = (placed_on + timedelta(days=n) for n in range(1, (until - placed_on).days + 1))
    return [day for day in days if day not in checked]


SYMPTOMS: Mapping[str, Text] = MappingProxyType(
    {
        "fever": Text(zh="发热", en="fever"),
        "cough": Text(zh="咳嗽", en="cough"),
        "fatigue": Text(zh="乏力", en="fatigue"),
        "breathless": Text(zh="气促", en="shortness of breath"),
        "sore_throat": Text(zh="咽痛", en="sore throat"),
        "diarrhoea": Text(zh="腹泻", en="diarrhoea"),
    }
)
"""What a daily check asks after."""


def has_symptoms(temperature: float | None, symptoms: Iterable[str]) -> bool:
    """Say whether a daily check calls for a suspected case to be looked at.

    >>> has_symptoms(37.3, []), has_symptoms(36.8, []), has_symptoms(None, ["cough"])
    (True, False, True)
    """
    fever = temperature is not None and temperature >= rules()["fever_celsius"].value
    return fever or any(s in SYMPTOMS for s in symptoms)
