"""A close contact or an arrival under watch, and the daily question how they are."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongchou.station.access.managers import ScopedModel
from tongchou.station.access.pseudonyms import pseudonym
from tongchou.station.accounts.models import Post
from tongchou.station.cases import scopes
from tongchou.station.cases.models.case import Case
from tongchou.station.cases.models.person import Person
from tongchou.station.cases.models.venue import Exposure, ExposureSetting
from tongchou.station.places.models import PathField, Place
from tongchou.vocabulary.text import Text


def new_contact_number() -> str:
    """Give a pseudonym for a contact."""
    return pseudonym("K")


class ContactState(models.TextChoices):
    """How far the follow-up of a contact has come."""

    NAMED = "named"
    TRACED = "traced"
    PLACED = "placed"
    RELEASED = "released"
    CASE = "case"


STATE_NAMES = {
    "named": Text(zh="已判定", en="named"),
    "traced": Text(zh="已追踪到", en="reached"),
    "placed": Text(zh="观察中", en="in quarantine"),
    "released": Text(zh="已解除", en="released"),
    "case": Text(zh="转为病例", en="became a case"),
}
OPEN_STATES = ("named", "traced", "placed")
_PATHS = ("responsible_path", "residence_path", "grid_path")


class ContactBound(ScopedModel):
    """Columns that say who may see a contact or what hangs on it."""

    scope = scopes.CONTACT

    responsible_path = PathField()
    residence_path = PathField(blank=True, default="")
    grid_path = PathField(blank=True, default="")

    class Meta:
        abstract = True


class Contact(ContactBound):
    """One person's watch after one exposure, or after one arrival from a place of higher tier.

    ``grid_path`` is the grid in which the person stays during the watch.
    """

    pseudonym = models.CharField(max_length=40, unique=True, default=new_contact_number)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="contacts")
    case = models.ForeignKey(
        Case, null=True, blank=True, on_delete=models.SET_NULL, related_name="contacts"
    )
    exposure = models.ForeignKey(
        Exposure, null=True, blank=True, on_delete=models.SET_NULL, related_name="contacts"
    )
    setting = models.CharField(max_length=16, choices=ExposureSetting.choices)
    state = models.CharField(max_length=8, choices=ContactState.choices, default=ContactState.NAMED)
    responsible = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    exposed_on = models.DateField(null=True, blank=True)
    named_at = models.DateTimeField(default=timezone.now)
    traced_at = models.DateTimeField(null=True, blank=True)
    placed_at = models.DateTimeField(null=True, blank=True)
    release_due = models.DateField()
    released_at = models.DateTimeField(null=True, blank=True)
    released_by_itself = models.BooleanField(default=False)
    became_case = models.ForeignKey(
        Case, null=True, blank=True, on_delete=models.SET_NULL, related_name="was_contact"
    )
    by = models.ForeignKey(Post, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    known_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)
    form_token = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(
                fields=("responsible_path", "residence_path", "grid_path"), name="contact_reach"
            ),
            models.Index(
                fields=("release_due",), include=_PATHS, condition=Q(state__in=OPEN_STATES),
                name="contact_due",
            ),
            models.Index(
                fields=("placed_at",), include=("id", *_PATHS), condition=Q(state="placed"),
                name="contact_placed",
            ),
            models.Index(fields=("released_at",), name="contact_released"),
            models.Index(
                fields=("named_at",), include=_PATHS, condition=Q(state__in=("named", "traced")),
                name="contact_not_placed",
            ),
            models.Index(fields=("state", "id"), name="contact_state"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.pseudonym

    @property
    def is_arrival(self) -> bool:
        """Whether the person is watched after an arrival, not after meeting a case."""
        return self.setting == ExposureSetting.ARRIVAL

    @property
    def is_open(self) -> bool:
        """Whether the watch goes on."""
        return self.state in OPEN_STATES


class Check(ContactBound):
    """The question of one day: temperature, symptoms, whether the person was reached."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="checks")
    on = models.DateField()
    at = models.DateTimeField(default=timezone.now)
    reached = models.BooleanField(default=True)
    temperature = models.DecimalField(max_digits=3, decimal_places=1, null=True, blank=True)
    symptoms = models.JSONField(default=list, blank=True)
    positive = models.BooleanField(default=False)
    seen_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(Post, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-on", "-id")
        constraints = [models.UniqueConstraint(fields=("contact", "on"), name="check_once_a_day")]
        indexes = [
            models.Index(
                fields=("-at",), condition=Q(positive=True, seen_at=None), name="check_positive"
            )
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.on}"
