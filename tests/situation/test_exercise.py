"""An exercise keeps the data contract, its own books and its promise of coming out the same."""

import hashlib
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from tongchou.situation import pack
from tongchou.situation.contract import contract, contracts
from tongchou.situation.exercise import exercise, make
from tongchou.situation.situation import known_at
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.places import china

SMALL = {"province": "640000", "population": 200_000, "hospitals": 5}
DAYS = 60


def tables_of(seed, **size):
    return exercise(seed, **{**SMALL, **size}, gazetteer=china())[1]


@pytest.fixture(scope="module")
def made():
    return exercise(1, **SMALL, gazetteer=china())


@pytest.fixture(scope="module")
def tables(made):
    return made[1]


def digests(tables):
    return {n: hashlib.sha256(f.write_csv().encode()).hexdigest() for n, f in tables.items()}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_all_twenty_tables_are_there_and_the_pack_takes_them(seed, tmp_path):
    """Writing checks every row against the contract and refuses on any fault."""
    manifest, tables, corrections, published = exercise(seed, **SMALL, gazetteer=china())
    assert set(tables) == set(contracts())
    assert all(frame.height > 0 for frame in tables.values())
    folder = tmp_path / "exercise"
    pack.write(folder, manifest, tables, corrections=corrections, published=published)
    opened = pack.open_folder(folder)
    assert (opened.first, opened.last) == (manifest.first, manifest.last)
    for day in range(DAYS):
        night = opened.as_of(manifest.first + timedelta(days=day))
        assert night.has("case_counts")
        assert night.has("facilities")


@pytest.mark.parametrize("province", ["110000", "440000", "460000", "540000"])
def test_any_shape_of_province_will_do(province, tmp_path):
    """A municipality without prefectures, prefectures without counties, direct counties."""
    make(tmp_path / "exercise", 1, province=province, population=200_000, hospitals=5)
    opened = pack.open_folder(tmp_path / "exercise")
    places = opened.as_of().table("places")
    assert places.filter(pl.col("place") == province)["population"].to_list() == [200_000]


def test_residents_add_up_at_every_level(tables):
    places = tables["places"]
    for level in ("prefecture", "county"):
        assert places.filter(pl.col("level") == level)["population"].sum() == 200_000


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_ones(tables):
    again, other = digests(tables_of(1)), digests(tables_of(2))
    assert digests(tables) == again
    assert {n for n in again if again[n] == other[n]} <= {"response_levels"}


def test_everything_invented_says_that_it_is(made):
    manifest, tables, _, _ = made
    assert manifest.synthetic
    assert "演练" in manifest.title.zh
    assert "Exercise" in manifest.title.en
    names = tables["facilities"].select("name_zh", "name_en").unique()
    assert names["name_zh"].str.contains("演练").all()
    assert names["name_en"].str.contains("Exercise").all()


@pytest.mark.parametrize(
    "size", [{"days": 44}, {"population": 99_999}, {"hospitals": 0}, {"province": "640100"}]
)
def test_an_exercise_too_small_for_its_story_is_refused(size):
    with pytest.raises(BadParameter):
        tables_of(1, **size)


def test_known_counts_are_the_line_list_added_up(made):
    """On the last night every total is that of the line list, at all three levels."""
    manifest, tables, corrections, _ = made
    last = manifest.last
    counts = known_at(tables["case_counts"], contract("case_counts"), last)
    parent = dict(tables["places"].select("place", "parent").iter_rows())
    silent = corrections.filter(pl.col("action") == "note")["place"][-1]
    cases = tables["cases"]
    for column, day in (
        ("confirmed", "confirmed_on"),
        ("recovered", "recovered_on"),
        ("deaths", "died_on"),
    ):
        listed: dict[tuple[str, date], int] = {}
        for place, on in cases.filter(pl.col(day).is_not_null()).select("place", day).iter_rows():
            for area in (place, parent[place], "640000"):
                listed[area, on] = listed.get((area, on), 0) + 1
        for (place,), rows in counts.group_by("place"):
            if column != "confirmed" and silent in (
                place,
                *[c for c, p in parent.items() if p == place or place == "640000"],
            ):
                continue
            for on, value in rows.select("date", column).iter_rows():
                expected = sum(n for (p, d), n in listed.items() if p == place and d <= on)
                assert value == expected, (column, place, on)


def test_what_was_first_published_differs_only_where_a_correction_says_so(made):
    _, tables, corrections, published = made
    frame = tables["case_counts"]
    revised = frame.filter(pl.len().over("place", "date") > 1)
    twice = corrections.row(1, named=True)
    days = [twice["date"] + timedelta(days=k) for k in range(3)]
    county = revised.filter(pl.col("place") == twice["place"])
    assert sorted(set(county["date"])) == days
    first = county.sort("known_on").group_by("date", maintain_order=True).agg("confirmed")
    assert [v[0] - v[1] for v in first["confirmed"]] == [1, 1, 1]
    assert (published["published"] - published["here"]).to_list() == [1, 1]
    late = corrections.row(0, named=True)
    row = frame.filter((pl.col("place") == late["place"]) & (pl.col("date") == late["date"]))
    assert row["known_on"].to_list() == [late["date"] + timedelta(days=2)]
    silent = corrections.row(2, named=True)
    told = frame.filter(pl.col("place") == silent["place"])["date"].max()
    assert told == silent["date"] - timedelta(days=1)


