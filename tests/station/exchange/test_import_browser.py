"""Imports in a real browser: corrected and sent back, remembered, doubled by nobody, reviewed."""

import re

import pytest
from playwright.sync_api import expect

from tongchou.station.access.context import system
from tongchou.station.exchange.models import Import
from tongchou.station.exchange.running import run
from tongchou.station.places.models import Unit

pytestmark = pytest.mark.browser

HEADER = ["编号", "单位名称", "英文名", "类别", "所在地区"]
GOOD = [["U1", "甲库", "", "物资库", "金凤区"], ["U2", "乙库", "", "机关单位", "兴庆区"]]
BAD = [["U3", "丙库", "", "茶馆", "金凤区"], ["U4", "丁库", "=1+1", "物资库", "乌有县"]]


def latest():
    with system("look"):
        return Import.objects.latest("pk")


def upload(page, data, name="单位.csv", kind="机构"):
    page.goto(page.url.split("/exchange")[0].rstrip("/") + "/exchange/imports/new/")
    page.get_by_label(kind, exact=True).check()
    page.locator("#id_file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": data})
    page.get_by_role("button", name=re.compile("上传|Upload")).click()


def begin(page):
    page.get_by_role("button", name=re.compile("预览|Preview")).click()
    page.get_by_role("button", name=re.compile("开始导入|^Import")).click()


def expect_tally(page, **wanted):
    """Wait until the page counts so many rows in each state, and none in any other."""
    for state, rows in wanted.items():
        expect(page.locator(f".tally li[data-state={state}] strong")).to_have_text(str(rows))
    others = page.locator(".tally li").filter(
        has_not=page.locator("strong", has_text=re.compile("^0$"))
    )
    expect(others).to_have_count(len(wanted))


def finish(page):
    """Let the job do its work; the page finds out by itself."""
    page.locator("progress.bar").wait_for()
    run(latest().pk)
    page.locator("progress.bar").wait_for(state="detached")


def bring(page, data, **options):
    upload(page, data, **options)
    begin(page)
    finish(page)


def test_errors_are_corrected_and_sent_back(page_as, units_kind, csv_of):
    page = page_as("epidemiologist", "640104", path="/exchange/imports/")
    page.get_by_role("link", name="导入文件").first.click()
    page.get_by_label("机构", exact=True).check()
    page.locator("#id_file").set_input_files(
        {
            "name": "单位.csv",
            "mimeType": "text/csv",
            "buffer": csv_of([HEADER, *GOOD, *BAD], "gb18030"),
        }
    )
    page.get_by_role("button", name="上传").click()
    expect(page.locator(".head .sub")).to_contain_text("GB18030")
    expect(page.locator("#column-0")).to_have_value("code")
    page.get_by_role("button", name="预览").click()
    expect(page.locator(".lead-count")).to_contain_text("检查了 4 行：2 行可导入，2 行有错误")
    expect(page.locator("tr.faulty.why")).to_have_count(2)
    page.get_by_role("button", name="开始导入 4 行").click()
    finish(page)
    expect_tally(page, added=2, faulty=2)
    with page.expect_download() as caught:
        page.get_by_role("link", name="CSV", exact=True).click()
    text = caught.value.path().read_text(encoding="utf-8-sig")
    assert "'=1+1" in text
    fixed = text.replace("茶馆", "物资库").replace("乌有县", "金凤区")
    page.locator("#id_file").set_input_files(
        {"name": "fixed.csv", "mimeType": "text/csv", "buffer": fixed.encode()}
    )
    page.get_by_role("button", name="送回更正").click()
    expect(page.locator(".alert-success")).to_contain_text("重新读取 2 行")
    expect_tally(page, added=4)
    assert Unit.objects.get(code="U4").name_en == "=1+1"
    page.get_by_role("link", name="导入", exact=True).first.click()
    expect(page.locator("tr[data-row]").first).to_contain_text("已完成")


def test_a_second_import_adds_nothing_and_the_page_says_so(page_as, units_kind, csv_of):
    page = page_as("epidemiologist", "640104", path="/exchange/imports/")
    bring(page, csv_of([HEADER, *GOOD]))
    expect_tally(page, added=2)
    upload(page, csv_of([HEADER, *GOOD]))
    page.get_by_role("button", name="预览").click()
    expect(page.locator(".alert-warning")).to_contain_text("完全相同的文件已导入过")
    page.get_by_role("button", name="开始导入").click()
    finish(page)
    expect_tally(page, unchanged=2)


