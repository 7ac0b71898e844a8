"""Suspected duplicates, and merges with all that is needed to undo them."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from tongchou.station.access.managers import ScopedModel
from tongchou.station.access.pseudonyms import pseudonym
from tongchou.station.accounts.models import Post
from tongchou.station.cases import scopes
from tongchou.station.cases.models.person import Person
from tongchou.station.places.models import PathField
from tongchou.vocabulary.text import Text


def new_merge_number() -> str:
    """Give a number for a merge."""
    return pseudonym("M")


class SuspicionState(models.TextChoices):
    """What became of a suspected duplicate."""

    OPEN = "open"
    PROPOSED = "proposed"
    MERGED = "merged"
    APART = "apart"


SUSPICION_NAMES = {
    "open": Text(zh="待核", en="to be looked at"),
    "proposed": Text(zh="已提请对方合并", en="proposed to the other place"),
    "merged": Text(zh="已合并", en="merged"),
    "apart": Text(zh="确认为两人", en="two different persons"),
}


class Suspicion(ScopedModel):
    """Two persons who may be one. ``first`` is the older record; nothing is ever merged by itself."""

    scope = scopes.SUSPICION

    first = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    first_path = PathField(blank=True, default="")
    second_path = PathField(blank=True, default="")
    score = models.FloatField()
    reasons = models.JSONField(default=list)
    state = models.CharField(
        max_length=8, choices=SuspicionState.choices, default=SuspicionState.OPEN
    )
    proposed_from = PathField(blank=True, default="", db_index=False)
    proposal = models.JSONField(default=dict, blank=True)
    found_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(Post, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-score", "id")
        constraints = [
            models.UniqueConstraint(fields=("first", "second"), name="suspicion_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="older_first"),
        ]
        indexes = [
            models.Index(
                fields=("-score",), condition=Q(state__in=("open", "proposed")),
                name="suspicion_open",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"


class Merge(ScopedModel):
    """One merge: every row it changed as it was before and as it was right after.

    ``rows`` is a list of ``{table, key, before, after}`` with whole rows as the database writes them
    in JSON; identities may be among them, so the table is bound like that of the identities. ``marks``
    holds the highest key of each table at the time, to tell what was added afterwards.
    """

    scope = scopes.MERGE

    pseudonym = models.CharField(max_length=40, unique=True, default=new_merge_number)
    kind = models.CharField(max_length=8, choices=[("person", "person"), ("case", "case")])
    keeper = models.CharField(max_length=40, db_index=True)
    merged = models.CharField(max_length=40, db_index=True)
    keeper_path = PathField(blank=True, default="")
    merged_path = PathField(blank=True, default="")
    chosen = models.JSONField(default=dict, blank=True)
    rows = models.JSONField(default=list)
    marks = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Post, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        Post, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    conflicts = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.pseudonym
