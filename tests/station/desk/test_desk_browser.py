"""The desk in a real browser: at a desk and on a phone, in both languages, by mouse and by keyboard."""

import csv
import re

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tongchou.station.accounts.models import Post
from tongchou.station.places.models import Place, Unit

pytestmark = pytest.mark.browser

DESK, PHONE = 1440, 360


def count(page) -> int:
    return int(page.locator("#count").get_attribute("data-count"))


PAGES = ("/", "/places/", "/places/640104/", "/places/units/", "/search/?q=xqq")


@pytest.mark.parametrize("width", [DESK, PHONE])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_fit_their_window_and_name_themselves(page_as, live_server, units, lang, width):
    page = page_as("administrator", "640104", width=width, lang=lang)
    for path in PAGES:
        page.goto(live_server.url + path)
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0, path
        assert page.locator("h1").count() == 1, path
        assert page.locator("html").get_attribute("lang") == ("zh-Hans" if lang == "zh" else "en")
        assert page.title().startswith(page.locator("h1").inner_text().strip()[:4]), path


def test_a_filter_narrows_the_table_and_the_address_is_a_bookmark(page_as, units):
    page = page_as("epidemiologist", "640104", path="/places/", lang="en")
    whole = count(page)
    page.get_by_label("Level").select_option("grid")
    page.wait_for_url("**level=grid**")
    grids = str(Place.objects.filter(level="grid").count())
    assert grids != str(whole)
    expect(page.locator("#count")).to_have_attribute("data-count", grids)
    page.reload()
    expect(page.locator("#count")).to_have_attribute("data-count", grids)
    expect(page.get_by_label("Level")).to_have_value("grid")


def test_a_place_is_suggested_while_its_name_is_typed(page_as, units):
    page = page_as("epidemiologist", "640104", path="/places/", lang="en")
    page.get_by_label("Within").press_sequentially("xingq", delay=20)
    # What was typed first has suggestions of its own: those of the whole word come last.
    expect(page.locator("datalist option").first).to_have_attribute(
        "value", "640104 Xingqing District"
    )


def test_a_column_head_sorts_up_then_down_then_not(page_as, units):
    page = page_as("epidemiologist", "640104", path="/places/", lang="en")
    head = page.locator("th", has_text="Code")
    for state in ("ascending", "descending", None):
        head.locator("a").click()
        page.wait_for_function(
            "(state) => document.querySelectorAll('th')[1].getAttribute('aria-sort') === state",
            arg=state,
        )


def test_rows_are_walked_chosen_and_opened_by_keyboard(page_as, units):
    page = page_as("administrator", "640104", path="/places/units/?kind=depot", lang="en")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator("tr.at")).to_have_count(1)
    expect(page.locator("input[name=row]:checked")).to_have_count(1)
    expect(page.locator(".chosen")).to_have_text("1 chosen")
    name = page.locator("tr.at a").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/places/units/640104-depot/")
    expect(page.locator("h1")).to_have_text(name)


def test_search_begins_with_a_stroke_and_finds_by_initials(page_as, units):
    page = page_as("epidemiologist", "640104")
    page.keyboard.press("/")
    page.keyboard.type("xqq")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=xqq")
    page.get_by_role("link", name="兴庆区 县级 · 银川市").click()
    expect(page.locator("h1")).to_have_text("兴庆区")
    expect(page.locator("svg.chart")).to_have_attribute("aria-label", "兴庆区在地图上的位置")


def test_help_opens_with_a_question_mark_and_closes_with_escape(page_as, places):
    page = page_as("epidemiologist", "640104", lang="en")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog").get_by_text("Open the row")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_units_are_closed_in_bulk_after_a_page_with_their_number(page_as, units, width):
    page = page_as("administrator", "640104", path="/places/units/", lang="en", width=width)
    for code in ("640104-depot", "640104-laboratory"):
        page.get_by_label(f"Choose {units[code].name_en}").check()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("“Close” will be done to 2 of the rows.")).to_be_visible()
    page.get_by_role("button", name="Confirm for 2 of the rows").click()
    expect(page.get_by_text("Units closed: 2.")).to_be_visible()
    assert set(Unit.objects.filter(active=False).values_list("code", flat=True)) == {
        "640104-depot",
        "640104-laboratory",
    }


def test_a_view_is_saved_as_the_filters_stand_and_opened_again(page_as, units):
    page = page_as("epidemiologist", "640104", path="/places/", lang="en")
    page.get_by_label("Level").select_option("county")
    page.wait_for_url("**level=county**")
    counties = str(Place.objects.filter(level="county").count())
    expect(page.locator("#count")).to_have_attribute("data-count", counties)
    page.get_by_role("button", name="My views").click()
    page.get_by_label("Save these filters").fill("counties")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved the view “counties”.")).to_be_visible()
    page.get_by_role("link", name="Clear").click()
    expect(page.locator("#count")).not_to_have_attribute("data-count", counties)
    page.get_by_role("button", name="My views").click()
    page.get_by_role("link", name="counties").click()
    page.wait_for_url("**level=county**")
    expect(page.locator("#count")).to_have_attribute("data-count", counties)


