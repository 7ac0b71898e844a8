"""Every page of the incident desk answers in both languages, and refuses whom it should."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tongchou.station.access.context import system
from tongchou.station.incident.models import (
    Compact,
    DataRequest,
    DecisionRecord,
    Directive,
    EarlyWarning,
    Finding,
    Handover,
    Organisation,
    Plan,
    Task,
)
from tongchou.station.incident.services import (
    compacts,
    duties,
    findings,
    handover,
    plans,
    requests,
    warnings,
)
from tongchou.vocabulary.text import Text

NINGXIA, YINCHUAN, XINGQING, XIXIA = "640000", "640100", "640104", "640105"
PLAIN = ["board", "tasks", "directives", "plans", "findings", "decisions", "matrix", "organisations", "roster", "data_requests", "minutes", "compacts", "alerts", "handovers", "warnings", "warn", "warn_answer"]  # fmt: skip
FORMS = ["directive_new", "plan_new", "finding_new", "decision_new", "organisation_new", "shift_new", "delegation_new", "data_request_new", "compact_new", "handover_new"]  # fmt: skip


@pytest.fixture
def county(at, places, sent):
    """Give a county with one of everything."""
    with at("commander", XINGQING):
        here = places[XINGQING]
        duties.adopt(here)
        plan = plans.draw_up(
            here, timezone.localdate(), text=Text(zh="遏制蔓延", en="Curb the spread")
        )
        finding = findings.record_finding(
            Finding(
                from_place=here, place=here, text_zh="隔离点无分区", text_en="A site without zones",
                process="隔离点管理", mechanism="M047", evidence="现场所见",
                due=timezone.now() + timedelta(days=1),
            )
        )  # fmt: skip
        findings.set_action(finding, Task(text_zh="划分三区", owner="卫生健康局"))
        requests.ask(
            DataRequest(
                place=here, text_zh="返乡人员登记", asker="某局", purpose="排查",
                basis="传染病防治法第十二条", expires=timezone.localdate() + timedelta(days=9),
            ),
            [("身份证号码", "text"), ("返乡日期", "date"), ("车牌号", "text")],
        )  # fmt: skip
        handover.begin(here)
        warnings.warn("发热门诊一天来了七个同村的人", withhold=True)
        compact = compacts.found(
            Compact(
                name_zh="银川协作", basis="协议", ends=timezone.localdate() + timedelta(days=9)
            ),
            [places[XIXIA]],
        )
    with at("commander", XIXIA):
        compacts.agree(compact)
        compacts.share_alert(compact, Text(zh="市场出现聚集", en="A cluster at a market"))
        compacts.enter_figures(compact, {"n95_mask": (100, 100)})
    with at("commander", XINGQING):
        compacts.enter_figures(compact, {"n95_mask": (5000, 100)})
        compacts.enter_rules(
            compact, level="II", tiers={"low": [], "medium": [], "high": []}, recognises_watch=True
        )
    return plan


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_of_a_duty_officer_answers_in_both_languages(county, signed_in, language):
    client = signed_in("duty_officer", XINGQING)
    client.cookies["django_language"] = language
    here = {"path": "100000/640000/640100/640104/"}
    with system("numbers"):
        details = [
            ("task", Task.objects.filter(path=here["path"]).first().pk),
            ("plan", Plan.objects.get().pk),
            ("finding", Finding.objects.get().pk),
            ("data_request", DataRequest.objects.get().pk),
            ("handover", Handover.objects.get().pk),
            ("warning", EarlyWarning.objects.get().pk),
            ("compact", Compact.objects.get().pk),
            ("compact_rules", Compact.objects.get().pk),
            ("compact_figures", Compact.objects.get().pk),
            ("compact_alert", Compact.objects.get().pk),
            ("compact_aid", Compact.objects.get().pk),
            ("action_new", Finding.objects.get().pk),
            ("objective_new", Plan.objects.get().pk),
            ("task_new", Plan.objects.get().objectives.first().pk),
            ("organisation", Organisation.objects.first().pk),
            ("organisation_edit", Organisation.objects.first().pk),
        ]
    addresses = [reverse(f"incident:{n}") for n in (*PLAIN, *FORMS)]
    addresses += [reverse(f"incident:{n}", args=[pk]) for n, pk in details]
    for address in addresses:
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, address
        words = answer.content.decode()
        assert "{" not in words.partition("<main")[2].partition("</main>")[0].replace("{{", ""), (
            address
        )
        if language == "en":
            assert 'lang="en"' in words


def test_the_issuers_pages(county, signed_in):
    client = signed_in("commander", NINGXIA)
    with system("numbers"):
        directive, entry = Directive.objects.get().pk, DecisionRecord.objects.get().pk
    for name, pk in (("directive", directive), ("decision", entry), ("decision_correct", entry)):
        assert client.get(reverse(f"incident:{name}", args=[pk])).status_code == 200


@pytest.mark.parametrize("name", FORMS)
def test_a_grid_worker_gets_no_form_of_the_command(places, signed_in, name):
    assert (
        signed_in("grid_worker", "640104-G01").get(reverse(f"incident:{name}")).status_code == 404
    )


def test_not_yours_and_not_there_are_one_page(county, signed_in):
    client = signed_in("commander", XIXIA)
    with system("numbers"):
        theirs = Finding.objects.get().pk
    one = client.get(reverse("incident:finding", args=[theirs]))
    other = client.get(reverse("incident:finding", args=[999_999]))
    assert one.status_code == other.status_code == 404
    assert one.content == other.content


def test_a_clinician_finds_the_receipt_of_the_own_hospital_alone(sent, signed_in):
    client = signed_in("clinician", XINGQING, "640104-designated")
    page = client.get(reverse("incident:tasks"))
    assert page.status_code == 200
    assert page.content.decode().count("fever clinic a zone") >= 1
    with system("numbers"):
        county = Task.objects.get(path="100000/640000/640100/640104/", unit=None).pk
    assert client.get(reverse("incident:task", args=[county])).status_code == 404
