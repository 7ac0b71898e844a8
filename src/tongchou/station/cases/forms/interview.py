"""The form of an investigation: the fixed questions of the register and no others."""

from django import forms

from tongchou.station.cases.forms.case import Versioned
from tongchou.station.cases.forms.fields import Day, YesNo, choices
from tongchou.station.cases.models.case import SETTING_NAMES
from tongchou.station.cases.services.investigating import SYMPTOMS
from tongchou.station.desk.forms import lazy


class InterviewForm(Versioned):
    """What a case is asked."""

    symptoms = forms.MultipleChoiceField(
        label=lazy("症状", "Symptoms"),
        choices=choices(SYMPTOMS),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    contacts_from = Day(
        label=lazy("密接判定窗口起始日", "Contacts are looked for from"),
        required=False,
        help_text=lazy(
            "发病前 2 天；无症状者为首次阳性采样前 2 天",
            "2 days before onset, or before the first positive sample where there are no symptoms",
        ),
    )
    settings = forms.MultipleChoiceField(
        label=lazy("窗口期内到过的场所", "Settings within the window"),
        choices=choices(SETTING_NAMES),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    met_case = YesNo(label=lazy("是否接触过病例", "Met a case"))
    travelled = YesNo(label=lazy("发病前 14 天是否外出", "Travelled in the 14 days before onset"))
    travel_place = forms.CharField(
        label=lazy("外出地点", "Where to"), max_length=120, required=False
    )
    source_known = YesNo(label=lazy("感染来源是否明确", "Source known"))
    source_setting = forms.ChoiceField(
        label=lazy("感染场所", "Setting of exposure"),
        choices=choices(SETTING_NAMES, empty=("未判定", "not judged")),
        required=False,
    )
    source_note = forms.CharField(
        label=lazy("来源说明（不写姓名）", "Note on the source (no names)"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    contacts_named = forms.IntegerField(
        label=lazy("已判定的密切接触者人数", "Contacts named"),
        min_value=0,
        max_value=9999,
        required=False,
    )
