"""FHIR through the interface: in once, in again, out again; nothing half done, nothing that is not one's own."""

import copy
from dataclasses import replace
from datetime import UTC, date, datetime
from types import MappingProxyType

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.operationoutcome import OperationOutcome

from tongchou.station.access.context import system
from tongchou.station.audit.models import Entry
from tongchou.station.cases.models import Case, CaseEvent, Identity, Person, Sample
from tongchou.station.exchange.fhir.bundles import collection, transaction
from tongchou.station.exchange.fhir.models import SenderKey
from tongchou.station.exchange.fhir.records import (
    CaseRecord,
    Name,
    PersonRecord,
    SampleRecord,
    Story,
)

pytestmark = pytest.mark.django_db
SECURE = {"secure": True}
AT = datetime(2020, 2, 10, 8, tzinfo=UTC)


def case(n, **changes):
    made = CaseRecord(
        number=f"C-2345678{n}",
        person=f"P-2345678{n}",
        definition="trial-5",
        classification="confirmed",
        state="admitted",
        severity="mild",
        age=40,
        responsible="640104",
        residence="640104",
        care_unit="640104-designated",
        onset_on=date(2020, 2, 3),
        reported_at=AT,
        times=MappingProxyType(
            {"sampled_at": AT, "result_at": AT, "confirmed_at": AT, "admitted_at": AT}
        ),
    )
    return replace(made, **changes)


def story(many=2):
    return Story(
        persons=tuple(
            PersonRecord(number=f"P-2345678{n}", sex="female", birth_year=1980, occupation="教师", name=Name(name=f"王{n}", phone=f"1390000000{n}"))
            for n in range(2, 2 + many)
        ),
        cases=tuple(case(n) for n in range(2, 2 + many)),
        samples=tuple(
            SampleRecord(number=f"S-2345678{n}", person=f"P-2345678{n}", case=f"C-2345678{n}", taken_at=AT, lab_unit="640104-laboratory", result="positive", result_at=AT)
            for n in range(2, 2 + many)
        ),
    )  # fmt: skip


def post(client, bundle, **headers):
    return client.post(
        "/api/fhir", bundle, content_type="application/fhir+json", headers=headers, **SECURE
    )


def counts():
    with system("count"):
        return [m.objects.count() for m in (Person, Identity, Case, Sample)]


def said(response):
    return [e["response"]["status"][:3] for e in response.json()["entry"]]


def test_in_once_adds_and_in_again_adds_nothing(signed_in):
    client = signed_in("epidemiologist", "640104")
    bundle = transaction(story())
    first, again = post(client, bundle), post(client, bundle)
    assert first.status_code == again.status_code == 200, first.content
    Bundle.model_validate(first.json())
    assert said(first) == ["201"] * 8
    assert said(again) == ["304"] * 8
    assert counts() == [2, 2, 2, 2]
    assert [e["response"]["location"] for e in first.json()["entry"]] == [
        e["response"]["location"] for e in again.json()["entry"]
    ]


def told(bundle):
    """Give what a bundle says, without the numbers that stand for who."""
    text = []
    for entry in bundle["entry"]:
        resource = copy.deepcopy(entry["resource"])
        for name in ("id", "identifier", "subject", "specimen"):
            resource.pop(name, None)
        resource["extension"] = [
            e for e in resource.get("extension", []) if "valueReference" not in e
        ]
        text.append(resource)
    return text


def test_out_in_and_out_again_gives_no_difference(signed_in):
    sent = collection(story(), at=AT)
    client = signed_in("epidemiologist", "640104")
    post(client, sent)
    out = client.get("/api/fhir/export?names=true", **SECURE).json()
    again = post(client, out)
    assert said(again) == ["304"] * 8, again.content
    assert client.get("/api/fhir/export?names=true", **SECURE).json()["entry"] == out["entry"]
    with system("from this station to another, empty one"):
        for model in (CaseEvent, Sample, Case, Identity, Person):
            model.objects.all().delete()
        assert SenderKey.objects.count() == 0, "what senders called erased records is forgotten"
    assert said(post(client, out)) == ["201"] * 8
    moved = client.get("/api/fhir/export?names=true", **SECURE).json()
    assert told(moved) == told(out)


