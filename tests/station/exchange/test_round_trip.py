"""What is exported imports again without a difference, whatever the values are."""

import csv
import io
from datetime import date

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tongchou.situation.files.reading import read
from tongchou.station.access.context import acting
from tongchou.station.exchange import exporting
from tongchou.station.exchange.converting import Reader, read_row
from tongchou.station.exchange.differences import compare
from tongchou.station.exchange.exporting import TooLong, csv_pieces, write_xlsx, xlsx_pieces
from tongchou.station.exchange.importable import Importable, ImportField
from tongchou.station.exchange.limits import upload_limits
from tongchou.station.places.models import Unit
from tongchou.vocabulary.text import Text

FIELDS = (
    ImportField(key="number", label=Text("编号", "number"), record=True),
    ImportField(key="name", label=Text("姓名", "name"), kind="name"),
    ImportField(key="note", label=Text("备注", "note")),
    ImportField(key="document", label=Text("证件", "document"), kind="document"),
    ImportField(key="phone", label=Text("电话", "phone"), kind="phone"),
    ImportField(key="onset", label=Text("发病", "onset"), kind="date"),
    ImportField(key="seen", label=Text("就诊", "seen"), kind="datetime"),
    ImportField(key="age", label=Text("年龄", "age"), kind="integer"),
    ImportField(key="heat", label=Text("体温", "temperature"), kind="number"),
    ImportField(key="sex", label=Text("性别", "sex"), kind="choice", choices={"m": ("男", "male"), "f": ("女", "female")}),
    ImportField(key="worker", label=Text("医务", "worker"), kind="flag"),
    ImportField(key="place", label=Text("地区", "place"), kind="place"),
)  # fmt: skip
BY = {f.key: f for f in FIELDS}


def table_of(records):
    return Importable(
        name="p", title=Text("人", "people"), action="cases.report", fields=FIELDS, keys=(),
        save=lambda rows: (), update=lambda rows: (), held=lambda targets: {},
        records=lambda: ((str(r["number"]), r) for r in records),
    )  # fmt: skip


TRICKY = st.sampled_from(
    [
        "=1+1",
        "'=1+1",
        "''=1+1",
        "'''-",
        "+8613800138000",
        "-",
        "@SUM(A1)",
        "\t缩进",
        '他说“"好"”',
        "一行\n两行",
        "a,b;c\td",
        "007",
        "０１２３",
        "😀👩‍👩‍👧",
        "𠮷",
        "_x0041_",
        "#N/A",
        "无",
        "TRUE",
        "1E5",
        "'tis",
        "＝1＋1",
        "\r",
        "3/2/2020",
        "null",
        "1.10",
    ]
)
WORDS = st.one_of(
    TRICKY,
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40),
    st.text(
        st.characters(categories=["Lo", "Nd"], include_characters="=+-@'\"\n\t, "), max_size=40
    ),
)


def fits(words):
    return words and words == words.strip() and "\r" not in words


TEXTS = WORDS.map(str.strip).map(lambda w: w.replace("\r", "")).filter(fits)
RECORDS = st.fixed_dictionaries(
    {
        "name": st.none() | TEXTS,
        "note": st.none() | TEXTS,
        "document": st.none() | st.from_regex(r"[0-9A-Z]{1,18}", fullmatch=True),
        "phone": st.none() | st.from_regex(r"\+?[0-9]{1,15}", fullmatch=True),
        "onset": st.none() | st.dates(date(1950, 1, 1), date(2099, 12, 31)),
        "seen": st.none()
        | st.datetimes().map(lambda t: t.replace(year=2020, day=min(t.day, 28), microsecond=0)),
        "age": st.none() | st.integers(-(10**9), 10**9),
        "heat": st.none() | st.floats(-1e6, 1e6).map(lambda x: round(x, 6) + 0.0),
        "sex": st.none() | st.sampled_from(["m", "f"]),
        "worker": st.none() | st.booleans(),
        "place": st.none() | st.sampled_from(["640104", "640104-G01"]),
    }
)


