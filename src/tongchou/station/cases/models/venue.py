"""Where people met: venues, the exposures of cases at them, and the clusters found there."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from tongchou.station.access.managers import ScopedModel
from tongchou.station.access.pseudonyms import pseudonym
from tongchou.station.accounts.models import Post
from tongchou.station.cases import scopes
from tongchou.station.cases.models.case import Case, CaseBound
from tongchou.station.places.models import Named, PathField, Place, Unit
from tongchou.vocabulary.text import Text


class VenueKind(models.TextChoices):
    """Kinds of venues."""

    HOUSEHOLD = "household"
    WORKPLACE = "workplace"
    HEALTH_FACILITY = "health_facility"
    TRANSPORT = "transport"
    MARKET = "market"
    SCHOOL = "school"
    CARE_HOME = "care_home"
    PRISON = "prison"
    GATHERING = "gathering"
    OTHER = "other"


VENUE_NAMES = {
    "household": Text(zh="家庭", en="household"),
    "workplace": Text(zh="工作场所", en="workplace"),
    "health_facility": Text(zh="医疗机构", en="health facility"),
    "transport": Text(zh="交通工具", en="transport"),
    "market": Text(zh="市场、商店", en="market or shop"),
    "school": Text(zh="学校", en="school"),
    "care_home": Text(zh="养老福利机构", en="care home"),
    "prison": Text(zh="监所", en="prison"),
    "gathering": Text(zh="聚会", en="gathering"),
    "other": Text(zh="其他", en="other"),
}


class ExposureSetting(models.TextChoices):
    """Settings of contact, as in ``contacts.setting`` of the data contract."""

    HOUSEHOLD = "household"
    WORKPLACE = "workplace"
    HEALTH_FACILITY = "health_facility"
    TRANSPORT = "transport"
    COMMUNITY = "community"
    ARRIVAL = "arrival"
    UNKNOWN = "unknown"


CONTACT_SETTING_NAMES = {
    "household": Text(zh="家庭", en="household"),
    "workplace": Text(zh="工作场所", en="workplace"),
    "health_facility": Text(zh="医疗机构", en="health facility"),
    "transport": Text(zh="交通工具", en="transport"),
    "community": Text(zh="社区", en="community"),
    "arrival": Text(zh="到达观察", en="arrival under watch"),
    "unknown": Text(zh="不详", en="unknown"),
}
SETTING_OF_VENUE = {
    "household": "household", "workplace": "workplace", "health_facility": "health_facility",
    "transport": "transport", "market": "community", "school": "community",
    "care_home": "community", "prison": "community", "gathering": "community", "other": "unknown",
}  # fmt: skip
"""The setting of the data contract that a venue counts as."""


def new_venue_number() -> str:
    """Give a pseudonym for a venue."""
    return pseudonym("V")


def new_cluster_number() -> str:
    """Give a number for a cluster."""
    return pseudonym("J")


class Venue(Named, ScopedModel):
    """A place where people meet: a firm, a ward, a bus line, a market, a household."""

    scope = scopes.VENUE

    pseudonym = models.CharField(max_length=40, unique=True, default=new_venue_number)
    kind = models.CharField(max_length=16, choices=VenueKind.choices)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    path = PathField()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.pseudonym


class Exposure(CaseBound):
    """A case was at a venue, or at an event without one, from one day to another.

    Venues and days only: where someone went between them is never kept.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="exposures")
    venue = models.ForeignKey(
        Venue, null=True, blank=True, on_delete=models.PROTECT, related_name="exposures"
    )
    event = models.CharField(max_length=120, blank=True)
    setting = models.CharField(max_length=16, choices=ExposureSetting.choices)
    from_on = models.DateField()
    to_on = models.DateField()
    by = models.ForeignKey(Post, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    known_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("from_on", "id")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(to_on__gte=models.F("from_on")), name="exposure_days"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.from_on}"


class Cluster(ScopedModel):
    """Two or more cases within 14 days that share a venue or a household; cases by pseudonym."""

    scope = scopes.CLUSTER

    pseudonym = models.CharField(max_length=40, unique=True, default=new_cluster_number)
    venue = models.ForeignKey(Venue, null=True, blank=True, on_delete=models.CASCADE)
    household_code = models.CharField(max_length=40, blank=True)
    path = PathField()
    first_on = models.DateField()
    last_on = models.DateField()
    cases = ArrayField(models.CharField(max_length=40), default=list)
    found_at = models.DateTimeField(default=timezone.now)
    looked_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(Post, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-found_at", "-id")

    def __str__(self) -> str:
        return self.pseudonym
