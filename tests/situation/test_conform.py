"""Received rows are held against the contract: every fault, all at once, with what to do."""

import io
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.situation.conform import SHOWN_PER_KIND, conform, references
from tongchou.situation.contract import Column, TableContract, contract, contracts
from tongchou.vocabulary.text import LANGUAGES


def received(text: str) -> pl.DataFrame:
    """Read rows the way a pack does: everything as text."""
    return pl.read_csv(io.StringIO(text), infer_schema=False)


def test_a_clean_table_comes_back_typed():
    frame, faults = conform(
        received("place,date,known_on,confirmed\n420100, 2020-02-12 ,2020-02-12,32994\n"),
        contract("case_counts"),
        file="case_counts.csv",
    )
    assert faults == []
    assert frame.schema == contract("case_counts").schema
    assert frame.row(0, named=True)["date"] == date(2020, 2, 12)
    assert frame["deaths"].to_list() == [None]


FAULTY = """\
place,date,known_on,confirmed,deaths,nurses
420100,2020-02-12,2020-02-12,32994,820,5
420200,12 Feb 2020,2020-02-12,997,28,
420300,2020-02-12,2020-02-12,,2,
420500,2020-02-12,2020-02-12,810.5,10,
420600,2020-02-12,2020-02-12,-3,10,
420700,2020-02-13,2020-02-12,1000,many,
"""


def test_every_kind_of_fault_of_a_table_is_found_in_one_go():
    _, faults = conform(received(FAULTY), contract("case_counts"), file="case_counts.csv")
    assert {(f.row, f.column, f.value) for f in faults} == {
        (None, "nurses", None),
        (2, "date", "12 Feb 2020"),
        (3, "confirmed", ""),
        (4, "confirmed", "810.5"),
        (5, "confirmed", "-3"),
        (6, "deaths", "many"),
    }


def test_a_missing_required_column_is_named_with_its_meaning():
    _, faults = conform(
        received("place,date,known_on\n420100,2020-02-12,2020-02-12\n"),
        contract("case_counts"),
        file="case_counts.csv",
    )
    (fault,) = faults
    assert (fault.row, fault.column) == (None, "confirmed")
    assert "累计确诊" in fault.problem.zh
    assert "cumulative confirmed" in fault.problem.en


def test_a_repeated_key_and_knowledge_before_the_event_are_found_beside_other_faults():
    _, faults = conform(
        received(
            "place,date,known_on,confirmed\n"
            "420100,2020-02-12,2020-02-12,1\n"
            "420100,2020-02-12,2020-02-12,2\n"
            "420200,2020-02-12,2020-02-11,x\n"
        ),
        contract("case_counts"),
        file="case_counts.csv",
    )
    assert {(f.row, f.column) for f in faults} == {(2, "place"), (3, "known_on"), (3, "confirmed")}
    repeated = next(f for f in faults if f.column == "place")
    assert repeated.value == "420100 | 2020-02-12 | 2020-02-12"
    assert "known_on" in repeated.remedy.en


@pytest.mark.parametrize(
    ("share", "english"),
    [
        ("1.2", "is above the most allowed, 1."),
        ("-0.1", "is below the least allowed, 0."),
        ("nan", "is not a finite number."),
        ("inf", "is not a finite number."),
        ("12%", "is not a number."),
    ],
)
def test_a_share_outside_its_range_says_so(share, english):
    _, faults = conform(
        received(
            f"date,known_on,origin,destination,share\n2020-01-22,2020-01-23,420100,420900,{share}\n"
        ),
        contract("mobility"),
        file="mobility.csv",
    )
    assert english in [f.problem.en for f in faults]


def test_a_word_outside_the_list_is_refused_with_the_list():
    _, faults = conform(
        received(
            "team_id,date,known_on,place,skill,staff\nT1,2020-02-01,2020-02-01,420100,cook,3\n"
        ),
        contract("staff_teams"),
        file="staff_teams.csv",
    )
    (fault,) = faults
    assert "critical_care_nurse" in fault.remedy.en


