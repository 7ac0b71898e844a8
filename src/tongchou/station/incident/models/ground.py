"""What records of the incident share: a place, words in two languages, the stamp of a post."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from tongchou.station.access.context import current
from tongchou.station.access.managers import ScopedModel
from tongchou.station.places.models import PathField, Place
from tongchou.vocabulary.text import Text

Stamp = dict[str, Any]
"""A post that acted: number of the post, its title in both languages."""

SYSTEM_STAMP: Stamp = {"post": None, "zh": "系统", "en": "system"}


def stamp() -> Stamp:
    """Give the stamp of the present post; a post acts, never a named person."""
    who = current().actor
    if who is None:
        return dict(SYSTEM_STAMP)
    return {"post": who.post_id, "zh": who.title.zh, "en": who.title.en}


def stamped(mark: Stamp | None) -> Text:
    """Give the title on a stamp; a dash where nobody has stamped yet."""
    return Text(zh=mark["zh"], en=mark["en"]) if mark else Text(zh="–", en="–")


class StampField(models.JSONField):
    """The stamp of a post, empty until one has acted."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("null", True)
        options.setdefault("blank", True)
        options.setdefault("editable", False)
        super().__init__(**options)


class Placed(ScopedModel):
    """A record of one place; the path is copied from the place when it is saved."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    path: Any = PathField(editable=False)

    class Meta:
        abstract = True

    def save(self, **options: Any) -> None:
        """Save, with the path of the place."""
        self.path = self.place.path
        super().save(**options)


class Linked(Placed):
    """A record between two places: ``from_place`` asks or sends, ``place`` is asked or receives."""

    from_place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    from_path: Any = PathField(editable=False)

    class Meta:
        abstract = True

    def save(self, **options: Any) -> None:
        """Save, with the paths of both places."""
        self.from_path = self.from_place.path
        super().save(**options)


class Worded(models.Model):
    """A record whose words a person typed, in one language or in both."""

    text_zh = models.CharField(max_length=600, blank=True)
    text_en = models.CharField(max_length=900, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.text_zh or self.text_en

    @property
    def text(self) -> Text:
        """The words; where one language was left empty, the other as typed."""
        return Text(zh=self.text_zh or self.text_en, en=self.text_en or self.text_zh)

    def clean(self) -> None:
        """Ask for words in at least one language."""
        super().clean()
        if not (self.text_zh or self.text_en):
            raise ValidationError(
                {"text_zh": "请至少用一种语言填写。 Write it in at least one language."}
            )


def mechanisms_of(value: str) -> tuple[str, ...]:
    """Give the mechanism ids of a field that holds them separated by strokes.

    >>> mechanisms_of("M003|M045")
    ('M003', 'M045')
    """
    return tuple(part for part in value.split("|") if part)
