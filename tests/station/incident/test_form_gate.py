"""The form gate: what is held already, what it costs, what the rule proposes, who decides (M100)."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tongchou.station.access.managers import Refused
from tongchou.station.incident.errors import NotPossible
from tongchou.station.incident.models import DataRequest
from tongchou.station.incident.rules import burden
from tongchou.station.incident.rules.burden import Asked
from tongchou.station.incident.rules.fields import dictionary, nearest, plain
from tongchou.station.incident.services import requests

NINGXIA, XINGQING = "640000", "640104"


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ("居民身份证号", "persons.document"),
        ("1、联系方式（手机）", "persons.phone"),
        ("今日体温", "checks.temperature"),
        ("请填写末次接触时间", "contacts.last_contact"),
        ("核酸检测结果", "samples.result"),
        ("Symptom onset date", "cases.onset"),
        ("Home address", "persons.address"),
        ("14天内旅行史", "arrivals.origin"),
    ],
)
def test_a_field_under_another_name_is_known_again(asked, held):
    found = nearest(asked)
    assert found.likeness >= burden.assumed("alike")
    assert found.known.held == held


@pytest.mark.parametrize(
    "asked", ["车牌号", "党员人数", "张贴海报数量", "宠物数量", "Number of banners"]
)
def test_what_nobody_holds_is_not_taken_for_something_else(asked):
    assert nearest(asked).likeness < burden.assumed("alike")


def test_the_dictionary_holds_every_column_of_the_data_contract():
    held = {k.held for k in dictionary()}
    assert {"case_counts.new_confirmed", "stocks.quantity"} & held or len(held) > 150


def test_plain_leaves_chinese_names_whole():
    assert plain("（2）请填写您的姓名：") == "姓名"


FIELD, HELD = Asked(seconds=15, held=False), Asked(seconds=15, held=True)
USUAL = {
    "entries": 1,
    "per_day": 1.0,
    "addressees": 100,
    "used": 8.0,
    "has_basis": True,
    "statutory": False,
}


@pytest.mark.parametrize(
    ("fields", "more", "verdict"),
    [
        ([FIELD], {}, "allowed"),
        ([FIELD, HELD], {}, "reduced"),
        ([HELD, HELD], {}, "refused"),
        ([FIELD], {"has_basis": False}, "refused"),
        ([FIELD], {"entries": 100}, "refused"),
        ([FIELD], {"entries": 100, "statutory": True}, "allowed"),
        ([FIELD], {"used": 19.5}, "refused"),
        ([FIELD], {"used": 19.2}, "allowed"),
    ],
)
def test_verdicts(fields, more, verdict):
    assert burden.judge(fields, **(USUAL | more)).verdict == verdict


def test_minutes_by_hand():
    """30 s to open, two fields of 15 s, 10 persons, daily: (30 + 30) × 10 / 60 = 10 minutes."""
    told = burden.judge([FIELD, HELD], **(USUAL | {"entries": 10}))
    assert told.asked == pytest.approx(10.0)
    assert told.needed == pytest.approx(7.5)
    assert told.saved == pytest.approx(250.0)
    assert burden.times_a_day("weekly", date(2020, 2, 1), date(2020, 2, 2)) == pytest.approx(1 / 7)


def ask(places, fields, **more):
    given = {
        "place": places[XINGQING], "text_zh": "摸排表", "asker": "某局", "purpose": "排查",
        "basis": "传染病防治法第十二条", "expires": timezone.localdate() + timedelta(days=6),
    }  # fmt: skip
    return requests.ask(DataRequest(**(given | more)), fields)


def test_a_person_decides_and_against_the_rule_only_with_a_reason(at, places):
    with at("duty_officer", XINGQING):
        form = ask(places, [("身份证号码", "text"), ("车牌号", "text")])
        assert form.proposed == "reduced"
        assert form.addressees == 2, "the grids of the county"
        with pytest.raises(NotPossible, match="reason"):
            requests.decide(form, "allowed", "")
        form = requests.decide(form, "reduced", "")
        assert form.in_force
        assert form.seconds_allowed == 45
        with pytest.raises(NotPossible):
            requests.decide(form, "refused", "改主意")
        assert requests.minutes_used(places[XINGQING]) == pytest.approx(8 + 0.75)
        assert requests.saved_minutes(places[XINGQING]) == pytest.approx(0.5)


def test_forms_of_the_province_weigh_on_the_grids_of_its_counties(at, places):
    with at("duty_officer", NINGXIA):
        requests.decide(ask(places, [("车牌号", "text")], place=places[NINGXIA]), "allowed", "")
    with at("duty_officer", XINGQING):
        assert not DataRequest.objects.exists(), "the request itself is the province's"
        assert [f.asker for f in requests.forms_in_force(places[XINGQING])] == ["某局"]
        full = ask(places, [(f"新字段甲{n}乙丙", "text") for n in range(50)])
        assert full.proposed == "refused"


def test_the_same_question_twice_is_sent_back(at, places):
    with at("duty_officer", XINGQING), pytest.raises(NotPossible, match="twice"):
        ask(places, [("车牌号", "text"), ("1. 车牌号", "text")])


def test_a_form_can_be_ended_before_its_day(at, places):
    with at("duty_officer", XINGQING):
        form = requests.decide(ask(places, [("车牌号", "text")]), "allowed", "")
        requests.end(form, "已有替代")
        assert requests.forms_in_force(places[XINGQING]) == []


def test_a_grid_worker_asks_for_no_forms(at, places):
    with at("grid_worker", "640104-G01"), pytest.raises(Refused):
        ask(places, [("车牌号", "text")], place=places["640104-G01"])
