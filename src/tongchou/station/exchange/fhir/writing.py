"""From records to resources of FHIR R4 (4.0.1). Pure; element by element on the methods page."""

from datetime import datetime
from typing import Any

from tongchou.station.exchange.fhir import codes
from tongchou.station.exchange.fhir.records import CaseRecord, PersonRecord, SampleRecord, Story

Resource = dict[str, Any]
RESOLVED, INACTIVE = ("recovered", "released"), ("excluded", "died", "transferred")


def resources(story: Story) -> list[Resource]:
    """Give every resource of a story: persons, cases, samples, results."""
    return [
        *map(patient, story.persons),
        *map(condition, story.cases),
        *map(specimen, story.samples),
        *(observation(s) for s in story.samples if s.result),
    ]


def patient(person: PersonRecord) -> Resource:
    """Give a person as a ``Patient``."""
    who = person.name
    return _compact(
        {
            "resourceType": "Patient",
            "id": person.number,
            "identifier": [
                {"system": codes.PERSON, "value": person.number},
                *(
                    [
                        {
                            "system": codes.coding("document", who.document_kind)["system"],
                            "value": who.document_number,
                        }
                    ]
                    if who and who.document_number
                    else []
                ),
            ],
            "name": [{"text": who.name}] if who and who.name else None,
            "telecom": [{"system": "phone", "value": who.phone}] if who and who.phone else None,
            "gender": person.sex,
            "birthDate": None if person.birth_year is None else f"{person.birth_year:04d}",
            "address": [{"text": who.address}] if who and who.address else None,
            "extension": _extensions(
                ("occupation", "valueString", person.occupation or None),
                ("health-worker", "valueBoolean", person.health_worker),
            ),
        }
    )


def clinical_status(state: str) -> str:
    """Give whether an illness goes on, as FHIR calls it."""
    return "resolved" if state in RESOLVED else "inactive" if state in INACTIVE else "active"


def verification_status(classification: str, state: str) -> str:
    """Give how sure the diagnosis is, as the table of codes calls it."""
    if state == "excluded":
        return "refuted"
    return "confirmed" if classification == "asymptomatic" else classification


def condition(case: CaseRecord) -> Resource:
    """Give a case as a ``Condition``."""
    status = clinical_status(case.state)
    recovered = case.times.get("recovered_at")
    return _compact(
        {
            "resourceType": "Condition",
            "id": case.number,
            "identifier": [{"system": codes.CASE, "value": case.number}],
            "clinicalStatus": _concept("clinical", status),
            "verificationStatus": _concept(
                "verification", verification_status(case.classification, case.state)
            ),
            "category": [_concept("category", "diagnosis")],
            "severity": _concept("severity", case.severity) if case.severity else None,
            "code": {
                "coding": [
                    codes.coding("icd", case.classification),
                    codes.coding("disease", case.disease),
                ]
            },
            "subject": {"reference": f"Patient/{case.person}"},
            "onsetDateTime": None if case.onset_on is None else case.onset_on.isoformat(),
            "abatementDateTime": _time(recovered) if recovered and status == "resolved" else None,
            "recordedDate": _time(case.reported_at),
            "extension": [
                *_extensions(
                    (
                        "classification",
                        "valueCoding",
                        codes.coding("classification", case.classification),
                    ),
                    ("state", "valueCoding", {"system": codes.STATE, "code": case.state}),
                    ("definition", "valueCoding", _coded(codes.DEFINITION, case.definition)),
                    ("age-at-report", "valueUnsignedInt", case.age),
                    ("health-worker", "valueBoolean", case.health_worker),
                    ("responsible-place", "valueCoding", _coded(codes.DIVISION, case.responsible)),
                    ("residence-place", "valueCoding", _coded(codes.DIVISION, case.residence)),
                    ("care-unit", "valueIdentifier", _unit(case.care_unit)),
                    ("reporting-unit", "valueIdentifier", _unit(case.reported_by)),
                    ("exposure-setting", "valueCoding", _coded(codes.EXPOSURE, case.exposed_at)),
                    ("found-in-quarantine", "valueBoolean", case.found_inside),
                    ("evidence", "valueString", case.evidence or None),
                ),
                *(
                    {
                        "url": codes.extension("case-time"),
                        "extension": [
                            {"url": "name", "valueCode": name},
                            {"url": "at", "valueDateTime": _time(at)},
                        ],
                    }
                    for name, at in sorted(case.times.items())
                ),
            ],
        }
    )


def specimen(sample: SampleRecord) -> Resource:
    """Give a sample as a ``Specimen``."""
    return _compact(
        {
            "resourceType": "Specimen",
            "id": sample.number,
            "identifier": [{"system": codes.SAMPLE, "value": sample.number}],
            "type": _concept("kind", sample.kind),
            "subject": _reference("Patient", sample.person),
            "receivedTime": _time(sample.received_at),
            "collection": {"collectedDateTime": _time(sample.taken_at)},
            "extension": _extensions(
                ("case", "valueReference", _reference("Condition", sample.case)),
                ("laboratory", "valueIdentifier", _unit(sample.lab_unit)),
                ("collecting-unit", "valueIdentifier", _unit(sample.collected_by)),
                ("retest-of", "valueReference", _reference("Specimen", sample.retest_of)),
            ),
        }
    )


RESPIRATORY = ("throat", "nose", "sputum", "lavage")


def observation(sample: SampleRecord) -> Resource:
    """Give the result of a sample as an ``Observation``."""
    number = result_number(sample.number)
    return _compact(
        {
            "resourceType": "Observation",
            "id": number,
            "identifier": [{"system": codes.RESULT, "value": number}],
            "status": "final",
            "category": [_concept("laboratory", "laboratory")],
            "code": {"coding": [codes.test(respiratory=sample.kind in RESPIRATORY)]},
            "subject": _reference("Patient", sample.person),
            "effectiveDateTime": _time(sample.taken_at),
            "issued": _time(sample.result_at),
            "valueCodeableConcept": _concept("result", sample.result),
            "interpretation": [_concept("interpretation", sample.result)],
            "specimen": {"reference": f"Specimen/{sample.number}"},
        }
    )


def result_number(sample: str) -> str:
    """Give the identifier of the result of a sample: it has no number of its own."""
    return f"{sample}-result"


def _concept(field: str, value: str) -> Resource:
    return {"coding": [codes.coding(field, value)]}


def _coded(system: str, code: str | None) -> Resource | None:
    return {"system": system, "code": code} if code else None


def _unit(code: str | None) -> Resource | None:
    return {"system": codes.UNIT, "value": code} if code else None


def _reference(kind: str, number: str | None) -> Resource | None:
    return {"reference": f"{kind}/{number}"} if number else None


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _extensions(*named: tuple[str, str, Any]) -> list[Resource]:
    return [
        {"url": codes.extension(name), kind: value}
        for name, kind, value in named
        if value is not None
    ]


def _compact(resource: Resource) -> Resource:
    """Leave out what is empty: FHIR knows no empty element."""
    return {name: value for name, value in resource.items() if value not in (None, [], {})}
