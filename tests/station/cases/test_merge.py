"""A merge loses nothing; its undoing restores every row and every value."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from tongchou.station.access.context import acting, system
from tongchou.station.access.managers import Refused
from tongchou.station.cases.models import Case, Contact, Identity, Merge, Person, Sample, Suspicion
from tongchou.station.cases.problems import NotAccepted
from tongchou.station.cases.services import merging
from tongchou.station.cases.services.contacts import name_contact
from tongchou.station.cases.services.quarantine import record_check


def dump():
    """Give every row of every table of the room, but for the record of merges itself."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_app_config("cases").get_models():
            if model is not Merge:
                cursor.execute(
                    f"SELECT to_jsonb(t)::text FROM {model._meta.db_table} t ORDER BY id"
                )
                found[model.__name__] = [row[0] for row in cursor.fetchall()]
    return found


def person(place, name="张伟", **values):
    where = {"responsible_path": place.path, "watch_path": place.path, "residence_path": place.path}
    made = Person.objects.create(sex="male", birth_year=1980, **where)
    Identity.objects.create(person=made, name=name, **{"phone": "13800001234", **values}, **where)
    return made


def case(person, place, **values):
    now = timezone.now()
    return Case.objects.create(
        person=person, disease="covid-19", definition="5", responsible=place, responsible_path=place.path,
        residence_path=place.path, suspected_at=now, reported_at=now, **values,
    )  # fmt: skip


@pytest.fixture
def two(places):
    """Give two records of one person, each with a case, a sample and a contact."""
    county = places["640104"]
    with system("set up"):
        a, b = person(county), person(county, name="张 伟", document_number="640104198001010018")
        ours, theirs = case(a, county, onset_on=date(2020, 2, 1)), case(b, county, severity="mild")
        Sample.objects.create(case=theirs, taken_at=timezone.now(), responsible_path=county.path)
        met = person(county, "李娜", phone="13911112222")
        contact = name_contact(
            met,
            responsible=county,
            setting="household",
            case=theirs,
            exposed_on=timezone.localdate(),
        )
        record_check(contact, temperature=36.5)
        name_contact(
            b,
            responsible=county,
            setting="community",
            exposed_on=timezone.localdate() - timedelta(days=3),
        )
        case(met, county, infector=theirs)
        Suspicion.objects.create(
            first=a, second=b, score=0.97, first_path=county.path, second_path=county.path
        )
    return a, b, ours, theirs


def test_what_hung_on_the_merged_person_hangs_on_the_one_kept(actor, two):
    a, b, *_ = two
    with acting(actor("epidemiologist", "640104")):
        merging.merge_persons(a, b, {"name": "other"})
        assert Case.objects.filter(person=a).count() == 2
        assert Contact.objects.filter(person=a).count() == 1
        kept = Identity.objects.get(person=a)
        assert (kept.name, kept.document_number) == ("张 伟", "640104198001010018")
        assert Person.objects.get(pk=b.pk).merged_into_id == a.pk
        assert Suspicion.objects.get().state == "merged"


def test_undoing_restores_every_row_of_every_table(actor, two):
    a, b, ours, theirs = two
    with system("look"):
        before = dump()
    with acting(actor("epidemiologist", "640104")):
        first = merging.merge_persons(a, b, {"name": "other"})
        second = merging.merge_cases(
            Case.objects.get(pk=ours.pk), Case.objects.get(pk=theirs.pk), {"severity": "other"}
        )
        assert Case.objects.get(pk=ours.pk).samples.count() == 1
        assert Case.objects.get(pk=ours.pk).infected.count() == 1
        with pytest.raises(NotAccepted, match="undo that first"):
            merging.undo_merge(first)
        assert merging.undo_merge(second).conflicts == []
        assert merging.undo_merge(Merge.objects.get(pk=first.pk)).conflicts == []
    with system("look"):
        assert dump() == before


