"""Contacts: named, reached, handed over, tied to the case they became; clusters and the contract."""

from datetime import date, timedelta

import polars as pl
import pytest
from django.utils import timezone

from tongchou.station.access.context import acting, system
from tongchou.station.access.managers import Refused
from tongchou.station.cases.clusters import Visit, find_clusters
from tongchou.station.cases.contract_contacts import export_contacts, load_contacts
from tongchou.station.cases.models import (
    Case,
    Check,
    Cluster,
    Contact,
    Exposure,
    Identity,
    Person,
    Quarantine,
    Venue,
)  # fmt: skip
from tongchou.station.cases.problems import ChangedMeanwhile, NotAccepted
from tongchou.station.cases.services import contacts
from tongchou.station.cases.services.quarantine import place, record_check
from tongchou.station.cases.watch import day_of_watch, missed_days, release_due

FEB = date(2020, 2, 1)


@pytest.mark.parametrize(
    ("last", "named", "due"),
    [
        (FEB, date(2020, 2, 5), date(2020, 2, 15)),
        (None, FEB, date(2020, 2, 15)),
        (date(2020, 2, 9), FEB, date(2020, 2, 15)),  # mistyped: never later than from naming
    ],
)
def test_release_follows_the_last_exposure(last, named, due):
    assert release_due(last_exposure=last, named_on=named) == due


def test_days_of_watch_and_missed_days():
    assert day_of_watch(due=date(2020, 2, 15), today=FEB) == 0
    assert day_of_watch(due=date(2020, 2, 15), today=date(2020, 2, 15)) == 14
    assert missed_days(placed_on=FEB, until=date(2020, 2, 4), checked={date(2020, 2, 3)}) == [
        date(2020, 2, 2), date(2020, 2, 4),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ([1], []),
        ([1, 15], [2]),
        ([1, 16], []),
        ([1, 8, 20], [3]),
        ([1, 2, 20, 21, 22], [2, 3]),
    ],
)
def test_a_cluster_is_two_in_fourteen_days(days, found):
    visits = [Visit("mill", date(2020, 3, d), f"C{d}") for d in days]
    assert [len(f.cases) for f in find_clusters(visits)] == found


def test_one_case_twice_at_a_place_is_no_cluster():
    assert find_clusters([Visit("mill", FEB, "C1"), Visit("mill", date(2020, 2, 3), "C1")]) == []


@pytest.fixture
def county(places):
    return places["640104"]


def a_case(county, **values):
    who = contacts.enter_person(responsible=county, residence=county, name="赵一")
    return Case.objects.create(
        person=who, disease="covid-19", definition="trial-5", responsible=county,
        responsible_path=county.path, residence_path=county.path, **values,
    )  # fmt: skip


def a_contact(county, grid=None, **values):
    who = contacts.enter_person(responsible=county, residence=grid or county, name="钱二")
    return contacts.name_contact(who, responsible=county, setting="household", **values)


def test_a_contact_is_named_reached_and_never_named_twice(actor, county, places):
    with acting(actor("epidemiologist", "640104")):
        case = a_case(county)
        contact = a_contact(
            county, places["640104-G01"], case=case, exposed_on=timezone.localdate()
        )
        assert (contact.state, contact.grid_path) == ("named", places["640104-G01"].path)
        assert contacts.trace(contact).state == "traced"
        with pytest.raises(NotAccepted, match="already followed"):
            contacts.name_contact(
                contact.person, responsible=county, setting="household", case=case
            )
        with pytest.raises(NotAccepted, match="after today"):
            a_contact(county, exposed_on=timezone.localdate() + timedelta(days=1))


def test_only_the_grid_the_county_and_above_see_a_contact(actor, county, places):
    with system("set up"):
        contact = a_contact(county, places["640104-G01"])
    for role, place_, seen in (
        ("grid_worker", "640104-G01", True), ("grid_worker", "640104-G02", False),
        ("epidemiologist", "640105", False), ("epidemiologist", "640100", True), ("auditor", "640104", False),
    ):  # fmt: skip
        with acting(actor(role, place_)):
            assert Contact.objects.filter(pk=contact.pk).exists() is seen, (role, place_)
            assert Identity.objects.filter(person=contact.person_id).exists() is seen


