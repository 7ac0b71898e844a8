"""Codes of FHIR and what they stand for here: the table ``reference/station/fhir_codes.csv``."""

import csv
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from tongchou import reference

BASE = "https://tongchou.invalid/fhir"
"""Names of our own systems and extensions. They are names, not addresses: ``.invalid`` is kept free
by RFC 2606 and can never belong to somebody else."""
OWN = "tongchou:"

PERSON, CASE, SAMPLE, RESULT = (f"{BASE}/id/{n}" for n in ("person", "case", "sample", "result"))
"""Systems of our pseudonyms."""
DIVISION, UNIT = f"{BASE}/CodeSystem/division", f"{BASE}/id/unit"
STATE, DEFINITION, EXPOSURE, TIME_NAME = (
    f"{BASE}/CodeSystem/{n}" for n in ("state", "definition", "exposure", "time")
)


def extension(name: str) -> str:
    """Give the address that names an extension of ours."""
    return f"{BASE}/StructureDefinition/{name}"


@cache
def rows() -> tuple[Mapping[str, str], ...]:
    """Give the table, our own systems written out."""
    with reference.path("station/fhir_codes.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(
            MappingProxyType({**r, "system": _system(r["system"])}) for r in csv.DictReader(handle)
        )


def _system(name: str) -> str:
    return f"{BASE}/CodeSystem/{name.removeprefix(OWN)}" if name.startswith(OWN) else name


def coding(field: str, value: str) -> dict[str, str]:
    """Give the code that is written for a value.

    >>> coding("icd", "confirmed")["code"]
    'U07.1'
    """
    return _written()[field, value]


def test(*, respiratory: bool) -> dict[str, str]:
    """Give the code of the nucleic-acid test: one for samples of the airways, one for all others."""
    wanted = "94500-6" if respiratory else "94309-2"
    row = next(r for r in rows() if r["field"] == "test" and r["code"] == wanted)
    return {"system": row["system"], "code": row["code"], "display": row["display"]}


@cache
def _written() -> Mapping[tuple[str, str], dict[str, str]]:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for r in rows():
        if r["use"] != "read":
            made = {"system": r["system"], "code": r["code"], "display": r["display"]}
            found.setdefault((r["field"], r["value"]), made)
    return found


@cache
def readable(field: str) -> Mapping[tuple[str, str], str]:
    """Give the values that codes of a field stand for, by system and code."""
    return MappingProxyType(
        {
            (r["system"], r["code"]): r["value"]
            for r in rows()
            if r["field"] == field and r["use"] != "write"
        }
    )


@cache
def document_systems() -> Mapping[str, str]:
    """Give the kind of document by the system of its number."""
    return MappingProxyType({r["system"]: r["value"] for r in rows() if r["field"] == "document"})
