"""The recipe of the real pack: small by hand, then against the received files where they are."""

import os
import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tongchou.situation import pack
from tongchou.situation.manifest import sha256
from tongchou.situation.recipes.china2020 import published, received
from tongchou.situation.recipes.china2020.build import FIRST, LAST, build
from tongchou.situation.recipes.china2020.cases import (
    carried_panel,
    nation_counts,
    prefecture_counts,
    province_counts,
)
from tongchou.situation.recipes.china2020.levels import response_levels
from tongchou.situation.recipes.china2020.measures import measures
from tongchou.situation.recipes.china2020.mobility import mobility
from tongchou.situation.recipes.china2020.prices import prices
from tongchou.situation.recipes.china2020.received import sources, verify
from tongchou.situation.recipes.china2020.tables import corrections, published_totals
from tongchou.situation.recipes.china2020.tiers import published_tiers
from tongchou.situation.recipes.china2020.upstream import convert, upstream_sets
from tongchou.vocabulary.errors import BadInput
from tongchou.vocabulary.places import china

ROOT = Path(__file__).parents[2]


def text(**columns: list[object]) -> pl.DataFrame:
    """Make rows as a received file gives them: text, numbered from 1."""
    words = {k: [None if v is None else str(v) for v in vs] for k, vs in columns.items()}
    frame = pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))
    return frame.with_row_index("row", offset=1)


def city(*rows: tuple[str, str, int]) -> pl.DataFrame:
    """Make city rows of (date, code, confirmed)."""
    return text(
        date=[r[0] for r in rows],
        adcode=[r[1] for r in rows],
        level=["prefecture"] * len(rows),
        confirmed=[r[2] for r in rows],
        recovered=[0] * len(rows),
        deaths=[0] * len(rows),
    )


def test_from_8_february_a_city_row_speaks_of_the_day_before_and_the_7th_is_not_read():
    counts = prefecture_counts(
        city(
            ("2020-02-06", "420100", 10351),
            ("2020-02-07", "420100", 10351),
            ("2020-02-08", "420100", 11618),
            ("2020-02-09", "420100", 13603),
        ),
        corrections(),
    )
    assert counts.select("date", "confirmed", "source_row").rows() == [
        (date(2020, 2, 6), 10351, "cases_city_daily.csv:1"),
        (date(2020, 2, 7), 11618, "cases_city_daily.csv:3"),
        (date(2020, 2, 8), 13603, "cases_city_daily.csv:4"),
    ]


def test_a_code_that_counts_towards_another_place_is_added_with_its_last_value_carried():
    counts = prefecture_counts(
        city(
            ("2020-03-05", "220300", 15),
            ("2020-03-06", "220300", 16),
            ("2020-03-06", "136100", 6),
            ("2020-03-07", "136100", 7),
        ),
        corrections(),
    ).sort("date")
    assert counts.select("place", "date", "confirmed").rows() == [
        ("220300", date(2020, 3, 4), 15),
        ("220300", date(2020, 3, 5), 22),
        ("220300", date(2020, 3, 6), 23),
    ]
    assert counts["source_row"][1] == "cases_city_daily.csv:3 + cases_city_daily.csv:2"


def test_districts_and_cases_without_a_place_are_no_prefecture():
    rows = city(("2020-02-06", "420100", 1), ("2020-02-06", "110101", 2)).with_columns(
        level=pl.Series(["prefecture", "municipality_district"])
    )
    assert prefecture_counts(rows, corrections())["place"].to_list() == ["420100"]


def test_the_nation_is_the_sum_of_its_provinces_each_carried_forward():
    provinces = province_counts(
        text(
            date=["2020-01-19", "2020-01-20", "2020-01-21", "2020-01-21"],
            province_adcode=["420000", "110000", "420000", "810000"],
            confirmed=[258, 5, 270, 2],
            recovered=[25, 0, 25, 0],
            deaths=[4, 0, 6, 0],
        )
    )
    national = text(date=["2020-01-19", "2020-01-20", "2020-01-21"], suspected=[0, 54, 37])
    nation = nation_counts(provinces, national, "100000", {"420000", "110000"})
    assert nation.select("date", "confirmed", "suspected").rows() == [
        (date(2020, 1, 19), 258, None),
        (date(2020, 1, 20), 263, 54),
        (date(2020, 1, 21), 275, 37),
    ]