def test_edits_made_since_are_kept_and_named(actor, two):
    a, b, ours, theirs = two
    with acting(actor("epidemiologist", "640104")):
        merge = merging.merge_persons(a, b, {"name": "other"})
        identity = Identity.objects.get(person=a)
        identity.name, identity.address = "张玮", "解放街 1 号"
        identity.save()
        case(a, ours.responsible)
        undone = merging.undo_merge(merge)
        identity.refresh_from_db()
        assert (identity.name, identity.address) == ("张玮", "解放街 1 号")
        assert identity.document_number == "", "what the merge brought went back"
        assert Case.objects.get(pk=theirs.pk).person_id == b.pk
    kept = {c["table"]: c for c in undone.conflicts}
    assert "name" in kept["cases.Identity"]["kept"]
    assert kept["cases.Case"]["stays"] == 1


def test_a_crash_in_the_middle_leaves_nothing(actor, two, monkeypatch):
    a, b, *_ = two
    with system("look"):
        before = dump()

    def crash(*args):
        raise ZeroDivisionError

    monkeypatch.setattr(merging, "_merge_identities", crash)
    with pytest.raises(ZeroDivisionError), acting(actor("epidemiologist", "640104")):
        merging.merge_persons(a, b)
    with system("look"):
        assert dump() == before
        assert not Merge.objects.exists()


def test_nobody_merges_with_themselves_twice_or_across_two_persons(actor, two):
    a, b, ours, theirs = two
    with acting(actor("epidemiologist", "640104")):
        with pytest.raises(NotAccepted):
            merging.merge_persons(a, a)
        with pytest.raises(NotAccepted, match="merge the persons first"):
            merging.merge_cases(ours, theirs)
        merging.merge_persons(a, b)
        with pytest.raises(NotAccepted):
            merging.merge_persons(a, b)


def test_a_case_never_infects_itself(actor, two):
    a, b, ours, theirs = two
    with acting(actor("epidemiologist", "640104")):
        Case.objects.filter(pk=ours.pk).update(infector=theirs)
        merging.merge_persons(a, b)
        merging.merge_cases(Case.objects.get(pk=ours.pk), Case.objects.get(pk=theirs.pk))
        assert Case.objects.get(pk=ours.pk).infector_id is None


@pytest.fixture
def across(places):
    """Give one person recorded in each of two counties."""
    with system("set up"):
        a, b = person(places["640104"]), person(places["640105"])
        pair = Suspicion.objects.create(
            first=a, second=b, score=0.97,
            first_path=places["640104"].path, second_path=places["640105"].path,
        )  # fmt: skip
    return a, b, pair


def test_merging_across_places_goes_as_a_proposal(actor, across):
    a, b, _ = across
    here, there = actor("epidemiologist", "640104"), actor("epidemiologist", "640105")
    with acting(here):
        with pytest.raises(Refused):
            merging.merge_persons(a, b)
        merging.propose(Suspicion.objects.get(), keep="first")
        with pytest.raises(NotAccepted, match="other place"):
            merging.accept(Suspicion.objects.get())
    with acting(there):
        merging.accept(Suspicion.objects.get())
    with system("look"):
        assert Person.objects.get(pk=b.pk).merged_into_id == a.pk
        assert Suspicion.objects.get().state == "merged"


def test_who_reaches_both_merges_at_once(actor, across):
    a, b, _ = across
    with acting(actor("epidemiologist", "640100")):
        assert merging.merge_persons(a, b).keeper == a.pseudonym


def test_what_is_told_apart_is_not_asked_again(actor, across):
    _, _, pair = across
    with acting(actor("epidemiologist", "640105")):
        merging.tell_apart(pair)
        with pytest.raises(NotAccepted):
            merging.propose(Suspicion.objects.get(), keep="first")


@pytest.mark.parametrize("role", ["grid_worker", "auditor", "commander"])
def test_other_posts_merge_nothing(actor, two, role):
    a, b, *_ = two
    place = "640104-G01" if role == "grid_worker" else "640104"
    with acting(actor(role, place)), pytest.raises(Refused):
        merging.merge_persons(a, b)
