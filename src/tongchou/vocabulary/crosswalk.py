"""Codes that were replaced: what a code of another year is called in this edition."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Kind = Literal["rename", "merge", "split", "move", "same"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """Territory of one code that another code bears from a day on.

    ``share`` is the part of the old unit's residents that went over: 1 where the whole unit did,
    ``None`` where a unit was divided and the parts were not counted. ``effective`` is the day of
    the announcement, or its month or year where no more is known.
    """

    old_code: str
    old_name: str
    new_code: str
    share: float | None
    effective: str
    kind: Kind
    source: str
    confidence: str


@dataclass(frozen=True, kw_only=True)
class Crosswalk:
    """All recorded successions; within one old code the principal successor stands first."""

    rows: tuple[Succession, ...] = ()
    _after: Mapping[str, tuple[Succession, ...]] = field(init=False, repr=False)
    _before: Mapping[str, tuple[Succession, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_after", _grouped((r.old_code, r) for r in self.rows))
        object.__setattr__(self, "_before", _grouped((r.new_code, r) for r in self.rows))

    def after(self, code: str) -> tuple[Succession, ...]:
        """Give the successions that a code went into."""
        return self._after.get(code, ())

    def before(self, code: str) -> tuple[Succession, ...]:
        """Give the successions that a code came out of."""
        return self._before.get(code, ())

    def resolve(self, code: str, known: frozenset[str]) -> tuple[Succession, ...]:
        """Give the known codes that a code of any year stands for, principal first.

        A known code stands for itself and for nothing else, even where a part of it was split
        off since. An older code is followed forward, a younger one back to where it came from.
        """
        if code in known:
            return (_itself(code),)
        forward = tuple(r for r in self.after(code) if r.new_code in known)
        if forward:
            return forward
        return tuple(_reversed(r) for r in self.before(code) if r.old_code in known)


def _grouped(pairs: Iterable[tuple[str, Succession]]) -> dict[str, tuple[Succession, ...]]:
    groups: dict[str, list[Succession]] = {}
    for key, row in pairs:
        groups.setdefault(key, []).append(row)
    return {key: tuple(rows) for key, rows in groups.items()}


def _itself(code: str) -> Succession:
    return Succession(
        old_code=code,
        old_name="",
        new_code=code,
        share=1.0,
        effective="",
        kind="same",
        source="",
        confidence="high",
    )


def _reversed(row: Succession) -> Succession:
    """Read a succession backwards: a code younger than the edition, and where it was taken from."""
    return Succession(
        old_code=row.new_code,
        old_name="",
        new_code=row.old_code,
        share=None,
        effective=row.effective,
        kind=row.kind,
        source=row.source,
        confidence=row.confidence,
    )
