"""One door for every room's packaged tables."""

import polars as pl
import pytest

from tongchou import reference
from tongchou.vocabulary.errors import ExitCode
from tongchou.vocabulary.fact_table import UnknownAssumption, assumption, packaged

ROOMS = ("economy", "planning", "scenario", "tiering")


def test_division_codes_stay_text():
    assert packaged("tiering/revisions")["place"].dtype == pl.String


def test_a_caller_who_alters_a_table_alters_no_other_callers_table():
    mine = packaged("tiering/tiers")
    mine[0, "tier"] = "altered"
    assert packaged("tiering/tiers")["tier"].to_list() == ["low", "medium", "high"]


@pytest.mark.parametrize("room", ROOMS)
def test_every_assumption_is_a_number_with_a_name_in_both_languages_and_an_owner(room):
    rows = packaged(f"{room}/assumptions")
    assert rows["name"].is_unique().all()
    for row in rows.iter_rows(named=True):
        assert assumption(room, row["name"]) == float(row["value"])
        assert row["zh"], row
        assert row["en"], row
        assert row["may_change"], row


def test_every_room_with_assumptions_is_tested_here():
    """The recipe's assumptions stand on its page, each with a note that names who may change it."""
    folders = {p.parent.name for p in reference.path("").glob("*/assumptions.csv")}
    assert folders == {*ROOMS, "china2020"}
    for row in packaged("china2020/assumptions").iter_rows(named=True):
        assert assumption("china2020", row["name"]) == float(row["value"])
        assert row["note_zh"], row
        assert row["note_en"], row


def test_an_unknown_assumption_names_what_there_is_and_where():
    with pytest.raises(UnknownAssumption) as refused:
        assumption("planning", "reach")
    assert refused.value.exit_code == ExitCode.NOT_FOUND
    said = refused.value.text()
    assert "reach_km" in said.zh
    assert "reach_km" in said.en
    assert "reference/planning/assumptions.csv" in said.zh
