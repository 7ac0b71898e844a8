"""Contacts, quarantine, duplicates and disclosure as people do them, in a real browser."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tongchou.station.access.context import system
from tongchou.station.cases import tasks
from tongchou.station.cases.models import (
    Case,
    Check,
    Contact,
    Identity,
    Merge,
    Need,
    Person,
    Quarantine,
    Site,
    Suspicion,
)  # fmt: skip
from tongchou.station.cases.services import contacts, quarantine
from tongchou.station.cases.services.duplicates import seek_duplicates

pytestmark = pytest.mark.browser

EPIDEMIOLOGIST = ("epidemiologist", "640104")
GRID_WORKER = ("grid_worker", "640104-G01")


@pytest.fixture
def county(places, units):
    """Give the county, with a case in it and a quarantine site for two."""
    county = places["640104"]
    Site.objects.create(unit=units["640104-quarantine"], capacity=2)
    with system("set up"):
        who = contacts.enter_person(responsible=county, residence=county, name="赵一")
        Case.objects.create(
            person=who, disease="covid-19", definition="trial-5", responsible=county,
            responsible_path=county.path, residence_path=county.path, suspected_at=timezone.now(),
            onset_on=timezone.localdate() - timedelta(days=4),
        )  # fmt: skip
    return county


def watched(county, places, name, *, placed=True, days_ago=1, **values):
    with system("set up"):
        who = contacts.enter_person(
            responsible=county, residence=places["640104-G01"], name=name, **values
        )
        contact = contacts.name_contact(
            who, responsible=county, setting="household", case=Case.objects.first(),
            exposed_on=timezone.localdate() - timedelta(days=days_ago),
        )  # fmt: skip
        if placed:
            quarantine.place(contact, kind="household", legal_basis="law39")
    return contact


def held(run):
    """Read from the database as the system."""
    with system("look"):
        return run()


def test_a_contact_is_named_and_placed(page_as, county):
    number = held(lambda: Case.objects.first().pseudonym)
    page = page_as(*EPIDEMIOLOGIST, path=f"/cases/contacts/new/?case={number}", lang="en")
    page.get_by_label("Name").fill("钱二")
    page.get_by_label("Telephone").fill("13800001234")
    page.get_by_label("Grid or county of residence").fill("640104-G01")
    page.get_by_label("Last exposure").fill(timezone.localdate().isoformat())
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="钱二")).to_be_visible()
    page.get_by_role("link", name="Place", exact=True).click()
    page.get_by_label("central quarantine", exact=True).check()
    page.get_by_label("Site (central quarantine)").select_option(index=1)
    page.get_by_label("food and water").check()
    page.get_by_role("button", name="Place").click()
    expect(page.get_by_text("in quarantine")).to_be_visible()
    assert held(lambda: Quarantine.objects.get().legal_basis) == "law39"
    assert held(lambda: Need.objects.get().kind) == "food"
    assert page.complaints == []


def test_who_is_on_record_is_not_entered_twice(page_as, county, places):
    watched(county, places, "钱二", phone="13800001234", birth_year=1980)
    number = held(lambda: Case.objects.first().pseudonym)
    page = page_as(*EPIDEMIOLOGIST, path="/cases/arrivals/new/", lang="en")
    page.get_by_label("Name").fill("钱 二")
    page.get_by_label("Telephone").fill("138 0000 1234")
    page.get_by_label("Year of birth").fill("1980")
    page.get_by_label("Grid or county of residence").fill("640104-G01")
    page.get_by_label("Purpose of the watch").fill("observation")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="This person: 钱二").click()
    expect(page.get_by_text("arrival under watch")).to_be_visible()
    people = held(lambda: Person.objects.count())
    assert people == 2, f"the case {number} and one contact, who is also the arrival"


def test_a_grid_worker_does_the_round_on_a_phone(page_as, county, places):
    well, ill, away = (watched(county, places, n) for n in ("钱二", "孙三", "李四"))
    page = page_as(*GRID_WORKER, path="/cases/round/", width=360)
    cards = page.locator("fieldset.visit")
    expect(cards).to_have_count(3)
    cards.filter(has_text="钱二").get_by_text("无症状").click()
    card = cards.filter(has_text="孙三")
    card.get_by_text("有症状").click()
    card.get_by_label("体温").fill("38.2")
    card.get_by_label("咳嗽").check()
    card.get_by_text("生活需求").click()
    card.get_by_label("药品").check()
    page.get_by_role("button", name="保存今日询问").click()
    expect(page.get_by_text("已登记 2 人今日情况。")).to_be_visible()
    expect(cards).to_have_count(1)
    assert held(lambda: Check.objects.get(contact=ill).positive)
    assert not held(lambda: Check.objects.get(contact=well).positive)
    assert not held(lambda: Check.objects.filter(contact=away).exists())
    assert held(lambda: Need.objects.get().kind) == "medicine"
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    assert page.complaints == []


def test_the_round_goes_by_keyboard_alone(page_as, county, places):
    watched(county, places, "钱二")
    page = page_as(*GRID_WORKER, path="/cases/round/", lang="en")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("36.6")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Recorded 1 people today.")).to_be_visible()
    assert str(held(lambda: Check.objects.get().temperature)) == "36.6"


def test_symptoms_become_a_report_without_typing_again(page_as, county, places):
    contact = watched(county, places, "孙三", phone="13800001234", birth_year=1980)
    with system("set up"):
        quarantine.record_check(contact, temperature=38.5, symptoms=["cough"])
    page = page_as(*EPIDEMIOLOGIST, lang="en")
    page.get_by_role("link", name="Symptoms under watch").click()
    page.get_by_role("link", name=contact.pseudonym).click()
    page.get_by_role("button", name="Report a suspected case").click()
    expect(page.get_by_label("Name")).to_have_value("孙三")
    expect(page.get_by_label("Telephone")).to_have_value("13800001234")


def test_an_appeal_is_taken_down_answered_and_upheld(page_as, county, places):
    contact = watched(county, places, "孙三")
    page = page_as(*GRID_WORKER, path=f"/cases/contacts/{contact.pseudonym}/", width=390)
    page.get_by_role("link", name="受理申诉").click()
    page.get_by_label("本人陈述的理由").fill("我不在场")
    page.get_by_role("button", name="受理").click()
    expect(page.get_by_text("申诉已受理")).to_be_visible()
    page = page_as(*EPIDEMIOLOGIST, lang="en")
    page.get_by_role("link", name="Appeals to answer").click()
    page.get_by_role("link", name=contact.pseudonym).click()
    page.get_by_label("upheld: released at once").check()
    page.get_by_label("Reasons").fill("Found to have been elsewhere.")
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("released", exact=True)).to_be_visible()
    assert held(lambda: Contact.objects.get().state) == "released"


def test_the_persons_sheet_says_when_why_and_how_to_appeal_in_both_languages(
    page_as, county, places
):
    contact = watched(county, places, "孙三", days_ago=3)
    page = page_as(*GRID_WORKER, path=f"/cases/contacts/{contact.pseudonym}/sheet/", width=390)
    due = (timezone.localdate() + timedelta(days=11)).isoformat()
    expect(page.locator("article.paper")).to_have_count(2)
    for article, words in zip(
        page.locator("article.paper").all(),
        (("解除日期", "第三十九条", "申诉"), ("You are released on", "article 39", "To appeal")),
        strict=True,
    ):
        for said in (due, *words):
            expect(article.get_by_text(said).first).to_be_visible()
    assert held(lambda: Case.objects.first().pseudonym) not in page.content(), (
        "whom they met stays confidential"
    )


def test_an_arrival_is_released_by_itself(page_as, county):
    arrived = timezone.localdate() - timedelta(days=14)
    page = page_as(*EPIDEMIOLOGIST, path="/cases/arrivals/new/", lang="en")
    page.get_by_label("Name").fill("周五")
    page.get_by_label("Grid or county of residence").fill("640104-G01")
    page.get_by_label("Purpose of the watch").fill("observation after arrival")
    page.get_by_label("Day of arrival").fill(arrived.isoformat())
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="周五")).to_be_visible()
    assert tasks.end_watches()["released"] == 1
    page.reload()
    expect(page.get_by_text("released", exact=True)).to_be_visible()
    expect(page.get_by_text("Deleted by itself")).to_be_visible()


def test_a_merge_side_by_side_and_its_undoing(page_as, county, places):
    watched(county, places, "张伟", phone="13800001234", birth_year=1980)
    watched(county, places, "张玮", phone="13800001234", birth_year=1980, address="解放东街 12 号")
    seek_duplicates()
    page = page_as(*EPIDEMIOLOGIST, lang="en")
    page.get_by_role("link", name="Suspected duplicates").click()
    page.locator("table.rows tbody a").first.click()
    expect(page.locator("tr.differs")).to_have_count(2)
    page.locator("tr", has_text="Name").get_by_label("张玮").check()
    page.get_by_role("button", name="One person: merge").click()
    expect(page.get_by_text("in force")).to_be_visible()
    kept = held(lambda: Identity.objects.get(person__merged_into=None, person__cases=None))
    assert (kept.name, kept.address) == ("张玮", "解放东街 12 号")
    page.get_by_role("button", name="Undo the merge").click()
    expect(page.get_by_text("The merge is undone.")).to_be_visible()
    names = held(
        lambda: sorted(Identity.objects.exclude(name="赵一").values_list("name", "address"))
    )
    assert names == [("张伟", ""), ("张玮", "解放东街 12 号")]
    assert held(lambda: Merge.objects.get().undone_at) is not None
    assert held(lambda: Suspicion.objects.get().state) == "open"


def test_a_person_is_shown_all_and_asks_to_be_deleted(page_as, county, places):
    contact = watched(county, places, "孙三", phone="13800001234")
    with system("set up"):
        quarantine.release(contact)
    page = page_as(*EPIDEMIOLOGIST, path=f"/cases/contacts/{contact.pseudonym}/", lang="en")
    page.get_by_role("link", name="All that is held").click()
    expect(page.get_by_role("heading", name="Who read or changed it")).to_be_visible()
    expect(page.get_by_text("13800001234")).to_be_visible()
    page.get_by_role("link", name="Asked to be deleted").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("2 records were deleted.")).to_be_visible()
    assert held(lambda: Identity.objects.filter(name="孙三").count()) == 0


def test_a_chain_is_drawn_and_told_as_a_table(page_as, county):
    with system("set up"):
        first = Case.objects.first()
        second = Case.objects.create(
            person=contacts.enter_person(responsible=county, residence=county), disease="covid-19",
            definition="trial-5", responsible=county, responsible_path=county.path, infector=first,
            exposed_at="household", onset_on=timezone.localdate(),
        )  # fmt: skip
    page = page_as(
        *EPIDEMIOLOGIST, path=f"/cases/chains/{first.pseudonym}/", width=390, lang="en", dark=True
    )
    expect(page.locator("svg.chain .mark").first).to_be_visible()
    expect(page.get_by_role("row", name=second.pseudonym)).to_contain_text(first.pseudonym)
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    assert page.complaints == []
