"""Watches end by themselves and records go at the end of keeping; a tombstone and counts stay."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tongchou.station.access.context import acting, system
from tongchou.station.access.managers import Refused
from tongchou.station.audit.models import Entry
from tongchou.station.cases import tasks
from tongchou.station.cases.models import (
    Case,
    Check,
    Contact,
    Identity,
    Merge,
    Person,
    Quarantine,
    Suspicion,
    Tombstone,
    WatchCount,
)  # fmt: skip
from tongchou.station.cases.services import merging, retention
from tongchou.station.cases.services.contacts import enter_person, name_contact
from tongchou.station.cases.services.duplicates import seek_duplicates
from tongchou.station.cases.services.quarantine import place, record_check, release

TODAY = timezone.localdate
BASIS = "law39"


def watched(county, name="张伟", days_ago=0, **values):
    """Name and place somebody whose last exposure was so many days ago."""
    person = enter_person(responsible=county, residence=county, name=name, **values)
    contact = name_contact(
        person, responsible=county, setting="household", exposed_on=TODAY() - timedelta(days=days_ago),
        named_at=timezone.now() - timedelta(days=days_ago),
    )  # fmt: skip
    place(contact, kind="household", legal_basis=BASIS, starts_at=contact.named_at)
    contact.refresh_from_db()
    return contact


@pytest.fixture
def county(places):
    return places["640104"]


def test_the_day_comes_and_the_watch_ends_by_itself(county):
    with system("set up"):
        ended, going = watched(county, days_ago=14), watched(county, "李娜", days_ago=13)
    assert tasks.end_watches() == {"returned": 0, "released": 1, "deleted": 0}
    assert tasks.end_watches()["released"] == 0, "run again, nothing is done twice"
    with system("look"):
        ended.refresh_from_db()
        going.refresh_from_db()
        assert (ended.state, ended.released_by_itself, going.state) == ("released", True, "placed")
        assert Quarantine.objects.get(contact=ended).end_reason == "due"
        assert Entry.objects.filter(detail__contains=ended.pseudonym, actor="system").exists()


def test_release_in_small_batches_reaches_everyone(county):
    with system("set up"):
        for n in range(5):
            watched(county, f"张{n}", days_ago=14)
    assert retention.release_all_due(batch=2) == 5


def test_records_go_at_the_end_of_keeping(county):
    with system("set up"):
        contact = watched(county, days_ago=5)
        for n in range(3):
            record_check(contact, on=TODAY() - timedelta(days=n))
        release(contact)
    day = TODAY() + timedelta(days=28)
    assert retention.delete_expired(day - timedelta(days=1)) == 0
    assert retention.delete_expired(day) == 1
    with system("look"):
        for model in (Contact, Check, Quarantine, Person, Identity):
            assert not model.objects.exists()
        stones = {s.kind: s for s in Tombstone.objects.all()}
        assert stones["contact"].pseudonym == contact.pseudonym
        assert stones["contact"].deleted == {"contact": 1, "check": 3, "quarantine": 1}
        assert stones["person"].deleted == {"person": 1, "identity": 1}
        counts = WatchCount.objects.get()
        assert (counts.path, counts.named, counts.placed_in_time, counts.checks) == (
            county.path,
            1,
            1,
            3,
        )
        assert counts.days_missed == 2
    assert retention.delete_expired(day) == 0


def test_a_cut_in_the_middle_is_taken_up_again(county, monkeypatch):
    with system("set up"):
        for n in range(4):
            release(watched(county, f"张{n}", days_ago=2))
    day, whole, calls = TODAY() + timedelta(days=28), retention._delete_persons, []

    def cut(paths, basis):
        calls.append(1)
        if len(calls) == 2:
            raise ZeroDivisionError
        return whole(paths, basis)

    monkeypatch.setattr(retention, "_delete_persons", cut)
    with pytest.raises(ZeroDivisionError):
        retention.delete_expired(day, batch=2)
    with system("look"):
        assert (Contact.objects.count(), Tombstone.objects.count()) == (2, 4)
    assert retention.delete_expired(day, batch=2) == 2
    with system("look"):
        assert WatchCount.objects.get().named == 4
        assert not Person.objects.exists()


def case_of(person, county, **values):
    return Case.objects.create(
        person=person, disease="covid-19", definition="5", responsible=county,
        responsible_path=county.path, residence_path=county.path, **values,
    )  # fmt: skip


def test_a_case_is_kept_by_law_and_so_is_its_identity(county):
    with system("set up"):
        contact = watched(county, days_ago=2)
        case_of(contact.person, county)
        release(contact)
    assert retention.delete_expired(TODAY() + timedelta(days=28)) == 1
    with system("look"):
        assert not Contact.objects.exists()
        assert Identity.objects.count() == Case.objects.count() == 1


def test_what_a_merge_remembers_goes_with_the_person(county):
    with system("set up"):
        a, b = watched(county, days_ago=2), watched(county, days_ago=2)
        merging.merge_persons(a.person, b.person)
        for contact in (a, b):
            contact.refresh_from_db()
            release(contact)
    retention.delete_expired(TODAY() + timedelta(days=28))
    with system("look"):
        assert not Identity.objects.exists()
        assert not Person.objects.exists()
        assert Merge.objects.get().rows == []


def test_erasure_at_request_says_what_is_kept(actor, county):
    with system("set up"):
        going, was_case, ended = (
            watched(county),
            watched(county, "李娜"),
            watched(county, "王强", 3),
        )
        case_of(was_case.person, county)
        release(was_case)
        release(ended)
    with acting(actor("epidemiologist", "640104")):
        assert retention.erase(going.person).kept == [retention.WATCH_KEPT]
        answer = retention.erase(was_case.person)
        assert (answer.kept, [s.kind for s in answer.deleted]) == (
            [retention.CASE_KEPT],
            ["contact"],
        )
        answer = retention.erase(ended.person)
        assert (answer.kept, {s.kind for s in answer.deleted}) == ([], {"contact", "person"})
        assert not Person.objects.filter(pk=ended.person_id).exists()
    with acting(actor("epidemiologist", "640105")), pytest.raises(Refused):
        retention.erase(going.person)
    with acting(actor("commander", "640104")), pytest.raises(Refused):
        retention.erase(going.person)


def test_an_excluded_case_goes_back_to_watch(county):
    with system("set up"):
        contact = watched(county, days_ago=2)
        case = case_of(contact.person, county, state="excluded")
        Contact.objects.filter(pk=contact.pk).update(state="case", became_case=case)
    assert retention.return_excluded() == 1
    with system("look"):
        contact.refresh_from_db()
        assert (contact.state, contact.became_case) == ("traced", None)


def test_the_hourly_search_queues_each_pair_once(county):
    with system("set up"):
        watched(county, phone="13800001234", birth_year=1980)
        watched(county, "张 伟", phone="13800001234", birth_year=1980)
        watched(county, "李娜", phone="13800001234", birth_year=1982)
    assert (seek_duplicates(), seek_duplicates()) == (1, 0)
    with system("look"):
        assert Suspicion.objects.get().score > 0.95
