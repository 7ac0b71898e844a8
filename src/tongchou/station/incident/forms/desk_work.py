"""Forms of organisations, shifts, the form gate, compacts and warnings."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from tongchou.station.accounts.models import Post
from tongchou.station.desk.forms import lazy, lazy_text
from tongchou.station.desk.templatetags.words import language
from tongchou.station.incident.forms.fields import (
    Day,
    Moment,
    PlaceChoice,
    PlacesChoice,
    both,
    choices_of,
    words,
)
from tongchou.station.incident.models.organisation import KIND_NAMES
from tongchou.station.incident.rules.partners import TIER_NAMES, TIERS, allowed_in
from tongchou.station.incident.rules.tables import table
from tongchou.station.incident.services.requests import FORM_LEVELS
from tongchou.station.places.models import LEVEL_NAMES, Place
from tongchou.vocabulary.text import Text

MOST = 1_000_000_000
"""Most pieces of an item that a figure may name."""
LEVELS = [("", "—"), *((x, x) for x in ("I", "II", "III", "IV"))]


class OrganisationForm(forms.Form):
    """An organisation; contacts of the office only."""

    name_zh = forms.CharField(label=lazy("名称（中文）", "Name in Chinese"), max_length=120)
    name_en = forms.CharField(label=lazy("名称（英文）", "Name in English"), max_length=160)
    kind = forms.ChoiceField(label=lazy("类别", "Kind"), choices=choices_of(KIND_NAMES))
    phone = forms.CharField(
        label=lazy("值班电话（单位）", "Duty telephone of the office"), max_length=40, required=False,
        help_text=lazy("只填单位电话，不填个人手机。", "The office's number, not a person's."),
    )  # fmt: skip
    email = forms.EmailField(label=lazy("单位邮箱", "E-mail of the office"), required=False)
    address = forms.CharField(label=lazy("地址", "Address"), max_length=200, required=False)


class PostChoice(forms.ModelChoiceField):
    """A post."""

    def label_from_instance(self, obj: Post) -> str:
        """Write a post with whoever holds it."""
        return f"{obj.title[language()]} · {obj.user}"


class ShiftForm(forms.Form):
    """A post on duty from one hour to another."""

    post = PostChoice(label=lazy("岗位", "Post"), queryset=Post.objects.none())
    starts = Moment(label=lazy("开始", "From"), initial=timezone.localtime)
    ends = Moment(
        label=lazy("结束", "To"), initial=lambda: timezone.localtime() + timedelta(hours=12)
    )
    note = forms.CharField(label=lazy("备注", "Note"), max_length=200, required=False)

    def __init__(self, place: Place, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["post"].queryset = (
            Post.objects.in_force().filter(place=place).select_related("user", "place", "unit")
        )

    def clean(self) -> dict[str, Any]:
        """Ask for an end after the beginning."""
        data = super().clean()
        if data.get("starts") and data.get("ends") and data["ends"] <= data["starts"]:
            self.add_error("ends", lazy("结束须晚于开始。", "It ends after it starts."))
        return data


class DelegationForm(forms.Form):
    """A power lent to another post for a time."""

    to_post = PostChoice(label=lazy("受托岗位", "To the post"), queryset=Post.objects.none())
    power = forms.CharField(label=lazy("委托的权限", "Power"), max_length=300)
    basis = forms.CharField(label=lazy("依据", "Basis"), max_length=300)
    starts = Day(label=lazy("开始", "From"), initial=timezone.localdate)
    ends = Day(
        label=lazy("结束", "Until"), initial=lambda: timezone.localdate() + timedelta(days=7)
    )

    def __init__(self, place: Place, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["to_post"].queryset = (
            Post.objects.in_force().filter(place=place).select_related("user", "place", "unit")
        )


FREQUENCIES = {
    "once": Text(zh="一次", en="once"),
    "daily": Text(zh="每日", en="every day"),
    "weekly": Text(zh="每周", en="every week"),
}
KINDS = {r["kind"]: Text(zh=r["name_zh"], en=r["name_en"]) for r in table("field_seconds")}


def kind_of_word(word: str) -> str:
    """Give the kind that a word in either language stands for; text where there is none.

    >>> kind_of_word("日期"), kind_of_word("photograph"), kind_of_word("")
    ('date', 'photo', 'text')
    """
    word = word.strip().lower()
    return next((k for k, t in KINDS.items() if word and word in (k, t.zh, t.en.lower())), "text")


class DataRequestForm(forms.Form):
    """A form before the gate."""

    text_zh = forms.CharField(
        label=lazy("表名（中文）", "Title in Chinese"), max_length=200, required=False
    )
    text_en = forms.CharField(
        label=lazy("表名（英文）", "Title in English"), max_length=300, required=False
    )
    asker = forms.CharField(label=lazy("要表单位", "Asked by (organisation)"), max_length=160)
    purpose = words("用途", "Purpose", required=True)
    basis = forms.CharField(
        label=lazy("法律或文件依据", "Legal basis"), max_length=300, required=False
    )
    statutory = forms.BooleanField(
        label=lazy("法定报表", "The law itself demands this form"), required=False
    )
    addressee_level = forms.ChoiceField(
        label=lazy("由哪一级填写", "Filled in at level"),
        choices=[(x, lazy_text(LEVEL_NAMES[x])) for x in FORM_LEVELS], initial="grid",
    )  # fmt: skip
    frequency = forms.ChoiceField(
        label=lazy("频次", "How often"), choices=choices_of(FREQUENCIES), initial="daily"
    )
    entries = forms.IntegerField(
        label=lazy("每次填几条", "Rows each time"), min_value=1, max_value=1000, initial=1,
        help_text=lazy("按人填写的，写人数。", "If it is filled in per person, the number of persons."),
    )  # fmt: skip
    starts = Day(label=lazy("启用", "From"), initial=timezone.localdate)
    expires = Day(
        label=lazy("停用", "Until"), initial=lambda: timezone.localdate() + timedelta(days=14)
    )
    fields_text = forms.CharField(
        label=lazy("字段", "Fields"), max_length=6000,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=lazy("每行一个字段，可在竖线后写类型：体温 | 数字。类型：文字、数字、日期、选项、是否、照片、签字盖章。", "One field a line; after a bar its kind: temperature | number. Kinds: text, number, date, choice, yes or no, photograph, signature or stamp."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Read the fields line by line."""
        data = super().clean()
        both(self)
        lines = [x.strip() for x in data.get("fields_text", "").splitlines() if x.strip()]
        parts = [x.replace("｜", "|").partition("|") for x in lines]
        data["asked"] = [
            (name.strip()[:120], kind_of_word(kind)) for name, _, kind in parts if name.strip()
        ]
        if len(data["asked"]) > 200:
            self.add_error(
                "fields_text",
                lazy("字段超过 200 个，请拆分。", "More than 200 fields: split the form."),
            )
        return data


