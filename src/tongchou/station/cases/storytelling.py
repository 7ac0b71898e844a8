"""The history of a case in sentences: what happened, when, by whom, and what it was before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from tongchou.station.cases.models import Case, CaseEvent
from tongchou.station.cases.models.case import CLASS_NAMES, SETTING_NAMES, SEVERITY_NAMES
from tongchou.station.cases.states import FIELD_NAMES, moves, states
from tongchou.station.cases.summary import yes_no
from tongchou.station.cases.times import LABELS, written
from tongchou.station.desk.lists import Tone
from tongchou.station.places.models import Place, Unit
from tongchou.vocabulary.text import Text, same

OTHER_EVENTS = {
    "report": Text(zh="报告", en="reported"),
    "sample": Text(zh="采样", en="sample taken"),
    "result": Text(zh="检测结果", en="result"),
    "correct_result": Text(zh="更正检测结果", en="result corrected"),
    "correct": Text(zh="更正", en="corrected"),
    "correct_identity": Text(zh="更正身份信息", en="identity corrected"),
    "take_back": Text(zh="撤回上一步", en="last step taken back"),
    "investigate": Text(zh="开始流调", en="investigation begun"),
    "interview": Text(zh="流调草稿", en="interview saved"),
    "investigated": Text(zh="完成流调", en="investigation completed"),
    "hand_over": Text(zh="移交责任地区", en="handed over"),
    "load": Text(zh="从数据包载入", en="loaded from a data pack"),
}
TONES: dict[str, Tone] = {
    "confirm": "bad", "worsen": "bad", "worsen_critical": "bad", "die": "bad", "take_back": "warn",
    "correct": "warn", "correct_result": "warn", "correct_identity": "warn", "recover": "good",
    "release": "good", "exclude": "good", "admit": "info", "isolate": "info", "report": "info",
}  # fmt: skip
MORE_FIELDS = {
    "state": Text(zh="状态", en="state"),
    "severity": Text(zh="严重程度", en="severity"),
    "exposed_at": Text(zh="感染场所", en="setting of exposure"),
    "found_inside": Text(zh="已在隔离或观察中", en="already in quarantine or under watch"),
    "health_worker": Text(zh="医务人员", en="health worker"),
    "sex": Text(zh="性别", en="sex"),
    "age": Text(zh="年龄", en="age"),
    "household_code": Text(zh="住户编号", en="household"),
    "cluster_code": Text(zh="聚集性疫情", en="cluster"),
    "definition": Text(zh="定义版本", en="case definition"),
    "responsible_id": Text(zh="责任地区", en="responsible place"),
    "residence_id": Text(zh="现住地区", en="residence"),
    "care_unit_id": Text(zh="收治机构", en="facility of care"),
    "result": Text(zh="结果", en="result"),
    "name": Text(zh="姓名", en="name"),
    "document_kind": Text(zh="证件种类", en="document"),
    "document_number": Text(zh="证件号码", en="document number"),
    "phone": Text(zh="电话", en="telephone"),
    "address": Text(zh="住址", en="address"),
}
HIDDEN = ("responsible_path", "residence_path", "assigned_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A field, what it was and what it is; ``secret`` where only the identity row keeps the values."""

    field: Text
    old: object
    new: object
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An entry of the history as the page shows it."""

    at: datetime
    known_at: datetime
    title: Text
    note: str
    tone: Tone
    by: Text | None
    changes: tuple[Change, ...]

    @property
    def told_late(self) -> bool:
        """Whether the station learned of it more than an hour after it happened."""
        return (self.known_at - self.at).total_seconds() > 3600


def story(case: Case) -> list[Told]:
    """Give the history of a case, the latest first."""
    events = list(case.events.select_related("by__place", "by__unit").order_by("-id"))
    names = _names(events)
    return [_tell(e, names) for e in events]


def _tell(event: CaseEvent, names: dict[str, Text]) -> Told:
    titles = {m.action: m.label for m in moves()}
    return Told(
        at=event.happened_at,
        known_at=event.known_at,
        title=OTHER_EVENTS.get(event.action) or titles.get(event.action, same(event.action)),
        note=event.note,
        tone=TONES.get(event.action, "neutral"),
        by=event.by.title if event.by else None,
        changes=tuple(_changes(event.changes, names)),
    )


def _changes(changes: dict[str, Any], names: dict[str, Text]) -> list[Change]:
    return [
        Change(
            field=FIELD_NAMES.get(field) or MORE_FIELDS.get(field, same(field)),
            old=_write(field, old, names),
            new=_write(field, new, names),
            secret=old == "*",
        )
        for field, (old, new) in changes.items()
        if field not in HIDDEN
    ]


def _write(field: str, value: Any, names: dict[str, Text]) -> object:
    """Give a value of the history in the reader's words."""
    if value in (None, ""):
        return None
    if field == "state":
        return states()[value].label
    if field in ("responsible_id", "residence_id", "care_unit_id"):
        return names.get(f"{field}:{value}", value)
    if isinstance(value, bool):
        return yes_no(value)
    known = {"classification": CLASS_NAMES, "severity": SEVERITY_NAMES, "exposed_at": SETTING_NAMES}
    if field in known:
        return known[field].get(value, value)
    if field in LABELS and isinstance(value, str):
        moment = parse_datetime(value) if "T" in value else parse_date(value)
        return written(moment, timezone.get_current_timezone()) if moment else value
    return value


def _names(events: list[CaseEvent]) -> dict[str, Text]:
    """Give the names of all places and units that a history mentions, in two queries."""
    wanted: dict[str, set[Any]] = {
        "responsible_id": set(),
        "residence_id": set(),
        "care_unit_id": set(),
    }
    for event in events:
        for field in wanted:
            wanted[field] |= {v for v in event.changes.get(field, ()) if v}
    places = Place.objects.in_bulk(wanted["responsible_id"] | wanted["residence_id"])
    units = Unit.objects.in_bulk(wanted["care_unit_id"])
    return {
        f"{field}:{value}": found.name
        for field, values in wanted.items()
        for value in values
        if (found := (units if field == "care_unit_id" else places).get(value)) is not None
    }
