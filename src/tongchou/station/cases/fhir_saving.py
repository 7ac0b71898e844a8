"""Saving what a FHIR bundle tells: new records in bulk, known ones field by field, each rule asked.

What a bundle does not say stays as it is. A known case moves to another state only along the table
of states, its place only by a hand-over, and a result that stands only by a correction.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from django.utils import timezone

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require
from tongchou.station.audit.record import record
from tongchou.station.cases.fhir_samples import SampleSaving
from tongchou.station.cases.fhir_told import FIXED, UNKNOWN
from tongchou.station.cases.models import Case, CaseEvent, Identity, Person
from tongchou.station.cases.models.case import SETTING_NAMES
from tongchou.station.cases.problems import Problem
from tongchou.station.cases.services.contacts import link_case
from tongchou.station.cases.services.history import assign, bounds, follow, note, tests_of, times_of
from tongchou.station.cases.services.history import save as save_case
from tongchou.station.cases.states import RULES, Swab, evidence, moves, states
from tongchou.station.cases.tables import (
    Definition,
    definition,
    definition_on,
    definitions,
    diseases,
)
from tongchou.station.cases.times import check_times
from tongchou.station.exchange.fhir.records import (
    CaseRecord,
    Name,
    PersonRecord,
)
from tongchou.vocabulary.text import Text

PLAIN = ("severity", "age", "health_worker", "exposed_at", "found_inside", "evidence", "onset_on")
"""Fields of a case that are taken as they are told."""


class Saving(SampleSaving):
    """One story on its way into the tables."""

    def run(self) -> None:
        """Check all, then write all; with any refusal nothing is written."""
        fresh = self._checked_cases()
        fresh_samples = self._checked_samples(fresh)
        self._stray_persons()
        if self.refusals:
            return
        self._write_new(fresh)
        self._update_persons()
        self._update_cases()
        self._write_samples(fresh_samples)
        self._add_results()

    def _checked_cases(self) -> dict[str, Case]:
        """Give the new cases of the story, each checked."""
        fresh = {}
        people = {p.number: p for p in self.told.persons}
        for told in self.told.cases:
            if self._unknown_words(told) or told.number in self.cases:
                continue
            case = self._draft(told, people.get(told.person))
            problems = [*self._state_problems(case), *self._evidence_problems(case, told)]
            problems += check_times(
                times_of(case), now=self.now, zone=timezone.get_current_timezone()
            )
            for problem in problems:
                self.refuse("Condition", told.number, problem.field, problem.text)
            self.ask(told.number, "cases.report", case)
            fresh[told.number] = case
        return fresh

    def _unknown_words(self, told: CaseRecord) -> bool:
        """Refuse words that no table here has; True if there are any."""
        before = len(self.refusals)
        for field, value, known in (
            ("state", told.state, states()),
            ("disease", told.disease, diseases()),
            ("exposure-setting", told.exposed_at, {"": "", **SETTING_NAMES}),
            ("definition", told.definition, {"": "", **self._editions(told.disease)}),
            ("responsible-place", told.responsible, {None: "", **self.places}),
            ("residence-place", told.residence, {None: "", **self.places}),
            ("care-unit", told.care_unit, {None: "", **self.units}),
            ("reporting-unit", told.reported_by, {None: "", **self.units}),
        ):
            if value not in known:
                self.refuse("Condition", told.number, field, UNKNOWN.fill(value=value))
        return len(self.refusals) > before

    def _editions(self, disease: str) -> dict[str, Definition]:
        return {d.name: d for d in definitions(disease)}

    def _draft(self, told: CaseRecord, person: PersonRecord | None) -> Case:
        who = actor()
        responsible = self.places.get(told.responsible or who.place)
        residence = self.places.get(told.residence or "")
        unit = self.units.get(told.reported_by or "")
        edition = (
            told.definition
            or definition_on(
                told.disease, timezone.localdate(told.times.get("confirmed_at") or self.now)
            ).name
        )
        return Case(
            pseudonym=told.number,
            disease=told.disease,
            definition=edition,
            classification=told.classification,
            state=told.state,
            sex=person.sex if person else "unknown",
            responsible=responsible,
            responsible_path=responsible.path if responsible else "",
            residence=residence,
            residence_path=residence.path if residence else "",
            care_unit=self.units.get(told.care_unit or ""),
            reported_by_id=unit.pk if unit else who.unit_id,
            reported_at=told.reported_at or self.now,
            **{name: getattr(told, name) for name in PLAIN},
            **told.times,
        )

    def _state_problems(self, case: Case) -> list[Problem]:
        """Ask for the time that a state is entered with."""
        stamps = {m.stamps for m in moves() if m.to == case.state and m.start != m.to and m.stamps}
        if case.state == "suspected" or not stamps:
            return []
        if any(getattr(case, s) is not None for s in stamps):
            return []
        return [Problem(field="case-time", text=_NO_TIME.fill(state=states()[case.state].label, times="|".join(sorted(stamps))))]  # fmt: skip

    def _evidence_problems(self, case: Case, told: CaseRecord) -> list[Problem]:
        if case.classification == "suspected":
            return []
        tests = [Swab(taken_at=s.taken_at, result=s.result) for s in self.told.samples if s.case == told.number]  # fmt: skip
        # A sender who says when a case was confirmed has confirmed it: that counts as written.
        written = told.evidence or ("confirmed_at" if told.times.get("confirmed_at") else "")
        return evidence(case.classification, tests, written, definition(case.disease, case.definition))  # fmt: skip

    def _write_new(self, fresh: Mapping[str, Case]) -> None:
        """Write new persons with their cases, in bulk."""
        people = {p.number: p for p in self.told.persons}
        first = {c.person: fresh[c.number] for c in self.told.cases if c.number in fresh}
        made = [
            _person(people[n], case) for n, case in first.items() if n in people and n not in self.persons
        ]  # fmt: skip
        Person.objects.bulk_create(made)
        Identity.objects.bulk_create([_identity(p, people[p.pseudonym].name) for p in made])
        known = {**self.persons, **{p.pseudonym: p for p in made}}
        for told in self.told.cases:
            if told.number in fresh:
                fresh[told.number].person = known[told.person]
        Case.objects.bulk_create(list(fresh.values()))
        CaseEvent.objects.bulk_create([_first_event(case, self.now) for case in fresh.values()])
        new_people = {p.pseudonym for p in made}
        for told in self.told.cases:
            case = fresh.get(told.number)
            if case is None:
                continue
            self.done["Condition", told.number] = "created"
            record("cases.report", case, classification=case.classification, through="fhir")
            if told.person not in new_people:
                follow(case)
                link_case(case)
        self.done |= {("Patient", n): "created" for n in new_people}
        self.cases_by_number = {**self.cases, **fresh}

    def _update_cases(self) -> None:
        for told in self.told.cases:
            case = self.cases.get(told.number)
            if case is not None:
                self._update_case(case, told)

    def _update_case(self, case: Case, told: CaseRecord) -> None:
        """Write what a bundle tells anew of a known case."""
        for field, now, then in (
            ("responsible-place", case.responsible_id, told.responsible),
            (
                "reporting-unit",
                case.reported_by.code if case.reported_by else None,
                told.reported_by,
            ),
            ("subject", case.person.pseudonym, told.person),
        ):
            if then is not None and then != now:
                self.refuse("Condition", told.number, field, FIXED)
        before = case.state
        changes = assign(case, self._told_values(case, told))
        if not changes:
            self.done["Condition", told.number] = "unchanged"
            return
        self.ask(told.number, "cases.update", case)
        problems = check_times(times_of(case), now=self.now, zone=timezone.get_current_timezone())
        if case.state != before:
            problems += self._move_problems(case, before)
        for problem in problems:
            self.refuse("Condition", told.number, problem.field, problem.text)
        if self.refusals:
            return
        save_case(case)
        note(case, "import", from_state=before, changes=changes)
        if {"residence_path", "care_unit_id"} & set(changes):
            follow(case)
        record("cases.update", case, fields=sorted(changes), through="fhir")
        self.done["Condition", told.number] = "updated"

    def _told_values(self, case: Case, told: CaseRecord) -> dict[str, object]:
        values: dict[str, object] = {
            n: getattr(told, n)
            for n in (*PLAIN, "definition")
            if getattr(told, n) not in (None, "")
        }
        values |= {"classification": told.classification, "state": told.state, **told.times}
        if told.reported_at is not None:
            values["reported_at"] = told.reported_at
        if told.residence is not None:
            place = self.places[told.residence]
            values |= {"residence_id": place.code, "residence_path": place.path}
        if told.care_unit is not None:
            values["care_unit_id"] = self.units[told.care_unit].pk
        return values

    def _move_problems(self, case: Case, before: str) -> list[Problem]:
        """Ask whether the table of states leads there, and for the rule of the last step."""
        if case.state not in _reachable(before):
            return [Problem(field="state", text=_NO_WAY.fill(now=states()[before].label, then=states()[case.state].label))]  # fmt: skip
        rules = {m.rule for m in moves() if m.to == case.state and m.rule == "two_negatives"}
        found = self._state_problems(case)
        for rule in rules:
            told = [Swab(taken_at=s.taken_at, result=s.result) for s in self.told.samples if s.case == case.pseudonym]  # fmt: skip
            found += RULES[rule]([*tests_of(case), *told])
        return found

    # Persons.

    def _stray_persons(self) -> None:
        told_of = {c.person for c in self.told.cases}
        for person in self.told.persons:
            if person.number not in self.persons and person.number not in told_of:
                self.refuse("Patient", person.number, "", _STRAY)

    def _update_persons(self) -> None:
        for told in self.told.persons:
            person = self.persons.get(told.number)
            if person is None:
                continue
            values = {
                n: getattr(told, n)
                for n in ("birth_year", "occupation", "health_worker")
                if getattr(told, n) not in (None, "")
            }
            if told.sex != "unknown":
                values["sex"] = told.sex
            changed = sorted(n for n, v in values.items() if getattr(person, n) != v)
            named = self._rename(person, told.name)
            if changed:
                require("cases.update", person)
                for name in changed:
                    setattr(person, name, values[name])
                person.save()
                record("cases.update", person, fields=changed, through="fhir")
            self.done["Patient", told.number] = "updated" if changed or named else "unchanged"

    def _rename(self, person: Person, told: Name | None) -> bool:
        """Write a name told anew; what it was stays beside it, and nowhere else."""
        if told is None:
            return False
        row = self.identities.get(person.pk)
        if row is None:
            return False
        new = {n: getattr(told, n) for n in Name.__slots__ if getattr(told, n)}
        if not told.document_number:
            new.pop("document_kind", None)
        changed = {n: [getattr(row, n), v] for n, v in new.items() if getattr(row, n) != v}
        if not changed:
            return False
        require("cases.update", row)
        for name, (_, value) in changed.items():
            setattr(row, name, value)
        row.former = [
            *row.former,
            {"at": self.now.isoformat(), "reason": "FHIR", "changes": changed},
        ]
        row.save()
        record("cases.identity", person, step="correct", fields=sorted(changed))
        return True


def _person(told: PersonRecord, case: Case) -> Person:
    return Person(
        pseudonym=told.number,
        sex=told.sex,
        birth_year=told.birth_year,
        occupation=told.occupation[:60],
        health_worker=told.health_worker,
        **bounds(case),
    )


def _identity(person: Person, told: Name | None) -> Identity:
    row = Identity(person=person, **bounds_of(person))
    for name in Name.__slots__ if told else ():
        setattr(row, name, getattr(told, name))
    row.set_keys()
    return row


def bounds_of(person: Person) -> dict[str, object]:
    """Give the columns that an identity copies from its person."""
    names = ("responsible_path", "residence_path", "care_unit_id", "reported_by_id")
    return {n: getattr(person, n) for n in names}


def _first_event(case: Case, now: datetime) -> CaseEvent:
    return CaseEvent(
        case=case,
        action="import",
        from_state=case.state,
        to_state=case.state,
        happened_at=case.reported_at,
        known_at=now,
        by_id=actor().post_id,
        note="FHIR",
        **bounds(case),
    )


@cache
def _reachable(start: str) -> frozenset[str]:
    """Give the states that the table leads to from one."""
    found: set[str] = set()
    ahead = [start]
    while ahead:
        here = ahead.pop()
        for move in moves():
            if move.start == here and move.to not in found:
                found.add(move.to)
                ahead.append(move.to)
    return frozenset(found)


_NO_TIME = Text(
    zh="状态“{state}”须附时间（{times} 之一）。",
    en="The state “{state}” needs its time (one of {times}).",
)
_NO_WAY = Text(
    zh="个案不能从“{now}”变为“{then}”。请核对状态。",
    en="A case does not go from “{now}” to “{then}”. Check the state.",
)
_STRAY = Text(
    zh="新人员须与其病例一并发送。请加上 Condition。",
    en="A new person comes with a case. Add the Condition.",
)
