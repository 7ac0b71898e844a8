"""The response levels as a ladder of areas: who may move one, when, on what basis.

A level attaches to any area: a province, a prefecture, a county. An area without a level of its
own lives under that of the nearest area above it. Moments are local time without a zone;
``T24:00`` is midnight at the end of the day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from tongchou.tiering.legal import basis_valid
from tongchou.tiering.levels import (
    KIND_NAMES,
    KINDS,
    LEVELS,
    AreaKind,
    Level,
    decides,
    level_name,
    level_row,
)
from tongchou.vocabulary.errors import BadInput, Fault, NotFound
from tongchou.vocabulary.text import Text, day

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
    _of: Mapping[str, list[Transition]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_area: dict[str, list[Transition]] = {}
        for transition in self.transitions:
            by_area.setdefault(transition.area, []).append(transition)
        object.__setattr__(self, "_of", by_area)

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
        last = self._latest(self._of.get(area, ()), moment)
        if last is None:
            return None
        above = (t for up in self._path(area)[:-1] for t in self._of.get(up, ()))
        clearing = self._latest((t for t in above if t.clears_below), moment)
        cleared = clearing is not None and clearing.effective > last.effective
        return None if cleared else last

    @staticmethod
    def _latest(transitions: Iterable[Transition], moment: datetime) -> Transition | None:
        past = [t for t in transitions if t.effective <= moment]
        return max(past, key=lambda t: t.effective) if past else None

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


def review_day(transition: Transition) -> date | None:
    """Give the day by which a level has to be reviewed; none once the response has ended."""
    if transition.to_level is None or transition.review_on is not None:
        return transition.review_on
    days = int(str(level_row(transition.to_level)["review_days"]))
    return transition.effective.date() + timedelta(days=days)


def _fault(column: str, value: str, problem: Text, remedy: Text) -> Fault:
    return Fault(file="transition", column=column, value=value, problem=problem, remedy=remedy)
