"""Forms of samples: taking one, entering results for many, correcting one."""

import uuid

from django import forms

from tongchou.station.cases.forms.case import Versioned
from tongchou.station.cases.forms.fields import Moment, UnitField, choices, to_the_minute
from tongchou.station.cases.models.sample import KIND_NAMES, RESULT_NAMES
from tongchou.station.desk.forms import lazy
from tongchou.station.places.models import UnitKind


class TakeForm(Versioned):
    """A sample: what, when, to which laboratory."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    kind = forms.ChoiceField(label=lazy("样本种类", "Kind of sample"), choices=choices(KIND_NAMES))
    taken_at = Moment(label=lazy("采样时间", "Time of taking"), initial=to_the_minute)
    lab_unit = UnitField((UnitKind.LABORATORY,), label=lazy("检测实验室", "Laboratory"))


class ResultForm(forms.Form):
    """The result of one sample in a page of many; none chosen leaves it waiting."""

    result = forms.ChoiceField(
        choices=choices(RESULT_NAMES), widget=forms.RadioSelect, required=False
    )


class WhenForm(forms.Form):
    """When the results of a page were known."""

    result_at = Moment(label=lazy("出结果时间", "Time of result"), initial=to_the_minute)


class CorrectResultForm(forms.Form):
    """Another result, and why."""

    result = forms.ChoiceField(
        label=lazy("正确的结果", "The right result"),
        choices=choices(RESULT_NAMES),
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=lazy("更正原因", "Reason"), max_length=300)
