"""Forms of plans and objectives."""

from typing import Any

from django import forms
from django.utils import timezone

from tongchou.station.desk.forms import lazy, lazy_text
from tongchou.station.incident.forms.fields import Day, both, mechanism_choices, words
from tongchou.station.incident.rules.tables import objectives
from tongchou.vocabulary.text import Text

DIRECTIONS = [
    ("at_most", lazy("不超过", "at most")),
    ("below", lazy("低于", "below")),
    ("at_least", lazy("不低于", "at least")),
]


def indicator_choices() -> list[tuple[str, Any]]:
    """Give the indicators that the order of the day measures, and “entered by hand”."""
    return [
        ("free", lazy("手工填报", "entered by hand")),
        *(
            (
                row["indicator"],
                lazy_text(
                    Text(
                        zh=f"日报：{row['objective_zh']}",
                        en=f"order of the day: {row['objective_en']}",
                    )
                ),
            )
            for row in objectives()
        ),
    ]


class PlanForm(forms.Form):
    """A plan for an operational period; the standing objectives are its first draft."""

    text_zh = words("总要求（中文）", "What it is for, in Chinese")
    text_en = words("总要求（英文）", "What it is for, in English", most=900)
    starts = Day(label=lazy("开始", "First day"), initial=timezone.localdate)
    days = forms.IntegerField(label=lazy("天数", "Days"), min_value=1, max_value=60, initial=7)
    basis = forms.CharField(label=lazy("依据", "Basis"), max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for words in one language at least."""
        data = super().clean()
        both(self)
        return data


class ObjectiveForm(forms.Form):
    """An objective with its indicator and target."""

    text_zh = words("目标（中文）", "Objective, in Chinese")
    text_en = words("目标（英文）", "Objective, in English", most=900)
    indicator = forms.ChoiceField(label=lazy("指标", "Indicator"), choices=indicator_choices)
    indicator_text = forms.CharField(
        label=lazy("指标说明（手工填报时）", "What is measured (if entered by hand)"),
        max_length=200,
        required=False,
    )
    direction = forms.ChoiceField(label=lazy("方向", "Direction"), choices=DIRECTIONS)
    target = forms.FloatField(label=lazy("目标值", "Target"))
    mechanism = forms.ChoiceField(
        label=lazy("对应机制", "Mechanism"), choices=mechanism_choices, required=False
    )

    def clean(self) -> dict[str, Any]:
        """Ask for words, and for what is measured where no order measures it."""
        data = super().clean()
        both(self)
        if data.get("indicator") == "free" and not data.get("indicator_text"):
            self.add_error(
                "indicator_text",
                lazy("请写明量什么、单位是什么。", "Say what is measured, and in what unit."),
            )
        return data


class ValueForm(forms.Form):
    """A value entered by hand, with where it comes from."""

    value = forms.FloatField(label=lazy("当前值", "Value"))
    value_of = Day(label=lazy("数据日期", "As of"), initial=timezone.localdate)
    value_source = forms.CharField(label=lazy("来源", "Source"), max_length=200)
