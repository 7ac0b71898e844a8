"""The four response levels as a ladder of areas: who may move it, when, on what basis.

A level attaches to any area: a province, a prefecture, a county. An area without a level of its
own lives under that of the nearest area above it. Moments are local time without a zone;
``T24:00`` is midnight at the end of the day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Literal, get_args

import polars as pl

from tongchou.tiering.packages import basis_valid
from tongchou.tiering.rules import Tier
from tongchou.tiering.tables import table
from tongchou.vocabulary.errors import BadInput, Fault, NotFound
from tongchou.vocabulary.text import Text, day, text_of

Level = Literal["I", "II", "III", "IV"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""Response levels, the gravest first."""

AreaKind = Literal["nation", "province", "prefecture", "county"]
KINDS: tuple[AreaKind, ...] = get_args(AreaKind)
Kind = Literal["activation", "step_up", "step_down", "renewal", "end"]


class RefusedTransition(BadInput):
    """A change of response level that may not be made, with every reason."""

    headline = Text(
        zh="响应级别调整有 {n} 处不合规定，未予采用。",
        en="The change of response level breaks {n} rules and was not taken up.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One change of level of one area.

    Attributes
    ----------
    area
        Code of the area whose level changes.
    to_level
        The new level; None ends the response, or, for an area below another, gives up its
        own level and lives under the one above again.
    effective
        Local moment from which it holds.
    authority
        Code of the area whose government decides.
    basis
        Id of a legal basis in the register.
    reason
        Why, for the notice.
    clears_below
        Whether the new level also replaces the own levels of all areas within.
    review_on
        Day by which it has to be looked at again; by default after the review interval.
    """

    area: str
    to_level: Level | None
    effective: datetime
    authority: str
    basis: str
    reason: Text
    clears_below: bool = False
    review_on: date | None = None
    source: str = ""
    confidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The level that holds somewhere at a moment, and from whom it comes."""

    place: str
    level: Level | None
    own: bool
    since: Transition | None
    review_on: date | None

    def sentence(self) -> Text:
        """Say which level holds and why."""
        if self.level is None or self.since is None:
            return Text(zh="未启动响应。", en="No response is in force.")
        whose = (
            Text(zh="本地", en="its own level")
            if self.own
            else Text(zh=f"沿用上级（{self.since.area}）", en=f"inherited from {self.since.area}")
        )
        return Text(
            zh="{level}（{whose}），自{since}起，{review}前复核。",
            en="{level} ({whose}) since {since}, to be reviewed by {review}.",
        ).fill(
            level=level_name(self.level),
            whose=whose,
            since=day(self.since.effective.date()),
            review=day(self.review_on),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelLadder:
    """All changes of level of a set of areas, in order of time.

    Attributes
    ----------
    paths
        Path of every area from the top down, such as ``"420000/420100/420102"``.
    kinds
        Kind of every area: nation, province, prefecture or county.
    transitions
        Changes in force or to come, by the moment they hold from.
    """

    paths: Mapping[str, str]
    kinds: Mapping[str, AreaKind]
    transitions: tuple[Transition, ...] = field(default=())

    def add(self, transition: Transition) -> "LevelLadder":
        """Give the ladder with one more change, or refuse it with every reason."""
        if faults := self._faults(transition):
            raise RefusedTransition(faults)
        later = sorted((*self.transitions, transition), key=lambda t: t.effective)
        return LevelLadder(paths=self.paths, kinds=self.kinds, transitions=tuple(later))

    def replay(self, transitions: Iterable[Transition]) -> "LevelLadder":
        """Give the ladder after many changes, taken up in order of time."""
        ladder = self
        for transition in sorted(transitions, key=lambda t: t.effective):
            ladder = ladder.add(transition)
        return ladder

    def at(self, place: str, moment: datetime) -> Standing:
        """Give the level that holds in a place at a moment."""
        for area in reversed(self._path(place)):
            last = self._last(area, moment)
            if last is not None and last.to_level is not None:
                return Standing(
                    place=place,
                    level=last.to_level,
                    own=area == place,
                    since=last,
                    review_on=review_day(last),
                )
        return Standing(place=place, level=None, own=False, since=None, review_on=None)

    def overdue(self, moment: datetime) -> list[Standing]:
        """Give the areas with a level of their own whose review day has passed, oldest first."""
        own = [self.at(area, moment) for area in self.paths]
        late = [s for s in own if s.own and s.review_on and s.review_on < moment.date()]
        return sorted(late, key=lambda s: s.review_on or date.max)

    def kind_of(self, transition: Transition) -> Kind:
        """Say what kind of change it is, seen from the level in force just before it."""
        before = self.at(transition.area, transition.effective - timedelta(microseconds=1)).level
        if transition.to_level is None:
            return "end"
        if before is None:
            return "activation"
        move = LEVELS.index(transition.to_level) - LEVELS.index(before)
        return "renewal" if move == 0 else "step_up" if move < 0 else "step_down"

    def _path(self, place: str) -> list[str]:
        if place not in self.paths:
            raise NotFound(place)
        return self.paths[place].split("/")

    def _last(self, area: str, moment: datetime) -> Transition | None:
        """Find the latest change that still governs the area's own level."""
        above = set(self._path(area)[:-1])
        last = None
        for t in self.transitions:
            if t.effective > moment:
                break
            if t.area == area:
                last = t
            elif t.clears_below and t.area in above:
                last = None
        return last

    def _faults(self, transition: Transition) -> list[Fault]:
        t = transition
        unknown = [
            _fault(
                column,
                value,
                Text(zh="不在区划表中。", en="is not among the areas."),
                Text(zh="请核对代码。", en="Check the code."),
            )
            for column, value in (("area", t.area), ("authority", t.authority))
            if value not in self.paths
        ]
        if unknown:
            return unknown
        faults = []
        if not basis_valid(t.basis, t.effective.date()):
            faults.append(
                _fault(
                    "basis",
                    t.basis or "–",
                    Text(
                        zh="不是当日有效的法律依据，没有依据的级别没有效力。",
                        en="is no legal basis valid that day; a level without basis has no force.",
                    ),
                    Text(
                        zh="请引用依据登记表中有效的依据。",
                        en="Cite a valid basis from the register.",
                    ),
                )
            )
        if t.authority not in self._path(t.area):
            faults.append(
                _fault(
                    "authority",
                    t.authority,
                    Text(zh="不管辖该地区。", en="does not govern the area."),
                    Text(
                        zh=f"应由 {'、'.join(self._path(t.area))} 之一决定。",
                        en=f"One of {', '.join(self._path(t.area))} has to decide.",
                    ),
                )
            )
        faults += self._power_faults(t)
        if t.to_level is None and self.at(t.area, t.effective).level is None:
            faults.append(
                _fault(
                    "to_level",
                    "end",
                    Text(zh="没有响应可以终止。", en="there is no response to end."),
                    Text(zh="请核对地区和时间。", en="Check the area and the moment."),
                )
            )
        return faults

    def _power_faults(self, t: Transition) -> list[Fault]:
        """Refuse an authority that may not decide on the new level, or undo the present one.

        A level that a government set may only be left by that government or one above it.
        """
        mine = KINDS.index(self.kinds[t.authority])
        faults = []
        if t.to_level is not None and mine > KINDS.index(decides(t.to_level)):
            faults.append(
                _fault(
                    "authority",
                    t.authority,
                    Text(
                        zh=f"无权决定{level_name(t.to_level).zh}。",
                        en=f"has no power to decide on {level_name(t.to_level).en}.",
                    ),
                    Text(
                        zh=f"须由{KIND_NAMES[decides(t.to_level)].zh}或以上决定。",
                        en=f"It takes the {KIND_NAMES[decides(t.to_level)].en} level or above.",
                    ),
                )
            )
        present = self.at(t.area, t.effective)
        if present.since is not None:
            theirs = KINDS.index(self.kinds[present.since.authority])
            if mine > theirs:
                faults.append(
                    _fault(
                        "authority",
                        t.authority,
                        Text(
                            zh=f"不能变更 {present.since.authority} 决定的级别。",
                            en=f"cannot change a level that {present.since.authority} decided.",
                        ),
                        Text(
                            zh=f"请报 {present.since.authority} 决定。",
                            en=f"Put it to {present.since.authority}.",
                        ),
                    )
                )
        return faults


KIND_NAMES: dict[AreaKind, Text] = {
    "nation": Text(zh="国家", en="national"),
    "province": Text(zh="省级", en="province"),
    "prefecture": Text(zh="市级", en="prefecture"),
    "county": Text(zh="县级", en="county"),
}


def effective_moment(written: str) -> datetime:
    """Read a local moment; a bare day means 00:00, and 24:00 the midnight that ends the day.

    >>> effective_moment("2020-02-24T24:00")
    datetime.datetime(2020, 2, 25, 0, 0)
    """
    head, _, clock = written.partition("T")
    if clock.startswith("24:00"):
        return datetime.fromisoformat(head) + timedelta(days=1)
    return datetime.fromisoformat(written)


def level_name(level: Level) -> Text:
    """Give the level as each language names it.

    >>> level_name("II")["zh"]
    '二级响应'
    """
    row = _levels()[level]
    return Text(zh=str(row["zh"]), en=str(row["en"]))


def decides(level: Level) -> AreaKind:
    """Give the lowest kind of government that may decide on a level.

    Level I is directed by the State Council; within its area the province decides to respond
    at that level, as all 31 did in January 2020.

    >>> decides("IV")
    'county'
    """
    kind: AreaKind = _levels()[level]["decides"]  # type: ignore[assignment]
    return kind


def duties(level: Level) -> list[tuple[str, Text, Text]]:
    """Give the duties of a level: id, what, and whose."""
    rows = table("level_duties").filter(pl.col("level") == level)
    return [
        (row["duty"], Text(zh=row["zh"], en=row["en"]), text_of(row, "owner"))
        for row in rows.iter_rows(named=True)
    ]


def review_day(transition: Transition) -> date | None:
    """Give the day by which a level has to be reviewed; none once the response has ended."""
    if transition.to_level is None or transition.review_on is not None:
        return transition.review_on
    days = int(str(_levels()[transition.to_level]["review_days"]))
    return transition.effective.date() + timedelta(days=days)


def levels_by_tier(
    option: str,
    tiers: Mapping[str, Tier],
    *,
    effective: datetime,
    authority: str,
    basis: str,
    no_case: Iterable[str] = (),
) -> list[Transition]:
    """Give the changes that set the level of each area by its tier.

    Parameters
    ----------
    option
        ``fujian_20200226`` (medium at II, low at III) or ``jiangxi_20200225`` (low without any
        case at III, other low at II); areas in tiers that the option does not name stay as
        they are.
    tiers
        Tier by area.
    no_case
        Areas that never had a case.
    """
    rows = table("level_by_tier").filter(pl.col("option") == option)
    if rows.is_empty():
        raise NotFound(option, near=table("level_by_tier")["option"].unique().to_list())
    by_tier = {row["tier"]: row for row in rows.iter_rows(named=True)}
    clean = set(no_case)
    changes = []
    for area, tier in tiers.items():
        key = "low_no_case" if area in clean and "low_no_case" in by_tier else tier
        if key in by_tier:
            row = by_tier[key]
            changes.append(
                Transition(
                    area=area,
                    to_level=row["level"],
                    effective=effective,
                    authority=authority,
                    basis=basis,
                    reason=Text(zh=f"{row['zh']}。", en=f"By tier: {row['en']}."),
                    source=row["source"],
                    confidence=row["confidence"],
                )
            )
    return changes


def history_2020() -> list[Transition]:
    """Give the changes of provincial response levels of January to June 2020.

    Each province is its own authority; the basis is the national emergency plan. The table
    names source and confidence of every date; some are low.
    """
    return [
        Transition(
            area=row["area"],
            to_level=row["level"],
            effective=effective_moment(row["effective_local"]),
            authority=row["area"],
            basis="plan2006",
            reason=Text(
                zh=f"{row['name_zh']}调整为{level_name(row['level']).zh}。",
                en=f"{row['name_en']} moves to {level_name(row['level']).en}.",
            ),
            source=row["source"],
            confidence=row["confidence"],
        )
        for row in table("response_levels_2020").iter_rows(named=True)
    ]


def provinces_2020(areas: Sequence[str] | None = None) -> LevelLadder:
    """Give the ladder of the provinces with their changes of January to June 2020.

    >>> provinces_2020().at("420000", effective_moment("2020-04-30")).level
    'I'
    """
    changes = history_2020()
    wanted = sorted({t.area for t in changes}) if areas is None else list(areas)
    empty = LevelLadder(
        paths={area: area for area in wanted},
        kinds=dict.fromkeys(wanted, "province"),
    )
    return empty.replay(t for t in changes if t.area in set(wanted))


@cache
def _levels() -> dict[Level, dict[str, object]]:
    return {row["level"]: row for row in table("levels").iter_rows(named=True)}


def _fault(column: str, value: str, problem: Text, remedy: Text) -> Fault:
    return Fault(file="transition", column=column, value=value, problem=problem, remedy=remedy)
