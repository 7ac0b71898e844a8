"""From resources of FHIR R4 to records. Pure; every fault is noted, and none is passed over."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from types import MappingProxyType
from typing import Any

from tongchou.station.exchange.fhir import codes
from tongchou.station.exchange.fhir.outcome import Issue, issue
from tongchou.station.exchange.fhir.records import (
    TIMES,
    CaseRecord,
    Name,
    PersonRecord,
    ResultRecord,
    SampleRecord,
)
from tongchou.station.exchange.fhir.writing import clinical_status, verification_status

Resource = Mapping[str, Any]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_YEAR = re.compile(r"(\d{4})(-\d{2}(-\d{2})?)?")


@dataclass(slots=True)
class Reading:
    """One resource being read.

    Parameters
    ----------
    resource
        The resource, already checked by itself.
    at
        Its path in the bundle.
    resolve
        Gives our number for a reference, None if it leads nowhere.
    zone
        Time zone of a day where only a moment is given.
    """

    resource: Resource
    at: str
    resolve: Callable[[str, str], str | None]
    zone: tzinfo
    issues: list[Issue] = field(default_factory=list)

    def fault(self, where: str, kind: str, said: str, **values: object) -> None:
        """Note a fault."""
        self.issues.append(issue(f"{self.at}.{where}", kind, said, **values))

    def concept(self, where: str, name: str, concept: Resource | None) -> str | None:
        """Give what a concept stands for: its first code that the table knows."""
        if concept is None:
            return None
        known = codes.readable(name)
        sent = [(c.get("system", ""), c.get("code", "")) for c in concept.get("coding", ())]
        found = next((known[pair] for pair in sent if pair in known), None)
        if found is None:
            self.unknown(f"{where}.coding", "|".join(sent[0]) if sent else "–", known)
        return found

    def unknown(self, where: str, code: str, known: Mapping[tuple[str, str], str]) -> None:
        """Note a code that is not known."""
        listed = ", ".join("|".join(pair) for pair in known)
        self.fault(where, "code-invalid", "unknown_code", code=code, known=listed)

    def reference(self, where: str, kind: str, given: Resource | None) -> str | None:
        """Give our number for a reference."""
        if given is None:
            return None
        to = given.get("reference", "")
        found = self.resolve(kind, to)
        if found is None:
            self.fault(f"{where}.reference", "not-found", "reference", to=to or "–")
        return found

    def moment(self, where: str, written: Any) -> datetime | None:
        """Give a time that names its zone."""
        if written is None:
            return None
        try:
            at = datetime.fromisoformat(str(written))
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            self.fault(where, "value", "moment")
            return None
        return at

    def day(self, where: str, written: Any) -> date | None:
        """Give a day; a moment is the day of it where the station is."""
        if written is None:
            return None
        if _DAY.fullmatch(str(written)):
            return date.fromisoformat(str(written))
        try:
            at = datetime.fromisoformat(str(written))
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            self.fault(where, "value", "day")
            return None
        return at.astimezone(self.zone).date()


class Extensions:
    """The extensions of a resource: ours are taken, any other is a fault."""

    def __init__(self, reading: Reading, known: Mapping[str, str]) -> None:
        self.reading = reading
        self.found: dict[str, tuple[str, Any]] = {}
        self.times: dict[str, datetime] = {}
        for n, given in enumerate(reading.resource.get("extension", ())):
            where = f"extension[{n}]"
            name = given["url"].removeprefix(codes.extension(""))
            if name == "case-time" and "case-time" in known:
                self._time(where, given)
            elif name in known and known[name] in given:
                self.found[name] = (where, given[known[name]])
            else:
                reading.fault(f"{where}.url", "not-supported", "unknown_element")

    def value(self, name: str) -> Any:
        """Give the plain value of an extension."""
        return self.found[name][1] if name in self.found else None

    def code(self, name: str, system: str) -> str | None:
        """Give the code of an extension in one of our systems."""
        if name not in self.found:
            return None
        where, given = self.found[name]
        if given.get("system") == system and given.get("code"):
            return given["code"]
        sent = f"{given.get('system', '')}|{given.get('code', '')}"
        self.reading.fault(where, "code-invalid", "unknown_code", code=sent, known=f"{system}|…")
        return None

    def unit(self, name: str) -> str | None:
        """Give the code of a unit."""
        if name not in self.found:
            return None
        where, given = self.found[name]
        if given.get("system") == codes.UNIT and given.get("value"):
            return given["value"]
        sent = f"{given.get('system', '')}|{given.get('value', '')}"
        self.reading.fault(
            where, "code-invalid", "unknown_code", code=sent, known=f"{codes.UNIT}|…"
        )
        return None

    def reference(self, name: str, kind: str) -> str | None:
        """Give our number for a reference."""
        if name not in self.found:
            return None
        where, given = self.found[name]
        return self.reading.reference(f"{where}.valueReference", kind, given)

    def _time(self, where: str, given: Resource) -> None:
        parts = {p.get("url"): p for p in given.get("extension", ())}
        name = parts.get("name", {}).get("valueCode")
        at = self.reading.moment(
            f"{where}.extension.valueDateTime", parts.get("at", {}).get("valueDateTime")
        )
        if name not in TIMES:
            known = ", ".join(TIMES)
            self.reading.fault(where, "code-invalid", "unknown_code", code=name or "–", known=known)
        elif at is None and not self.reading.issues:
            self.reading.fault(where, "required", "missing")
        elif at is not None:
            self.times[name] = at


def patient(reading: Reading, number: str) -> PersonRecord:
    """Read a ``Patient``."""
    r = reading.resource
    extra = Extensions(reading, {"occupation": "valueString", "health-worker": "valueBoolean"})
    sex = r.get("gender", "unknown")
    if sex not in ("female", "male", "unknown", "other"):
        known = {("", s): s for s in ("female", "male", "unknown", "other")}
        reading.unknown("gender", sex, known)
    born = _YEAR.fullmatch(r.get("birthDate") or "")
    return PersonRecord(
        number=number,
        sex="unknown" if sex == "other" else sex,
        birth_year=int(born[1]) if born else None,
        occupation=extra.value("occupation") or "",
        health_worker=extra.value("health-worker"),
        name=_name(reading),
    )


def _name(reading: Reading) -> Name | None:
    r = reading.resource
    systems = codes.document_systems()
    kind, number = "resident", ""
    for given in r.get("identifier", ()):
        if given.get("system") in systems:
            kind, number = systems[given["system"]], given.get("value", "")
    called = next(iter(r.get("name", ())), {})
    name = called.get("text") or called.get("family", "") + "".join(called.get("given", ()))
    phone = next(
        (t.get("value", "") for t in r.get("telecom", ()) if t.get("system") == "phone"), ""
    )
    for n, given in enumerate(r.get("telecom", ())):
        if given.get("system") != "phone" or n:
            reading.fault(f"telecom[{n}]", "not-supported", "unknown_element")
    for part in ("name", "address"):
        if len(r.get(part, ())) > 1:
            reading.fault(f"{part}[1]", "not-supported", "unknown_element")
    address = next((a.get("text", "") for a in r.get("address", ())), "")
    made = Name(name=name, document_kind=kind, document_number=number, phone=phone, address=address)
    return None if made == Name() else made


_CASE_EXTENSIONS = {
    "classification": "valueCoding",
    "state": "valueCoding",
    "definition": "valueCoding",
    "age-at-report": "valueUnsignedInt",
    "health-worker": "valueBoolean",
    "responsible-place": "valueCoding",
    "residence-place": "valueCoding",
    "care-unit": "valueIdentifier",
    "reporting-unit": "valueIdentifier",
    "exposure-setting": "valueCoding",
    "found-in-quarantine": "valueBoolean",
    "evidence": "valueString",
    "case-time": "extension",
}


def condition(reading: Reading, number: str) -> CaseRecord:
    """Read a ``Condition``."""
    r = reading.resource
    extra = Extensions(reading, _CASE_EXTENSIONS)
    sure = reading.concept("verificationStatus", "verification", r.get("verificationStatus"))
    course = reading.concept("clinicalStatus", "clinical", r.get("clinicalStatus"))
    for n, category in enumerate(r.get("category", ())):
        reading.concept(f"category[{n}]", "category", category)
    classification = _classification(reading, extra, sure)
    state = extra.code("state", codes.STATE) or _state(classification, sure, course)
    _agree(reading, classification, state, sure, course)
    recovered = reading.moment("abatementDateTime", r.get("abatementDateTime"))
    times = extra.times
    if recovered and times.setdefault("recovered_at", recovered) != recovered:
        reading.fault("abatementDateTime", "value", "contradiction", other="recovered_at")
    if recovered and course == "active":
        reading.fault(
            "abatementDateTime", "invariant", "contradiction", other="clinicalStatus (con-4)"
        )
    severity = reading.concept("severity", "severity", r.get("severity"))
    if not r.get("subject"):
        reading.fault("subject", "required", "missing")
    return CaseRecord(
        number=number,
        person=reading.reference("subject", "Patient", r.get("subject")) or "",
        disease=_disease(reading) or "",
        definition=extra.code("definition", codes.DEFINITION) or "",
        classification=classification,
        state=state,
        severity=severity or "",
        age=extra.value("age-at-report"),
        health_worker=extra.value("health-worker"),
        responsible=extra.code("responsible-place", codes.DIVISION),
        residence=extra.code("residence-place", codes.DIVISION),
        care_unit=extra.unit("care-unit"),
        reported_by=extra.unit("reporting-unit"),
        exposed_at=extra.code("exposure-setting", codes.EXPOSURE) or "",
        found_inside=extra.value("found-in-quarantine"),
        evidence=extra.value("evidence") or "",
        onset_on=reading.day("onsetDateTime", r.get("onsetDateTime")),
        reported_at=reading.moment("recordedDate", r.get("recordedDate")),
        times=MappingProxyType(times),
    )


def _classification(reading: Reading, extra: Extensions, sure: str | None) -> str:
    """Give the class: ours where it is given, else what the verification status or ICD-10 says."""
    if "classification" in extra.found:
        where, given = extra.found["classification"]
        return reading.concept(where, "classification", {"coding": [given]}) or "suspected"
    if sure in ("suspected", "clinical", "confirmed"):
        return sure
    known = codes.readable("icd")
    sent = [
        (c.get("system", ""), c.get("code", ""))
        for c in reading.resource.get("code", {}).get("coding", ())
    ]
    return next((known[pair] for pair in sent if pair in known), "suspected")


def _disease(reading: Reading) -> str | None:
    """Give the disease: ours where it is given, else COVID-19 by its ICD-10 codes."""
    code = reading.resource.get("code")
    if code is None:
        reading.fault("code", "required", "missing")
        return None
    own, icd = codes.readable("disease"), codes.readable("icd")
    sent = [(c.get("system", ""), c.get("code", "")) for c in code.get("coding", ())]
    found = next((own[pair] for pair in sent if pair in own), None)
    if found is None and any(pair in icd for pair in sent):
        return "covid-19"
    if found is None:
        reading.unknown("code.coding", "|".join(sent[0]) if sent else "–", {**own, **icd})
    return found


def _state(classification: str, sure: str | None, course: str | None) -> str:
    if sure == "refuted":
        return "excluded"
    if course == "resolved":
        return "recovered"
    return "suspected" if classification == "suspected" else "confirmed"


def _agree(
    reading: Reading, classification: str, state: str, sure: str | None, course: str | None
) -> None:
    """Note where FHIR's own statuses say something else than ours."""
    if sure is not None and sure != verification_status(classification, state):
        reading.fault(
            "verificationStatus", "value", "contradiction", other=f"{classification}, {state}"
        )
    if course is not None and course != clinical_status(state):
        reading.fault("clinicalStatus", "value", "contradiction", other=state)


