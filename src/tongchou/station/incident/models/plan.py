"""Plans: versions for an operational period, and objectives with an indicator and a target."""

from typing import Any

from django.db import models

from tongchou.station.incident.models.ground import Placed, StampField, Worded
from tongchou.station.incident.rules.targets import on_target
from tongchou.station.incident.scopes import AREA
from tongchou.vocabulary.text import Text


class PlanState(models.TextChoices):
    """A plan is drawn up, comes into force, and is followed by its next version."""

    DRAFT = "draft"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"


PLAN_STATES = {
    "draft": Text(zh="草案", en="draft"),
    "in_force": Text(zh="执行中", en="in force"),
    "superseded": Text(zh="已被新版替代", en="superseded"),
}


class Plan(Worded, Placed):
    """What a place wants to reach in an operational period; a change makes a new version."""

    scope = AREA

    version = models.PositiveIntegerField(default=1)
    starts = models.DateField()
    ends = models.DateField()
    basis = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=12, choices=PlanState.choices, default=PlanState.DRAFT)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by: Any = StampField()
    approved_by: Any = StampField()
    approved_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("-starts", "-version")
        constraints = (
            models.UniqueConstraint(fields=("place", "starts", "version"), name="one_plan_version"),
            models.CheckConstraint(
                condition=models.Q(ends__gte=models.F("starts")), name="plan_ends_after_it_starts"
            ),
        )

    @property
    def state_name(self) -> Text:
        """The state in both languages."""
        return PLAN_STATES[self.state]


class Objective(Worded, Placed):
    """An objective, the indicator that measures it and the target that is on time or not.

    ``indicator`` is ``figure:NAME`` or ``gap:NAME`` of the order of the day, or ``free`` where a
    person enters the value.
    """

    scope = AREA

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="objectives")
    key = models.CharField(max_length=40, blank=True)
    indicator = models.CharField(max_length=60, default="free")
    indicator_text = models.CharField(max_length=200, blank=True)
    direction = models.CharField(
        max_length=10, choices=[(d, d) for d in ("below", "at_most", "at_least")]
    )
    target = models.FloatField()
    value = models.FloatField(null=True, blank=True)
    value_of = models.DateField(null=True, blank=True)
    value_source = models.CharField(max_length=200, blank=True)
    mechanisms = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("id",)

    @property
    def on_target(self) -> bool | None:
        """Whether the value meets the target; None while there is no value."""
        return on_target(self.value, self.direction, self.target)
