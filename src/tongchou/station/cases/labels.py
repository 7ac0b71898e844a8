"""What fields and their values are called, in both languages: for disclosure and for merges."""

import csv
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from types import MappingProxyType

from django.utils import timezone

from tongchou import reference
from tongchou.station.cases.bases import basis_text
from tongchou.station.cases.models.arrival import TIER_NAMES
from tongchou.station.cases.models.case import CLASS_NAMES, SETTING_NAMES, SEVERITY_NAMES
from tongchou.station.cases.models.contact import STATE_NAMES
from tongchou.station.cases.models.merge import SUSPICION_NAMES
from tongchou.station.cases.models.person import DOCUMENT_NAMES, SEX_NAMES
from tongchou.station.cases.models.quarantine import END_REASONS, KIND_NAMES, NEED_NAMES
from tongchou.station.cases.models.sample import KIND_NAMES as SAMPLE_NAMES
from tongchou.station.cases.models.sample import RESULT_NAMES
from tongchou.station.cases.models.venue import CONTACT_SETTING_NAMES
from tongchou.station.cases.tables import table, words
from tongchou.station.cases.watch import SYMPTOMS
from tongchou.station.places.models import Place
from tongchou.vocabulary.text import Text, join, same

YES, NO = Text(zh="是", en="yes"), Text(zh="否", en="no")
NOTHING = same("")


@cache
def labels() -> Mapping[str, Text]:
    """Give the name of every field and table of the room."""
    with reference.path("station/field_labels.csv").open(encoding="utf-8", newline="") as handle:
        return MappingProxyType(
            {r["field"]: Text(zh=r["zh"], en=r["en"]) for r in csv.DictReader(handle)}
        )


def label(field: str) -> Text:
    """Give the name of a field; its own word where the table has none."""
    return labels().get(field, same(field))


@cache
def _values() -> Mapping[str, Mapping[str, Text]]:
    """Give the words of values by field; several tables may use one field for different things."""
    states = {r["state"]: words(r) for r in table("case_state_list")}
    return MappingProxyType(
        {
            "sex": SEX_NAMES,
            "document_kind": DOCUMENT_NAMES,
            "classification": CLASS_NAMES,
            "severity": SEVERITY_NAMES,
            "exposed_at": SETTING_NAMES,
            "setting": {**SETTING_NAMES, **CONTACT_SETTING_NAMES},
            "state": {**SUSPICION_NAMES, **STATE_NAMES, **states},
            "from_state": states,
            "to_state": states,
            "kind": {
                **SAMPLE_NAMES,
                **KIND_NAMES,
                **NEED_NAMES,
                "person": label("person"),
                "case": label("case"),
            },
            "result": RESULT_NAMES,
            "origin_tier": TIER_NAMES,
            "end_reason": END_REASONS,
            "symptoms": SYMPTOMS,
        }
    )


def shown(field: str, value: object) -> Text:
    """Give a value in words.

    >>> shown("sex", "female")["en"], shown("upheld", True)["zh"], shown("phone", None)["en"]
    ('female', '是', '')
    """
    if value is None or value == "" or value == [] or value == {}:
        return NOTHING
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, Text):
        return value
    if isinstance(value, datetime):
        return same(timezone.localtime(value).strftime("%Y-%m-%d %H:%M"))
    if isinstance(value, date):
        return same(value.isoformat())
    if isinstance(value, list):
        return join([shown(field, v) for v in value])
    if isinstance(value, Mapping) and set(value) == {"zh", "en"}:
        return Text(**value)
    if isinstance(value, Mapping):
        return join([_pair(str(k), v) for k, v in value.items()])
    if field.endswith("_path"):
        return _place(str(value))
    if field == "legal_basis":
        return basis_text(str(value))
    return _values().get(field, {}).get(str(value), same(str(value)))


def _place(path: str) -> Text:
    code = path.rstrip("/").rpartition("/")[2]
    found = Place.objects.filter(code=code).first()
    return found.name if found else same(code)


def _pair(name: str, value: object) -> Text:
    return Text(zh="{n}：{v}", en="{n}: {v}").fill(n=label(name), v=shown(name, value))
