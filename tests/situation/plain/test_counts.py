"""Counts as offices keep them: read right in every shape, or refused with every fault named."""

from datetime import date

import numpy as np
import pytest

from tongchou.situation.plain.counts import read_counts
from tongchou.vocabulary.errors import BadInput

TODAY = date(2020, 3, 1)
LINES = [
    ["date", "place", "cases"],
    ["2020-02-01", "甲", "1"],
    ["2020-02-02", "甲", "3"],
    ["2020-02-03", "甲", "5"],
    ["2020-02-01", "乙", "0"],
    ["2020-02-02", "乙", "2"],
    ["2020-02-03", "乙", "4"],
]


def given(tmp_path, lines, **asked):
    path = tmp_path / "counts.csv"
    path.write_text("\n".join(",".join(line) for line in lines) + "\n", encoding="utf-8")
    return read_counts(path, today=TODAY, **asked)


def refused(tmp_path, lines, **asked):
    with pytest.raises(BadInput) as error:
        given(tmp_path, lines, **asked)
    return error.value


def test_a_plain_file(tmp_path):
    counts = given(tmp_path, LINES)
    assert counts.step == "day"
    assert counts.imported is None
    assert counts.notes == ()
    assert counts.cases.sel(place="甲").values.tolist() == [1, 3, 5]
    assert counts.cases.sel(place="乙").values.tolist() == [0, 2, 4]


def test_a_file_without_places_is_one_place(tmp_path):
    counts = given(tmp_path, [["date", "cases"], ["2020-02-01", "1"], ["2020-02-02", "2"]])
    assert counts.cases["place"].values.tolist() == ["all"]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("mark", [",", "\t", ";", "；"])
def test_every_encoding_and_separator_gives_the_same(tmp_path, csv_of, codec, mark):
    path = tmp_path / "counts.txt"
    path.write_bytes(csv_of(LINES, codec, mark))
    assert read_counts(path, today=TODAY).cases.equals(given(tmp_path, LINES).cases)


def test_a_workbook_with_a_title_and_serial_dates_gives_the_same(tmp_path, xlsx_of):
    path = tmp_path / "counts.xlsx"
    lines = [["新增病例统计"], [], ["日期", "地区", "新增病例"]]
    lines += [
        [43862 + d, place, n]
        for place, counts in (("甲", (1, 3, 5)), ("乙", (0, 2, 4)))
        for d, n in enumerate(counts)
    ]
    path.write_bytes(xlsx_of(lines))
    assert read_counts(path, today=TODAY).cases.equals(given(tmp_path, LINES).cases)


def test_dates_written_in_five_ways_in_one_column(tmp_path):
    days = ["2020-02-01", "2020/2/2", "2020年2月3日", "43865", "20200205"]
    counts = given(tmp_path, [["date", "cases"], *([d, "1"] for d in days)])
    assert counts.cases.sizes["date"] == 5
    assert float(counts.cases.sum()) == 5


def test_dates_that_may_be_read_two_ways_are_refused_until_told(tmp_path):
    lines = [["date", "cases"], ["1/2/2020", "1"], ["2/2/2020", "3"]]
    error = refused(tmp_path, lines)
    assert "1/2/2020" in error.text().zh
    assert "--date-order dmy" in error.text().en
    assert given(tmp_path, lines, date_order="dmy").cases["date"].values[0] == np.datetime64(
        "2020-02-01"
    )
    # month first: 2 January and 2 February
    assert given(tmp_path, lines, date_order="mdy").cases.sizes["date"] == 32


def test_one_clear_date_settles_the_order_of_its_column(tmp_path):
    counts = given(tmp_path, [["date", "cases"], ["11/2/2020", "1"], ["13/2/2020", "3"]])
    assert counts.cases["date"].values[0] == np.datetime64("2020-02-11")


def test_columns_by_chinese_names_by_word_and_by_the_caller(tmp_path):
    zh = [["统计日期", "区县", "新增确诊病例", "境外输入"], ["2020-02-01", "甲", "3", "1"]]
    counts = given(tmp_path, zh)
    assert float(counts.cases[0, 0]) == 3
    assert float(counts.imported[0, 0]) == 1
    own = [["when", "where", "many"], ["2020-02-01", "甲", "3"]]
    told = given(tmp_path, own, columns={"date": "when", "place": "where", "cases": "many"})
    assert float(told.cases[0, 0]) == 3
    error = refused(tmp_path, own)
    assert [f.column for f in error.faults] == ["date", "cases"]
    assert "--column date=" in error.text().en


def test_several_rows_a_day_without_a_column_of_places_ask_for_it(tmp_path):
    error = refused(
        tmp_path, [["date", "where", "cases"], ["2020-02-01", "甲", "1"], ["2020-02-01", "乙", "1"]]
    )
    assert len(error.faults) == 1
    assert "--column place=" in error.text().zh


