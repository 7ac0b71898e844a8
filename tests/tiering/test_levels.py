from collections import Counter
from datetime import date, datetime

import polars as pl
import pytest
from tiering_real_data import folder

from tongchou.tiering.ladder import LevelLadder, RefusedTransition, Transition
from tongchou.tiering.level_changes import history_2020, levels_by_tier, provinces_2020
from tongchou.tiering.levels import LEVELS, decides, duties, effective_moment
from tongchou.vocabulary.errors import NotFound
from tongchou.vocabulary.text import Text

WHY = Text(zh="依据评估。", en="By assessment.")
EMPTY = LevelLadder(
    paths={
        "350000": "350000",
        "350100": "350000/350100",
        "350102": "350000/350100/350102",
        "350103": "350000/350100/350103",
        "360000": "360000",
    },
    kinds={
        "350000": "province",
        "350100": "prefecture",
        "350102": "county",
        "350103": "county",
        "360000": "province",
    },
)


def change(area, level, when, by=None, basis="plan2006", **more):
    return Transition(
        area=area,
        to_level=level,
        effective=effective_moment(when),
        authority=by or area,
        basis=basis,
        reason=WHY,
        **more,
    )


def at(ladder, place, when):
    return ladder.at(place, effective_moment(when))


def test_twenty_four_hundred_is_the_midnight_that_ends_the_day():
    assert effective_moment("2020-02-24T24:00") == datetime.fromisoformat("2020-02-25T00:00")
    assert effective_moment("2020-02-29T24:00") == datetime.fromisoformat("2020-03-01T00:00")
    assert effective_moment("2020-02-24T09:00") == datetime.fromisoformat("2020-02-24T09:00")
    jiangsu = provinces_2020()
    assert at(jiangsu, "320000", "2020-02-24T23:59").level == "I"
    assert at(jiangsu, "320000", "2020-02-24T24:00").level == "II"


def test_an_area_inherits_until_it_has_a_level_of_its_own():
    ladder = EMPTY.add(change("350000", "I", "2020-01-24"))
    county = at(ladder, "350102", "2020-02-01")
    assert (county.level, county.own) == ("I", False)
    ladder = ladder.add(change("350102", "III", "2020-02-26T24:00", by="350000"))
    assert at(ladder, "350102", "2020-02-27").level == "III"
    assert at(ladder, "350103", "2020-02-27").level == "I"
    assert at(ladder, "350102", "2020-02-26T23:59").level == "I"
    assert "沿用上级" in county.sentence().zh
    assert at(ladder, "360000", "2020-02-27").sentence().zh == "未启动响应。"


def test_a_uniform_level_replaces_those_of_the_counties_and_a_plain_one_does_not():
    ladder = EMPTY.replay(
        [
            change("350000", "II", "2020-02-26T24:00"),
            change("350102", "III", "2020-02-26T24:00", by="350000"),
        ]
    )
    plain = ladder.add(change("350000", "I", "2020-03-01"))
    assert at(plain, "350102", "2020-03-02").level == "III"
    uniform = ladder.add(change("350000", "III", "2020-03-19T12:00", clears_below=True))
    standing = at(uniform, "350102", "2020-03-20")
    assert (standing.level, standing.own) == ("III", False)


def test_level_by_tier_as_in_fujian_and_jiangxi():
    moment = effective_moment("2020-02-26T24:00")
    tiers = {"350102": "medium", "350103": "low"}
    known = {"effective": moment, "authority": "350000", "basis": "plan2006"}
    fujian = levels_by_tier("fujian_20200226", tiers, **known)
    assert {t.area: t.to_level for t in fujian} == {"350102": "II", "350103": "III"}
    ladder = EMPTY.add(change("350000", "I", "2020-01-24")).replay(fujian)
    assert at(ladder, "350103", "2020-02-27").level == "III"
    assert at(ladder, "350100", "2020-02-27").level == "I"
    low = {"360102": "low", "360103": "low", "360104": "medium"}
    jiangxi = levels_by_tier("jiangxi_20200225", low, no_case=["360103"], **known)
    assert {t.area: t.to_level for t in jiangxi} == {"360102": "II", "360103": "III"}
    with pytest.raises(NotFound, match="fujian_20200226"):
        levels_by_tier("hainan", tiers, **known)


def test_a_change_without_basis_is_refused():
    with pytest.raises(RefusedTransition, match="no legal basis valid that day") as refusal:
        EMPTY.add(change("350000", "I", "2020-01-24", basis=""))
    assert [f.column for f in refusal.value.faults] == ["basis"]


@pytest.mark.parametrize(
    ("area", "level", "by"),
    [("350102", "III", "350102"), ("350102", "I", "350100"), ("350100", "II", "350100")],
)
def test_an_authority_without_the_power_is_refused(area, level, by):
    with pytest.raises(RefusedTransition, match="has no power to decide"):
        EMPTY.add(change(area, level, "2020-01-24", by=by))


def test_a_neighbour_cannot_decide_and_all_faults_come_together():
    with pytest.raises(RefusedTransition) as refusal:
        EMPTY.add(change("350102", "III", "2020-01-24", by="360000", basis="none"))
    assert [f.column for f in refusal.value.faults] == ["basis", "authority"]


