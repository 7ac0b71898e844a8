"""Line lists as registers keep them, in the names of the data contract."""

from datetime import date

import polars as pl
import pytest

from tongchou.situation.plain.linelist import read_linelist
from tongchou.vocabulary.errors import BadInput

TODAY = date(2020, 3, 1)


def given(tmp_path, text, **asked):
    path = tmp_path / "cases.csv"
    path.write_text(text, encoding="utf-8")
    return read_linelist(path, today=TODAY, **asked)


def test_chinese_headings_words_and_dates(tmp_path):
    linelist = given(
        tmp_path,
        "编号,报告地区,发病日期,确诊时间,年龄,性别,是否医务人员,感染场所,备注\n"
        "A1,甲,2020年2月3日,2020-02-05 08:30,43,女,是,家庭,轻\n"
        "A2,乙,,2020/2/6,7,男,否,,\n",
    )
    assert linelist.cases.rows() == [
        ("A1", "甲", 43, "female", True, "household", date(2020, 2, 3), date(2020, 2, 5), "轻"),
        ("A2", "乙", 7, "male", False, None, None, date(2020, 2, 6), None),
    ]
    assert linelist.cases.columns == [
        "case_id", "place", "age", "sex", "health_worker", "exposed_at", "onset_on", "confirmed_on", "备注",
    ]  # fmt: skip


def test_the_columns_of_the_contract_keep_their_names_and_types(tmp_path):
    linelist = given(
        tmp_path, "case_id,place,onset_on,infector_id\n1,甲,2020-02-03,\n2,甲,2020-02-07,1\n"
    )
    assert linelist.cases.schema["onset_on"] == pl.Date
    assert linelist.cases["infector_id"].to_list() == [None, "1"]
    assert linelist.notes == ()


def test_a_list_without_numbers_and_places_gets_them(tmp_path):
    linelist = given(tmp_path, "date_onset\n2020-02-03\n2020-02-04\n")
    assert linelist.cases["case_id"].to_list() == ["1", "2"]
    assert linelist.cases["place"].to_list() == ["all", "all"]
    assert len(linelist.notes) == 2


def test_a_case_without_a_place_is_kept_and_said(tmp_path):
    linelist = given(tmp_path, "case_id,place\n1,甲\n2,\n")
    assert linelist.cases["place"].to_list() == ["甲", "unknown"]
    assert "1 cases have no place" in linelist.notes[0].en


@pytest.mark.parametrize(
    ("text", "column", "problem"),
    [
        ("case_id,onset_on\n1,2020-02-03\n1,2020-02-04\n", "case_id", "stands twice"),
        ("case_id,onset_on\n1,2020-02-03\n,2020-02-04\n", "case_id", "is blank"),
        ("case_id,onset_on\n1,2020-02-03\n2,2020-03-02\n", "onset_on", "after today"),
        ("case_id,age\n1,3\n2,130\n", "age", "beyond what is possible"),
        ("case_id,age\n1,3\n2,-1\n", "age", "beyond what is possible"),
        ("case_id,sex\n1,女\n2,甲\n", "sex", "none of the words"),
        ("case_id,health_worker\n1,是\n2,也许\n", "health_worker", "none of the words"),
    ],
)
def test_faults_name_row_column_and_value(tmp_path, text, column, problem):
    with pytest.raises(BadInput) as error:
        given(tmp_path, text)
    (fault,) = error.value.faults
    assert (fault.row, fault.column) == (2, column)
    assert problem in fault.problem.en


def test_what_a_command_needs_is_asked_for_by_its_name(tmp_path):
    with pytest.raises(BadInput) as error:
        given(tmp_path, "case_id,symptoms\n1,2020-02-03\n", need=("onset_on",))
    assert "--column onset_on=" in error.value.text().zh
    told = given(tmp_path, "case_id,symptoms\n1,2020-02-03\n", columns={"onset_on": "symptoms"})
    assert told.cases["onset_on"].to_list() == [date(2020, 2, 3)]


def test_two_columns_that_may_each_be_the_onset_are_asked_about(tmp_path):
    with pytest.raises(BadInput, match="may each be onset_on"):
        given(tmp_path, "case_id,date onset,symptom onset\n1,2020-02-03,2020-02-03\n")


def test_an_infant_of_half_a_year_is_in_its_first_completed_year(tmp_path):
    assert given(tmp_path, "case_id,age\n1,0.5\n2,66.0\n").cases["age"].to_list() == [0, 66]


def test_a_name_that_is_no_column_of_ours(tmp_path):
    with pytest.raises(BadInput, match="no such column"):
        given(tmp_path, "case_id\n1\n", columns={"onset": "case_id"})


def test_cells_that_cannot_be_read_may_be_taken_as_unknown_and_are_counted(tmp_path):
    text = (
        "case_id,onset_on,confirmed_on,age\n"
        "1,2020-01-20 - 2020-01-23,2020-02-01,36-45\n"
        "2,2020-02-03,2//2020,40\n"
        "3,2020-02-04,2021-02-05,41\n"
    )
    with pytest.raises(BadInput):
        given(tmp_path, text)
    kept = given(tmp_path, text, unreadable="blank")
    assert kept.cases.select("onset_on", "confirmed_on", "age").rows() == [
        (None, date(2020, 2, 1), None),
        (date(2020, 2, 3), None, 40),
        (date(2020, 2, 4), None, 41),  # after today
    ]
    said = " ".join(note.en for note in kept.notes)
    assert "1 cells of column onset_on" in said
    assert "2 cells of column confirmed_on" in said


def test_a_case_that_stands_twice_is_refused_all_the_same(tmp_path):
    with pytest.raises(BadInput, match="twice"):
        given(tmp_path, "case_id,onset_on\n1,2020-02-03\n1,soon\n", unreadable="blank")
