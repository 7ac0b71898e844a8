from datetime import date, timedelta

import numpy as np
import pytest
import xarray as xr
from tiering_cubes import cluster_days, cumulative, days, one

from tongchou.tiering.counts import without_revisions
from tongchou.tiering.engine import tier_changes, tier_history
from tongchou.tiering.rules import tier_rules
from tongchou.tiering.tiers import assign_tiers
from tongchou.vocabulary.errors import BadInput, NotFound
from tongchou.vocabulary.fact_table import packaged

RULES = tier_rules()
PLACE = "420102"


def tier_on_last_day(series, clusters=None, rules=RULES):
    return assign_tiers(one(series), rules, clusters=clusters).row(PLACE)["tier"]


# one new case on day 0 of a series, then n days without
@pytest.mark.parametrize(("clean", "tier"), [(12, "medium"), (13, "medium"), (14, "low")])
def test_low_needs_exactly_fourteen_clean_days(clean, tier):
    assert tier_on_last_day([30] + [30] * clean) == tier


@pytest.mark.parametrize(
    ("total", "tier"), [(0, "low"), (1, "medium"), (49, "medium"), (50, "medium"), (51, "high")]
)
def test_exactly_fifty_is_medium_and_fifty_one_with_a_cluster_high(total, tier):
    known = cluster_days(3, 2)
    assert tier_on_last_day([0, 0, total], clusters=known) == tier


@pytest.mark.parametrize(("ago", "tier"), [(0, "high"), (13, "high"), (14, "medium")])
def test_a_known_cluster_counts_for_fourteen_days(ago, tier):
    # 60 cases early, one single case today; the cluster lies some days back
    series = [60] * 20 + [61]
    assert tier_on_last_day(series, clusters=cluster_days(21, 20 - ago)) == tier


def test_without_a_line_list_two_new_cases_are_taken_for_a_cluster_and_the_reason_says_so():
    table_ = assign_tiers(
        cumulative({"420102": [60] * 15 + [62], "420103": [60] * 15 + [61]}), RULES
    )
    assert table_.row("420102")["tier"] == "high"
    assert table_.row("420103")["tier"] == "medium"
    assert not table_.row("420102")["cluster_known"]
    assert "没有聚集性疫情信息：假定14天内新增不少于2例" in table_.reason("420102").zh
    assert "by assumption 2 or more new cases within 14 days" in table_.reason("420102").en


def test_a_line_list_without_clusters_makes_the_same_county_medium():
    none_known = cluster_days(16)
    table_ = assign_tiers(one([60] * 15 + [62]), RULES, clusters=none_known)
    assert table_.row(PLACE)["tier"] == "medium"
    assert "没有聚集性疫情" in table_.reason(PLACE).zh
    assert "assumption" not in table_.reason(PLACE).en


def test_low_is_tried_first_so_a_county_with_many_old_cases_is_low():
    clean = [500] * 15
    assert tier_on_last_day(clean) == "low"
    row = assign_tiers(one(clean), RULES).row(PLACE)
    assert "low_last" in row["sensitive_to"]
    assert tier_on_last_day(clean, rules=RULES.with_low_last()) == "medium"


def test_a_county_that_lights_up_again_goes_straight_back():
    # 60 cases, 20 clean days (low), then a family of three
    series = [60] * 21 + [63]
    history = tier_history(one(series), RULES)
    assert history["tier"].values[0, [13, 14, 20, 21]].tolist() == [2, 0, 0, 2]
    changes = tier_changes(history)
    assert changes.select("from_tier", "to_tier", "reversal").rows() == [
        ("high", "low", False),
        ("low", "high", True),
    ]
    assert changes["date"].to_list() == [date(2020, 2, 15), date(2020, 2, 22)]


def test_a_downward_correction_is_no_new_case_and_does_not_turn_the_clock_back():
    # one case on day 1, taken back on day 2: the clock still counts from day 1
    table_ = assign_tiers(one([10, 11, *[10] * 13]), RULES)
    row = table_.row(PLACE)
    assert (row["cumulative"], row["days_since_last"], row["tier"]) == (10, 13, "medium")
    assert row["corrected"] == 1
    assert "下调1例" in table_.reason(PLACE).zh
    # cancelling the latest case instead leaves 14 clean days: the row says that it matters
    assert "corrections_cancel" in row["sensitive_to"]


def test_a_correction_that_swings_back_counts_the_second_rise_as_new():
    row = assign_tiers(one([100] * 5 + [95] * 10 + [100]), RULES).row(PLACE)
    assert row["days_since_last"] == 0
    assert row["new"] == 5


def test_cases_already_there_on_the_first_day_count_as_new_on_it():
    assert tier_on_last_day([30] * 14) == "medium"
    assert tier_on_last_day([30] * 15) == "low"


def test_a_revision_of_the_past_adds_cases_but_does_not_restart_the_clock():
    total = xr.DataArray(
        [[50008] * 20 + [50333] * 3],
        dims=("place", "date"),
        coords={
            "place": ["420100"],
            "date": (np.datetime64("2020-03-27") + np.arange(23)).astype("datetime64[ns]"),
        },
    )
    assert assign_tiers(total, RULES).row("420100")["tier"] == "high"
    new = without_revisions(total, packaged("tiering/revisions"))
    row = assign_tiers(total, RULES, new_confirmed=new).row("420100")
    assert (row["tier"], row["cumulative"], row["days_since_last"]) == ("low", 50333, 22)