def test_a_column_said_that_is_not_there_names_what_is_near(tmp_path):
    error = refused(tmp_path, LINES, columns={"place": "plase"})
    assert "The file has: place" in error.text().en
    assert "无" not in error.text().en


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("-3", "negative"),
        ("3.5", "not whole"),
        ("many", "not a number"),
        ("", "no case, or no report?"),
        ("1e400", "not a number"),
    ],
)
def test_a_count_that_is_none(tmp_path, cell, problem):
    lines = [*LINES, ["2020-02-04", "甲", cell]]
    (fault,) = refused(tmp_path, lines).faults
    assert (fault.file, fault.row, fault.column, fault.value) == ("counts.csv", 7, "cases", cell)
    assert problem in fault.problem.en


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("2020-03-02", "after today"),
        ("2020-02-30", "not a date"),
        ("昨天", "not a date"),
        ("0202-02-01", "before 1800"),
        ("", "is blank"),
        ("2020-02-03", "has a row already"),
    ],
)
def test_a_date_that_cannot_be(tmp_path, cell, problem):
    (fault,) = refused(tmp_path, [*LINES, [cell, "甲", "1"]]).faults
    assert fault.row == 7
    assert problem in fault.problem.en


def test_a_blank_cell_stands_for_what_the_caller_says(tmp_path):
    lines = [*LINES[:2], ["2020-02-02", "甲", ""], *LINES[3:]]
    zero = given(tmp_path, lines, blank="zero")
    carried = given(tmp_path, lines, blank="carry")
    assert zero.cases.sel(place="甲").values.tolist() == [1, 0, 5]
    assert carried.cases.sel(place="甲").values.tolist() == [1, 1, 5]
    assert "1 blank cells" in zero.notes[0].en
    first = [*LINES[:1], ["2020-02-01", "甲", ""], *LINES[2:]]
    assert "nothing" not in refused(tmp_path, first, blank="carry").text().zh


def test_days_without_a_row_are_no_case_and_said(tmp_path):
    counts = given(tmp_path, [LINES[0], LINES[1], ["2020-02-04", "乙", "2"]])
    assert counts.cases.sizes == {"place": 2, "date": 4}
    assert "6 of 8" in counts.notes[0].en


def test_weekly_counts_are_known_by_their_dates(tmp_path):
    days = ["2020-02-03", "2020-02-10", "2020-02-24"]
    counts = given(tmp_path, [["week", "cases"], *([d, "5"] for d in days)])
    assert counts.step == "week"
    assert counts.cases.values.tolist() == [[5, 5, 0, 5]]


def test_counts_that_never_fall_may_be_cumulative_and_that_is_said(tmp_path):
    lines = [["date", "cases"], *([f"2020-02-{d:02}", str(d * d)] for d in range(1, 15))]
    assert "cumulative" in given(tmp_path, lines).notes[-1].en


def test_more_imported_than_all_is_a_fault(tmp_path):
    lines = [["date", "cases", "imported"], ["2020-02-01", "1", "2"]]
    assert "more than all cases" in refused(tmp_path, lines).faults[0].problem.en


def test_every_fault_at_once_and_no_more_than_a_reader_reads(tmp_path):
    lines = [LINES[0], *([f"2020-02-{1 + n % 28:02}", f"p{n // 28}", "-1"] for n in range(5_000))]
    lines[3][0], lines[4][2] = "?", "x"
    error = refused(tmp_path, lines)
    assert {f.problem.en.split()[1] for f in error.faults} >= {"not", "negative:"}
    assert len(error.faults) <= 20
    assert "5,001" in f"{len(error.faults) + error.unlisted:,}" or error.unlisted > 4_900
    assert error.text().en.splitlines()[-1].strip().startswith("And ")


def test_ten_years_of_a_county_and_one_case_alone(tmp_path):
    lines = [["date", "cases"], ["2010-02-01", "1"], ["2020-02-01", "1"]]
    assert given(tmp_path, lines).cases.sizes["date"] == 3653
    assert given(tmp_path, [["date", "cases"], ["2020-02-01", "1"]]).cases.shape == (1, 1)


def test_a_file_that_is_not_there_or_empty_says_so(tmp_path):
    with pytest.raises(BadInput, match="cannot be opened"):
        read_counts(tmp_path / "none.csv", today=TODAY)
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(BadInput, match="empty"):
        read_counts(tmp_path / "empty.csv", today=TODAY)
    (tmp_path / "header.csv").write_text("date,cases\n")
    with pytest.raises(BadInput, match="no rows"):
        read_counts(tmp_path / "header.csv", today=TODAY)


def test_a_row_longer_than_the_header_is_a_fault(tmp_path):
    error = refused(tmp_path, [*LINES, ["2020-02-04", "甲", "1", "9"]])
    assert error.faults[0].row == 7
    assert "more cells" in error.faults[0].problem.en


def test_thousands_and_full_width_digits_are_numbers(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text(
        'date,cases\n2020-02-01,"1,234"\n2020-02-02,１２\n2020-02-03,5.0\n', encoding="utf-8"
    )
    assert read_counts(path, today=TODAY).cases.values.tolist() == [[1234, 12, 5]]
