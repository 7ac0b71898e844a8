"""Columns find their fields; cells find their values; what cannot be read says why."""

from datetime import date, datetime

import pytest

from tongchou.station.exchange.converting import Reader, Unfit, read_cell, read_row
from tongchou.station.exchange.importable import Importable, ImportField
from tongchou.station.exchange.mapping import guess
from tongchou.vocabulary.text import Text

SEX = {"male": ("男", "male", "男性", "m"), "female": ("女", "female", "女性", "f")}
FIELDS = (
    ImportField(
        key="name",
        label=Text("姓名", "name"),
        kind="name",
        required=True,
        aliases=("患者姓名", "patient name"),
    ),
    ImportField(
        key="document",
        label=Text("证件号码", "document number"),
        kind="document",
        aliases=("身份证号", "id card"),
    ),
    ImportField(
        key="phone",
        label=Text("电话", "telephone"),
        kind="phone",
        aliases=("联系电话", "手机号", "mobile"),
    ),
    ImportField(
        key="onset", label=Text("发病日期", "date of onset"), kind="date", aliases=("发病时间",)
    ),
    ImportField(key="sex", label=Text("性别", "sex"), kind="choice", choices=SEX),
    ImportField(key="age", label=Text("年龄", "age"), kind="integer"),
    ImportField(key="worker", label=Text("是否医务人员", "health worker"), kind="flag"),
    ImportField(key="place", label=Text("现住地区", "place of residence"), kind="place"),
)
KIND = Importable(
    name="p", title=Text("人", "people"), action="cases.report", fields=FIELDS, keys=(("document",),),
    save=lambda rows: (), update=lambda rows: (), held=lambda targets: {}, records=lambda: iter(()),
)  # fmt: skip
BY = KIND.by_key


@pytest.mark.parametrize(
    ("header", "field", "how"),
    [
        ("姓名", "name", "name"),
        ("* 姓 名（必填）", "name", "name"),
        ("患者姓名", "name", "alias"),
        ("Name", "name", "name"),
        ("date_of_onset [yyyy-mm-dd]", "onset", "name"),
        ("身份证号码", "document", "like"),
        ("联系手机号", "phone", "like"),
        ("xingming", "name", "like"),
        ("发病日期时间", "onset", "like"),
        ("备注", None, "none"),
    ],
)
def test_a_column_finds_its_field_by_name(header, field, how):
    found = guess(KIND, [header], [])[0]
    assert (found.field, found.how) == (field, how)


def test_a_column_finds_its_field_by_what_it_holds():
    rows = [
        ["640104199001011234", "13800138000", "男", "甲"],
        ["640104199001011242", "13900139000", "女", "乙"],
    ]
    assert [g.field for g in guess(KIND, ["A", "B", "C", "D"], rows)] == [
        "document",
        "phone",
        "sex",
        None,
    ]


def test_each_field_is_given_to_one_column_and_the_better_name_wins():
    found = guess(KIND, ["患者姓名", "姓名", "姓名拼音"], [])
    assert [g.field for g in found] == [None, "name", None]


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        ("name", " 欧阳 娜娜 ", "欧阳 娜娜"),
        ("name", "-", "-"),
        ("document", "６４０１０４ 19900101-123x", "64010419900101123X"),
        ("phone", "138 0013-8000", "13800138000"),
        ("phone", "13800138000.0", "13800138000"),
        ("onset", "２０２０年２月３日", date(2020, 2, 3)),
        ("sex", "男性 ", "male"),
        ("sex", "Ｆ", "female"),
        ("age", "４２岁", 42),
        ("age", "1,042", 1042),
        ("age", "-", None),
        ("age", "无", None),
        ("worker", "是", True),
        ("worker", "√", True),
        ("worker", "无", False),
        ("worker", "", None),
    ],
)
def test_cells_are_read(field, cell, value):
    assert read_cell(cell.strip(), BY[field], Reader(columns=[], header=[], file="f")) == value


@pytest.mark.parametrize(
    ("field", "cell", "said"),
    [
        ("document", "6.40104E+17", "A spreadsheet has rounded this long number"),
        ("name", "6.40104199001011E+17", "A spreadsheet has rounded this long number"),
        ("onset", "3/2/2020", "can be read two ways"),
        ("onset", "昨天", "not a date"),
        ("sex", "不详", "none of the words"),
        ("age", "四十", "not a number"),
        ("age", "3.5", "not a whole number"),
        ("age", "nan", "not a whole number"),
        ("age", "1e999", "not a whole number"),
        ("worker", "也许", "neither yes nor no"),
    ],
)
def test_what_cannot_be_read_is_said(field, cell, said):
    with pytest.raises(Unfit, match=said):
        read_cell(cell, BY[field], Reader(columns=[], header=[], file="f"))


def test_a_long_number_that_excel_rounded_names_row_and_column(xlsx_of):
    from tongchou.situation.files.reading import read
    from tongchou.station.exchange.limits import upload_limits

    table = read(
        xlsx_of([["姓名", "证件号码"], ["甲", 640104199001011234], ["乙", "640104199001011234"]]),
        upload_limits(),
    )
    reader = Reader(columns=[BY["name"], BY["document"]], header=table.header, file="病例.xlsx")
    first, second = (read_row(n, cells, reader) for n, cells in table.rows)
    assert (
        first.faults[0]
        .line("zh")
        .startswith(
            "病例.xlsx，第 1 行，证件号码 列，值 “6.40104199001011E+17”：这个长号码已被电子表格改成科学记数"
        )
    )
    assert not second.faults


def test_every_fault_of_a_row_is_gathered():
    reader = Reader(
        columns=[BY["name"], BY["sex"], BY["age"], None], header=["姓名", "性别", "年龄", "备注"],
        file="f.csv", required=[BY["name"]],
    )  # fmt: skip
    row = read_row(7, ["", "甲", "x", "", "多", "余"], reader)
    assert [(f.column, f.problem.en) for f in row.faults] == [
        ("性别", "This is none of the words allowed."),
        ("年龄", "This is not a number."),
        (None, "The row has 2 cells more than there are column names; its columns may be shifted."),
        ("姓名", "“name” is missing."),
    ]


def test_two_columns_for_one_field_must_agree():
    reader = Reader(columns=[BY["age"], BY["age"]], header=["a", "b"], file="f")
    assert not read_row(1, ["3", "3"], reader).faults
    assert read_row(1, ["3", "4"], reader).faults


def test_orders_of_dates_go_by_column():
    reader = Reader(columns=[BY["onset"]], header=["x"], file="f", orders={0: "dmy"})
    assert read_row(1, ["3/2/2020"], reader).values == {"onset": date(2020, 2, 3)}
    when = ImportField(key="t", label=Text("时", "t"), kind="datetime")
    assert read_cell("3/2/2020 8:30", when, reader, "mdy") == datetime.fromisoformat(
        "2020-03-02T08:30"
    )
