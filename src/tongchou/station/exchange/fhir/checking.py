"""Whether a resource is one of FHIR R4, and holds nothing that would be lost here.

The models are those of R4B (4.3.0): HL7 states that no resource that was in R3 changed between R4
(4.0.1) and R4B, and the four types, bundles and outcomes all were (see the methods page).
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from tongchou.station.exchange.fhir.outcome import Issue, issue

KINDS = ("Patient", "Condition", "Observation", "Specimen")
"""Types of resource that are read and written."""

_CODING = ("coding.system", "coding.code", "coding.version", "coding.userSelected")
_IDENTIFIER = ("identifier.system", "identifier.value", "identifier.use")
_COMMON = ("resourceType", "id", *_IDENTIFIER)
_EXTENSION = (
    "extension.url",
    "extension.valueString",
    "extension.valueBoolean",
    "extension.valueUnsignedInt",
    "extension.valueCoding.system",
    "extension.valueCoding.code",
    "extension.valueIdentifier.system",
    "extension.valueIdentifier.value",
    "extension.valueReference.reference",
    "extension.extension.url",
    "extension.extension.valueCode",
    "extension.extension.valueDateTime",
)


def _concepts(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}.{part}" for name in names for part in _CODING)


KEPT: dict[str, frozenset[str]] = {
    "Patient": frozenset(
        (
            *_COMMON, *_EXTENSION, "name.text", "name.use", "name.family", "name.given",
            "telecom.system", "telecom.value", "telecom.use", "gender", "birthDate",
            "address.text", "address.use",
        )
    ),
    "Condition": frozenset(
        (
            *_COMMON, *_EXTENSION, "subject.reference", "onsetDateTime", "abatementDateTime", "recordedDate",
            *_concepts("clinicalStatus", "verificationStatus", "category", "severity", "code"),
        )
    ),
    "Specimen": frozenset(
        (
            *_COMMON, *_EXTENSION, "subject.reference", "receivedTime", "collection.collectedDateTime",
            *_concepts("type"),
        )
    ),
    "Observation": frozenset(
        (
            *_COMMON, "status", "subject.reference", "specimen.reference", "effectiveDateTime", "issued",
            *_concepts("category", "code", "valueCodeableConcept", "interpretation"),
        )
    ),
}  # fmt: skip
"""Elements that are kept; what a resource holds beyond them is refused, never dropped in silence."""

PASSED_OVER = ("meta", "text", "implicitRules", "language")
"""Elements about the resource, not about the person; read over."""
_ABOUT = ("display", "text")
"""Words beside a code or a reference; the code counts."""


@cache
def _models() -> Mapping[str, type[BaseModel]]:
    """Give the model of each type: loaded by the first check, for few processes ever check one."""
    from fhir.resources.R4B.condition import Condition
    from fhir.resources.R4B.observation import Observation
    from fhir.resources.R4B.patient import Patient
    from fhir.resources.R4B.specimen import Specimen

    return dict(zip(KINDS, (Patient, Condition, Observation, Specimen), strict=True))


def check(resource: dict[str, Any], at: str) -> list[Issue]:
    """Give every fault of one resource by itself."""
    kind: str = resource["resourceType"]
    lost = [
        issue(f"{at}.{where}", "not-supported", "unknown_element")
        for where, plain in _leaves(resource, "")
        if plain not in KEPT[kind] and not _is_about(kind, plain)
    ]
    if lost:
        return lost
    try:
        _models()[kind].model_validate(resource)
    except ValidationError as found:
        return [
            issue(_path(at, error["loc"]), "structure", "structure", said=_said(error))
            for error in found.errors()
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as found:
        return [issue(at, "structure", "structure", said=type(found).__name__)]
    return []


def _is_about(kind: str, plain: str) -> bool:
    """Whether an element is about the resource, or words beside a code or reference that is kept."""
    parent, _, last = plain.rpartition(".")
    beside = last in _ABOUT and any(k.startswith(f"{parent}.") for k in KEPT[kind] if parent)
    return plain.partition(".")[0] in PASSED_OVER or beside


def _leaves(value: Any, at: str, plain: str = "") -> Iterator[tuple[str, str]]:
    """Give every plain value with its path, with and without the places in lists."""
    if isinstance(value, dict) and value:
        for name, below in value.items():
            yield from _leaves(below, f"{at}.{name}".lstrip("."), f"{plain}.{name}".lstrip("."))
    elif isinstance(value, list) and value:
        for n, below in enumerate(value):
            yield from _leaves(below, f"{at}[{n}]", plain)
    else:
        yield at, plain


def _path(at: str, steps: tuple[object, ...]) -> str:
    return at + "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps)


def _said(error: Any) -> str:
    return " ".join(str(error["msg"]).split()).rstrip(".")[:200]
