"""The protected channel for early warnings from the front line (M109)."""

from typing import Any

from django.db import models
from django.utils import timezone

from tongchou.station.incident.models.ground import Placed, StampField, stamped
from tongchou.station.incident.scopes import FRONT
from tongchou.station.places.models import Unit
from tongchou.vocabulary.text import Text


class EarlyWarning(Placed):
    """A warning that something is odd: answered within a day; who wrote it is kept only where they agreed.

    A warning without a name belongs to its area alone: no unit, no post, and the audit trail
    notes that one came, not from whom. Whoever wrote it reads the answer with its ``slip``.
    """

    scope = FRONT

    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    slip = models.CharField(max_length=64, unique=True, editable=False)
    words = models.CharField(max_length=2000)
    made_at = models.DateTimeField(default=timezone.now)
    made_by: Any = StampField()
    due = models.DateTimeField(db_index=True)
    answered_at = models.DateTimeField(null=True, editable=False)
    answered_by: Any = StampField()
    answer = models.CharField(max_length=2000, blank=True)

    class Meta:
        ordering = ("-id",)

    @property
    def late(self) -> bool:
        """Whether it was, or is, not answered in time."""
        return (self.answered_at or timezone.now()) > self.due

    @property
    def by_title(self) -> Text:
        """The post that wrote it; a dash where that is withheld."""
        return stamped(self.made_by)