def test_a_county_cannot_undo_what_the_province_decided():
    ladder = EMPTY.add(change("350000", "I", "2020-01-24"))
    with pytest.raises(RefusedTransition, match="cannot change a level that 350000 decided"):
        ladder.add(change("350102", "IV", "2020-02-01", by="350102"))


def test_the_county_may_start_and_end_the_fourth_level_itself():
    ladder = EMPTY.add(change("350102", "IV", "2020-06-01"))
    assert at(ladder, "350102", "2020-06-02").level == "IV"
    ladder = ladder.add(change("350102", None, "2020-06-20"))
    assert at(ladder, "350102", "2020-06-21").level is None
    with pytest.raises(RefusedTransition, match="no response to end"):
        ladder.add(change("350102", None, "2020-06-25"))
    with pytest.raises(RefusedTransition, match="not among the areas"):
        ladder.add(change("999999", "IV", "2020-06-25", by="350000"))


def test_each_change_knows_its_kind_and_a_leap_from_one_to_three_is_allowed():
    ladder = EMPTY
    kinds = []
    for level, when in [
        ("I", "2020-01-24"),
        ("III", "2020-02-24"),
        ("III", "2020-03-09"),
        ("II", "2020-06-16"),
        (None, "2020-09-01"),
    ]:
        step = change("350000", level, when)
        kinds.append(ladder.kind_of(step))
        ladder = ladder.add(step)
    assert kinds == ["activation", "step_down", "renewal", "step_up", "end"]


def test_reviews_that_are_overdue_are_listed_oldest_first():
    ladder = EMPTY.replay(
        [
            change("350000", "I", "2020-01-24"),
            change("360000", "I", "2020-01-20", review_on=date(2020, 3, 1)),
        ]
    )
    # level I is to be reviewed after 14 days: 7 February, inclusive
    assert ladder.overdue(effective_moment("2020-02-07T23:00")) == []
    late = ladder.overdue(effective_moment("2020-03-02"))
    assert [s.place for s in late] == ["350000", "360000"]
    renewed = ladder.add(change("350000", "I", "2020-03-01"))
    assert [s.place for s in renewed.overdue(effective_moment("2020-03-02"))] == ["360000"]


def test_each_level_has_duties_with_owners_and_a_lowest_authority():
    assert [decides(level) for level in LEVELS] == [
        "province",
        "province",
        "prefecture",
        "county",
    ]
    for level in LEVELS:
        found = duties(level)
        assert found
        assert all(what.zh and whose.en for _, what, whose in found)


def test_january_2020_was_activated_in_the_published_order():
    # People.cn 5 May 2020: 3 provinces on 23 January, 15 on 24, 12 on 25, Tibet last
    first = Counter(t.effective.date() for t in history_2020() if t.to_level == "I")
    assert first[date(2020, 1, 23)] == 3
    assert first[date(2020, 1, 24)] == 15
    assert first[date(2020, 1, 25)] == 12
    last = max((t for t in history_2020() if t.to_level == "I"), key=lambda t: t.effective)
    assert last.area == "540000"
    ladder = provinces_2020()
    everyone = {ladder.at(p, effective_moment("2020-01-30")).level for p in ladder.paths}
    assert everyone == {"I"}


def test_gansu_stepped_down_first_and_hubei_on_the_second_of_may():
    ladder = provinces_2020()
    steps = [t for t in ladder.transitions if ladder.kind_of(t) == "step_down"]
    assert steps[0].area == "620000"
    assert steps[0].effective == effective_moment("2020-02-21T14:00")
    assert at(ladder, "420000", "2020-05-01").level == "I"
    assert at(ladder, "420000", "2020-05-02").level == "II"


def test_the_status_of_6_may_2020_agrees_with_the_published_count_until_ningxia_moves():
    # People.cn: 8 provinces at II, 21 at III, 2 at IV; Ningxia went to III that day at 17:00
    ladder = provinces_2020()
    morning = Counter(at(ladder, p, "2020-05-06T16:59").level for p in ladder.paths)
    evening = Counter(at(ladder, p, "2020-05-06T17:00").level for p in ladder.paths)
    assert morning == {"II": 8, "III": 21, "IV": 2}
    assert evening == {"II": 7, "III": 22, "IV": 2}


@pytest.mark.real
def test_the_status_of_6_may_2020_agrees_province_by_province():
    rows = pl.read_csv(
        folder() / "response_levels_status_20200506.csv",
        schema_overrides={"province_adcode": pl.Utf8},
    )
    published = {p: LEVELS[n - 1] for p, n in rows.select("province_adcode", "level").iter_rows()}
    ladder = provinces_2020()
    ours = {p: at(ladder, p, "2020-05-06T12:00").level for p in published}
    assert {p: (published[p], ours[p]) for p in published if published[p] != ours[p]} == {}
    steps = {
        p: "-".join(
            str(LEVELS.index(t.to_level) + 1)
            for t in ladder.transitions
            if t.area == p and t.effective <= effective_moment("2020-05-06T12:00")
        )
        for p in published
    }
    paths = dict(rows.select("province_adcode", "path").iter_rows())
    # Hubei and Tibet first activated level II; Hainan went from I to III directly by better sources
    assert {p: (paths[p], steps[p]) for p in published if paths[p] != steps[p]} == {
        "420000": ("1-2", "2-1-2"),
        "460000": ("1-2-3", "1-3"),
        "540000": ("1-2", "2-1-2"),
    }
