import polars as pl
import pytest

from tongchou.tiering.rules import TIERS, tier_name, tier_rules, tier_strategy
from tongchou.vocabulary.errors import BadInput, NotFound
from tongchou.vocabulary.fact_table import assumption, packaged


def test_the_published_rule_is_a_complete_table_of_five_clauses():
    rules = tier_rules()
    assert [c.tier for c in rules.clauses] == ["low", "low", "high", "medium", "medium"]
    assert {(c.window_days, c.threshold, c.cluster_size) for c in rules.clauses} == {(14, 50, 2)}


def test_a_table_that_leaves_a_county_without_a_tier_is_refused_and_says_which():
    rows = packaged("tiering/tier_rules").filter(pl.col("rule") != "medium_few")
    with pytest.raises(BadInput) as refusal:
        tier_rules(rows)
    lines = [fault.line("en") for fault in refusal.value.faults]
    assert len(lines) == 2  # few cases, new ones, with and without a cluster
    assert all("cumulative=at_most, new=some" in line for line in lines)


def test_every_fault_of_a_table_is_named_at_once():
    rows = packaged("tiering/tier_rules").with_columns(
        tier=pl.when(pl.col("order") == 3).then(pl.lit("orange")).otherwise("tier"),
        window_days=pl.when(pl.col("order") == 4).then(0).otherwise("window_days"),
    )
    with pytest.raises(BadInput) as refusal:
        tier_rules(rows)
    assert {(f.row, f.column) for f in refusal.value.faults} == {(3, "tier"), (4, "window_days")}


def test_the_other_reading_tries_low_last_and_keeps_the_rest_in_order():
    assert [c.rule for c in tier_rules().with_low_last().clauses] == [
        "high_cluster",
        "medium_few",
        "medium_no_cluster",
        "low_no_case",
        "low_clean",
    ]


def test_names_and_strategies_are_the_published_words():
    assert [tier_name(t).zh for t in TIERS] == ["低风险", "中风险", "高风险"]
    assert tier_strategy("low").zh == "外防输入"
    assert tier_strategy("medium").zh == "外防输入、内防扩散"
    assert tier_strategy("high").zh == "内防扩散、外防输出、严格管控"


def test_an_unknown_assumption_says_what_there_is():
    with pytest.raises(NotFound, match="threshold_share"):
        assumption("tiering", "no_such_name")


@pytest.mark.parametrize(
    "name",
    [
        "tier_rules",
        "tiers",
        "resurgence_parameters",
        "incubation",
        "resurgence_published",
        "published_counts",
        "levels",
        "level_duties",
        "level_by_tier",
        "response_levels_2020",
        "legal_bases",
        "measures",
        "packages",
        "strategy_classes",
        "strategy_lists_2020",
        "strategy_packages",
        "readiness",
        "revisions",
    ],
)
def test_every_row_of_every_table_names_its_source_and_confidence(name):
    rows = packaged(f"tiering/{name}")
    assert rows["source"].null_count() == 0
    assert set(rows["confidence"].to_list()) <= {"high", "medium", "low"}
