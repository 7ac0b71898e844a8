"""What was known that night, and nothing that came later."""

import dataclasses
from datetime import date, timedelta
from types import MappingProxyType

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.situation import corrections as corrections_of
from tongchou.situation.contract import contract
from tongchou.situation.pack import PUBLISHED_SCHEMA
from tongchou.situation.situation import Origin, Situation, known_at, settled
from tongchou.vocabulary.errors import BadParameter, MissingData
from tongchou.vocabulary.places import china
from tongchou.vocabulary.text import same

FIRST, LAST = date(2020, 2, 10), date(2020, 2, 25)


def rows(table: str, *given: dict[str, object]) -> pl.DataFrame:
    """Make rows of a table; columns not named are blank."""
    return pl.DataFrame(list(given), schema=contract(table).schema)


def situation(**tables: pl.DataFrame) -> Situation:
    """Make a situation at the last day from a few tables."""
    return Situation(
        origin=Origin(
            pack="small",
            title=same("small"),
            synthetic=True,
            licence=same("none"),
            sources=(),
            digests={},
            root="",
            first=FIRST,
            last=LAST,
            published=pl.DataFrame(schema=PUBLISHED_SCHEMA),
        ),
        cut=LAST,
        gazetteer=china(),
        received=MappingProxyType(tables),
        known_corrections=corrections_of.empty(),
    )


def count(
    day: int, confirmed: int, known: int | None = None, place: str = "420000"
) -> dict[str, object]:
    """Give a count of a day in February, known the same night unless said otherwise."""
    return {
        "place": place,
        "date": date(2020, 2, day),
        "known_on": date(2020, 2, known or day),
        "confirmed": confirmed,
    }


# Hubei, 12 February 2020: 48,206 that night, revised to 47,163 the day after (1,043 duplicates)
REVISED = rows(
    "case_counts", count(11, 33366), count(12, 48206), count(12, 47163, 13), count(13, 51986)
)


@pytest.mark.parametrize(("night", "confirmed"), [("2020-02-12", 48206), ("2020-02-13", 47163)])
def test_a_revised_count_is_the_one_known_that_night(night, confirmed):
    table = situation(case_counts=REVISED).as_of(night).table("case_counts")
    assert table.filter(pl.col("date") == date(2020, 2, 12))["confirmed"].to_list() == [confirmed]


def test_the_replaced_version_is_kept_beside_the_new_one():
    assert situation(case_counts=REVISED).as_of("2020-02-12").revisions("case_counts").is_empty()
    old = situation(case_counts=REVISED).as_of("2020-02-13").revisions("case_counts")
    assert old["confirmed"].to_list() == [48206]


def test_a_milestone_that_lies_ahead_is_blank_and_so_is_what_hangs_on_it():
    sample = {
        "sample_id": "S1",
        "place": "420100",
        "known_on": date(2020, 2, 12),
        "taken_on": date(2020, 2, 12),
        "result_on": date(2020, 2, 15),
        "result": "positive",
    }
    whole = situation(samples=rows("samples", sample))
    before, after = (whole.as_of(f"2020-02-{d}").table("samples") for d in (14, 15))
    assert (before["result_on"][0], before["result"][0]) == (None, None)
    assert (after["result_on"][0], after["result"][0]) == (date(2020, 2, 15), "positive")


def test_a_day_without_a_report_carries_the_last_one_and_says_so():
    cubes = (
        situation(case_counts=rows("case_counts", count(10, 5), count(13, 9)))
        .as_of("2020-02-14")
        .counts()
    )
    assert cubes["confirmed"].sel(place="420000").to_numpy().tolist() == [5, 5, 5, 9, 9]
    assert cubes["observed"].sel(place="420000").to_numpy().tolist() == [
        True,
        False,
        False,
        True,
        False,
    ]
    assert np.isnan(cubes["deaths"]).all()


def test_before_its_first_report_a_place_counts_zero():
    table = rows("case_counts", count(10, 5), count(12, 7, place="430000"))
    cubes = situation(case_counts=table).as_of("2020-02-12").counts()
    assert cubes["confirmed"].sel(place="430000").to_numpy().tolist() == [0, 0, 7]


