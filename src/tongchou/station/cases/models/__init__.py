"""The records of the room: persons, cases, samples, investigations."""

from tongchou.station.cases.models.case import Case, CaseEvent
from tongchou.station.cases.models.investigation import Investigation
from tongchou.station.cases.models.person import Identity, Person
from tongchou.station.cases.models.sample import Sample

__all__ = ["Case", "CaseEvent", "Identity", "Investigation", "Person", "Sample"]
