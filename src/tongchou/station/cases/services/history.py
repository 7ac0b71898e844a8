"""The history of a case, and the lock that two people changing it at once meet."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache

from django.utils import timezone

from tongchou.station.access.context import current, system
from tongchou.station.access.managers import Refused, require
from tongchou.station.access.policy import Decision
from tongchou.station.cases.models import Case, CaseEvent, Identity, Person
from tongchou.station.cases.models.case import CaseBound
from tongchou.station.cases.problems import ChangedMeanwhile
from tongchou.station.cases.states import Swab
from tongchou.station.cases.times import FIELDS
from tongchou.vocabulary.text import Text

BOUNDS = ("responsible_path", "residence_path", "care_unit_id", "reported_by_id")
"""Columns that everything hanging on a case copies."""


def bounds(case: Case) -> dict[str, object]:
    """Give the columns that a row hanging on a case copies."""
    return {name: getattr(case, name) for name in BOUNDS}


def times_of(case: Case) -> dict[str, date | datetime | None]:
    """Give every time of a case by name."""
    return {name: getattr(case, name) for name in FIELDS}


def moments_of(case: Case) -> dict[str, datetime | None]:
    """Give the times of a case that a clock can read: all but the day of onset."""
    return {name: getattr(case, name) for name in FIELDS if name != "onset_on"}


def tests_of(case: Case) -> list[Swab]:
    """Give the samples of a case as the rules read them."""
    return [
        Swab(taken_at=taken, result=result)
        for taken, result in case.samples.values_list("taken_at", "result")
    ]


def find_case(number: str) -> Case:
    """Give a case that the present actor may see.

    Raises
    ------
    Refused
        If there is none, or it is not theirs: the two look the same.
    """
    found = None if "\x00" in number else Case.objects.filter(pseudonym=number).first()
    if found is None:
        raise Refused("cases.view", f"cases.case:{number}", Decision(allowed=False, reason=_NONE))
    return found


_NONE = Text(zh="不存在或不在范围内", en="not there or not within reach")


def locked(case: Case, action: str, version: int | None) -> Case:
    """Give the case for a change: gate asked, row locked, version compared.

    Raises
    ------
    Refused
        If the present actor may not.
    ChangedMeanwhile
        If somebody changed it since ``version``.
    """
    require(action, case)
    fresh: Case = Case.objects.select_for_update().get(pk=case.pk)
    if version is not None and fresh.version != version:
        raise ChangedMeanwhile(fresh.pseudonym, version, fresh.version)
    return fresh


def note(
    case: Case,
    action: str,
    *,
    from_state: str = "",
    happened_at: datetime | None = None,
    changes: Mapping[str, object] | None = None,
    text: str = "",
) -> CaseEvent:
    """Append to the history of a case."""
    who = current().actor
    now = timezone.now()
    return CaseEvent.objects.create(
        case=case,
        action=action,
        from_state=from_state or case.state,
        to_state=case.state,
        happened_at=happened_at or now,
        known_at=now,
        by_id=who.post_id if who else None,
        note=text,
        changes=dict(changes or {}),
        **bounds(case),
    )


def assign(case: Case, values: Mapping[str, object]) -> dict[str, list[object]]:
    """Write values on a case and give what changed as ``{field: [old, new]}``."""
    changes: dict[str, list[object]] = {}
    for name, new in values.items():
        old = getattr(case, name)
        if old != new:
            changes[name] = [plain(old), plain(new)]
            setattr(case, name, new)
    return changes


def plain(value: object) -> object:
    """Give a value as it is kept in a history."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if value is None or isinstance(value, (str, int, bool)):
        return value
    return str(getattr(value, "code", value))


def save(case: Case) -> None:
    """Save a case as its next version."""
    case.version += 1
    case.save()


@cache
def hanging() -> tuple[type[CaseBound], ...]:
    """Give the models whose rows hang on a case: history, samples, interview and whatever else."""
    return tuple(
        r.related_model
        for r in Case._meta.related_objects
        if r.field.name == "case" and issubclass(r.related_model, CaseBound)
    )


def follow(case: Case) -> None:
    """Let everything that hangs on a case, and its person, be seen where the case is."""
    where = bounds(case)
    with system("what hangs on a case is seen where the case is"):
        for model in hanging():
            model.objects.filter(case=case).update(**where)
        Person.objects.filter(pk=case.person_id).update(**where)
        Identity.objects.filter(person_id=case.person_id).update(**where)
