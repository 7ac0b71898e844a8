"""Bundles: resources put together, and taken apart with every reference followed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from tongchou.station.exchange.fhir import codes, reading
from tongchou.station.exchange.fhir.checking import KINDS, check
from tongchou.station.exchange.fhir.outcome import Issue, NotTaken, issue
from tongchou.station.exchange.fhir.reading import Reading
from tongchou.station.exchange.fhir.records import PersonRecord, ResultRecord, SampleRecord, Story
from tongchou.station.exchange.fhir.writing import resources, result_number

Resource = dict[str, Any]
SYSTEMS = {
    "Patient": codes.PERSON,
    "Condition": codes.CASE,
    "Specimen": codes.SAMPLE,
    "Observation": codes.RESULT,
}
"""The system of our own numbers, by type of resource."""
TYPES = ("transaction", "collection")

Key = tuple[str, str, str]
"""Type of a resource, system and value of an identifier."""


def collection(story: Story, *, at: datetime) -> Resource:
    """Give a bundle of type ``collection``."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": at.isoformat(),
        "entry": [{"fullUrl": full_url(r), "resource": r} for r in resources(story)],
    }


def transaction(story: Story) -> Resource:
    """Give a bundle of type ``transaction``, which another server of FHIR carries out."""
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": full_url(r),
                "resource": r,
                "request": {"method": "PUT", "url": f"{r['resourceType']}/{r['id']}"},
            }
            for r in resources(story)
        ],
    }


