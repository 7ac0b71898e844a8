"""The audit trail: append-only, each entry bound to the one before by its hash."""

from django.db import models

from tongchou.station.access.managers import ScopedModel
from tongchou.station.access.policy import Scope
from tongchou.station.places.models import PathField


class Outcome(models.TextChoices):
    """What became of an action."""

    DONE = "done"
    REFUSED = "refused"


class Entry(ScopedModel):
    """Who did or read what, when, and where the row belongs.

    ``seq``, ``previous`` and ``hash`` are written by a trigger of the database; changes and
    deletions are refused by another. ``path`` is the place of whoever acted.
    """

    scope = Scope(view="audit.view", paths=("path",))

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=160)
    post = models.BigIntegerField(null=True)
    path = PathField(blank=True)
    channel = models.CharField(max_length=12)
    action = models.CharField(max_length=40, db_index=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    resource = models.CharField(max_length=80, db_index=True)
    detail = models.TextField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_entry"
        ordering = ("-seq",)


class Head(models.Model):
    """The last entry's number and hash: one row, the lock of the chain."""

    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_head"
