"""A job makes an order once, whoever stops it and whenever."""

import json
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from tongchou.morning import run
from tongchou.station.access.context import acting, system
from tongchou.station.access.managers import Refused
from tongchou.station.exchange.packs.errors import NothingHeld
from tongchou.station.incident.models import Order, OrderDocument, OrderLine
from tongchou.station.incident.services import making, orders

COUNTY, NEXT = "640104", "640105"


def look(pk):
    with system("look"):
        return Order.objects.select_related("place").get(pk=pk)


def test_the_day_of_an_exercise_is_its_own(ground, places):
    assert orders.usual_cut(places[COUNTY]) == ground
    assert orders.usual_cut(places["640000"]) == ground


def test_without_an_exercise_it_is_yesterday(places):
    assert orders.usual_cut(places[COUNTY]) == timezone.localdate() - timedelta(days=1)


def test_who_may_not_run_is_refused(ground, places, actor):
    with acting(actor("clinician", COUNTY, f"{COUNTY}-designated")), pytest.raises(Refused):
        orders.ask(places[COUNTY], ground)
    with acting(actor("duty_officer", NEXT)), pytest.raises(Refused):
        orders.ask(places[COUNTY], ground)


def test_a_drafted_order_holds_all_of_it(drafted):
    with system("look"):
        assert drafted.state == "drafted"
        assert (drafted.step, drafted.edition, drafted.synthetic) == (8, 1, True)
        names = set(drafted.documents.values_list("name", "lang", "public"))
        assert {
            ("order.html", "zh", False),
            ("order.html", "en", False),
            ("order.docx", "zh", False),
        } <= names
        assert {
            ("bulletin.html", "zh", True),
            ("places.csv", "", True),
            ("order.json", "", False),
        } <= names
        content = json.loads(bytes(drafted.documents.get(name="order.json").content))
        assert content["head"]["place"] == COUNTY
        assert [d["id"] for d in content["decisions"]] == list(
            drafted.lines.values_list("decision", flat=True)
        )
        assert drafted.lines.exists()
        assert "receipts" not in drafted.inputs


def test_asking_while_one_waits_gives_that_one(asked, places, actor):
    with acting(actor("commander", COUNTY)):
        assert orders.ask(places[COUNTY], asked.cut).pk == asked.pk


def test_asking_after_it_was_drafted_makes_an_edition_that_takes_its_place(drafted, places, actor):
    with acting(actor("commander", COUNTY)):
        again = orders.ask(places[COUNTY], drafted.cut)
    assert again.edition == 2
    making.make(again.pk)
    assert look(again.pk).state == "drafted"
    assert look(drafted.pk).state == "superseded"
    assert look(again.pk).digest == look(drafted.pk).digest, "the same data make the same bytes"


def test_a_job_that_comes_twice_makes_it_once(drafted):
    with system("look"):
        before = OrderDocument.objects.count(), OrderLine.objects.count()
    making.make(drafted.pk)
    with system("look"):
        assert (OrderDocument.objects.count(), OrderLine.objects.count()) == before


@pytest.mark.drill
@pytest.mark.parametrize("at", [1, 3, 5, 8])
def test_a_job_killed_at_any_step_is_taken_up_and_makes_one_order(asked, monkeypatch, at):
    walk = run.order_of_the_day

    class Killed(BaseException):
        pass

    def cut_off(*args, tell, **named):
        def until(step):
            tell(step)
            if step.number == at:
                raise Killed

        walk(*args, tell=until, **named)
        raise Killed

    monkeypatch.setattr(run, "order_of_the_day", cut_off)
    with pytest.raises(Killed):
        making.make(asked.pk)
    assert look(asked.pk).state == "running"
    assert orders.left_standing(timezone.now() + timedelta(seconds=1)) == [asked.pk]
    monkeypatch.setattr(run, "order_of_the_day", walk)
    making.make(asked.pk)
    made = look(asked.pk)
    assert (made.state, made.tries) == ("drafted", 2)
    with system("look"):
        assert made.documents.count() == OrderDocument.objects.count()


def test_a_run_that_is_cut_off_again_and_again_gives_up_and_says_so(asked):
    with system("look"):
        Order.objects.filter(pk=asked.pk).update(tries=making.MOST_TRIES)
    making.make(asked.pk)
    made = look(asked.pk)
    assert made.state == "failed"
    assert "three times" in made.failure.en


def test_missing_data_fail_with_their_own_words(places, actor):
    with acting(actor("duty_officer", COUNTY)):
        asked = orders.ask(places[COUNTY], date(2020, 1, 1))
    making.make(asked.pk)
    made = look(asked.pk)
    assert made.state == "failed"
    assert made.failure == NothingHeld(made.place.name, made.cut).text()


def test_a_fault_of_the_program_is_shown_and_raised(asked, monkeypatch):
    monkeypatch.setattr(making, "open_folder", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        making.make(asked.pk)
    assert look(asked.pk).state == "failed"


def test_the_morning_asks_once_for_each_place_with_a_commander(ground, places, post):
    for place in (COUNTY, NEXT, NEXT):
        post("commander", place)
    made = orders.due_this_morning()
    assert sorted(o.place_id for o in made) == [COUNTY, NEXT]
    assert orders.due_this_morning() == []


def test_two_orders_of_one_edition_cannot_be(asked):
    with system("try"), pytest.raises(DatabaseError), transaction.atomic():
        Order(place=asked.place, cut=asked.cut, edition=1).save()


def test_the_lock_falls_when_the_order_is_made(drafted):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database "
            "WHERE locktype = 'advisory' AND classid = %s AND d.datname = current_database()",
            [making._LOCK],
        )
        assert cursor.fetchone()[0] == 0