def specimen(reading: Reading, number: str) -> SampleRecord | None:
    """Read a ``Specimen``; None where it has no time of taking."""
    r = reading.resource
    extra = Extensions(
        reading,
        {
            "case": "valueReference",
            "laboratory": "valueIdentifier",
            "collecting-unit": "valueIdentifier",
            "retest-of": "valueReference",
        },
    )
    taken = reading.moment(
        "collection.collectedDateTime", r.get("collection", {}).get("collectedDateTime")
    )
    if "collectedDateTime" not in r.get("collection", {}):
        reading.fault("collection.collectedDateTime", "required", "missing")
    if not r.get("type"):
        reading.fault("type", "required", "missing")
    kind = reading.concept("type", "kind", r.get("type"))
    received = reading.moment("receivedTime", r.get("receivedTime"))
    person = reading.reference("subject", "Patient", r.get("subject"))
    case = extra.reference("case", "Condition")
    retest = extra.reference("retest-of", "Specimen")
    lab, collected = extra.unit("laboratory"), extra.unit("collecting-unit")
    if taken is None:
        return None
    return SampleRecord(
        number=number,
        taken_at=taken,
        person=person,
        case=case,
        kind=kind or "throat",
        lab_unit=lab,
        collected_by=collected,
        retest_of=retest,
        received_at=received,
    )


