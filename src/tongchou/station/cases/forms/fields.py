"""Fields that the forms of this room share: places, units, times, and choices in two languages."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tongchou.station.cases.problems import NotAccepted, Problem
from tongchou.station.desk.forms import lazy, lazy_text
from tongchou.station.desk.templatetags.words import language
from tongchou.station.places.models import Place, Unit, UnitKind
from tongchou.station.places.names import query_key
from tongchou.vocabulary.text import Text

HOSPITALS = (UnitKind.DESIGNATED, UnitKind.GENERAL, UnitKind.FANGCANG)


def choices(
    names: Mapping[str, Text], *, empty: tuple[str, str] | None = None
) -> list[tuple[str, str]]:
    """Give the choices of a select in the reader's language."""
    head = [("", lazy(*empty))] if empty else []
    return head + [(value, lazy_text(text)) for value, text in names.items()]


YES_NO = {"yes": Text(zh="是", en="yes"), "no": Text(zh="否", en="no")}


class YesNo(forms.TypedChoiceField):
    """Yes, no, or not known."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        super().__init__(
            choices=choices(YES_NO, empty=("不详", "not known")),
            coerce=lambda v: v == "yes",
            empty_value=None,
            **options,
        )

    def prepare_value(self, value: object) -> object:
        """Show a stored truth as its choice."""
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


def find_place(typed: str) -> Place | None:
    """Find the place that somebody typed: its code, alone or before its name, or one clear name."""
    typed = typed.strip()
    if not typed:
        return None
    code = typed.split()[0]
    if found := Place.objects.filter(code__iexact=code).first():
        return found
    key = query_key(typed)
    named = list(Place.objects.filter(search__contains=key)[:9]) if key else []
    exact = [p for p in named if typed in (p.name_zh, p.name_en)] or named
    return exact[0] if len(exact) == 1 else None


class PlaceInput(forms.TextInput):
    """A text box that suggests places as one types: Chinese, English, pinyin, initials or code."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Draw the box and the list that its suggestions go to."""
        suggestions = f"places-{(attrs or {}).get('id', name)}"
        attrs = {
            **(attrs or {}),
            "list": suggestions,
            "data-places": str(reverse_lazy("desk:place_suggestions")),
            "autocomplete": "off",
            "placeholder": lazy("名称、拼音或编码", "name, pinyin or code"),
        }
        box = super().render(name, value, attrs, renderer)
        return format_html('{}<datalist id="{}"></datalist>', box, suggestions)


class PlaceField(forms.CharField):
    """A place, typed."""

    widget = PlaceInput

    def prepare_value(self, value: Any) -> Any:
        """Show a place as its code and name."""
        if isinstance(value, Place):
            return f"{value.code} {value.name[language()]}"
        return value

    def to_python(self, value: Any) -> Place | None:
        """Give the place.

        Raises
        ------
        ValidationError
            If no place, or more than one, bears what was typed.
        """
        if isinstance(value, Place):
            return value
        typed = super().to_python(value)
        if not typed:
            return None
        found = find_place(typed)
        if found is None:
            raise ValidationError(
                Text(
                    zh="找不到唯一的地区“{typed}”。请从提示中选择，或填写地区编码。",
                    en="“{typed}” is not one place. Choose from the suggestions, or give the place code.",
                ).fill(typed=typed)[language()]
            )
        return found

    def clean(self, value: Any) -> Any:
        """Parse, then ask whether it may be empty."""
        found = self.to_python(value)
        if found is None and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return found


class UnitField(forms.ModelChoiceField):
    """One of the units of a province or below, named in the reader's language."""

    def __init__(self, kinds: Iterable[str], **options: Any) -> None:
        self.kinds = tuple(kinds)
        super().__init__(queryset=Unit.objects.none(), **options)

    def near(self, path: str) -> None:
        """Offer the units of the province that a place lies in, the nearest first."""
        province = "/".join(path.split("/")[:2]) + "/"
        rows = Unit.objects.filter(kind__in=self.kinds, active=True, path__startswith=province)
        self.queryset = rows.order_by("path", "code")

    def label_from_instance(self, obj: Unit) -> str:
        """Give the name of a unit."""
        return obj.name[language()]


class Moment(forms.DateTimeField):
    """A time to the minute, in the station's time zone."""

    def __init__(self, **options: Any) -> None:
        options.setdefault(
            "widget",
            forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        )
        super().__init__(**options)


class Day(forms.DateField):
    """A day."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**options)


def to_the_minute(value: datetime | None = None) -> datetime:
    """Give a time without seconds, now where none is given: what a time box can show."""
    return timezone.localtime(value or timezone.now()).replace(second=0, microsecond=0)


def today() -> date:
    """Give the day of the station."""
    return timezone.localdate()


def put_problems(form: forms.BaseForm, problems: Iterable[Problem]) -> None:
    """Show what a service refused beside the fields it names."""
    for p in problems:
        form.add_error(p.field if p.field in form.fields else None, p.text[language()])


def refuse(form: forms.BaseForm, refused: NotAccepted) -> None:
    """Show every problem of a refusal on a form."""
    put_problems(form, refused.problems)