def test_a_row_that_points_nowhere_is_an_orphan_only_where_the_table_is_held():
    counts, _ = conform(
        received("place,date,known_on,confirmed\n999999,2020-02-12,2020-02-12,1\n"),
        contract("case_counts"),
        file="case_counts.csv",
    )
    places, _ = conform(
        received("place,level,name_zh,name_en\n420100,prefecture,武汉市,Wuhan\n"),
        contract("places"),
        file="places.csv",
    )
    files = {"case_counts": "case_counts.csv", "places": "places.csv"}
    (orphan,) = references({"case_counts": counts, "places": places}, files, {"places"})
    assert (orphan.file, orphan.row, orphan.value) == ("case_counts.csv", 1, "999999")
    assert references({"case_counts": counts}, files, {"case_counts"}) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_fault_reads_as_file_row_column_value_problem_and_remedy(lang):
    _, faults = conform(received(FAULTY), contract("case_counts"), file="case_counts.csv")
    line = next(f for f in faults if f.row == 4).line(lang)
    expected = {
        "zh": "case_counts.csv，第 4 行，confirmed 列，值 “810.5”：不是整数。改正此值，未知则留空。",
        "en": "case_counts.csv, row 4, column confirmed, value “810.5”: is not a whole number. "
        "Correct it, or leave it blank if unknown.",
    }
    assert line == expected[lang]


def test_a_thousand_faults_of_one_kind_are_shown_in_part_and_counted_in_full():
    rows = "".join(f"42{i:04},2020-02-12,2020-02-12,x\n" for i in range(1_000))
    _, faults = conform(
        received("place,date,known_on,confirmed\n" + rows), contract("case_counts"), file="c.csv"
    )
    assert len(faults) == SHOWN_PER_KIND + 1
    assert f"{1_000 - SHOWN_PER_KIND} further rows" in faults[-1].problem.en


def test_true_and_false_may_be_written_in_either_language():
    table = contract("cases")
    rows = "".join(
        f"C{i},420100,2020-02-12,{word}\n" for i, word in enumerate(["true", "否", "YES", "0", ""])
    )
    frame, faults = conform(
        received("case_id,place,known_on,health_worker\n" + rows), table, file="cases.csv"
    )
    assert faults == []
    assert frame["health_worker"].to_list() == [True, False, True, False, None]


def cell(column: Column) -> st.SearchStrategy[object]:
    """Draw a value that the column allows."""
    if column.allowed:
        words = st.sampled_from(column.allowed)
        values = words if column.type == "string" else words.map(int)
    elif column.type == "string":
        # text as people write it: printable, not blank at either end (blank ends are not kept)
        values = st.text(
            st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")),
            min_size=1,
            max_size=8,
        )
    elif column.type == "date":
        values = st.dates(date(2019, 12, 1), date(2030, 12, 31))
    elif column.type == "bool":
        values = st.booleans()
    else:
        low = column.minimum if column.minimum is not None else -1e6
        high = column.maximum if column.maximum is not None else 1e6
        values = (
            st.integers(int(low), int(high))
            if column.type == "int"
            else st.floats(low, high, allow_nan=False)
        )
    return values if column.required else st.none() | values


@st.composite
def valid_tables(draw: st.DrawFn) -> tuple[TableContract, pl.DataFrame]:
    table = draw(st.sampled_from(list(contracts().values())))
    height = draw(st.integers(0, 5))
    rows = [{c.name: draw(cell(c)) for c in table.columns} for _ in range(height)]
    frame = pl.DataFrame(rows, schema=table.schema).unique(table.key, maintain_order=True)
    for event in table.with_role("event")[:1]:
        frame = frame.with_columns(
            pl.max_horizontal(str(table.known), event).alias(str(table.known))
        )
        frame = frame.unique(table.key, maintain_order=True)
    return table, frame


@settings(deadline=None)
@given(valid_tables())
def test_a_valid_table_survives_being_written_as_text_and_read_again(drawn):
    table, frame = drawn
    again, faults = conform(received(frame.write_csv()), table, file="t.csv")
    assert faults == []
    assert again.equals(frame)


@settings(deadline=None)
@given(valid_tables(), st.data())
def test_one_spoiled_cell_is_reported_at_its_place(drawn, data):
    table, frame = drawn
    typed = [c for c in table.columns if c.type in ("int", "float", "date", "bool")]
    if frame.is_empty() or not typed:
        return
    column = data.draw(st.sampled_from(typed))
    row = data.draw(st.integers(0, frame.height - 1))
    text = received(frame.write_csv())
    spoiled = text.with_columns(
        pl.when(pl.int_range(pl.len()) == row)
        .then(pl.lit("?"))
        .otherwise(column.name)
        .alias(column.name)
    )
    _, faults = conform(spoiled, table, file="t.csv")
    assert [(f.row, f.column, f.value) for f in faults] == [(row + 1, column.name, "?")]