def observation(reading: Reading) -> ResultRecord | None:
    """Read an ``Observation``; None where something of it is missing."""
    r = reading.resource
    for name in ("specimen", "issued", "valueCodeableConcept"):
        if name not in r:
            reading.fault(name, "required", "missing")
    if r.get("status") not in ("final", "amended", "corrected"):
        known = {("", s): s for s in ("final", "amended", "corrected")}
        reading.unknown("status", str(r.get("status")), known)
    reading.concept("code", "test", r.get("code"))
    for n, category in enumerate(r.get("category", ())):
        reading.concept(f"category[{n}]", "laboratory", category)
    result = reading.concept("valueCodeableConcept", "result", r.get("valueCodeableConcept"))
    for n, given in enumerate(r.get("interpretation", ())):
        said = reading.concept(f"interpretation[{n}]", "interpretation", given)
        if said and result and said != result:
            reading.fault(
                f"interpretation[{n}]", "value", "contradiction", other="valueCodeableConcept"
            )
    reading.reference("subject", "Patient", r.get("subject"))
    reading.moment("effectiveDateTime", r.get("effectiveDateTime"))
    sample = reading.reference("specimen", "Specimen", r.get("specimen"))
    at = reading.moment("issued", r.get("issued"))
    return (
        ResultRecord(sample=sample, result=result, result_at=at)
        if sample and result and at
        else None
    )
