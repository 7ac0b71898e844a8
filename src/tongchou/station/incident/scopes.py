"""How the records of the incident belong to places and units, and which tables are bound by it."""

from tongchou.station.access.policy import Scope

AREA = Scope(view="incident.view", paths=("path",))
"""A record of one place: its own posts and those above it see it."""

LINKED = Scope(view="incident.view", paths=("path", "from_path"))
"""A record between two places: who asked, and who is asked."""

WORK = Scope(view="incident.view", paths=("path", "from_path", "held_path"), units=("unit_id",))
"""Work handed out: the owner's place, the place it came from, and the place it was raised to."""

FRONT = Scope(view="incident.view", paths=("path",), units=("unit_id",))
"""What the front line says upward: a unit's own, and all of it for the area."""

BOUND: list[tuple[str, Scope]] = [
    ("incident_organisation", AREA),
    ("incident_duty", AREA),
    ("incident_shift", AREA),
    ("incident_delegation", AREA),
    ("incident_plan", AREA),
    ("incident_objective", AREA),
    ("incident_task", WORK),
    ("incident_step", WORK),
    ("incident_evidence", WORK),
    ("incident_directive", AREA),
    ("incident_finding", LINKED),
    ("incident_decisionrecord", AREA),
    ("incident_compactmember", AREA),
    ("incident_sharedalert", LINKED),
    ("incident_aidrequest", LINKED),
    ("incident_datarequest", AREA),
    ("incident_requestedfield", AREA),
    ("incident_handover", AREA),
    ("incident_earlywarning", FRONT),
]
"""Tables that the second net binds, each with the scope of its model; `order` adds its own."""
