"""Cases and samples for the FHIR exchange: which rows, as which records, and how they are saved."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.signals import post_delete

from tongchou.station.access.context import current, system
from tongchou.station.access.pseudonyms import pseudonym
from tongchou.station.audit.record import record
from tongchou.station.cases.fhir_saving import Saving
from tongchou.station.cases.models import Case, Identity, Person, Sample
from tongchou.station.exchange.fhir.port import Done, Kind, Port, Refusal, register
from tongchou.station.exchange.fhir.receiving import forget
from tongchou.station.exchange.fhir.records import (
    TIMES,
    CaseRecord,
    Name,
    PersonRecord,
    SampleRecord,
    Story,
)

MODELS: dict[str, Any] = {
    "Patient": Person,
    "Condition": Case,
    "Specimen": Sample,
    "Observation": Sample,
}
LETTER = {"Patient": "P", "Condition": "C", "Specimen": "S"}
NAME = ("name", "document_kind", "document_number", "phone", "address")


def bind() -> None:
    """Register with the exchange, and let it forget what senders called records that are erased."""
    register(
        Port(
            rows=rows,
            story=story,
            visible=visible,
            new_number=lambda kind: pseudonym(LETTER[kind]),
            save=save,
        )
    )
    for model in (Person, Case, Sample):
        post_delete.connect(_forget, sender=model, dispatch_uid=f"fhir-{model.__name__}")


def _forget(instance: Any, **_: object) -> None:
    with system("what senders called an erased record is forgotten"):
        forget({instance.pseudonym})


def rows(kind: Kind) -> "QuerySet[Any]":
    """Give the rows of a kind that the present actor may see; merged ones are part of their keeper."""
    if kind == "Patient":
        cases = Case.objects.filter(person=OuterRef("pk"), merged_into=None)
        return Person.objects.filter(Exists(cases), merged_into=None)
    if kind == "Condition":
        return _cases()
    samples = Sample.objects.select_related("lab_unit", "collected_by", "retest_of", "case__person")
    return samples.exclude(result="") if kind == "Observation" else samples


def _cases() -> "QuerySet[Any]":
    return Case.objects.filter(merged_into=None).select_related(
        "person", "responsible", "residence", "care_unit", "reported_by"
    )


def visible(kind: Kind, numbers: Collection[str]) -> set[str]:
    """Give which of some numbers the present actor may see."""
    return set(
        MODELS[kind].objects.filter(pseudonym__in=numbers).values_list("pseudonym", flat=True)
    )


def story(kind: Kind, found: Sequence[Any], *, names: bool) -> Story:
    """Give what some rows tell; cases come with their persons and samples."""
    if kind == "Patient":
        return Story(persons=persons_of(found, names))
    if kind == "Condition":
        people = list({c.person_id: c.person for c in found}.values())
        samples = rows("Specimen").filter(case__in=[c.pk for c in found]).order_by("pk")
        return Story(
            persons=persons_of(people, names),
            cases=tuple(case_of(c) for c in found),
            samples=tuple(sample_of(s) for s in samples),
        )
    return Story(samples=tuple(sample_of(s) for s in found))


def persons_of(people: Sequence[Person], names: bool) -> tuple[PersonRecord, ...]:
    """Give persons; with their names where asked for, which is audited."""
    known: dict[int, Identity] = {}
    if names:
        keys = [p.pk for p in people]
        known = {i.person_id: i for i in Identity.objects.filter(person_id__in=keys)}
        record("cases.identity", "persons", rows=len(known))
    return tuple(
        PersonRecord(
            number=p.pseudonym,
            sex=p.sex,
            birth_year=p.birth_year,
            occupation=p.occupation,
            health_worker=p.health_worker,
            name=_name(known.get(p.pk)),
        )
        for p in people
    )


def _name(row: Identity | None) -> Name | None:
    made = Name() if row is None else Name(**{n: getattr(row, n) for n in NAME})
    empty = not any((made.name, made.document_number, made.phone, made.address))
    return None if empty else made


def case_of(case: Case) -> CaseRecord:
    """Give a case."""
    times = {t: getattr(case, t) for t in TIMES if getattr(case, t) is not None}
    return CaseRecord(
        number=case.pseudonym,
        person=case.person.pseudonym,
        disease=case.disease,
        definition=case.definition,
        classification=case.classification,
        state=case.state,
        severity=case.severity,
        age=case.age,
        health_worker=case.health_worker,
        responsible=case.responsible_id,
        residence=case.residence_id,
        care_unit=case.care_unit.code if case.care_unit else None,
        reported_by=case.reported_by.code if case.reported_by else None,
        exposed_at=case.exposed_at,
        found_inside=case.found_inside,
        evidence=case.evidence,
        onset_on=case.onset_on,
        reported_at=case.reported_at,
        times=times,
    )


def sample_of(sample: Sample) -> SampleRecord:
    """Give a sample; whose it is only to those who may see cases."""
    who = current().actor
    case = sample.case if who is None or "cases.view" in who.may else None
    return SampleRecord(
        number=sample.pseudonym,
        taken_at=sample.taken_at,
        person=case.person.pseudonym if case else None,
        case=case.pseudonym if case else None,
        kind=sample.kind,
        lab_unit=sample.lab_unit.code if sample.lab_unit else None,
        collected_by=sample.collected_by.code if sample.collected_by else None,
        retest_of=sample.retest_of.pseudonym if sample.retest_of else None,
        received_at=sample.received_at,
        result=sample.result,
        result_at=sample.result_at if sample.result else None,
    )


def save(told: Story) -> tuple[Mapping[tuple[str, str], Done], Sequence[Refusal]]:
    """Save a story, all of it or nothing."""
    saving = Saving(told)
    saving.run()
    return saving.done, saving.refusals
