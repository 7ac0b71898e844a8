"""Files as people send them: every encoding, every way to write a date, and what is refused."""

import io
import zipfile
from dataclasses import replace
from datetime import date, datetime

import pytest

from tongchou.situation.files.dates import Ambiguous, NotADate, order_of, read_date, read_datetime
from tongchou.situation.files.decoding import decode
from tongchou.situation.files.limits import Limits, Unreadable
from tongchou.situation.files.reading import read as read_within

LIMITS = Limits(
    file_bytes=20_000_000,
    unpacked_bytes=200_000_000,
    packed_files=2_000,
    rows=200_000,
    columns=200,
    cell_characters=4_000,
)
LINES = [["姓名", "证件号码", "发病日期"], ["张伟", "640104199001011234", "2020-02-03"]]


def read(data, **asked):
    return read_within(data, LIMITS, **asked)


@pytest.mark.parametrize(
    ("codec", "named"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8-BOM"),
        ("gb18030", "GB18030"),
        ("gbk", "GB18030"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
    ],
)
def test_the_encoding_is_found_and_named(csv_of, codec, named):
    found = read(csv_of(LINES, codec))
    assert found.encoding == named
    assert found.header == tuple(LINES[0])
    assert found.rows == [(1, LINES[1])]


def test_rare_characters_of_names_survive_gb18030():
    assert decode("𠮷镕㛃,1\n".encode("gb18030")).text == "𠮷镕㛃,1\n"


@pytest.mark.parametrize("mark", [",", "\t", ";", "|", "，", "；"])
def test_the_separator_is_found(csv_of, mark):
    found = read(csv_of(LINES, mark=mark))
    assert (found.separator, found.header) == (mark, tuple(LINES[0]))


def test_commas_inside_a_table_of_tabs_do_not_mislead():
    found = read("姓名\t住址\n甲\t金凤区,一号,二单元\n乙\t兴庆区\n".encode())
    assert found.rows[0][1] == ["甲", "金凤区,一号,二单元"]


def test_quotes_line_breaks_and_the_separator_line_of_excel(csv_of):
    found = read(b'sep=;\n\xe5\xa7\x93\xe5\x90\x8d;x\n"a\nb";"say ""hi"""\n')
    assert found.rows == [(1, ["a\nb", 'say "hi"'])]


def test_titles_blank_lines_and_blank_columns_around_the_table():
    text = "2020年2月病例登记表,,,\n,,,\n姓名,电话,,电话\n甲,1,,2\n,,,\n乙,3,,4\n"
    found = read(text.encode())
    assert found.header == ("姓名", "电话", "电话 (2)")
    assert found.rows == [(1, ["甲", "1", "2"]), (3, ["乙", "3", "4"])]
    assert found.header_line == 3


def test_a_row_longer_than_its_header_keeps_what_is_too_much():
    found = read("a名,b名\n1,2,3,4\n".encode())
    assert found.rows == [(1, ["1", "2", "3", "4"])]


def test_workbooks_two_line_headers_merged_cells_and_types(xlsx_of):
    def merged(book, sheet):
        sheet.merge_range(0, 0, 0, 4, "病例登记")
        sheet.merge_range(1, 0, 1, 1, "患者")
        sheet.merge_range(1, 2, 1, 3, "日期")
        sheet.merge_range(3, 0, 4, 0, "甲家")
        form = book.add_format({"num_format": "yyyy/m/d"})
        sheet.write_datetime(3, 2, datetime.fromisoformat("2020-02-03T00:00"), form)

    lines = [
        [],
        ["患者", "", "日期", "", "体温"],
        ["姓名", "电话", "发病", "确诊", ""],
        ["", 13800138000, "", 43864, 37.3],
        ["", 13800138001.0, "2020-02-05", "", 36.70],
    ]
    found = read(xlsx_of(lines, merged))
    assert found.header == ("姓名", "电话", "发病", "确诊", "体温")
    assert found.rows == [
        (1, ["甲家", "13800138000", "2020-02-03", "43864", "37.3"]),
        (2, ["甲家", "13800138001", "2020-02-05", "", "36.7"]),
    ]


def test_the_calendar_of_1904_is_known(xlsx_of):
    found = read(xlsx_of([["姓名", "发病"], ["甲", 42402]], options={"date_1904": True}))
    assert found.epoch == 1904
    assert read_date(found.rows[0][1][1], epoch=1904) == date(2020, 2, 3)


def test_the_first_sheet_with_data_is_read_and_another_can_be_asked_for():
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.add_worksheet("空")
        for name in ("一", "二"):
            book.add_worksheet(name).write_column(0, 0, ["姓名", name])
        book.add_worksheet("藏").hide()
    found = read(buffer.getvalue())
    assert (found.sheet, found.sheets) == ("一", ("空", "一", "二"))
    assert read(buffer.getvalue(), sheet="二").rows == [(1, ["二"])]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2020-02-03", date(2020, 2, 3)),
        ("2020/2/3", date(2020, 2, 3)),
        ("2020.2.3", date(2020, 2, 3)),
        ("2020年2月3日", date(2020, 2, 3)),
        ("2020 年 2 月 3 日", date(2020, 2, 3)),
        ("２０２０／２／３", date(2020, 2, 3)),
        ("二〇二〇年二月三日", date(2020, 2, 3)),
        ("二零二零年十二月二十三日", date(2020, 12, 23)),
        ("二○二○年十月三十日", date(2020, 10, 30)),
        ("20200203", date(2020, 2, 3)),
        ("43864", date(2020, 2, 3)),
        ("43864.75", date(2020, 2, 3)),
        ("2020-02-03T08:30:00+08:00", date(2020, 2, 3)),
        ("25/2/2020", date(2020, 2, 25)),
        ("2/25/2020", date(2020, 2, 25)),
        ("2/2/2020", date(2020, 2, 2)),
        ("3 February 2020", date(2020, 2, 3)),
        ("Feb 3, 2020", date(2020, 2, 3)),
        ("3-Feb-2020", date(2020, 2, 3)),
    ],
)
def test_dates_as_they_are_written(written, meant):
    assert read_date(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2020-02-03 08:30", datetime.fromisoformat("2020-02-03T08:30")),
        ("2020年2月3日 下午3:05", datetime.fromisoformat("2020-02-03T15:05")),
        ("2020年2月3日22时40分", datetime.fromisoformat("2020-02-03T22:40")),
        ("2020/2/3 12:10 AM", datetime.fromisoformat("2020-02-03T00:10")),
        ("43864.5", datetime.fromisoformat("2020-02-03T12:00")),
    ],
)
def test_times_as_they_are_written(written, meant):
    assert read_datetime(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "2020-13-01",
        "2020-02-30",
        "昨天",
        "2020",
        "2020-02",
        "123",
        "99999999",
        "32/13/2020",
        "2020-02-03 25:00",
        "十",
    ],
)
def test_what_is_no_date_is_said_to_be_none(written):
    with pytest.raises(NotADate):
        read_date(written)


