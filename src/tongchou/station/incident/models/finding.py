"""Findings of an inspection: about places and processes, never about persons."""

from typing import Any

from django.db import models
from django.utils import timezone

from tongchou.station.incident.models.ground import Linked, StampField, Worded, stamped
from tongchou.station.incident.scopes import LINKED
from tongchou.station.places.models import Unit
from tongchou.vocabulary.text import Text


class FindingState(models.TextChoices):
    """A finding is open until every corrective action is verified and the inspector closes it."""

    OPEN = "open"
    CLOSED = "closed"


FINDING_STATES = {
    "open": Text(zh="未销号", en="open"),
    "closed": Text(zh="已销号", en="closed"),
}


class Finding(Worded, Linked):
    """A fault found in a process at a place; ``from_path`` is the place that inspected."""

    scope = LINKED

    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    process = models.CharField(max_length=200)
    mechanism = models.CharField(max_length=4, db_index=True)
    evidence = models.CharField(max_length=1000)
    found_on = models.DateField(default=timezone.localdate)
    due = models.DateTimeField()
    state = models.CharField(
        max_length=8, choices=FindingState.choices, default=FindingState.OPEN, db_index=True
    )
    made_at = models.DateTimeField(default=timezone.now)
    made_by: Any = StampField()
    closed_at = models.DateTimeField(null=True, editable=False)
    closed_by: Any = StampField()
    closing_note = models.CharField(max_length=600, blank=True)

    class Meta:
        ordering = ("-id",)

    @property
    def state_name(self) -> Text:
        """The state in both languages."""
        return FINDING_STATES[self.state]

    @property
    def by_title(self) -> Text:
        """The post that recorded it."""
        return stamped(self.made_by)

    @property
    def late(self) -> bool:
        """Whether it is open past its due time."""
        return self.state == FindingState.OPEN and timezone.now() > self.due
