"""Line by line: sign, change, refuse with reason; what was signed can no longer be changed."""

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from tongchou.station.access.context import acting, system
from tongchou.station.access.managers import Refused
from tongchou.station.audit.chain import Anchor, verify
from tongchou.station.audit.models import Entry
from tongchou.station.incident.errors import NotPossible
from tongchou.station.incident.models import (
    DecisionRecord,
    Directive,
    Handover,
    Order,
    OrderLine,
    Task,
)
from tongchou.station.incident.services import making, orders, signing
from tongchou.station.incident.services.receipts import receipts_for
from tongchou.vocabulary.text import Text

PROVINCE, CITY, COUNTY, NEXT = "640000", "640100", "640104", "640105"


@pytest.fixture
def commander(actor):
    return actor("commander", COUNTY)


def answer_all(order):
    """Sign the first line, change the second, refuse the third, sign the rest."""
    for line in order.lines.all():
        if line.number == 2:
            orders.answer(
                line,
                "change",
                text=Text(zh="改为先办甲乡", en="start with Jia"),
                owner="县卫健局",
                due=orders.proposed_due(line) + timedelta(hours=5),
            )
        elif line.number == 3:
            orders.answer(line, "refuse", reason="人手不足，改由市里统一安排")
        else:
            orders.answer(line, "sign")


@pytest.fixture
def signed(drafted, commander):
    with acting(commander):
        answer_all(drafted)
        return signing.sign(drafted)


@pytest.mark.parametrize(
    ("role", "place"),
    [
        ("duty_officer", COUNTY),
        ("epidemiologist", COUNTY),
        ("commander", NEXT),
        ("commander", CITY),
        ("commander", PROVINCE),
    ],
)
def test_nobody_but_the_commander_of_the_place_signs(drafted, actor, role, place):
    with acting(actor(role, place)):
        line = OrderLine.objects.filter(order=drafted).first()
        if place == NEXT:
            assert line is None, "another county does not even see it"
            with pytest.raises((Refused, Order.DoesNotExist)):
                signing.sign(drafted)
            return
        with pytest.raises(Refused):
            orders.answer(line, "sign")
        with pytest.raises(Refused):
            signing.sign(drafted)


def test_a_refusal_needs_a_reason_and_a_change_a_change(drafted, commander):
    with acting(commander):
        line = drafted.lines.first()
        with pytest.raises(NotPossible, match="reason"):
            orders.answer(line, "refuse", reason="  ")
        with pytest.raises(NotPossible, match="changed"):
            orders.answer(
                line,
                "change",
                text=line.said("sentence"),
                owner=line.said("owner").en,
                due=orders.proposed_due(line),
            )


def test_an_order_is_not_signed_while_a_line_is_open(drafted, commander):
    with acting(commander):
        orders.answer(drafted.lines.first(), "sign")
        assert Order.objects.get(pk=drafted.pk).state == "signing"
        with pytest.raises(NotPossible, match="2"):
            signing.sign(drafted)


def test_signed_lines_become_directives_and_refused_ones_stand_in_the_log(signed, commander):
    with acting(commander):
        lines = list(signed.lines.all())
        assert [bool(x.directive_id) for x in lines[:3]] == [True, True, False]
        first, second, third = lines[:3]
        assert Directive.objects.get(pk=first.directive_id).text.zh == first.said("sentence").zh
        changed = Directive.objects.get(pk=second.directive_id)
        assert (changed.text_en, changed.owner) == ("start with Jia", "县卫健局")
        assert changed.due == orders.proposed_due(second) + timedelta(hours=5)
        assert second.said("sentence").zh != "改为先办甲乡", "the old stays beside the new"
        assert Task.objects.filter(directive=first.directive).exists()
        log = DecisionRecord.objects.filter(directive=None).get()
        assert "人手不足" in log.text_zh
        assert third.reason in log.text_en
        assert DecisionRecord.objects.exclude(directive=None).count() == sum(
            x.reply != "refuse" for x in lines
        )


