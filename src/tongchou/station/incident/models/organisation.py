"""Organisations, what each is responsible for, who is on duty and which powers are delegated."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongchou.station.accounts.models import Post
from tongchou.station.incident.models.ground import Placed, StampField, stamped
from tongchou.station.incident.scopes import AREA
from tongchou.station.places.models import Named
from tongchou.vocabulary.text import Text


class OrganisationKind(models.TextChoices):
    """Kinds of organisations in the chain of command."""

    LEADING_GROUP = "leading_group"
    JOINT_MECHANISM = "joint_mechanism"
    AGENCY = "agency"
    CENTRE = "centre"
    MASS = "mass"
    COMMUNITY = "community"


KIND_NAMES = {
    "leading_group": Text(zh="领导小组", en="leading group"),
    "joint_mechanism": Text(zh="联防联控机制", en="joint mechanism"),
    "agency": Text(zh="部门", en="department"),
    "centre": Text(zh="专业机构", en="technical centre"),
    "mass": Text(zh="群团和社会组织", en="mass or social organisation"),
    "community": Text(zh="街道社区", en="community"),
}


class Organisation(Named, Placed):
    """An organisation of a place; contacts are of the office, never of a person."""

    scope = AREA

    kind = models.CharField(max_length=16, choices=OrganisationKind.choices)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    agency = models.CharField(max_length=40, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    address = models.CharField(max_length=200, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("path", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("place", "agency"), condition=~Q(agency=""), name="one_agency_a_place"
            ),
        )

    @property
    def kind_name(self) -> Text:
        """The kind in both languages."""
        return KIND_NAMES[self.kind]


class DutyRole(models.TextChoices):
    """What an organisation is to a mechanism; exactly one is accountable."""

    ACCOUNTABLE = "accountable"
    RESPONSIBLE = "responsible"
    CONSULTED = "consulted"
    INFORMED = "informed"


ROLE_NAMES = {
    "accountable": Text(zh="牵头负责", en="accountable"),
    "responsible": Text(zh="具体承办", en="responsible"),
    "consulted": Text(zh="会商", en="consulted"),
    "informed": Text(zh="知会", en="informed"),
}
ROLE_MARKS = {
    "accountable": Text(zh="牵", en="A"),
    "responsible": Text(zh="办", en="R"),
    "consulted": Text(zh="商", en="C"),
    "informed": Text(zh="知", en="I"),
}


class Duty(Placed):
    """A mechanism that an organisation owns, works on, is asked about or told of."""

    scope = AREA

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="duties")
    mechanism = models.CharField(max_length=4, db_index=True)
    role = models.CharField(max_length=12, choices=DutyRole.choices)
    starts = models.DateField(default=timezone.localdate)
    ends = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=200, blank=True)
    confidence = models.CharField(max_length=12, blank=True)

    class Meta:
        ordering = ("mechanism", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "mechanism"), name="one_role_in_a_mechanism"
            ),
            models.UniqueConstraint(
                fields=("place", "mechanism"),
                condition=Q(role="accountable", ends__isnull=True),
                name="one_accountable_a_place",
            ),
        )

    @property
    def role_name(self) -> Text:
        """The role in both languages."""
        return ROLE_NAMES[self.role]

    @property
    def mark(self) -> Text:
        """The role as one letter of the matrix."""
        return ROLE_MARKS[self.role]


class Shift(Placed):
    """A post on duty from one hour to another."""

    scope = AREA

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    starts = models.DateTimeField(db_index=True)
    ends = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("starts", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends__gt=models.F("starts")), name="shift_ends_after_it_starts"
            ),
        )


class Delegation(Placed):
    """A power that one post lends to another for a time, with its basis."""

    scope = AREA

    to_post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    power = models.CharField(max_length=300)
    basis = models.CharField(max_length=300)
    starts = models.DateField(default=timezone.localdate)
    ends = models.DateField()
    by: Any = StampField()

    class Meta:
        ordering = ("-ends", "id")

    @property
    def by_title(self) -> Text:
        """The post that lends."""
        return stamped(self.by)
