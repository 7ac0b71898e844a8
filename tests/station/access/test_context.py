"""Scopes: who acts, and what exists for them."""

from dataclasses import replace

import pytest
from django.db import connection, transaction

from tongchou.station.access.context import OutsideScope, acting, current, system
from tongchou.station.audit.models import Entry
from tongchou.station.audit.record import record
from tongchou.station.cases.models import Identity, Person


def setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true)", [name])
        return cursor.fetchone()[0] or ""


def test_an_unscoped_query_cannot_be_written_by_accident(db):
    with pytest.raises(OutsideScope):
        Entry.objects.count()


def test_nobody_sees_nothing(actor):
    with acting(actor("epidemiologist", "640104")):
        record("cases.view", "x")
    with acting(None):
        assert not Entry.objects.exists()


def test_a_scope_leaves_no_trace_after_it(actor):
    someone = actor("epidemiologist", "640104")
    with transaction.atomic():
        with acting(someone):
            assert setting("role") == "station_app"
            assert setting("station.from_path") == someone.path
        assert setting("role") == "none"
        assert setting("station.from_path") == ""


def test_scopes_nest_and_the_person_stays_on_record(actor):
    someone = actor("epidemiologist", "640104")
    with acting(someone):
        with system("hand-over"):
            assert current().is_system
            assert current().actor is someone
            assert setting("role") == "none"
            record("cases.transfer", "y")
        assert not current().is_system
        assert setting("role") == "station_app"
    with system("look"):
        (entry,) = Entry.objects.filter(resource="y")
    assert entry.actor == someone.label


def test_an_error_undoes_the_scope_and_its_settings(actor):
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), acting(actor("epidemiologist", "640104")):
            raise ZeroDivisionError
        assert setting("role") == "none"


def test_the_second_net_holds_when_the_first_is_cut(actor):
    """A query written past the manager, in plain SQL, still finds only the actor's rows."""
    for place in ("640104", "640105"):
        with acting(actor("epidemiologist", place)):
            record("cases.view", place)
    with acting(actor("auditor", "640104")), connection.cursor() as cursor:
        cursor.execute("SELECT resource FROM audit_entry")
        assert cursor.fetchall() == [("640104",)]
    with acting(None), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_entry")
        assert cursor.fetchone() == (0,)


def test_the_whole_country_is_read_in_a_role_of_its_own(actor):
    with acting(actor("epidemiologist", "100000")):
        assert setting("role") == "station_nation_named"
    with acting(actor("commander", "100000")):
        assert setting("role") in ("station_nation", "station_nation_named")
    with acting(actor("epidemiologist", "640000")):
        assert setting("role") == "station_app"


def test_names_of_the_whole_country_need_the_grant(actor, places):
    with system("one person"):
        person = Person.objects.create(responsible_path=places["640104"].path)
        Identity.objects.create(
            person=person, name="张小明", responsible_path=person.responsible_path
        )
    who = replace(actor("epidemiologist", "100000"), may={"cases.view": "area"})
    for there, seen in ((who, 0), (replace(who, may={**who.may, "cases.identity": "area"}), 1)):
        with acting(there), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM cases_identity")
            assert cursor.fetchone() == (seen,)