def test_silence_is_carried_forward_but_named_and_a_place_that_never_spoke_has_no_tier():
    nan = float("nan")
    table_ = assign_tiers(cumulative({"1": [20] + [nan] * 14, "2": [nan] * 15}), RULES)
    assert table_.row("1")["tier"] == "low"
    assert table_.row("1")["silent_days"] == 14
    assert "14天没有报告" in table_.reason("1").zh
    assert table_.row("2")["tier"] is None
    assert "从未收到报告" in table_.reason("2").zh
    assert table_.counts() == {"low": 1, "medium": 0, "high": 0, "unknown": 1}


def test_the_way_down_is_found_by_letting_quiet_days_pass():
    # 60 cases; three single new cases 10, 9 and 2 days ago; clusters unknown
    series = [60] * 10 + [61, 62, *[62] * 6, 63, 63, 63]
    row = assign_tiers(one(series), RULES).row(PLACE)
    assert row["tier"] == "high"
    # the case of 9 days ago leaves in 5 days: one case remains, no cluster, medium
    assert (row["days_to_lower"], row["lower_tier"]) == (5, "medium")
    assert row["lower_on"] == row["date"] + timedelta(days=5)
    quiet = assign_tiers(one([*series, *[63] * 5]), RULES).row(PLACE)
    assert quiet["tier"] == "medium"
    assert assign_tiers(one([*series, *[63] * 4]), RULES).row(PLACE)["tier"] == "high"


def test_the_way_up_is_the_smallest_number_of_cases_that_lifts_the_tier():
    rows = {
        "few": [49] * 15,  # low; one case more: 50 cumulative, medium
        "many": [50] * 14 + [50],  # low; one case more is over 50 but no cluster: medium
        "edge": [45] * 14 + [48],  # medium; three more make 51 with a cluster
    }
    table_ = assign_tiers(cumulative(rows), RULES)
    up = {p: (table_.row(p)["cases_to_higher"], table_.row(p)["higher_tier"]) for p in rows}
    assert up == {"few": (1, "medium"), "many": (1, "medium"), "edge": (3, "high")}


def test_with_a_line_list_it_takes_a_cluster_to_reach_high():
    single = [60] * 15 + [61]
    row = assign_tiers(one(single), RULES, clusters=cluster_days(16)).row(PLACE)
    assert (row["tier"], row["cases_to_higher"], row["higher_needs_cluster"]) == ("medium", 1, True)
    assert "构成聚集性疫情" in row["outlook_zh"]


def test_a_case_near_the_threshold_is_called_sensitive():
    row = assign_tiers(one([48] * 14 + [50]), RULES).row(PLACE)
    assert row["tier"] == "medium"
    assert "threshold_lower" in row["sensitive_to"]
    assert "threshold_higher" not in row["sensitive_to"]


def test_reports_that_come_late_make_the_fifteenth_day_uncertain():
    row = assign_tiers(one([30] * 16), RULES).row(PLACE)  # 15 clean days
    late = {name for name in row["sensitive_to"] if name.startswith("late")}
    assert late == {"late_2", "late_3"}
    row = assign_tiers(one([30] * 13), RULES).row(PLACE)  # 12 clean days
    early = {name for name in row["sensitive_to"] if name.startswith("early")}
    assert early == {"early_2", "early_3"}


def test_a_change_is_told_against_the_day_before_or_against_what_was_signed():
    series = one([30] * 15)
    assert assign_tiers(series, RULES).row(PLACE)["change"] == "down"
    signed = assign_tiers(series, RULES, in_force={PLACE: "low"})
    assert signed.row(PLACE)["change"] == "same"
    assert signed.changes().is_empty()
    assert assign_tiers(one([1]), RULES).row(PLACE)["change"] == "first"


def test_every_low_proposal_has_its_risk_beside_it():
    table_ = assign_tiers(cumulative({"1": [5] * 15, "2": [0] * 15, "3": [5] * 14 + [6]}), RULES)
    low, never, medium = (table_.row(p) for p in ("1", "2", "3"))
    assert low["resurgence_low"] < low["resurgence_central"] < low["resurgence_high"]
    assert "低风险不等于零风险" in low["risk_zh"]
    assert never["resurgence_central"] is None
    assert "从未报告病例" in never["risk_zh"]
    assert medium["risk_zh"] == ""


def test_an_earlier_day_of_the_cube_can_be_judged_and_knows_nothing_of_later_days():
    series = [30] * 20 + [40] * 5
    whole = assign_tiers(one(series), RULES, on=date(2020, 2, 18)).frame
    short = assign_tiers(one(series[:18]), RULES).frame
    assert whole.equals(short)


def test_cubes_with_faults_are_refused_with_all_of_them():
    bad = cumulative({"1": [1, -2, 3], "2": [1, 2, 3]}).assign_coords(
        date=days(4)[[0, 1, 3]], place=["1", "1"]
    )
    with pytest.raises(BadInput) as refusal:
        assign_tiers(bad, RULES)
    assert len(refusal.value.faults) == 3
    with pytest.raises(BadInput, match="among the dates"):
        assign_tiers(one([1, 2]), RULES, on=date(2021, 1, 1))
    with pytest.raises(NotFound):
        assign_tiers(one([1, 2]), RULES).row("000000")


def test_clusters_of_a_place_that_has_no_counts_are_refused():
    stray = cluster_days(3).assign_coords(place=["999999"])
    with pytest.raises(BadInput, match="999999"):
        assign_tiers(one([1, 2, 3]), RULES, clusters=stray)
