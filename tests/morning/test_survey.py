"""What records add to the picture of a night, and what is said where there are none."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from tongchou.morning.annexes.common import or_missing
from tongchou.morning.annexes.surveillance import (
    delays_table,
    health_workers_table,
    late_table,
    onsets_table,
    severity_table,
)
from tongchou.morning.documents.serialise import to_json
from tongchou.morning.picture import Picture, assess
from tongchou.morning.run import order_of_the_day
from tongchou.vocabulary.errors import MissingData

NIGHT = date(2030, 2, 5)


@pytest.fixture(scope="module")
def picture(exercise_pack) -> Picture:
    return assess(exercise_pack.as_of(NIGHT))


def test_the_nowcast_holds_at_least_what_is_confirmed(picture):
    onsets = picture.survey.onsets
    assert not isinstance(onsets, MissingData)
    for name in ("q025", "median", "q975"):
        assert (onsets.counts[name] >= onsets.counts["reported"]).all()
    week = onsets.counts.sel(place=picture.scope.place).isel(date=slice(-7, None)).sum("date")
    assert float(week["estimate"]) > float(week["reported"])


def test_the_nowcast_of_the_area_is_the_sum_of_its_units(picture):
    onsets = picture.survey.onsets
    whole = onsets.counts["estimate"].sel(place=picture.scope.place)
    np.testing.assert_allclose(onsets.units["estimate"].sum("place"), whole)


def test_what_came_later_lies_within_most_bands_of_the_nowcast(exercise_pack, picture):
    """Cases by onset as confirmed four weeks later, beside the 95 % band of the night."""
    later = assess(exercise_pack.as_of(exercise_pack.last)).situation.table("cases")
    came = dict(
        later.filter(pl.col("confirmed_on").is_not_null()).group_by("onset_on").len().iter_rows()
    )
    band = picture.survey.onsets.of(picture.scope.place).tail(14)
    inside = [
        low <= came.get(on, 0) <= high
        for on, low, high in band.select("date", "q025", "q975").rows()
    ]
    assert sum(inside) >= 10


def test_the_same_seed_gives_the_same_survey(exercise_pack):
    one, two = (assess(exercise_pack.as_of(NIGHT), seed=5).survey for _ in range(2))
    assert one.onsets.of("640000").equals(two.onsets.of("640000"))
    assert [(a.id, a.harm_per_day) for a in one.alerts] == [
        (a.id, a.harm_per_day) for a in two.alerts
    ]


@pytest.mark.parametrize(
    ("id", "build"),
    [
        ("onsets", onsets_table),
        ("delays", delays_table),
        ("late", late_table),
        ("severity", severity_table),
        ("health_workers", health_workers_table),
    ],
)
def test_every_table_stands_in_both_languages(picture, id, build):
    table = or_missing(id, build, picture)
    assert table.missing is None
    assert table.rows or table.note
    for heading in table.headings:
        assert heading.label.zh != heading.label.en or heading.label.zh == "R"


def test_no_row_of_an_annex_names_a_case(exercise_pack):
    told = to_json(order_of_the_day(exercise_pack, NIGHT)).decode()
    cases = exercise_pack.as_of(NIGHT).table("cases")
    assert not [c for c in cases["case_id"] if f'"{c}"' in told]


@pytest.mark.real
def test_without_a_line_list_the_table_that_is_missing_is_named(china2020):
    picture = assess(china2020.as_of("2020-02-22"), "Hubei")
    table = or_missing("onsets", onsets_table, picture)
    assert table.missing is not None
    assert "cases" in table.missing.en
