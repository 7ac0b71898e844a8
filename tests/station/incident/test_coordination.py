"""Duties, plans, findings, decisions, compacts, hand-over and early warnings."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from tongchou.station.access.context import system
from tongchou.station.access.managers import Refused
from tongchou.station.audit.models import Entry
from tongchou.station.incident.errors import NotPossible
from tongchou.station.incident.models import (
    AidRequest,
    Compact,
    CompactMember,
    DecisionRecord,
    Duty,
    EarlyWarning,
    Finding,
    Order,
    Organisation,
    SharedAlert,
    Task,
)
from tongchou.station.incident.rules.partners import allowed_in
from tongchou.station.incident.rules.tables import mechanisms, table
from tongchou.station.incident.services import (
    compacts,
    decisions,
    duties,
    findings,
    handover,
    plans,
    warnings,
)
from tongchou.station.incident.services.ledger import Proof, close_finding, move
from tongchou.vocabulary.text import Text

NINGXIA, YINCHUAN, XINGQING, XIXIA, SHIZUISHAN = "640000", "640100", "640104", "640105", "640300"


def test_the_proposed_division_leads_every_mechanism_once():
    leads = [r["mechanism"] for r in table("duties") if r["role"] == "accountable"]
    assert sorted(leads) == sorted(mechanisms())
    assert {r["agency"] for r in table("duties")} <= {r["agency"] for r in table("agencies")}


@pytest.mark.parametrize("code", [NINGXIA, YINCHUAN, XINGQING])
def test_after_adoption_no_mechanism_is_without_an_owner(at, places, code):
    with at("commander", code):
        assert duties.without_owner(places[code])
        organisations, made = duties.adopt(places[code])
        assert organisations > 15
        assert made > 60
        assert duties.without_owner(places[code]) == []
        assert duties.adopt(places[code]) == (0, 0), "a second time changes nothing"


def test_what_a_place_set_itself_stays(at, places):
    with at("commander", XINGQING):
        own = duties.save_organisation(
            Organisation(
                place=places[XINGQING],
                name_zh="指挥部流调组",
                name_en="Tracing group",
                kind="centre",
            )
        )
        duties.assign(own, "M043", "accountable")
        duties.adopt(places[XINGQING])
        assert Duty.objects.get(mechanism="M043", role="accountable").organisation == own
        other = Organisation.objects.get(agency="cdc")
        with pytest.raises(NotPossible, match="led by"):
            duties.assign(other, "M043", "accountable")
        duties.assign(own, "M043", "")
        assert "M043" in duties.without_owner(places[XINGQING])


def test_a_plan_measures_itself_against_the_latest_order(at, places):
    with system("an order as the morning run leaves it"):
        Order.objects.create(
            place=places[XINGQING], path=places[XINGQING].path, cut=timezone.localdate(), state="drafted",
            figures=[{"id": "reproduction", "value": 0.8, "label": {}, "unit": {}, "shown": "0.8"},
                     {"id": "admission_rate", "value": 0.5, "label": {}, "unit": {}, "shown": "50%"}],
        )  # fmt: skip
    with at("commander", XINGQING):
        plan = plans.draw_up(
            places[XINGQING], timezone.localdate(), text=Text(zh="遏制", en="Curb")
        )
        slow, admit = plan.objectives.get(key="slow"), plan.objectives.get(key="admit")
        assert (slow.on_target, admit.on_target) == (True, False)
        assert plan.objectives.get(key="work").on_target is None
        plans.approve(plan)
        with pytest.raises(NotPossible, match="next version"):
            plans.save_objective(slow)
        second = plans.next_version(plan)
        assert (second.version, second.objectives.count()) == (2, 12)
        plans.approve(second)
        plan.refresh_from_db()
        assert plan.state == "superseded"


def test_a_task_goes_down_only(at, places):
    with at("commander", XINGQING):
        plan = plans.draw_up(
            places[XINGQING], timezone.localdate(), text=Text(zh="遏制", en="Curb")
        )
        goal = plan.objectives.first()
        with pytest.raises(NotPossible):
            plans.give_task(goal, Task(text_zh="x", place=places[XIXIA]))
        task = plans.give_task(goal, Task(text_zh="摸排", place=places["640104-G01"]))
    with at("grid_worker", "640104-G01"):
        assert move(Task.objects.get(), "start").state == "doing"
    with at("grid_worker", "640104-G02"), pytest.raises(Task.DoesNotExist):
        move(task, "finish", proof=Proof(words="x"))


def new_finding(places, **more):
    given = {
        "from_place": places[YINCHUAN], "place": places[XINGQING], "text_zh": "隔离点无分区",
        "process": "隔离点管理", "mechanism": "M047", "evidence": "现场所见",
        "due": timezone.now() + timedelta(days=1),
    }  # fmt: skip
    return Finding(**(given | more))


def test_from_finding_to_verified_closure(at, places):
    with at("duty_officer", YINCHUAN):
        finding = findings.record_finding(new_finding(places))
        with pytest.raises(NotPossible):
            close_finding(finding, "")
        findings.set_action(finding, Task(text_zh="划分三区", owner="卫生健康局"))
    with at("duty_officer", XINGQING):
        task = Task.objects.get(origin="finding")
        assert Finding.objects.get().text.zh == "隔离点无分区", (
            "the place that is inspected sees it"
        )
        move(move(task, "accept"), "finish", proof=Proof(words="已划分"))
        with pytest.raises(Refused):
            move(task, "verify")
    with at("duty_officer", YINCHUAN):
        move(Task.objects.get(), "verify")
        assert close_finding(Finding.objects.get(), "复查合格").state == "closed"


def test_nobody_inspects_a_neighbour(at, places):
    with at("duty_officer", XINGQING), pytest.raises((NotPossible, Refused)):
        findings.record_finding(
            new_finding(places, from_place=places[XINGQING], place=places[XIXIA])
        )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE incident_decisionrecord SET owner = 'x'",
        "DELETE FROM incident_decisionrecord",
        "UPDATE incident_step SET note = 'x'",
    ],
)
def test_the_log_and_the_steps_only_grow_even_for_their_owner(sent, change):
    from django.db import connection

    with (
        system("try"),
        pytest.raises(DatabaseError, match="only grows"),
        transaction.atomic(),
        connection.cursor() as c,
    ):
        c.execute(change)


def test_an_error_is_put_right_by_a_further_entry(at, sent):
    with at("commander", NINGXIA):
        wrong = DecisionRecord.objects.get()
        decisions.enter(
            DecisionRecord(
                place=wrong.place, kind="correction", text_zh="时限应为两日", corrects=wrong
            )
        )
        assert [c.text.zh for c in wrong.corrections.all()] == ["时限应为两日"]


def test_a_ruling_is_what_was_published_or_nothing(at, places):
    with at("commander", NINGXIA):
        with pytest.raises(NotPossible, match="published"):
            decisions.enter(DecisionRecord(place=places[NINGXIA], kind="ruling", text_zh="通报"))
        assert decisions.enter(
            DecisionRecord(
                place=places[NINGXIA], kind="award", text_zh="表彰通报", link="https://www.gov.cn/x"
            )
        ).pk
        assert decisions.share_complete() is None, "links are no decisions of ours"


@pytest.fixture
def compact(at, places):
    """Give a compact of two counties to which both have agreed."""
    with at("commander", XINGQING):
        made = compacts.found(
            Compact(name_zh="协作", basis="协议", ends=timezone.localdate() + timedelta(days=30)),
            [places[XIXIA]],
        )
    with at("commander", XIXIA):
        compacts.agree(made)
    return made


def test_partners_share_what_they_agreed_to_and_nothing_else(at, compact, sent):
    with at("duty_officer", XIXIA):
        assert CompactMember.objects.count() == 1, "only the own membership is within reach"
        assert len(compacts.partners(compact)) == 2
        assert {t.place_id for t in Task.objects.all()} == {XIXIA}
    with at("duty_officer", SHIZUISHAN), pytest.raises(Refused):
        compacts.partners(compact)


def test_an_alert_is_acknowledged_within_the_hour(at, compact):
    with at("duty_officer", XINGQING):
        (alert,) = compacts.share_alert(compact, Text(zh="市场聚集", en="A cluster"))
        with pytest.raises(Refused):
            compacts.acknowledge(alert)
    with at("duty_officer", XIXIA):
        compacts.acknowledge(SharedAlert.objects.get(), "已部署")
        assert compacts.share_acknowledged_in_time() == (1.0, 1)
        assert not SharedAlert.objects.get().late


def test_where_partners_differ_and_who_can_help_whom(at, compact):
    rules = {"low": ["fever_clinic"], "medium": [], "high": []}
    with at("duty_officer", XINGQING):
        compacts.enter_rules(compact, level="II", tiers=rules, recognises_watch=True)
        compacts.enter_figures(compact, {"n95_mask": (5000, 100)})
    with at("duty_officer", XIXIA):
        compacts.enter_rules(compact, level="I", tiers=rules | {"low": []}, recognises_watch=True)
        compacts.enter_figures(compact, {"n95_mask": (100, 100)})
        there = compacts.partners(compact)
        assert [m.point.en for m in compacts.compare(there)] == [
            "level in force",
            "fever-clinic surveillance",
        ]
        (transfer,) = compacts.pool(there).transfers.iter_rows(named=True)
        assert (transfer["origin"], transfer["destination"], transfer["quantity"]) == (
            XINGQING,
            XIXIA,
            600,
        )


def test_aid_is_asked_offered_sent_and_received(at, compact, places):
    with at("duty_officer", XIXIA):
        compacts.ask_for_aid(
            compact,
            AidRequest(
                place=places[XINGQING],
                item="n95_mask",
                quantity=600,
                needed_by=timezone.localdate(),
            ),
        )
        with pytest.raises(Refused):
            compacts.answer_aid(AidRequest.objects.get(), "offered", offered=600)
    with at("duty_officer", XINGQING):
        with pytest.raises(NotPossible):
            compacts.answer_aid(AidRequest.objects.get(), "offered", offered=601)
        compacts.answer_aid(AidRequest.objects.get(), "offered", offered=500)
        compacts.answer_aid(AidRequest.objects.get(), "sent")
    with at("duty_officer", XIXIA):
        assert compacts.answer_aid(AidRequest.objects.get(), "received").state == "received"


def test_what_must_never_be_done_is_offered_in_no_tier():
    for tier in ("low", "medium", "high"):
        assert not {"sealed_home", "location_trail", "barred_by_origin", "speech_punished"} & set(
            allowed_in(tier)
        )


def test_two_posts_sign_a_hand_over_and_then_it_stands(at, places, sent):
    with at("duty_officer", XINGQING):
        sheet = handover.begin(places[XINGQING])
        assert handover.begin(places[XINGQING]) == sheet
        with pytest.raises(NotPossible):
            handover.take(sheet)
        sheet = handover.give(sheet, "三号隔离点缺床，已报市里")
        assert sheet.sheet["new"]["count"] == 2
        with pytest.raises(NotPossible, match="Two posts"):
            handover.take(sheet)
    with at("duty_officer", XINGQING, number=2):
        sheet = handover.take(sheet)
        assert sheet.closed
        with pytest.raises(NotPossible):
            handover.give(sheet, "改写")
        assert handover.latest_notes(places[XINGQING]) == "三号隔离点缺床，已报市里"


def test_a_warning_without_a_name_names_nobody_anywhere(at, places, units):
    with at("clinician", XINGQING, "640104-fever_clinic"):
        made = warnings.warn("今天七个发热病人来自同一个村", withhold=True)
        assert not EarlyWarning.objects.exists(), "not even the own post is tied to it"
    with system("look"):
        kept = EarlyWarning.objects.get()
        assert (kept.unit_id, kept.made_by) == (None, None)
        entry = Entry.objects.get(action="incident.warn")
        assert (entry.actor, entry.post, entry.path) == ("-", None, "")
    with at("duty_officer", XINGQING):
        warnings.answer(EarlyWarning.objects.get(), "已派流调组核实，采样送检")
    with at("clinician", XINGQING, "640104-fever_clinic"):
        assert "流调组" in warnings.by_slip(made.slip).answer
        assert warnings.by_slip("guess") is None


def test_a_warning_with_a_name_is_the_units_own(at, places, units):
    with at("clinician", XINGQING, "640104-fever_clinic"):
        warnings.warn("肺炎病人不明原因增多", withhold=False)
        assert EarlyWarning.objects.get().by_title.zh.startswith("兴庆区")
    with at("clinician", XIXIA, "640105-fever_clinic"):
        assert not EarlyWarning.objects.exists()
