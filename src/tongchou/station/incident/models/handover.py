"""The hand-over between shifts: a sheet of what is open, signed by both, then read-only."""

from typing import Any

from django.db import models
from django.utils import timezone

from tongchou.station.incident.models.ground import Placed, StampField, stamped
from tongchou.station.incident.scopes import AREA
from tongchou.vocabulary.text import Text


class Handover(Placed):
    """One hand-over; ``sheet`` holds the counts and the items as they stood when it was signed."""

    scope = AREA

    started_at = models.DateTimeField(default=timezone.now)
    sheet = models.JSONField(default=dict)
    notes = models.TextField(max_length=4000, blank=True)
    given_at = models.DateTimeField(null=True, editable=False)
    given_by: Any = StampField()
    taken_at = models.DateTimeField(null=True, editable=False)
    taken_by: Any = StampField()

    class Meta:
        ordering = ("-id",)

    @property
    def closed(self) -> bool:
        """Whether both have signed."""
        return self.taken_at is not None

    @property
    def given_title(self) -> Text:
        """The post that hands over."""
        return stamped(self.given_by)

    @property
    def taken_title(self) -> Text:
        """The post that takes over."""
        return stamped(self.taken_by)
