"""What senders call the records that they sent: so that the same bundle sent again adds nothing."""

from django.db import models
from django.utils import timezone

from tongchou.station.access.managers import ScopedModel
from tongchou.station.access.policy import Scope
from tongchou.station.places.models import PathField

SCOPE = Scope(view="exchange.import", paths=("path",), units=("unit_id",))


class SenderKey(ScopedModel):
    """An identifier of a sender and the pseudonym it stands for here.

    A key belongs to the place and unit of the post that sent it: what one hospital calls a record
    says nothing about whether another knows it. ``unit_id`` is 0 for a post without a unit.
    """

    scope = SCOPE

    path = PathField()
    unit_id = models.BigIntegerField(default=0)
    kind = models.CharField(max_length=12)
    system = models.CharField(max_length=300)
    value = models.CharField(max_length=200)
    number = models.CharField(max_length=40, db_index=True)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "fhir_senderkey"
        constraints = [
            models.UniqueConstraint(
                fields=["path", "unit_id", "kind", "system", "value"], name="fhir_senderkey_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"
