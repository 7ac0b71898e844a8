"""Roles and what each may do: tables under ``reference/station``, read once.

``reach`` says how far a grant goes: ``area`` is all below the place of the post, ``unit`` only what
the post's own hospital, laboratory, depot or firm reported, holds or is asked for.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Literal

from tongchou import reference
from tongchou.vocabulary.text import Text, text_of

Reach = Literal["area", "unit"]


class Role(StrEnum):
    """What a post is for."""

    COMMANDER = "commander"
    DUTY_OFFICER = "duty_officer"
    EPIDEMIOLOGIST = "epidemiologist"
    GRID_WORKER = "grid_worker"
    CLINICIAN = "clinician"
    LABORATORY = "laboratory"
    DEPOT = "depot"
    ENTERPRISE = "enterprise"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something that may be done; ``personal`` if it shows or changes data of persons."""

    name: str
    personal: bool
    meaning: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRule:
    """Where a role exists: its levels, and whether its post belongs to a unit."""

    role: Role
    levels: tuple[str, ...]
    in_unit: bool
    name: Text
    meaning: Text


def _rows(name: str) -> list[dict[str, str]]:
    with reference.path(f"station/{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@cache
def actions() -> Mapping[str, Action]:
    """Give every action by name."""
    return MappingProxyType(
        {
            r["action"]: Action(
                name=r["action"], personal=r["personal"] == "yes", meaning=text_of(r, "meaning")
            )
            for r in _rows("actions")
        }
    )


@cache
def role_rules() -> Mapping[Role, RoleRule]:
    """Give the rule of every role."""
    return MappingProxyType(
        {
            Role(r["role"]): RoleRule(
                role=Role(r["role"]),
                levels=tuple(r["levels"].split("|")),
                in_unit=r["in_unit"] == "yes",
                name=text_of(r, "name"),
                meaning=text_of(r, "meaning"),
            )
            for r in _rows("roles")
        }
    )


@cache
def grants(role: Role) -> Mapping[str, Reach]:
    """Give what a role may do, and how far.

    >>> grants(Role.LABORATORY)["samples.result"], "cases.view" in grants(Role.LABORATORY)
    ('unit', False)
    """
    reaches: dict[str, Reach] = {"area": "area", "unit": "unit"}
    found = {r["action"]: reaches[r["reach"]] for r in _rows("grants") if r["role"] == role}
    unknown = set(found) - set(actions())
    if unknown:
        raise KeyError(f"grants.csv names actions that actions.csv lacks: {sorted(unknown)}")
    return MappingProxyType(found)


ROLE_NAMES: Mapping[Role, Text] = MappingProxyType(
    {r: rule.name for r, rule in role_rules().items()}
)
