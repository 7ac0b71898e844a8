"""Who answers for what: the matrix of mechanisms and organisations, and what nobody owns."""

from collections.abc import Iterable
from dataclasses import dataclass

from tongchou.station.incident.rules.tables import at_level, mechanisms


@dataclass(frozen=True, slots=True)
class Held:
    """One duty in force: organisation (number), mechanism, role."""

    organisation: int
    mechanism: str
    role: str


def asked_of(level: str) -> list[str]:
    """Give the mechanisms that the register asks of a level, in its order."""
    return [m for m in mechanisms() if at_level(m, level)]


def unowned(level: str, held: Iterable[Held]) -> list[str]:
    """Give the mechanisms asked of a level for which no organisation is accountable (M002).

    >>> len(unowned("county", []))
    52
    >>> "M043" in unowned("county", [Held(1, "M043", "accountable")])
    False
    """
    owned = {h.mechanism for h in held if h.role == "accountable"}
    return [m for m in asked_of(level) if m not in owned]
