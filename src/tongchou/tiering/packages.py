"""Measures by tier: what to start, what to keep, what to lift, and what should not be there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import polars as pl

from tongchou.tiering.legal import basis_name, basis_valid
from tongchou.tiering.measures import Measure, find_measure, least_burden
from tongchou.tiering.rules import Tier, tier_name
from tongchou.vocabulary.fact_table import assumption, packaged
from tongchou.vocabulary.text import Text, day

State = Literal["on", "may", "off"]
Action = Literal["start", "keep", "lift"]
FlagKind = Literal[
    "prohibited", "above_tier", "signed_above_tier", "expired", "no_expiry", "no_basis", "burden"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """A measure as it stands somewhere, lawful or not.

    ``signed_reason`` is the reason under which a measure above tier was signed, if it was.
    """

    measure: str
    place: str
    start: date
    expires: date | None = None
    basis: str | None = None
    signed_reason: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """Something wrong, or to be looked at, with a measure in force."""

    kind: FlagKind
    measure: str
    place: str
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a swap; a proposal until it is signed.

    ``due`` is the day by which a measure to lift has to be gone; ``expires`` the day on which a
    measure to start or keep lapses by itself.
    """

    action: Action
    place: str
    measure: str
    name: Text
    basis: str
    basis_name: Text
    owner: Text
    appeal: Text
    expires: date | None
    due: date | None
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """What a change of tier does to the measures of a place."""

    place: str
    old_tier: Tier
    new_tier: Tier
    lines: tuple[Line, ...]
    flags: tuple[Flag, ...]

    def of(self, action: Action) -> list[str]:
        """Give the measures with one action."""
        return [line.measure for line in self.lines if line.action == action]


def package(tier: Tier, strategy: str | None = None) -> dict[str, State]:
    """Give which measures a tier, and the strategy class of the area, turn on, allow or turn off.

    Parameters
    ----------
    tier
        Tier of the place.
    strategy
        Strategy class of the area it lies in, from :mod:`tongchou.tiering.strategy`.

    Examples
    --------
    >>> low, high = package("low"), package("high")
    >>> low["resume_fully"], low["work_suspension"], high["work_suspension"]
    ('on', 'off', 'on')
    >>> package("low", "capital")["arrivals_home_watch"]
    'on'
    """
    rows = packaged("tiering/packages").filter(pl.col("tier") == tier)
    states: dict[str, State] = dict(rows.select("measure", "state").iter_rows())
    if strategy is not None:
        added = packaged("tiering/strategy_packages").filter(
            pl.col("class") == strategy, pl.col("tier") == tier
        )
        states.update(dict(added.select("measure", "state").iter_rows()))
    return states


def audit_measures(in_force: Iterable[InForce], tier: Tier, today: date) -> list[Flag]:
    """Give everything wrong with the measures in force in a place of this tier.

    A measure above tier is a fault unless it was signed with a reason; a measure that is never
    lawful cannot be signed for. ``burden`` says that a less burdensome measure for the same
    goal is open; it is advice.
    """
    return [flag for standing in in_force for flag in _flags(standing, tier, today)]


def swap_measures(
    old_tier: Tier,
    new_tier: Tier,
    in_force: Sequence[InForce],
    *,
    place: str,
    today: date,
    strategy: str | None = None,
) -> Swap:
    """Propose what to start, keep and lift when the tier of a place changes.

    Everything the new package turns on is started or kept; what it turns off, what is never
    lawful, what has lapsed and what has no valid basis is lifted; what it merely allows is kept
    until it lapses. A measure above tier that was signed with a reason is kept to its expiry.
    """
    states = package(new_tier, strategy)
    flags = audit_measures(in_force, new_tier, today)
    bad = {(f.measure, f.kind) for f in flags}
    lines = [_standing_line(s, states, bad, new_tier, today) for s in in_force]
    kept = {line.measure for line in lines if line.action == "keep"}
    lines += [
        _start_line(find_measure(measure), place, old_tier, new_tier, today)
        for measure, state in states.items()
        if state == "on" and measure not in kept
    ]
    return Swap(
        place=place, old_tier=old_tier, new_tier=new_tier, lines=tuple(lines), flags=tuple(flags)
    )


