"""Files of links as offices write them."""

import pytest

from tongchou.situation.plain.links import read_links
from tongchou.vocabulary.errors import BadInput


def write(folder, text, encoding="utf-8"):
    path = folder / "links.csv"
    path.write_text(text, encoding=encoding)
    return path


def test_columns_in_chinese(tmp_path):
    read = read_links(write(tmp_path, "传染源,被传染者,是否认定\n甲,乙,是\n甲,丙,\n", "gb18030"))
    assert read.links.rows() == [("甲", "乙", True), ("甲", "丙", None)]
    assert "infector ← 传染源" in read.notes[0].zh


def test_columns_that_are_named(tmp_path):
    path = write(tmp_path, "who,whom\nA,B\n")
    with pytest.raises(BadInput, match="infector"):
        read_links(path)
    read = read_links(path, columns={"infector": "who", "infectee": "whom"})
    assert read.links.rows() == [("A", "B", None)]


def test_a_blank_number_and_a_word_that_is_none_are_faults(tmp_path):
    with pytest.raises(BadInput) as refused:
        read_links(write(tmp_path, "infector,infectee,known\nA,,maybe\n"))
    assert "row 1" in str(refused.value)


def test_numbers_of_cases_stay_as_written(tmp_path):
    read = read_links(write(tmp_path, "from,to\n007,12\n"))
    assert read.links.rows() == [("007", "12", None)]
