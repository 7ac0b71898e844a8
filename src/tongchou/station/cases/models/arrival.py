"""What is kept of an arrival from a place of higher tier: the fewest fields that the watch needs."""

from django.db import models

from tongchou.station.cases.models.contact import Contact, ContactBound
from tongchou.station.places.models import Place
from tongchou.vocabulary.text import Text


class Tier(models.TextChoices):
    """Tier of the place of departure in the 14 days before; never the home province."""

    MEDIUM = "medium"
    HIGH = "high"
    ABROAD = "abroad"


class Arrival(ContactBound):
    """Purpose, legal basis, where from by tier of the last 14 days, and the day of arrival.

    No route, no code, no score. The record ends with the watch of its contact.
    """

    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, related_name="arrival")
    purpose = models.CharField(max_length=120)
    legal_basis = models.CharField(max_length=200)
    origin = models.ForeignKey(
        Place, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    origin_tier = models.CharField(max_length=8, choices=Tier.choices)
    arrived_on = models.DateField()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.contact_id} {self.arrived_on}"


TIER_NAMES = {
    "medium": Text(zh="中等级地区", en="place of medium tier"),
    "high": Text(zh="高等级地区", en="place of high tier"),
    "abroad": Text(zh="境外", en="abroad"),
}
