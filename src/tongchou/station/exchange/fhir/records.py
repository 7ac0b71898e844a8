"""What passes between the station and FHIR: plain values, without a database and without a resource."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

TIMES = (
    "visited_at",
    "suspected_at",
    "sampled_at",
    "result_at",
    "confirmed_at",
    "excluded_at",
    "isolated_at",
    "admitted_at",
    "severe_at",
    "critical_at",
    "recovered_at",
    "died_at",
    "released_at",
    "investigated_at",
    "transferred_at",
)
"""Times of a case that travel as an extension; onset and report have elements of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """Who a person is: travels only where it is asked for by somebody who may see it."""

    name: str = ""
    document_kind: str = "resident"
    document_number: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRecord:
    """A person by pseudonym (``Patient``)."""

    number: str
    sex: str = "unknown"
    birth_year: int | None = None
    occupation: str = ""
    health_worker: bool | None = None
    name: Name | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """A case (``Condition``); the three places are codes, and care and report are units."""

    number: str
    person: str
    disease: str = "covid-19"
    definition: str = ""
    classification: str = "suspected"
    state: str = "suspected"
    severity: str = ""
    age: int | None = None
    health_worker: bool | None = None
    responsible: str | None = None
    residence: str | None = None
    care_unit: str | None = None
    reported_by: str | None = None
    exposed_at: str = ""
    found_inside: bool | None = None
    evidence: str = ""
    onset_on: date | None = None
    reported_at: datetime | None = None
    times: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRecord:
    """A sample (``Specimen``) with its result (``Observation``), if it has one.

    ``person`` and ``case`` are empty for those who may not know whose it is.
    """

    number: str
    taken_at: datetime
    person: str | None = None
    case: str | None = None
    kind: str = "throat"
    lab_unit: str | None = None
    collected_by: str | None = None
    retest_of: str | None = None
    received_at: datetime | None = None
    result: str = ""
    result_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRecord:
    """The result of a sample that is on record already: what a laboratory sends alone."""

    sample: str
    result: str
    result_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a bundle holds."""

    persons: tuple[PersonRecord, ...] = ()
    cases: tuple[CaseRecord, ...] = ()
    samples: tuple[SampleRecord, ...] = ()
    results: tuple[ResultRecord, ...] = ()