def full_url(resource: Resource) -> str:
    """Give the address that names a resource everywhere."""
    return f"{codes.BASE}/{resource['resourceType']}/{resource['id']}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One resource of a bundle, with where it stands and what it is called."""

    at: str
    kind: str
    resource: Resource
    key: Key
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A bundle taken apart: records under their keys, and where each stood."""

    story: Story
    keys: Mapping[tuple[str, str], Key]
    places: Mapping[tuple[str, str], str]
    sent_names: bool


def keys_of(bundle: Resource) -> set[Key]:
    """Give the keys of all resources that have one, whatever else may be wrong with the bundle.

    A result has none: it is that of its sample.
    """
    return {e.key for e in _entries(bundle)[0] if e.kind != "Observation"}


def take_apart(
    bundle: Resource,
    *,
    zone: tzinfo,
    number_of: Callable[[Key], str],
    known: Callable[[str, str], str | None] = lambda kind, to: None,
) -> Taken:
    """Read a bundle.

    Parameters
    ----------
    bundle
        A ``Bundle`` of type ``transaction`` or ``collection``.
    zone
        Time zone of the station.
    number_of
        Gives the number under which a record with a key is kept, or is to be.
    known
        Gives the number of a record that is not in the bundle and that a reference names.

    Raises
    ------
    NotTaken
        With every fault of the whole bundle.
    """
    entries, issues = _entries(bundle)
    numbers = {e.at: number_of(e.key) for e in entries if e.kind != "Observation"}
    issues += _twice(entries)
    called = {(e.kind, name): numbers[e.at] for e in entries if e.at in numbers for name in e.names}

    def resolve(kind: str, to: str) -> str | None:
        return called.get((kind, to)) or known(kind, to)

    read: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for entry in entries:
        found = check(entry.resource, entry.at)
        if found:
            issues += found
            continue
        one = Reading(entry.resource, entry.at, resolve, zone)
        made = _READ[entry.kind](one, numbers.get(entry.at, ""))
        if entry.kind == "Observation":
            numbers[entry.at] = result_number(made.sample) if made else ""
            made = (entry.at, made)
        read[entry.kind].append(made)
        issues += one.issues
    samples, results = _with_results(read["Specimen"], read["Observation"], issues)
    if issues:
        raise NotTaken(issues)
    persons: list[PersonRecord] = read["Patient"]
    return Taken(
        story=Story(
            persons=tuple(persons), cases=tuple(read["Condition"]), samples=samples, results=results
        ),
        keys={(e.kind, numbers[e.at]): e.key for e in entries},
        places={(e.kind, numbers[e.at]): e.at for e in entries},
        sent_names=any(p.name for p in persons),
    )


_READ: dict[str, Callable[[Reading, str], Any]] = {
    "Patient": reading.patient,
    "Condition": reading.condition,
    "Specimen": reading.specimen,
    "Observation": lambda one, number: reading.observation(one),
}


def _entries(bundle: Resource) -> tuple[list[Entry], list[Issue]]:
    if (
        not isinstance(bundle, dict)
        or bundle.get("resourceType") != "Bundle"
        or bundle.get("type") not in TYPES
    ):
        raise NotTaken([issue("Bundle.type", "value", "bundle")])
    listed = bundle.get("entry", [])
    if not isinstance(listed, list):
        raise NotTaken([issue("Bundle.entry", "structure", "bundle")])
    issues = [
        issue(f"Bundle.{name}", "not-supported", "unknown_element")
        for name in bundle
        if name
        not in (
            "resourceType",
            "id",
            "meta",
            "type",
            "timestamp",
            "entry",
            "identifier",
            "link",
            "total",
        )
    ]
    found = []
    for n, entry in enumerate(listed):
        at = f"Bundle.entry[{n}].resource"
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict) or resource.get("resourceType") not in KINDS:
            issues.append(issue(at, "not-supported", "unknown_type"))
            continue
        if bundle["type"] == "transaction" and not _is_asked(entry):
            issues.append(issue(f"Bundle.entry[{n}].request", "required", "request"))
        made = _entry(at, entry, resource)
        if made is None:
            issues.append(issue(f"{at}.identifier", "required", "missing"))
        else:
            found.append(made)
    return found, issues


def _is_asked(entry: Resource) -> bool:
    request = entry.get("request")
    return isinstance(request, dict) and request.get("method") in ("POST", "PUT")


def _entry(at: str, entry: Resource, resource: Resource) -> Entry | None:
    kind = resource["resourceType"]
    key = _key(kind, resource)
    if key is None:
        return None
    names = [entry.get("fullUrl"), f"{kind}/{resource.get('id')}" if resource.get("id") else None]
    return Entry(
        at=at,
        kind=kind,
        resource=resource,
        key=key,
        names=tuple(n for n in names if isinstance(n, str)),
    )


def _key(kind: str, resource: Resource) -> Key | None:
    """Give by which identifier a resource is known: ours before a sender's, never a document's."""
    given = resource.get("identifier")
    sent = [
        (i["system"], i["value"])
        for i in (given if isinstance(given, list) else ())
        if isinstance(i, dict) and isinstance(i.get("system"), str) and isinstance(i.get("value"), str)
        and i["system"] not in codes.document_systems()
    ]  # fmt: skip
    own = [pair for pair in sent if pair[0] == SYSTEMS[kind]]
    return (kind, *(own or sent)[0]) if sent else None


def _twice(entries: Iterable[Entry]) -> list[Issue]:
    seen: set[Key] = set()
    found = []
    for entry in entries:
        if entry.key in seen:
            found.append(issue(f"{entry.at}.identifier", "duplicate", "twice"))
        seen.add(entry.key)
    return found


def _with_results(
    samples: Iterable[SampleRecord | None],
    results: Iterable[tuple[str, ResultRecord | None]],
    issues: list[Issue],
) -> tuple[tuple[SampleRecord, ...], tuple[ResultRecord, ...]]:
    """Put each result on its sample; those of samples on record stand alone."""
    made = {s.number: s for s in samples if s is not None}
    alone: dict[str, ResultRecord] = {}
    for at, result in results:
        if result is None:
            continue
        sample = made.get(result.sample)
        if result.sample in alone or (sample and sample.result):
            issues.append(issue(f"{at}.specimen", "duplicate", "twice"))
        elif sample is None:
            alone[result.sample] = result
        else:
            made[sample.number] = replace(sample, result=result.result, result_at=result.result_at)
    return tuple(made.values()), tuple(alone.values())
