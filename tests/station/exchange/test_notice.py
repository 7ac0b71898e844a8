"""The notice of an exercise: on every page of its area and on public ones, nowhere else."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tongchou.station.access.context import system
from tongchou.station.exchange import notice
from tongchou.station.exchange.models import HeldPack

SAID = "Exercise data: nothing here is real."


@pytest.fixture(autouse=True)
def ask_anew():
    notice.forget()
    yield
    notice.forget()


@pytest.fixture
def held(places):
    def make(code, *, synthetic):
        with system("set up"):
            HeldPack.objects.create(
                name="x", path=places[code].path, digest="0" * 64, manifest={},
                first=date(2030, 1, 1), last=date(2030, 2, 1), synthetic=synthetic, loaded_by="x",
            )  # fmt: skip

    return make


def pages(signed_in, place, role="administrator"):
    return signed_in(role, place).get("/").content.decode()


def test_who_works_in_or_above_the_area_is_told_on_every_page(signed_in, held):
    held("640100", synthetic=True)
    for place in ("640104", "640100", "640000"):
        assert SAID in pages(signed_in, place)
    assert SAID not in pages(signed_in, "640300")


def test_a_stranger_is_told_at_the_door_and_on_public_pages(held):
    held("640104", synthetic=True)
    client = Client(headers={"accept-language": "zh-CN"})
    for address in ("/accounts/login/", "/public/"):
        assert notice.WORDS.zh in client.get(address).content.decode()


def test_real_data_carry_no_notice(signed_in, held):
    held("640100", synthetic=False)
    assert SAID not in pages(signed_in, "640104")
    assert notice.WORDS.zh not in Client().get("/accounts/login/").content.decode()


def test_the_database_is_asked_once_a_minute(held):
    held("640104", synthetic=True)
    notice.exercise_notice(None)
    with CaptureQueriesContext(connection) as asked:
        assert notice.exercise_notice(None) == notice.WORDS
    assert len(asked) in (0, 2), "nothing, or once where the minute turned between"