@pytest.mark.parametrize("day", range(0, DAYS, 5))
def test_a_night_shows_nothing_dated_later(tables, made, day):
    manifest = made[0]
    night = manifest.first + timedelta(days=day)
    seen = {n: known_at(f, contract(n), night) for n, f in tables.items()}
    for name, frame in seen.items():
        dated = {*contract(name).with_role("event"), *contract(name).with_role("milestone")}
        for column in {*dated, contract(name).known} - {None}:
            latest = frame[column].max()
            assert latest is None or latest <= night, (name, column)
    known = set(seen["cases"]["case_id"])
    assert set(seen["cases"]["infector_id"].drop_nulls()) <= known
    met = seen["contacts"].filter(pl.col("setting") != "arrival")
    assert set(met["case_id"]) <= known
    assert set(seen["contacts"]["became_case_id"].drop_nulls()) <= known


def test_every_night_of_the_run_has_a_picture(tables, made):
    """Daily tables have rows for every day, so that any night can be looked at again."""
    manifest = made[0]
    every = [manifest.first + timedelta(days=k) for k in range(DAYS)]
    for name in (
        "facilities",
        "stocks",
        "staff_teams",
        "enterprises",
        "labour",
        "mobility",
        "production",
    ):
        assert sorted(tables[name]["date"].unique()) == every, name


def test_no_date_lies_after_the_last_day_but_what_is_planned(tables, made):
    last = made[0].last
    planned = {"release_due", "due_on", "expires_on", "review_on"}
    for name, frame in tables.items():
        for column, dtype in frame.schema.items():
            if dtype == pl.Date and column not in planned:
                latest = frame[column].max()
                assert latest is None or latest <= last, (name, column)


def test_no_step_of_a_case_comes_before_the_step_it_needs(tables):
    cases = tables["cases"]
    for first, then in (
        ("onset_on", "visited_on"),
        ("visited_on", "suspected_on"),
        ("suspected_on", "sampled_on"),
        ("sampled_on", "result_on"),
        ("result_on", "confirmed_on"),
        ("confirmed_on", "reported_on"),
        ("confirmed_on", "admitted_on"),
        ("onset_on", "severe_on"),
        ("severe_on", "critical_on"),
        ("critical_on", "died_on"),
        ("admitted_on", "recovered_on"),
        ("admitted_on", "died_on"),
    ):
        assert ((cases[then] - cases[first]).drop_nulls() >= timedelta(0)).all(), (first, then)
    assert not (cases["confirmed_on"].is_not_null() & cases["excluded_on"].is_not_null()).any()
    assert not (cases["recovered_on"].is_not_null() & cases["died_on"].is_not_null()).any()


def test_the_positive_sample_is_the_result_of_the_case(tables):
    cases = tables["cases"].filter(pl.col("confirmed_on").is_not_null())
    positive = tables["samples"].filter(pl.col("result") == "positive")
    joined = cases.join(positive, on="case_id", suffix="_sample")
    assert joined.height == cases.height
    assert (joined["result_on"] == joined["result_on_sample"]).all()


def test_no_laboratory_gives_more_results_in_a_day_than_it_can(tables):
    results = (
        tables["samples"]
        .drop_nulls("result_on")
        .group_by("facility_id", date="result_on")
        .agg(done=pl.len())
        .join(tables["facilities"], on=["facility_id", "date"])
    )
    assert results.height > 0
    assert (results["done"] <= results["tests_per_day"]).all()


def test_occupied_beds_are_the_admitted_patients_of_the_line_list(tables, made):
    cases = tables["cases"].filter(pl.col("admitted_on").is_not_null())
    end = cases.select(pl.coalesce("recovered_on", "died_on")).to_series()
    for day in range(0, DAYS, 7):
        night = made[0].first + timedelta(days=day)
        inside = cases.filter((pl.col("admitted_on") <= night) & (end.is_null() | (end > night)))
        severe = pl.col("severe_on").is_not_null() & (pl.col("severe_on") <= night)
        critical = pl.col("critical_on").is_not_null() & (pl.col("critical_on") <= night)
        listed = inside.group_by("facility_id").agg(
            mild=(~severe).sum(), severe=(severe & ~critical).sum(), critical=critical.sum()
        )
        beds = tables["facilities"].filter(pl.col("date") == night)
        joined = (
            beds.drop_nulls("beds_mild").join(listed, on="facility_id", how="left").fill_null(0)
        )
        for kind in ("mild", "severe", "critical"):
            assert joined[f"occupied_{kind}"].to_list() == joined[kind].to_list()


