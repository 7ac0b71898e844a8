"""The demonstration has a day's work on its desks, and a second start adds nothing."""

import pytest
from django.utils import timezone

from tongchou.station.access.context import system
from tongchou.station.cases.models import Case, Contact, Identity, Person
from tongchou.station.incident.models import Compact, Directive, Duty, Handover, Plan, Task
from tongchou.station.operations import rehearsal
from tongchou.station.operations.accounts import demonstration

MODELS = (Compact, Directive, Duty, Handover, Plan, Task, Identity, Contact)


@pytest.fixture
def county(places, units):
    place = places["640104"]
    demonstration(place, places["640104-G01"], renew=False)
    with system("set up"):
        person = Person.objects.create(responsible_path=place.path, residence_path=place.path)
        Case.objects.create(
            person=person, disease="covid19", definition="8", classification="suspected",
            responsible=place, responsible_path=place.path, residence_path=place.path,
            reported_at=timezone.now(),
        )  # fmt: skip
    return place


def counts():
    with system("look"):
        return {model.__name__: model.objects.count() for model in MODELS}


def test_the_desks_are_set_out_once(county):
    rehearsal.set_out(county)
    first = counts()
    assert all(first.values()), first
    rehearsal.set_out(county)
    assert counts() == first


def test_names_are_clearly_invented_and_a_receipt_is_late(county):
    rehearsal.set_out(county)
    with system("look"):
        names = set(Identity.objects.values_list("name", flat=True))
        assert names == {"演练甲", "演练壬", "演练癸"}
        receipt = Task.objects.get(origin="directive")
        assert receipt.due < timezone.now()
        assert receipt.place == county
