"""The interview of a case: where it may have been caught, and whom it may have met."""

from django.db import models
from django.utils import timezone

from tongchou.station.accounts.models import Post
from tongchou.station.cases.models.case import Case, CaseBound


class Investigation(CaseBound):
    """What a case told: fixed fields only, a draft until completed.

    ``contacts_from`` opens the window in which contacts are looked for.
    """

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="investigation")
    started_at = models.DateTimeField(default=timezone.now)
    completed_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(Post, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    symptoms = models.JSONField(default=list, blank=True)
    contacts_from = models.DateField(null=True, blank=True)
    settings = models.JSONField(default=list, blank=True)
    travelled = models.BooleanField(null=True, blank=True)
    travel_place = models.CharField(max_length=120, blank=True)
    met_case = models.BooleanField(null=True, blank=True)
    source_known = models.BooleanField(null=True, blank=True)
    source_setting = models.CharField(max_length=16, blank=True)
    source_note = models.TextField(max_length=1000, blank=True)
    contacts_named = models.PositiveSmallIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.case_id}"
