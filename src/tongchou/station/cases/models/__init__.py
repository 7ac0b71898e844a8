"""The records of the room: persons, cases, samples, investigations; contacts, quarantine, merges."""

from tongchou.station.cases.models.arrival import Arrival
from tongchou.station.cases.models.case import Case, CaseEvent
from tongchou.station.cases.models.contact import Check, Contact
from tongchou.station.cases.models.investigation import Investigation
from tongchou.station.cases.models.merge import Merge, Suspicion
from tongchou.station.cases.models.person import Identity, Person
from tongchou.station.cases.models.quarantine import Appeal, Need, Quarantine, Site
from tongchou.station.cases.models.sample import Sample
from tongchou.station.cases.models.tombstone import Tombstone, WatchCount
from tongchou.station.cases.models.venue import Cluster, Exposure, Venue

__all__ = [
    "Appeal",
    "Arrival",
    "Case",
    "CaseEvent",
    "Check",
    "Cluster",
    "Contact",
    "Exposure",
    "Identity",
    "Investigation",
    "Merge",
    "Need",
    "Person",
    "Quarantine",
    "Sample",
    "Site",
    "Suspicion",
    "Tombstone",
    "Venue",
    "WatchCount",
]
