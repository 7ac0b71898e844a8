"""Cases, contacts, samples and arrivals from files, and out again without a difference."""

import csv
import io
from datetime import date

import pytest

from tongchou.station.access.context import acting
from tongchou.station.cases.models import Arrival, Case, Contact, Identity, Person, Sample
from tongchou.station.exchange.exporting import stream
from tongchou.station.exchange.models import Decision, Import, RowState
from tongchou.station.exchange.receiving import confirm, propose, receive, set_mapping
from tongchou.station.exchange.registry import importable
from tongchou.station.exchange.reviewing import decide
from tongchou.station.exchange.running import run

HEADER = ["卡片编号", "患者姓名", "有效证件号", "性别", "年龄", "联系电话", "现住县区", "详细地址",
          "病例分类", "发病日期", "诊断时间", "诊断依据", "是否医务人员"]  # fmt: skip
LINES = [
    ["K001", "张伟", "640104198001010013", "男", "40", "13800000001", "金凤区", "=1+1", "疑似病例", "2020年2月3日", "2020-02-04 08:30", "", "否"],
    ["K002", "李娜", "", "女性", "３５岁", "+8613800000002", "兴庆区", "-", "确诊", "2020/2/1", "2020-02-05", "核酸阳性", "是"],
    ["K003", "王强", "", "男", "61", "13800000003", "银川市金凤区", "", "无症状感染者", "", "2020-02-06", "核酸阳性", ""],
]  # fmt: skip


def file_of(lines):
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue().encode("gb18030")


def bring(who, kind, data, name="病例.csv"):
    with acting(who):
        made = receive(importable(kind), name, data)
        asked = set_mapping(made, [g.field for g in propose(made).guesses], {})
        assert asked == []
        confirm(made)
    run(made.pk)
    with acting(who):
        made.refresh_from_db()
        made.said = [r.faults for r in made.rows.filter(state=RowState.FAULTY)]
    return made


def counts(made):
    return {s: n for s in RowState.values if (n := getattr(made, s))}


@pytest.fixture
def who(actor):
    return actor("epidemiologist", "640104")


def sent(who, kind, form="csv", lang="zh"):
    return b"".join(stream(importable(kind), who, lang, form))


def test_a_line_list_comes_in_as_cases_and_a_second_time_adds_nothing(who):
    made = bring(who, "cases", file_of([HEADER, *LINES]))
    assert made.said == []
    assert counts(made) == {"added": 3}
    with acting(who):
        case = Case.objects.get(person__identity__name="李娜")
        assert (case.classification, case.state, case.age, case.health_worker) == (
            "confirmed",
            "confirmed",
            35,
            True,
        )
        assert case.onset_on == date(2020, 2, 1)
        assert case.person.identity.address == "-"
        assert case.person.birth_year == date.today().year - 35  # noqa: DTZ011 - the station's own day
        zhang = Identity.objects.get(name="张伟")
        assert zhang.block_document == "640104198001010013"
        assert zhang.address == "=1+1"
        assert case.events.get().note.startswith("文件导入")
    again = bring(who, "cases", file_of([HEADER, *LINES]))
    assert counts(again) == {"unchanged": 3}
    with acting(who):
        assert (Case.objects.count(), Person.objects.count()) == (3, 3)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_was_exported_imports_without_a_difference(who, form, lang):
    bring(who, "cases", file_of([HEADER, *LINES]))
    with acting(who):
        before = list(Case.objects.order_by("pk").values())
        persons = list(Identity.objects.order_by("pk").values())
    made = bring(who, "cases", sent(who, "cases", form, lang))
    assert counts(made) == {"unchanged": 3}
    with acting(who):
        assert list(Case.objects.order_by("pk").values()) == before
        assert list(Identity.objects.order_by("pk").values()) == persons


def test_faults_of_the_room_come_back_with_their_sentence(who):
    lines = [list(x) for x in LINES]
    lines[0][2] = "640104198001010010"
    lines[1][11] = ""
    lines[2][10] = "2099-01-01"
    made = bring(who, "cases", file_of([HEADER, *lines]))
    assert counts(made) == {"faulty": 3}
    said = " ".join(f[3] for faults in made.said for f in faults)
    assert "fails its check sign" in said
    assert "No positive result is on record" in said
    assert "lies after now" in said


def test_a_changed_row_is_reviewed_and_leaves_its_trace(who):
    bring(who, "cases", file_of([HEADER, *LINES]))
    lines = [list(x) for x in LINES]
    lines[0][5] = "13900000009"
    lines[1][9] = "2020-01-31"
    lines[2][7] = "新填的地址"
    made = bring(who, "cases", file_of([HEADER, *lines]))
    assert counts(made) == {"updated": 1, "review": 2}
    with acting(who):
        assert decide(made, [1, 2], Decision.UPDATE) == (2, False)
        made = Import.objects.get(pk=made.pk)
        assert counts(made) == {"updated": 3}
        identity = Identity.objects.get(name="张伟")
        assert identity.phone == "13900000009"
        assert identity.former[0]["changes"] == {"phone": ["13800000001", "13900000009"]}
        case = Case.objects.get(person__identity__name="李娜")
        assert case.onset_on == date(2020, 1, 31)
        assert case.events.order_by("-id")[0].changes == {"onset_on": ["2020-02-01", "2020-01-31"]}