def test_a_file_holds_the_rows_that_were_counted(page_as, units, tmp_path):
    page = page_as("epidemiologist", "640104", path="/places/?level=grid")
    counted = count(page)
    with page.expect_download() as started:
        page.get_by_role("link", name="导出 CSV").click()
    started.value.save_as(tmp_path / "list.csv")
    assert re.fullmatch(r"地区与网格_\d{4}-\d\d-\d\d\.csv", started.value.suggested_filename)
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) - 1 == counted


def test_a_grid_is_entered_with_its_mistakes_explained_first(page_as, places):
    page = page_as("administrator", "640104", path="/places/640104/", lang="zh")
    page.get_by_role("link", name="新网格").click()
    page.get_by_label("中文名称").fill("兴庆区新华街网格")
    page.get_by_label("经度").fill("106.28")
    page.get_by_role("button", name="保存").click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("经度和纬度要么都填，要么都不填。")
    expect(summary).to_contain_text("这个字段是必填项。")
    wrong = page.get_by_label("纬度")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_have_attribute("aria-describedby", "id_latitude_help id_latitude_error")
    page.get_by_label("英文名称").fill("Xinhua Street grid")
    wrong.fill("38.47")
    page.get_by_role("button", name="保存").click()
    page.wait_for_url("**/places/640104-G03/")
    expect(page.get_by_text("已保存。")).to_be_visible()
    assert Place.objects.get(code="640104-G03").path.startswith(places["640104"].path)


def test_what_is_not_yours_looks_like_what_is_not_there(page_as, places):
    page = page_as("administrator", "640104", path="/places/640105-G01/edit/", lang="en")
    not_yours = page.locator("body").inner_text()
    page.goto(page.url.replace("640105-G01", "640105-G99"))
    assert page.locator("body").inner_text() == not_yours
    assert "Not found" in not_yours
    assert "找不到" in not_yours


def test_language_and_theme_are_switched_and_remembered(page_as, places):
    page = page_as("epidemiologist", "640104", lang="zh")
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Today's inbox")
    page.get_by_role("button", name="Looks: as the system").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.wait_for_load_state()
    page.goto(page.url + "places/")
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    expect(page.locator("h1")).to_have_text("Places and grids")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Looks: dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
    page.wait_for_load_state()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark


def test_the_system_theme_is_followed_where_nothing_was_chosen(page_as, places):
    assert (
        page_as("epidemiologist", "640104", dark=True)
        .locator("html")
        .get_attribute("data-bs-theme")
        == "dark"
    )
    assert (
        page_as("epidemiologist", "640104").locator("html").get_attribute("data-bs-theme")
        == "light"
    )


def test_on_a_phone_the_navigation_opens_from_a_button(page_as, places):
    page = page_as("administrator", "640104", width=PHONE, lang="en")
    units = page.get_by_role("link", name="Units", exact=True)
    expect(units).to_be_hidden()
    page.get_by_role("button", name="Open the navigation").click()
    units.click()
    page.wait_for_url("**/places/units/")


def test_someone_with_two_posts_changes_between_them(page_as, post, places):
    held = post("administrator", "640104")
    Post.objects.create(
        user=held.user, role="epidemiologist", place=places["640105"], starts=held.starts
    )
    page = page_as(held, lang="en")
    page.get_by_role("button", name="account administrator, Xingqing District").click()
    page.get_by_role("button", name="epidemiologist, Xixia District").click()
    expect(page.locator(".sub").first).to_have_text(
        re.compile(r"^\s*epidemiologist, Xixia District")
    )


def test_lists_work_without_scripts(page_as, units, live_server, browser, post):
    signed = page_as("administrator", "640104")
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    context.add_cookies(
        [c for c in signed.context.cookies() if c["name"] == settings.SESSION_COOKIE_NAME]
    )
    page = context.new_page()
    page.goto(f"{live_server.url}/places/units/")
    page.get_by_label("Kind").select_option("depot")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#count")).to_have_attribute("data-count", "2")
    page.get_by_label(f"Choose {units['640104-depot'].name_en}").check()
    page.get_by_role("button", name="Close", exact=True).click()
    page.get_by_role("button", name="Confirm for 1 of the rows").click()
    expect(page.locator("td .tag", has_text="closed")).to_have_count(1)
    context.close()


def test_the_first_stop_of_the_tab_key_skips_to_the_content(page_as, places):
    page = page_as("epidemiologist", "640104", lang="en")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


def test_a_stranger_sees_the_sign_in_page_in_either_language(page_as, db):
    page = page_as(None, path="/places/", lang="en")
    expect(page).to_have_url(re.compile(re.escape("/accounts/login/?next=/places/")))
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