def test_shares_become_persons_where_the_index_is_known(tmp_path):
    flows = pl.DataFrame(
        {
            "date": [date(2020, 1, 22), date(2020, 2, 1)],
            "from_adcode": [420100, 420100],
            "to_adcode": [420900, 420900],
            "share_of_outflow_pct_x100": [1330, 6207],
        }
    )
    flows.write_parquet(tmp_path / "flows.parquet")
    index = text(date=["2020-01-22"], adcode=["420100"], out_index=[11.84])
    table = mobility(tmp_path / "flows.parquet", index)
    assert table["share"].to_list() == [0.133, 0.6207]
    assert table["known_on"].to_list() == [date(2020, 1, 23), date(2020, 2, 2)]
    # 11.84 points × 70,700 persons × 13.3 %
    assert table["persons"].to_list() == [pytest.approx(111_332.7, abs=1), None]


def test_policy_events_are_coded_by_province_and_name_and_unknown_names_are_listed():
    names = [
        ("Hubei", "Wuhan"),
        ("Jilin", "Jilin"),
        ("Zhejiang", "Taizhou"),
        ("Jiangsu", "Taizhou"),
        ("Sichuan", "GarzÃª Tibetan Autonomous Prefecture"),
        ("Neimenggu", "Xinganmeng"),
        ("Beijing", "Beijing"),
        ("Anhui", "All"),
        ("Hubei", "Xiantao"),
        ("Hubei", "Gotham"),
    ]
    events = text(
        adm1_name=[n[0] for n in names],
        adm2_name=[n[1] for n in names],
        policy=["home_isolation"] * len(names),
        date_start=["2020-02-05"] * len(names),
        date_end=[None] * len(names),
    )
    table, unmatched = measures(china(), events, None)
    assert unmatched == ("Gotham, Hubei",)
    assert set(table["place"]) == {
        "420100", "220200", "331000", "321200", "513300", "152200", "110000", "340000", "429004",
    }  # fmt: skip
    assert set(table["kind"]) == {"community_closed"}
    assert table["known_on"].equals(table["start_on"].alias("known_on"))


def test_city_controls_are_one_measure_a_date_and_old_codes_are_resolved():
    controls = text(
        adcode=["420900", "469003", "652100", "999999"],
        name=["孝感市", "儋州市", "吐鲁番", "无此地"],
        bus_suspended_date=["2020-01-24", "2020-01-28", None, "2020-01-28"],
        intercity_rail_suspended_date=["2020-01-24", None, "2020-01-27", None],
        entertainment_closed_date=[None] * 4,
    )
    table, unmatched = measures(china(), None, controls)
    assert unmatched == ("999999",)
    assert table.select("place", "kind").sort("place", "kind").rows() == [
        ("420900", "bus_suspended"),
        ("420900", "intercity_rail_suspended"),
        ("460400", "bus_suspended"),
        ("650400", "intercity_rail_suspended"),
    ]


def test_the_packaged_response_levels_win_and_a_difference_is_noted():
    other = text(
        province_adcode=["620000", "620000", "990000"],
        date=["2020-01-25", "2020-02-24", "2020-02-01"],
        level=[1, 3, 2],
        source=["a", "b", "c"],
    )
    table, notes = response_levels(other)
    gansu = table.filter(pl.col("place") == "620000")
    # Gansu stepped down on 21 February at 14:00; the other source knows only “as of the 24th”
    assert gansu.select("date", "level").rows() == [(date(2020, 1, 25), 1), (date(2020, 2, 21), 3)]
    assert notes.select("place", "date", "value").rows() == [
        ("620000", date(2020, 2, 21), "2020-02-24")
    ]
    assert table.filter(pl.col("place") == "990000")["level"].to_list() == [2]


def test_a_step_at_24_00_takes_effect_the_day_after():
    table, _ = response_levels(None)
    anywhere = table.filter(pl.col("source_row").str.contains("shadafang.com; eduhup.com.cn"))
    # Jiangsu, 24 February 24:00
    assert anywhere.filter(pl.col("place") == "320000")["date"].to_list() == [date(2020, 2, 25)]


def test_a_weekly_price_is_known_a_week_after_its_last_day_a_daily_one_at_once():
    facts = text(
        start=["2020-01-20", "2020-03-20"],
        end=["2020-01-20", "2020-03-26"],
        product=["pork", "pork"],
        price=[47.51, 47.32],
        unit=["CNY/kg"] * 2,
        agency=["MARA"] * 2,
        freq=["day", "week"],
        source=["x"] * 2,
    )
    assert prices(facts, "100000").select("date", "known_on").rows() == [
        (date(2020, 1, 20), date(2020, 1, 20)),
        (date(2020, 3, 26), date(2020, 4, 2)),
    ]


