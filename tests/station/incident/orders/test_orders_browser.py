"""Story of a morning in a real browser: run, watch, answer line by line, sign, publish; and who may not."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tongchou.station.access.context import acting, system
from tongchou.station.incident import tasks_orders
from tongchou.station.incident.models import Directive, Order
from tongchou.station.incident.services import making, orders, signing

pytestmark = pytest.mark.browser

COUNTY, NEXT, CITY = "640104", "640105", "640100"
DESK, PHONE = 1440, 360


@pytest.fixture(autouse=True)
def jobs_by_hand(monkeypatch):
    """Orders that were asked for; the test makes them when it is time."""
    numbers = []
    monkeypatch.setattr(tasks_orders, "defer", numbers.append)
    return numbers


def shot(page, name):
    """Keep a picture where somebody wants to look at it."""
    if folder := os.environ.get("TONGCHOU_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def fits(page):
    page.wait_for_load_state()
    return (
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        <= 0
    )


@pytest.mark.parametrize(("lang", "width"), [("zh", DESK), ("en", PHONE)])
def test_the_run_is_started_and_its_steps_are_watched(
    ground, page_as, jobs_by_hand, live_server, lang, width, post
):
    page = page_as("duty_officer", COUNTY, path="/incident/orders/", lang=lang, width=width)
    page.locator(
        "a", has_text="启动晨间作业" if lang == "zh" else "Start the morning run"
    ).first.click()
    shot(page, f"ask-{lang}-{width}")
    page.locator("form.sheet button").click()
    page.wait_for_url("**/incident/orders/*/")
    expect(page.locator(".run-steps li")).to_have_count(8)
    with system("a worker is at it"):
        Order.objects.update(state="running", step=3)
    page.locator(".run-steps li.now", has_text="3").wait_for()
    expect(page.locator(".run-steps li.done")).to_have_count(2)
    shot(page, f"steps-{lang}-{width}")
    assert fits(page)
    making.make(jobs_by_hand[0])
    page.locator(".order-line").first.wait_for()
    page.wait_for_load_state()
    assert page.locator(".order-line form").count() == 0, "a duty officer reads and does not sign"
    assert fits(page)


def answer(page, number, reply):
    line = page.locator(f"#line-{number}")
    line.locator(f"input[value={reply}]").check()
    return line


@pytest.mark.parametrize(("lang", "width"), [("en", DESK), ("zh", PHONE)])
def test_a_commander_signs_one_changes_one_refuses_one_and_publishes(
    drafted, page_as, live_server, lang, width
):
    page = page_as("commander", COUNTY, path="/", lang=lang, width=width)
    page.locator(
        "a", has_text="每日工作部署待签署" if lang == "zh" else "Orders of the day to sign"
    ).first.click()
    shot(page, f"list-{lang}-{width}")
    page.locator("table.rows tbody tr a").first.click()
    page.locator(".order-line").first.wait_for()
    page.wait_for_load_state()
    page.locator(".order-page iframe").scroll_into_view_if_needed()
    document = page.frame_locator("iframe")
    document.locator("#one h1").wait_for()
    total = page.locator(".order-line").count()
    expect(document.locator("fieldset.sign")).to_have_count(total)
    page.wait_for_timeout(400)  # for the picture
    shot(page, f"lines-{lang}-{width}")
    assert fits(page)
    answer(page, 1, "sign").locator("form .btn").click()
    page.locator("#line-1.is-sign").wait_for()
    line = answer(page, 2, "change")
    line.locator("[name=l2-text_zh]").fill("先办甲乡，再办其余")
    line.locator("[name=l2-text_en]").fill("Start with Jia, then the others")
    shot(page, f"change-{lang}-{width}")
    line.locator("form .btn").click()
    page.locator("#line-2.is-change del").wait_for()
    line = answer(page, 3, "refuse")
    line.locator("form .btn").click()
    page.locator("#line-3 .alert-danger").wait_for()
    line = page.locator("#line-3")
    line.locator("[name=l3-reason]").fill("人手不足")
    line.locator("form .btn").click()
    page.locator("#line-3.is-refuse").wait_for()
    for number in range(4, total + 1):
        answer(page, number, "sign").locator("form .btn").click()
        page.locator(f"#line-{number}.is-sign").wait_for()
    page.locator("#order-bar a.btn-primary").click()
    shot(page, f"sign-{lang}-{width}")
    page.locator("button[name=confirmed]").click()
    page.locator(".signature").wait_for()
    shot(page, f"signed-{lang}-{width}")
    assert fits(page)
    with system("look"):
        order = Order.objects.get(pk=drafted.pk)
        assert order.state == "signed"
        assert Directive.objects.count() == total - 1
    frame = page.frame_locator("iframe")
    expect(frame.locator(".answer.refused")).to_have_count(1)
    page.locator("#line-1 a[href*=directives]").click()
    page.wait_for_url("**/directives/*/")
    page.goto(f"{live_server.url}/incident/orders/{drafted.pk}/publish/")
    page.locator("button[name=confirmed]").click()
    page.locator(f"a[href='/public/{COUNTY}/{drafted.cut}/']").wait_for()
    stranger = page_as(None, path=f"/public/{COUNTY}/{drafted.cut}/", lang=lang, width=width)
    assert stranger.locator("h1").count() == 1
    assert "<5" in stranger.content() or "※" in stranger.content() or "0" in stranger.content()
    shot(stranger, f"bulletin-{lang}-{width}")
    stranger.goto(f"{live_server.url}/public/")
    shot(stranger, f"public-{lang}-{width}")
    assert fits(stranger)


@pytest.mark.parametrize(
    "role_place",
    [("commander", NEXT), ("clinician", COUNTY)],
    ids=["another county", "a clinician"],
)
def test_who_has_no_business_there_finds_no_door(drafted, page_as, live_server, role_place):
    role, place = role_place
    unit = f"{COUNTY}-designated" if role == "clinician" else None
    page = page_as(role, place, unit, path="/incident/orders/", lang="en")
    if place == NEXT:
        assert page.locator("table.rows tbody tr").count() == 0
    found = page.request.get(f"{live_server.url}/incident/orders/{drafted.pk}/sign/")
    assert found.status == 404


def test_without_script_and_htmx_a_line_is_answered_all_the_same(
    drafted, browser, page_as, live_server
):
    page = page_as("commander", COUNTY, lang="en")
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    context.add_cookies(page.context.cookies())
    plain = context.new_page()
    plain.goto(f"{live_server.url}/incident/orders/{drafted.pk}/")
    plain.locator("#line-1 input[value=sign]").check()
    plain.locator("#line-1 form .btn").click()
    expect(plain.locator("#line-1.is-sign")).to_have_count(1)
    context.close()


def test_a_failed_run_says_why_and_is_run_again(places, page_as, jobs_by_hand, actor):
    with acting(actor("duty_officer", COUNTY)):
        asked = orders.ask(places[COUNTY], orders.usual_cut(places[COUNTY]))
    making.make(asked.pk)
    page = page_as(
        "duty_officer", COUNTY, path=f"/incident/orders/{asked.pk}/", lang="en", width=PHONE
    )
    shot(page, "failed-en-360")
    assert page.locator(".alert-danger").count() == 1
    page.get_by_role("button", name="further edition").click()
    page.wait_for_url(f"**/orders/{asked.pk + 1}/")
    assert signing.published() == []
    assert fits(page)


def test_the_page_of_packs(ground, page_as):
    for lang, width in (("zh", DESK), ("en", PHONE)):
        page = page_as("epidemiologist", COUNTY, path="/exchange/packs/", lang=lang, width=width)
        shot(page, f"packs-{lang}-{width}")
        assert fits(page)
        with page.expect_download() as taken:
            page.locator("form .btn-primary").click()
        assert taken.value.suggested_filename.endswith(".zip")
