"""A directive goes down, receipts come up: with evidence, with a reason, one level higher."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tongchou.station.access.context import system
from tongchou.station.access.managers import Refused
from tongchou.station.audit.models import Entry
from tongchou.station.incident.errors import BadEvidence, NotPossible, Overtaken
from tongchou.station.incident.models import DecisionRecord, Directive, Step, Task
from tongchou.station.incident.services.decisions import hours_to_action
from tongchou.station.incident.services.directives import send, withdraw, write_directive
from tongchou.station.incident.services.ledger import Proof, move, raise_overdue, tally_of

NINGXIA, YINCHUAN, XINGQING, XIXIA = "640000", "640100", "640104", "640105"
DONE = Proof(words="已分区，见照片", filename="zone.png", content=b"\x89PNG\r\n\x1a\n" + b"0" * 20)


def test_one_receipt_an_addressee_and_one_entry_in_the_log(at, sent):
    with at("commander", NINGXIA):
        assert sent.receipts.count() == 3
        entry = DecisionRecord.objects.get(directive=sent)
        assert entry.complete
    with at("duty_officer", XINGQING):
        assert {t.addressee.zh for t in Task.objects.all()} == {"兴庆区", "兴庆区designated"}
        assert not Directive.objects.exists(), "the directive itself is the issuer's"
    with at("clinician", XINGQING, "640104-designated"):
        assert Task.objects.get().unit.code == "640104-designated"
    with at("clinician", XIXIA, "640105-designated"):
        assert not Task.objects.exists()


def test_a_double_click_sends_nothing_twice(at, sent):
    with at("commander", NINGXIA), pytest.raises(NotPossible):
        send(sent)
    with at("commander", NINGXIA):
        assert sent.receipts.count() == 3


def test_accept_do_finish_with_evidence_verify(at, sent, receipt):
    with at("duty_officer", XINGQING):
        task = move(receipt(XINGQING), "accept")
        with pytest.raises(NotPossible, match="evidence"):
            move(task, "finish")
        task = move(task, "finish", proof=DONE)
        assert task.state == "done"
        assert task.evidence.get().content_type == "image/png"
    with at("commander", NINGXIA):
        task = move(task, "verify")
        assert [s.move for s in task.steps.all()] == ["send", "accept", "finish", "verify"]
        wait, of = hours_to_action()
        assert of == 1
        assert 0 <= wait < 0.1


def test_a_level_above_does_not_accept_in_the_owners_name(at, sent, receipt):
    for role, place in (("duty_officer", YINCHUAN), ("commander", NINGXIA), ("auditor", XINGQING)):
        with at(role, place), pytest.raises(Refused):
            move(receipt(XINGQING), "accept")


def test_a_refusal_needs_a_reason_and_goes_back_to_the_issuer(at, sent, receipt):
    with at("duty_officer", XIXIA):
        with pytest.raises(NotPossible, match="reason"):
            move(receipt(XIXIA), "refuse", note="  ")
        task = move(receipt(XIXIA), "refuse", note="本区没有发热门诊")
    with at("commander", NINGXIA):
        assert Task.objects.get(pk=task.pk).reason == "本区没有发热门诊"
        task = move(task, "send_again", note="请指定一处")
        assert task.state == "new"


def test_what_cannot_be_done_here_is_held_one_level_up_and_comes_back(at, sent, receipt):
    with at("duty_officer", XINGQING):
        task = move(receipt(XINGQING), "block", note="缺负压病房")
        assert task.held_path == "100000/640000/640100/"
    with at("duty_officer", YINCHUAN):
        task = move(Task.objects.get(pk=task.pk), "unblock", note="市里调拨两套设备")
        assert (task.state, task.held_path) == ("accepted", task.path)
    with at("duty_officer", XINGQING):
        assert move(task, "finish", proof=DONE).state == "done"


def test_someone_else_was_faster(at, sent, receipt):
    with at("duty_officer", XINGQING):
        task = receipt(XINGQING)
        move(task, "accept", seen="new")
        with pytest.raises(Overtaken):
            move(task, "refuse", note="x", seen="new")


def test_the_clock_raises_one_level_a_day_and_never_twice(at, sent):
    late = timezone.now() + timedelta(days=1, hours=1)
    assert raise_overdue(late) == 3
    assert raise_overdue(late) == 0, "a second run changes nothing"
    with at("duty_officer", YINCHUAN):
        assert {t.held_path for t in Task.objects.all()} == {"100000/640000/640100/"}
    assert raise_overdue(late + timedelta(hours=25)) == 3
    with system("look"):
        assert {t.held_path for t in Task.objects.all()} == {"100000/640000/"}
        assert Step.objects.filter(move="escalate").count() == 6


def test_the_level_it_was_raised_to_urges_and_gives_it_back(at, sent, receipt):
    late = timezone.now() + timedelta(days=1, hours=1)
    raise_overdue(late)
    with at("duty_officer", YINCHUAN):
        task = move(receipt(XINGQING), "urge", note="今晚十点前办结，缺人请报")
        assert (task.state, task.held_path) == ("new", task.path)
        with pytest.raises(Refused):
            move(task, "urge", note="再催")
    assert raise_overdue(timezone.now() + timedelta(hours=30)) >= 1, "and again after a day"


def test_at_its_expiry_a_directive_lapses_by_itself(at, sent, receipt):
    with at("duty_officer", XINGQING):
        move(receipt(XINGQING), "accept")
    raise_overdue(timezone.now() + timedelta(days=6))
    with system("look"):
        assert set(Task.objects.values_list("state", flat=True)) == {"lapsed"}
        assert Directive.objects.get().state == "lapsed"


def test_a_directive_closes_with_its_last_receipt_and_opens_with_a_reopened_one(at, sent, receipt):
    for role, place, unit in (
        ("duty_officer", XINGQING, None),
        ("duty_officer", XIXIA, None),
        ("clinician", XINGQING, "640104-designated"),
    ):
        with at(role, place, unit):
            move(move(receipt(place, unit), "accept"), "finish", proof=Proof(words="完成"))
    with at("commander", NINGXIA):
        for task in sent.receipts.all():
            move(task, "verify")
        assert Directive.objects.get().state == "closed"
        told = tally_of(sent.receipts.all())
        assert told.on_time_share == 1.0
        move(sent.receipts.first(), "reopen", note="照片不清")
        assert Directive.objects.get().state == "sent"
        assert tally_of(sent.receipts.all()).reopened == 1


def test_withdrawing_takes_the_open_receipts_with_it(at, sent):
    with at("commander", NINGXIA):
        withdraw(sent, "改由市里统一下达")
        assert set(sent.receipts.values_list("state", flat=True)) == {"withdrawn"}


def test_nobody_directs_beyond_the_own_place(at, places):
    with at("commander", XINGQING), pytest.raises(NotPossible, match="outside"):
        write_directive(
            Directive(
                place=places[XINGQING], text_zh="x", basis="x", owner="x",
                due=timezone.now(), expires=timezone.now(),
            ),
            places=[places[XIXIA]],
            units=[],
        )  # fmt: skip
    with at("grid_worker", "640104-G01"), pytest.raises(Refused):
        write_directive(
            Directive(
                place=places["640104-G01"], text_zh="x", basis="x", owner="x",
                due=timezone.now(), expires=timezone.now(),
            ),
            places=[places["640104-G01"]],
            units=[],
        )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.png", b"<script>alert(1)</script>", "not what its name says"),
        ("a.html", b"<html>", "is not taken"),
        ("a.pdf", b"", "empty"),
        ("a.txt", b"\x00\x01", "not what its name says"),
        ("a.pdf", b"%PDF-" + b"0" * (2 * 1024 * 1024), "more than"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_no_evidence(at, sent, receipt, name, content, said):
    with at("duty_officer", XINGQING):
        task = move(receipt(XINGQING), "accept")
        with pytest.raises(BadEvidence, match=said):
            move(task, "finish", proof=Proof(filename=name, content=content))


def test_every_step_is_on_the_audit_trail(at, sent, receipt):
    with at("duty_officer", XINGQING):
        move(receipt(XINGQING), "accept")
    with system("look"):
        actions = list(Entry.objects.values_list("action", flat=True))
    assert "incident.receipt" in actions
    assert "incident.direct" in actions