def test_published_tiers_bear_codes_in_force():
    rows = text(
        as_of_24h=["2020-02-28", "2020-03-12"],
        adcode=["421023", "420100"],
        risk=["medium", "high"],
        unit=["county", "city_core"],
        source=["x", "y"],
        named_in_source=["1", "0"],
    )
    assert published_tiers(china(), rows).select("place", "tier", "unit", "named").rows() == [
        ("421088", "medium", "county", True),
        ("420100", "high", "city_core", False),
    ]


def test_totals_that_differ_are_refused_all_of_them():
    counts = pl.DataFrame(
        {"place": ["100000", "420000", "420100"], "date": [date(2020, 6, 1)] * 3}
    ).with_columns(confirmed=pl.lit(1), recovered=pl.lit(0), deaths=pl.lit(1))
    places = pl.DataFrame({"place": ["100000"], "population": [1_409_778_724]})
    tables = {"case_counts": counts, "places": places}
    with pytest.raises(BadInput) as refused:
        published.verify_totals(published_totals(), tables, china(), None)
    answerable = published_totals().filter(~pl.col("series").is_in(["places", "index_x100"]))
    assert len(refused.value.faults) == answerable.height
    assert "33,366" in refused.value.faults[0].problem.zh


def test_each_total_says_why_it_differs_and_only_then():
    for row in published_totals().iter_rows(named=True):
        assert (row["published"] == row["here"]) == row["reason_en"].startswith("The same")


def test_the_table_of_sources_says_whose_what_and_under_which_licence():
    assert len({s.file for s in sources()}) == len(sources())
    for source in sources():
        assert len(source.sha256) == 64
        assert source.licence
        assert source.note.zh
        assert source.note.en
    closed = {s.file for s in sources() if not s.redistributable}
    assert {"mobility_od_outflow_share_2020.parquet", "mobility_index_city_daily.csv"} <= closed
    assert all(not s.used_for for s in sources() if "linelist" in s.file)


def test_an_empty_folder_is_refused_with_every_needed_file(tmp_path):
    with pytest.raises(BadInput) as refused:
        verify(tmp_path)
    assert tuple(f.file for f in refused.value.faults) == received.NEEDED
    assert "tongchou data pull china2020" in refused.value.text()["zh"]


# Against the received files themselves.

real = pytest.mark.real


@pytest.fixture(scope="module")
def raw() -> Path:
    """Give the folder of received files that TONGCHOU_DATA names."""
    folder = Path(os.environ.get("TONGCHOU_DATA", "")) / "china2020"
    if not (folder / "cases_city_daily.csv").exists():
        pytest.skip("TONGCHOU_DATA names no folder with china2020/")
    return folder


