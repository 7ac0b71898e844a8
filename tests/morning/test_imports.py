"""What comes from elsewhere: in persons past the lines of defence, or as an index where only shares are known."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from tongchou.morning.annexes.imports import imports_tables
from tongchou.morning.imports import imports
from tongchou.morning.picture import assess
from tongchou.transmission.mobility.defence import combined_leak, lines_of_defence


@pytest.fixture(scope="module")
def picture(exercise_pack):
    return assess(exercise_pack.as_of(exercise_pack.last))


@pytest.fixture(scope="module")
def found(picture):
    return imports(picture)


def with_mobility(picture, change):
    """Give the picture with another table of flows."""
    night = picture.situation
    received = {**night.received, "mobility": change(night.received["mobility"])}
    return replace(picture, situation=replace(night, received=received, _views={}, _settled={}))


def test_what_passes_is_what_sets_out_times_the_leak_of_all_lines(found):
    leak = combined_leak(lines_of_defence("county"))
    arriving = found.frame["arriving"].to_numpy()
    assert found.frame["pressure"].to_numpy() == pytest.approx(arriving * leak)
    assert (found.frame["low"] <= found.frame["pressure"]).all()
    assert (found.frame["pressure"] <= found.frame["high"]).all()


def test_every_infected_traveller_is_counted_once_where_he_goes_and_where_he_comes_from(found):
    arriving = found.frame["arriving"].sum()
    assert arriving > 0
    assert found.origins["arriving"].sum() == pytest.approx(arriving)
    assert found.frame["city"].sum() + found.frame["country"].sum() == pytest.approx(arriving)
    assert sum(d.arriving for d in found.defences) == pytest.approx(arriving)


def test_less_is_left_after_each_line_and_the_last_leaves_what_passes(found):
    (defence,) = found.defences
    left = [defence.arriving, *defence.frame["left"]]
    assert left == sorted(left, reverse=True)
    assert left[-1] == pytest.approx(found.frame["pressure"].sum())


def test_travellers_from_places_that_report_nothing_are_named_and_not_counted(picture, found):
    flows = picture.situation.table("mobility")
    units = list(picture.scope.units)
    last = flows.filter(
        (pl.col("date") == flows["date"].max())
        & pl.col("destination").is_in(units)
        & ~pl.col("origin").is_in(units)
    )
    assert last.height
    assert found.unknown == pytest.approx(last["persons"].sum())
    (table, *_) = imports_tables(picture, found)
    assert f"{round(found.unknown):,}" in table.note.en


def test_shares_alone_give_an_index_that_counts_nobody(picture):
    flows = pl.col("persons") / pl.sum("persons").over("date", "origin")
    only_shares = with_mobility(
        picture,
        lambda m: m.with_columns(share=flows, persons=pl.lit(None, pl.Float64)),
    )
    found = imports(only_shares)
    assert not found.in_persons
    assert found.frame["pressure"].mean() == pytest.approx(1.0)
    (table,) = imports_tables(picture, found)
    assert [h.key for h in table.headings] == ["name", "pressure"]


def test_without_flows_into_the_area_the_table_says_so(picture):
    nowhere = with_mobility(picture, lambda m: m.with_columns(destination=pl.lit("640000")))
    (table,) = imports_tables(picture, imports(nowhere))
    assert table.missing is not None
    assert "mobility" in table.missing.zh


@pytest.mark.real
def test_a_province_guards_itself_against_the_others_and_the_capital_by_lines_of_its_own(china2020):
    henan = imports(assess(china2020.as_of(date(2020, 1, 28)), "410000"))
    outside = henan.origins.filter("outside")
    assert outside["place"][0] == "420100"
    assert henan.frame["outside"].sum() == pytest.approx(outside["arriving"].sum())
    beijing = assess(china2020.as_of(date(2020, 2, 22)), "110000")
    (defence,) = imports(beijing).defences
    assert defence.profile == "capital"
    before = imports(assess(china2020.as_of(date(2020, 2, 12)), "110000"))
    assert before.defences[0].profile == "county"