def test_a_hand_over_takes_everything_along(actor, county, places):
    here, there = actor("epidemiologist", "640104"), actor("epidemiologist", "640105")
    with acting(here):
        contact = a_contact(county)
        record_check(contact, temperature=36.6)
        contacts.hand_over(contact, places["640105"])
    with acting(there):
        assert Contact.objects.get().responsible_id == "640105"
        assert Check.objects.count() == Identity.objects.count() == 1
    with acting(actor("grid_worker", "640104-G01")), pytest.raises(Refused):
        contacts.hand_over(contact, county)


def test_two_people_at_one_contact_meet_the_version(actor, county):
    with acting(actor("epidemiologist", "640104")):
        contact = a_contact(county)
        contacts.trace(contact, version=1)
        with pytest.raises(ChangedMeanwhile):
            contacts.trace(contact, version=1)


def test_a_contact_who_falls_ill_keeps_the_chain(county):
    with system("set up"):
        source = a_case(county)
        contact = a_contact(county, case=source)
        place(contact, kind="household", legal_basis="law39")
        ill = Case.objects.create(
            person=contact.person, disease="covid-19", definition="trial-5", responsible=county,
            responsible_path=county.path,
        )  # fmt: skip
        assert contacts.link_case(ill) == [contact]
        contact.refresh_from_db()
        ill.refresh_from_db()
        assert (contact.state, contact.became_case, ill.infector, ill.found_inside) == (
            "case",
            ill,
            source,
            True,
        )
        assert Quarantine.objects.get().end_reason == "case"


def test_two_cases_at_one_venue_make_one_cluster_that_grows(actor, county):
    today = timezone.localdate()
    with acting(actor("epidemiologist", "640104")):
        venue = contacts.enter_venue(
            kind="market", name_zh="东市场", name_en="East market", place=county
        )
        cases = [a_case(county, onset_on=today - timedelta(days=d)) for d in (9, 5, 2)]
        for n, case in enumerate(cases):
            contacts.record_exposure(
                case,
                venue=venue,
                setting="community",
                from_on=today - timedelta(days=12),
                to_on=today - timedelta(days=11),
            )
            assert Cluster.objects.count() == min(n, 1)
        cluster = Cluster.objects.get()
        assert cluster.cases == sorted(c.pseudonym for c in cases)
        assert set(Case.objects.values_list("cluster_code", flat=True)) == {cluster.pseudonym}
    contacts.seek_clusters()
    with system("look"):
        assert Cluster.objects.count() == 1


def test_households_cluster_too_and_excluded_cases_do_not(county):
    with system("set up"):
        today = timezone.localdate()
        for state in ("confirmed", "confirmed", "excluded"):
            a_case(county, household_code="H1", onset_on=today, state=state)
    contacts.seek_clusters()
    with system("look"):
        assert len(Cluster.objects.get().cases) == 2


def test_an_exposure_needs_a_venue_or_an_event_and_days_in_order(actor, county):
    today = timezone.localdate()
    with acting(actor("epidemiologist", "640104")):
        case = a_case(county)
        with pytest.raises(NotAccepted, match="Choose a venue"):
            contacts.record_exposure(case, setting="community", from_on=today, to_on=today)
        with pytest.raises(NotAccepted, match="before the first"):
            contacts.record_exposure(
                case,
                setting="community",
                event="婚宴",
                from_on=today,
                to_on=today - timedelta(days=1),
            )
    with acting(actor("epidemiologist", "640105")):
        assert not Venue.objects.exists()
        assert not Exposure.objects.exists()


def test_out_of_the_station_and_into_another_nothing_differs(county):
    cut = timezone.localdate()
    with system("set up"):
        source = a_case(county)
        ill = a_case(county)
        contact = a_contact(county, case=source, exposed_on=cut - timedelta(days=1))
        place(contact, kind="household", legal_basis="law39")
        other = a_contact(county)
        Contact.objects.filter(pk=other.pk).update(
            state="case", became_case=ill, person=ill.person, released_at=timezone.now()
        )
        out = export_contacts(county.path, cut)
        assert out.height == 2
    with system("load"):
        Quarantine.objects.all().delete()
        Contact.objects.all().delete()
        assert (load_contacts(out), load_contacts(out)) == (2, 0)
        again = export_contacts(county.path, cut)
        assert again.sort("contact_id").equals(out.sort("contact_id"))
        assert Contact.objects.get(became_case=ill).person == ill.person
        assert Person.objects.filter(identity=None).count() == 1
        empty = pl.DataFrame(schema=out.schema)
        assert load_contacts(empty) == 0
