"""The ground of the interface: who I am, places, units, in pages that add up."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
SECURE = {"secure": True}


def test_a_token_acts_in_its_post_with_its_actions_only(with_token):
    client = with_token("epidemiologist", "640104", actions=["cases.view", "incident.sign"])
    me = client.get("/api/me", **SECURE).json()
    assert me["channel"] == "api"
    assert me["place"] == "640104"
    assert me["actions"] == {"cases.view": "area"}, "an action that the post lacks is not gained"


def test_a_session_acts_as_on_the_pages(signed_in):
    me = signed_in("duty_officer", "640104").get("/api/me", **SECURE).json()
    assert me["channel"] == "web"
    assert "incident.run" in me["actions"]


def test_places_are_found_by_pinyin_and_pages_add_up(signed_in):
    client = signed_in("duty_officer", "640104")
    found = client.get("/api/places?q=xingqing", **SECURE).json()
    assert [p["code"] for p in found["items"] if p["level"] == "county"] == ["640104"]
    first = client.get("/api/places?limit=10", **SECURE).json()
    seen, page = [p["code"] for p in first["items"]], first
    while page["next"]:
        page = client.get("/api/places", {"limit": 10, "cursor": page["next"]}, **SECURE).json()
        seen += [p["code"] for p in page["items"]]
    assert len(seen) == len(set(seen)) == first["count"]


def test_units_of_an_area(signed_in, units):
    found = (
        signed_in("duty_officer", "640104")
        .get("/api/units?within=640104&kind=depot", **SECURE)
        .json()
    )
    assert [u["code"] for u in found["items"]] == ["640104-depot"]


def test_one_record_is_sent_once_while_it_stays_the_same(signed_in):
    client = signed_in("duty_officer", "640104")
    first = client.get("/api/places/640104", **SECURE)
    again = client.get("/api/places/640104", headers={"if-none-match": first["ETag"]}, **SECURE)
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_the_description_is_open_and_names_every_route():
    paths = Client().get("/api/openapi.json", **SECURE).json()["paths"]
    assert {"/api/me", "/api/places", "/api/places/{code}", "/api/units", "/api/tokens"} <= set(
        paths
    )
