"""What a form costs those who fill it in, and whether it may go out (M100).

Minutes of one addressee a day::

    minutes = (opening + Σ seconds of its fields) × entries ÷ 60 × times a day

A form goes out when what it asks is not held already and the budget of a grid worker's day
allows it. The rule proposes; a person decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tongchou.station.incident.rules.tables import table
from tongchou.vocabulary.text import Text


def seconds_of(kind: str) -> int:
    """Give the seconds that a field of a kind takes.

    >>> seconds_of("yes_no")
    4
    """
    return next(int(row["seconds"]) for row in table("field_seconds") if row["kind"] == kind)


def assumed(name: str) -> float:
    """Give a value of the table of burdens.

    >>> assumed("budget")
    20.0
    """
    return next(float(row["value"]) for row in table("burden") if row["name"] == name)


def times_a_day(frequency: str, starts: date, expires: date) -> float:
    """Give how often a day a form is filled in; one asked once is spread over its days.

    >>> times_a_day("once", date(2020, 2, 1), date(2020, 2, 10))
    0.1
    """
    if frequency == "once":
        return 1 / max(1, (expires - starts).days + 1)
    return 1 / 7 if frequency == "weekly" else 1.0


def minutes_a_day(seconds: Sequence[int], entries: int, per_day: float) -> float:
    """Give the minutes that one addressee spends on a form a day.

    >>> minutes_a_day([15, 15], 10, 1.0)
    10.0
    """
    if not seconds:
        return 0.0
    return (assumed("opening") + sum(seconds)) * entries / 60 * per_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A field as asked: its seconds, and whether it is already held."""

    seconds: int
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the rule proposes, with its reason and its minutes."""

    verdict: str
    reason: Text
    asked: float
    needed: float
    saved: float


def judge(
    fields: Sequence[Asked],
    *,
    entries: int,
    per_day: float,
    addressees: int,
    used: float,
    has_basis: bool,
    statutory: bool,
) -> Judgement:
    """Propose a verdict.

    Parameters
    ----------
    used
        Minutes a day that forms in force already take from one addressee.
    has_basis
        Whether a legal basis is named.
    statutory
        Whether the law itself demands the form: then the budget does not stop it.

    Returns
    -------
    Judgement
        Minutes asked and needed are of one addressee a day; those saved, of all of them.
    """
    new = [f.seconds for f in fields if not f.held]
    asked = minutes_a_day([f.seconds for f in fields], entries, per_day)
    needed = minutes_a_day(new, entries, per_day)
    budget = assumed("budget")

    def given(verdict: str, reason: Text, minutes: float) -> Judgement:
        return Judgement(
            verdict=verdict,
            reason=reason.fill(
                held=len(fields) - len(new),
                n=len(fields),
                needed=f"{needed:.1f}",
                used=f"{used:.1f}",
                budget=f"{budget:.0f}",
            ),
            asked=asked,
            needed=needed,
            saved=(asked - minutes) * addressees,
        )

    if not new:
        return given(
            "refused",
            Text(
                zh="{n} 个字段全部已有，请直接调用现有数据，不再下发。",
                en="All {n} fields are held already: use what is there; the form need not go out.",
            ),
            0.0,
        )
    if not has_basis:
        return given(
            "refused",
            Text(
                zh="没有写明依据，不得向基层要表。请补依据后再报。",
                en="It names no basis, and no form goes to the grids without one. Add it and ask again.",
            ),
            0.0,
        )
    if used + needed > budget and not statutory:
        return given(
            "refused",
            Text(
                zh="每名网格员每天已用 {used} 分钟，再加 {needed} 分钟将超过 {budget} 分钟上限。请减字段、降频次，或先停用其他表。",
                en="Forms already take {used} minutes of a grid worker's day; {needed} more would pass the limit of {budget}. Ask fewer fields, ask less often, or end another form first.",
            ),
            0.0,
        )
    if len(new) < len(fields):
        return given(
            "reduced",
            Text(
                zh="{n} 个字段中有 {held} 个已有，删去后每名网格员每天 {needed} 分钟。",
                en="{held} of {n} fields are held already; without them it takes {needed} minutes of a grid worker's day.",
            ),
            needed,
        )
    return given(
        "allowed",
        Text(
            zh="{n} 个字段都未重复，每名网格员每天 {needed} 分钟，在上限 {budget} 分钟之内。",
            en="None of its {n} fields is held; it takes {needed} minutes of a grid worker's day, within the limit of {budget}.",
        ),
        needed,
    )
