"""Form fields that several forms of the incident desk share."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from tongchou.station.desk.forms import lazy, lazy_text
from tongchou.station.desk.templatetags.words import language
from tongchou.station.incident.rules.tables import mechanism_name, mechanisms
from tongchou.station.places.models import LEVEL_NAMES, Place, Unit
from tongchou.vocabulary.text import Text

LEVELS = ("nation", "province", "prefecture", "county", "grid")


class Moment(forms.DateTimeField):
    """A date and time, picked in the browser."""

    def __init__(self, **options: Any) -> None:
        options.setdefault(
            "widget", forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        )
        super().__init__(**options)


class Day(forms.DateField):
    """A date, picked in the browser."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**options)


def choices_of(names: dict[str, Text]) -> list[tuple[str, Any]]:
    """Give choices from a table of names."""
    return [(key, lazy_text(text)) for key, text in names.items()]


def mechanism_choices() -> list[tuple[str, Any]]:
    """Give every mechanism of the register as a choice."""
    return [("", "—"), *((m, lazy_text(_numbered(m))) for m in mechanisms())]


def _numbered(mechanism: str) -> Text:
    name = mechanism_name(mechanism)
    return Text(zh=f"{mechanism} {name.zh}", en=f"{mechanism} {name.en}")


class PlaceChoice(forms.ModelChoiceField):
    """A place among those given, written with its level."""

    def label_from_instance(self, obj: Place) -> str:
        """Write a place."""
        return named(obj)


class PlacesChoice(forms.ModelMultipleChoiceField):
    """Places among those given."""

    def label_from_instance(self, obj: Place) -> str:
        """Write a place, set in below the one it belongs to."""
        return named(obj)


class UnitChoice(forms.ModelChoiceField):
    """A unit among those given."""

    def label_from_instance(self, obj: Unit) -> str:
        """Write a unit."""
        return obj.name[language()]


class UnitsChoice(forms.ModelMultipleChoiceField):
    """Units among those given."""

    def label_from_instance(self, obj: Unit) -> str:
        """Write a unit."""
        return obj.name[language()]


def named(place: Place) -> str:
    """Write a place with its level."""
    form = Text(zh="{name}（{level}）", en="{name} ({level})")
    return form.fill(name=place.name, level=LEVEL_NAMES[place.level])[language()]


def below(place: Place, levels: int = 2) -> QuerySet[Place]:
    """Give a place and those at most so many levels below it, in the order of the tree."""
    first = LEVELS.index(place.level)
    return Place.objects.filter(
        path__startswith=place.path, level__in=LEVELS[first : first + levels + 1]
    ).order_by("path")


def levels_below(place: Place) -> list[tuple[str, Any]]:
    """Give the levels below a place, each as “all of them”."""
    lower = LEVELS[LEVELS.index(place.level) + 1 :]
    return [
        (
            level,
            lazy_text(
                Text(zh="全部{level}地区", en="all of level {level}").fill(level=LEVEL_NAMES[level])
            ),
        )
        for level in lower
    ]


def units_below(place: Place) -> QuerySet[Unit]:
    """Give the units at or below a place."""
    return Unit.objects.filter(path__startswith=place.path, active=True).order_by("path", "code")


def words(zh: str, en: str, *, required: bool = False, most: int = 600) -> forms.CharField:
    """Give a field of several lines."""
    return forms.CharField(
        label=lazy(zh, en),
        required=required,
        max_length=most,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def both(form: forms.BaseForm, zh: str = "text_zh", en: str = "text_en") -> None:
    """Ask for words in at least one language."""
    if not (form.cleaned_data.get(zh) or form.cleaned_data.get(en)):
        form.add_error(zh, lazy("请至少用一种语言填写。", "Write it in at least one language."))


def joined(values: Iterable[str]) -> str:
    """Give mechanism ids as the records hold them."""
    return "|".join(v for v in values if v)
