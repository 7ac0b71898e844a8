"""The pack of an area is taken away by whoever may, with records only where records may leave."""

import io
import json
import zipfile

import pytest
from django.core.management import CommandError, call_command

from tongchou.situation.exercise.whole import make
from tongchou.situation.pack import open_folder
from tongchou.station.access.context import system
from tongchou.station.audit.models import Entry
from tongchou.station.exchange.packs.load import load_pack

PROVINCE, CITY, COUNTY, NEXT = "640000", "640100", "640104", "640105"
PERSONAL = {
    "cases.parquet",
    "contacts.parquet",
    "samples.parquet",
    "households.parquet",
    "visits.parquet",
}


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packs") / "small"
    make(folder, 1, province=PROVINCE, population=200_000, hospitals=5)
    return open_folder(folder)


@pytest.fixture
def loaded(places, small, settings):
    settings.SECURE_SSL_REDIRECT = False
    settings.STATION_TOTP_ROLES = frozenset()
    load_pack(small)
    return small


def names(response):
    content = b"".join(response.streaming_content)
    return {n.rpartition("/")[2] for n in zipfile.ZipFile(io.BytesIO(content)).namelist()}


@pytest.mark.parametrize(
    ("role", "records"), [("epidemiologist", True), ("duty_officer", False), ("commander", False)]
)
def test_records_leave_only_by_posts_that_may_export_them(loaded, signed_in, role, records):
    client = signed_in(role, COUNTY)
    answer = client.get("/exchange/packs/", {"place": COUNTY, "cut": str(loaded.last)})
    held = names(answer)
    assert bool(held & PERSONAL) is records
    assert {"manifest.toml", "case_counts.parquet"} <= held
    with system("look"):
        note = Entry.objects.get(action="exchange.pack")
    assert json.loads(note.detail)["records"] is records


def test_the_page_shows_what_is_loaded_above(loaded, signed_in):
    page = signed_in("duty_officer", COUNTY).get("/exchange/packs/").content.decode()
    assert "Exercise: " in page
    assert f'value="{loaded.last}"' in page


@pytest.mark.parametrize("role", ["clinician", "laboratory", "auditor"])
def test_who_may_not_gets_nothing(loaded, signed_in, role):
    unit = {"clinician": f"{COUNTY}-designated", "laboratory": f"{COUNTY}-laboratory"}.get(role)
    assert signed_in(role, COUNTY, unit).get("/exchange/packs/").status_code == 404


def test_another_county_cannot_be_taken(loaded, signed_in):
    client = signed_in("epidemiologist", COUNTY)
    page = client.get("/exchange/packs/", {"place": NEXT, "cut": str(loaded.last)})
    assert "Content-Disposition" not in page
    assert client.get(f"/api/packs/{NEXT}/{loaded.last}").status_code == 404
    assert client.get(f"/api/packs/{CITY}/{loaded.last}").status_code == 404
    assert names(client.get(f"/api/packs/{COUNTY}/{loaded.last}")) & PERSONAL
    assert client.get("/api/packs").json()[0]["synthetic"] is True


def test_commands_load_and_write(places, small, tmp_path, capsys):
    call_command("load_pack", small.whole.origin.root)
    call_command("export_pack", CITY, str(small.last), str(tmp_path / "out"))
    assert "Yinchuan" in capsys.readouterr().out
    assert open_folder(tmp_path / "out").last == small.last
    with pytest.raises(CommandError, match="no place"):
        call_command("export_pack", "999999", str(small.last), str(tmp_path / "no"))
    with pytest.raises(CommandError):
        call_command("load_pack", str(tmp_path / "nothing"))