def test_what_was_not_yet_known_cannot_be_asked_for():
    night = situation(case_counts=REVISED).as_of("2020-02-12")
    with pytest.raises(BadParameter) as refused:
        night.as_of("2020-02-13")
    assert "2020-02-12" in refused.value.text()["zh"]


def test_a_table_of_which_nothing_is_known_yet_is_missing():
    whole = situation(case_counts=rows("case_counts", count(20, 5)))
    assert not whole.as_of("2020-02-19").has("case_counts")
    with pytest.raises(MissingData, match="case_counts"):
        whole.as_of("2020-02-19").table("case_counts")
    with pytest.raises(MissingData, match="stocks"):
        whole.table("stocks")


def test_corrections_too_are_those_known_that_night():
    correction = {
        "correction_id": "C1",
        "table": "case_counts",
        "action": "note",
        "known_on": date(2020, 2, 13),
    }
    whole = dataclasses.replace(
        situation(case_counts=REVISED),
        known_corrections=pl.DataFrame([correction], schema=corrections_of.SCHEMA),
    )
    assert whole.as_of("2020-02-12").corrections.is_empty()
    assert whole.as_of("2020-02-13").corrections["correction_id"].to_list() == ["C1"]


DAY = st.integers(0, (LAST - FIRST).days).map(lambda n: FIRST + timedelta(days=n))
VERSIONS = st.lists(
    st.tuples(st.sampled_from(["420100", "420200"]), DAY, st.integers(0, 5), st.integers(0, 99)),
    min_size=1,
    max_size=30,
    unique_by=lambda v: v[:3],
)


@settings(deadline=None)
@given(VERSIONS, DAY, DAY)
def test_cutting_twice_is_cutting_once_at_the_earlier_night(versions, one, other):
    frame = rows(
        "case_counts",
        *[
            {"place": p, "date": d, "known_on": d + timedelta(days=lag), "confirmed": n}
            for p, d, lag, n in versions
        ],
    )
    early, late = sorted((one, other))
    whole = situation(case_counts=frame)
    twice, once = whole.as_of(late).as_of(early), whole.as_of(early)
    assert twice.has("case_counts") == once.has("case_counts")
    if once.has("case_counts"):
        table = once.table("case_counts")
        assert twice.table("case_counts").equals(table)
        assert table["known_on"].max() <= early
        assert table.select("place", "date").is_unique().all()


@settings(deadline=None)
@given(VERSIONS, DAY)
def test_the_version_seen_is_the_last_one_known(versions, night):
    """Against a plain loop over the rows."""
    frame = rows(
        "case_counts",
        *[
            {"place": p, "date": d, "known_on": d + timedelta(days=lag), "confirmed": n}
            for p, d, lag, n in versions
        ],
    )
    expected: dict[tuple[str, date], tuple[date, int]] = {}
    for place, day, lag, confirmed in versions:
        known = day + timedelta(days=lag)
        if known <= night and known >= expected.get((place, day), (known, 0))[0]:
            expected[place, day] = (known, confirmed)
    seen = known_at(frame, contract("case_counts"), night)
    assert {(r["place"], r["date"]): r["confirmed"] for r in seen.iter_rows(named=True)} == {
        k: v[1] for k, v in expected.items()
    }


@pytest.mark.parametrize("version", [True, False])
def test_rows_that_lie_place_by_place_stay_so_and_versions_are_found(version):
    trips = pl.DataFrame(
        [
            {"origin": o, "destination": "420100", "date": date(2020, 2, d), "share": 0.1}
            for o in ("110000", "420000")
            for d in (10, 11, 12)
        ]
    ).with_columns(known_on=pl.col("date") + timedelta(days=1))
    if version:
        trips = pl.concat([trips, trips.head(1).with_columns(known_on=date(2020, 2, 20))])
    frame = pl.concat([contract("mobility").empty(), trips], how="diagonal_relaxed")
    ordered, versions = settled(frame, contract("mobility"))
    assert versions is version
    assert version or ordered.equals(frame)
