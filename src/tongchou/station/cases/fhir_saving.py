"""Saving what a FHIR bundle tells: new records in bulk, known ones field by field, each rule asked.

What a bundle does not say stays as it is. A known case moves to another state only along the table
of states, its place only by a hand-over, and a result that stands only by a correction.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache, cached_property

from django.utils import timezone

from tongchou.station.access.context import actor
from tongchou.station.access.managers import Refused, require
from tongchou.station.audit.record import record
from tongchou.station.cases.models import Case, CaseEvent, Identity, Person, Sample
from tongchou.station.cases.models.case import SETTING_NAMES
from tongchou.station.cases.problems import NotAccepted, Problem
from tongchou.station.cases.services.contacts import link_case
from tongchou.station.cases.services.history import assign, bounds, follow, note, tests_of, times_of
from tongchou.station.cases.services.history import save as save_case
from tongchou.station.cases.services.sampling import Entered, enter_results, priority_of
from tongchou.station.cases.states import RULES, Swab, evidence, moves, states
from tongchou.station.cases.tables import (
    Definition,
    definition,
    definition_on,
    definitions,
    diseases,
)
from tongchou.station.cases.times import check_times
from tongchou.station.exchange.fhir.port import Done, Kind, Refusal
from tongchou.station.exchange.fhir.records import (
    CaseRecord,
    Name,
    PersonRecord,
    SampleRecord,
    Story,
)
from tongchou.station.places.models import Place, Unit, UnitKind
from tongchou.vocabulary.text import Text

PLAIN = ("severity", "age", "health_worker", "exposed_at", "found_inside", "evidence", "onset_on")
"""Fields of a case that are taken as they are told."""
ACTION = "exchange.import"


class Saving:
    """One story on its way into the tables."""

    def __init__(self, told: Story) -> None:
        self.told = told
        self.done: dict[tuple[str, str], Done] = {}
        self.refusals: list[Refusal] = []
        self.now = timezone.now()

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

    def refuse(self, kind: Kind, number: str, field: str, text: Text) -> None:
        """Note that a record is refused."""
        self.refusals.append(Refusal(kind=kind, number=number, field=field, zh=text.zh, en=text.en))

    # What is there already, read once for the whole story.

    @cached_property
    def persons(self) -> Mapping[str, Person]:
        """Persons on record that the story tells of."""
        wanted = {p.number for p in self.told.persons} | {c.person for c in self.told.cases}
        return {p.pseudonym: p for p in Person.objects.filter(pseudonym__in=wanted)}

    @cached_property
    def cases(self) -> Mapping[str, Case]:
        """Cases on record that the story tells of; those that the actor may change are locked."""
        wanted = {c.number for c in self.told.cases} | {s.case for s in self.told.samples if s.case}
        list(Case.objects.select_for_update().filter(pseudonym__in=wanted).values_list("pk"))
        found = Case.objects.filter(pseudonym__in=wanted).select_related("person", "reported_by")
        return {c.pseudonym: c for c in found}

    @cached_property
    def samples(self) -> Mapping[str, Sample]:
        """Samples on record that the story tells of."""
        wanted = {s.number for s in self.told.samples} | {r.sample for r in self.told.results}
        wanted |= {s.retest_of for s in self.told.samples if s.retest_of}
        found = Sample.objects.filter(pseudonym__in=wanted)
        return {s.pseudonym: s for s in found}

    @cached_property
    def identities(self) -> Mapping[int, Identity]:
        """Identities of the persons on record, for those who may see them; only where names are told."""
        if not any(p.name for p in self.told.persons):
            return {}
        keys = [p.pk for p in self.persons.values()]
        return {i.person_id: i for i in Identity.objects.filter(person_id__in=keys)}

    @cached_property
    def places(self) -> Mapping[str, Place]:
        """Places that the story names."""
        wanted = {code for c in self.told.cases for code in (c.responsible, c.residence) if code}
        return {p.code: p for p in Place.objects.filter(code__in=wanted | {actor().place})}

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        """Units that the story names."""
        wanted = {u for c in self.told.cases for u in (c.care_unit, c.reported_by)}
        wanted |= {u for s in self.told.samples for u in (s.lab_unit, s.collected_by)}
        return {u.code: u for u in Unit.objects.filter(code__in=wanted - {None})}

    # Cases.

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
            self._ask(told.number, "cases.report", case)
            fresh[told.number] = case
        return fresh

    def _ask(self, number: str, action: str, case: Case) -> None:
        """Ask the gate; a case that may not be written there is refused like one that is not there."""
        try:
            require(action, case)
        except Refused as refused:
            self.refuse("Condition", number, "", refused.text())

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
                self.refuse("Condition", told.number, field, _UNKNOWN.fill(value=value))
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
                self.refuse("Condition", told.number, field, _FIXED)
        before = case.state
        changes = assign(case, self._told_values(case, told))
        if not changes:
            self.done["Condition", told.number] = "unchanged"
            return
        self._ask(told.number, "cases.update", case)
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

    # Samples.

    def _checked_samples(self, fresh: Mapping[str, Case]) -> list[SampleRecord]:
        """Give the new samples of the story, each checked."""
        new = []
        for told in self.told.samples:
            case = fresh.get(told.case or "") or self.cases.get(told.case or "")
            for at, text in self._sample_problems(told):
                self.refuse("Specimen", told.number, at, text)
            if told.number in self.samples:
                self._check_known_sample(told, self.samples[told.number])
                continue
            if case is None:
                self.refuse("Specimen", told.number, "case", _NO_CASE)
                continue
            if told.case in self.cases:
                self._ask(told.case or "", "samples.collect", case)
            new.append(told)
        return new

    def _sample_problems(self, told: SampleRecord) -> Iterable[tuple[str, Text]]:
        if told.taken_at > self.now or (told.result_at and told.result_at > self.now):
            yield "collection", _FUTURE
        if told.result_at and told.result_at < told.taken_at:
            yield "collection", _BACKWARDS
        lab = self.units.get(told.lab_unit or "")
        if told.lab_unit and (lab is None or lab.kind != UnitKind.LABORATORY):
            yield "laboratory", _UNKNOWN.fill(value=told.lab_unit)
        if told.collected_by and told.collected_by not in self.units:
            yield "collecting-unit", _UNKNOWN.fill(value=told.collected_by)

    def _check_known_sample(self, told: SampleRecord, sample: Sample) -> None:
        if told.taken_at != sample.taken_at or told.kind != sample.kind:
            self.refuse("Specimen", told.number, "collection", _FIXED)
        if told.result and sample.result and told.result != sample.result:
            self.refuse("Specimen", told.number, "", _STANDS)

    def _write_samples(self, new: Iterable[SampleRecord]) -> None:
        rows = [self._sample(told) for told in new]
        Sample.objects.bulk_create(rows)
        known = {**self.samples, **{s.pseudonym: s for s in rows}}
        for told in self.told.samples:
            if told.retest_of and known[told.number].retest_of_id is None:
                known[told.number].retest_of = known.get(told.retest_of)
                known[told.number].save(update_fields=["retest_of"])
        taken: dict[str, list[Sample]] = defaultdict(list)
        for told, sample in zip(new, rows, strict=True):
            taken[told.case or ""].append(sample)
            self.done["Specimen", told.number] = "created"
            self.done["Observation", f"{told.number}-result"] = "created"
            record("samples.collect", sample, case=told.case, through="fhir")
        for number, samples in taken.items():
            self._tell_case(self.cases_by_number[number], samples)
        for told in self.told.samples:
            if told.number in self.samples:
                self._update_sample(told, self.samples[told.number])

    def _sample(self, told: SampleRecord) -> Sample:
        case = self.cases_by_number[told.case or ""]
        lab, by = self.units.get(told.lab_unit or ""), self.units.get(told.collected_by or "")
        return Sample(
            pseudonym=told.number,
            case=case,
            kind=told.kind,
            lab_unit=lab,
            collected_by=by,
            priority=priority_of(case, retest=told.retest_of is not None),
            taken_at=told.taken_at,
            received_at=told.received_at,
            result=told.result,
            result_at=told.result_at,
            **bounds(case),
        )

    def _tell_case(self, case: Case, samples: Iterable[Sample]) -> None:
        """Let the first sample and the first result stand on the case."""
        values = {}
        for name, times in (
            ("sampled_at", [s.taken_at for s in samples]),
            ("result_at", [s.result_at for s in samples if s.result_at]),
        ):
            now = getattr(case, name)
            if times and (now is None or min(times) < now):
                values[name] = min(times)
        changes = assign(case, values)
        if changes:
            save_case(case)
            note(case, "import", changes=changes)

    def _update_sample(self, told: SampleRecord, sample: Sample) -> None:
        changed = []
        lab = self.units.get(told.lab_unit or "")
        if lab is not None and sample.lab_unit_id != lab.pk:
            require("samples.collect", sample)
            sample.lab_unit = lab
            changed.append("lab_unit")
        if told.received_at is not None and sample.received_at != told.received_at:
            require("samples.collect", sample)
            sample.received_at = told.received_at
            changed.append("received_at")
        if changed:
            sample.save(update_fields=changed)
            record("samples.collect", sample, fields=changed, through="fhir")
        got = self._result(sample, told.result, told.result_at)
        self.done["Specimen", told.number] = "updated" if changed else "unchanged"
        self.done["Observation", f"{told.number}-result"] = got

    def _add_results(self) -> None:
        for told in self.told.results:
            sample = self.samples[told.sample]
            got = self._result(sample, told.result, told.result_at)
            self.done["Observation", f"{told.sample}-result"] = got

    def _result(self, sample: Sample, result: str, at: datetime | None) -> Done:
        if not result or at is None or sample.result == result:
            return "unchanged"
        try:
            enter_results([Entered(sample=sample, result=result, result_at=at)])
        except NotAccepted as refused:
            for problem in refused.problems:
                self.refuse("Observation", f"{sample.pseudonym}-result", "", problem.text)
            return "unchanged"
        return "updated"


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


_UNKNOWN = Text(
    zh="本站没有“{value}”。请核对代码。", en="There is no “{value}” here. Check the code."
)
_NO_TIME = Text(
    zh="状态“{state}”须附时间（{times} 之一）。",
    en="The state “{state}” needs its time (one of {times}).",
)
_NO_WAY = Text(
    zh="个案不能从“{now}”变为“{then}”。请核对状态。",
    en="A case does not go from “{now}” to “{then}”. Check the state.",
)
_FIXED = Text(
    zh="与在案的不同，而此项不能经 FHIR 更改。责任地请用移交，其余请在页面上更正。",
    en="It differs from what is on record, and FHIR does not change it. Hand the case over for its place; correct the rest on its page.",
)
_STRAY = Text(
    zh="新人员须与其病例一并发送。请加上 Condition。",
    en="A new person comes with a case. Add the Condition.",
)
_NO_CASE = Text(
    zh="新样本须指明病例（extension case）。",
    en="A new sample has to name its case (extension case).",
)
_FUTURE = Text(zh="时间晚于现在。请核对。", en="The time lies after now. Check it.")
_BACKWARDS = Text(zh="结果早于采样。请核对。", en="The result lies before the sample. Check both.")
_STANDS = Text(
    zh="此样本已有不同的结果。要更改请在页面上更正并写明原因。",
    en="This sample has another result already. Correct it on its page, with a reason.",
)
