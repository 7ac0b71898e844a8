"""The inbox: each entry counts exactly the rows of the list it leads to, for every role."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tongchou.station.access.context import acting
from tongchou.station.access.roles import Role, role_rules
from tongchou.station.desk import registry
from tongchou.station.desk.lists import all_lists
from tongchou.station.desk.registry import InboxSource, register_inbox
from tongchou.station.desk.templatetags.pieces import oldest
from tongchou.station.places.models import Unit
from tongchou.vocabulary.text import Text

UNITS = {
    "clinician": "designated",
    "laboratory": "laboratory",
    "depot": "depot",
    "enterprise": "enterprise",
}


def where(role: Role) -> tuple[str, str | None]:
    """Give a place, and a unit where the role has one, at the lowest level of a role."""
    level = role_rules()[role].levels[-1]
    place = "640104-G01" if level == "grid" else "640104"
    return place, f"640104-{UNITS[role]}" if role in UNITS else None


@pytest.fixture
def waiting_depots(monkeypatch):
    """Register an entry of the tests' own, with rows: the depots."""
    monkeypatch.setattr(registry, "_inbox", dict(registry._inbox))
    register_inbox(
        InboxSource(
            name="depots",
            section="do",
            label=Text(zh="物资库", en="Depots"),
            action="",
            rows=lambda: Unit.objects.filter(kind="depot"),
            url="/places/units/?kind=depot",
        )
    )


@pytest.mark.parametrize("role", list(Role))
def test_every_entry_counts_the_rows_of_its_list(signed_in, units, waiting_depots, role):
    client = signed_in(role, *where(role))
    home = client.get("/")
    shown = dict(re.findall(r'data-source="([^"]+)">([\d,]+)<', home.content.decode()))
    for section in home.context["sections"]:
        for entry in section["entries"]:
            page = client.get(entry.url)
            assert page.status_code == 200, (entry.source.name, entry.url)
            found = re.search(r'data-count="(\d+)"', page.content.decode())
            if found:
                assert int(found[1]) == entry.count, entry.source.name
            else:  # a page of work, no list: it says the number in its own words
                assert re.search(rf"\b{entry.count}\b", page.content.decode()), entry.source.name
            assert not entry.count or int(shown[entry.source.name].replace(",", "")) == entry.count
    assert shown["depots"] == "2"


@pytest.mark.parametrize("role", list(Role))
def test_every_place_of_the_navigation_opens(signed_in, units, role):
    client = signed_in(role, *where(role))
    for _, items in client.get("/").context["nav"]:
        for item in items:
            assert client.get(item["url"]).status_code == 200, item["url"]


def test_sections_stand_in_their_order_and_say_when_they_are_empty(signed_in, places):
    page = signed_in("auditor", "640104").get("/").content.decode()
    titles = ["To sign", "To do", "Late", "New"]
    assert sorted(titles, key=page.index) == titles
    assert "Nothing waits for a signature." in page


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(hours=3), "oldest 3 h ago"),
        (timedelta(hours=-5), "first in 5 h"),
        (timedelta(days=4), "oldest 4 d ago"),
        (timedelta(days=-3), "first in 3 d"),
    ],
)
def test_the_oldest_clock_is_said_in_hours_then_in_days(ago, said):
    now = timezone.now()
    assert oldest(now - ago, now).en == said
    assert "最早" in oldest(now - ago, now).zh


def test_days_are_days_of_the_operational_calendar():
    now = timezone.now()
    assert oldest(timezone.localdate(now), now).en == "oldest today"


def test_names_are_registered_once(waiting_depots):
    with pytest.raises(ValueError, match="depots"):
        register_inbox(registry._inbox["depots"])


def test_what_a_post_may_not_do_it_is_not_offered(actor, units):
    clinician = actor("clinician", "640104", "640104-designated")
    for known in (registry.inbox_for, registry.search_for, registry.panels_for):
        assert all(not s.action or s.action in clinician.may for s in known(clinician))
    with acting(clinician):
        for spec in all_lists():
            if spec.action in clinician.may:
                spec.rows().count()


@pytest.mark.parametrize("role", list(Role))
def test_every_place_in_the_navigation_answers(signed_in, units, role):
    client = signed_in(role, *where(role))
    groups = client.get("/").context["nav"]
    asked = {
        item["url"]: client.get(item["url"]).status_code for _, items in groups for item in items
    }
    assert asked, "at least the registers"
    assert {url: status for url, status in asked.items() if status != 200} == {}


def test_the_groups_of_the_navigation_stand_in_the_order_of_work(signed_in, units):
    shown = [
        [group.en for group, _ in signed_in(role, *where(role)).get("/").context["nav"]]
        for role in Role
    ]
    order = [
        "Cases", "Contacts and quarantine", "Duplicates and deletion", "Command", "Exchange",
        "Registers", "Administration",
    ]  # fmt: skip
    for groups in shown:
        assert groups == [g for g in order if g in groups]
