"""The pages of cases over HTTP: each does what it says, shows what it may, and nothing more."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tongchou.station.access.context import acting, system
from tongchou.station.cases.models import Case, Identity, Investigation, Sample
from tongchou.station.cases.services.lifecycle import move
from tongchou.station.cases.services.reporting import Report, own_unit, report_case
from tongchou.station.cases.services.sampling import take_sample

pytestmark = pytest.mark.django_db
CLINIC = ("clinician", "640104", "640104-fever_clinic")
LAB = ("laboratory", "640104", "640104-laboratory")
EPI = ("epidemiologist", "640104")


def ago(hours):
    return timezone.now() - timedelta(hours=hours)


def box(moment):
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def the_case():
    with system("look"):
        return Case.objects.get()


@pytest.fixture
def case(actor, places, units):
    with acting(actor(*CLINIC)):
        return report_case(
            Report(
                name="马小兰", sex="female", age=41, phone="13900000001", residence=places["640105"],
                responsible=places["640104"], classification="suspected",
                onset_on=timezone.localdate() - timedelta(days=6), diagnosed_at=ago(50),
            ),
            reported_by=own_unit(),
        )  # fmt: skip


def who(**changed):
    return {
        "name": "丁一", "document_kind": "resident", "document_number": "", "sex": "male", "age": "30",
        "phone": "13900000002", "residence": "640105", "address": "", "health_worker": "",
        "onset_on": (timezone.localdate() - timedelta(days=1)).isoformat(), "visited_at": box(ago(2)), **changed,
    }  # fmt: skip


def what(client, **changed):
    """Send the first screen and answer the second as it came."""
    second = client.post(reverse("cases:report"), who())
    form = second.context["form"]
    return {
        **who(), "second": "1", "token": str(form.initial.get("token") or form["token"].value()),
        "disease": "covid-19", "classification": "suspected", "diagnosed_at": box(ago(1)), "severity": "",
        "responsible": "640104", "exposed_at": "", "found_inside": "", "household_code": "",
        "sample": "on", "sample_kind": "throat", "lab_unit": form.initial["lab_unit"], **changed,
    }  # fmt: skip


def test_a_report_takes_two_screens(signed_in, units):
    client = signed_in(*CLINIC)
    assert client.get(reverse("cases:report")).status_code == 200
    answer = client.post(reverse("cases:report"), what(client))
    made = the_case()
    assert answer.url == reverse("cases:case", args=(made.pseudonym,))
    assert (made.state, made.reported_by.code) == ("tested", "640104-fever_clinic")
    with system("look"):
        assert Sample.objects.get().lab_unit.code == "640104-laboratory"


def test_sending_the_second_screen_twice_reports_once(signed_in, units):
    client = signed_in(*CLINIC)
    data = what(client)
    for _ in range(2):
        client.post(reverse("cases:report"), data)
    with system("count"):
        assert (Case.objects.count(), Sample.objects.count()) == (1, 1)


def test_an_error_of_either_screen_is_shown_on_it_and_nothing_is_kept(signed_in, units):
    client = signed_in(*CLINIC)
    first = client.post(reverse("cases:report"), who(name=""))
    assert "name" in first.context["form"].errors
    second = client.post(reverse("cases:report"), what(client, classification="confirmed"))
    assert "evidence" in second.context["form"].errors
    late = client.post(reverse("cases:report"), what(client, **{"onset_on": "2100-01-01"}))
    assert "onset_on" in late.context["form"].errors
    with system("count"):
        assert Case.objects.count() == 0
        assert Identity.objects.count() == 0


def test_a_person_on_record_is_offered_and_taken(signed_in, case):
    client = signed_in(*CLINIC)
    known = client.post(reverse("cases:known"), who(phone="13900000001"))
    assert case.person.pseudonym in known.content.decode()
    data = what(client, person=case.person.pseudonym)
    client.post(reverse("cases:report"), data)
    with system("count"):
        assert (Case.objects.count(), Identity.objects.count()) == (2, 1)


def test_a_laboratory_finds_no_case_and_no_form(signed_in, case):
    client = signed_in(*LAB)
    for name, args in [
        ("cases", ()),
        ("report", ()),
        ("lines", ()),
        ("case", (case.pseudonym,)),
        ("delays", ()),
    ]:
        assert client.get(reverse(f"cases:{name}", args=args)).status_code == 404, name


@pytest.mark.parametrize("number", ["C-ZZZZZZZZ", None])
def test_not_yours_looks_like_not_there(signed_in, case, number):
    client = signed_in("epidemiologist", "640302")
    answer = client.get(reverse("cases:case", args=(number or case.pseudonym,)))
    other = client.get(reverse("cases:case", args=("C-22222222",)))
    assert answer.status_code == 404
    assert answer.content == other.content


@pytest.mark.parametrize(("role", "sees"), [("epidemiologist", True), ("commander", False)])
def test_names_are_shown_only_to_those_who_may_see_them(signed_in, case, role, sees):
    client = signed_in(role, "640104")
    for address in (
        reverse("cases:case", args=(case.pseudonym,)),
        reverse("cases:cases"),
        reverse("cases:cases") + "?format=csv",
        "/search/?q=maxiaolan",
    ):
        answer = client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert ("马小兰" in body.decode()) is sees, address


def test_a_commander_gets_no_button(signed_in, case):
    page = signed_in("commander", "640104").get(reverse("cases:case", args=(case.pseudonym,)))
    assert page.context["actions"] == []
    assert not any(page.context["can"].values())


def test_every_page_of_a_case_opens_in_both_languages(signed_in, case, units):
    client = signed_in(*EPI)
    pages = [
        reverse(f"cases:{name}", args=(case.pseudonym,))
        for name in (
            "case",
            "correct",
            "hand_over",
            "residence",
            "identity",
            "interview",
            "take_sample",
        )
    ]
    pages += [
        reverse("cases:move", args=(case.pseudonym, a))
        for a in ("confirm", "isolate", "admit", "die", "move_away")
    ]
    pages += [
        reverse(f"cases:{name}") for name in ("cases", "report", "lines", "samples", "delays")
    ]
    for lang in ("en", "zh-hans"):
        for page in pages:
            answer = client.get(page, headers={"accept-language": lang})
            assert answer.status_code == 200, page


def test_a_move_is_done_on_its_page_and_an_impossible_one_is_refused(signed_in, case, units):
    client = signed_in(*EPI)
    page = reverse("cases:move", args=(case.pseudonym, "confirm"))
    data = {"version": "1", "confirmed_at": box(ago(1)), "classification": "confirmed", "note": ""}
    assert "evidence" in client.post(page, data).context["form"].errors
    assert client.post(page, {**data, "evidence": "外院报告"}).status_code == 302
    assert the_case().state == "confirmed"
    assert client.get(reverse("cases:move", args=(case.pseudonym, "release"))).status_code == 400


def test_a_page_opened_before_somebody_elses_change_saves_nothing(signed_in, case):
    client = signed_in(*EPI)
    page = reverse("cases:move", args=(case.pseudonym, "isolate"))
    data = {"version": "1", "isolated_at": box(ago(1)), "note": ""}
    client.post(page, data)
    again = client.post(
        reverse("cases:take_back", args=(case.pseudonym,)), {"version": "1", "reason": "x"}
    )
    assert "version 1 → 2" in str(again.context["form"].errors)
    assert the_case().isolated_at is not None


def test_a_correction_leaves_what_was_before_on_the_page(signed_in, case):
    client = signed_in(*EPI)
    page = reverse("cases:correct", args=(case.pseudonym,))
    form = client.get(page).context["form"]
    data = {n: form[n].value() for n in form.fields}
    data = {
        n: ("" if v is None else v.strftime("%Y-%m-%dT%H:%M") if hasattr(v, "hour") else v)
        for n, v in data.items()
    }
    data |= {"found_inside": "", "health_worker": "", "age": "42", "reason": "年龄更正"}
    assert client.post(page, data).status_code == 302
    body = client.get(reverse("cases:case", args=(case.pseudonym,))).content.decode()
    assert "<del>41</del> → 42" in body
    assert the_case().suspected_at == case.suspected_at, (
        "seconds that the page did not show are kept"
    )


def test_handing_over_ends_on_the_list_when_the_case_has_gone(signed_in, case):
    client = signed_in(*EPI)
    page = reverse("cases:hand_over", args=(case.pseudonym,))
    answer = client.post(page, {"version": "1", "to": "640302", "reason": "现住地"})
    assert answer.url == reverse("cases:cases")
    assert client.get(reverse("cases:case", args=(case.pseudonym,))).status_code == 404


def test_an_interview_is_saved_and_completed(signed_in, case):
    client = signed_in(*EPI)
    page = reverse("cases:interview", args=(case.pseudonym,))
    version = client.get(page).context["form"].initial["version"]
    data = {
        "version": version,
        "symptoms": ["fever"],
        "settings": ["household"],
        "met_case": "yes",
        "travelled": "no",
    }
    data |= {
        "contacts_from": "",
        "travel_place": "",
        "source_note": "",
        "source_setting": "household",
    }
    wanting = client.post(page, {**data, "complete": "1"})
    assert set(wanting.context["form"].errors) == {"source_known", "contacts_named"}
    with system("look"):
        assert Investigation.objects.get().completed_at is None
    client.post(page, {**data, "source_known": "yes", "contacts_named": "3", "complete": "1"})
    assert the_case().investigated_at is not None


def line(n, **changed):
    row = {
        "name": f"病人{n}",
        "sex": "男",
        "age": "30",
        "residence": "兴庆区",
        "onset_on": "2020/2/3",
    }
    row |= {
        "diagnosed_at": "2020-02-04 10:00",
        "classification": "确诊",
        "evidence": "外院报告",
        **changed,
    }
    return {f"r{n}-{k}": v for k, v in row.items()}


def test_lines_are_kept_all_or_none(signed_in, units):
    client = signed_in(*CLINIC)
    page = reverse("cases:lines")
    token = client.get(page).context["frame"]["token"].value()
    frame = {"lines": "4", "token": str(token), "responsible": "640104"}
    bad = client.post(
        page, {**frame, **line(0), **line(1, age="四十", sex="x"), **line(2, onset_on="2100-01-01")}
    )
    assert bad.context["wrong"] == 1, (
        "what was typed is read first; the rules come when it can be read"
    )
    worse = client.post(page, {**frame, **line(0), **line(2, onset_on="2100-01-01")})
    assert worse.context["wrong"] == 1
    assert "2100-01-01" in str(worse.context["grid"][2]["errors"])
    with system("count"):
        assert Case.objects.count() == 0
    good = {**frame, **line(0), **line(1), **line(2)}
    for _ in range(2):
        assert client.post(page, good).status_code == 302
    with system("count"):
        assert Case.objects.count() == 3, "the same page sent twice reports once"
        assert set(Case.objects.values_list("classification", "state", "definition")) == {
            ("confirmed", "confirmed", "trial-5")
        }


def test_pasted_lines_fill_the_grid_and_keep_nothing(signed_in, units):
    client = signed_in(*CLINIC)
    pasted = "姓名\t性别\t年龄\n张三\t男\t40\n李四\tf\t50"
    page = client.post(
        reverse("cases:lines"),
        {"lines": "2", "r0-name": "王五", "pasted": pasted, "paste": "1", "responsible": "640104"},
    )
    names = [row["cells"][0]["value"] for row in page.context["grid"]]
    assert names[:3] == ["王五", "张三", "李四"]
    with system("count"):
        assert Case.objects.count() == 0


@pytest.fixture
def sample(actor, units, case):
    with acting(actor(*EPI)):
        return take_sample(
            Case.objects.get(), lab_unit=units["640104-laboratory"], taken_at=ago(30)
        )


def test_a_laboratory_receives_in_bulk_and_enters_results(signed_in, sample):
    client = signed_in(*LAB)
    bulk = {"row": [str(sample.pk)], "bulk": "receive", "confirmed": "1"}
    assert client.post(reverse("cases:samples"), bulk).status_code == 302
    page = reverse("cases:results")
    body = client.get(page).content.decode()
    assert sample.pseudonym in body
    assert "马小兰" not in body
    assert the_case().pseudonym not in body
    data = {
        "sample": [sample.pseudonym],
        f"{sample.pseudonym}-result": "positive",
        "result_at": box(ago(1)),
    }
    assert client.post(page, data).status_code == 302
    with system("look"):
        done = Sample.objects.get()
        assert done.received_at is not None
        assert done.result == "positive"


def test_another_laboratorys_sample_cannot_be_entered(signed_in, sample):
    client = signed_in("laboratory", "640105", "640105-laboratory")
    data = {
        "sample": [sample.pseudonym],
        f"{sample.pseudonym}-result": "positive",
        "result_at": box(ago(1)),
    }
    client.post(reverse("cases:results"), data)
    assert client.get(reverse("cases:sample", args=(sample.pseudonym,))).status_code == 404
    with system("look"):
        assert Sample.objects.get().result == ""


def entries(client):
    sections = client.get("/").context["sections"]
    return {w.source.name: w for s in sections for w in s["entries"]}


def test_the_inbox_counts_what_its_lists_show(signed_in, actor, case, units):
    client = signed_in(*EPI)
    found = entries(client)
    assert found["cases_late_sample"].count == 1
    assert found["cases_late_isolate"].count == 1
    assert found["cases_new"].count == 1
    for name, entry in found.items():
        if name.startswith("cases_"):
            assert client.get(entry.url).context["page"].count == entry.count, name
    with acting(actor(*EPI)):
        take_sample(Case.objects.get(), lab_unit=units["640104-laboratory"], taken_at=ago(30))
    assert entries(client)["cases_late_sample"].count == 0
    assert entries(client)["cases_late_result"].count == 1


def test_a_positive_result_asks_for_confirmation_until_it_is_done(signed_in, actor, sample):
    from tongchou.station.cases.services.sampling import Entered, enter_results

    client = signed_in(*CLINIC)
    assert entries(client)["cases_positive"].count == 0
    with acting(actor(*LAB)):
        enter_results([Entered(sample=Sample.objects.get(), result="positive", result_at=ago(1))])
    assert entries(client)["cases_positive"].count == 1
    with acting(actor(*EPI)):
        move(
            Case.objects.get(),
            "confirm",
            {"confirmed_at": ago(0), "classification": "confirmed"},
            version=None,
        )
    assert entries(client)["cases_positive"].count == 0
    assert entries(client)["cases_to_admit"].count == 1


def test_the_delays_page_names_the_place(signed_in, case):
    page = signed_in("duty_officer", "640100").get(reverse("cases:delays"))
    names = [t["place"].zh for t in page.context["tables"]]
    assert names == ["银川市", "兴庆区"]


def test_investigations_are_begun_in_bulk(signed_in, case):
    client = signed_in(*EPI)
    bulk = {"row": [str(case.pk)], "bulk": "begin", "confirmed": "1"}
    for _ in range(2):
        assert client.post(reverse("cases:cases"), bulk).status_code == 302
    with system("look"):
        assert Investigation.objects.get().completed_at is None
