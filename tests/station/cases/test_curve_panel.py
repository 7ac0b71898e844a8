"""The curve on the first page counts the confirmed of whole days within reach, and no others."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from tongchou.station.access.context import acting, system
from tongchou.station.cases import curve_panel
from tongchou.station.cases.models import Case, Person


@pytest.fixture(autouse=True)
def count_anew():
    curve_panel._counted.cache_clear()
    yield
    curve_panel._counted.cache_clear()


@pytest.fixture
def confirmed(places):
    def make(place, days_ago, many=1):
        path = places[place].path
        at = timezone.now() - timedelta(days=days_ago)
        with system("set up"):
            for _ in range(many):
                person = Person.objects.create(responsible_path=path, residence_path=path)
                Case.objects.create(
                    person=person, disease="covid19", definition="8", classification="confirmed",
                    state="confirmed", responsible=places[place], responsible_path=path,
                    residence_path=path, reported_at=at, confirmed_at=at,
                )  # fmt: skip

    return make


def drawn(who):
    with acting(who), override("en"):
        return curve_panel.draw()


def test_whole_days_within_reach_are_counted(actor, confirmed):
    confirmed("640104", 1, 3)
    confirmed("640104", 20, 2)
    confirmed("640104", 0)
    confirmed("640104", curve_panel.DAYS + 3)
    confirmed("640300", 2, 7)
    county = drawn(actor("epidemiologist", "640104"))
    assert re.search(r"New confirmed cases: 5 persons from .* 3 on the latest day", county)
    assert "12 persons" in drawn(actor("duty_officer", "640000"))


def test_it_says_where_its_numbers_are_from_and_when(actor, confirmed):
    confirmed("640104", 1)
    page = drawn(actor("epidemiologist", "640104"))
    assert f"counted {timezone.localdate()}" in page
    assert "within this post&#x27;s reach" in page


def test_without_anybody_there_is_no_panel(actor, places):
    assert drawn(actor("epidemiologist", "640104")) is None


def test_only_who_may_see_cases_has_it(signed_in, confirmed):
    confirmed("640104", 1)
    assert 'id="panel-curve"' in signed_in("duty_officer", "640104").get("/").content.decode()
    assert 'id="panel-curve"' not in signed_in("auditor", "640104").get("/").content.decode()