def test_no_bed_is_used_twice(tables):
    beds = tables["facilities"]
    for kind in ("mild", "severe", "critical"):
        assert (beds[f"occupied_{kind}"] <= beds[f"beds_{kind}"]).drop_nulls().all()


@pytest.mark.parametrize("seed", [1, 4])
def test_stocks_balance_to_the_last_piece(seed):
    """The closing stock = opening + arrived + donated + produced - used - sent, for all holders and days."""
    tables = tables_of(seed)
    stocks = tables["stocks"].sort("facility_id", "item", "date")
    key = ["facility_id", "item"]
    moved = tables["shipments"]
    arrived = (
        moved.drop_nulls("arrived_on")
        .group_by(facility_id="destination", item="item", date="arrived_on")
        .agg(arrived=pl.col("quantity").sum())
    )
    sent = moved.group_by(facility_id="origin", item="item", date="sent_on").agg(
        sent=pl.col("quantity").sum()
    )
    given = (
        tables["donations"]
        .drop_nulls("allocated_on")
        .group_by(facility_id="allocated_to", item="item", date="allocated_on")
        .agg(given=pl.col("quantity").sum())
    )
    depot = tables["facilities"].filter(pl.col("kind") == "depot")["facility_id"].max()
    made = tables["production"].group_by("item", "date").agg(made=pl.col("output").sum())
    made = made.with_columns(facility_id=pl.lit(depot))
    book = stocks
    for part in (arrived, sent, given, made):
        book = book.join(part, on=[*key, "date"], how="left")
    book = (
        book.with_columns(pl.col("arrived", "sent", "given", "made").fill_null(0))
        .with_columns(opening=pl.col("quantity").shift().over(key, order_by="date"))
        .drop_nulls("opening")
    )
    left = book.select(
        pl.col("opening") + pl.col("arrived") + pl.col("given") + pl.col("made")
        - pl.col("daily_use") - pl.col("sent") - pl.col("quantity")
    ).to_series()  # fmt: skip
    assert np.abs(left.to_numpy()).max() == 0
    assert (tables["production"]["output"] <= tables["production"]["capacity"]).all()


def test_infected_members_of_teams_are_the_health_workers_of_the_line_list(tables, made):
    last = tables["staff_teams"].filter(pl.col("date") == made[0].last)
    workers = tables["cases"].filter(pl.col("health_worker") & pl.col("confirmed_on").is_not_null())
    assert last["infected"].sum() == workers.height > 0


def test_shares_of_departures_never_exceed_all_of_them(tables):
    total = tables["mobility"].group_by("origin", "date").agg(pl.col("share").sum())
    assert total["share"].max() <= 1 + 1e-9  # sums of thirty rounded shares


def test_a_chain_of_suppliers_holds_no_firm_that_is_not_there(tables):
    firms = tables["enterprises"]
    assert (firms["staff_back"] <= firms["staff"]).all()
    assert not (firms["supplier_id"] == firms["enterprise_id"]).any()


@pytest.mark.parametrize(
    ("table", "column", "step"),
    [
        ("cases", "facility_id", "admitted_on"),
        ("cases", "found_inside", "confirmed_on"),
        ("donations", "allocated_to", "allocated_on"),
        ("samples", "result", "result_on"),
    ],
)
def test_what_follows_from_a_step_is_there_exactly_when_the_step_is(tables, table, column, step):
    frame = tables[table]
    assert (frame[column].is_null() == frame[step].is_null()).all()


def test_a_contact_leaves_quarantine_as_a_case_on_the_day_the_case_is_known(tables):
    ill = tables["contacts"].filter(pl.col("became_case_id").is_not_null())
    known = ill.join(
        tables["cases"], left_on="became_case_id", right_on="case_id", suffix="_of_case"
    )
    assert known.height == ill.height > 0
    assert (known["released_on"] == known["known_on_of_case"]).all()
    assert (known["placed_on"] <= known["released_on"]).all()


def test_arrivals_under_watch_met_no_case_and_are_released_fourteen_days_after_the_journey(
    tables, made
):
    arrivals = tables["contacts"].filter(pl.col("setting") == "arrival")
    for blank in ("case_id", "became_case_id"):
        assert arrivals[blank].is_null().all()
    assert ((arrivals["release_due"] - arrivals["exposed_on"]) == timedelta(days=14)).all()
    assert (arrivals["exposed_on"] <= arrivals["known_on"]).all()
    past = arrivals.filter(pl.col("release_due") <= made[0].last)
    assert past["released_on"].is_not_null().mean() > 0.9
    assert (past["released_on"] >= past["release_due"]).drop_nulls().all()
    assert arrivals.filter(pl.col("release_due") > made[0].last)["released_on"].is_null().all()