def test_names_go_out_only_where_asked_for_by_who_may(signed_in):
    client = signed_in("epidemiologist", "640104")
    post(client, transaction(story()))
    without = client.get("/api/fhir/Patient", **SECURE).json()
    assert "王" not in str(without)
    assert "王2" in str(client.get("/api/fhir/Patient?names=true", **SECURE).json())
    with system("read the trail"):
        assert Entry.objects.filter(action="cases.identity", resource="persons").exists()
    assert (
        signed_in("depot", "640104", "640104-depot").get("/api/fhir/Patient", **SECURE).status_code
        == 404
    )


@pytest.mark.parametrize("kind", ["Patient", "Condition", "Specimen", "Observation"])
def test_lists_come_in_pages_that_add_up(signed_in, kind):
    client = signed_in("epidemiologist", "640104")
    post(client, transaction(story(5)))
    seen, url = [], f"/api/fhir/{kind}?_count=2"
    while url:
        page = client.get(url, **SECURE).json()
        Bundle.model_validate(page)
        assert page["total"] == 5
        seen += [e["resource"]["id"] for e in page["entry"]]
        url = next((x["url"] for x in page["link"] if x["relation"] == "next"), None)
    assert len(set(seen)) == len(seen) == 5


@pytest.mark.parametrize("body", [b"</", b"", b"{", b"\xff"])
def test_what_is_no_json_is_refused_and_said(signed_in, body):
    client = signed_in("epidemiologist", "640104")
    answer = client.post("/api/fhir", body, content_type="application/json", **SECURE)
    assert answer.status_code == 400


def test_nothing_is_half_done(signed_in):
    client = signed_in("epidemiologist", "640104")
    bundle = transaction(story())
    bundle["entry"][-1]["resource"]["status"] = "preliminary"
    bundle["entry"][0]["resource"]["gender"] = "f"
    refused = post(client, bundle)
    assert refused.status_code == 422
    assert refused["Content-Type"] == "application/fhir+json"
    OperationOutcome.model_validate(refused.json())
    assert {i["expression"][0] for i in refused.json()["issue"]} == {
        "Bundle.entry[0].resource.gender",
        "Bundle.entry[7].resource.status",
    }
    assert counts() == [0, 0, 0, 0]
    assert said(post(client, transaction(story()))) == ["201"] * 8


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"responsible": "999999"}, "responsible-place"),
        ({"care_unit": "nowhere"}, "care-unit"),
        ({"state": "flying"}, "state"),
        ({"state": "recovered"}, "case-time"),
        ({"classification": "clinical", "definition": "trial-7"}, "classification"),
        (
            {
                "times": MappingProxyType(
                    {
                        "confirmed_at": AT,
                        "recovered_at": datetime(2020, 2, 1, tzinfo=UTC),
                        "admitted_at": AT,
                    }
                )
            },
            "recovered_at",
        ),
        ({"onset_on": date(2999, 1, 1)}, "onset_on"),
    ],
)
def test_rules_of_the_room_are_faults_at_their_entry(signed_in, changes, at):
    told_ = story(1)
    bundle = transaction(replace(told_, cases=(case(2, **changes),)))
    refused = post(signed_in("epidemiologist", "640104"), bundle)
    assert refused.status_code == 422, refused.content
    assert f"Bundle.entry[1].resource.{at}" in [i["expression"][0] for i in refused.json()["issue"]]
    assert counts() == [0, 0, 0, 0]


