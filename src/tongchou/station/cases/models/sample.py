"""A sample and its result. A laboratory sees this table by pseudonym, and never the case."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongchou.station.access.pseudonyms import pseudonym
from tongchou.station.cases import scopes
from tongchou.station.cases.models.case import Case, CaseBound
from tongchou.station.places.models import Unit
from tongchou.vocabulary.text import Text


def new_sample_number() -> str:
    """Give a pseudonym for a sample."""
    return pseudonym("S")


class SampleKind(models.TextChoices):
    """What was taken."""

    THROAT = "throat"
    NOSE = "nose"
    SPUTUM = "sputum"
    LAVAGE = "lavage"
    BLOOD = "blood"
    STOOL = "stool"


KIND_NAMES = {
    "throat": Text(zh="咽拭子", en="throat swab"),
    "nose": Text(zh="鼻拭子", en="nasal swab"),
    "sputum": Text(zh="痰液", en="sputum"),
    "lavage": Text(zh="肺泡灌洗液", en="lavage"),
    "blood": Text(zh="血液", en="blood"),
    "stool": Text(zh="粪便", en="stool"),
}


class Result(models.TextChoices):
    """Results, as in the data contract."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    INVALID = "invalid"


RESULT_NAMES = {
    "positive": Text(zh="阳性", en="positive"),
    "negative": Text(zh="阴性", en="negative"),
    "invalid": Text(zh="无效", en="invalid"),
}


class Sample(CaseBound):
    """One sample, from taking to result.

    ``priority`` (1 first) is made from the case when the sample is taken, so that a laboratory can
    work in order without seeing whose it is.
    """

    scope = scopes.SAMPLE

    pseudonym = models.CharField(max_length=40, unique=True, default=new_sample_number)
    case = models.ForeignKey(
        Case, null=True, blank=True, on_delete=models.CASCADE, related_name="samples"
    )
    kind = models.CharField(max_length=8, choices=SampleKind.choices, default=SampleKind.THROAT)
    lab_unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    collected_by = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    retest_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="retests"
    )
    priority = models.PositiveSmallIntegerField(default=3)
    taken_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True, blank=True)
    result_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=8, choices=Result.choices, blank=True)
    known_at = models.DateTimeField(default=timezone.now)
    form_token = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(
                fields=("lab_unit", "priority", "taken_at"),
                condition=Q(result=""),
                name="sample_queue",
            ),
        ]

    def __str__(self) -> str:
        return self.pseudonym

    @property
    def result_name(self) -> Text | None:
        """What the result is called; None while the sample waits."""
        return RESULT_NAMES.get(self.result)
