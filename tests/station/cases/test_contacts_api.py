"""Contacts through the interface: by pseudonym, on the version that was read, within reach."""

import json

import pytest

from tongchou.station.access.context import system
from tongchou.station.cases.models import Check, Contact
from tongchou.station.cases.services.contacts import enter_person, name_contact


@pytest.fixture
def contact(places):
    with system("set up"):
        who = enter_person(
            responsible=places["640104"], residence=places["640104-G01"], name="钱二"
        )
        return name_contact(who, responsible=places["640104"], setting="household")


def send(client, path, body, **headers):
    return client.post(
        f"/api{path}", json.dumps(body), content_type="application/json", headers=headers
    )


def test_a_list_and_a_record_name_nobody(signed_in, contact):
    client = signed_in("epidemiologist", "640104")
    page = client.get("/api/contacts").json()
    assert (page["count"], page["items"][0]["number"]) == (1, contact.pseudonym)
    one = client.get(f"/api/contacts/{contact.pseudonym}")
    assert one.json()["state"] == "named"
    assert "钱二" not in one.content.decode()


def test_placing_asks_for_the_version_and_a_check_follows(signed_in, contact):
    client, path = signed_in("epidemiologist", "640104"), f"/contacts/{contact.pseudonym}"
    body = {"kind": "household", "legal_basis": "law39"}
    assert send(client, f"{path}/place", body).status_code == 428
    etag = client.get(f"/api{path}").headers["ETag"]
    assert send(client, f"{path}/place", body, if_match=etag).json()["state"] == "placed"
    assert send(client, f"{path}/release", {}, if_match=etag).status_code == 412
    worker = signed_in("grid_worker", "640104-G01")
    assert send(worker, f"{path}/checks", {"temperature": 38.2, "needs": ["food"]}).json()[
        "positive"
    ]
    with system("look"):
        assert Check.objects.get().positive


def test_not_yours_is_not_there(signed_in, contact):
    there = signed_in("epidemiologist", "640105")
    absent = there.get("/api/contacts/K-AAAAAAAA")
    theirs = there.get(f"/api/contacts/{contact.pseudonym}")
    assert (absent.status_code, theirs.status_code) == (404, 404)
    assert there.get("/api/contacts").json()["count"] == 0
    assert signed_in("auditor", "640104").get("/api/contacts").status_code == 404
    with system("look"):
        assert Contact.objects.get().state == "named"
