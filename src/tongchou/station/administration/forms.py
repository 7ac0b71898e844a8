"""Forms of the administration."""

from typing import Any

from django import forms
from django.utils import timezone

from tongchou.station.access.context import actor
from tongchou.station.access.policy import below
from tongchou.station.access.roles import Role, role_rules
from tongchou.station.accounts.models import User
from tongchou.station.desk.forms import lazy
from tongchou.station.desk.templatetags.words import language
from tongchou.station.places.models import Place, Unit


class PostForm(forms.Form):
    """A role at a place, in a unit where the role belongs to one."""

    role = forms.ChoiceField(label=lazy("岗位", "Role"))
    place = forms.CharField(
        label=lazy("地区代码", "Place code"),
        help_text=lazy(
            "如 640104；网格如 640104-G01。", "Such as 640104; a grid such as 640104-G01."
        ),
    )
    unit = forms.CharField(
        label=lazy("单位编号", "Unit code"),
        required=False,
        help_text=lazy(
            "医务、实验室、物资库、企业岗位必填。",
            "Needed for clinicians, laboratories, depots and firms.",
        ),
    )
    starts = forms.DateField(
        label=lazy("到任", "From"),
        initial=timezone.localdate,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    ends = forms.DateField(
        label=lazy("离任（可不填）", "Until (may stay empty)"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"].choices = [
            (r.value, rule.name[language()]) for r, rule in role_rules().items()
        ]

    def clean_role(self) -> Role:
        """Give the role."""
        return Role(self.cleaned_data["role"])

    def clean_place(self) -> Place:
        """Give the place, if it lies in the administrator's area."""
        found = Place.objects.filter(
            below("path", actor().path), code=self.cleaned_data["place"].strip()
        ).first()
        if found is None:
            raise forms.ValidationError(
                lazy("本地区没有此代码。", "There is no such code in your area.")
            )
        return found

    def clean_unit(self) -> Unit | None:
        """Give the unit, if it lies in the administrator's area."""
        code = self.cleaned_data["unit"].strip()
        found = Unit.objects.filter(below("path", actor().path), code=code).first()
        if code and found is None:
            raise forms.ValidationError(
                lazy("本地区没有此单位。", "There is no such unit in your area.")
            )
        return found


class UserForm(PostForm):
    """A new user with a first post."""

    username = forms.RegexField(
        r"^[a-z0-9][a-z0-9._-]{2,39}$",
        label=lazy("用户名", "Username"),
        help_text=lazy(
            "三至四十个小写字母、数字、点、横线。",
            "Three to forty small letters, digits, dots, hyphens.",
        ),
    )
    display_name = forms.CharField(label=lazy("姓名", "Name"), max_length=80)
    field_order = ("username", "display_name", "role", "place", "unit", "starts", "ends")

    def clean_username(self) -> str:
        """Give a username that is not taken."""
        name = str(self.cleaned_data["username"])
        if User.objects.filter(username=name).exists():
            raise forms.ValidationError(lazy("此用户名已被使用。", "This username is taken."))
        return name
