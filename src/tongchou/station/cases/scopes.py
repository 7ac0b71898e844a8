"""How the rows of this room belong to places and units, and which tables are bound by it."""

from tongchou.station.access.policy import Scope

CASE = Scope(
    view="cases.view",
    paths=("responsible_path", "residence_path"),
    units=("care_unit_id", "reported_by_id"),
    write_paths=("responsible_path",),
)
"""A case is seen where it is answered for and where the person lives, and by the units that
reported or treat it; only the place that answers for it and those units may change it."""

SAMPLE = Scope(
    view="samples.view",
    paths=("responsible_path", "residence_path"),
    units=("lab_unit_id", "collected_by_id", "care_unit_id", "reported_by_id"),
    write_paths=("responsible_path",),
)

PERSON = Scope(
    view="persons.view",
    paths=("responsible_path", "watch_path", "residence_path"),
    units=("care_unit_id", "reported_by_id"),
    write_paths=("responsible_path", "watch_path"),
)
"""``responsible_path`` follows the person's case, ``watch_path`` their record as a contact or an
arrival under watch."""

IDENTITY = Scope(
    view="cases.identity",
    paths=PERSON.paths,
    units=PERSON.units,
    write_paths=PERSON.write_paths,
)

CONTACT = Scope(view="contacts.view", paths=("responsible_path", "residence_path", "grid_path"))
"""A contact is seen and followed where they are answered for, where they live and in the grid where
they stay; which of the actions each may do is a matter of the post."""

VENUE = Scope(view="contacts.view", paths=("path",))
CLUSTER = Scope(view="cases.view", paths=("path",))
COUNTED = Scope(view="contacts.view", paths=("path",))
SUSPICION = Scope(view="cases.merge", paths=("first_path", "second_path"))
MERGE = Scope(view="cases.merge", paths=("keeper_path", "merged_path"))

BOUND: list[tuple[str, Scope, bool]] = [
    ("cases_person", PERSON, False),
    ("cases_identity", IDENTITY, True),
    ("cases_case", CASE, False),
    ("cases_caseevent", CASE, False),
    ("cases_sample", SAMPLE, False),
    ("cases_investigation", CASE, False),
    ("cases_exposure", CASE, False),
    ("cases_venue", VENUE, False),
    ("cases_cluster", CLUSTER, False),
    ("cases_contact", CONTACT, False),
    ("cases_check", CONTACT, False),
    ("cases_arrival", CONTACT, False),
    ("cases_quarantine", CONTACT, False),
    ("cases_need", CONTACT, False),
    ("cases_appeal", CONTACT, False),
    ("cases_suspicion", SUSPICION, False),
    ("cases_merge", MERGE, True),
    ("cases_tombstone", COUNTED, False),
    ("cases_watchcount", COUNTED, False),
]
"""Table, scope, and whether its rows exist only for those who may see identities."""
