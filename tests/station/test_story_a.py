"""Story A of the register, in a real browser: from a fever clinic's report to the signed order.

A clinic reports a suspected case; the laboratory finds it positive; the county confirms it, finds a
bed, names a contact and the workshop; a second case of the same workshop makes a cluster; the
morning run counts both; the commander signs line by line; orders go out; the bulletin is public.
"""

import re
from datetime import timedelta

import pytest
from django.db.models import DateTimeField, F
from django.utils import timezone
from playwright.sync_api import expect

from tongchou.situation.exercise.whole import DAYS
from tongchou.situation.exercise.whole import make as make_exercise
from tongchou.situation.pack import open_folder
from tongchou.station.access.context import acting, system
from tongchou.station.audit.chain import verify
from tongchou.station.cases.models import Case, Cluster, Contact, Sample, Venue
from tongchou.station.cases.services.contacts import record_exposure
from tongchou.station.cases.services.reporting import Report, own_unit, report_case
from tongchou.station.exchange.packs.load import load_pack
from tongchou.station.incident import tasks_orders
from tongchou.station.incident.models import Directive, Order
from tongchou.station.incident.services import making
from tongchou.station.incident.services.measuring import measures_of

pytestmark = [pytest.mark.browser, pytest.mark.drill]

PROVINCE, COUNTY = "640000", "640104"
CLINIC = ("clinician", COUNTY, f"{COUNTY}-fever_clinic")
HOSPITAL = f"{COUNTY}-designated"
LAB = ("laboratory", COUNTY, f"{COUNTY}-laboratory")
EPI = ("epidemiologist", COUNTY)


@pytest.fixture
def exercise(places, units, tmp_path):
    """Load a province in its sixtieth day; its last day was the day before yesterday."""
    folder = tmp_path / "exercise"
    first = timezone.localdate() - timedelta(days=DAYS + 1)
    make_exercise(folder, 1, province=PROVINCE, population=200_000, hospitals=5, first=first)
    load_pack(open_folder(folder))


@pytest.fixture
def jobs(monkeypatch):
    """Orders that were asked for; the test is the worker."""
    numbers = []
    monkeypatch.setattr(tasks_orders, "defer", numbers.append)
    return numbers


def mine() -> Case:
    with system("look"):
        return Case.objects.exclude(reported_by__isnull=True).order_by("pk").first()


def a_night_passes() -> None:
    """Put all that was entered today back by a day: an order is made of days that are over."""
    with system("the clock"):
        for model in (Case, Sample, Contact):
            times = [f.name for f in model._meta.fields if isinstance(f, DateTimeField)]
            entered = model.objects.filter(pk__in=[r.pk for r in model.objects.all() if fresh(r)])
            entered.update(**{t: F(t) - timedelta(days=1) for t in times})


def fresh(row: Case | Sample | Contact) -> bool:
    """Whether a row was entered by this story, not by the exercise."""
    number = row.pseudonym
    return not number.startswith("EX")


def confirmed_now(order: Order) -> float:
    with system("look"):
        return measures_of(Order.objects.get(pk=order.pk))["figure:new_confirmed"]


