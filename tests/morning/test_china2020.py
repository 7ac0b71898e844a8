"""The morning of 23 February 2020: data to 24:00 of the 22nd, as far as the pack knows it."""

import json
from datetime import date

import polars as pl
import pytest

from tongchou.morning import backtest, published, run
from tongchou.morning.order import Order
from tongchou.morning.picture import assess

pytestmark = pytest.mark.real

NIGHT = date(2020, 2, 22)


@pytest.fixture(scope="module")
def order(china2020) -> Order:
    return run.order_of_the_day(china2020, NIGHT)


def table(order: Order, id: str):
    return next(t for a in order.annexes for t in a.tables if t.id == id)


def test_totals_equal_the_checked_figures_of_the_pack(order):
    """README of the data, "Checks against known totals": 63,889 and 76,753 (province file)."""
    areas = {r["place"]: r["confirmed"] for r in table(order, "areas").rows}
    assert areas["420000"] == 63_889
    assert sum(areas.values()) == 76_753
    assert len(areas) == 31
    units = {r["place"]: r["confirmed"] for r in table(order, "units").rows}
    assert sum(v for k, v in units.items() if k.startswith("42")) == 63_831


def test_known_differences_from_the_published_totals_stand_on_the_page(order):
    notices = " ".join(n.en for n in order.head.notices)
    for figure in ("64,084", "63,889", "63,831", "76,936", "76,753", "76,618"):
        assert figure in notices
    shown = {
        (r["place"], r["series"], r["here"], r["published"])
        for r in table(order, "differences").rows
    }
    assert {row[2:] for row in shown} >= {(63_889, 64_084), (76_753, 76_936)}


def test_the_jump_of_12_february_is_spread_back_and_printed(china2020):
    picture = assess(china2020.as_of("2020-02-12"))
    hubei = picture.new.sel(place="420000")
    spread = picture.analytic.sel(place="420000")
    jump = hubei.sel(date="2020-02-12").item()
    assert jump > 13_332
    assert spread.sel(date="2020-02-12").item() == pytest.approx(jump - 13_332)
    assert spread.sum().item() == pytest.approx(hubei.sum().item())
    sentences = run.order_of_the_day(china2020, date(2020, 2, 14)).corrections
    assert any("13,332" in s.en or "13332" in s.en for s in sentences)


def test_the_jump_is_not_known_the_night_before(china2020):
    picture = assess(china2020.as_of("2020-02-11"))
    assert not picture.corrected
    assert picture.total("confirmed", "420000") == 33_366


def test_the_page_says_that_only_prefectures_report(order):
    assert order.tiers.coarse is not None
    assert "counties in them may stand lower" in order.tiers.coarse.en
    assert "县级可能更低" in order.tiers.coarse.zh


def test_figures_without_data_name_the_table(order):
    missing = {f.id: f.missing.en for f in order.figures if f.missing is not None}
    assert missing["admission_rate"] == "no data: table cases"
    assert missing["beds_free"] == "no data: table facilities"
    assert missing["price_alerts"] == "no data: table prices.price_year_before"


def test_agreement_with_the_published_lists_of_hubei(china2020):
    """Counted on this pack; every difference has a named cause (docs/methods/risk-tiers.md)."""
    result = published.compare(china2020)
    agreed = {c.on: c.agreement for c in result.comparisons}
    assert agreed == {
        date(2020, 2, 28): (59, 103),
        date(2020, 3, 12): (36, 76),
        date(2020, 3, 18): (76, 76),
        date(2020, 4, 20): (75, 76),
    }
    differing = result.rows.filter(~pl.col("agrees"))
    assert differing["cause"].null_count() == 0
    assert differing.filter(pl.col("cause") == "too_coarse").height == 82


def test_the_backtest_beats_persistence_where_nothing_was_corrected(china2020):
    """Ten nights in February, by province: the forecast must earn its place on the page."""
    result = backtest.backtest(china2020, date(2020, 2, 13), date(2020, 2, 22), draws=200)
    clean = result.by(corrected=False).row(0, named=True)
    assert clean["ratio"] < 1
    assert 0.85 < clean["in95"] <= 1
    assert result.scores["place"].n_unique() == 31


def test_json_carries_the_pack_and_its_checksums(china2020, order, tmp_path):
    run.send(order, china2020, tmp_path, "en")
    held = json.loads((tmp_path / "order.json").read_text(encoding="utf-8"))
    assert held["signoff"]["inputs"]["case_counts.parquet"]
    assert held["head"]["cut"] == "2020-02-22"


def test_a_prison_cluster_binds_the_prison_and_not_the_city(order):
    """20 February 2020: 201 of Jining's cases were those of Rencheng prison, reported at once."""
    jining = next(d for d in order.decisions if d.places == ("370800",))
    best = next(o for o in jining.options if o.recommended)
    assert "setting" in best.name.en
    assert "Rencheng prison" in best.effect.en
    assert any("stay-at-home" in o.name.en for o in jining.options if not o.recommended)


def test_on_5_february_wuhan_comes_first_with_the_lightest_package_that_is_enough(china2020):
    order = run.order_of_the_day(china2020, date(2020, 2, 5))
    first = order.decisions[0]
    assert first.places == ("420100",)
    assert first.takes_freedom
    outcomes = first.evidence.rows
    best = next(o for o in first.options if o.recommended).name.en
    assert "stay-at-home" not in best
    assert outcomes.filter(pl.col("option") == "close_work")["multiplier"].item() * 2.6 < 1


def test_a_place_likely_to_flare_up_again_is_held_before_low(china2020):
    order = run.order_of_the_day(china2020, NIGHT)
    held = [d for d in order.decisions if d.id.startswith("tier-hold")]
    assert [d.places for d in held] == [("321100",)]
    best = next(o for o in held[0].options if o.recommended)
    assert best.name.en == "wait 7 more days"


def test_a_city_carries_its_share_of_the_backlog_booked_for_its_province(china2020):
    """16 April 2020: 325 cases of January to March were added to Wuhan's total in one day."""
    wuhan = assess(china2020.as_of("2020-04-17"), "Wuhan")
    assert wuhan.new.sel(place="420100", date="2020-04-16").item() == 326
    assert wuhan.analytic.sel(place="420100", date="2020-04-16").item() < 2
    assert wuhan.analytic.sum().item() == pytest.approx(wuhan.new.sum().item())
    assert not bool(wuhan.rt["usable"].sel(place="420100")[-1])