def _flags(standing: InForce, tier: Tier, today: date) -> list[Flag]:
    measure = find_measure(standing.measure)

    def flag(kind: FlagKind, zh: str, en: str) -> Flag:
        return Flag(
            kind=kind,
            measure=standing.measure,
            place=standing.place,
            reason=Text(zh=zh, en=en).fill(name=measure.name, tier=tier_name(tier)),
        )

    if measure.lowest_tier is None:
        return [
            flag(
                "prohibited", "“{name}”在任何等级都不允许。", "“{name}” is not allowed in any tier."
            )
        ]
    flags = []
    if not measure.allowed_in(tier):
        if standing.signed_reason is None:
            flags.append(
                flag(
                    "above_tier",
                    "“{name}”超出{tier}允许的范围。",
                    "“{name}” is above what {tier} allows.",
                )
            )
        else:
            flags.append(
                Flag(
                    kind="signed_above_tier",
                    measure=standing.measure,
                    place=standing.place,
                    reason=Text(
                        zh="超出等级，但已附理由签批：{why}",
                        en="Above tier, but signed with a reason: {why}",
                    ).fill(why=standing.signed_reason),
                )
            )
    if standing.expires is None:
        flags.append(flag("no_expiry", "“{name}”没有期限。", "“{name}” has no expiry."))
    elif standing.expires < today:
        flags.append(
            Flag(
                kind="expired",
                measure=standing.measure,
                place=standing.place,
                reason=Text(zh="“{name}”已于{on}到期。", en="“{name}” lapsed on {on}.").fill(
                    name=measure.name, on=day(standing.expires)
                ),
            )
        )
    if not basis_valid(standing.basis, today):
        flags.append(
            flag("no_basis", "“{name}”没有有效依据。", "“{name}” has no valid legal basis.")
        )
    milder = [m for m in least_burden(measure.goal, tier) if m.burden < measure.burden]
    if milder and measure.allowed_in(tier):
        flags.append(
            Flag(
                kind="burden",
                measure=standing.measure,
                place=standing.place,
                reason=Text(
                    zh="同一目的有负担更小的措施：“{milder}”。",
                    en="A less burdensome measure serves the same goal: “{milder}”.",
                ).fill(milder=milder[0].name),
            )
        )
    return flags


def _standing_line(
    standing: InForce,
    states: dict[str, State],
    bad: set[tuple[str, FlagKind]],
    tier: Tier,
    today: date,
) -> Line:
    measure = find_measure(standing.measure)
    faults: dict[FlagKind, Text] = {
        "prohibited": Text(zh="法律法规不允许。", en="Not allowed by law."),
        "above_tier": Text(zh="超出{tier}允许的范围。", en="Above what {tier} allows."),
        "expired": Text(zh="已到期，未续期。", en="Lapsed and not renewed."),
        "no_basis": Text(zh="没有有效依据。", en="No valid legal basis."),
    }
    why = next((t for kind, t in faults.items() if (standing.measure, kind) in bad), None)
    signed = (standing.measure, "signed_above_tier") in bad
    if why is None and not signed and states.get(standing.measure) == "off":
        why = Text(zh="{tier}的措施中不包括。", en="Not part of the measures for {tier}.")
    if why is not None:
        hours = assumption("tiering", "overdue_hours")
        return _line(
            "lift",
            measure,
            standing.place,
            standing.basis or "",
            reason=why.fill(tier=tier_name(tier)),
            due=today + timedelta(hours=hours),
        )
    lapse = standing.expires or today + timedelta(days=measure.default_days)
    note = Text(zh="签批的例外，到期自动解除。", en="A signed exception that lapses by itself.")
    plain = Text(zh="{tier}适用，到期自动解除。", en="Fits {tier}; lapses by itself.")
    return _line(
        "keep",
        measure,
        standing.place,
        standing.basis or "",
        reason=note if signed else plain.fill(tier=tier_name(tier)),
        expires=lapse,
    )


def _start_line(measure: Measure, place: str, old: Tier, new: Tier, today: date) -> Line:
    reason = Text(zh="由{old}调整为{new}。", en="The tier moves from {old} to {new}.")
    same = Text(zh="{new}应有而未在施行。", en="Part of {new} and not in force.")
    return _line(
        "start",
        measure,
        place,
        measure.basis,
        reason=(same if old == new else reason).fill(old=tier_name(old), new=tier_name(new)),
        expires=today + timedelta(days=measure.default_days),
    )


def _line(
    action: Action,
    measure: Measure,
    place: str,
    basis: str,
    *,
    reason: Text,
    expires: date | None = None,
    due: date | None = None,
) -> Line:
    return Line(
        action=action,
        place=place,
        measure=measure.measure,
        name=measure.name,
        basis=basis,
        basis_name=basis_name(basis),
        owner=measure.owner,
        appeal=measure.appeal,
        expires=expires,
        due=due,
        reason=reason,
    )
