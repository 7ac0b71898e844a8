"""Forms of directives, tasks, findings and decisions."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from tongchou.station.desk.forms import lazy
from tongchou.station.incident.forms.fields import (
    Day,
    Moment,
    PlaceChoice,
    PlacesChoice,
    UnitChoice,
    UnitsChoice,
    below,
    both,
    choices_of,
    levels_below,
    mechanism_choices,
    units_below,
    words,
)
from tongchou.station.incident.models.decision import DECISION_KINDS
from tongchou.station.incident.models.directive import Channel
from tongchou.station.places.models import Place, Unit


def _in(hours: int) -> Any:
    return lambda: timezone.localtime() + timedelta(hours=hours)


class DirectiveForm(forms.Form):
    """A directive: what, on which basis, who owns it, by when, until when, to whom."""

    text_zh = words("内容（中文）", "What, in Chinese")
    text_en = words("内容（英文）", "What, in English", most=900)
    basis = forms.CharField(label=lazy("依据", "Basis"), max_length=300)
    owner = forms.CharField(
        label=lazy("责任岗位或单位", "Owner (post or organisation)"), max_length=160
    )
    due = Moment(label=lazy("完成时限", "Due"), initial=_in(24))
    expires = Moment(
        label=lazy("失效时间", "Expires"),
        help_text=lazy(
            "到期自动失效，需要时另发。",
            "It lapses by itself then; send another if it is still needed.",
        ),
        initial=_in(24 * 7),
    )
    mechanism = forms.ChoiceField(
        label=lazy("对应机制", "Mechanism"), choices=mechanism_choices, required=False
    )
    channel = forms.ChoiceField(
        label=lazy("下达方式", "Given"),
        choices=[
            (Channel.WRITTEN, lazy("书面", "in writing")),
            (Channel.ORAL, lazy("口头（补记）", "orally, written down after")),
        ],
    )
    known_at = Moment(
        label=lazy("何时获知需要处置的情况", "When the facts were known here"),
        help_text=lazy("记入决定台账，可不填。", "Goes into the decision log; may be left empty."),
        required=False,
    )
    levels = forms.MultipleChoiceField(
        label=lazy("接收地区：整级", "To every place of a level"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    places = PlacesChoice(
        label=lazy("接收地区：选定", "To these places"), queryset=Place.objects.none(), required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )  # fmt: skip
    units = UnitsChoice(
        label=lazy("接收单位", "To these units"), queryset=Unit.objects.none(), required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )  # fmt: skip

    def __init__(self, place: Place, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.place = place
        self.fields["levels"].choices = levels_below(place)
        self.fields["places"].queryset = below(place)
        self.fields["units"].queryset = units_below(place)

    def clean(self) -> dict[str, Any]:
        """Ask for words in one language at least, and join the addressees."""
        data = super().clean()
        both(self)
        data["to"] = list(
            (data.get("places") or Place.objects.none())
            | Place.objects.filter(
                path__startswith=self.place.path, level__in=data.get("levels") or []
            )
        )
        return data


class TaskForm(forms.Form):
    """A task under an objective."""

    text_zh = words("任务（中文）", "Task, in Chinese")
    text_en = words("任务（英文）", "Task, in English", most=900)
    place = PlaceChoice(
        label=lazy("承办地区", "Place"), queryset=Place.objects.none(), empty_label=None
    )
    unit = UnitChoice(
        label=lazy("承办单位（可不选）", "Unit (optional)"),
        queryset=Unit.objects.none(),
        required=False,
    )
    owner = forms.CharField(
        label=lazy("责任岗位或部门", "Owner (post or organisation)"), max_length=160
    )
    due = Moment(label=lazy("完成时限", "Due"), initial=_in(24))

    def __init__(self, place: Place, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["place"].queryset = (
            below(place, 4) if place.level != "nation" else below(place, 2)
        )
        self.fields["place"].initial = place.pk
        self.fields["unit"].queryset = units_below(place)

    def clean(self) -> dict[str, Any]:
        """Take the place from the unit where one is chosen."""
        data = super().clean()
        both(self)
        if data.get("unit"):
            data["place"] = data["unit"].place
        return data


class FindingForm(forms.Form):
    """A finding about a process at a place."""

    text_zh = words("发现的问题（中文）", "What was found, in Chinese")
    text_en = words("发现的问题（英文）", "What was found, in English", most=900)
    place = PlaceChoice(
        label=lazy("地区", "Place"), queryset=Place.objects.none(), empty_label=None
    )
    unit = UnitChoice(
        label=lazy("单位（可不选）", "Unit (optional)"),
        queryset=Unit.objects.none(),
        required=False,
    )
    process = forms.CharField(
        label=lazy("环节或流程", "Process"), max_length=200,
        help_text=lazy("写环节、场所、制度，不写个人姓名，不评价个人。", "Name the process, the site or the rule; name and judge no person."),
    )  # fmt: skip
    mechanism = forms.ChoiceField(label=lazy("对应机制", "Mechanism"), choices=mechanism_choices)
    evidence = words(
        "依据（所见、数据、清单链接）",
        "Evidence (what was seen, figures, link to a list)",
        required=True,
        most=1000,
    )
    found_on = Day(label=lazy("发现日期", "Found on"), initial=timezone.localdate)
    due = Moment(label=lazy("整改时限", "To be corrected by"), initial=_in(72))

    def __init__(self, place: Place, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["place"].queryset = (
            below(place, 4) if place.level != "nation" else below(place, 2)
        )
        self.fields["place"].initial = place.pk
        self.fields["unit"].queryset = units_below(place)

    def clean(self) -> dict[str, Any]:
        """Take the place from the unit where one is chosen."""
        data = super().clean()
        both(self)
        if data.get("unit"):
            data["place"] = data["unit"].place
        return data


class ActionForm(forms.Form):
    """A corrective action."""

    text_zh = words("整改措施（中文）", "Corrective action, in Chinese")
    text_en = words("整改措施（英文）", "Corrective action, in English", most=900)
    owner = forms.CharField(
        label=lazy("责任岗位或部门", "Owner (post or organisation)"), max_length=160
    )
    due = Moment(label=lazy("完成时限", "Due"), initial=_in(48))

    def clean(self) -> dict[str, Any]:
        """Ask for words in one language at least."""
        data = super().clean()
        both(self)
        return data


class DecisionForm(forms.Form):
    """An entry of the decision log."""

    kind = forms.ChoiceField(
        label=lazy("类别", "Kind"),
        choices=choices_of({k: v for k, v in DECISION_KINDS.items() if k != "correction"}),
    )
    text_zh = words("决定内容（中文）", "What was decided, in Chinese")
    text_en = words("决定内容（英文）", "What was decided, in English", most=900)
    decided_by = forms.CharField(
        label=lazy("决定的岗位或会议", "Decided by (post or meeting)"), max_length=160, required=False,
        help_text=lazy("写岗位或会议，不写个人。", "A post or a meeting, not a person."),
    )  # fmt: skip
    decided_at = Moment(label=lazy("决定时间", "Decided"), initial=timezone.localtime)
    known_at = Moment(label=lazy("获知时间", "Known here since"), required=False)
    basis = forms.CharField(label=lazy("依据", "Basis"), max_length=300, required=False)
    owner = forms.CharField(label=lazy("责任岗位或单位", "Owner"), max_length=160, required=False)
    due = Moment(label=lazy("完成时限", "Due"), required=False)
    mechanism = forms.ChoiceField(
        label=lazy("对应机制", "Mechanism"), choices=mechanism_choices, required=False
    )
    link = forms.URLField(
        label=lazy("公布链接", "Link to what was published"), required=False, assume_scheme="https",
        help_text=lazy("处理决定和表彰只登记已公布文件的标题和链接。", "Of rulings and awards only the title and link of what was published."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask for words in one language at least."""
        data = super().clean()
        both(self)
        return data


class ProofForm(forms.Form):
    """Evidence of a result."""

    words = words("结果", "What came of it", most=1000)
    link = forms.CharField(label=lazy("清单链接", "Link to a list"), required=False, max_length=400)
    file = forms.FileField(
        label=lazy("附件", "File"), required=False, allow_empty_file=True,
        help_text=lazy("PDF、图片、Word、Excel 或文本，2 MB 以内。", "PDF, picture, Word, Excel or text, up to 2 MB."),
    )  # fmt: skip
