"""The order of the day inside the station: made by a job, signed line by line, then unchangeable."""

from typing import Any

from django.db import models
from django.utils import timezone

from tongchou.station.access.managers import ScopedModel
from tongchou.station.incident.models.directive import Directive
from tongchou.station.incident.models.ground import Placed, StampField, stamped
from tongchou.station.incident.scopes import AREA
from tongchou.station.places.models import PathField
from tongchou.vocabulary.text import Text


class OrderState(models.TextChoices):
    """Where an order stands; from ``signed`` on the database refuses to change what it says."""

    QUEUED = "queued"
    RUNNING = "running"
    FAILED = "failed"
    DRAFTED = "drafted"
    SIGNING = "signing"
    SIGNED = "signed"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


ORDER_STATES = {
    "queued": Text(zh="排队中", en="queued"),
    "running": Text(zh="生成中", en="being made"),
    "failed": Text(zh="未能生成", en="failed"),
    "drafted": Text(zh="待签署", en="to sign"),
    "signing": Text(zh="签署中", en="being signed"),
    "signed": Text(zh="已签署", en="signed"),
    "published": Text(zh="已签署并公布", en="signed and published"),
    "superseded": Text(zh="已被新版替代", en="superseded"),
}
WAITING = (OrderState.QUEUED, OrderState.RUNNING)
"""A job has it, or will."""
OPEN = (OrderState.DRAFTED, OrderState.SIGNING)
"""The commander has it."""
SIGNED = (OrderState.SIGNED, OrderState.PUBLISHED)


class Order(Placed):
    """One edition of the order of a place from data to the end of a day.

    ``step`` is the number of the step of the morning run that began last; ``digest`` the SHA-256
    of the draft's ``order.json``; ``figures`` and ``headline`` what lists show; ``anchor_seq`` and
    ``anchor_hash`` where the audit chain stood when it was signed.
    """

    scope = AREA

    cut = models.DateField(db_index=True)
    edition = models.PositiveIntegerField(default=1)
    seed = models.PositiveIntegerField(default=1)
    state = models.CharField(
        max_length=10, choices=OrderState.choices, default=OrderState.QUEUED, db_index=True
    )
    step = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = StampField()
    beat_at = models.DateTimeField(null=True, editable=False)
    drafted_at = models.DateTimeField(null=True, editable=False)
    failure_zh = models.TextField(blank=True)
    failure_en = models.TextField(blank=True)
    digest = models.CharField(max_length=64, blank=True)
    inputs = models.JSONField(default=dict)
    version = models.CharField(max_length=40, blank=True)
    pack = models.CharField(max_length=120, blank=True)
    receipts = models.JSONField(null=True)
    synthetic = models.BooleanField(default=False)
    headline = models.JSONField(default=list)
    figures = models.JSONField(default=list)
    signed_at = models.DateTimeField(null=True, editable=False)
    signed_name = models.CharField(max_length=80, blank=True)
    signed_by = StampField()
    anchor_seq = models.BigIntegerField(null=True, editable=False)
    anchor_hash = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField(null=True, editable=False)
    published_by = StampField()

    class Meta:
        ordering = ("-cut", "-edition", "path")
        constraints = (
            models.UniqueConstraint(
                fields=("place", "cut", "edition"), name="one_order_an_edition"
            ),
        )

    def __str__(self) -> str:
        return f"{self.place_id} {self.cut} #{self.edition}"

    @property
    def state_name(self) -> Text:
        """The state in both languages."""
        return ORDER_STATES[self.state]

    @property
    def title(self) -> Text:
        """Whose order it is, and of which data."""
        return Text(
            zh="{p}每日工作部署（数据截至{c} 24时，第{e}版）",
            en="Order of the day, {p} (data to {c}, 24:00, edition {e})",
        ).fill(p=self.place.name, c=str(self.cut), e=self.edition)

    @property
    def failure(self) -> Text:
        """Why it could not be made."""
        return Text(zh=self.failure_zh, en=self.failure_en)

    @property
    def signed_title(self) -> Text:
        """The post that signed it."""
        return stamped(self.signed_by)

    @property
    def waiting(self) -> bool:
        """Whether a job has it or will."""
        return self.state in WAITING

    @property
    def open(self) -> bool:
        """Whether it waits for the commander."""
        return self.state in OPEN

    @property
    def is_signed(self) -> bool:
        """Whether it is in force."""
        return self.state in SIGNED


class Reply(models.TextChoices):
    """What the commander says to one decision."""

    SIGN = "sign"
    CHANGE = "change"
    REFUSE = "refuse"


class InOrder(ScopedModel):
    """A part of an order, with a copy of the order's path."""

    scope = AREA

    path = PathField(editable=False)

    class Meta:
        abstract = True

    def save(self, **options: Any) -> None:
        """Save, with the path of the order."""
        self.path = self.order.path
        super().save(**options)


class OrderLine(InOrder):
    """One decision put before the commander, what was proposed, and what became of it.

    ``proposed`` holds the decision as the morning run put it; the further columns hold what was
    signed where it differs, so that the old always stands beside the new.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveSmallIntegerField()
    decision = models.CharField(max_length=80)
    proposed = models.JSONField()
    reply = models.CharField(max_length=8, choices=Reply.choices, blank=True)
    text_zh = models.CharField(max_length=600, blank=True)
    text_en = models.CharField(max_length=900, blank=True)
    owner = models.CharField(max_length=160, blank=True)
    due = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=600, blank=True)
    replied_at = models.DateTimeField(null=True, editable=False)
    replied_by = StampField()
    directive = models.ForeignKey(
        Directive, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("order", "number")
        constraints = (
            models.UniqueConstraint(fields=("order", "number"), name="one_line_a_number"),
        )

    def __str__(self) -> str:
        return f"{self.order_id}/{self.number}"

    def said(self, key: str) -> Text:
        """Give a two-language part of what was proposed."""
        return Text(**self.proposed[key])

    @property
    def words(self) -> Text:
        """What was, or is to be, signed."""
        was = self.said("sentence")
        return Text(
            zh=self.text_zh or self.text_en or was.zh, en=self.text_en or self.text_zh or was.en
        )

    @property
    def owner_words(self) -> Text:
        """Who carries it out."""
        was = self.said("owner")
        return Text(zh=self.owner or was.zh, en=self.owner or was.en)

    @property
    def due_words(self) -> Text:
        """By when."""
        if self.due is None:
            return self.said("due")
        local = timezone.localtime(self.due)
        return Text(zh=f"{local:%Y-%m-%d %H:%M} 前", en=f"by {local:%Y-%m-%d %H:%M}")


class OrderDocument(InOrder):
    """A file of an order: the draft's, the signed one's, or the public bulletin's."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="documents")
    name = models.CharField(max_length=40)
    lang = models.CharField(max_length=2, blank=True)
    signed = models.BooleanField(default=False)
    public = models.BooleanField(default=False)
    content_type = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ("name", "lang")
        constraints = (
            models.UniqueConstraint(
                fields=("order", "name", "lang", "signed"), name="one_document_a_name"
            ),
        )

    def __str__(self) -> str:
        return f"{self.order_id}/{self.name}"
