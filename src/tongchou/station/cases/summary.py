"""A case in facts for its page: what it is, who it is, where it belongs."""

from collections.abc import Mapping

from tongchou.station.cases.clocks import Standing
from tongchou.station.cases.models import Case, Identity, Person
from tongchou.station.cases.models.case import CLASS_NAMES, SETTING_NAMES, SEVERITY_NAMES
from tongchou.station.cases.models.person import DOCUMENT_NAMES, SEX_NAMES
from tongchou.station.cases.tables import definition, diseases
from tongchou.station.cases.times import FIELDS, LABELS, capital
from tongchou.station.desk.lists import Tone
from tongchou.vocabulary.text import Text

Facts = list[tuple[Text, object]]
YES = Text(zh="是", en="yes")
NO = Text(zh="否", en="no")
CLOCK_TONES: Mapping[Standing, Tone] = {
    "waiting": "neutral", "running": "info", "late": "bad", "met": "good", "missed": "warn", "void": "neutral",
}  # fmt: skip


def yes_no(value: bool | None) -> Text | None:
    """Write a truth that may be unknown."""
    return None if value is None else YES if value else NO


def facts_of(case: Case) -> Facts:
    """Give what is known of the illness: class, severity, and every time that is on record."""
    facts: Facts = [
        (Text(zh="病种", en="Disease"), diseases()[case.disease]),
        (Text(zh="分类", en="Class"), CLASS_NAMES[case.classification]),
        (Text(zh="定义版本", en="Case definition"), definition(case.disease, case.definition).label),
        (Text(zh="严重程度", en="Severity"), SEVERITY_NAMES.get(case.severity)),
        (Text(zh="确诊依据", en="Evidence"), case.evidence),
        (Text(zh="感染场所", en="Setting of exposure"), SETTING_NAMES.get(case.exposed_at)),
        (Text(zh="确诊时已在隔离或观察中", en="Already in quarantine or under watch"), yes_no(case.found_inside)),
        (Text(zh="住户编号", en="Household"), case.household_code),
        (Text(zh="聚集性疫情", en="Cluster"), case.cluster_code),
    ]  # fmt: skip
    always = ("onset_on", "reported_at", "confirmed_at")
    times: Facts = [
        (capital(LABELS[name]), getattr(case, name))
        for name in FIELDS
        if getattr(case, name) is not None or name in always
    ]
    return [f for f in facts if f[1] not in (None, "")] + times


def person_facts(case: Case, person: Person | None, identity: Identity | None) -> Facts:
    """Give who it is: identity only where the reader may see it."""
    facts: Facts = [(Text(zh="人员编号", en="Person"), person.pseudonym if person else None)]
    if identity is not None:
        facts += [
            (Text(zh="姓名", en="Name"), identity.name),
            (DOCUMENT_NAMES[identity.document_kind], identity.document_number),
            (Text(zh="电话", en="Telephone"), identity.phone),
            (Text(zh="住址", en="Address"), identity.address),
        ]
    facts += [
        (Text(zh="性别", en="Sex"), SEX_NAMES[case.sex]),
        (Text(zh="年龄", en="Age"), case.age),
        (Text(zh="职业", en="Occupation"), person.occupation if person else None),
        (Text(zh="医务人员", en="Health worker"), yes_no(case.health_worker)),
    ]
    return [f for f in facts if f[1] not in (None, "")]


def places_of(case: Case) -> list[tuple[Text, Text | None]]:
    """Give the three places and the unit that reported."""
    return [
        (Text(zh="责任地区", en="Responsible"), case.responsible.name),
        (Text(zh="现住地区", en="Lives in"), case.residence.name if case.residence else None),
        (
            Text(zh="收治机构", en="Facility of care"),
            case.care_unit.name if case.care_unit else None,
        ),
        (
            Text(zh="报告单位", en="Reported by"),
            case.reported_by.name if case.reported_by else None,
        ),
    ]
