from datetime import date

import polars as pl
import pytest
from tiering_real_data import folder

from tongchou.tiering.measures import find_measure
from tongchou.tiering.packages import package
from tongchou.tiering.strategy import (
    Override,
    classify_areas,
    matching_share,
    strategy_lists_2020,
)
from tongchou.vocabulary.errors import NotFound
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.text import Text

TODAY = date(2020, 2, 28)
NUMBERS = {"share_of_inflow": pl.Float64, "cumulative": pl.Float64, "cases_per_million": pl.Float64}
PLAIN = {
    "epicentre": False,
    "in_epicentre_province": False,
    "capital": False,
    "borders_epicentre_province": False,
    "share_of_inflow": None,
    "cumulative": 0.0,
    "cases_per_million": 0.0,
}


def profiles(**areas):
    return pl.DataFrame(
        [{"area": area, **PLAIN, **facts} for area, facts in areas.items()],
        schema_overrides=NUMBERS,
    )


def classes(frame, **more):
    found = classify_areas(frame, today=TODAY, **more)
    return dict(found.select("area", "class").iter_rows())


def test_the_first_class_that_fits_decides():
    frame = profiles(
        wuhan={"epicentre": True, "in_epicentre_province": True, "cumulative": 48557.0},
        xiaogan={"in_epicentre_province": True, "cumulative": 3518.0},
        beijing={"capital": True, "cumulative": 410.0},
        henan={"borders_epicentre_province": True, "cumulative": 1272.0},
        inflow={"share_of_inflow": 0.05},
        few={"share_of_inflow": 0.01, "cumulative": 30.0},
        many={"cumulative": 480.0, "cases_per_million": 12.8},
        large={"cumulative": 756.0, "cases_per_million": 7.5},
    )
    assert classes(frame) == {
        "wuhan": "epicentre",
        "xiaogan": "epicentre_province",
        "beijing": "capital",
        "henan": "ring",
        "inflow": "large_inflow",
        "few": "others",
        "many": "many_cases",
        "large": "others",
    }


def test_strategy_wording_and_reason_are_given():
    row = classify_areas(profiles(x={"cumulative": 480.0, "cases_per_million": 12.8}), today=TODAY)
    assert row["strategy_zh"][0] == "外防输入、内防扩散"
    assert "每百万人12.8例，不低于10.0" in row["reason_zh"][0]


def override(**more):
    return Override(
        **{
            "area": "x",
            "to_class": "ring",
            "decided_by": "省指挥部",
            "on": date(2020, 2, 20),
            "expires": date(2020, 3, 5),
            "reason": Text(zh="边境口岸压力。", en="Pressure at the border."),
            **more,
        }
    )


def test_an_override_counts_from_its_day_to_its_expiry_and_the_rule_stays_on_record():
    row = classify_areas(profiles(x={}), today=TODAY, overrides=[override()]).row(0, named=True)
    assert (row["class"], row["rule_class"], row["overridden_by"]) == ("ring", "others", "省指挥部")
    assert row["reason_zh"] == "边境口岸压力。"
    lapsed = [override(expires=date(2020, 2, 27)), override(on=date(2020, 3, 1))]
    assert classes(profiles(x={}), overrides=lapsed) == {"x": "others"}
    later = override(to_class="capital", on=date(2020, 2, 25))
    assert classes(profiles(x={}), overrides=[later, override()]) == {"x": "capital"}
    with pytest.raises(NotFound, match="epicentre"):
        classes(profiles(x={}), overrides=[override(to_class="nowhere")])


def test_strategy_adds_to_the_package_of_the_tier():
    assert package("high")["outbound_control"] == "may"
    assert package("high", "epicentre")["outbound_control"] == "on"
    assert package("low", "ring")["arrivals_home_watch"] == "on"
    assert package("low", "others") == package("low")


def test_no_strategy_adds_what_the_tier_forbids():
    for row in packaged("tiering/strategy_packages").iter_rows(named=True):
        assert find_measure(row["measure"]).allowed_in(row["tier"])


def test_the_share_of_areas_whose_measures_match_is_counted():
    found = classify_areas(profiles(a={}, b={}), today=TODAY)
    full = {m for m, s in package("low", "others").items() if s == "on"}
    tiers = {"a": "low", "b": "low"}
    assert matching_share(found, tiers, {"a": full, "b": full - {"care_full"}}) == 0.5


@pytest.mark.real
def test_the_rule_gives_the_list_of_28_february_2020():
    cases = pl.read_csv(
        folder() / "cases_province_daily.csv", schema_overrides={"province_adcode": pl.Utf8}
    ).filter(pl.col("date") == "2020-02-28")
    people = pl.read_csv(
        folder() / "census2020_county.csv", schema_overrides={"adcode": pl.Utf8}
    ).filter(pl.col("level") == "province")
    listed = dict(strategy_lists_2020().select("area", "class").iter_rows())
    rows = cases.join(people, left_on="province_adcode", right_on="adcode").select(
        area="province_adcode",
        epicentre=pl.lit(False),
        in_epicentre_province=pl.col("province_adcode") == "420000",
        capital=pl.col("province_adcode") == "110000",
        borders_epicentre_province=pl.col("province_adcode").is_in(
            ["410000", "340000", "360000", "430000", "500000", "610000"]
        ),
        share_of_inflow=pl.lit(None, dtype=pl.Float64),
        cumulative=pl.col("confirmed").cast(pl.Float64),
        cases_per_million=pl.col("confirmed") / pl.col("population") * 1e6,
    )
    assert rows.height == 31
    found = {area: c for area, c in classes(rows).items() if c != "others"}
    assert found == {area: c for area, c in listed.items() if area != "420100"}
