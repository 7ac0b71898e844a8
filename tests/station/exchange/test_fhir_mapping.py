"""Out, in and out again: FHIR R4 carries every record without a difference, and a fault by its place."""

import copy
import json
from datetime import UTC, date, datetime, timedelta, timezone
from types import MappingProxyType

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.operationoutcome import OperationOutcome
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.station.exchange.fhir import codes
from tongchou.station.exchange.fhir.bundles import collection, take_apart, transaction
from tongchou.station.exchange.fhir.outcome import NotTaken, outcome
from tongchou.station.exchange.fhir.records import (
    TIMES,
    CaseRecord,
    Name,
    PersonRecord,
    SampleRecord,
    Story,
)

BEIJING = timezone(timedelta(hours=8))
NOW = datetime(2020, 2, 22, 8, tzinfo=UTC)

words = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters="\0"),
    min_size=1,
    max_size=20,
)
blank_or_words = st.just("") | words
moments = st.integers(0, 150 * 24 * 60).flatmap(
    lambda m: st.sampled_from([UTC, BEIJING]).map(
        lambda zone: datetime(2019, 12, 1, tzinfo=zone) + timedelta(minutes=m, microseconds=m)
    )
)
places = st.sampled_from(["640104", "640105", "420102"])
units = st.sampled_from(["640104-designated", "640104-laboratory"])
three = st.none() | st.booleans()


def number(prefix):
    return st.text("23456789ABCDEFGH", min_size=8, max_size=8).map(lambda s: f"{prefix}-{s}")


names = st.builds(
    Name,
    name=blank_or_words,
    document_kind=st.sampled_from(["resident", "passport", "permit", "other"]),
    document_number=st.just("") | st.text("0123456789X", min_size=5, max_size=18),
    phone=st.just("") | st.text("0123456789", min_size=5, max_size=11),
    address=blank_or_words,
).filter(
    lambda n: (
        n != Name()
        and (n.document_number or n.document_kind == "resident")
        and n != Name(document_kind=n.document_kind)
    )
)


@st.composite
def stories(draw):
    persons = draw(
        st.lists(
            st.builds(
                PersonRecord,
                number=number("P"),
                sex=st.sampled_from(["female", "male", "unknown"]),
                birth_year=st.none() | st.integers(1900, 2020),
                occupation=blank_or_words,
                health_worker=three,
                name=st.none() | names,
            ),
            min_size=1,
            max_size=3,
            unique_by=lambda p: p.number,
        )
    )
    who = st.sampled_from([p.number for p in persons])
    cases = draw(
        st.lists(
            st.builds(
                CaseRecord,
                number=number("C"),
                person=who,
                definition=st.sampled_from(["", "trial-5"]),
                classification=st.sampled_from(
                    ["suspected", "clinical", "confirmed", "asymptomatic"]
                ),
                state=st.sampled_from(
                    [
                        "suspected",
                        "tested",
                        "confirmed",
                        "isolated",
                        "admitted",
                        "severe",
                        "critical",
                        "recovered",
                        "released",
                        "excluded",
                        "died",
                        "transferred",
                    ]
                ),
                severity=st.sampled_from(["", "mild", "ordinary", "severe", "critical"]),
                age=st.none() | st.integers(0, 120),
                health_worker=three,
                responsible=st.none() | places,
                residence=st.none() | places,
                care_unit=st.none() | units,
                reported_by=st.none() | units,
                exposed_at=st.sampled_from(["", "household"]),
                found_inside=three,
                evidence=blank_or_words,
                onset_on=st.none() | st.dates(date(2019, 12, 1), date(2020, 5, 1)),
                reported_at=st.none() | moments,
                times=st.dictionaries(st.sampled_from(TIMES), moments, max_size=6).map(
                    MappingProxyType
                ),
            ),
            max_size=3,
            unique_by=lambda c: c.number,
        )
    )
    results = st.sampled_from(["positive", "negative", "invalid"])
    samples = draw(
        st.lists(
            st.builds(
                lambda found, **sample: SampleRecord(result=found[0], result_at=found[1], **sample),
                st.just(("", None)) | st.tuples(results, moments),
                number=number("S"),
                taken_at=moments,
                person=st.none() | who,
                case=st.sampled_from([None, *(c.number for c in cases)]),
                kind=st.sampled_from(["throat", "nose", "sputum", "lavage", "blood", "stool"]),
                lab_unit=st.none() | units,
                collected_by=st.none() | units,
                received_at=st.none() | moments,
            ),
            max_size=3,
            unique_by=lambda s: s.number,
        )
    )
    return Story(persons=tuple(persons), cases=tuple(cases), samples=tuple(samples))


def read(bundle):
    return take_apart(bundle, zone=BEIJING, number_of=lambda key: key[2])


