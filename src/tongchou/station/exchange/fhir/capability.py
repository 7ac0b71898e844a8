"""What this server of FHIR can do, as a ``CapabilityStatement``."""

from datetime import date
from typing import Any

from tongchou.station.exchange.fhir import codes
from tongchou.version import __version__

SINCE = date(2026, 11, 24)
"""When the statement last changed in substance."""


def statement() -> dict[str, Any]:
    """Give the statement."""
    return {
        "resourceType": "CapabilityStatement",
        "url": f"{codes.BASE}/CapabilityStatement/station",
        "version": __version__,
        "name": "TongchouStation",
        "title": "统筹 · tongchou",
        "status": "active",
        "date": SINCE.isoformat(),
        "kind": "instance",
        "software": {"name": "tongchou", "version": __version__},
        "implementation": {"description": "Cases and samples of one station"},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "security": {"description": "Authorization: Bearer, or a session"},
                "resource": [
                    {"type": kind, "interaction": [{"code": "search-type"}]}
                    for kind in ("Patient", "Condition", "Observation", "Specimen")
                ],
                "interaction": [{"code": "transaction"}],
            }
        ],
    }
