"""An import from file to records: nothing lost, nothing doubled, nothing written over silently."""

import pytest

from tongchou.situation.files.reading import read
from tongchou.station.access.context import acting, system
from tongchou.station.access.managers import Refused
from tongchou.station.exchange.correcting import error_file, send_back
from tongchou.station.exchange.limits import upload_limits
from tongchou.station.exchange.models import Decision, Import, ImportRow, ImportState, RowState
from tongchou.station.exchange.receiving import confirm, preview, propose, receive, set_mapping
from tongchou.station.exchange.reviewing import decide
from tongchou.station.exchange.running import run
from tongchou.station.places.models import Unit

HEADER = ["编号", "单位名称", "英文名", "类别", "所在地区"]


def line(n, name=None, english="", kind="物资库", place="金凤区"):
    return [f"U{n:05d}", name or f"第{n}物资库", english, kind, place]


def bring(who, kind, data, name="单位.csv", orders=None):
    with acting(who):
        made = receive(kind, name, data)
        guessed = propose(made)
        assert set_mapping(made, [g.field for g in guessed.guesses], orders or {}) == []
        confirm(made)
    run(made.pk)
    with acting(who):
        made.refresh_from_db()
        counted = dict.fromkeys(RowState.values, 0)
        for state in made.rows.values_list("state", flat=True):
            counted[state] += 1
        assert counted == {s: getattr(made, s) for s in RowState.values}, (
            "the counters tell the truth"
        )
        assert sum(counted.values()) == made.total
    return made


def counts(made):
    return {s: n for s in RowState.values if (n := getattr(made, s))}


@pytest.fixture
def who(actor):
    return actor("epidemiologist", "640104")


def test_a_second_import_of_the_same_file_adds_nothing(who, units_kind, csv_of):
    data = csv_of([HEADER, *(line(n) for n in range(1200))], "gb18030")
    before = Unit.objects.count()
    first = bring(who, units_kind, data)
    assert counts(first) == {"added": 1200}
    assert (first.state, first.encoding) == (ImportState.DONE, "GB18030")
    second = bring(who, units_kind, data, "另一个名字.csv")
    assert counts(second) == {"unchanged": 1200}
    assert Unit.objects.count() == before + 1200


def test_a_row_twice_in_one_file_is_one_record(who, units_kind, csv_of):
    made = bring(who, units_kind, csv_of([HEADER, line(1), line(1), line(1, name="改名")]))
    assert counts(made) == {"added": 1, "unchanged": 1, "review": 1}


def test_filling_a_blank_is_written_and_writing_over_is_asked(who, units_kind, csv_of):
    bring(who, units_kind, csv_of([HEADER, line(1), line(2)]))
    made = bring(
        who, units_kind, csv_of([HEADER, line(1, english="Depot one"), line(2, name="新名")])
    )
    assert counts(made) == {"updated": 1, "review": 1}
    assert Unit.objects.get(code="U00001").name_en == "Depot one"
    assert Unit.objects.get(code="U00002").name_zh == "第2物资库"
    with acting(who):
        row = made.rows.get(state=RowState.REVIEW)
        assert row.findings[0]["changes"] == [["name", "名称", "name", "第2物资库", "新名"]]
        assert decide(made, [row.number], Decision.UPDATE) == (1, False)
    assert Unit.objects.get(code="U00002").name_zh == "新名"
    with acting(who):
        assert Import.objects.get(pk=made.pk).state == ImportState.DONE


def test_a_possible_duplicate_waits_and_each_answer_is_kept(who, units_kind, csv_of):
    bring(who, units_kind, csv_of([HEADER, line(1), line(2), line(3)]))
    rows = [line(11, name="第1物资库"), line(12, name="第2物资库"), line(13, name="第3物资库")]
    data = csv_of([HEADER, *rows])
    made = bring(who, units_kind, data)
    assert counts(made) == {"review": 3}
    before = Unit.objects.count()
    with acting(who):
        decide(made, [1], Decision.ADD)
        decide(made, [2], Decision.UPDATE, target="U00002")
        decide(made, [3], Decision.LEAVE)
        assert decide(made, [3], Decision.ADD) == (0, False), "somebody else was quicker"
        made = Import.objects.get(pk=made.pk)
        assert counts(made) == {"added": 1, "updated": 1, "left_out": 1}
    assert Unit.objects.count() == before + 1
    again = bring(who, units_kind, data)
    assert counts(again) == {"unchanged": 3}, "what was decided is not asked again"