class CompactForm(forms.Form):
    """A compact proposed to partners."""

    name_zh = forms.CharField(label=lazy("名称（中文）", "Name in Chinese"), max_length=120)
    name_en = forms.CharField(
        label=lazy("名称（英文）", "Name in English"), max_length=160, required=False
    )
    basis = forms.CharField(label=lazy("依据（协议）", "Basis (agreement)"), max_length=300)
    starts = Day(label=lazy("开始", "From"), initial=timezone.localdate)
    ends = Day(
        label=lazy("终止", "Until"), initial=lambda: timezone.localdate() + timedelta(days=90)
    )
    partners = PlacesChoice(
        label=lazy("伙伴地区（同级）", "Partners (of the same level)"), queryset=Place.objects.none(),
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )  # fmt: skip

    def __init__(self, place: Place, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["partners"].queryset = (
            Place.objects.filter(level=place.level).exclude(pk=place.pk).order_by("path")
        )


class RulesForm(forms.Form):
    """A partner's response level and measures by tier."""

    level = forms.ChoiceField(
        label=lazy("响应级别", "Response level"), choices=LEVELS, required=False
    )
    recognises_watch = forms.BooleanField(
        label=lazy("承认伙伴地区已完成的健康观察（对方也承认时生效）", "A watch completed with a partner counts here (if the partner says the same)"),
        required=False,
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for tier in TIERS:
            self.fields[tier] = forms.MultipleChoiceField(
                label=lazy_text(
                    Text(zh="{tier}地区的措施", en="Measures in {tier}-risk areas").fill(
                        tier=TIER_NAMES[tier]
                    )
                ),
                choices=[(k, lazy_text(t)) for k, t in allowed_in(tier).items()],
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )


class FiguresForm(forms.Form):
    """What a partner holds of each item and uses a day."""

    ITEMS = ("protective_suit", "n95_mask", "surgical_mask", "gloves", "goggles", "test_kit")

    def __init__(self, *args: Any, names: dict[str, Text], **options: Any) -> None:
        super().__init__(*args, **options)
        for item in self.ITEMS:
            name = names[item]
            self.fields[f"{item}_held"] = forms.FloatField(
                label=lazy_text(Text(zh="{n}：现有", en="{n}: held").fill(n=name)),
                min_value=0,
                max_value=MOST,
                required=False,
            )
            self.fields[f"{item}_used"] = forms.FloatField(
                label=lazy_text(Text(zh="{n}：日耗", en="{n}: used a day").fill(n=name)),
                min_value=0,
                max_value=MOST,
                required=False,
            )

    def figures(self) -> dict[str, tuple[float, float]]:
        """Give what was entered; an item counts when both its figures are there."""
        data = self.cleaned_data
        return {
            i: (data[f"{i}_held"], data[f"{i}_used"])
            for i in self.ITEMS
            if data.get(f"{i}_held") is not None and data.get(f"{i}_used") is not None
        }


class AlertForm(forms.Form):
    """An alert to all partners."""

    text_zh = words("预警（中文）", "Alert, in Chinese")
    text_en = words("预警（英文）", "Alert, in English", most=900)

    def clean(self) -> dict[str, Any]:
        """Ask for words in one language at least."""
        data = super().clean()
        both(self)
        return data


class AidForm(forms.Form):
    """Aid asked of a partner."""

    place = PlaceChoice(
        label=lazy("向谁求助", "Asked of"), queryset=Place.objects.none(), empty_label=None
    )
    item = forms.ChoiceField(label=lazy("物资", "Item"))
    quantity = forms.IntegerField(
        label=lazy("数量", "Quantity"), min_value=1, max_value=100_000_000
    )
    needed_by = Day(
        label=lazy("需要日期", "Needed by"),
        initial=lambda: timezone.localdate() + timedelta(days=2),
    )

    def __init__(self, places: Any, names: dict[str, Text], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["place"].queryset = places
        self.fields["item"].choices = [(i, lazy_text(names[i])) for i in FiguresForm.ITEMS]


class WarningForm(forms.Form):
    """An early warning."""

    words = words(
        "看到了什么、在哪里、什么时候", "What you saw, where and when", required=True, most=2000
    )
    withhold = forms.BooleanField(
        label=lazy("不留姓名和岗位", "Do not keep my name or post"), required=False,
        help_text=lazy("系统不保存是谁写的，审计记录也不写；凭回执码看答复。", "Who wrote it is not kept, nor in the audit trail; read the answer with the slip."),
    )  # fmt: skip
