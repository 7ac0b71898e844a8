"""The path of a case as a table: which action leads from which state to which.

The rows stand in ``reference/station/case_states.csv``. ``given`` names a time that must already
stand on the case; of several rows for one state and action the first that fits is taken. ``needs``
are fields that the action must bring, ``stamps`` the time it writes, ``rule`` a condition on the
samples: ``two_negatives`` or ``evidence``.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType

from tongchou.station.cases.problems import NotAccepted, Problem
from tongchou.station.cases.tables import Definition, names, number, table, words
from tongchou.vocabulary.text import Text, text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state of a case; ``closed`` if the work on it is over."""

    name: str
    closed: bool
    label: Text
    meaning: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A row of the table."""

    start: str
    to: str
    action: str
    given: str
    needs: tuple[str, ...]
    stamps: str
    permission: str
    rule: str
    label: Text
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Swab:
    """What the rules ask of a sample: when it was taken, and its result."""

    taken_at: datetime
    result: str


@cache
def states() -> Mapping[str, State]:
    """Give every state by name, in the order of the path."""
    return MappingProxyType(
        {
            r["state"]: State(
                name=r["state"],
                closed=r["closed"] == "yes",
                label=words(r),
                meaning=text_of(r, "meaning"),
            )
            for r in sorted(table("case_state_list"), key=lambda r: int(r["order"]))
        }
    )


OPEN = tuple(s.name for s in states().values() if not s.closed)
"""States in which there is still work."""


@cache
def moves() -> tuple[Move, ...]:
    """Give every row of the table, in its order."""
    return tuple(
        Move(
            start=r["from"],
            to=r["to"],
            action=r["action"],
            given=r["given"],
            needs=names(r["needs"]),
            stamps=r["stamps"],
            permission=r["permission"],
            rule=r["rule"],
            label=words(r),
            source=r["source"],
        )
        for r in table("case_states")
    )


def open_moves(state: str, held: Collection[str]) -> list[Move]:
    """Give what may be done in a state, one row for each action.

    Parameters
    ----------
    state
        The present state.
    held
        Names of the times that stand on the case.

    Examples
    --------
    >>> [m.action for m in open_moves("recovered", ())]
    ['readmit', 'release', 'die', 'move_away']
    """
    found: dict[str, Move] = {}
    for m in moves():
        if m.start == state and (not m.given or m.given in held):
            found.setdefault(m.action, m)
    return [m for m in found.values() if not (m.start == m.to and m.stamps in held and m.stamps)]


def find_move(state: str, action: str, held: Collection[str]) -> Move:
    """Give the row that an action takes.

    Raises
    ------
    NotAccepted
        If the action does not start from this state; says what does.
    """
    choices = open_moves(state, held)
    for m in choices:
        if m.action == action:
            return m
    now = states()[state].label
    others = Text(
        zh="、".join(m.label.zh for m in choices) or "无",
        en=", ".join(m.label.en for m in choices) or "nothing",
    )
    what = next((m.label for m in moves() if m.action == action), Text(zh=action, en=action))
    raise NotAccepted(
        [
            Problem(
                field="action",
                text=Text(
                    zh="个案目前为“{now}”，不能“{what}”。此时可以：{others}。",
                    en="The case is “{now}”, so “{what}” cannot be done. Possible now: {others}.",
                ).fill(now=now, what=what, others=others),
            )
        ]
    )


def permission_of(action: str) -> str:
    """Give the action of the access gate that a move needs.

    >>> permission_of("admit")
    'cases.update'
    """
    return next((m.permission for m in moves() if m.action == action), "cases.update")


def needed_fields(move: Move, given: Mapping[str, object]) -> list[Problem]:
    """Give a problem for each field that a move needs and that was not entered."""
    return [
        Problem(
            field=name,
            text=Text(
                zh="“{what}”需要填写{field}。", en="“{what}” needs a value for {field}."
            ).fill(what=move.label, field=FIELD_NAMES[name]),
        )
        for name in move.needs
        if given.get(name) in (None, "")
    ]


def two_negatives(tests: Sequence[Swab]) -> list[Problem]:
    """Ask for the last two results to be negative and far enough apart, by the time of taking.

    Two negatives with a positive taken between or after them do not count.
    """
    wanted, hours = number("negatives_needed"), number("negatives_hours")
    known = sorted((t for t in tests if t.result in ("positive", "negative")), key=_taken)
    clean: list[Swab] = []
    for t in known:
        clean = [] if t.result == "positive" else [*clean, t]
    counted = 0
    last: datetime | None = None
    for t in clean:
        if last is None or t.taken_at - last >= timedelta(hours=hours):
            counted, last = counted + 1, t.taken_at
    if counted >= wanted:
        return []
    return [
        Problem(
            field="samples",
            text=Text(
                zh=f"需要连续 {wanted} 次阴性，采样间隔至少 {hours} 小时；目前符合的有 {counted} 次。请再采样检测。",
                en=f"{wanted} negative results in a row are needed, taken at least {hours} h apart; {counted} count so far. Take and test another sample.",
            ),
        )
    ]


def _taken(test: Swab) -> datetime:
    return test.taken_at


def evidence(
    classification: str, tests: Sequence[Swab], written: str, definition: Definition
) -> list[Problem]:
    """Ask for what a class rests on: a positive result or written evidence, an edition that has the class."""
    if classification == "suspected":
        return [
            Problem(
                field="classification",
                text=Text(
                    zh="确诊时请选择：临床诊断、确诊或无症状感染者。",
                    en="To confirm, choose clinically diagnosed, confirmed or asymptomatic.",
                ),
            )
        ]
    if classification == "clinical" and not definition.clinical_class:
        return [
            Problem(
                field="classification",
                text=Text(
                    zh="{edition}没有“临床诊断”一类。请选择确诊，或改用当时有效的版本。",
                    en="The {edition} has no clinically diagnosed class. Choose confirmed, or the edition in force then.",
                ).fill(edition=definition.label),
            )
        ]
    positive = any(t.result == "positive" for t in tests)
    if classification != "clinical" and not positive and not written.strip():
        return [
            Problem(
                field="evidence",
                text=Text(
                    zh="没有阳性结果在案。请先登记阳性样本，或写明确诊依据（如外院检测报告）。",
                    en="No positive result is on record. Enter the positive sample first, or write what the confirmation rests on (such as a report from another hospital).",
                ),
            )
        ]
    return []


RULES: Mapping[str, Callable[..., list[Problem]]] = MappingProxyType(
    {"two_negatives": two_negatives, "evidence": evidence}
)

SEVERITY_AFTER = MappingProxyType({"worsen": "severe", "worsen_critical": "critical"})
"""The severity that an action writes."""

FIELD_NAMES: Mapping[str, Text] = MappingProxyType(
    {
        **{r["field"]: words(r) for r in table("case_times")},
        "happened_at": Text(zh="发生时间", en="time it happened"),
        "care_unit": Text(zh="收治机构", en="facility of care"),
        "classification": Text(zh="病例分类", en="class of the case"),
        "note": Text(zh="原因说明", en="reason"),
        "evidence": Text(zh="确诊依据", en="evidence"),
    }
)
"""What each field of a move is called."""
