"""Rows of cases: many reported at once, known ones corrected, possible duplicates found."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from tongchou.station.access.context import actor, current
from tongchou.station.audit.record import record
from tongchou.station.cases.identity_numbers import read_number
from tongchou.station.cases.importing import rows as shared
from tongchou.station.cases.likeness import Candidate
from tongchou.station.cases.matching import find_duplicates, find_repeats
from tongchou.station.cases.models import Case, CaseEvent, Identity, Person
from tongchou.station.cases.problems import NotAccepted
from tongchou.station.cases.services import lifecycle
from tongchou.station.cases.services.history import bounds, find_case
from tongchou.station.cases.services.persons import correct_identity
from tongchou.station.cases.services.reporting import Report, build_case, own_unit, report_case
from tongchou.station.cases.states import states
from tongchou.station.exchange.importable import ChangedRow, Finding, NewRow, Outcome, Record, Value
from tongchou.station.exchange.importables import FIELDS
from tongchou.station.places.models import Place
from tongchou.vocabulary.text import Text, join, same

COLUMNS = {
    "case_number": "pseudonym", "disease": "disease", "classification": "classification", "severity": "severity",
    "onset_on": "onset_on", "visited_at": "visited_at", "isolated_at": "isolated_at", "evidence": "evidence",
    "exposed_at": "exposed_at", "found_inside": "found_inside", "health_worker": "health_worker",
    "occupation": "person__occupation", "household_code": "household_code", "name": "person__identity__name",
    "document_kind": "person__identity__document_kind",
    "document_number": "person__identity__document_number", "phone": "person__identity__phone",
    "address": "person__identity__address", "sex": "sex", "age": "age", "residence": "residence_id",
    "responsible": "responsible_id", "confirmed_at": "confirmed_at", "suspected_at": "suspected_at",
}  # fmt: skip
"""Where each field of the table stands in the database."""
MOMENTS = ("visited_at", "isolated_at", "diagnosed_at")
DIRECT = ("severity", "onset_on", "visited_at", "isolated_at", "evidence", "exposed_at", "found_inside",
          "health_worker", "household_code", "sex", "age")  # fmt: skip
"""Fields that a correction writes as they are."""
ELSEWHERE = ("disease", "residence", "responsible")
LABELS = {f.key: f.label for f in FIELDS["cases"]()}


def records() -> Iterator[Record]:
    """Give every case within reach."""
    for number, values in shared.records_of(_cases(), COLUMNS, "case_number"):
        yield number, _shown(values)


def held(targets: Sequence[str]) -> Mapping[str, Mapping[str, Value | None]]:
    """Give the present values of cases by number; a person without a case is all blanks."""
    found = shared.held_of(_cases(), COLUMNS, "case_number", targets)
    cases = {number: _shown(values) for number, values in found.items()}
    alone = [t for t in targets if t.startswith("P-")]
    persons = Person.objects.filter(pseudonym__in=alone).values_list("pseudonym", flat=True)
    return cases | {p: dict.fromkeys(LABELS) for p in persons}


def _cases():  # type: ignore[no-untyped-def]
    return Case.objects.filter(merged_into=None)


def _shown(values: Mapping[str, Value | None]) -> Mapping[str, Value | None]:
    """Put the time of diagnosis in place of the two times that it may be kept as."""
    shown = dict(values)
    confirmed, suspected = shown.pop("confirmed_at"), shown.pop("suspected_at")
    return {**shown, "diagnosed_at": confirmed or suspected}


def report_of(row: NewRow, places: Mapping[str, Place], person: Person | None = None) -> Report:
    """Give the report that a row makes."""
    values: dict[str, Any] = dict(row.values)
    told = read_number(str(values.get("document_number", "")))
    age = values.get("age")
    if age is None and told:
        onset = values.get("onset_on")
        age = _age(told.born, onset if isinstance(onset, date) else timezone.localdate())
    given = {
        k: v
        for k, v in values.items()
        if k not in ("case_number", "source_number", "residence", "responsible", *MOMENTS, "age")
    }
    if "document_number" in given and "document_kind" not in given:
        given["document_kind"] = _kind(str(given["document_number"]))
    return Report(
        **{"name": "", **given},
        age=age,
        residence=places.get(str(values.get("residence", ""))),
        responsible=shared.responsible_of(values, places),
        person=person,
        visited_at=shared.moment(values.get("visited_at")),
        diagnosed_at=shared.moment(values.get("diagnosed_at")),
        isolated_at=shared.moment(values.get("isolated_at")),
    )


def _kind(document: str) -> str:
    """Say what kind of document a number looks like where the file does not say."""
    return "resident" if re.fullmatch(r"\d{17}[\dX]", document) else "other"


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def save(rows: Sequence[NewRow]) -> list[Outcome]:
    """Report cases of new persons, a few statements for all of them together."""
    places = shared.places_of(rows, "residence", "responsible")
    unit = own_unit() if actor().unit_id else None
    outcomes: list[Outcome] = []
    ready: list[tuple[int, Report, Case]] = []
    for row in rows:
        report = report_of(row, places)
        try:
            ready.append((row.number, report, build_case(report, reported_by=unit)))
        except NotAccepted as fault:
            outcomes.append(shared.refused(row.number, fault))
    _store([(report, case) for _, report, case in ready])
    return outcomes + [Outcome(number=n, target=case.pseudonym) for n, _, case in ready]


def _store(pairs: Sequence[tuple[Report, Case]]) -> None:
    """Write persons, cases, identities and histories: what reporting one writes, for many."""
    persons = Person.objects.bulk_create([_person(report, case) for report, case in pairs])
    for person, (_, case) in zip(persons, pairs, strict=True):
        case.person = person
    Case.objects.bulk_create([case for _, case in pairs])
    Identity.objects.bulk_create([_identity(report, case) for report, case in pairs])
    now, who = timezone.now(), current().actor
    CaseEvent.objects.bulk_create(
        CaseEvent(
            case=case, action="report", from_state=case.state, to_state=case.state,
            happened_at=case.reported_at, known_at=now, by_id=who.post_id if who else None, note=REASON,
            **bounds(case),
        )
        for _, case in pairs
    )  # fmt: skip
    for _, case in pairs:
        record("cases.report", case, classification=case.classification, by="import")


REASON = shared.REASON


def _person(report: Report, case: Case) -> Person:
    told = read_number(report.document_number) if report.document_number else None
    seen = timezone.localdate(case.reported_at).year
    return Person(
        sex=case.sex,
        birth_year=told.born.year if told else None if case.age is None else seen - case.age,
        occupation=report.occupation,
        health_worker=report.health_worker,
        **bounds(case),
    )


def _identity(report: Report, case: Case) -> Identity:
    identity = Identity(
        person=case.person,
        name=report.name,
        document_kind=report.document_kind,
        document_number=report.document_number,
        phone=report.phone,
        address=report.address,
        **bounds(case),
    )
    identity.set_keys()
    return identity


def update(rows: Sequence[ChangedRow]) -> list[Outcome]:
    """Correct known cases; a person chosen in the review who has no case yet gets one."""
    known = [r for r in rows if not r.target.startswith("P-")]
    new = [r for r in rows if r.target.startswith("P-")]
    beyond = {r.number: names for r in known if (names := [n for n in ELSEWHERE if n in r.changes])}
    return [
        *(shared.not_here(number, names, LABELS) for number, names in beyond.items()),
        *shared.each([r for r in known if r.number not in beyond], _correct),
        *shared.each(new, _report_known),
    ]


def _report_known(row: ChangedRow) -> str:
    person = Person.objects.get(pseudonym=row.target)
    as_new = NewRow(number=row.number, values=row.changes)
    places = shared.places_of([as_new], "residence", "responsible")
    unit = own_unit() if actor().unit_id else None
    return report_case(report_of(as_new, places, person), reported_by=unit).pseudonym


def _correct(row: ChangedRow) -> str:
    """Write changes where they belong: identity, occupation, a confirmation, all others."""
    case, changes = find_case(row.target), dict(row.changes)
    identity = {n: str(v) for n, v in changes.items() if n in shared.IDENTITY_FIELDS}
    if identity:
        correct_identity(case, identity, reason=REASON, version=None)
    if "occupation" in changes:
        Person.objects.filter(pk=case.person_id).update(occupation=str(changes["occupation"]))
        record("cases.update", case, step="occupation")
    if (
        case.classification == "suspected"
        and changes.get("classification", "suspected") != "suspected"
    ):
        _confirm(find_case(row.target), changes)
    else:
        stands = "suspected_at" if case.classification == "suspected" else "confirmed_at"
        values = {n: _written(n, changes[n]) for n in (*DIRECT, "classification") if n in changes}
        if "diagnosed_at" in changes:
            values[stands] = shared.moment(changes["diagnosed_at"])
        if values:
            lifecycle.correct(find_case(row.target), values, reason=REASON, version=None)
    return row.target


def _written(name: str, value: Value) -> object:
    return shared.moment(value) if name in MOMENTS else value


def _confirm(case: Case, changes: Mapping[str, Value]) -> None:
    """Confirm a suspected case, then write what else the row brings."""
    values = {
        "classification": changes["classification"],
        "evidence": changes.get("evidence", ""),
        "confirmed_at": shared.moment(changes.get("diagnosed_at")) or timezone.now(),
    }
    case = lifecycle.move(case, "confirm", values, version=None, text=REASON)
    rest = {n: _written(n, changes[n]) for n in DIRECT if n in changes and n != "evidence"}
    if rest:
        lifecycle.correct(case, rest, reason=REASON, version=None)


def check(rows: Sequence[NewRow]) -> list[Finding]:
    """Find persons on record who may be those of the rows, and rows that may be one person."""
    places = shared.places_of(rows, "residence")
    asked = [_candidate(r, places) for r in rows]
    found = find_duplicates(asked)
    cases = _latest_cases({m.person for m in found})
    names = _names({m.person for m in found})
    if found:
        record("cases.identity", "duplicates", rows=len(found), persons=sorted(names)[:50])
    findings = [
        Finding(
            number=int(m.row),
            target=cases[m.person].pseudonym if m.person in cases else m.person,
            label=_label(names.get(m.person, ""), m.person, cases.get(m.person)),
            score=100 * m.score,
            reason=join(list(m.reasons)),
        )
        for m in found
    ]
    return findings + [
        Finding(number=int(m.row), earlier=int(m.other_row)) for m in find_repeats(asked)
    ]


def _candidate(row: NewRow, places: Mapping[str, Place]) -> Candidate:
    values = row.values
    told = read_number(str(values.get("document_number", "")))
    age, home = values.get("age"), places.get(str(values.get("residence", "")))
    return Candidate(
        row=str(row.number),
        name=str(values.get("name", "")),
        sex=str(values.get("sex", told.sex if told else "")),
        birth_date=told.born if told else None,
        birth_year=None if age is None else timezone.localdate().year - int(age),  # type: ignore[arg-type]
        document=str(values.get("document_number", "")),
        phone=str(values.get("phone", "")),
        path=home.path if home else "",
    )


def _latest_cases(persons: set[str]) -> dict[str, Case]:
    rows = _cases().filter(person__pseudonym__in=persons).select_related("person").order_by("pk")
    return {c.person.pseudonym: c for c in rows}


def _names(persons: set[str]) -> dict[str, str]:
    rows = Identity.objects.filter(person__pseudonym__in=persons)
    return dict(rows.values_list("person__pseudonym", "name"))


def _label(name: str, person: str, case: Case | None) -> Text:
    """Say who a row may be: name and case with its state, or the person without a case."""
    if case is None:
        return Text(zh=f"{name} · {person}（没有病例）", en=f"{name} · {person} (no case)")
    state = states()[case.state].label
    onset = same(f" · {case.onset_on}") if case.onset_on else same("")
    return Text(
        zh=f"{name} · {case.pseudonym} · {state.zh}{onset.zh}",
        en=f"{name} · {case.pseudonym} · {state.en}{onset.en}",
    )
