"""Where records come from and go to: the room that keeps cases registers itself here.

::

    register(Port(rows=..., record=..., story=..., visible=..., new_number=..., save=...))
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import QuerySet

from tongchou.station.exchange.fhir.records import Story

KINDS = ("Patient", "Condition", "Specimen", "Observation")
Kind = str
"""One of :data:`KINDS`."""
Done = Literal["created", "updated", "unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A record that a rule of its room refuses: which, and of what kind; ``field`` as in the record."""

    kind: Kind
    number: str
    field: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """How records are read and saved, always within the reach of the present actor.

    Parameters
    ----------
    rows
        The rows of a kind; results are the samples that have one.
    story
        ``story(kind, rows, names=...)`` gives the records of some rows; for cases with their
        persons and samples. ``names`` asks for identities too.
    visible
        Of some numbers of a kind, those that the actor may see.
    new_number
        A pseudonym for a new record of a kind.
    save
        Saves a story, all or nothing; gives what was done with each, or why nothing was.
    """

    rows: Callable[[Kind], "QuerySet[Any]"]
    story: Callable[..., Story]
    visible: Callable[[Kind, Collection[str]], set[str]]
    new_number: Callable[[Kind], str]
    save: Callable[[Story], "tuple[Mapping[tuple[str, str], Done], Sequence[Refusal]]"]


_ports: list[Port] = []


def register(port: Port) -> None:
    """Say where records come from and go to; the last word counts."""
    _ports[:] = [port]


def port() -> Port:
    """Give where records come from and go to."""
    return _ports[0]
