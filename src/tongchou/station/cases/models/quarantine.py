"""Quarantine at one place for a dated time, with its legal basis, needs and appeals."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongchou.station.accounts.models import Post
from tongchou.station.cases.models.contact import Contact, ContactBound
from tongchou.station.places.models import Unit
from tongchou.vocabulary.text import Text


class QuarantineKind(models.TextChoices):
    """Where a person stays."""

    HOUSEHOLD = "household"
    CENTRAL = "central"


KIND_NAMES = {
    "household": Text(zh="居家隔离", en="home quarantine"),
    "central": Text(zh="集中隔离", en="central quarantine"),
}


class Quarantine(ContactBound):
    """A stay at home or at a site, from placing to release; it ends by itself on ``release_due``."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="quarantines")
    kind = models.CharField(max_length=10, choices=QuarantineKind.choices)
    site = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    room = models.CharField(max_length=20, blank=True)
    legal_basis = models.CharField(max_length=200)
    starts_at = models.DateTimeField(default=timezone.now)
    release_due = models.DateField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=16, blank=True)
    by = models.ForeignKey(Post, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=("contact",), condition=Q(ended_at=None), name="one_quarantine_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(kind="household", site=None) | Q(kind="central", site__isnull=False),
                name="central_has_a_site",
            ),
        ]
        indexes = [
            models.Index(fields=("site",), condition=Q(ended_at=None), name="quarantine_at_site")
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.kind}"


END_REASONS = {
    "due": Text(zh="期满自动解除", en="released by itself at the due date"),
    "released": Text(zh="人工解除", en="released by a person"),
    "moved": Text(zh="转移至他处", en="moved elsewhere"),
    "case": Text(zh="转为病例", en="became a case"),
    "appeal": Text(zh="申诉成立", en="an appeal was upheld"),
}


class Site(models.Model):
    """How many people a quarantine site can hold. Public knowledge, like the unit it belongs to."""

    unit = models.OneToOneField(Unit, on_delete=models.CASCADE, related_name="quarantine_site")
    capacity = models.PositiveIntegerField()

    def __str__(self) -> str:
        return str(self.unit_id)


class NeedKind(models.TextChoices):
    """What a person shut in may need."""

    FOOD = "food"
    MEDICINE = "medicine"
    CARE_OF_DEPENDANTS = "dependants"
    MEDICAL_CARE = "medical"
    MENTAL_HEALTH = "mental"
    INCOME = "income"
    INTERPRETER = "language"
    OTHER = "other"


NEED_NAMES = {
    "food": Text(zh="食品、饮水", en="food and water"),
    "medicine": Text(zh="药品", en="medicine"),
    "dependants": Text(zh="照护老人、儿童、病人", en="care of dependants"),
    "medical": Text(zh="就医（透析、产检等）", en="medical care (dialysis, antenatal, …)"),
    "mental": Text(zh="心理支持", en="mental support"),
    "income": Text(zh="工资、生计", en="wages and livelihood"),
    "language": Text(zh="语言、无障碍帮助", en="interpreter or accessibility"),
    "other": Text(zh="其他", en="other"),
}


class Need(ContactBound):
    """Something a person under quarantine needs, with its clock."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="needs")
    kind = models.CharField(max_length=12, choices=NeedKind.choices)
    detail = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(
        Post, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    done_by = models.ForeignKey(
        Post, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("due_at", "id")
        indexes = [models.Index(fields=("due_at",), condition=Q(done_at=None), name="need_open")]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.kind}"


class Appeal(ContactBound):
    """A person's objection to their quarantine, and the reasoned answer."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="appeals")
    reason = models.TextField(max_length=2000)
    made_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField()
    answered_at = models.DateTimeField(null=True, blank=True)
    upheld = models.BooleanField(null=True, blank=True)
    answer = models.TextField(max_length=2000, blank=True)
    taken_by = models.ForeignKey(
        Post, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_by = models.ForeignKey(
        Post, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("due_on", "id")
        indexes = [
            models.Index(fields=("due_on",), condition=Q(answered_at=None), name="appeal_open")
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.made_at:%Y-%m-%d}"
