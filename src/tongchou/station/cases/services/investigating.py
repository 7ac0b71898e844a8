"""The interview of a case: opened once, saved as a draft, completed on purpose."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils import timezone

from tongchou.station.access.context import current
from tongchou.station.access.managers import require
from tongchou.station.audit.record import record
from tongchou.station.cases.models import Case, Investigation
from tongchou.station.cases.problems import ChangedMeanwhile, NotAccepted, Problem
from tongchou.station.cases.services.history import assign, bounds, locked, note, save
from tongchou.station.cases.tables import number, table, words
from tongchou.vocabulary.text import Text

SYMPTOMS: Mapping[str, Text] = {r["symptom"]: words(r) for r in table("symptoms")}
ANSWERS = (
    "symptoms",
    "contacts_from",
    "settings",
    "travelled",
    "travel_place",
    "met_case",
    "source_known",
    "source_setting",
    "source_note",
    "contacts_named",
)
NEEDED: Mapping[str, Text] = {
    "settings": Text(zh="窗口期内到过的场所", en="settings within the window"),
    "met_case": Text(zh="是否接触过病例", en="whether they met a case"),
    "travelled": Text(zh="发病前 14 天是否外出", en="travel in the 14 days before onset"),
    "source_known": Text(zh="感染来源是否明确", en="whether the source is known"),
    "contacts_named": Text(zh="已判定的密切接触者人数", en="number of contacts named"),
}
"""What an interview must answer before it counts as completed."""


def window_start(onset: date | None, first_positive: date | None) -> date | None:
    """Give the first day on which somebody met may be a contact.

    >>> window_start(date(2020, 2, 10), None)
    datetime.date(2020, 2, 8)
    """
    first = onset or first_positive
    return None if first is None else first - timedelta(days=number("contact_window_days"))


def _window(case: Case) -> date | None:
    positive = (
        case.samples.filter(result="positive")
        .order_by("taken_at")
        .values_list("taken_at", flat=True)
    ).first()
    return window_start(case.onset_on, timezone.localdate(positive) if positive else None)


def open_interview(case: Case) -> Investigation:
    """Give the interview of a case, begun now if there is none."""
    found: Investigation | None = Investigation.objects.filter(case=case).first()
    if found is not None:
        return found
    case = locked(case, "cases.investigate", None)
    who = current().actor
    made, fresh = Investigation.objects.get_or_create(
        case=case,
        defaults={
            "by_id": who.post_id if who else None,
            "contacts_from": _window(case),
            **bounds(case),
        },
    )
    if fresh:
        note(case, "investigate")
        record("cases.investigate", case, step="open")
    return made


def save_interview(
    interview: Investigation,
    answers: Mapping[str, object],
    *,
    complete: bool,
    version: int | None,
) -> Investigation:
    """Save the answers; completing stops the clock of the case and names its setting of exposure.

    Raises
    ------
    NotAccepted
        If it is to be completed and a needed answer is missing.
    """
    require("cases.investigate", interview)
    interview = Investigation.objects.select_for_update().get(pk=interview.pk)
    case = locked(interview.case, "cases.investigate", None)
    if version is not None and interview.version != version:
        raise ChangedMeanwhile(case.pseudonym, version, interview.version)
    changed = [n for n in ANSWERS if n in answers and getattr(interview, n) != answers[n]]
    for name in changed:
        setattr(interview, name, answers[name])
    if complete:
        missing = unanswered(interview)
        if missing:
            raise NotAccepted(missing)
        interview.completed_at = interview.completed_at or timezone.now()
    interview.version += 1
    interview.save()
    _tell_case(case, interview, complete=complete)
    record("cases.investigate", case, step="complete" if complete else "save", fields=changed)
    return interview


def unanswered(interview: Investigation) -> list[Problem]:
    """Give a problem for each answer that a completed interview needs."""
    return [
        Problem(
            field=name,
            text=Text(
                zh="完成流调前需要填写“{field}”。",
                en="Before the investigation is complete, enter {field}.",
            ).fill(field=label),
        )
        for name, label in NEEDED.items()
        if getattr(interview, name) in (None, "", [])
    ]


def _tell_case(case: Case, interview: Investigation, *, complete: bool) -> None:
    told: dict[str, object] = {}
    if interview.source_setting and interview.source_setting != case.exposed_at:
        told["exposed_at"] = interview.source_setting
    if complete and case.investigated_at is None:
        told["investigated_at"] = interview.completed_at
    if not told:
        return
    changes = assign(case, told)
    save(case)
    note(case, "investigated" if complete else "interview", changes=changes)