def differences(records, table):
    """Read a table again and compare every row with the record it came from."""
    by_header = {w: f for f in FIELDS for w in (f.label.zh, f.label.en)}
    reader = Reader(
        columns=[by_header[h] for h in table.header],
        header=table.header,
        file="t",
        epoch=table.epoch,
    )
    found = []
    for number, cells in table.rows:
        row = read_row(number, cells, reader)
        assert not row.faults, row.faults
        held = records[int(row.values["number"])]
        gone = {
            k
            for k, v in held.items()
            if v is not None and k not in row.values and BY[k].kind in ("name", "text")
        }
        changed = compare(row.values, held, BY)
        if gone or not changed.none:
            found.append((gone, changed))
    return found


def rounded(word):
    from tongchou.situation.files.cells import ROUNDED

    return ROUNDED.match(word or "")


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(
    st.lists(RECORDS, min_size=1, max_size=6),
    st.sampled_from(["csv", "xlsx"]),
    st.sampled_from(["zh", "en"]),
)
@example([dict.fromkeys(BY, None) | {"name": "''=x", "note": "'@"}], "csv", "zh")
def test_export_and_import_make_no_difference(records, form, lang):
    kept = [
        {**r, "number": str(n)}
        for n, r in enumerate(records)
        if not rounded(r["name"]) and not rounded(r["note"])
    ]
    pieces = csv_pieces if form == "csv" else xlsx_pieces
    data = b"".join(pieces(table_of(kept), lang))
    if kept:
        table = read(data, upload_limits())
        assert len(table.rows) == len(kept)
        assert differences(kept, table) == []


def test_no_cell_of_a_file_begins_like_a_formula():
    records = [
        {"number": str(n), "name": w} for n, w in enumerate(["=1+1", "+86", "-", "@x", "'=2"])
    ]
    text = b"".join(csv_pieces(table_of(records), "zh")).decode("utf-8-sig")
    cells = [line[1] for line in list(csv.reader(io.StringIO(text)))[1:]]
    assert cells == ["'=1+1", "'+86", "'-", "'@x", "''=2"]


def test_a_workbook_is_parted_into_sheets_and_nothing_is_cut(tmp_path):
    records = [{"number": str(n), "name": f"名{n}"} for n in range(25)]
    write_xlsx(tmp_path / "t.xlsx", table_of(records), "zh", sheet_rows=11)
    data = (tmp_path / "t.xlsx").read_bytes()
    sheets = read(data, upload_limits()).sheets
    assert len(sheets) == 3
    rows = [
        cells[1] for name in sheets for _, cells in read(data, upload_limits(), sheet=name).rows
    ]
    assert rows == [f"名{n}" for n in range(25)]
    with pytest.raises(TooLong, match="Use CSV"):
        write_xlsx(tmp_path / "u.xlsx", table_of([{"number": "1", "note": "x" * 40_000}]), "zh")


def test_records_of_the_database_come_back_unchanged(actor, units, units_kind):
    """Through the whole of it: export, upload, map by name, run."""
    from tongchou.station.exchange.receiving import confirm, propose, receive, set_mapping
    from tongchou.station.exchange.running import run

    Unit.objects.create(
        code="=cmd|'/c'!A1", name_zh="+86“引号”", name_en="a\nb", kind="office",
        place_id="640104", path="100000/640000/640100/640104/",
    )  # fmt: skip
    Unit.objects.update(kind="office")
    who = actor("epidemiologist", "640104")
    before = list(Unit.objects.order_by("pk").values())
    for form in ("csv", "xlsx"):
        data = b"".join(exporting.stream(units_kind, who, "en", form))
        with acting(who):
            made = receive(units_kind, f"units.{form}", data)
            asked = set_mapping(made, [g.field for g in propose(made).guesses], {})
            assert asked == []
            confirm(made)
        run(made.pk)
        with acting(who):
            made.refresh_from_db()
            assert (made.unchanged, made.total) == (len(before), len(before))
    assert list(Unit.objects.order_by("pk").values()) == before