def test_a_mapping_is_remembered(page_as, units_kind, csv_of):
    page = page_as("epidemiologist", "640104", path="/exchange/imports/", lang="en")
    header = ["甲", "乙", "丙"]
    upload(page, csv_of([header, ["U1", "某库", "640104"]]), kind="units")
    for column, field in enumerate(["code", "name", "place"]):
        expect(page.locator(f"#column-{column}")).to_have_value("")
        page.locator(f"#column-{column}").select_option(field)
    begin(page)
    finish(page)
    upload(page, csv_of([header, ["U2", "另一库", "640104"]]), kind="units")
    expect(page.locator(".alert-success")).to_contain_text("confirmed before")
    for column, field in enumerate(["code", "name", "place"]):
        expect(page.locator(f"#column-{column}")).to_have_value(field)


def test_a_missing_required_column_is_asked_for(page_as, units_kind, csv_of):
    page = page_as("epidemiologist", "640104", path="/exchange/imports/", lang="en")
    upload(page, csv_of([["编号", "随便"], ["U1", "甲"]]), kind="units")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".alert-danger")).to_have_text(
        [
            "The required field “name” has no column yet.",
            "The required field “place” has no column yet.",
        ]
    )
    page.locator("#column-1").select_option("name")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".alert-danger")).to_have_count(1)


def test_a_duplicate_is_reviewed_one_by_one_and_the_rest_at_once(page_as, units_kind, csv_of):
    page = page_as("epidemiologist", "640104", path="/exchange/imports/")
    names = [f"第{n}库" for n in range(30)]
    bring(
        page,
        csv_of(
            [HEADER, *[[f"U{n}", name, "", "物资库", "金凤区"] for n, name in enumerate(names)]]
        ),
    )
    bring(
        page,
        csv_of(
            [HEADER, *[[f"V{n}", name, "", "物资库", "金凤区"] for n, name in enumerate(names)]]
        ),
    )
    expect_tally(page, review=30)
    page.get_by_role("link", name="审核", exact=True).click()
    first = page.locator(".review-card").first
    expect(first).to_contain_text("第0库")
    first.get_by_role("button", name="是新记录").click()
    expect(page.locator(".alert-success")).to_contain_text("已作为新记录导入 1 行")
    second = page.locator(".review-card").first
    expect(second.get_by_role("radio")).to_be_checked()
    second.get_by_role("button", name="不导入").click()
    expect(page.locator("h1")).to_have_text("审核 28 行")
    page.get_by_label("全部 28 行").check()
    page.get_by_role("button", name="选中的：不导入").click()
    finish(page)
    expect_tally(page, added=1, left_out=29)
    assert Unit.objects.filter(code__startswith="V").count() == 1


def test_a_change_shows_now_and_then_side_by_side(page_as, units_kind, csv_of):
    page = page_as("epidemiologist", "640104", path="/exchange/imports/")
    bring(page, csv_of([HEADER, *GOOD]))
    bring(page, csv_of([HEADER, ["U1", "甲库新名", "", "物资库", "金凤区"]]))
    page.get_by_role("link", name="审核", exact=True).click()
    card = page.locator(".review-card")
    expect(card.locator("del")).to_have_text("甲库")
    expect(card.locator("ins")).to_have_text("甲库新名")
    card.get_by_role("button", name="改写记录").click()
    expect_tally(page, updated=1)
    assert Unit.objects.get(code="U1").name_zh == "甲库新名"


def test_a_file_of_something_else_is_refused_in_words(page_as, units_kind):
    page = page_as("epidemiologist", "640104", path="/exchange/imports/", lang="en")
    page.complaints.clear()
    upload(page, b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "picture.csv", kind="units")
    expect(page.locator(".alert-danger")).to_contain_text("nor an xlsx or xls workbook")
    page.wait_for_load_state()
    page.complaints[:] = [c for c in page.complaints if "422" not in c]


def test_on_a_phone_nothing_runs_off_the_page(page_as, units_kind, csv_of):
    page = page_as("epidemiologist", "640104", path="/exchange/imports/", width=360)

    def fits():
        page.wait_for_load_state()
        return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    upload(page, csv_of([HEADER, *GOOD, *BAD]))
    assert fits()
    page.get_by_role("button", name="预览").click()
    assert fits()
    page.get_by_role("button", name="开始导入").click()
    finish(page)
    assert fits()
    expect_tally(page, added=2, faulty=2)
    page.goto(page.url.split("/exchange")[0] + "/exchange/tables/")
    assert fits()


def test_what_waits_stands_in_the_inbox(page_as, units_kind, csv_of):
    page = page_as("epidemiologist", "640104", path="/exchange/imports/")
    bring(page, csv_of([HEADER, *BAD]))
    page.goto(page.url.split("/exchange")[0] + "/")
    page.get_by_role("link", name=re.compile("有错误行待更正")).click()
    expect(page.locator("#count")).to_have_text("1")
    page.get_by_role("link", name="单位.csv").click()
    page.get_by_role("button", name="不再处理其余的行").click()
    expect(page.locator("#standing")).to_contain_text("已放弃")
