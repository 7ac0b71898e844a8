"""The two screens of a report: who and how ill; then class, places, and the first sample."""

import uuid
from typing import Any

from django import forms

from tongchou.station.cases.forms.fields import (
    Day,
    Moment,
    PlaceField,
    UnitField,
    YesNo,
    choices,
    to_the_minute,
    today,
)
from tongchou.station.cases.identity_numbers import read_number
from tongchou.station.cases.models.case import CLASS_NAMES, SETTING_NAMES, SEVERITY_NAMES
from tongchou.station.cases.models.person import DOCUMENT_NAMES, SEX_NAMES
from tongchou.station.cases.models.sample import KIND_NAMES
from tongchou.station.cases.tables import diseases
from tongchou.station.desk.forms import lazy
from tongchou.station.places.models import UnitKind


class WhoForm(forms.Form):
    """First screen: who, and how ill."""

    name = forms.CharField(
        label=lazy("姓名", "Name"),
        max_length=80,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    document_kind = forms.ChoiceField(
        label=lazy("证件种类", "Document"), choices=choices(DOCUMENT_NAMES), initial="resident"
    )
    document_number = forms.CharField(
        label=lazy("证件号码", "Document number"),
        max_length=40,
        required=False,
        help_text=lazy("身份证号可自动得出性别和年龄", "an identity card number gives sex and age"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    sex = forms.ChoiceField(
        label=lazy("性别", "Sex"),
        choices=choices(SEX_NAMES),
        widget=forms.RadioSelect,
        initial="unknown",
    )
    age = forms.IntegerField(
        label=lazy("年龄（岁）", "Age (years)"), min_value=0, max_value=120, required=False
    )
    phone = forms.CharField(
        label=lazy("电话", "Telephone"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    residence = PlaceField(label=lazy("现住地区", "Lives in"))
    address = forms.CharField(
        label=lazy("详细住址", "Address"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    health_worker = YesNo(label=lazy("医务人员", "Health worker"))
    onset_on = Day(
        label=lazy("发病日期", "Day of onset"),
        required=False,
        help_text=lazy("无症状者留空", "leave empty where there are no symptoms"),
    )
    visited_at = Moment(label=lazy("首诊时间", "First visit"), required=False)

    def clean(self) -> dict[str, Any]:
        """Let an identity card number give the age and sex that were left out."""
        data = super().clean() or self.cleaned_data
        if data.get("document_kind") == "resident" and (
            told := read_number(data.get("document_number", ""))
        ):
            if data.get("age") is None:
                now = today()
                data["age"] = (
                    now.year
                    - told.born.year
                    - ((now.month, now.day) < (told.born.month, told.born.day))
                )
            if data.get("sex") == "unknown":
                data["sex"] = told.sex
        return data


class WhatForm(forms.Form):
    """Second screen: class, places, isolation, and the sample taken at once."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    disease = forms.ChoiceField(label=lazy("病种", "Disease"), choices=choices(diseases()))
    classification = forms.ChoiceField(
        label=lazy("病例分类", "Class"),
        choices=choices(CLASS_NAMES),
        widget=forms.RadioSelect,
        initial="suspected",
    )
    diagnosed_at = Moment(label=lazy("诊断时间", "Time of diagnosis"), initial=to_the_minute)
    evidence = forms.CharField(
        label=lazy("确诊依据", "Evidence"),
        max_length=200,
        required=False,
        help_text=lazy(
            "直接报确诊或无症状感染者时填写，如外院检测报告",
            "where a confirmed case or an asymptomatic infection is reported at once, such as a report from another hospital",
        ),
    )
    severity = forms.ChoiceField(
        label=lazy("临床严重程度", "Severity"),
        choices=choices(SEVERITY_NAMES, empty=("未判定", "not judged")),
        required=False,
    )
    responsible = PlaceField(
        label=lazy("责任地区", "Responsible place"),
        help_text=lazy("负责调查和管理的县区", "the county that investigates and follows up"),
    )
    isolated_at = Moment(label=lazy("已隔离时间", "Isolated since"), required=False)
    exposed_at = forms.ChoiceField(
        label=lazy("可能的感染场所", "Likely setting of exposure"),
        choices=choices(SETTING_NAMES, empty=("未填写", "not entered")),
        required=False,
    )
    found_inside = YesNo(
        label=lazy("发现时已在隔离或观察中", "Already in quarantine or under watch")
    )
    household_code = forms.CharField(
        label=lazy("住户编号", "Household number"), max_length=40, required=False
    )
    sample = forms.BooleanField(label=lazy("同时登记采样", "A sample was taken"), required=False)
    sample_kind = forms.ChoiceField(
        label=lazy("样本种类", "Kind of sample"), choices=choices(KIND_NAMES), required=False
    )
    lab_unit = UnitField(
        (UnitKind.LABORATORY,), label=lazy("检测实验室", "Laboratory"), required=False
    )