def test_an_ambiguous_date_is_asked_and_the_answer_is_kept():
    with pytest.raises(Ambiguous):
        read_date("3/2/2020")
    assert read_date("3/2/2020", order="dmy") == date(2020, 2, 3)
    assert read_date("3/2/2020", order="mdy") == date(2020, 3, 2)
    assert order_of(["3/2/2020", "2/25/2020", ""]) == "mdy"
    assert order_of(["25/2/2020", "2/25/2020"]) == "mixed"


def packed(parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return buffer.getvalue()


def sheet_of(cells, more=None):
    return packed(
        {"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": cells, **(more or {})}
    )


BOMBS = {
    "a zip that unpacks to a gigabyte": lambda: sheet_of(b"<c>" + b"0" * 300_000_000),
    "one cell at the far corner": lambda: sheet_of(
        b'<c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c>'
    ),
    "a million cells pointing at one long text": lambda: sheet_of(
        b"".join(b'<c r="A%d" t="s"><v>0</v></c>' % n for n in range(1, 150_000)),
        {"xl/sharedStrings.xml": b"<sst><si><t>" + b"x" * 3_900 + b"</t></si></sst>"},
    ),
    "thousands of parts": lambda: sheet_of(b"", {f"p{n}": b"" for n in range(2_001)}),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_files_that_unfold_into_too_much_are_refused(kind):
    with pytest.raises(Unreadable) as refused:
        read(BOMBS[kind]())
    assert refused.value.why == "too much"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"a,b\n", "no rows"),
        (b"\x00\x01\x02\x00", "not text"),
        (b"\xef\xbb\xbf\xff\xfe", "encoding"),
        (b"PK\x03\x04 torn", "damaged"),
        (packed({"content.xml": b""}), "not xlsx"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 600, "damaged"),
        (b"a,b\n1," + b"x" * 4_001, "long cell"),
        (b",".join(b"c%d" % n for n in range(201)) + b"\n1\n", "too much"),
    ],
)
def test_every_refusal_says_in_both_languages_what_to_do(data, why):
    with pytest.raises(Unreadable) as refused:
        read(data)
    assert refused.value.why == why
    said = refused.value.text()
    assert said.zh.endswith("。")
    assert said.en.endswith(".")


def test_rows_beyond_the_limit_are_refused_before_all_are_read():
    with pytest.raises(Unreadable, match="data rows"):
        read_within("名\n".encode() + b"x\n" * 200, replace(LIMITS, rows=100))


def test_a_workbook_with_a_password_is_refused():
    # the first bytes of a compound file whose directory names an encrypted package
    with pytest.raises(Unreadable) as refused:
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 1_000)
    assert refused.value.why in ("damaged", "password")
