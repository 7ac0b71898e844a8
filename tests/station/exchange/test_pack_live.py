"""A case that is reported in the station changes the next order of the day, by one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tongchou.morning.run import order_of_the_day
from tongchou.situation.exercise.whole import DAYS, make
from tongchou.situation.pack import open_folder
from tongchou.station.access.context import acting
from tongchou.station.cases.services.reporting import Report, own_unit, report_case
from tongchou.station.exchange.packs.load import load_pack
from tongchou.station.exchange.packs.write import write_pack

PROVINCE, COUNTY = "640000", "640104"
CLINIC = ("clinician", COUNTY, f"{COUNTY}-fever_clinic")


@pytest.fixture
def yesterday(places, units, tmp_path):
    """Load an exercise whose last day was yesterday into the station."""
    folder = tmp_path / "exercise"
    make(
        folder,
        1,
        province=PROVINCE,
        population=200_000,
        hospitals=5,
        first=timezone.localdate() - timedelta(days=DAYS),
    )
    pack = open_folder(folder)
    load_pack(pack)
    return pack.last


def confirmed(place, cut, folder):
    write_pack(place, cut, folder)
    order = order_of_the_day(open_folder(folder, trust=False), cut, place=place.code)
    county = next(row for row in order.tiers.rows if row.place == COUNTY)
    return county.confirmed, sum(row.confirmed for row in order.tiers.rows)


def test_one_confirmed_case_more_is_one_more_in_the_order(yesterday, places, actor, tmp_path):
    today = timezone.localdate()
    assert yesterday == today - timedelta(days=1)
    before = confirmed(places[PROVINCE], today, tmp_path / "before")
    with acting(actor(*CLINIC)):
        report_case(
            Report(
                name="马小兰", sex="female", age=41, residence=places["640105"], responsible=places[COUNTY],
                classification="confirmed", evidence="positive report of another hospital", onset_on=today - timedelta(days=3),
                visited_at=timezone.now() - timedelta(hours=2), diagnosed_at=timezone.now() - timedelta(hours=1),
            ),
            reported_by=own_unit(),
        )  # fmt: skip
    after = confirmed(places[PROVINCE], today, tmp_path / "after")
    assert after == (before[0] + 1, before[1] + 1)
