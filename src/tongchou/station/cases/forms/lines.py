"""Line entry: how a line that was typed or pasted is read."""

import uuid
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from tongchou.station.cases.forms.fields import PlaceField, today
from tongchou.station.cases.identity_numbers import read_number
from tongchou.station.cases.models.case import CLASS_NAMES
from tongchou.station.cases.models.person import SEX_NAMES
from tongchou.station.cases.services.reporting import Report
from tongchou.station.desk.forms import lazy
from tongchou.station.desk.templatetags.words import language
from tongchou.station.places.models import Place
from tongchou.vocabulary.text import Text

COLUMNS = (
    ("name", Text(zh="姓名", en="Name"), "wide"),
    ("sex", Text(zh="性别", en="Sex"), ""),
    ("age", Text(zh="年龄", en="Age"), ""),
    ("document_number", Text(zh="身份证号", en="Identity card"), "wide"),
    ("phone", Text(zh="电话", en="Telephone"), "wide"),
    ("residence", Text(zh="现住地区", en="Lives in"), "wide"),
    ("onset_on", Text(zh="发病日期", en="Onset"), ""),
    ("diagnosed_at", Text(zh="诊断时间", en="Diagnosed"), "wide"),
    ("classification", Text(zh="分类", en="Class"), ""),
    ("health_worker", Text(zh="医务人员", en="Health worker"), ""),
    ("evidence", Text(zh="确诊依据", en="Evidence"), "wide"),
)
"""Columns of the grid, in the order in which a pasted line is read."""
SHORT = {
    "f": "female", "m": "male", "女": "female", "男": "male", "不详": "unknown", "": "unknown",
    "疑似": "suspected", "确诊": "confirmed", "临床诊断": "clinical", "临床": "clinical", "无症状": "asymptomatic",
}  # fmt: skip
DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")
TIMES = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S")


def by_name(typed: str, names: dict[str, Text]) -> str | None:
    """Give the value that somebody wrote in Chinese, English, short or as a code."""
    plain = typed.strip().lower()
    if plain in SHORT and SHORT[plain] in names:
        return SHORT[plain]
    for value, text in names.items():
        if plain in (value, text.zh.lower(), text.en.lower()):
            return value
    return None


def read_day(typed: str) -> date | None:
    """Give a day as people write it, None if it is none.

    >>> read_day("2020/2/3"), read_day("2020年2月3日"), read_day("soon")
    (datetime.date(2020, 2, 3), datetime.date(2020, 2, 3), None)
    """
    for pattern in DAYS:
        try:
            return datetime.strptime(typed.strip(), pattern).date()  # noqa: DTZ007 — a day has no zone
        except ValueError:
            continue
    return None


def read_moment(typed: str) -> datetime | None:
    """Give a moment as people write it, in the station's time zone; a day alone is its noon."""
    plain = typed.strip()
    found = parse_datetime(plain) if "T" in plain else None
    for pattern in TIMES:
        if found is None:
            try:
                found = datetime.strptime(plain, pattern)  # noqa: DTZ007 — made aware below
            except ValueError:
                continue
    if found is None and (day := read_day(plain)):
        found = min(datetime.combine(day, time(12)), timezone.localtime().replace(tzinfo=None))
    return found if found is None or found.tzinfo else timezone.make_aware(found)


class LineForm(forms.Form):
    """One line: text as it was typed, read leniently, refused clearly."""

    name = forms.CharField(max_length=80, required=False)
    sex = forms.CharField(max_length=20, required=False)
    age = forms.CharField(max_length=10, required=False)
    document_number = forms.CharField(max_length=40, required=False)
    phone = forms.CharField(max_length=30, required=False)
    residence = PlaceField(required=False)
    onset_on = forms.CharField(max_length=20, required=False)
    diagnosed_at = forms.CharField(max_length=20, required=False)
    classification = forms.CharField(max_length=30, required=False)
    health_worker = forms.CharField(max_length=10, required=False)
    evidence = forms.CharField(max_length=200, required=False)

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed in the line."""
        return not any(str(self.data.get(self.add_prefix(n), "")).strip() for n in self.fields)

    def clean_sex(self) -> str:
        """Read a sex."""
        return self._known("sex", SEX_NAMES) or "unknown"

    def clean_classification(self) -> str:
        """Read a class; an empty cell is a suspected case."""
        return self._known("classification", CLASS_NAMES) or "suspected"

    def _known(self, field: str, names: dict[str, Text]) -> str | None:
        typed = self.cleaned_data[field]
        if not typed.strip():
            return None
        found = by_name(typed, names)
        if found is None:
            raise forms.ValidationError(
                Text(
                    zh="不认识“{typed}”。可填：{offered}。",
                    en="“{typed}” is not known. Write one of: {offered}.",
                ).fill(
                    typed=typed,
                    offered=Text(
                        zh="、".join(t.zh for t in names.values()),
                        en=", ".join(t.en for t in names.values()),
                    ),
                )[language()]
            )
        return found

    def clean_age(self) -> int | None:
        """Read an age in years."""
        typed = self.cleaned_data["age"].strip().rstrip("岁")
        if not typed:
            return None
        if not typed.isascii() or not typed.isdigit() or int(typed) > 120:
            raise forms.ValidationError(
                lazy("年龄应为 0 至 120 的整数。", "Age is a whole number from 0 to 120.")
            )
        return int(typed)

    def clean_onset_on(self) -> date | None:
        """Read a day."""
        typed = self.cleaned_data["onset_on"].strip()
        found = read_day(typed) if typed else None
        if typed and found is None:
            raise forms.ValidationError(
                lazy("日期写作 2020-02-03。", "Write the day as 2020-02-03.")
            )
        return found

    def clean_diagnosed_at(self) -> datetime | None:
        """Read a moment."""
        typed = self.cleaned_data["diagnosed_at"].strip()
        found = read_moment(typed) if typed else None
        if typed and found is None:
            raise forms.ValidationError(
                lazy("时间写作 2020-02-03 14:30。", "Write the time as 2020-02-03 14:30.")
            )
        return found

    def clean_health_worker(self) -> bool | None:
        """Read yes or no."""
        return {
            "是": True,
            "yes": True,
            "y": True,
            "1": True,
            "否": False,
            "no": False,
            "n": False,
            "0": False,
        }.get(self.cleaned_data["health_worker"].strip().lower())

    def clean(self) -> dict[str, Any]:
        """Let an identity card number give the age."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        told = read_number(data.get("document_number") or "")
        if told and data.get("age") is None and "age" not in self.errors:
            data["age"] = (today() - told.born).days * 100 // 36525
        return data

    def report(self, responsible: Place, token: uuid.UUID) -> Report:
        """Give the report that the line makes."""
        return Report(responsible=responsible, token=token, **self.cleaned_data)


def split_pasted(text: str) -> list[dict[str, str]]:
    r"""Give the lines of a pasted table: cells parted by tabs, or by commas where there is no tab.

    A first line that repeats the heads is left out.

    >>> [r["name"] for r in split_pasted("姓名\t性别\n张三\t男\n李四\t女")]
    ['张三', '李四']
    """
    heads = {t for _, label, _ in COLUMNS for t in (label.zh, label.en)}
    rows = []
    for line in text.splitlines():
        if not line.strip():
            continue
        cells = [c.strip() for c in line.split("\t" if "\t" in line else ",")]
        if cells[0] in heads:
            continue
        rows.append({name: cell for (name, _, _), cell in zip(COLUMNS, cells, strict=False)})
    return rows
