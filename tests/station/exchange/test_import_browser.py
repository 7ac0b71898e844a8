"""Imports in a real browser: corrected and sent back, remembered, doubled by nobody, reviewed."""

import re

import pytest

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


def tally(page):
    found = {
        li.get_attribute("data-state"): li.locator("strong").inner_text()
        for li in page.locator(".tally li").all()
    }
    return {k: int(v.replace(",", "")) for k, v in found.items() if v != "0"}


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
    assert "GB18030" in page.locator(".head .sub").inner_text()
    assert page.locator("#column-0").input_value() == "code"
    page.get_by_role("button", name="预览").click()
    assert "检查了 4 行：2 行可导入，2 行有错误" in page.locator(".lead-count").inner_text()
    assert page.locator("tr.faulty.why").count() == 2
    page.get_by_role("button", name="开始导入 4 行").click()
    finish(page)
    assert tally(page) == {"added": 2, "faulty": 2}
    with page.expect_download() as caught:
        page.get_by_role("link", name="CSV", exact=True).click()
    text = caught.value.path().read_text(encoding="utf-8-sig")
    assert "'=1+1" in text
    fixed = text.replace("茶馆", "物资库").replace("乌有县", "金凤区")
    page.locator("#id_file").set_input_files(
        {"name": "fixed.csv", "mimeType": "text/csv", "buffer": fixed.encode()}
    )
    page.get_by_role("button", name="送回更正").click()
    assert "重新读取 2 行" in page.locator(".alert-success").inner_text()
    assert tally(page) == {"added": 4}
    assert Unit.objects.get(code="U4").name_en == "=1+1"
    page.get_by_role("link", name="导入", exact=True).first.click()
    assert "已完成" in page.locator("tr[data-row]").first.inner_text()


def test_a_second_import_adds_nothing_and_the_page_says_so(page_as, units_kind, csv_of):
    page = page_as("epidemiologist", "640104", path="/exchange/imports/")
    bring(page, csv_of([HEADER, *GOOD]))
    assert tally(page) == {"added": 2}
    upload(page, csv_of([HEADER, *GOOD]))
    page.get_by_role("button", name="预览").click()
    assert "完全相同的文件已导入过" in page.locator(".alert-warning").inner_text()
    page.get_by_role("button", name="开始导入").click()
    finish(page)
    assert tally(page) == {"unchanged": 2}


def test_a_mapping_is_remembered(page_as, units_kind, csv_of):
    page = page_as("epidemiologist", "640104", path="/exchange/imports/", lang="en")
    header = ["甲", "乙", "丙"]
    upload(page, csv_of([header, ["U1", "某库", "640104"]]), kind="units")
    for column, field in enumerate(["code", "name", "place"]):
        assert page.locator(f"#column-{column}").input_value() == ""
        page.locator(f"#column-{column}").select_option(field)
    begin(page)
    finish(page)
    upload(page, csv_of([header, ["U2", "另一库", "640104"]]), kind="units")
    assert "confirmed before" in page.locator(".alert-success").inner_text()
    assert [page.locator(f"#column-{n}").input_value() for n in range(3)] == [
        "code",
        "name",
        "place",
    ]


def test_a_missing_required_column_is_asked_for(page_as, units_kind, csv_of):
    page = page_as("epidemiologist", "640104", path="/exchange/imports/", lang="en")
    upload(page, csv_of([["编号", "随便"], ["U1", "甲"]]), kind="units")
    page.get_by_role("button", name="Preview").click()
    said = page.locator(".alert-danger").all_inner_texts()
    assert said == [
        "The required field “name” has no column yet.",
        "The required field “place” has no column yet.",
    ]
    page.locator("#column-1").select_option("name")
    page.get_by_role("button", name="Preview").click()
    assert page.locator(".alert-danger").count() == 1


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
    assert tally(page) == {"review": 30}
    page.get_by_role("link", name="审核", exact=True).click()
    first = page.locator(".review-card").first
    assert "第0库" in first.inner_text()
    first.get_by_role("button", name="是新记录").click()
    assert "已作为新记录导入 1 行" in page.locator(".alert-success").inner_text()
    second = page.locator(".review-card").first
    assert second.get_by_role("radio").is_checked()
    second.get_by_role("button", name="不导入").click()
    assert page.locator("h1").inner_text() == "审核 28 行"
    page.get_by_label("全部 28 行").check()
    page.get_by_role("button", name="选中的：不导入").click()
    finish(page)
    assert tally(page) == {"added": 1, "left_out": 29}
    assert Unit.objects.filter(code__startswith="V").count() == 1


def test_a_change_shows_now_and_then_side_by_side(page_as, units_kind, csv_of):
    page = page_as("epidemiologist", "640104", path="/exchange/imports/")
    bring(page, csv_of([HEADER, *GOOD]))
    bring(page, csv_of([HEADER, ["U1", "甲库新名", "", "物资库", "金凤区"]]))
    page.get_by_role("link", name="审核", exact=True).click()
    card = page.locator(".review-card")
    assert card.locator("del").inner_text() == "甲库"
    assert card.locator("ins").inner_text() == "甲库新名"
    card.get_by_role("button", name="改写记录").click()
    assert tally(page) == {"updated": 1}
    assert Unit.objects.get(code="U1").name_zh == "甲库新名"


def test_a_file_of_something_else_is_refused_in_words(page_as, units_kind):
    page = page_as("epidemiologist", "640104", path="/exchange/imports/", lang="en")
    page.complaints.clear()
    upload(page, b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "picture.csv", kind="units")
    assert "nor an xlsx or xls workbook" in page.locator(".alert-danger").inner_text()
    page.complaints[:] = [c for c in page.complaints if "422" not in c]


def test_on_a_phone_nothing_runs_off_the_page(page_as, units_kind, csv_of):
    page = page_as("epidemiologist", "640104", path="/exchange/imports/", width=360)

    def fits():
        return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    upload(page, csv_of([HEADER, *GOOD, *BAD]))
    assert fits()
    page.get_by_role("button", name="预览").click()
    assert fits()
    page.get_by_role("button", name="开始导入").click()
    finish(page)
    assert fits()
    assert tally(page) == {"added": 2, "faulty": 2}
    page.goto(page.url.split("/exchange")[0] + "/exchange/tables/")
    assert fits()


def test_what_waits_stands_in_the_inbox(page_as, units_kind, csv_of):
    page = page_as("epidemiologist", "640104", path="/exchange/imports/")
    bring(page, csv_of([HEADER, *BAD]))
    page.goto(page.url.split("/exchange")[0] + "/")
    page.get_by_role("link", name=re.compile("有错误行待更正")).click()
    assert page.locator("#count").inner_text() == "1"
    page.get_by_role("link", name="单位.csv").click()
    page.get_by_role("button", name="不再处理其余的行").click()
    assert "已放弃" in page.locator("#standing").inner_text()
