"""The incident desk in a real browser: down, up, across, at a desk and on a phone."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tongchou.station.access.context import system
from tongchou.station.incident.models import DataRequest, Directive, Finding, Handover, Task

pytestmark = pytest.mark.browser

NINGXIA, YINCHUAN, XINGQING, XIXIA = "640000", "640100", "640104", "640105"
PNG = {"name": "分区.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + b"0" * 64}


def go(page, name, *args, query=""):
    """Open a page of the incident desk."""
    root = "/".join(page.url.split("/")[:3])
    page.goto(f"{root}{reverse(f'incident:{name}', args=args)}{query}")


def pick(page, move):
    """Open the fold of a move."""
    page.locator(f"details[data-move={move}] summary").click()
    return page.locator(f"details[data-move={move}]")


@pytest.fixture
def county_task(sent):
    """Give the number of the receipt of a county."""
    with system("number"):
        return Task.objects.get(place_id=XINGQING, unit=None).pk


def test_a_directive_goes_down(page_as, places, units):
    page = page_as("commander", NINGXIA, path=reverse("incident:directive_new"))
    page.get_by_label("内容（中文）").fill("今日内核对密接转运名单")
    page.get_by_label("依据").fill("传染病防治法第三十九条")
    page.get_by_label("责任岗位或单位").fill("县疾控中心")
    page.get_by_label("全部县级地区").check()
    page.get_by_role("button", name="下达").click()
    page.get_by_text("共 22 项").wait_for()
    with system("look"):
        sent = Directive.objects.get()
        assert sent.state == "sent"
        assert sent.receipts.count() == 22


def test_what_was_typed_stays_when_something_is_missing(page_as, places, units):
    page = page_as("commander", NINGXIA, path=reverse("incident:directive_new"), lang="en")
    page.get_by_label("What, in English").fill("Check the transfer list")
    page.get_by_label("Basis").fill("article 39")
    page.get_by_label("Owner (post or organisation)").fill("county CDC")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Choose at least one place or unit that receives it.").wait_for()
    expect(page.get_by_label("What, in English")).to_have_value("Check the transfer list")
    with system("look"):
        assert not Directive.objects.exists()


def test_the_receipt_comes_up_with_evidence_and_is_verified(page_as, county_task):
    page = page_as("duty_officer", XINGQING, path="/")
    page.get_by_text("任务与指令待签收").click()
    page.locator("table.rows tbody tr a").first.click()
    page.get_by_role("button", name="签收", exact=True).click()
    page.get_by_text("已记录：签收。").wait_for()
    page.get_by_role("button", name="开始办理").click()
    fold = page.locator("details[data-move=finish]")
    fold.get_by_label("结果").fill("三处发热门诊均已独立分区")
    fold.get_by_label("附件").set_input_files(PNG)
    fold.get_by_role("button", name="办结并附证据").click()
    page.get_by_role("link", name="分区.png").wait_for()
    with page.expect_download() as got:
        page.get_by_role("link", name="分区.png").click()
    assert got.value.suggested_filename == "分区.png"

    issuer = page_as(
        "commander", NINGXIA, path=reverse("incident:task", args=[county_task]), lang="en"
    )
    issuer.get_by_role("button", name="Verify").click()
    issuer.get_by_text("Recorded: Verify.").wait_for()
    with system("look"):
        assert Task.objects.get(pk=county_task).state == "verified"


def test_a_file_that_is_not_what_it_says_is_refused_in_words(page_as, county_task):
    page = page_as(
        "duty_officer", XINGQING, path=reverse("incident:task", args=[county_task]), lang="en"
    )
    page.get_by_role("button", name="Start").click()
    fold = page.locator("details[data-move=finish]")
    fold.get_by_label("File").set_input_files(PNG | {"buffer": b"<html><script>alert(1)</script>"})
    fold.get_by_role("button", name="Done, with evidence").click()
    page.get_by_text("is not what its name says").wait_for()
    with system("look"):
        assert Task.objects.get(pk=county_task).state == "doing"


def test_a_refusal_with_its_reason_goes_back_and_is_settled(page_as, county_task):
    page = page_as("duty_officer", XINGQING, path=reverse("incident:task", args=[county_task]))
    fold = pick(page, "refuse")
    fold.get_by_label("理由").fill("本区没有发热门诊")
    fold.get_by_role("button").click()
    page.get_by_text("已退回").first.wait_for()
    issuer = page_as("commander", NINGXIA, path="/")
    issuer.get_by_text("下级退回、待处理").click()
    issuer.locator("table.rows tbody tr a").first.click()
    expect(issuer.get_by_text("本区没有发热门诊").first).to_be_attached()
    fold = pick(issuer, "send_again")
    fold.get_by_label("理由").fill("请指定一处并分区")
    fold.get_by_role("button").click()
    issuer.get_by_text("已记录：重新下达。").wait_for()


def test_what_cannot_be_done_here_is_solved_one_level_up(page_as, county_task):
    page = page_as(
        "duty_officer",
        XINGQING,
        path=reverse("incident:task", args=[county_task]),
        lang="en",
        width=375,
    )
    fold = pick(page, "block")
    fold.get_by_label("Reason").fill("No negative-pressure equipment in the county")
    fold.get_by_role("button").click()
    page.get_by_text("Raised to").wait_for()
    city = page_as("duty_officer", YINCHUAN, path="/", lang="en")
    city.get_by_text("Raised to this level, to unblock or urge").click()
    city.locator("table.rows tbody tr a").first.click()
    fold = pick(city, "unblock")
    fold.get_by_label("Reason").fill("Two sets are on the way from the city depot")
    fold.get_by_role("button").click()
    city.get_by_text("Recorded: Obstacle removed: give it back.").wait_for()
    with system("look"):
        task = Task.objects.get(pk=county_task)
        assert (task.state, task.held_path) == ("accepted", task.path)


def test_many_receipts_are_accepted_at_once(page_as, sent):
    page = page_as("duty_officer", XINGQING, path=f"{reverse('incident:tasks')}?origin=directive")
    page.locator("input[name=row]").first.check()
    page.get_by_role("button", name="签收", exact=True).click()
    page.locator("form [name=confirmed]").first.click()
    page.get_by_text("“签收”1 项").wait_for()


def test_the_form_gate_finds_what_is_held_and_a_person_decides(page_as, places):
    page = page_as("duty_officer", XINGQING, path=reverse("incident:data_request_new"))
    page.get_by_label("表名（中文）").fill("返乡人员摸排表")
    page.get_by_label("要表单位").fill("某局")
    page.get_by_label("用途").fill("排查")
    page.get_by_label("法律或文件依据").fill("传染病防治法第十二条")
    page.get_by_label("字段").fill("居民身份证号 | 文字\n今日体温 | 数字\n车牌号 | 文字")
    page.get_by_role("button", name="查重并计时").click()
    page.get_by_text("规则建议：删减后准予下发。").wait_for()
    expect(page.get_by_text("checks.temperature")).to_have_count(1)
    page.get_by_role("button", name="准予下发").click()
    page.get_by_text("另作决定须写明理由").wait_for()
    page.get_by_role("button", name="删减后准予").click()
    page.get_by_text("已审结。").wait_for()
    go(page, "minutes")
    page.get_by_text("8.8 分钟，上限 20 分钟").wait_for()
    with system("look"):
        assert DataRequest.objects.get().fields.filter(kept=True).get().name == "车牌号"


def test_duties_are_adopted_in_one_click(page_as, places):
    page = page_as("commander", XINGQING, path="/", lang="en")
    page.get_by_text("Mechanisms without an owner").click()
    page.get_by_text("52 of them have no accountable organisation").wait_for()
    page.get_by_role("button", name="Adopt the proposed division").click()
    page.get_by_text("has an accountable organisation").wait_for()
    page.wait_for_load_state()
    expect(page.get_by_text("no owner")).to_have_count(0)


def test_two_posts_hand_over(page_as, places, sent):
    page = page_as("duty_officer", XINGQING, path=reverse("incident:handovers"))
    page.get_by_role("link", name="开始交接").click()
    page.get_by_role("button", name="开始", exact=True).click()
    page.get_by_label("交班说明").fill("三号隔离点缺床，已报市里")
    page.get_by_role("button", name="交班签字").click()
    page.get_by_text("等待另一岗位接班签字").wait_for()
    other = page_as("duty_officer", XINGQING, path="/")
    other.get_by_text("交接班待签字").click()
    other.locator("table.rows tbody tr a").first.click()
    other.get_by_role("button", name="接班签字").click()
    other.get_by_text("双方已签字，只读").wait_for()
    with system("look"):
        assert Handover.objects.get().closed


def test_from_a_finding_to_its_verified_closure(page_as, places):
    page = page_as("duty_officer", YINCHUAN, path=reverse("incident:finding_new"), lang="en")
    page.get_by_label("What was found, in English").fill("A quarantine site without zones")
    page.get_by_label("Place").select_option(XINGQING)
    page.get_by_label("Process").fill("running of quarantine sites")
    page.get_by_label("Mechanism").select_option("M047")
    page.get_by_label("Evidence (what was seen, figures, link to a list)").fill("seen on site")
    page.get_by_role("button", name="Record").click()
    page.get_by_role("link", name="Set a corrective action").click()
    page.get_by_label("Corrective action, in English").fill("Mark three zones")
    page.get_by_label("Owner (post or organisation)").fill("health bureau")
    page.get_by_role("button", name="Set").click()
    page.get_by_role("link", name="Xingqing District").wait_for()
    with system("numbers"):
        task, finding = Task.objects.get().pk, Finding.objects.get().pk
    county = page_as(
        "duty_officer", XINGQING, path=reverse("incident:task", args=[task]), lang="en"
    )
    county.get_by_role("button", name="Start").click()
    fold = county.locator("details[data-move=finish]")
    fold.get_by_label("What came of it").fill("Zones marked, checked by the centre")
    fold.get_by_role("button", name="Done, with evidence").click()
    county.get_by_text("Zones marked").first.wait_for()
    go(page, "task", task)
    page.get_by_role("button", name="Verify").click()
    page.get_by_text("Recorded: Verify.").wait_for()
    go(page, "finding", finding)
    page.locator("summary", has_text="Close").click()
    page.locator("details").get_by_role("button", name="Close").click()
    page.get_by_text("Closed.").wait_for()
    with system("look"):
        assert Finding.objects.get().state == "closed"


def test_a_plan_is_drawn_up_and_a_task_reaches_the_grid(page_as, places):
    page = page_as("commander", XINGQING, path=reverse("incident:plan_new"))
    page.get_by_label("总要求（中文）").fill("坚定信心、同舟共济、科学防治、精准施策")
    page.get_by_role("button", name="起草").click()
    page.get_by_role("button", name="批准执行").click()
    page.get_by_text("已批准执行。").wait_for()
    page.get_by_role("link", name="布置任务").first.click()
    page.get_by_label("任务（中文）").fill("今日走访所有居家观察户")
    page.get_by_label("承办地区").select_option("640104-G01")
    page.get_by_label("责任岗位或部门").fill("网格员")
    page.get_by_role("button", name="下达").click()
    page.get_by_text("今日走访所有居家观察户").first.wait_for()
    grid = page_as("grid_worker", "640104-G01", path="/", width=375)
    grid.get_by_text("任务与指令待签收").click()
    grid.get_by_text("今日走访所有居家观察户").wait_for()


def test_a_partner_is_warned_and_says_so_within_the_hour(page_as, places):
    page = page_as("duty_officer", XINGQING, path=reverse("incident:compact_new"))
    page.get_by_label("名称（中文）").fill("两区协作")
    page.get_by_label("依据（协议）").fill("协议")
    page.get_by_label("伙伴地区（同级）").select_option(XIXIA)
    page.get_by_role("button", name="发起").click()
    page.get_by_role("heading", name="两区协作").wait_for()
    other = page_as("duty_officer", XIXIA, path=reverse("incident:compacts"))
    other.get_by_role("link", name="两区协作").click()
    other.get_by_role("button", name="同意加入").click()
    other.get_by_role("link", name="共享预警").click()
    other.get_by_label("预警（中文）").fill("某市场出现聚集性病例")
    other.get_by_role("button", name="发送给所有伙伴").click()
    other.get_by_text("某市场出现聚集性病例").first.wait_for()
    page.goto("/".join(page.url.split("/")[:3]))
    page.get_by_text("伙伴地区预警待确认").click()
    page.locator("table.rows tbody tr a").first.click()
    page.get_by_role("button", name="确认收到").click()
    page.get_by_text("已确认。").wait_for()


def test_the_front_line_is_heard_without_a_name(page_as, places, units):
    page = page_as(
        "clinician",
        XINGQING,
        "640104-fever_clinic",
        path=reverse("incident:warn"),
        lang="en",
        width=375,
    )
    page.get_by_label("What you saw, where and when").fill("Seven fevers from one village today")
    page.get_by_label("Do not keep my name or post").check()
    page.get_by_role("button", name="Send it up").click()
    page.get_by_text("It went straight to the duty room").wait_for()
    slip = page.get_by_label("Slip").input_value()
    duty = page_as("duty_officer", XINGQING, path=reverse("incident:warnings"), lang="en")
    duty.locator("table.rows tbody tr a").first.click()
    expect(duty.get_by_text("withheld")).to_have_count(1)
    duty.get_by_label("Answer: what was looked into, what follows").fill("A team is on its way")
    duty.get_by_role("button", name="Answer").click()
    duty.get_by_text("A team is on its way").first.wait_for()
    go(page, "warn_answer", query=f"?slip={slip}")
    page.get_by_text("A team is on its way").wait_for()


@pytest.mark.parametrize("width", [360, 1440])
def test_no_page_is_wider_than_its_screen(page_as, county, width):
    page = page_as("commander", XINGQING, width=width, lang="en")
    with system("numbers"):
        details = [("task", Task.objects.filter(place_id=XINGQING).first().pk), ("finding", Finding.objects.get().pk),
                   ("data_request", DataRequest.objects.get().pk), ("handover", Handover.objects.get().pk)]  # fmt: skip
    names = (
        "board",
        "tasks",
        "matrix",
        "plans",
        "minutes",
        "directive_new",
        "decision_new",
        "roster",
    )
    for name, *args in [*((n,) for n in names), *details]:
        go(page, name, *args)
        beyond = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert beyond <= 0, name


def test_late_below_stands_in_the_inbox_of_the_issuer(page_as, county_task):
    with system("a day later"):
        Task.objects.update(due=timezone.now() - timedelta(hours=2))
    page = page_as("commander", NINGXIA, lang="en")
    page.get_by_text("Past due below").click()
    page.get_by_text("new, late").first.wait_for()
    expect(page.locator(".matches strong")).to_have_text("3")
