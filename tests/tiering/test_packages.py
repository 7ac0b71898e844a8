from datetime import date, timedelta

import pytest

from tongchou.tiering.legal import basis_valid
from tongchou.tiering.measures import (
    choose_measure,
    find_measure,
    least_burden,
    measure_catalogue,
)
from tongchou.tiering.packages import InForce, audit_measures, package, swap_measures
from tongchou.tiering.rules import TIERS
from tongchou.vocabulary.errors import NotFound
from tongchou.vocabulary.text import Text

TODAY = date(2020, 3, 12)
SOON = TODAY + timedelta(days=7)


def standing(measure, **more):
    known = find_measure(measure)
    usual = {"place": "420525", "start": TODAY, "expires": SOON, "basis": known.basis or None}
    return InForce(measure=measure, **{**usual, **more})


def kinds(measure, tier, **more):
    return {f.kind for f in audit_measures([standing(measure, **more)], tier, TODAY)}


def test_every_measure_that_may_be_used_has_basis_expiry_appeal_and_owner():
    for measure in measure_catalogue().values():
        assert measure.appeal.zh
        assert measure.owner.en
        assert 1 <= measure.burden <= 5
        if measure.lowest_tier is not None:
            assert basis_valid(measure.basis, TODAY), measure.measure
            assert 0 < measure.default_days <= 28


@pytest.mark.parametrize("tier", TIERS)
def test_a_package_turns_on_only_what_its_tier_allows_and_speaks_of_every_measure(tier):
    states = package(tier)
    assert set(states) == set(measure_catalogue())
    assert all(find_measure(m).allowed_in(tier) for m, s in states.items() if s != "off")


def test_a_low_tier_restores_life_and_forbids_preconditions_and_posts():
    low = package("low")
    assert low["resume_fully"] == "on"
    assert low["resume_precondition"] == "off"
    assert low["traffic_quarantine"] == "off"
    assert package("high")["vital_firms"] == "on"


def test_what_is_never_lawful_is_off_everywhere_and_cannot_be_signed_for():
    never = {m.measure for m in measure_catalogue().values() if m.lowest_tier is None}
    assert {"village_road_dug", "cut_trunk_road", "checkpoint_unapproved"} <= never
    assert {"sealed_home", "location_trail", "barred_by_origin", "speech_punished"} <= never
    assert all(package(tier)[m] == "off" for tier in TIERS for m in never)
    why = Text(zh="特殊需要", en="special need")
    assert kinds("sealed_home", "high", signed_reason=why) == {"prohibited"}


def test_each_fault_of_a_measure_in_force_is_flagged():
    assert kinds("work_suspension", "high") <= {"burden"}
    assert "above_tier" in kinds("work_suspension", "low")
    assert "expired" in kinds("gathering_limit", "medium", expires=TODAY - timedelta(days=1))
    assert kinds("gathering_limit", "medium", expires=TODAY) == set()  # lapses after its last day
    assert "no_expiry" in kinds("gathering_limit", "medium", expires=None)
    assert "no_basis" in kinds("gathering_limit", "medium", basis=None)
    assert "no_basis" in kinds("gathering_limit", "medium", basis="decree_of_nobody")
    signed = kinds("community_entry", "low", signed_reason=Text(zh="暴发在邻县", en="outbreak"))
    assert "signed_above_tier" in signed
    assert "above_tier" not in signed


def test_a_basis_does_not_reach_back_before_its_day():
    assert basis_valid("joint_20200228", date(2020, 2, 28))
    assert not basis_valid("joint_20200228", date(2020, 2, 27))


def test_a_closure_is_flagged_where_a_limit_would_do():
    assert "burden" in kinds("venue_closure", "high")
    assert [m.measure for m in least_burden("work", "low")] == ["work_protection"]


def test_the_milder_measure_is_chosen_if_it_is_enough_and_none_if_nothing_is():
    effects = {"gathering_limit": 0.2, "venue_closure": 0.25}
    mild = choose_measure("gatherings", "high", effects, needed=0.2)
    assert mild.measure.measure == "gathering_limit"
    assert mild.too_weak == ()
    none = choose_measure("gatherings", "medium", effects, needed=0.22)
    assert none.measure is None  # closing venues is not open in a medium tier
    assert none.too_weak == ("gathering_limit",)
    assert "没有措施" in none.reason.zh


def test_a_fall_to_low_lifts_starts_and_keeps():
    in_force = [
        standing("contact_observation"),
        standing("work_suspension"),
        standing("resume_precondition"),
        standing("village_road_dug"),
        standing("gathering_limit", expires=TODAY - timedelta(days=2)),
    ]
    swap = swap_measures("high", "low", in_force, place="420525", today=TODAY)
    assert swap.of("keep") == ["contact_observation"]
    assert set(swap.of("lift")) == {
        "work_suspension",
        "resume_precondition",
        "village_road_dug",
        "gathering_limit",
    }
    assert {"resume_fully", "care_full", "farming_full"} <= set(swap.of("start"))
    lifted = [line for line in swap.lines if line.action == "lift"]
    assert {line.due for line in lifted} == {TODAY + timedelta(days=1)}
    started = [line for line in swap.lines if line.action == "start"]
    assert all(line.expires and line.basis and line.owner.zh for line in started)
    assert swap.flags


def test_a_signed_exception_stays_to_its_expiry_and_a_lapsed_measure_of_the_package_starts_anew():
    exception = standing("community_entry", signed_reason=Text(zh="邻县暴发", en="outbreak nearby"))
    lapsed = standing("fever_clinic", expires=TODAY - timedelta(days=1))
    swap = swap_measures("medium", "low", [exception, lapsed], place="420525", today=TODAY)
    assert "community_entry" in swap.of("keep")
    assert "fever_clinic" in swap.of("lift")
    assert "fever_clinic" in swap.of("start")


def test_a_swap_to_what_already_stands_only_fills_the_gaps():
    full = [standing(m) for m, state in package("medium").items() if state == "on"]
    swap = swap_measures("medium", "medium", full, place="420525", today=TODAY)
    assert swap.of("start") == swap.of("lift") == []
    less = swap_measures("medium", "medium", full[1:], place="420525", today=TODAY)
    assert less.of("start") == [full[0].measure]


def test_an_unknown_measure_is_named_with_what_is_near_it():
    with pytest.raises(NotFound, match="work_suspension"):
        find_measure("work_stop")