def test_faulty_rows_come_back_corrected_and_the_others_are_not_touched(who, units_kind, csv_of):
    rows = [
        line(1),
        line(2, place="乌有县"),
        line(3, kind="茶馆"),
        ["", "没有编号", "=1+1", "", "金凤区"],
    ]
    made = bring(who, units_kind, csv_of([HEADER, *rows]))
    assert counts(made) == {"added": 1, "faulty": 3}
    assert made.state == ImportState.FAULTY
    with acting(who):
        Unit.objects.filter(code="U00001").update(name_en="edited here")
        back = read(error_file(made, "csv"), upload_limits())
        assert back.header[0] == "导入行 import row"
        assert [cells[3] for _, cells in back.rows] == ["", "", "'=1+1"], (
            "guarded, and otherwise as received"
        )
        assert "乌有县" in back.rows[0][1][5]
        text = error_file(made, "csv").decode("utf-8-sig").replace("乌有县", "兴庆区")
        sent = send_back(made, read(text.encode(), upload_limits()))
        assert (sent.again, sent.already) == (3, 0)
        made = Import.objects.get(pk=made.pk)
        assert counts(made) == {"added": 2, "faulty": 2}
        fixed = read(error_file(made, "xlsx"), upload_limits())
        for _, cells in fixed.rows:
            cells[1], cells[4] = cells[1] or "U00004", "机关单位"
        fixed.rows.append((9, ["#" + str(made.pk) + "-1", *line(1, name="不许改"), "", "", "", ""]))
        sent = send_back(made, fixed)
        assert (sent.again, sent.already) == (2, 1)
        made = Import.objects.get(pk=made.pk)
        assert counts(made) == {"added": 4}
        assert made.state == ImportState.DONE
        row = ImportRow.objects.get(of=made, number=4)
        assert row.cells[2] == "=1+1"
    assert Unit.objects.get(code="U00001").name_en == "edited here"
    assert Unit.objects.get(code="U00001").name_zh == "第1物资库"
    assert Unit.objects.get(code="U00004").name_en == "=1+1"


def test_the_mapping_is_remembered_for_the_same_column_names(who, units_kind, csv_of):
    header = ["甲", "乙", "丙"]
    with acting(who):
        made = receive(units_kind, "x.csv", csv_of([header, ["U1", "某库", "640104"]]))
        assert {g.how for g in propose(made).guesses} == {"none"}
        assert set_mapping(made, ["code", "name", "place"], {}) == []
        confirm(made)
        again = receive(units_kind, "y.csv", csv_of([header, ["U2", "另库", "640104"]]))
        kept = propose(again)
        assert kept.remembered
        assert [g.field for g in kept.guesses] == ["code", "name", "place"]


def test_a_required_field_without_column_and_a_field_filled_twice_are_asked(
    who, units_kind, csv_of
):
    with acting(who):
        made = receive(
            units_kind, "x.csv", csv_of([["编号", "名称", "别名"], ["U1", "某库", "库"]])
        )
        said = [a.text.en for a in set_mapping(made, ["code", "name", "name"], {})]
    assert said == [
        "“name” is filled by more than one column; keep one.",
        "The required field “place” has no column yet.",
    ]


def test_the_preview_counts_faults_and_writes_nothing(who, units_kind, csv_of):
    before = Unit.objects.count()
    with acting(who):
        rows = [line(n, place="乌有县" if n % 3 == 0 else "金凤区") for n in range(30)]
        made = receive(units_kind, "x.csv", csv_of([HEADER, *rows]))
        set_mapping(made, [g.field for g in propose(made).guesses], {})
        seen = preview(made)
    assert (len(seen.rows), seen.looked_at, seen.sound) == (20, 30, 20)
    assert [(g.column, g.rows, g.problem.en) for g in seen.groups] == [
        ("所在地区", 10, "No place is called “乌有县”.")
    ]
    assert Unit.objects.count() == before


def test_one_bad_row_in_a_chunk_does_not_hold_up_the_others(who, units_kind, csv_of):
    rows = [line(n) for n in range(100)]
    rows[40][2] = "x" * 300
    made = bring(who, units_kind, csv_of([HEADER, *rows]))
    assert counts(made) == {"added": 99, "faulty": 1}
    with acting(who):
        row = made.rows.get(state=RowState.FAULTY)
    assert row.number == 41
    assert "The database refused this row" in row.faults[0][3]


def test_imports_are_seen_within_reach_only_and_others_are_refused(actor, units_kind, csv_of):
    here, there = actor("epidemiologist", "640104"), actor("epidemiologist", "640105")
    above, clinic = (
        actor("epidemiologist", "640000"),
        actor("clinician", "640104", "640104-designated"),
    )
    made = bring(here, units_kind, csv_of([HEADER, line(1)]))
    for who, seen in ((here, True), (above, True), (there, False), (clinic, False)):
        with acting(who):
            assert Import.objects.filter(pk=made.pk).exists() is seen
            assert ImportRow.objects.filter(of=made.pk).exists() is seen
    with acting(there), pytest.raises(Refused):
        decide(made, [1], Decision.ADD)
    with acting(actor("commander", "640104")), pytest.raises(Refused):
        receive(units_kind, "x.csv", csv_of([HEADER, line(1)]))


def test_an_import_stops_when_its_post_has_ended(who, units_kind, csv_of):
    from tongchou.station.accounts.models import Post

    with acting(who):
        made = receive(units_kind, "x.csv", csv_of([HEADER, line(1)]))
        set_mapping(made, [g.field for g in propose(made).guesses], {})
        confirm(made)
    Post.objects.filter(pk=who.post_id).update(ends="2020-01-02")
    run(made.pk)
    with system("look"):
        made.refresh_from_db()
        assert made.state == ImportState.STOPPED
        assert "has ended" in made.why.en
