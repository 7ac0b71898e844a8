"""The decision log: what was decided, by which post, on what basis, and when it was known."""

from typing import Any

from django.db import models
from django.utils import timezone

from tongchou.station.incident.models.directive import Directive
from tongchou.station.incident.models.ground import Placed, StampField, Worded, stamped
from tongchou.station.incident.scopes import AREA
from tongchou.vocabulary.text import Text


class DecisionKind(models.TextChoices):
    """A decision of the incident, or a link to one that others have published."""

    DECISION = "decision"
    CORRECTION = "correction"
    RULING = "ruling"
    AWARD = "award"


DECISION_KINDS = {
    "decision": Text(zh="决定", en="Decision"),
    "correction": Text(zh="更正", en="Correction"),
    "ruling": Text(zh="已公布的处理决定（链接）", en="Published ruling (link)"),
    "award": Text(zh="已公布的表彰（链接）", en="Published award (link)"),
}
PUBLISHED = frozenset({DecisionKind.RULING, DecisionKind.AWARD})
"""Acts of others on persons: the log holds the title and the link of what was published, no more."""


class DecisionRecord(Worded, Placed):
    """One entry of the log; the database refuses to change or delete it.

    ``known_at`` is when the fact that called for the decision was known here: with the first
    step in the field it gives the process facts that a review after the event needs. An error is
    put right by a further entry that ``corrects`` the first.
    """

    scope = AREA

    kind = models.CharField(
        max_length=12, choices=DecisionKind.choices, default=DecisionKind.DECISION, db_index=True
    )
    decided_at = models.DateTimeField(default=timezone.now, db_index=True)
    known_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=160, blank=True)
    basis = models.CharField(max_length=300, blank=True)
    owner = models.CharField(max_length=160, blank=True)
    due = models.DateTimeField(null=True, blank=True)
    mechanisms = models.CharField(max_length=120, blank=True)
    link = models.URLField(max_length=400, blank=True)
    directive = models.ForeignKey(
        Directive, null=True, blank=True, on_delete=models.PROTECT, related_name="decisions"
    )
    corrects = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections"
    )
    made_at = models.DateTimeField(default=timezone.now)
    made_by: Any = StampField()

    class Meta:
        ordering = ("-decided_at", "-id")

    @property
    def kind_name(self) -> Text:
        """The kind in both languages."""
        return DECISION_KINDS[self.kind]

    @property
    def by_title(self) -> Text:
        """The post that wrote the entry."""
        return stamped(self.made_by)

    @property
    def complete(self) -> bool:
        """Whether it names an owner, a basis and a due time (M001)."""
        return bool(self.owner and self.basis and self.due)
