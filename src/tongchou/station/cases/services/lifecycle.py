"""Moving a case on, correcting it, and taking a step back: each leaves what was before."""

from collections.abc import Mapping
from datetime import date, datetime, time

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from tongchou.station.audit.record import record
from tongchou.station.cases.models import Case, CaseEvent
from tongchou.station.cases.problems import NotAccepted, Problem
from tongchou.station.cases.services.history import (
    assign,
    follow,
    locked,
    note,
    save,
    tests_of,
    times_of,
)
from tongchou.station.cases.states import (
    RULES,
    SEVERITY_AFTER,
    Move,
    find_move,
    moves,
    needed_fields,
    permission_of,
)
from tongchou.station.cases.tables import definition
from tongchou.station.cases.times import FIELDS, check_times
from tongchou.station.places.models import Unit
from tongchou.vocabulary.text import Text

CORRECTABLE = (
    *(f for f in FIELDS if f not in ("investigated_at",)),
    "classification",
    "severity",
    "exposed_at",
    "found_inside",
    "health_worker",
    "sex",
    "age",
    "household_code",
    "cluster_code",
    "definition",
    "evidence",
)
"""What a correction may touch; places move by hand-over, states by moves."""


def move(
    case: Case, action: str, values: Mapping[str, object], *, version: int | None, text: str = ""
) -> Case:
    """Do one of the actions of the table of states.

    Parameters
    ----------
    case
        A case the actor may see.
    action
        As in ``case_states.csv``, except ``sample``, which comes with taking a sample.
    values
        What the action needs: times, ``classification``, ``care_unit`` and so on.
    version
        The version the actor looked at.
    text
        A note for the history.

    Raises
    ------
    NotAccepted
        With every problem found.
    """
    case = locked(case, permission_of(action), version)
    step = find_move(case.state, action, [f for f, v in times_of(case).items() if v is not None])
    given = {**values, "note": text}
    problems = needed_fields(step, given)
    if problems:
        raise NotAccepted(problems)
    before = case.state
    changes = assign(case, _written(case, step, given))
    problems = check_times(
        times_of(case), now=timezone.now(), zone=timezone.get_current_timezone()
    ) + _ask_rule(case, step)
    if problems:
        raise NotAccepted(problems)
    changes["state"] = [before, case.state]
    save(case)
    note(
        case,
        action,
        from_state=before,
        happened_at=_when(step, given),
        changes=changes,
        text=text,
    )
    _rebind(case, changes)
    record(step.permission, case, step=action, to=case.state)
    return case


def _written(case: Case, step: Move, given: Mapping[str, object]) -> dict[str, object]:
    """Give the fields that a move writes; the first time of a kind stays the first."""
    wrote: dict[str, object] = {"state": step.to}
    if step.stamps and getattr(case, step.stamps) is None:
        wrote[step.stamps] = given.get(step.stamps)
    for name in ("classification", "evidence", "found_inside"):
        if given.get(name) not in (None, ""):
            wrote[name] = given[name]
    if given.get("severity"):
        wrote["severity"] = given["severity"]
    if step.action in SEVERITY_AFTER:
        wrote["severity"] = SEVERITY_AFTER[step.action]
    if step.action == "improve":
        wrote["severity"] = "severe" if step.to == "severe" else "ordinary"
    care = given.get("care_unit")
    if isinstance(care, Unit):
        wrote["care_unit_id"] = care.pk
    if step.action == "reopen":
        wrote["excluded_at"] = None
    if step.action == "readmit":
        wrote["recovered_at"] = None
    return wrote


def _ask_rule(case: Case, step: Move) -> list[Problem]:
    if step.rule == "two_negatives":
        return RULES["two_negatives"](tests_of(case))
    if step.rule == "evidence":
        return RULES["evidence"](
            case.classification,
            tests_of(case),
            case.evidence,
            definition(case.disease, case.definition),
        )
    return []


