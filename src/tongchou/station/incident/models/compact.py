"""Compacts between regions: partners, shared alerts, mutual aid (M056)."""

from typing import Any

from django.db import models
from django.utils import timezone

from tongchou.station.incident.models.ground import Linked, Placed, StampField, Worded, stamped
from tongchou.station.incident.scopes import AREA, LINKED
from tongchou.vocabulary.text import Text


class Compact(models.Model):
    """An agreement between places of one level; its name is public, its rows are its members'."""

    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    basis = models.CharField(max_length=300)
    starts = models.DateField(default=timezone.localdate)
    ends = models.DateField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name_zh

    @property
    def name(self) -> Text:
        """The name in both languages."""
        return Text(zh=self.name_zh, en=self.name_en or self.name_zh)


class CompactMember(Placed):
    """What a partner brings: whether it recognises the others' watch, its rules, its stock.

    ``rules``: ``{"level": "I", "low": ["measure", ...], "medium": [...], "high": [...]}``;
    ``figures``: ``{item: [pieces held, pieces used a day]}``, as entered.
    """

    scope = AREA

    compact = models.ForeignKey(Compact, on_delete=models.CASCADE, related_name="members")
    recognises_watch = models.BooleanField(default=False)
    rules = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    figures_at = models.DateTimeField(null=True, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    agreed_by: Any = StampField()

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("compact", "place"), name="one_membership"),)


class SharedAlert(Worded, Linked):
    """An alert of one partner as it stands with another, who acknowledges it within the hour."""

    scope = LINKED

    compact = models.ForeignKey(Compact, on_delete=models.CASCADE, related_name="alerts")
    sent_at = models.DateTimeField(default=timezone.now)
    sent_by: Any = StampField()
    due = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, editable=False)
    acknowledged_by: Any = StampField()
    answer = models.CharField(max_length=600, blank=True)

    class Meta:
        ordering = ("-sent_at", "-id")

    @property
    def late(self) -> bool:
        """Whether it was, or is, not acknowledged in time."""
        return (self.acknowledged_at or timezone.now()) > self.due

    @property
    def by_title(self) -> Text:
        """The post that sent it."""
        return stamped(self.sent_by)


class AidState(models.TextChoices):
    """A request for aid is answered, sent and received."""

    ASKED = "asked"
    OFFERED = "offered"
    DECLINED = "declined"
    SENT = "sent"
    RECEIVED = "received"


AID_STATES = {
    "asked": Text(zh="待答复", en="to be answered"),
    "offered": Text(zh="已承诺", en="offered"),
    "declined": Text(zh="无力支援", en="declined"),
    "sent": Text(zh="已发出", en="sent"),
    "received": Text(zh="已收到", en="received"),
}


class AidRequest(Linked):
    """Aid that ``from_place`` asks of ``place``."""

    scope = LINKED

    compact = models.ForeignKey(Compact, on_delete=models.CASCADE, related_name="aid")
    item = models.CharField(max_length=60)
    quantity = models.PositiveIntegerField()
    offered = models.PositiveIntegerField(null=True, blank=True)
    needed_by = models.DateField()
    state = models.CharField(max_length=10, choices=AidState.choices, default=AidState.ASKED)
    note = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by: Any = StampField()
    answered_at = models.DateTimeField(null=True, editable=False)
    answered_by: Any = StampField()

    class Meta:
        ordering = ("-id",)

    @property
    def state_name(self) -> Text:
        """The state in both languages."""
        return AID_STATES[self.state]
