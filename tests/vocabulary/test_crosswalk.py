"""Codes of other years, and the code lists of 2019 and of the census of 2020."""

import polars as pl
import pytest

from tongchou.vocabulary.errors import UnknownPlace
from tongchou.vocabulary.places import china

CHINA = china()
KNOWN = frozenset(CHINA.frame["code"])


def test_changes_are_followed_forward():
    assert CHINA.resolve("220381").code == "220184"  # Gongzhuling moved to Changchun in 2020
    assert CHINA.standing("220184", "prefecture").name.en == "Changchun"
    # Hangzhou 2021: 下城 joined 拱墅; 江干 was divided between 上城 and 钱塘.
    assert [(s.new_code, s.share) for s in CHINA.successors("330103")] == [("330105", 1.0)]
    assert {s.new_code for s in CHINA.successors("330104")} == {"330102", "330114"}
    assert all(s.share is None for s in CHINA.successors("330104"))


def test_codes_younger_than_the_edition_are_followed_back():
    assert [s.new_code for s in CHINA.successors("653228")] == ["653223"]
    assert {s.new_code for s in CHINA.successors("500157")} == {"500105", "500112"}


def test_a_code_in_force_stands_for_itself_and_an_unknown_one_for_nothing():
    assert [(s.new_code, s.kind) for s in CHINA.successors("330110")] == [("330110", "same")]
    with pytest.raises(UnknownPlace):
        CHINA.successors("999999")


def test_every_change_touches_a_place_of_this_edition_and_states_its_grounds():
    for change in CHINA.crosswalk.rows:
        assert {change.old_code, change.new_code} & KNOWN, change
        assert change.source, change
        assert change.confidence in ("high", "medium", "low"), change


def test_a_unit_that_went_over_whole_has_one_successor():
    for change in CHINA.crosswalk.rows:
        if change.share == 1:
            assert len(CHINA.crosswalk.after(change.old_code)) == 1, change


@pytest.mark.real
def test_every_code_of_2019_leads_to_a_place(china2020):
    listed = china2020("adcodes_2019.csv")
    codes = listed["adcode"].to_list()
    assert len(codes) == 3212
    unknown = [code for code in codes if not CHINA.crosswalk.resolve(code, KNOWN)]
    assert unknown == []
    # 49 codes went out of use since; all others are in force with the same meaning.
    assert sum(code not in KNOWN for code in codes) == 49
    renamed = {
        row["adcode"]
        for row in listed.rows(named=True)
        if row["adcode"] in KNOWN and row["name"] != CHINA.place(row["adcode"]).name.zh
    }
    assert renamed == {"130502", "130503"}  # the districts of Xingtai, renamed in 2020


@pytest.mark.real
def test_every_former_name_is_the_name_of_its_time(china2020):
    listed = dict(china2020("adcodes_2019.csv").select("adcode", "name").iter_rows())
    for change in CHINA.crosswalk.rows:
        if change.old_code in listed:
            assert change.old_name == listed[change.old_code], change


@pytest.mark.real
def test_codes_of_the_census_that_are_no_places_are_zones(china2020):
    counties = china2020("census2020_county.csv").filter(pl.col("level") == "county")["adcode"]
    unknown = [c for c in counties if not CHINA.crosswalk.resolve(c, KNOWN)]
    # Development zones have 7 in the fifth place; the rest are four forest districts of
    # Daxing'anling and a scenic area, which the state's code list does not know either.
    others = [c for c in unknown if c[4] != "7"]
    assert others == ["232761", "232762", "232763", "232764"]
    assert len(unknown) == 99