def test_the_signed_document_carries_names_changes_and_the_anchor(signed):
    with system("look"):
        page = bytes(
            signed.documents.get(name="order.html", lang="zh", signed=True).content
        ).decode()
        draft = bytes(
            signed.documents.get(name="order.html", lang="zh", signed=False).content
        ).decode()
        assert signed.documents.filter(name="order.docx", signed=True).count() == 2
    for text in (signed.signed_name, signed.anchor_hash, signed.digest, "改为先办甲乡", "人手不足"):
        assert text in page
        assert text not in draft
    assert verify([Anchor(seq=signed.anchor_seq, hash=signed.anchor_hash)]).holds


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE incident_order SET signed_name = 'x'",
        "UPDATE incident_order SET state = 'drafted'",
        "DELETE FROM incident_order",
        "UPDATE incident_orderline SET reason = 'x'",
        "DELETE FROM incident_orderline",
        "UPDATE incident_orderdocument SET content = ''",
        "DELETE FROM incident_orderdocument WHERE signed",
        "INSERT INTO incident_orderdocument (order_id, path, name, lang, signed, public, content_type, digest, size, content) "
        "SELECT order_id, path, 'more.html', lang, signed, public, content_type, digest, size, content FROM incident_orderdocument LIMIT 1",
    ],
)
def test_what_was_signed_cannot_be_changed_even_by_the_owner_of_the_tables(signed, statement):
    with (
        pytest.raises(DatabaseError, match="is signed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_signed_order_takes_no_more_answers_and_no_second_signature(signed, commander):
    with acting(commander):
        with pytest.raises(NotPossible):
            orders.answer(signed.lines.first(), "sign")
        with pytest.raises(NotPossible):
            signing.sign(signed)


def test_the_bulletin_is_public_only_after_it_was_signed_and_published(drafted, commander):
    place, cut = drafted.place_id, drafted.cut
    assert signing.public_document(place, cut, "bulletin.html", "zh") is None
    with acting(commander):
        with pytest.raises(NotPossible):
            signing.publish(drafted)
        answer_all(drafted)
        signing.sign(drafted)
    assert signing.public_document(place, cut, "bulletin.html", "zh") is None
    with acting(commander):
        signing.publish(drafted)
    assert signing.public_document(place, cut, "bulletin.html", "zh").lang == "zh"
    assert signing.public_document(place, cut, "places.csv", "en").public
    assert signing.public_document(place, cut, "order.html", "zh") is None
    assert signing.public_document(place, cut, "order.json", "") is None


def test_a_signed_edition_replaces_an_earlier_signed_one_without_changing_it(
    signed, places, commander
):
    with acting(commander):
        again = orders.ask(places[COUNTY], signed.cut)
    making.make(again.pk)
    with system("look"):
        assert Order.objects.get(pk=signed.pk).state == "signed", (
            "until the new one is signed the old one stands"
        )
    with acting(commander):
        answer_all(again)
        signing.sign(again)
    with system("look"):
        old = Order.objects.get(pk=signed.pk)
        assert (old.state, old.signed_name) == ("superseded", signed.signed_name)


def test_what_became_of_yesterday_reaches_the_next_order(signed, places, actor):
    with system("the receipts of the day"):
        receipts = list(Task.objects.order_by("pk"))
        Task.objects.filter(pk=receipts[0].pk).update(state="done")
        Task.objects.filter(pk=receipts[1].pk).update(due=timezone.now() - timedelta(hours=1))
        Handover(
            place=places[COUNTY], notes="两户待转运\n仓库钥匙在值班室", given_at=timezone.now()
        ).save()
        nxt = Order(place=places[COUNTY], cut=signed.cut + timedelta(days=1))
        told = receipts_for(nxt)
        Task.objects.filter(pk=receipts[1].pk).update(state="refused")
        later = receipts_for(nxt)
    assert (told.cut, told.done, told.refused, told.late, told.open) == (
        signed.cut,
        1,
        0,
        1,
        len(receipts) - 2,
    )
    assert (later.refused, later.late) == (1, 0)
    assert [n.zh for n in told.handover] == ["两户待转运", "仓库钥匙在值班室"]


def test_the_next_order_says_it(ground, places, actor, commander):
    with acting(commander):
        first = orders.ask(places[COUNTY], ground - timedelta(days=1))
    making.make(first.pk)
    with acting(commander):
        for line in first.lines.all():
            orders.answer(line, "sign")
        signing.sign(first)
        second = orders.ask(places[COUNTY], ground)
    making.make(second.pk)
    with system("look"):
        made = Order.objects.get(pk=second.pk)
        content = json.loads(bytes(made.documents.get(name="order.json").content))
        assert made.receipts["open"] == Task.objects.count()
    assert "under way" in content["yesterday"]["orders"]["en"]
    assert content["signoff"]["inputs"]["receipts"] == made.receipts["digest"]


def test_every_answer_stands_in_the_audit_trail(signed):
    with system("look"):
        noted = [
            json.loads(e.detail)
            for e in Entry.objects.filter(action="incident.sign").order_by("seq")
        ]
    replies = [n["reply"] for n in noted if "reply" in n]
    assert replies[:3] == ["sign", "change", "refuse"]
    assert noted[-1]["refused"] == 1