def _when(step: Move, given: Mapping[str, object]) -> datetime:
    value = given.get(step.stamps) if step.stamps else given.get("happened_at")
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return timezone.make_aware(datetime.combine(value, time()))
    return timezone.now()


def correct(case: Case, values: Mapping[str, object], *, reason: str, version: int | None) -> Case:
    """Correct what stands on a case; the old values stay in its history with the reason.

    Raises
    ------
    NotAccepted
        If nothing changes, no reason is given, the times fall out of order, or a time goes that
        the present state rests on.
    """
    case = locked(case, "cases.update", version)
    unknown = [name for name in values if name not in CORRECTABLE]
    if unknown:
        raise KeyError(f"not correctable here: {unknown}")
    changes = assign(case, values)
    problems = []
    if not changes:
        problems.append(Problem(field="", text=_NO_CHANGE))
    if not reason.strip():
        problems.append(Problem(field="reason", text=_NO_REASON))
    problems += _resting(case)
    problems += check_times(
        times_of(case), now=timezone.now(), zone=timezone.get_current_timezone()
    )
    if problems:
        raise NotAccepted(problems)
    save(case)
    note(case, "correct", changes=changes, text=reason)
    record("cases.update", case, step="correct", fields=sorted(changes))
    return case


_NO_CHANGE = Text(zh="没有改动。", en="Nothing was changed.")
_NO_REASON = Text(
    zh="请写明更正原因，它会与原值一起保存。",
    en="Give the reason for the correction; it is kept with the old value.",
)


def _resting(case: Case) -> list[Problem]:
    """Give a problem for each time that the present state rests on and that is gone."""
    rests = {m.stamps for m in moves() if m.to == case.state and m.start != m.to and m.stamps}
    if case.state in ("isolated", "admitted"):
        rests = {"confirmed_at", "isolated_at" if case.state == "isolated" else "admitted_at"}
    return [
        Problem(
            field=name,
            text=Text(
                zh="当前状态以此时间为依据，不能清空；如该步骤本身有误，请撤回上一步。",
                en="The present state rests on this time, so it cannot be cleared; if the step itself was wrong, take it back.",
            ),
        )
        for name in sorted(rests)
        if getattr(case, name) is None
    ]


def last_step(case: Case) -> CaseEvent | None:
    """Give the last move of a case that has not been taken back."""
    known = {m.action for m in moves()} - {"sample"}
    skip = 0
    for event in case.events.order_by("-id"):
        if event.action == "take_back":
            skip += 1
        elif event.action in known:
            if not skip:
                return event
            skip -= 1
    return None


def take_back(case: Case, *, reason: str, version: int | None) -> Case:
    """Take the last move back: the state and the times it wrote are as before, the history keeps both."""
    case = locked(case, "cases.update", version)
    step = last_step(case)
    if step is None:
        raise NotAccepted([Problem(field="action", text=_NO_STEP)])
    if not reason.strip():
        raise NotAccepted([Problem(field="reason", text=_NO_REASON)])
    before = case.state
    changes = assign(case, {name: _read(name, old) for name, (old, _) in step.changes.items()})
    save(case)
    note(case, "take_back", from_state=before, changes=changes, text=reason)
    _rebind(case, changes)
    record("cases.update", case, step="take_back", of=step.action)
    return case


_NO_STEP = Text(
    zh="没有可以撤回的步骤：上一次变更不是状态变化。要改时间请用“更正”。",
    en="There is no step to take back. To change a time, use “correct”.",
)


def _read(name: str, value: object) -> object:
    """Give a value of the history as the model holds it."""
    if name == "onset_on" and isinstance(value, str):
        return parse_date(value)
    if name.endswith("_at") and name in FIELDS and isinstance(value, str):
        return parse_datetime(value)
    return value


def _rebind(case: Case, changes: Mapping[str, object]) -> None:
    """Let what hangs on the case be seen by its new facility of care too."""
    if "care_unit_id" in changes:
        follow(case)
