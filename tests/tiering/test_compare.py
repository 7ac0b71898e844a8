from datetime import date

import numpy as np
import polars as pl
import pytest
from tiering_cubes import cumulative
from tiering_real_data import counting_units, hubei_list, prefecture_cube

from tongchou.tiering.compare import compare_counts, compare_with_list
from tongchou.tiering.rules import TIERS, tier_rules
from tongchou.tiering.tiers import assign_tiers
from tongchou.vocabulary.errors import BadInput

RULES = tier_rules()
LAST = date(2020, 2, 20)


def compare(published, series, units=None, on=LAST):
    cube = cumulative(series)
    listed = pl.DataFrame({"place": list(published), "tier": list(published.values())})
    return compare_with_list(listed, cube, units or {p: p for p in published}, RULES, on=on)


def cause(*args, **more):
    row = compare(*args, **more).rows.row(0, named=True)
    return row["cause"], row["why_zh"]


def test_agreement_is_counted_and_set_in_a_table():
    found = compare({"a": "low", "b": "high"}, {"a": [0] * 20, "b": [0] * 19 + [60]})
    assert found.agreement == (2, 2)
    assert found.causes() == {}
    assert found.confusion().rows() == [("low", 1, 0, 0), ("medium", 0, 0, 0), ("high", 0, 0, 1)]


def test_a_county_below_its_prefecture_is_explained_by_coarse_data():
    why, text = cause({"a1": "low"}, {"a": [0] * 19 + [60]}, units={"a1": "a"})
    assert why == "too_coarse"
    assert "累计60例、14天内新增60例" in text


def test_a_county_above_its_prefecture_is_never_explained_by_coarse_data():
    why, _ = cause({"a1": "high"}, {"a": [0] * 20}, units={"a1": "a"})
    assert why == "other"


def test_the_order_of_the_rule_explains_medium_for_a_clean_county_with_many_cases():
    why, text = cause({"a": "medium"}, {"a": [500] * 20})
    assert why == "rule_order"
    assert "后判低风险为中风险" in text


def test_an_unknown_cluster_explains_medium_for_a_county_taken_as_high():
    assert cause({"a": "medium"}, {"a": [60] * 18 + [61, 62]})[0] == "cluster_unknown"


def test_older_data_explain_a_list_that_has_not_seen_the_last_days():
    why, text = cause({"a": "low"}, {"a": [30] * 18 + [31, 31]})
    assert why == "list_date"
    assert "截至2020年2月18日（早2天）" in text


def test_a_correction_explains_low_where_the_last_case_was_taken_back():
    assert cause({"a": "low"}, {"a": [30] * 10 + [31, *[30] * 9]})[0] == "corrections"


def test_a_revision_of_the_past_explains_low_after_a_jump():
    series = {"420100": [50008] * 75 + [50333] * 5}  # 1 February to 20 April, jump on 16 April
    why, text = cause({"420100": "low"}, series, on=date(2020, 4, 20))
    assert why == "corrections"
    assert "325例是对既往病例的订正" in text


def test_a_list_without_units_is_refused_with_every_place():
    with pytest.raises(BadInput) as refusal:
        compare({"a": "low", "b": "low"}, {"a": [0] * 20}, units={"a": "z"})
    assert len(refusal.value.faults) == 2


def test_published_counts_are_set_beside_computed_ones():
    beside = compare_counts(date(2020, 2, 28), "420000", {"low": 10, "medium": 30, "high": 63})
    assert beside.rows() == [
        ("low", 11, 10, -1),
        ("medium", 34, 30, -4),
        ("high", 58, 63, 5),
    ]
    assert compare_counts(date(2020, 5, 1), "420000", {}).is_empty()


def hubei(day, rules=RULES):
    cube, listed = prefecture_cube(), hubei_list(day)
    units = counting_units(listed["place"].to_list(), cube)
    return compare_with_list(listed, cube, units, rules, on=date.fromisoformat(day))


@pytest.mark.real
@pytest.mark.parametrize(
    ("day", "agreement", "low_last", "causes"),
    [
        ("2020-02-28", (59, 103), 59, {"too_coarse": 43, "cluster_unknown": 1}),
        ("2020-03-12", (36, 76), 8, {"too_coarse": 39, "cluster_unknown": 1}),
        ("2020-03-18", (76, 76), 2, {}),
        ("2020-04-20", (75, 76), 1, {"other": 1}),
    ],
)
def test_hubei_lists_beside_the_rule_on_prefecture_counts(day, agreement, low_last, causes):
    found = hubei(day)
    assert found.agreement == agreement
    assert found.causes() == causes
    # low first or last cannot be told apart in February; March settles it
    assert hubei(day, RULES.with_low_last()).agreement[0] == low_last
    # no place is published above the tier of the counts it is part of: coarseness never fails
    rank = {t: i for i, t in enumerate(TIERS)}
    above = [
        p
        for p, published, computed in found.rows.select(
            "place", "published", "computed"
        ).iter_rows()
        if rank[published] > rank[computed]
    ]
    assert above == []


@pytest.mark.real
def test_the_two_places_with_counts_of_their_own_that_differ():
    xiantao = hubei("2020-02-28").rows.filter(pl.col("place") == "429004").row(0, named=True)
    assert (xiantao["published"], xiantao["computed"]) == ("medium", "high")
    assert xiantao["cause"] == "cluster_unknown"
    ezhou = hubei("2020-03-12").rows.filter(pl.col("place") == "420700").row(0, named=True)
    assert (ezhou["published"], ezhou["computed"]) == ("medium", "high")
    assert ezhou["cause"] == "cluster_unknown"


@pytest.mark.real
def test_wuhan_on_20_april_is_low_once_the_day_of_the_revision_is_left_out():
    cube = prefecture_cube().sel(place=["420100"])
    new = cube.diff("date", label="upper").reindex(date=cube["date"], fill_value=0)
    booked = np.datetime64("2020-04-16", "ns")
    assert int(new.sel(date=booked).item()) == 326  # 325 revised, and one that the file lacked
    new.loc[{"date": booked}] = 0
    row = assign_tiers(cube, RULES, new_confirmed=new, on=date(2020, 4, 20)).row("420100")
    assert (row["tier"], row["days_since_last"]) == ("low", 17)


@pytest.mark.real
def test_counts_of_28_february_beside_the_published_ones():
    found = hubei("2020-02-28").rows["computed"].to_list()
    beside = compare_counts(date(2020, 2, 28), "420000", {t: found.count(t) for t in TIERS})
    assert beside.rows() == [
        ("low", 11, 0, -11),
        ("medium", 34, 1, -33),
        ("high", 58, 102, 44),
    ]
