"""Forms of contacts, arrivals, venues, exposures and quarantine."""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms

from tongchou.station.cases.bases import bases
from tongchou.station.cases.forms.fields import Day, PlaceField, UnitField, choices
from tongchou.station.cases.models import Venue
from tongchou.station.cases.models.arrival import TIER_NAMES
from tongchou.station.cases.models.person import SEX_NAMES
from tongchou.station.cases.models.quarantine import KIND_NAMES, NEED_NAMES
from tongchou.station.cases.models.venue import CONTACT_SETTING_NAMES, VENUE_NAMES
from tongchou.station.desk.forms import lazy
from tongchou.station.desk.templatetags.words import language
from tongchou.station.places.models import Place, UnitKind
from tongchou.vocabulary.text import Text

MET_SETTINGS = {k: v for k, v in CONTACT_SETTING_NAMES.items() if k != "arrival"}
QUIET = {"autocomplete": "off"}


class PersonForm(forms.Form):
    """Who: the fewest fields by which a person is found and reached."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    name = forms.CharField(
        label=lazy("姓名", "Name"),
        max_length=80,
        widget=forms.TextInput(attrs={**QUIET, "autofocus": True}),
    )
    phone = forms.CharField(
        label=lazy("电话", "Telephone"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={**QUIET, "inputmode": "tel"}),
    )
    document_number = forms.CharField(
        label=lazy("证件号码", "Document number"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs=QUIET),
    )
    sex = forms.ChoiceField(
        label=lazy("性别", "Sex"), choices=choices(SEX_NAMES), initial="unknown"
    )
    birth_year = forms.IntegerField(
        label=lazy("出生年份", "Year of birth"), required=False, min_value=1890, max_value=2100
    )
    residence = PlaceField(label=lazy("居住网格或县区", "Grid or county of residence"))
    address = forms.CharField(
        label=lazy("详细住址", "Address"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs=QUIET),
    )

    def person(self) -> dict[str, Any]:
        """Give what is kept of the person."""
        names = ("name", "phone", "document_number", "sex", "birth_year", "residence", "address")
        return {n: self.cleaned_data[n] for n in names}


class ContactForm(PersonForm):
    """A close contact of a case."""

    case = forms.CharField(
        label=lazy("关联病例编号", "Number of the case"),
        max_length=40,
        widget=forms.TextInput(attrs=QUIET),
    )
    setting = forms.ChoiceField(
        label=lazy("接触场所", "Setting"), choices=choices(MET_SETTINGS), initial="household"
    )
    exposed_on = Day(
        label=lazy("末次接触日期", "Last exposure"),
        help_text=lazy("解除日期由此起算", "the day of release is counted from it"),
    )
    responsible = PlaceField(label=lazy("责任地区", "Responsible place"))


class ArrivalForm(PersonForm):
    """An arrival from a place of higher tier."""

    purpose = forms.CharField(label=lazy("观察目的", "Purpose of the watch"), max_length=120)
    legal_basis = forms.ChoiceField(
        label=lazy("法律依据", "Legal basis"),
        widget=forms.RadioSelect,
        initial="law42",
        choices=lambda: choices(dict(bases("arrival"))),
    )
    origin_tier = forms.ChoiceField(
        label=lazy("前 14 天所在地等级", "Tier of the place of the last 14 days"),
        choices=choices(TIER_NAMES),
    )
    origin = PlaceField(
        label=lazy("来自（国内）", "From (within the country)"),
        required=False,
        help_text=lazy(
            "只记县区，不问籍贯，不记行程",
            "the county only; never the home province, never the route",
        ),
    )
    arrived_on = Day(label=lazy("到达日期", "Day of arrival"))
    responsible = PlaceField(label=lazy("责任地区", "Responsible place"))


class PlaceForm(forms.Form):
    """Where and on what basis a person stays."""

    kind = forms.ChoiceField(
        label=lazy("隔离方式", "Kind"),
        choices=choices(KIND_NAMES),
        widget=forms.RadioSelect,
        initial="household",
    )
    site = UnitField(
        (UnitKind.QUARANTINE,),
        label=lazy("隔离点（集中隔离）", "Site (central quarantine)"),
        required=False,
    )
    room = forms.CharField(label=lazy("房间", "Room"), max_length=20, required=False)
    grid = PlaceField(label=lazy("所在网格（居家隔离）", "Grid (home quarantine)"), required=False)
    legal_basis = forms.ChoiceField(
        label=lazy("法律依据", "Legal basis"),
        widget=forms.RadioSelect,
        initial="law39",
        choices=lambda: choices(dict(bases("quarantine"))),
    )
    needs = forms.MultipleChoiceField(
        label=lazy("生活需求", "Needs"),
        choices=choices(NEED_NAMES),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class PlaceManyForm(forms.Form):
    """Many people to one site."""

    legal_basis = forms.ChoiceField(
        label=lazy("法律依据", "Legal basis"),
        widget=forms.RadioSelect,
        initial="law39",
        choices=lambda: choices(dict(bases("quarantine"))),
    )


class CapacityForm(forms.Form):
    """How many people a site can hold."""

    capacity = forms.IntegerField(
        label=lazy("可容纳人数", "Capacity"), min_value=0, max_value=100_000
    )


RELEASE_REASONS: Mapping[str, Text] = {
    "released": Text(
        zh="提前解除：经核查不属密切接触者", en="released early: found not to be a contact"
    ),
    "due": Text(zh="期满解除", en="released at the due date"),
}


class ReleaseForm(forms.Form):
    """Ending a watch by hand."""

    reason = forms.ChoiceField(
        label=lazy("原因", "Reason"),
        choices=choices(RELEASE_REASONS),
        widget=forms.RadioSelect,
        initial="released",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class HandOverForm(forms.Form):
    """To which place."""

    to = PlaceField(label=lazy("移交至", "Hand over to"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class NeedForm(forms.Form):
    """A need."""

    kind = forms.ChoiceField(label=lazy("需求", "Need"), choices=choices(NEED_NAMES))
    detail = forms.CharField(label=lazy("说明", "Detail"), max_length=200, required=False)


class AppealForm(forms.Form):
    """An appeal in the person's own words."""

    reason = forms.CharField(
        label=lazy("本人陈述的理由", "Reason in the person's own words"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


ANSWERS = {
    "yes": Text(zh="申诉成立，立即解除隔离", en="upheld: released at once"),
    "no": Text(zh="申诉不成立", en="not upheld"),
}


class AnswerForm(forms.Form):
    """The answer to an appeal."""

    upheld = forms.ChoiceField(
        label=lazy("结论", "Conclusion"), choices=choices(ANSWERS), widget=forms.RadioSelect
    )
    answer = forms.CharField(
        label=lazy("理由（将交给本人）", "Reasons (handed to the person)"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class VenueForm(forms.Form):
    """A venue."""

    name_zh = forms.CharField(label=lazy("名称", "Name in Chinese"), max_length=120)
    name_en = forms.CharField(
        label=lazy("英文名称", "Name in English"), max_length=160, required=False
    )
    kind = forms.ChoiceField(label=lazy("类别", "Kind"), choices=choices(VENUE_NAMES))
    place = PlaceField(label=lazy("所在地区", "Place"))


class VenueField(forms.ModelChoiceField):
    """One of the venues within reach."""

    def label_from_instance(self, obj: Venue) -> str:
        """Give the name of a venue with its kind."""
        return f"{obj.name[language()]} · {VENUE_NAMES[obj.kind][language()]}"


class ExposureForm(forms.Form):
    """A case was there, from one day to another."""

    venue = VenueField(
        queryset=Venue._base_manager.none(), label=lazy("场所", "Venue"), required=False
    )
    event = forms.CharField(label=lazy("或：活动", "Or: event"), max_length=120, required=False)
    setting = forms.ChoiceField(label=lazy("类型", "Setting"), choices=choices(MET_SETTINGS))
    from_on = Day(label=lazy("开始日期", "From"))
    to_on = Day(label=lazy("结束日期", "To"))


def county_guess(path: str) -> Place | None:
    """Give the county of a post, for a form's first guess."""
    return Place.objects.filter(code__in=path.strip("/").split("/"), level="county").first()
