"""The ledger of work: tasks, the steps each has taken, the evidence of results."""

from typing import Any

from django.db import models
from django.utils import timezone

from tongchou.station.desk.lists import Tone
from tongchou.station.incident.models.ground import Linked, Placed, StampField, Worded, stamped
from tongchou.station.incident.models.organisation import Organisation
from tongchou.station.incident.models.plan import Objective
from tongchou.station.incident.rules import ledger
from tongchou.station.incident.scopes import WORK
from tongchou.station.places.models import PathField, Unit
from tongchou.vocabulary.text import Text


class Origin(models.TextChoices):
    """Where work comes from."""

    OBJECTIVE = "objective"
    DIRECTIVE = "directive"
    FINDING = "finding"


ORIGIN_NAMES = {
    "objective": Text(zh="任务", en="Task"),
    "directive": Text(zh="指令回执", en="Receipt of a directive"),
    "finding": Text(zh="整改事项", en="Corrective action"),
}
ISSUING_ACTION = {
    "objective": "incident.plan",
    "directive": "incident.direct",
    "finding": "incident.inspect",
}
"""The action that the issuer's post needs, by origin."""


class Task(Worded, Linked):
    """Work handed to a place or a unit, with what it must know of where it came from.

    ``place`` is the owner's; ``from_path`` the issuer's; ``held_path`` the level that must act
    next, which is the owner's until the work is raised. Words, basis and mechanisms are copies:
    the owner need not see the plan or the directive itself.
    """

    scope = WORK

    origin = models.CharField(max_length=10, choices=Origin.choices, db_index=True)
    objective = models.ForeignKey(
        Objective, null=True, blank=True, on_delete=models.CASCADE, related_name="tasks"
    )
    directive = models.ForeignKey(
        "Directive", null=True, blank=True, on_delete=models.CASCADE, related_name="receipts"
    )
    finding = models.ForeignKey(
        "Finding", null=True, blank=True, on_delete=models.CASCADE, related_name="actions"
    )
    number = models.CharField(max_length=40, blank=True, db_index=True)
    held_path: Any = PathField(editable=False)
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    owner = models.CharField(max_length=160, blank=True)
    basis = models.CharField(max_length=300, blank=True)
    mechanisms = models.CharField(max_length=120, blank=True)
    state = models.CharField(
        max_length=10,
        choices=[(s.value, s.value) for s in ledger.State],
        default="new",
        db_index=True,
    )
    due = models.DateTimeField(null=True, blank=True, db_index=True)
    expires = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=600, blank=True)
    made_at = models.DateTimeField(default=timezone.now, db_index=True)
    made_by: Any = StampField()
    accepted_at = models.DateTimeField(null=True, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    done_at = models.DateTimeField(null=True, editable=False)
    done_by: Any = StampField()
    verified_at = models.DateTimeField(null=True, editable=False)
    verified_by: Any = StampField()
    raised_at = models.DateTimeField(null=True, editable=False)
    reopened = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ("due", "id")
        indexes = (models.Index(fields=("state", "due")),)
        constraints = (
            models.UniqueConstraint(
                fields=("directive", "place", "unit"),
                nulls_distinct=False,
                condition=models.Q(origin="directive"),
                name="one_receipt_an_addressee",
            ),
        )

    def save(self, **options: Any) -> None:
        """Save; work that nobody has raised is held by its owner."""
        self.held_path = self.held_path or self.place.path
        super().save(**options)

    @property
    def state_name(self) -> Text:
        """The state in both languages."""
        return ledger.STATE_NAMES[self.state]

    @property
    def tone(self) -> Tone:
        """The tone in which a badge shows the state."""
        return "bad" if self.late else ledger.TONES[self.state]

    @property
    def origin_name(self) -> Text:
        """Where it comes from, in both languages."""
        return ORIGIN_NAMES[self.origin]

    @property
    def late(self) -> bool:
        """Whether it is open past its due time."""
        return ledger.is_late(self.state, self.due, timezone.now())

    @property
    def raised(self) -> bool:
        """Whether a level above the owner holds it."""
        return self.held_path != self.path

    @property
    def addressee(self) -> Text:
        """The unit, or else the place, that owns it."""
        return self.unit.name if self.unit else self.place.name


class Step(Placed):
    """One step of a task: from state to state, when, by which post; never changed."""

    scope = WORK

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="steps")
    from_path: Any = PathField(editable=False)
    held_path: Any = PathField(editable=False)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    move = models.CharField(max_length=16)
    before = models.CharField(max_length=10)
    after = models.CharField(max_length=10, db_index=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    by: Any = StampField()
    note = models.CharField(max_length=600, blank=True)

    class Meta:
        ordering = ("at", "id")

    @property
    def label(self) -> Text:
        """The step in both languages."""
        return STEP_NAMES.get(self.move) or ledger.MOVES[self.move].label

    @property
    def by_title(self) -> Text:
        """The post that took it."""
        return stamped(self.by)


STEP_NAMES = {
    "send": Text(zh="下达", en="Sent"),
    "escalate": Text(zh="逾期，自动上报一级", en="Overdue: raised one level by the clock"),
    "lapse": Text(zh="有效期届满，自动失效", en="Lapsed by itself at its expiry"),
}


class Evidence(Placed):
    """Evidence of a result: words, a link to a list, or a small file kept in the database."""

    scope = WORK

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="evidence")
    from_path: Any = PathField(editable=False)
    held_path: Any = PathField(editable=False)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=1000, blank=True)
    link = models.CharField(max_length=400, blank=True)
    filename = models.CharField(max_length=120, blank=True)
    content_type = models.CharField(max_length=80, blank=True)
    size = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    content = models.BinaryField(null=True, blank=True, editable=False)
    at = models.DateTimeField(default=timezone.now)
    by: Any = StampField()

    class Meta:
        ordering = ("at", "id")

    @property
    def by_title(self) -> Text:
        """The post that gave it."""
        return stamped(self.by)
