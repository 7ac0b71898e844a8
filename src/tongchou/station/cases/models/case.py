"""A case from report to release, and the history that nothing moves without."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongchou.station.access.managers import ScopedModel
from tongchou.station.access.pseudonyms import pseudonym
from tongchou.station.accounts.models import Post
from tongchou.station.cases import scopes
from tongchou.station.cases.clocks import clocks
from tongchou.station.cases.models.person import Person, Sex
from tongchou.station.places.models import PathField, Place, Unit
from tongchou.vocabulary.text import Text


def new_case_number() -> str:
    """Give a pseudonym for a case."""
    return pseudonym("C")


class Classification(models.TextChoices):
    """Classes of a case by its evidence."""

    SUSPECTED = "suspected"
    CLINICAL = "clinical"
    CONFIRMED = "confirmed"
    ASYMPTOMATIC = "asymptomatic"


CLASS_NAMES = {
    "suspected": Text(zh="疑似病例", en="suspected case"),
    "clinical": Text(zh="临床诊断病例", en="clinically diagnosed case"),
    "confirmed": Text(zh="确诊病例", en="confirmed case"),
    "asymptomatic": Text(zh="无症状感染者", en="asymptomatic infection"),
}


class Severity(models.TextChoices):
    """Clinical severity."""

    MILD = "mild"
    ORDINARY = "ordinary"
    SEVERE = "severe"
    CRITICAL = "critical"


SEVERITY_NAMES = {
    "mild": Text(zh="轻型", en="mild"),
    "ordinary": Text(zh="普通型", en="ordinary"),
    "severe": Text(zh="重型", en="severe"),
    "critical": Text(zh="危重型", en="critical"),
}

SETTING_NAMES = {
    "household": Text(zh="家庭", en="household"),
    "workplace": Text(zh="工作场所", en="workplace"),
    "health_facility": Text(zh="医疗机构", en="health facility"),
    "transport": Text(zh="交通工具", en="transport"),
    "community": Text(zh="社区", en="community"),
    "travel": Text(zh="外地旅行", en="travel"),
    "unknown": Text(zh="不详", en="unknown"),
}
"""Settings of exposure, as in the data contract."""


class CaseBound(ScopedModel):
    """Columns that say who may see a case or what hangs on it."""

    scope = scopes.CASE

    responsible_path = PathField()
    residence_path = PathField(blank=True, default="")
    care_unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reported_by = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True


def _running(name: str) -> models.Index:
    """Give the index of the cases whose clock runs: the inbox counts them without reading a case."""
    clock = clocks()[name]
    empty = ("merged_into", clock.stops, *clock.void)
    return models.Index(
        fields=clock.starts,
        include=("responsible_path", "residence_path"),
        condition=Q(**{f"{column}__isnull": True for column in sorted(empty)}),
        name=f"case_{name}",
    )


class Case(CaseBound):
    """One illness of one person.

    Three places are kept apart: who answers for the case, where the person lives, who treats them.
    Age, sex and health worker stand here as they were at the report. ``assigned_at`` is when the
    responsible place got the case, by report or by hand-over.
    """

    pseudonym = models.CharField(max_length=40, unique=True, default=new_case_number)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="cases")
    disease = models.CharField(max_length=20)
    definition = models.CharField(max_length=20)
    classification = models.CharField(
        max_length=12, choices=Classification.choices, default=Classification.SUSPECTED
    )
    state = models.CharField(max_length=12, default="suspected", db_index=True)
    severity = models.CharField(max_length=8, choices=Severity.choices, blank=True)
    sex = models.CharField(max_length=8, choices=Sex.choices, default=Sex.UNKNOWN)
    age = models.PositiveSmallIntegerField(null=True, blank=True)
    health_worker = models.BooleanField(null=True, blank=True)

    responsible = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    residence = models.ForeignKey(
        Place, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    household_code = models.CharField(max_length=40, blank=True, db_index=True)
    cluster_code = models.CharField(max_length=40, blank=True, db_index=True)
    infector = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="infected"
    )
    exposed_at = models.CharField(max_length=16, blank=True)
    found_inside = models.BooleanField(null=True, blank=True)
    evidence = models.CharField(max_length=200, blank=True)

    onset_on = models.DateField(null=True, blank=True)
    visited_at = models.DateTimeField(null=True, blank=True)
    suspected_at = models.DateTimeField(null=True, blank=True)
    sampled_at = models.DateTimeField(null=True, blank=True)
    result_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    excluded_at = models.DateTimeField(null=True, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True, db_index=True)
    isolated_at = models.DateTimeField(null=True, blank=True)
    admitted_at = models.DateTimeField(null=True, blank=True)
    severe_at = models.DateTimeField(null=True, blank=True)
    critical_at = models.DateTimeField(null=True, blank=True)
    recovered_at = models.DateTimeField(null=True, blank=True)
    died_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    investigated_at = models.DateTimeField(null=True, blank=True)
    transferred_at = models.DateTimeField(null=True, blank=True)

    known_at = models.DateTimeField(default=timezone.now)
    assigned_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)
    form_token = models.UUIDField(null=True, blank=True, unique=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(
                fields=("responsible_path", "residence_path", "state"),
                condition=Q(merged_into=None),
                name="case_reach",
            ),
            *(_running(name) for name in ("sample", "result", "isolate", "investigate", "admit")),
            models.Index(
                fields=("assigned_at",),
                include=("responsible_path", "residence_path"),
                condition=Q(merged_into=None),
                name="case_new",
            ),
        ]

    def __str__(self) -> str:
        return self.pseudonym


class CaseEvent(CaseBound):
    """One entry of a case's history: appended, never changed.

    ``happened_at`` is when it took place, ``known_at`` when the station learned of it; ``changes``
    holds ``{field: [old, new]}``.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    action = models.CharField(max_length=24)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12, blank=True)
    happened_at = models.DateTimeField()
    known_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Post, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    changes = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.case_id} {self.action}"
