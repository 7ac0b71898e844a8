"""Forms of what may be done with a case: one is made for each move from what the move needs."""

from typing import Any

from django import forms

from tongchou.station.cases.forms.fields import (
    HOSPITALS,
    Day,
    Moment,
    PlaceField,
    UnitField,
    YesNo,
    choices,
    to_the_minute,
)
from tongchou.station.cases.models import Case, Identity
from tongchou.station.cases.models.case import CLASS_NAMES, SETTING_NAMES, SEVERITY_NAMES
from tongchou.station.cases.models.person import DOCUMENT_NAMES, SEX_NAMES
from tongchou.station.cases.services.lifecycle import CORRECTABLE
from tongchou.station.cases.states import FIELD_NAMES, Move
from tongchou.station.cases.tables import definitions
from tongchou.station.cases.times import LABELS, capital
from tongchou.station.desk.forms import lazy, lazy_text

DIAGNOSES = {k: v for k, v in CLASS_NAMES.items() if k != "suspected"}


class Versioned(forms.Form):
    """A form that remembers which version of the case it shows."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class MoveForm(Versioned):
    """What one move needs, and a note."""

    def __init__(self, *args: Any, move: Move, case: Case, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in move.needs:
            if name != "note":
                self.fields[name] = _needed(name, case)
        if move.rule == "evidence":
            self.fields["evidence"] = forms.CharField(
                label=lazy_text(capital(FIELD_NAMES["evidence"])),
                max_length=200,
                required=False,
                help_text=lazy(
                    "有阳性结果在案时可不填", "not needed where a positive result is on record"
                ),
            )
            self.fields["severity"] = forms.ChoiceField(
                label=lazy("临床严重程度", "Severity"),
                choices=choices(SEVERITY_NAMES, empty=("未判定", "not judged")),
                required=False,
                initial=case.severity,
            )
            self.fields["found_inside"] = YesNo(
                label=lazy(
                    "确诊时已在隔离或观察中", "Already in quarantine or under watch when confirmed"
                ),
                initial=case.found_inside,
            )
        self.fields["note"] = forms.CharField(
            label=lazy_text(capital(FIELD_NAMES["note"]))
            if "note" in move.needs
            else lazy("备注", "Note"),
            max_length=300,
            required="note" in move.needs,
        )


def _needed(name: str, case: Case) -> forms.Field:
    label = lazy_text(capital(FIELD_NAMES[name]))
    if name == "care_unit":
        field = UnitField(HOSPITALS, label=label, initial=case.care_unit_id)
        field.near(case.responsible_path)
        return field
    if name == "classification":
        return forms.ChoiceField(
            label=label, choices=choices(DIAGNOSES), widget=forms.RadioSelect, initial="confirmed"
        )
    return Moment(label=label, initial=to_the_minute)


class CorrectForm(Versioned):
    """Everything that may be corrected on a case, as it stands, and the reason."""

    def __init__(self, *args: Any, case: Case, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in CORRECTABLE:
            value = getattr(case, name)
            self.fields[name] = _correctable(name, case)
            self.fields[name].initial = (
                to_the_minute(value) if name in LABELS and name != "onset_on" and value else value
            )
        self.fields["reason"] = forms.CharField(
            label=lazy("更正原因", "Reason for the correction"), max_length=300
        )
        self.case = case

    def changed_values(self) -> dict[str, Any]:
        """Give what differs from what stands, to the minute that the page shows."""
        found = {}
        for name in CORRECTABLE:
            new, old = self.cleaned_data.get(name), getattr(self.case, name)
            if name in LABELS and name != "onset_on" and old is not None:
                old = to_the_minute(old)
            if new != old and not (new in (None, "") and old in (None, "")):
                found[name] = new
        return found


_OTHER = {
    "classification": lazy("病例分类", "Class"),
    "severity": lazy("临床严重程度", "Severity"),
    "exposed_at": lazy("感染场所", "Setting of exposure"),
    "found_inside": lazy(
        "确诊时已在隔离或观察中", "Already in quarantine or under watch when confirmed"
    ),
    "health_worker": lazy("医务人员", "Health worker"),
    "sex": lazy("性别", "Sex"),
    "age": lazy("年龄（岁）", "Age (years)"),
    "household_code": lazy("住户编号", "Household number"),
    "cluster_code": lazy("聚集性疫情编号", "Cluster number"),
    "definition": lazy("病例定义版本", "Edition of the case definition"),
    "evidence": lazy("确诊依据", "Evidence"),
}


def _correctable(name: str, case: Case) -> forms.Field:
    if name == "onset_on":
        return Day(label=lazy_text(capital(LABELS[name])), required=False)
    if name in LABELS:
        return Moment(label=lazy_text(capital(LABELS[name])), required=False)
    label = _OTHER[name]
    if name in ("found_inside", "health_worker"):
        return YesNo(label=label)
    options = {
        "classification": choices(CLASS_NAMES),
        "severity": choices(SEVERITY_NAMES, empty=("未判定", "not judged")),
        "exposed_at": choices(SETTING_NAMES, empty=("未填写", "not entered")),
        "sex": choices(SEX_NAMES),
        "definition": [(d.name, lazy_text(d.label)) for d in definitions(case.disease)],
    }
    if name in options:
        return forms.ChoiceField(label=label, choices=options[name], required=False)
    if name == "age":
        return forms.IntegerField(label=label, min_value=0, max_value=120, required=False)
    return forms.CharField(
        label=label, max_length=200 if name == "evidence" else 40, required=False
    )


class ReasonForm(Versioned):
    """A reason alone, as for taking a step back."""

    reason = forms.CharField(label=lazy("原因", "Reason"), max_length=300)


class HandOverForm(Versioned):
    """Where a case goes, and why."""

    to = PlaceField(
        label=lazy("移交给", "Hand over to"),
        help_text=lazy("县级地区；移交后由对方负责", "a county, which is responsible from then on"),
    )
    reason = forms.CharField(label=lazy("移交原因", "Reason"), max_length=300)


class ResidenceForm(Versioned):
    """Where the person lives now, and why it is corrected."""

    residence = PlaceField(label=lazy("现住地区", "Lives in"))
    reason = forms.CharField(label=lazy("更正原因", "Reason"), max_length=300)


class IdentityForm(Versioned):
    """Name, document, telephone and address as they stand, and why they are corrected."""

    name = forms.CharField(label=lazy("姓名", "Name"), max_length=80)
    document_kind = forms.ChoiceField(
        label=lazy("证件种类", "Document"), choices=choices(DOCUMENT_NAMES)
    )
    document_number = forms.CharField(
        label=lazy("证件号码", "Document number"), max_length=40, required=False
    )
    phone = forms.CharField(label=lazy("电话", "Telephone"), max_length=30, required=False)
    address = forms.CharField(label=lazy("详细住址", "Address"), max_length=200, required=False)
    reason = forms.CharField(label=lazy("更正原因", "Reason"), max_length=300)

    @staticmethod
    def stands(identity: Identity) -> dict[str, Any]:
        """Give the values of the form as they stand."""
        names = ("name", "document_kind", "document_number", "phone", "address")
        return {n: getattr(identity, n) for n in names}