@pytest.fixture(scope="module")
def built(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> pack.Pack:
    """Build the pack from them."""
    target = tmp_path_factory.mktemp("packs") / "china2020"
    build(raw, target)
    return pack.open_folder(target)


@real
def test_carried_forward_our_derivation_is_the_collectors_panel_in_every_cell(raw, built):
    """51,972 cells of three columns, and which of them the source had a row for."""
    panel = pl.read_csv(
        raw / "cases_prefecture_panel.csv",
        schema_overrides={"adcode": pl.String},
        try_parse_dates=True,
    ).sort("adcode", "date")
    counts = built.whole.table("case_counts")
    ours = carried_panel(
        counts.filter(pl.col("place").is_in(panel["adcode"].unique().implode())), FIRST, LAST
    ).sort("place", "date")
    assert panel.height == 51_972
    assert ours.height == panel.height
    for column in ("confirmed", "recovered", "deaths"):
        assert (ours[column] != panel[column]).sum() == 0
    # the collector drops the old code of Nagqu (88 rows, all zero); here it counts towards the new
    other = ours["source_row"].is_not_null() != (panel["observed"] == 1)
    assert ours.filter(other).select("place", "confirmed").unique().rows() == [("540600", 0)]
    old = pl.read_csv(raw / "cases_city_daily.csv", infer_schema=False)
    assert other.sum() == old.filter(pl.col("adcode") == "542400").height == 88


@real
def test_every_published_total_is_held_in_the_pack(built):
    held = built.whole.origin.published
    assert held.height == published_totals().height
    wuhan = held.filter((pl.col("place") == "420100") & (pl.col("column") == "deaths"))
    assert wuhan.select("published", "here").row(0) == (3869, 3869)


@real
def test_the_night_of_22_february_holds_nothing_later(built):
    night = built.as_of("2020-02-22")
    for name in night.received:
        known = built.whole.received[name].columns
        if "known_on" in known and night.has(name):
            assert night.table(name)["known_on"].max() <= date(2020, 2, 22)
    assert "C16" not in night.corrections["correction_id"]
    levels = night.table("response_levels").sort("date").group_by("place").last()
    assert dict(levels.select("place", "level").iter_rows())["620000"] == 3


@real
def test_the_pack_knows_a_place_for_every_code_and_says_what_it_left_out(built):
    notes = " ".join(n.en for n in built.whole.origin.notes)
    assert "line lists" in notes
    assert "cases" not in built.whole.received
    assert "could not be matched" not in notes
    # 333 prefectures + 29 direct county units report, beside 34 provinces and the nation
    assert built.whole.table("case_counts")["place"].n_unique() == 333 + 29 + 34 + 1


@real
def test_wuhans_departures_of_22_january_are_its_index_times_the_listed_shares(built):
    """11.84 units on 22 January, and shares of 88–100 %."""
    flows = built.whole.table("mobility").filter(
        (pl.col("origin") == "420100") & (pl.col("date") == date(2020, 1, 22))
    )
    assert 0.88 <= flows["share"].sum() <= 1.0
    assert flows["persons"].sum() == pytest.approx(11.84 * 70_700 * flows["share"].sum(), rel=1e-3)


@real
def test_one_changed_byte_of_a_received_file_is_refused(raw, tmp_path):
    for source in sources():
        if source.used_for and not source.file.endswith(".parquet"):
            shutil.copyfile(raw / source.file, tmp_path / source.file)
    spoiled = tmp_path / "cases_province_daily.csv"
    spoiled.write_bytes(spoiled.read_bytes().replace(b"63889", b"63888"))
    with pytest.raises(BadInput) as refused:
        build(tmp_path, tmp_path / "out")
    assert [f.file for f in refused.value.faults] == ["cases_province_daily.csv"]


@real
def test_in_the_shape_of_the_public_repository_the_cases_convert_to_the_very_same_files(
    raw, tmp_path
):
    """The received rows split into 183 days, as upstream publishes them, and converted back."""
    part = next(s for s in upstream_sets() if s.name == "cases")
    days = upstream_days(raw, part.columns)
    files = []
    for path in part.paths:
        files.append(tmp_path / Path(path).name)
        days[files[-1].stem].write_csv(files[-1])
    described = {s.file: s.sha256 for s in sources()}
    for made in convert("cases", files, tmp_path):
        assert sha256(made) == described[made.name]


def upstream_days(raw: Path, columns: tuple[str, ...]) -> dict[str, pl.DataFrame]:
    """Lay the three received files out as upstream does: nation, provinces, then their cities."""
    names = {"recovered": "cured", "deaths": "dead"}
    tables = [
        pl.read_csv(raw / "cases_national_daily.csv", infer_schema=False),
        pl.read_csv(raw / "cases_province_daily.csv", infer_schema=False).rename(
            {"name": "province", "province_adcode": "provinceCode"}
        ),
        pl.read_csv(raw / "cases_city_daily.csv", infer_schema=False)
        .rename({"name": "city", "adcode": "cityCode", "province_adcode": "provinceCode"})
        .with_columns(province=pl.lit("省"), suspected=pl.lit("0")),
    ]
    rows = pl.concat([t.rename(names) for t in tables], how="diagonal").with_columns(
        country=pl.lit("中国"), countryCode=pl.lit("CN")
    )
    return {
        str(k[0]): d for k, d in rows.select(columns).partition_by("date", as_dict=True).items()
    }


@real
def test_no_row_of_the_received_files_stands_in_the_project():
    """No packaged file is, or is as big as, a received data file."""
    received_sums = {s.sha256 for s in sources()}
    packaged = [p for p in (ROOT / "src").rglob("*") if p.suffix in (".csv", ".parquet")]
    assert not received_sums & {sha256(p) for p in packaged}