def test_a_case_elsewhere_is_not_taken_and_looks_like_one_that_is_not_there(signed_in):
    there = signed_in("epidemiologist", "640104")
    post(there, transaction(story()))
    bundle = transaction(
        replace(story(1), cases=(case(2, responsible="640105", residence="640105"),))
    )
    assert post(signed_in("epidemiologist", "640105"), transaction(story(1))).status_code == 422
    stranger = post(signed_in("epidemiologist", "640105"), bundle)
    assert said(stranger) == ["201"] * 4, "their number says nothing: whether it exists is not told"
    assert counts() == [3, 3, 3, 3]


def test_a_known_case_moves_along_the_table_only_and_what_is_not_said_stays(signed_in):
    client = signed_in("epidemiologist", "640104")
    post(client, transaction(story(1)))
    with system("look"):
        number = Case.objects.get().pseudonym
        person = Person.objects.get().pseudonym
    worse = CaseRecord(
        number=number,
        person=person,
        classification="confirmed",
        state="severe",
        times=MappingProxyType({"severe_at": AT}),
    )
    sent = transaction(Story(cases=(worse,)))
    assert said(post(client, sent)) == ["200"]
    with system("look"):
        now = Case.objects.get()
        assert (now.state, now.age, now.version) == ("severe", 40, 2)
        assert CaseEvent.objects.latest("id").changes["state"] == ["admitted", "severe"]
    back = replace(worse, state="suspected", classification="suspected")
    assert post(client, transaction(Story(cases=(back,)))).status_code == 422
    moved = replace(worse, responsible="640105")
    assert post(client, transaction(Story(cases=(moved,)))).status_code == 422


def test_a_laboratory_sends_results_of_its_own_samples_and_nothing_else(signed_in):
    client = signed_in("epidemiologist", "640104")
    waiting = replace(story(1), samples=(replace(story(1).samples[0], result="", result_at=None),))
    post(client, transaction(waiting))
    lab = signed_in("laboratory", "640104", "640104-laboratory")
    queue = lab.get("/api/fhir/Specimen", **SECURE).json()
    specimen = queue["entry"][0]["resource"]
    assert "subject" not in specimen, "whose it is stays out of the laboratory"
    result = Story(
        samples=(SampleRecord(number=specimen["id"], taken_at=AT, result="negative", result_at=AT),)
    )
    bundle = transaction(result)
    del bundle["entry"][0]
    assert said(post(lab, bundle)) == ["200"]
    assert said(post(lab, bundle)) == ["304"]
    assert post(lab, transaction(story(1))).status_code == 404
    other = signed_in("laboratory", "640105", "640105-laboratory")
    assert post(other, bundle).status_code == 422
    with system("look"):
        assert Sample.objects.get().result == "negative"


def test_the_same_key_is_answered_once(signed_in):
    client = signed_in("epidemiologist", "640104")
    first = post(client, transaction(story()), **{"idempotency-key": "k"})
    again = post(client, transaction(story()), **{"idempotency-key": "k"})
    assert first.content == again.content
    assert again["Content-Type"] == "application/fhir+json"


def test_the_statement_of_what_it_can_do(signed_in):
    response = signed_in("duty_officer", "640104").get("/api/fhir/metadata", **SECURE)
    CapabilityStatement.model_validate(response.json())
    assert response.json()["fhirVersion"] == "4.0.1"


def test_two_hospitals_may_call_different_people_by_the_same_number(signed_in):
    def sent(unit):
        told_ = story(1)
        bundle = transaction(replace(told_, cases=(case(2, care_unit=unit, reported_by=unit),)))
        for entry in bundle["entry"]:
            for given in entry["resource"]["identifier"]:
                given["system"] = "http://hospital.example/number"
        return bundle

    for unit in ("640104-designated", "640104-fever_clinic"):
        client = signed_in("clinician", "640104", unit)
        first = post(client, sent(unit))
        assert first.status_code == 200, first.content
        assert said(first) == ["201"] * 4
        assert said(post(client, sent(unit))) == ["304"] * 4
    assert counts() == [2, 2, 2, 2]
