"""Journeys of cases in a real browser: a clinic, a county and a laboratory work on the same facts."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tongchou.station.access.context import acting, system
from tongchou.station.cases.models import Case, Sample
from tongchou.station.cases.services.reporting import Report, own_unit, report_case
from tongchou.station.cases.services.sampling import take_sample

pytestmark = pytest.mark.browser
CLINIC = ("clinician", "640104", "640104-fever_clinic")
LAB = ("laboratory", "640104", "640104-laboratory")
EPI = ("epidemiologist", "640104")


def ago(hours):
    return timezone.now() - timedelta(hours=hours)


@pytest.fixture
def opened(page_as, units):
    """Give the maker of pages, once places and units are there."""
    return page_as


@pytest.fixture
def case(opened, actor, places):
    with acting(actor(*CLINIC)):
        return report_case(
            Report(
                name="马小兰", sex="female", age=41, phone="13900000001", residence=places["640105"],
                responsible=places["640104"], classification="suspected",
                onset_on=timezone.localdate() - timedelta(days=6), diagnosed_at=ago(50),
            ),
            reported_by=own_unit(),
        )  # fmt: skip


def only_case():
    with system("look"):
        return Case.objects.get()


def fill_first_screen(page, **changed):
    values = {
        "name": "丁一", "document_number": "11010519491231002X", "phone": "13900000002",
        "onset_on": (timezone.localdate() - timedelta(days=1)).isoformat(), **changed,
    }  # fmt: skip
    for name, value in values.items():
        page.fill(f"#id_{name}", value)
    page.fill("#id_residence", "xingqing")
    suggested = page.locator("#places-id_residence option").first
    expect(suggested).to_have_attribute("value", re.compile("^640104 "))
    page.fill("#id_residence", suggested.get_attribute("value"))


def test_a_clinic_reports_in_two_screens(opened):
    page = opened(*CLINIC, path="/cases/report/")
    fill_first_screen(page)
    page.get_by_role("button", name="下一步").click()
    expect(page.locator("#id_responsible")).to_have_value(re.compile("^640104"))
    page.get_by_label("同时登记采样").check()
    page.get_by_role("button", name="报告", exact=True).click()
    page.wait_for_url(re.compile("/cases/case/"))
    case = only_case()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{case.pseudonym} · 丁一")
    assert (case.sex, case.state, case.reported_by.kind) == ("female", "tested", "fever_clinic")


def test_the_first_screen_says_at_once_who_is_on_record(opened, case):
    page = opened(*CLINIC, path="/cases/report/", lang="en")
    page.fill("#id_phone", "13900000001")
    page.locator("#id_phone").blur()
    page.get_by_text("may be on record already").wait_for()
    expect(page.locator("#known a").first).to_have_text(case.pseudonym)


def test_a_forgotten_field_is_named_and_the_rest_is_kept(opened):
    page = opened(*CLINIC, path="/cases/report/", lang="en")
    fill_first_screen(page, name="")
    page.get_by_role("button", name="Next").click()
    page.locator(".errors a", has_text="Name").click()
    expect(page.locator("#id_name")).to_be_focused()
    expect(page.locator("#id_phone")).to_have_value("13900000002")


def test_lines_pasted_from_a_spreadsheet_with_an_error_corrected(opened):
    page = opened(*CLINIC, path="/cases/lines/")
    rows = "丁一\t男\t30\t\t\t640104\t2020-02-03\t2020-02-04 10:00\t确诊\t\t外院\n丁二\t女\t四十\t\t\t640104\t2020-02-03\t2020-02-04 10:00\t确诊\t\t外院"
    page.locator("#r0-name").evaluate(
        """(cell, text) => { const data = new DataTransfer(); data.setData("text/plain", text);
        cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })); }""",
        rows,
    )
    expect(page.locator("#r1-name")).to_have_value("丁二")
    page.get_by_role("button", name="全部报告").click()
    page.get_by_text("还没有保存任何一行").wait_for()
    expect(page.locator("tr.why")).to_have_text(re.compile(r"^\s*年龄"))
    with system("count"):
        assert Case.objects.count() == 0
    page.fill("#r1-age", "40")
    page.get_by_role("button", name="全部报告").click()
    page.get_by_text("已报告 2 例").wait_for()
    with system("count"):
        assert Case.objects.count() == 2


def test_arrow_keys_walk_the_grid_and_enter_adds_a_line(opened):
    page = opened(*CLINIC, path="/cases/lines/")
    page.focus("#r0-name")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#r1-name")).to_be_focused()
    for _ in range(7):
        page.keyboard.press("Enter")
    expect(page.locator("#r8-name")).to_be_focused()


@pytest.fixture
def sample(case, actor, units):
    with acting(actor(*EPI)):
        return take_sample(
            Case.objects.get(), lab_unit=units["640104-laboratory"], taken_at=ago(30)
        )


def test_a_laboratory_enters_a_result_and_the_clinic_is_told(opened, sample):
    lab = opened(*LAB, path="/")
    lab.get_by_role("link", name=re.compile("样本待检")).click()
    lab.wait_for_url("**/cases/**")
    lab.goto(lab.url.split("/cases/")[0] + "/cases/samples/results/")
    row = lab.locator("tr", has_text=sample.pseudonym)
    row.get_by_label("阳性").check()
    lab.get_by_role("button", name="保存结果").click()
    lab.get_by_text("其中阳性 1 个").wait_for()
    expect(lab.get_by_text("没有待检样本")).to_be_visible()
    clinic = opened(*CLINIC, path="/")
    clinic.get_by_role("link", name=re.compile("阳性待确诊")).click()
    expect(clinic.locator("#count")).to_have_attribute("data-count", "1")


def test_confirmation_and_admission(opened, sample, units):
    with system("a result"):
        Sample.objects.update(result="positive", result_at=ago(5))
    page = opened(*EPI, path=f"/cases/case/{only_case().pseudonym}/")
    page.get_by_role("link", name="现在确诊").click()
    page.get_by_role("button", name="确诊", exact=True).click()
    page.get_by_role("link", name="登记收治").click()
    page.select_option("#id_care_unit", str(units["640104-designated"].pk))
    page.get_by_role("button", name="登记收治").click()
    page.get_by_text("已保存：登记收治").wait_for()
    expect(page.locator(".case-head .tag")).to_have_text("已收治")
    hospital = opened("clinician", "640104", "640104-designated", path="/cases/")
    # the facility of care sees it now
    expect(hospital.locator("#count")).to_have_attribute("data-count", "1")


def test_the_late_list_counts_what_the_inbox_counts(opened, case):
    page = opened("duty_officer", "640104", path="/", lang="en")
    entry = page.get_by_role("link", name=re.compile("suspected over 24 h, no sample"))
    expect(entry.locator(".count")).to_contain_text("1")
    entry.click()
    expect(page.locator("#count")).to_have_attribute("data-count", "1")
    expect(page.locator("table.rows")).to_contain_text("late by 1 d 2 h")
    page.wait_for_load_state()
    assert "马小兰" not in page.content(), "a duty officer sees no names"


def test_a_step_taken_back_stays_in_the_history(opened, case):
    page = opened(*EPI, path=f"/cases/case/{case.pseudonym}/do/die/", lang="en")
    page.get_by_role("button", name="Record death").click()
    page.get_by_text("Saved: record death").wait_for()
    page.get_by_role("link", name="Take the last step back").click()
    page.fill("#id_reason", "wrong person")
    page.get_by_role("button", name="Take back").click()
    page.get_by_text("Saved: Take the last step back").wait_for()
    assert only_case().state == "suspected"
    expect(page.locator(".timeline")).to_contain_text("wrong person")
    expect(page.locator(".timeline")).to_contain_text("Record death")


def test_an_investigation_is_drafted_and_completed(opened, case):
    page = opened(*EPI, path=f"/cases/case/{case.pseudonym}/interview/")
    page.get_by_label("发热").check()
    page.get_by_role("button", name="保存草稿").click()
    page.get_by_text("草稿已保存").wait_for()
    page.get_by_role("link", name="流行病学调查").first.click()
    expect(page.get_by_label("发热")).to_be_checked()
    page.get_by_role("button", name="完成流调").click()
    page.get_by_text("完成流调前需要填写").first.wait_for()
    page.get_by_role("group", name="窗口期内到过的场所").get_by_label("家庭").check()
    for name, value in (("met_case", "no"), ("travelled", "no"), ("source_known", "no")):
        page.select_option(f"#id_{name}", value)
    page.fill("#id_contacts_named", "3")
    page.get_by_role("button", name="完成流调").click()
    page.get_by_text("流行病学调查已完成").wait_for()


def test_a_case_of_another_city_is_not_there(opened, case):
    page = opened("epidemiologist", "640302", path="/", lang="en")
    page.complaints_before = list(page.complaints)
    answer = page.goto(page.url + f"cases/case/{case.pseudonym}/")
    assert answer.status == 404
    page.complaints.clear()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_is_wider_than_its_window(opened, sample, width, lang, tmp_path):
    number = only_case().pseudonym
    page = opened(*EPI, path="/cases/", width=width, lang=lang)
    home = page.url.split("/cases/")[0]
    pages = {
        "list": "/cases/", "report": "/cases/report/", "lines": "/cases/lines/", "case": f"/cases/case/{number}/",
        "correct": f"/cases/case/{number}/correct/", "interview": f"/cases/case/{number}/interview/",
        "confirm": f"/cases/case/{number}/do/confirm/", "hand": f"/cases/case/{number}/hand-over/",
        "sample": f"/cases/sample/{sample.pseudonym}/", "samples": "/cases/samples/", "delays": "/cases/delays/",
        "take": f"/cases/case/{number}/sample/",
    }  # fmt: skip
    for name, path in pages.items():
        page.goto(home + path)
        page.screenshot(path=tmp_path / f"{name}-{lang}-{width}.png", full_page=True)
        wide = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, name
    page.goto(home + "/cases/report/")
    fill_first_screen(page, phone="13900000001")
    page.locator("form.sheet button.btn-primary").click()
    page.locator("#id_classification").first.wait_for()
    page.wait_for_load_state()
    page.screenshot(path=tmp_path / f"what-{lang}-{width}.png", full_page=True)
    assert (
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        <= 0
    )
    lab = opened(*LAB, path="/cases/samples/results/", width=width, lang=lang)
    lab.screenshot(path=tmp_path / f"results-{lang}-{width}.png", full_page=True)
    assert (
        lab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        <= 0
    )
