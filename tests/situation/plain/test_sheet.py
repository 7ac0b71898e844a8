"""The quick way and the careful way through a file give the same table."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.situation.plain import sheet

FILES = {
    "plain": "date,place,cases\n2020-02-01,甲,1\n2020-02-02,乙,2\n",
    "blank lines and rows": "date,place,cases\n2020-02-01,甲,1\n\n,,\n2020-02-02,乙,2\n",
    "quotes and breaks": 'date,place,cases\n2020-02-01,"甲,""一""\n二",1\n',
    "blanks said": "date,place,cases\n2020-02-01, NA ,-\n2020-02-02,N/A,2\n",
    "windows": "date;place;cases\r\n2020-02-01;甲;1\r\n",
    "names alike": "date,cases,cases\n2020-02-01,1,2\n",
    "one column": "cases\n1\n\n2\n",
}


def both(data):
    quick = sheet._plain_csv(data)
    assert quick is not None
    path = sheet.Path("f.csv")
    one = sheet._sheet(path, quick, pl.int_range(1, quick.height + 1, eager=True), 1900)
    return one, sheet._slow(path, data)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_both_ways_agree(name, codec):
    quick, careful = both(FILES[name].encode(codec))
    assert quick.cells.equals(careful.cells)
    assert quick.numbers.to_list() == careful.numbers.to_list()


words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=6
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(words, words, words), min_size=1, max_size=6))
def test_both_ways_agree_on_any_text(rows):
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    data = ("alpha,beta,gamma\n" + "\n".join(quoted) + "\n").encode()
    if sheet._plain_csv(data) is None or not any(c.strip() for row in rows for c in row):
        return  # another separator seems more likely, or there is nothing to read
    quick, careful = both(data)
    assert quick.cells.equals(careful.cells)


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 torn",
        b"sep=;\na;b\n1;2\n",
        "2020年2月统计表,,\n日期,地区,例数\n2020-02-01,甲,1\n".encode(),
        b"a,b\n1,2,3\n",
        b"a,b\n1\n2,3\n",
    ],
)
def test_what_is_not_plain_goes_the_careful_way(data):
    assert sheet._plain_csv(data) is None
