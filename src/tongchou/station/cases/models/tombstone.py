"""What stays after deletion: a tombstone without a person, and counts by place and day."""

from django.db import models
from django.utils import timezone

from tongchou.station.access.managers import ScopedModel
from tongchou.station.cases import scopes
from tongchou.station.places.models import PathField


class Tombstone(ScopedModel):
    """That a record was deleted: which kind, how many rows, when and on what basis."""

    scope = scopes.COUNTED

    kind = models.CharField(max_length=16)
    pseudonym = models.CharField(max_length=40, unique=True)
    path = PathField(blank=True, default="")
    deleted = models.JSONField(default=dict)
    basis = models.CharField(max_length=16)
    deleted_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ("-deleted_at", "-id")

    def __str__(self) -> str:
        return self.pseudonym


class WatchCount(ScopedModel):
    """How many people of a place were named on a day, and what became of them: no person in it."""

    scope = scopes.COUNTED

    path = PathField()
    named_on = models.DateField()
    setting = models.CharField(max_length=16)
    named = models.PositiveIntegerField(default=0)
    placed = models.PositiveIntegerField(default=0)
    placed_in_time = models.PositiveIntegerField(default=0)
    released_in_time = models.PositiveIntegerField(default=0)
    became_case = models.PositiveIntegerField(default=0)
    checks = models.PositiveIntegerField(default=0)
    days_missed = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("path", "named_on", "setting")
        constraints = [
            models.UniqueConstraint(fields=("path", "named_on", "setting"), name="one_count")
        ]

    def __str__(self) -> str:
        return f"{self.path} {self.named_on}"
