"""A person is shown all that is held on them, and nothing of anybody else."""

import json

import pytest
from django.apps import apps

from tongchou.station.access.context import acting, system
from tongchou.station.cases import disclosure
from tongchou.station.cases.labels import labels
from tongchou.station.cases.models import Case, Contact, Person, Sample
from tongchou.station.cases.services import contacts, merging, quarantine


def test_no_table_that_holds_persons_is_forgotten():
    """Walk every table of the room that points at a person, a case or a contact."""
    shown = {
        Person,
        disclosure.Suspicion,
        *disclosure.OF_PERSON,
        *disclosure.OF_CASE,
        *disclosure.OF_CONTACT,
    }
    pointing = {
        m for m in apps.get_app_config("cases").get_models()
        for f in m._meta.concrete_fields if f.related_model in (Person, Case, Contact)
    }  # fmt: skip
    assert pointing <= shown


def test_every_field_that_is_shown_has_a_name_in_both_languages():
    shown = {Person, *disclosure.OF_PERSON, *disclosure.OF_CASE, *disclosure.OF_CONTACT}
    fields = {
        f.name for m in shown for f in m._meta.concrete_fields
        if f.name not in disclosure.OTHERS and not f.name.startswith("block_") and f.name not in ("name_key", "search")
    }  # fmt: skip
    assert fields - set(labels()) == set()


@pytest.fixture
def two(places):
    """Give two people of whom the first has everything and the second is a contact of the first."""
    county, grid = places["640104"], places["640104-G01"]
    with system("set up"):
        me = contacts.enter_person(
            responsible=county,
            residence=grid,
            name="张伟",
            phone="13800001234",
            document_number="640104198001010018",
        )
        again = contacts.enter_person(responsible=county, residence=grid, name="张韦")
        other = contacts.enter_person(
            responsible=county, residence=grid, name="李娜", phone="13911112222"
        )
        source = Case.objects.create(
            person=other,
            disease="covid-19",
            definition="trial-5",
            responsible=county,
            responsible_path=county.path,
        )
        contact = contacts.name_contact(me, responsible=county, setting="household", case=source)
        quarantine.place(contact, kind="household", legal_basis="law39")
        quarantine.record_check(contact, temperature=37.9, symptoms=["cough"], needs=["food"])
        quarantine.make_appeal(contact, "我不在场")
        case = Case.objects.create(
            person=me,
            disease="covid-19",
            definition="trial-5",
            responsible=county,
            responsible_path=county.path,
        )
        contacts.link_case(case)
        Sample.objects.create(case=case, taken_at=contact.named_at, responsible_path=county.path)
        contacts.name_contact(other, responsible=county, setting="household", case=case)
        merging.merge_persons(me, again)
    return me, other


def test_everything_of_mine_and_nothing_of_others(actor, two):
    me, other = two
    with acting(actor("epidemiologist", "640104")):
        held = disclosure.disclose(Person.objects.get(pk=me.pk))
    said = json.dumps(held.as_json(), ensure_ascii=False, default=str)
    for mine in ("张伟", "张韦", "13800001234", "640104198001010018", "37.9", "我不在场"):
        assert mine in said
    for theirs in ("李娜", "13911112222", other.pseudonym):
        assert theirs not in said
    sections = {s.name for s in held.sections}
    assert {
        "person",
        "identity",
        "case",
        "sample",
        "contact",
        "quarantine",
        "check",
        "need",
        "appeal",
        "merge",
    } <= sections
    assert len(held.notes) == 2
    assert any(r["action"] == "contacts.manage" for r in held.readings)


def test_pages_of_disclosure(signed_in, two):
    me, _ = two
    client = signed_in("epidemiologist", "640104")
    page = client.get(f"/cases/persons/{me.pseudonym}/held/", secure=True)
    assert "张伟" in page.content.decode()
    file = client.get(f"/cases/persons/{me.pseudonym}/held/?format=json", secure=True)
    assert file.json()["identity"][0]["name"] == "张伟"
    for role, place in (
        ("epidemiologist", "640105"),
        ("commander", "640104"),
        ("grid_worker", "640104-G01"),
    ):
        assert (
            signed_in(role, place)
            .get(f"/cases/persons/{me.pseudonym}/held/", secure=True)
            .status_code
            == 404
        )