@given(stories())
@settings(max_examples=150, deadline=None)
def test_out_in_and_out_again_gives_no_difference(story):
    for bundle in (collection(story, at=NOW), transaction(story)):
        sent = json.loads(json.dumps(bundle, ensure_ascii=False))
        taken = read(sent)
        assert taken.story == story
        again = collection(taken.story, at=NOW)
        assert [e["resource"] for e in again["entry"]] == [e["resource"] for e in sent["entry"]]


@given(stories())
@settings(max_examples=50, deadline=None)
def test_what_is_written_is_a_bundle_of_fhir(story):
    for bundle in (collection(story, at=NOW), transaction(story)):
        Bundle.model_validate(bundle)
        full = [e["fullUrl"] for e in bundle["entry"]]
        assert len(full) == len(set(full)), "bdl-7: a full address stands once"
        for entry in bundle["entry"]:
            resource = entry["resource"]
            status = resource.get("clinicalStatus", {}).get("coding", [{}])[0].get("code")
            assert "abatementDateTime" not in resource or status in (
                "inactive",
                "resolved",
                "remission",
            ), "con-4"


STORY = Story(
    persons=(
        PersonRecord(
            number="P-7K3M9Q2X",
            sex="female",
            birth_year=1980,
            name=Name(name="王五", phone="13900000000"),
        ),
    ),
    cases=(
        CaseRecord(
            number="C-7K3M9Q2X",
            person="P-7K3M9Q2X",
            classification="confirmed",
            state="admitted",
            responsible="640104",
            residence="640105",
            care_unit="640104-designated",
            onset_on=date(2020, 2, 3),
            reported_at=NOW,
            times=MappingProxyType({"confirmed_at": NOW, "admitted_at": NOW}),
        ),
    ),
    samples=(
        SampleRecord(
            number="S-7K3M9Q2X",
            person="P-7K3M9Q2X",
            case="C-7K3M9Q2X",
            taken_at=NOW,
            result="positive",
            result_at=NOW,
        ),
    ),
)


def sent(change=lambda entries: None):
    bundle = copy.deepcopy(collection(STORY, at=NOW))
    change({e["resource"]["resourceType"]: e["resource"] for e in bundle["entry"]})
    return bundle


def faults(bundle):
    with pytest.raises(NotTaken) as found:
        read(bundle)
    OperationOutcome.model_validate(outcome(found.value.issues))
    return [(i.at.removeprefix("Bundle.entry"), i.kind) for i in found.value.issues]


def test_the_codes_are_those_that_who_and_loinc_publish():
    by = {e["resource"]["resourceType"]: e["resource"] for e in sent()["entry"]}
    icd = {"system": "http://hl7.org/fhir/sid/icd-10", "code": "U07.1"}
    assert icd.items() <= by["Condition"]["code"]["coding"][0].items()
    assert by["Observation"]["code"]["coding"][0]["code"] == "94500-6"
    assert by["Condition"]["verificationStatus"]["coding"][0]["code"] == "confirmed"
    places = {e["url"].rpartition("/")[2]: e for e in by["Condition"]["extension"]}
    assert places["responsible-place"]["valueCoding"]["code"] == "640104"
    assert places["residence-place"]["valueCoding"]["code"] == "640105"
    assert places["care-unit"]["valueIdentifier"]["value"] == "640104-designated"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda r: r["Patient"].update(maritalStatus={"text": "M"}), [("[0].resource.maritalStatus.text", "not-supported")]),
        (lambda r: r["Patient"].update(gender="f"), [("[0].resource.gender", "code-invalid")]),
        (lambda r: r["Patient"].update(birthDate="1980-13"), [("[0].resource.birthDate", "structure")]),
        (lambda r: r["Patient"].pop("identifier"), [("[0].resource.identifier", "required"), ("[1].resource.subject.reference", "not-found"), ("[2].resource.subject.reference", "not-found"), ("[3].resource.subject.reference", "not-found")]),
        (lambda r: r["Patient"].update(birthdate="1980"), [("[0].resource.birthdate", "not-supported")]),
        (lambda r: r["Patient"]["identifier"][0].update(value=7), [("[0].resource.identifier", "required"), ("[1].resource.subject.reference", "not-found"), ("[2].resource.subject.reference", "not-found"), ("[3].resource.subject.reference", "not-found")]),
        (lambda r: r["Condition"]["code"].update(coding=[{"system": "http://x", "code": "A00"}]), [("[1].resource.code.coding", "code-invalid")]),
        (lambda r: r["Condition"].update(onsetDateTime="2020-02"), [("[1].resource.onsetDateTime", "value")]),
        (lambda r: r["Condition"]["subject"].update(reference="Patient/other"), [("[1].resource.subject.reference", "not-found")]),
        (lambda r: r["Condition"]["verificationStatus"]["coding"][0].update(code="refuted"), [("[1].resource.verificationStatus", "value")]),
        (lambda r: r["Condition"]["verificationStatus"]["coding"][0].update(code="sure"), [("[1].resource.verificationStatus.coding", "code-invalid")]),
        (lambda r: r["Condition"].update(abatementDateTime="2020-03-01T08:00:00+08:00"), [("[1].resource.abatementDateTime", "invariant")]),
        (lambda r: r["Condition"]["extension"].append({"url": "http://x", "valueString": "x"}), [("[1].resource.extension[7].url", "not-supported")]),
        (lambda r: r["Specimen"].pop("collection"), [("[2].resource.collection.collectedDateTime", "required")]),
        (lambda r: r["Specimen"]["type"]["coding"][0].update(code="hair"), [("[2].resource.type.coding", "code-invalid")]),
        (lambda r: r["Specimen"].update(receivedTime="2020-02-22"), [("[2].resource.receivedTime", "value")]),
        (lambda r: r["Observation"].pop("valueCodeableConcept"), [("[3].resource.valueCodeableConcept", "required")]),
        (lambda r: r["Observation"]["interpretation"][0]["coding"][0].update(code="NEG"), [("[3].resource.interpretation[0]", "value")]),
        (lambda r: r["Observation"].update(status="preliminary"), [("[3].resource.status", "code-invalid")]),
        (lambda r: r["Observation"].update(resourceType="Encounter"), [("[3].resource", "not-supported")]),
        (lambda r: (r["Patient"].update(gender="f"), r["Specimen"].update(foo=1)), [("[2].resource.foo", "not-supported"), ("[0].resource.gender", "code-invalid")]),
    ],
)  # fmt: skip
def test_every_fault_is_named_at_its_place(change, expected):
    assert sorted(faults(sent(change))) == sorted(expected)


