"""Quarantine: placed within capacity and on a legal basis, asked after, heard, released."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tongchou.station.access.context import acting, system
from tongchou.station.access.managers import Refused
from tongchou.station.cases import contact_lists as lists
from tongchou.station.cases.models import Appeal, Check, Contact, Need, Quarantine, Site
from tongchou.station.cases.problems import NotAccepted
from tongchou.station.cases.services import contacts, quarantine
from tongchou.station.cases.services.arrivals import register_arrival
from tongchou.station.cases.watch import has_symptoms

BASIS = "law39"


def named(place, name="钱二", grid=None):
    who = contacts.enter_person(responsible=place, residence=grid or place, name=name)
    return contacts.name_contact(
        who, responsible=place, setting="household", exposed_on=timezone.localdate()
    )


@pytest.fixture
def county(places):
    return places["640104"]


@pytest.fixture
def site(units):
    unit = units["640104-quarantine"]
    Site.objects.create(unit=unit, capacity=2)
    return unit


@pytest.fixture
def at_home(county, places):
    """Give somebody in home quarantine in the first grid."""
    with system("set up"):
        contact = named(county, grid=places["640104-G01"])
        quarantine.place(contact, kind="household", legal_basis=BASIS)
        contact.refresh_from_db()
    return contact


def test_a_site_takes_no_more_than_it_can_hold(actor, county, site):
    with acting(actor("epidemiologist", "640104")):
        people = [named(county, f"钱{n}") for n in range(3)]
        for contact in people[:2]:
            quarantine.place(contact, kind="central", site=site, legal_basis=BASIS)
        assert quarantine.free_places(site) == 0
        with pytest.raises(NotAccepted, match="is full"):
            quarantine.place(people[2], kind="central", site=site, legal_basis=BASIS)
        quarantine.place(people[0], kind="central", site=site, room="201", legal_basis=BASIS)
        quarantine.place(people[0], kind="household", legal_basis=BASIS)
        assert quarantine.free_places(site) == 1
        assert list(
            Quarantine.objects.filter(contact=people[0])
            .order_by("pk")
            .values_list("end_reason", flat=True)
        ) == ["moved", "moved", ""]


def test_many_are_placed_all_or_none(actor, county, site):
    with acting(actor("epidemiologist", "640104")):
        people = [named(county, f"钱{n}") for n in range(3)]
        with pytest.raises(NotAccepted, match="nobody was placed"):
            quarantine.place_many(people, site=site, legal_basis=BASIS)
        assert quarantine.place_many(people[:2], site=site, legal_basis=BASIS) == 2


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"kind": "household", "legal_basis": " "}, "without a legal basis"),
        ({"kind": "central", "legal_basis": BASIS}, "needs a quarantine site"),
    ],
)
def test_nobody_is_placed_without_basis_or_site(actor, county, how, said):
    with acting(actor("epidemiologist", "640104")), pytest.raises(NotAccepted, match=said):
        quarantine.place(named(county), **how)


def test_release_ends_the_stay_once(actor, at_home):
    with acting(actor("epidemiologist", "640104")):
        quarantine.release(at_home)
        first = Contact.objects.get().released_at
        quarantine.release(at_home)
        assert Contact.objects.get().released_at == first
        assert Quarantine.objects.get().end_reason == "released"
        with pytest.raises(NotAccepted, match="is over"):
            quarantine.place(at_home, kind="household", legal_basis=BASIS)
    with acting(actor("grid_worker", "640104-G01")), pytest.raises(Refused):
        quarantine.release(at_home)


def test_only_those_whose_day_has_come_are_released_together(actor, county):
    with acting(actor("epidemiologist", "640104")):
        early, late = named(county), named(county, "李娜")
        Contact.objects.filter(pk=early.pk).update(release_due=timezone.localdate())
        assert quarantine.release_many(Contact.objects.all()) == 1
        late.refresh_from_db()
        assert late.is_open


@pytest.mark.parametrize(
    ("temperature", "symptoms", "positive"),
    [
        (36.8, (), False),
        (37.3, (), True),
        (None, ("cough",), True),
        (None, ("tired of it",), False),
    ],
)
def test_what_counts_as_symptoms(temperature, symptoms, positive):
    assert has_symptoms(temperature, symptoms) is positive


def test_a_day_is_asked_once_and_can_be_corrected(actor, at_home):
    with acting(actor("grid_worker", "640104-G01")):
        quarantine.record_check(at_home, temperature=38.1, needs=["food"])
        assert lists.unseen().count() == 1
        quarantine.record_check(at_home, temperature=36.8, needs=["food"])
        assert Check.objects.get().positive is False
        assert Need.objects.count() == 1, "an open need is not written twice"
        with pytest.raises(NotAccepted, match="no body temperature"):
            quarantine.record_check(at_home, temperature=12)
        with pytest.raises(NotAccepted, match="not under watch"):
            quarantine.record_check(at_home, on=timezone.localdate() + timedelta(days=1))
    with acting(actor("grid_worker", "640104-G02")), pytest.raises(Refused):
        quarantine.record_check(at_home)


def test_many_without_symptoms_leave_todays_answers_alone(actor, county, at_home, places):
    with system("set up"):
        other = named(county, "李娜", places["640104-G01"])
    with acting(actor("grid_worker", "640104-G01")):
        quarantine.record_check(other, symptoms=["cough"])
        assert quarantine.check_many(Contact.objects.all()) == 1
        assert Check.objects.get(contact=other).positive


def test_lists_of_who_is_missed_and_who_waits(actor, county, at_home):
    two_days = timezone.now() - timedelta(days=2)
    with system("set up"):
        waiting = named(county, "李娜")
        Contact.objects.filter(pk=waiting.pk).update(named_at=two_days)
        Contact.objects.filter(pk=at_home.pk).update(placed_at=two_days, named_at=two_days)
    with acting(actor("epidemiologist", "640104")):
        assert list(lists.not_placed(Contact.objects.all(), late=True)) == [waiting]
        assert list(lists.missed(Contact.objects.all())) == [at_home]
        at_home.refresh_from_db()
        quarantine.record_check(at_home, on=timezone.localdate() - timedelta(days=1))
        assert not lists.missed(Contact.objects.all())
        assert list(lists.unasked(Contact.objects.all())) == [at_home]


def test_needs_have_a_clock(actor, at_home):
    with acting(actor("grid_worker", "640104-G01")):
        need = quarantine.add_need(at_home, kind="medicine", detail="胰岛素")
        assert need.due_at - need.asked_at == timedelta(hours=24)
        quarantine.finish_need(need)
        assert not lists.overdue_needs(Need.objects.all())


def test_an_appeal_upheld_releases_at_once(actor, at_home):
    with acting(actor("grid_worker", "640104-G01")):
        with pytest.raises(NotAccepted, match="own words"):
            quarantine.make_appeal(at_home, " ")
        quarantine.make_appeal(at_home, "我不在场")
        with pytest.raises(Refused):
            quarantine.answer_appeal(Appeal.objects.get(), upheld=True, answer="x")
    with acting(actor("epidemiologist", "640104")):
        with pytest.raises(NotAccepted, match="reasons"):
            quarantine.answer_appeal(Appeal.objects.get(), upheld=True, answer="")
        quarantine.answer_appeal(Appeal.objects.get(), upheld=True, answer="经核查成立")
        at_home.refresh_from_db()
        assert (at_home.state, Quarantine.objects.get().end_reason) == ("released", "appeal")
        with pytest.raises(NotAccepted, match="answered already"):
            quarantine.answer_appeal(Appeal.objects.get(), upheld=False, answer="again")


def test_an_arrival_needs_purpose_and_basis_and_ends_after_14_days(actor, county):
    today = timezone.localdate()
    with acting(actor("epidemiologist", "640104")):
        who = contacts.enter_person(responsible=county, residence=county, name="孙三")
        told = {"responsible": county, "origin_tier": "high", "arrived_on": today}
        with pytest.raises(NotAccepted, match="what the watch is for"):
            register_arrival(who, purpose="", legal_basis="law42", **told)
        with pytest.raises(NotAccepted, match="without a legal basis"):
            register_arrival(who, purpose="观察", legal_basis="", **told)
        contact = register_arrival(who, purpose="观察", legal_basis="law42", **told)
        assert contact.release_due == today + timedelta(days=14)
        assert (contact.case, contact.arrival.origin_tier) == (None, "high")


def test_an_arrival_of_a_pack_is_listed_without_what_the_pack_does_not_tell(signed_in, county):
    with system("set up"):
        who = contacts.enter_person(responsible=county, residence=county, name="孙四")
        told = {"setting": "arrival", "exposed_on": timezone.localdate()}
        contact = contacts.name_contact(who, responsible=county, **told)
    page = signed_in("epidemiologist", "640104").get("/cases/arrivals/")
    assert page.status_code == 200
    assert contact.pseudonym in page.content.decode()


def test_no_column_holds_a_trail_a_code_or_a_score_of_a_person():
    """What must not be built is not there: no positions, no routes, no colour of a person."""
    names = {f.name for m in (Contact, Check, Quarantine) for f in m._meta.get_fields()}
    assert not {
        n
        for n in names
        if any(w in n for w in ("lat", "lon", "gps", "route", "score", "color", "code"))
    } - {"isolated"}
