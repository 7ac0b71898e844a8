"""The data contract holds together, and its page says what it says."""

import math
from pathlib import Path

import polars as pl
import pytest

from tongchou.situation.contract import contract, contracts
from tongchou.situation.contract_page import contract_page
from tongchou.situation.recipes.china2020.page import china2020_page
from tongchou.vocabulary.errors import UnknownTable

DOCS = Path(__file__).parents[2] / "docs" / "reference"
COLUMNS = [(t, c) for t in contracts().values() for c in t.columns]
REFERENCES = [(t, c) for t, c in COLUMNS if c.refers is not None]
OUTCOMES = [(t, c) for t, c in COLUMNS if c.outcome_of is not None]
DAYS = [(t, c) for t, c in COLUMNS if {"milestone", "event", "known"} & set(c.roles)]
NUMBERS = [(t, c) for t, c in COLUMNS if c.type in ("int", "float")]


def test_the_tables_are_those_of_the_design():
    assert list(contracts()) == [
        "places",
        "case_counts",
        "cases",
        "contacts",
        "samples",
        "mobility",
        "facilities",
        "staff_teams",
        "stocks",
        "shipments",
        "production",
        "measures",
        "response_levels",
        "enterprises",
        "labour",
        "prices",
        "households",
        "visits",
        "donations",
        "payments",
    ]


@pytest.mark.parametrize("table", contracts().values(), ids=lambda t: t.name)
def test_every_table_has_a_key_that_is_required(table):
    assert table.key
    assert all(table.column(k).required for k in table.key)


@pytest.mark.parametrize("table", contracts().values(), ids=lambda t: t.name)
def test_every_table_but_the_gazetteer_knows_when_a_row_became_known(table):
    if table.name == "places":
        assert table.known is None
        return
    assert table.known is not None
    assert table.column(table.known).type == "date"
    assert table.column(table.known).required


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda x: x.name)
def test_every_column_says_what_it_means_in_both_languages(table, column):
    assert column.meaning.zh
    assert column.meaning.en
    assert column.meaning.zh != column.meaning.en


@pytest.mark.parametrize(("table", "column"), REFERENCES, ids=lambda x: x.name)
def test_a_reference_points_to_the_whole_key_or_first_key_of_a_table_of_the_same_type(
    table, column
):
    target = contract(column.refers[0])
    assert target.key[0] == column.refers[1]
    assert target.column(column.refers[1]).dtype == column.dtype


@pytest.mark.parametrize(("table", "column"), OUTCOMES, ids=lambda x: x.name)
def test_an_outcome_hangs_on_a_milestone_of_its_own_table(table, column):
    assert "milestone" in table.column(column.outcome_of).roles


@pytest.mark.parametrize(("table", "column"), DAYS, ids=lambda x: x.name)
def test_milestones_events_and_knowledge_are_days(table, column):
    assert column.dtype == pl.Date()


@pytest.mark.parametrize(("table", "column"), NUMBERS, ids=lambda x: x.name)
def test_a_number_has_a_unit_or_a_list_and_limits_in_order(table, column):
    assert column.unit or column.allowed
    low = -math.inf if column.minimum is None else column.minimum
    high = math.inf if column.maximum is None else column.maximum
    assert low < high


def test_an_unknown_table_is_refused_with_the_ones_there_are():
    with pytest.raises(UnknownTable) as refused:
        contract("case_count")
    assert "case_counts" in refused.value.text()["zh"]
    assert "docs/reference/tables.md" in refused.value.text()["en"]


@pytest.mark.parametrize(
    ("page", "write"), [("tables.md", contract_page), ("china2020.md", china2020_page)]
)
def test_the_generated_page_has_not_drifted(page, write):
    assert (DOCS / page).read_text(encoding="utf-8") == write(), "run: make docs"