def test_from_the_clinics_report_to_the_signed_order(
    exercise, page_as, actor, places, units, jobs, live_server
):
    today = timezone.localdate()

    clinic = page_as(*CLINIC, path="/cases/report/")
    clinic.fill("#id_name", "丁一")
    clinic.fill("#id_document_number", "11010519491231002X")
    clinic.fill("#id_phone", "13900000002")
    clinic.fill("#id_onset_on", (today - timedelta(days=2)).isoformat())
    clinic.fill("#id_residence", COUNTY)
    clinic.get_by_role("button", name="下一步").click()
    clinic.get_by_label("同时登记采样").check()
    clinic.get_by_role("button", name="报告", exact=True).click()
    clinic.wait_for_url(re.compile("/cases/case/"))
    case = mine()
    assert case.state == "tested"

    lab = page_as(*LAB, path="/cases/samples/results/")
    with system("look"):
        (sample,) = case.samples.all()
    lab.locator("tr", has_text=sample.pseudonym).get_by_label("阳性").check()
    lab.get_by_role("button", name="保存结果").click()
    lab.get_by_text("其中阳性 1 个").wait_for()

    county = page_as(*EPI, path=f"/cases/case/{case.pseudonym}/")
    county.get_by_role("link", name="现在确诊").click()
    county.get_by_role("button", name="确诊", exact=True).click()
    county.get_by_role("link", name="登记收治").click()
    county.select_option("#id_care_unit", str(units[HOSPITAL].pk))
    county.get_by_role("button", name="登记收治").click()
    county.get_by_text("已保存：登记收治").wait_for()

    county.goto(f"{live_server.url}/cases/contacts/new/?case={case.pseudonym}")
    county.get_by_label("姓名").fill("钱二")
    county.get_by_label("居住网格或县区").fill(f"{COUNTY}-G01")
    county.get_by_label("末次接触日期").fill(today.isoformat())
    county.locator(".actions button.btn-primary").click()
    county.locator("a[href$='/place/']").first.click()
    county.get_by_label("居家隔离", exact=True).check()
    county.locator(".actions button.btn-primary").click()
    county.get_by_text("已安置").first.wait_for()

    county.goto(f"{live_server.url}/cases/venues/new/")
    county.locator("[name=name_zh]").fill("第三车间")
    county.locator("[name=name_en]").fill("Workshop 3")
    county.locator("select[name=kind]").select_option("workplace")
    county.locator(".actions button.btn-primary").click()
    county.get_by_role("heading", name="第三车间").wait_for()
    with system("look"):
        venue = Venue.objects.get(name_zh="第三车间")
    county.goto(f"{live_server.url}/cases/chains/{case.pseudonym}/exposure/")
    county.locator("select[name=venue]").select_option(str(venue.pk))
    county.locator("select[name=setting]").select_option("workplace")
    for field in ("from_on", "to_on"):
        county.fill(f"[name={field}]", (today - timedelta(days=3)).isoformat())
    county.locator(".actions button.btn-primary").click()
    county.get_by_text("第三车间").first.wait_for()

    with acting(actor(*CLINIC)):
        second = report_case(
            Report(
                name="马小兰", sex="female", age=41, residence=places[COUNTY], responsible=places[COUNTY],
                classification="confirmed", evidence="positive report of another hospital",
                onset_on=today - timedelta(days=1), diagnosed_at=timezone.now(),
            ),
            reported_by=own_unit(),
        )  # fmt: skip
    with acting(actor(*EPI)):
        record_exposure(
            second, from_on=today - timedelta(days=3), to_on=today, setting="workplace", venue=venue
        )
    with system("look"):
        cluster = Cluster.objects.get(venue=venue)
    county.goto(f"{live_server.url}/cases/clusters/{cluster.pseudonym}/")
    expect(county.locator("svg").first).to_be_attached()

    a_night_passes()
    yesterday = today - timedelta(days=1)
    duty = page_as("duty_officer", COUNTY, path="/incident/orders/")
    duty.get_by_role("link", name="启动晨间作业").first.click()
    duty.fill("#id_cut", yesterday.isoformat())
    duty.locator("form.sheet button").click()
    duty.wait_for_url("**/incident/orders/*/")
    making.make(jobs[0])
    duty.locator(".order-line").first.wait_for(timeout=30_000)
    with system("look"):
        order = Order.objects.get(pk=jobs[0])
    assert order.cut == yesterday
    assert confirmed_now(order) == 2, "the exercise ended the day before: these two are ours"

    chief = page_as("commander", COUNTY, path=f"/incident/orders/{order.pk}/")
    assert "丁一" not in chief.content(), "a commander signs about numbers, not names"
    lines = chief.locator(".order-line").count()
    assert lines >= 1
    for number in range(1, lines + 1):
        line = chief.locator(f"#line-{number}")
        line.locator("input[value=sign]").check()
        line.locator("form .btn").click()
        chief.locator(f"#line-{number}.is-sign").wait_for()
    chief.locator("#order-bar a.btn-primary").click()
    chief.locator("button[name=confirmed]").click()
    chief.locator(".signature").wait_for()

    with system("look"):
        assert Order.objects.get(pk=order.pk).state == "signed"
        assert Directive.objects.filter(order_line__isnull=False).count() == lines
    chief.goto(f"{live_server.url}/incident/orders/{order.pk}/publish/")
    chief.locator("button[name=confirmed]").click()
    chief.locator(f"a[href='/public/{COUNTY}/{yesterday}/']").wait_for()
    stranger = page_as(None, path=f"/public/{COUNTY}/{yesterday}/")
    expect(stranger.locator("h1")).to_have_count(1)
    assert "丁一" not in stranger.content()
    assert verify().holds
