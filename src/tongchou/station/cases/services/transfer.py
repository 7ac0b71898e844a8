"""Handing a case to another place: it leaves one area and arrives in another in one step."""

from django.utils import timezone

from tongchou.station.access.context import system
from tongchou.station.audit.record import record
from tongchou.station.cases.models import Case
from tongchou.station.cases.problems import NotAccepted, Problem
from tongchou.station.cases.services.history import assign, follow, locked, note, save
from tongchou.station.places.models import LEVEL_NAMES, Level, Place
from tongchou.vocabulary.text import Text


def hand_over(case: Case, to: Place, *, reason: str, version: int | None) -> Case:
    """Hand the responsibility for a case to another place, with its samples, interview and history.

    The residence and the facility of care stay what they are. Afterwards the giver may no longer
    see the case unless the person lives there.

    Raises
    ------
    NotAccepted
        If the place is not a county or below, is the same, or no reason is given.
    """
    case = locked(case, "cases.transfer", version)
    problems = []
    if to.level not in (Level.COUNTY, Level.GRID):
        problems.append(
            Problem(
                field="to",
                text=Text(
                    zh="请选择县级地区：{name}是{level}。",
                    en="Choose a county: {name} is a {level}.",
                ).fill(name=to.name, level=LEVEL_NAMES[to.level]),
            )
        )
    if to.pk == case.responsible_id:
        problems.append(Problem(field="to", text=_SAME))
    if not reason.strip():
        problems.append(Problem(field="reason", text=_WHY))
    if problems:
        raise NotAccepted(problems)
    with system("hand-over"):
        changes = assign(
            case,
            {
                "responsible_id": to.pk,
                "responsible_path": to.path,
                "assigned_at": timezone.now(),
            },
        )
        save(case)
        note(case, "hand_over", changes=changes, text=reason)
        follow(case)
        record("cases.transfer", case, to=to.code)
    return case


def move_home(case: Case, residence: Place, *, reason: str, version: int | None) -> Case:
    """Correct where the person lives; the responsible place stays."""
    case = locked(case, "cases.update", version)
    if not reason.strip():
        raise NotAccepted([Problem(field="reason", text=_WHY)])
    with system("a person is seen where they live"):
        changes = assign(case, {"residence_id": residence.pk, "residence_path": residence.path})
        save(case)
        note(case, "correct", changes=changes, text=reason)
        follow(case)
        record("cases.update", case, step="residence", to=residence.code)
    return case


_SAME = Text(zh="该个案已由此地区负责。", en="This place is responsible for the case already.")
_WHY = Text(zh="请写明原因。", en="Give the reason.")
