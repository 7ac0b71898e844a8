"""Pages of places and units: everybody reads them, the administrator of the area keeps them."""

import json

import pytest

from tongchou.station.access.context import acting, system
from tongchou.station.access.managers import Refused
from tongchou.station.audit.models import Entry
from tongchou.station.desk.gazetteer import services
from tongchou.station.places.models import Place, Unit

GRID = {"name_zh": "新华街网格", "name_en": "Xinhua Street grid"}
UNIT = {**GRID, "kind": "fangcang", "place": "640104", "active": "on"}


@pytest.mark.parametrize(
    "address",
    [
        "/places/100000/",
        "/places/640000/",
        "/places/640104/",
        "/places/640104-G01/",
        "/places/units/640104-depot/",
    ],
)
def test_a_place_shows_what_lies_above_and_below_with_a_map(signed_in, units, address):
    page = signed_in("grid_worker", "640105-G01").get(address)
    assert page.status_code == 200
    assert 'class="chart"' in page.content.decode()
    assert "New grid" not in page.content.decode()


def test_a_grid_gets_the_next_number_of_its_county(signed_in, places):
    client = signed_in("administrator", "640104")
    made = client.post("/places/640104/grids/new/", {**GRID, "population": "3200"})
    assert made.url == "/places/640104-G03/"
    grid = Place.objects.get(code="640104-G03")
    assert (grid.path, grid.parent_id, grid.population) == (
        f"{places['640104'].path}640104-G03/",
        "640104",
        3200,
    )
    assert "xhjwg" in grid.search
    with system("look"):
        assert Entry.objects.get(action="places.manage").resource == "places.place:640104-G03"


def test_a_change_says_what_was_before(signed_in, places):
    client = signed_in("administrator", "640104")
    assert (
        client.post(
            "/places/640104-G01/edit/", {**GRID, "longitude": "106.3", "latitude": "38.4"}
        ).status_code
        == 302
    )
    with system("look"):
        changed = json.loads(Entry.objects.get(action="places.manage").detail)["changed"]
    assert changed["name_en"] == ["Xingqing District grid 1", "Xinhua Street grid"]
    assert changed["longitude"][1] == "106.3"
    assert "population" not in changed, "it was empty and stayed so"


def test_a_unit_without_a_code_gets_one_and_may_move_within_the_area(signed_in, places):
    client = signed_in("administrator", "640100")
    assert client.post("/places/units/new/", UNIT).url == "/places/units/640104-fangcang-01/"
    assert client.post("/places/units/new/", UNIT).url == "/places/units/640104-fangcang-02/"
    client.post("/places/units/640104-fangcang-02/edit/", {**UNIT, "place": "640105 西夏区"})
    assert Unit.objects.get(code="640104-fangcang-02").path == places["640105"].path


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("place", "640300", "This place is not within your duties."),
        ("place", "nowhere", "No place has this code."),
        ("code", "640104-depot", "This code is taken."),
        ("code", "a b", "Enter a valid value."),
        ("longitude", "200", "less than or equal to 180"),
        ("longitude", "106", "Enter both longitude and latitude, or neither."),
        ("kind", "castle", "Select a valid choice"),
        ("name_zh", "", "This field is required."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(signed_in, units, field, value, said):
    before = Unit.objects.count()
    page = signed_in("administrator", "640104").post("/places/units/new/", {**UNIT, field: value})
    assert page.status_code == 200
    assert said in page.content.decode()
    assert Unit.objects.count() == before


ELSEWHERE = [
    "/places/640105/grids/new/",
    "/places/640105-G01/edit/",
    "/places/units/640105-depot/edit/",
]


@pytest.mark.parametrize("address", ELSEWHERE)
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_area_is_not_there(signed_in, units, address, method):
    client = signed_in("administrator", "640104")
    assert getattr(client, method)(address, {**UNIT}).status_code == 404
    assert not Place.objects.filter(name_en=GRID["name_en"]).exists()


@pytest.mark.parametrize("role", ["epidemiologist", "commander", "auditor", "duty_officer"])
@pytest.mark.parametrize(
    "address", ["/places/640104/grids/new/", "/places/units/new/", "/places/640104-G01/edit/"]
)
def test_other_posts_of_the_area_may_not(signed_in, units, role, address):
    assert signed_in(role, "640104").post(address, {**UNIT}).status_code == 404


def test_a_county_is_no_grid_and_a_grid_has_no_grids(signed_in, places):
    client = signed_in("administrator", "640104")
    assert client.get("/places/640104/edit/").status_code == 404
    assert client.get("/places/640104-G01/grids/new/").status_code == 404


def test_the_services_ask_the_gate_themselves(actor, units, places):
    with acting(actor("administrator", "640104")), pytest.raises(Refused):
        services.change_unit(units["640104-depot"], place=places["640105"])
    with acting(actor("administrator", "640104")), pytest.raises(Refused):
        services.add_grid(places["640105"], **GRID)
    with acting(actor("administrator", "640104")), pytest.raises(Refused):
        services.add_unit("X", kind="depot", place=places["640300"], **GRID)
