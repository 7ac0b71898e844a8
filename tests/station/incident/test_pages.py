"""Every page of the incident desk answers in both languages, and refuses whom it should."""

import pytest
from django.urls import reverse

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

NINGXIA, YINCHUAN, XINGQING, XIXIA = "640000", "640100", "640104", "640105"
PLAIN = ["board", "tasks", "directives", "plans", "findings", "decisions", "matrix", "organisations", "roster", "data_requests", "minutes", "compacts", "alerts", "handovers", "warnings", "warn", "warn_answer"]  # fmt: skip
FORMS = ["directive_new", "plan_new", "finding_new", "decision_new", "organisation_new", "shift_new", "delegation_new", "data_request_new", "compact_new", "handover_new"]  # fmt: skip


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


def test_what_no_database_can_hold_breaks_no_page(county, signed_in):
    client = signed_in("commander", XINGQING)
    with system("numbers"):
        task = (
            Task.objects.filter(path="100000/640000/640100/640104/", unit=None, state="new")
            .first()
            .pk
        )
        finding, form = Finding.objects.get().pk, DataRequest.objects.get().pk
    posts = [
        ("task_move", [task, "refuse"], {"note": "x\x00"}),
        ("task_move", [task, "no-such-move"], {"note": "x"}),
        ("finding_close", [finding], {"note": "\x00"}),
        ("judge", [form], {"verdict": "\x00", "note": "\x00"}),
        ("judge", [form], {"verdict": "fields", "keep": ["9" * 40, "x"]}),
        ("warn", [], {"words": "a\x00bcdef"}),
        ("assign", [1], {"mechanism": "M999", "role": "owner"}),
    ]
    for name, args, data in posts:
        answer = client.post(reverse(f"incident:{name}", args=args), data)
        assert answer.status_code in (200, 302, 400, 404), (name, answer.status_code)
    for address in ("?place=\x00", "?place=999999", "?only=\x00"):
        assert client.get(reverse("incident:matrix") + address).status_code in (200, 400, 404)
    assert client.get(reverse("incident:warn_answer") + "?slip=\x00").status_code in (200, 400)
    assert client.get(reverse("incident:task", args=[10**30])).status_code == 404
