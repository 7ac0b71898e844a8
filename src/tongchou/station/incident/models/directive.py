"""Directives from one place to places and units below; each addressee answers with a receipt."""

from typing import Any

from django.db import models
from django.utils import timezone

from tongchou.station.desk.lists import Tone
from tongchou.station.incident.models.ground import Placed, StampField, Worded, stamped
from tongchou.station.incident.scopes import AREA
from tongchou.vocabulary.text import Text


class DirectiveState(models.TextChoices):
    """A directive is written, sent, and closed by its receipts, its expiry or a withdrawal."""

    DRAFT = "draft"
    SENT = "sent"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


DIRECTIVE_STATES = {
    "draft": Text(zh="草稿", en="draft"),
    "sent": Text(zh="已下达", en="sent"),
    "closed": Text(zh="已办结", en="closed"),
    "withdrawn": Text(zh="已撤回", en="withdrawn"),
    "lapsed": Text(zh="已失效", en="lapsed"),
}
DIRECTIVE_TONES: dict[str, Tone] = {
    "draft": "neutral",
    "sent": "info",
    "closed": "good",
    "withdrawn": "neutral",
    "lapsed": "neutral",
}


class Channel(models.TextChoices):
    """How a directive was given."""

    WRITTEN = "written"
    ORAL = "oral"


class Directive(Worded, Placed):
    """What a place orders: basis, owner, due time and expiry; it lapses by itself.

    ``order_line`` is the number of the signed line of an order that it carries out, if one does.
    """

    scope = AREA

    number = models.CharField(max_length=40, unique=True)
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.WRITTEN)
    basis = models.CharField(max_length=300)
    owner = models.CharField(max_length=160)
    due = models.DateTimeField(db_index=True)
    expires = models.DateTimeField()
    mechanisms = models.CharField(max_length=120, blank=True)
    state = models.CharField(
        max_length=10, choices=DirectiveState.choices, default=DirectiveState.DRAFT, db_index=True
    )
    order_line = models.BigIntegerField(null=True, blank=True, db_index=True)
    to_places = models.JSONField(default=list)
    to_units = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now)
    made_by: Any = StampField()
    sent_at = models.DateTimeField(null=True, editable=False, db_index=True)
    sent_by: Any = StampField()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(expires__gte=models.F("due")),
                name="directive_expires_after_it_is_due",
            ),
        )

    @property
    def state_name(self) -> Text:
        """The state in both languages."""
        return DIRECTIVE_STATES[self.state]

    @property
    def tone(self) -> Tone:
        """The tone in which a badge shows the state."""
        return DIRECTIVE_TONES[self.state]

    @property
    def by_title(self) -> Text:
        """The post that sent it, or wrote it while it is a draft."""
        return stamped(self.sent_by or self.made_by)