@pytest.mark.parametrize(
    "bundle",
    [
        {},
        [],
        None,
        {"resourceType": "Bundle", "type": "batch"},
        {"resourceType": "Patient"},
        {"resourceType": "Bundle", "type": "collection", "entry": {}},
        {"resourceType": "Bundle", "type": "collection", "entry": [3]},
        {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [
                {
                    "resource": {
                        "resourceType": "Patient",
                        "identifier": [{"system": "s", "value": "1"}],
                    }
                }
            ],
        },
    ],
)
def test_what_is_not_a_bundle_is_refused(bundle):
    assert faults(bundle)


def test_the_same_identifier_twice_is_refused():
    bundle = sent()
    bundle["entry"].append(copy.deepcopy(bundle["entry"][0]))
    assert ("[4].resource.identifier", "duplicate") in faults(bundle)


def test_a_bundle_of_another_sender_is_understood():
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a",
                "request": {"method": "POST", "url": "Patient"},
                "resource": {
                    "resourceType": "Patient",
                    "meta": {"profile": ["http://hospital.example/p"]},
                    "identifier": [{"system": "http://hospital.example/mrn", "value": "123"}],
                    "name": [{"family": "王", "given": ["五"]}],
                    "gender": "other",
                    "birthDate": "1980-05-06",
                },
            },
            {
                "fullUrl": "urn:uuid:88f151c0-a954-468a-88bd-5ae15c08e059",
                "request": {"method": "POST", "url": "Condition"},
                "resource": {
                    "resourceType": "Condition",
                    "identifier": [{"system": "http://hospital.example/episode", "value": "9"}],
                    "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]},
                    "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "U07.1", "display": "COVID"}], "text": "COVID-19"},
                    "subject": {"reference": "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a", "display": "W."},
                    "onsetDateTime": "2020-02-02T20:00:00Z",
                },
            },
        ],
    }  # fmt: skip
    taken = read(bundle)
    (case,) = taken.story.cases
    assert (case.person, case.classification, case.state) == ("123", "confirmed", "confirmed")
    assert case.onset_on == date(2020, 2, 3), "the day of it where the station is"
    assert taken.story.persons[0].name == Name(name="王五")
    assert taken.sent_names


def test_a_result_alone_is_for_a_sample_on_record():
    bundle = sent()
    bundle["entry"] = bundle["entry"][3:]
    del bundle["entry"][0]["resource"]["subject"]
    taken = take_apart(
        bundle,
        zone=BEIJING,
        number_of=lambda key: key[2],
        known=lambda kind, to: to.partition("/")[2] if kind == "Specimen" else None,
    )
    assert [(r.sample, r.result) for r in taken.story.results] == [("S-7K3M9Q2X", "positive")]


def test_every_row_of_the_table_of_codes_has_a_source():
    assert all(r["source"] and r["confidence"] in ("high", "medium", "low") for r in codes.rows())