def test_a_suspected_case_is_confirmed_by_the_next_list(who):
    bring(who, "cases", file_of([HEADER, *LINES]))
    lines = [list(LINES[0])]
    lines[0][8], lines[0][10], lines[0][11] = "确诊", "2020-02-06 10:00", "核酸阳性"
    made = bring(who, "cases", file_of([HEADER, *lines]))
    assert counts(made) == {"review": 1}
    with acting(who):
        decide(made, [1], Decision.UPDATE)
        made = Import.objects.get(pk=made.pk)
        assert counts(made) == {"updated": 1}, [r.faults for r in made.rows.all()]
        case = Case.objects.get(person__identity__name="张伟")
        assert (case.state, case.classification) == ("confirmed", "confirmed")


def test_a_duplicate_under_another_number_waits_and_is_written_into_its_case(who):
    bring(who, "cases", file_of([HEADER, *LINES]))
    again = [
        "X9",
        "张 伟",
        "640104198001010013",
        "男",
        "40",
        "",
        "金凤区",
        "",
        "疑似病例",
        "2020-02-03",
        "2020-02-04 08:30",
        "",
        "",
    ]
    made = bring(who, "cases", file_of([HEADER, again]))
    assert counts(made) == {"review": 1}
    with acting(who):
        finding = made.rows.get().findings[0]
        case = Case.objects.get(person__identity__name="张伟")
        assert finding["target"] == case.pseudonym
        assert case.pseudonym in finding["label"][1]
        decide(made, [1], Decision.UPDATE)
        assert Case.objects.count() == 3
        assert Identity.objects.get(document_number="640104198001010013").name == "张 伟"


def test_one_person_twice_in_one_file_is_looked_at_again_when_the_first_is_in(who):
    twice = [list(LINES[0]), list(LINES[0])]
    twice[1][0], twice[1][1] = "K099", "张玮"
    made = bring(who, "cases", file_of([HEADER, *twice]))
    assert counts(made) == {"added": 1, "review": 1}


def test_a_clinic_reports_for_itself_and_a_county_does_not_reach_another(actor):
    clinic = actor("clinician", "640104", "640104-designated")
    made = bring(clinic, "cases", file_of([HEADER, *LINES]))
    assert counts(made) == {"added": 3}
    with acting(clinic):
        assert set(Case.objects.values_list("reported_by__code", flat=True)) == {
            "640104-designated"
        }
    county = actor("epidemiologist", "640105")
    made = bring(county, "cases", file_of([[*HEADER, "责任地区"], [*LINES[0], "兴庆区"]]))
    assert counts(made) == {"faulty": 1}
    assert "not within your duties" in made.said[0][0][3]


def test_contacts_arrivals_and_samples_come_in_and_out_again(who, units):
    bring(who, "cases", file_of([HEADER, *LINES]))
    with acting(who):
        case = Case.objects.get(person__identity__name="李娜").pseudonym
    today = date.today().isoformat()  # noqa: DTZ011 - the station's own day
    contacts = [
        ["病例编号", "姓名", "身份证号", "电话", "年龄", "现住县区", "接触方式", "最后接触时间"],
        [case, "赵一", "640104199001010050", "13700000001", "30", "金凤区", "同住", today],
        [case, "赵二", "", "13700000002", "8", "640104-G01", "家庭", today],
        ["C-22222222", "赵三", "", "13700000003", "9", "金凤区", "家庭", today],
    ]
    made = bring(who, "contacts", file_of(contacts))
    assert counts(made) == {"added": 2, "faulty": 1}
    assert "Not found, or not within your duties" in made.said[0][0][3]
    arrivals = [
        ["姓名", "证件号码", "手机", "现住县区", "观察目的", "法律依据", "风险等级", "到达日期"],
        ["钱一", "P1234567", "13600000001", "金凤区", "入境健康观察", "law42", "境外", today],
        ["钱二", "P1234568", "13600000002", "金凤区", "", "law42", "境外", today],
    ]
    made = bring(who, "arrivals", file_of(arrivals))
    assert counts(made) == {"added": 1, "faulty": 1}
    samples = [
        ["病例编号", "标本类型", "检测机构", "采样日期"],
        [case, "咽拭子", "640104-laboratory", "2020-02-05 09:00"],
        [case, "痰", "640104-laboratory", "2020-02-06 09:00"],
    ]
    made = bring(who, "samples", file_of(samples))
    assert (counts(made), made.said) == ({"added": 2}, [])
    for kind, many in (("contacts", 2), ("arrivals", 1), ("samples", 2)):
        for form in ("csv", "xlsx"):
            made = bring(who, kind, sent(who, kind, form))
            assert (kind, counts(made)) == (kind, {"unchanged": many})
    with acting(who):
        assert (Contact.objects.count(), Arrival.objects.count(), Sample.objects.count()) == (
            3,
            1,
            2,
        )
