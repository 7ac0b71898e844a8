"""The gate, case by case, without a database."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongchou.station.access.policy import Actor, Scope, decide, variables
from tongchou.station.access.roles import Role, actions, grants, role_rules
from tongchou.station.places.models import until

NATION, HUBEI, WUHAN, JIANGAN = (
    "100000/",
    "100000/420000/",
    "100000/420000/420100/",
    "100000/420000/420100/420102/",
)
JIANGHAN = "100000/420000/420100/420103/"
CASES = Scope(
    view="cases.view",
    paths=("responsible_path", "residence_path"),
    units=("care_unit_id",),
    write_paths=("responsible_path",),
)


def someone(role: str, path: str, unit: int | None = None) -> Actor:
    return Actor(
        user_id=1,
        label="someone",
        post_id=1,
        role=Role(role),
        level="county",
        path=path,
        unit_id=unit,
        may=grants(Role(role)),
    )


def case(responsible: str, residence: str = "", unit: int | None = None) -> SimpleNamespace:
    return SimpleNamespace(
        responsible_path=responsible, residence_path=residence, care_unit_id=unit
    )


@pytest.mark.parametrize(
    ("role", "path", "unit", "record", "seen", "changed"),
    [
        ("epidemiologist", JIANGAN, None, case(JIANGAN), True, True),
        ("epidemiologist", WUHAN, None, case(JIANGAN), True, True),
        ("epidemiologist", JIANGAN, None, case(WUHAN), False, False),
        ("epidemiologist", JIANGAN, None, case(JIANGHAN), False, False),
        ("epidemiologist", JIANGHAN, None, case(JIANGAN, JIANGHAN), True, False),
        ("clinician", JIANGAN, 7, case(JIANGAN, unit=7), True, True),
        ("clinician", JIANGAN, 7, case(JIANGAN, unit=8), False, False),
        ("clinician", JIANGAN, 7, case(JIANGHAN, unit=7), True, True),
        ("commander", NATION, None, case(JIANGAN), True, False),
        ("auditor", NATION, None, case(JIANGAN), False, False),
        ("administrator", NATION, None, case(JIANGAN), False, False),
        ("laboratory", JIANGAN, 7, case(JIANGAN, unit=7), False, False),
    ],
)
def test_who_sees_and_who_changes_a_case(role, path, unit, record, seen, changed):
    actor = someone(role, path, unit)
    assert bool(decide(actor, "cases.view", CASES, record)) is seen
    assert bool(decide(actor, "cases.update", CASES, record, write=True)) is changed


def test_an_answer_keeps_its_reason():
    refused = decide(someone("auditor", NATION), "cases.view", CASES, case(JIANGAN))
    assert "cases.view" in refused.reason.en
    assert refused.reason.zh
    elsewhere = decide(someone("epidemiologist", JIANGHAN), "cases.view", CASES, case(JIANGAN))
    assert elsewhere.reason.en.startswith("it lies outside")


def test_a_code_that_begins_alike_is_another_place():
    """Path 420102 is not above 4201020: the closing stroke keeps them apart."""
    lookalike = JIANGAN.rstrip("/") + "0/"
    assert not decide(someone("epidemiologist", JIANGAN), "cases.view", CASES, case(lookalike))


codes = st.lists(st.text("0123456789G-", min_size=1, max_size=8), min_size=1, max_size=5)


@given(codes, codes)
def test_a_subtree_is_one_range_of_the_index(above, other):
    """Starting with a path and lying in its range are the same, whatever the codes."""
    root, path = "/".join(above) + "/", "/".join(other) + "/"
    inside = root.encode() <= path.encode() < until(root).encode()
    assert inside == path.startswith(root)


def test_without_an_area_grant_the_database_opens_no_area():
    opened = variables(someone("clinician", JIANGAN, 7))
    assert (opened["station.from_path"], opened["station.until_path"]) == ("", "")
    assert opened["station.unit"] == "7"
    assert set(variables(None).values()) == {"", "off"}


def test_every_grant_names_an_action_and_every_action_is_granted_to_someone():
    granted = {a for role in Role for a in grants(role)}
    assert granted <= set(actions())
    assert set(actions()) - granted == set()


def test_roles_that_belong_to_a_unit_reach_no_area():
    for role, rule in role_rules().items():
        if rule.in_unit:
            assert set(grants(role).values()) == {"unit"}, role


def test_who_keeps_accounts_or_audits_sees_no_person():
    for role in (Role.ADMINISTRATOR, Role.AUDITOR):
        assert not any(actions()[a].personal for a in grants(role)), role
