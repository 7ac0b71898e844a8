"""Requests for data: a new form passes the gate before it may go out (M100)."""

from typing import Any

from django.db import models
from django.utils import timezone

from tongchou.station.desk.lists import Tone
from tongchou.station.incident.models.ground import Placed, StampField, Worded, stamped
from tongchou.station.incident.scopes import AREA
from tongchou.vocabulary.text import Text


class Verdict(models.TextChoices):
    """What a person decides on a form."""

    WAITING = "waiting"
    ALLOWED = "allowed"
    REDUCED = "reduced"
    REFUSED = "refused"
    ENDED = "ended"


VERDICTS = {
    "waiting": Text(zh="待审查", en="to be judged"),
    "allowed": Text(zh="准予下发", en="allowed"),
    "reduced": Text(zh="删减后准予下发", en="allowed with fields removed"),
    "refused": Text(zh="不予下发", en="refused"),
    "ended": Text(zh="已停用", en="ended"),
}
VERDICT_TONES: dict[str, Tone] = {
    "waiting": "info",
    "allowed": "good",
    "reduced": "warn",
    "refused": "bad",
    "ended": "neutral",
}


class Frequency(models.TextChoices):
    """How often a form is asked."""

    ONCE = "once"
    DAILY = "daily"
    WEEKLY = "weekly"


class DataRequest(Worded, Placed):
    """A form that someone wants filled in below ``place``; the words are its title."""

    scope = AREA

    asker = models.CharField(max_length=160)
    purpose = models.CharField(max_length=600)
    basis = models.CharField(max_length=300, blank=True)
    statutory = models.BooleanField(default=False)
    addressee_level = models.CharField(max_length=12, default="grid")
    addressees = models.PositiveIntegerField(default=0)
    entries = models.PositiveIntegerField(default=1)
    frequency = models.CharField(max_length=8, choices=Frequency.choices, default=Frequency.DAILY)
    starts = models.DateField(default=timezone.localdate)
    expires = models.DateField()
    seconds_asked = models.PositiveIntegerField(default=0)
    seconds_allowed = models.PositiveIntegerField(default=0)
    verdict = models.CharField(
        max_length=8, choices=Verdict.choices, default=Verdict.WAITING, db_index=True
    )
    proposed = models.CharField(max_length=8, blank=True)
    reason = models.CharField(max_length=600, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by: Any = StampField()
    judged_at = models.DateTimeField(null=True, editable=False)
    judged_by: Any = StampField()

    class Meta:
        ordering = ("-id",)

    @property
    def verdict_name(self) -> Text:
        """The verdict in both languages."""
        return VERDICTS[self.verdict]

    @property
    def proposed_name(self) -> Text:
        """The verdict that the rule proposes."""
        return VERDICTS[self.proposed or "waiting"]

    @property
    def tone(self) -> Tone:
        """The tone in which a badge shows the verdict."""
        return VERDICT_TONES[self.verdict]

    @property
    def judged_title(self) -> Text:
        """The post that judged it."""
        return stamped(self.judged_by)

    @property
    def in_force(self) -> bool:
        """Whether grids fill it in today."""
        today = timezone.localdate()
        return self.verdict in ("allowed", "reduced") and self.starts <= today <= self.expires


class RequestedField(Placed):
    """A field of such a form, what is already held like it, and whether it stays."""

    scope = AREA

    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, related_name="fields")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, default="text")
    seconds = models.PositiveIntegerField(default=0)
    held = models.CharField(max_length=120, blank=True)
    held_zh = models.CharField(max_length=200, blank=True)
    held_en = models.CharField(max_length=200, blank=True)
    likeness = models.FloatField(default=0.0)
    last_updated = models.DateField(null=True, blank=True)
    kept = models.BooleanField(default=True)

    class Meta:
        ordering = ("id",)

    @property
    def held_name(self) -> Text:
        """What the field already held means."""
        return Text(zh=self.held_zh, en=self.held_en)
