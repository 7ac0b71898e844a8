"""A pack goes into the station and comes out again without a figure changed."""

from datetime import timedelta

import polars as pl
import pytest

from tongchou.morning.run import order_of_the_day
from tongchou.situation.exercise.whole import make
from tongchou.situation.pack import open_folder
from tongchou.station.access.context import acting, system
from tongchou.station.exchange.models import HeldPack, HeldTable
from tongchou.station.exchange.packs.load import load_pack
from tongchou.station.exchange.packs.write import write_pack
from tongchou.station.places.models import Place, Unit

PROVINCE = "640000"

pytestmark = pytest.mark.drill


@pytest.fixture(scope="session")
def small_pack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packs") / "small"
    make(folder, 1, province=PROVINCE, population=200_000, hospitals=5)
    return open_folder(folder)


@pytest.fixture
def loaded(db, small_pack):
    return load_pack(small_pack)


def figures(order):
    return {
        f.id: (f.value, f.shown, f.low, f.high, f.day_change, f.week_change) for f in order.figures
    }


def test_a_pack_is_loaded_once(loaded, small_pack):
    assert loaded.path == "100000/640000/"
    assert Place.objects.filter(code=PROVINCE).exists()
    facilities = small_pack.whole.received["facilities"]["facility_id"].n_unique()
    assert loaded.written["units"] == facilities == Unit.objects.count()
    again = load_pack(small_pack)
    assert sum(again.written.values()) == 0
    with system("count"):
        assert HeldPack.objects.count() == 1


def test_the_order_of_the_day_is_the_same_from_the_station_as_from_the_pack(
    loaded, small_pack, tmp_path
):
    place = Place.objects.get(code=PROVINCE)
    write_pack(place, small_pack.last, tmp_path / "out")
    out = open_folder(tmp_path / "out", trust=False)
    there = order_of_the_day(small_pack, small_pack.last)
    here = order_of_the_day(out, small_pack.last)
    assert figures(here) == figures(there)
    assert [d.sentence for d in here.decisions] == [d.sentence for d in there.decisions]
    assert [(g.id, g.count) for g in here.gaps] == [(g.id, g.count) for g in there.gaps]
    assert here.tiers.counts == there.tiers.counts


def test_a_pack_goes_no_further_than_its_cut_off_and_its_area(loaded, small_pack, tmp_path):
    place, cut = Place.objects.get(code="640100"), small_pack.last - timedelta(days=10)
    manifest = write_pack(place, cut, tmp_path / "out")
    out = open_folder(tmp_path / "out", trust=False)
    assert (manifest.last, out.last) == (cut, cut)
    assert manifest.synthetic
    for name in ("case_counts", "measures", "facilities"):
        assert out.whole.received[name]["known_on"].max() <= cut
    codes = set(Place.objects.filter(path__startswith=place.path).values_list("code", flat=True))
    assert set(out.whole.received["case_counts"]["place"]) <= codes
    assert order_of_the_day(out, cut, place="640100").head.cut == cut


def test_without_the_right_to_records_only_totals_go_out(loaded, small_pack, tmp_path):
    manifest = write_pack(
        Place.objects.get(code=PROVINCE), small_pack.last, tmp_path / "out", records=False
    )
    files = {p.stem for p in (tmp_path / "out").iterdir()}
    assert not files & {"cases", "contacts", "samples", "households", "visits", "payments"}
    assert "case_counts" in files
    assert any("left out" in n.en for n in manifest.notes)


def test_held_tables_exist_only_for_who_may_export_the_area(loaded, actor):
    for role, place, seen in (("duty_officer", PROVINCE, True), ("duty_officer", "640100", False)):
        with acting(actor(role, place)):
            assert HeldTable.objects.exists() is seen


@pytest.fixture
def line_list(monkeypatch):
    """Keep the line list in memory, as the cases room does in the database."""
    from tongchou.situation.contract import contract
    from tongchou.station.exchange import registry

    kept = {"rows": contract("cases").empty()}

    def load(frame):
        new = frame.join(kept["rows"], on="case_id", how="anti")
        kept["rows"] = pl.concat([kept["rows"], new.select(kept["rows"].columns)])
        return new.height

    def export(path, cut):
        return kept["rows"].filter(pl.col("known_on") <= cut)

    monkeypatch.setattr(registry, "_tables", {})
    registry.register_table(registry.ContractTable(name="cases", export=export, load=load))
    return kept


def confirmed(order):
    return sum(row.confirmed for row in order.tiers.rows)


def test_a_case_added_in_the_station_raises_the_count_by_one(
    line_list, loaded, small_pack, tmp_path
):
    place, cut = Place.objects.get(code=PROVINCE), small_pack.last
    assert loaded.written["cases"] == line_list["rows"].height > 0
    write_pack(place, cut, tmp_path / "before")
    before = order_of_the_day(open_folder(tmp_path / "before", trust=False), cut)
    assert figures(before) == figures(order_of_the_day(small_pack, cut))
    one = (
        line_list["rows"]
        .head(1)
        .with_columns(
            case_id=pl.lit("S-1"),
            place=pl.lit("640104"),
            known_on=pl.lit(cut),
            infector_id=pl.lit(None, pl.String),
            suspected_on=pl.lit(cut),
            confirmed_on=pl.lit(cut),
            excluded_on=pl.lit(None, pl.Date),
            recovered_on=pl.lit(None, pl.Date),
            died_on=pl.lit(None, pl.Date),
        )
        .select(line_list["rows"].columns)
    )
    line_list["rows"] = pl.concat([line_list["rows"], one])
    write_pack(place, cut, tmp_path / "after")
    after = order_of_the_day(open_folder(tmp_path / "after", trust=False), cut)
    assert confirmed(after) == confirmed(before) + 1
    column = after.curve.history["reported"]
    assert column.sum() == before.curve.history["reported"].sum() + 1, (
        "the province moves with the county"
    )
    assert [n.en for n in open_folder(tmp_path / "after").whole.origin.notes if "line list" in n.en]
