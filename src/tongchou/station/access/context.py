"""Who acts now: every query between entering and leaving is bounded by what this actor may see.

::

    with acting(actor):          # one transaction, row-level security on
        Case.objects.all()       # the actor's cases
    with system("nightly release"):
        Case.objects.all()       # all of them; the reason stands in the audit trail
    Case.objects.all()           # OutsideScope: an unscoped query cannot be written by accident
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db import connection, transaction

from tongchou.station.access.policy import Actor, is_over_country, variables
from tongchou.vocabulary.errors import TongchouError
from tongchou.vocabulary.text import Text

DATABASE_ROLE = "station_app"
"""The role of the database that row-level security binds; the owner of the tables is free of it."""
NATION_ROLE, NAMED_ROLE = "station_nation", "station_nation_named"
"""Roles within it for those whose area is the whole country, without and with identities: each row
lies in the country, so that reading needs no bounds, and the planner knows how many rows there are."""


class OutsideScope(TongchouError):
    """A query on scoped rows while nobody acts: a fault of the program, never of the user."""

    def text(self) -> Text:
        """Say what is missing."""
        return Text(
            zh="没有操作者，不能读写受限的记录：请在 acting() 或 system() 之内进行。",
            en="Scoped rows were asked for while nobody acts: do it inside acting() or system().",
        )


@dataclass(slots=True)
class Acting:
    """The present actor (None for nobody signed in), or a named task of the system."""

    actor: Actor | None
    reason: str = ""
    is_system: bool = False
    pending: list[object] = field(default_factory=list)
    """What waits to be written at the end, such as audit entries."""


_now: ContextVar[Acting | None] = ContextVar("acting", default=None)
_at_end: list[Callable[[Acting], None]] = []


def current() -> Acting:
    """Give who acts now.

    Raises
    ------
    OutsideScope
        If nobody does.
    """
    now = _now.get()
    if now is None:
        raise OutsideScope
    return now


def maybe_current() -> Acting | None:
    """Give who acts now, None where nobody does."""
    return _now.get()


def actor() -> Actor:
    """Give the person who acts now.

    Raises
    ------
    OutsideScope
        If nobody is signed in, or the system acts.
    """
    found = current().actor
    if found is None:
        raise OutsideScope
    return found


def at_end(call: Callable[[Acting], None]) -> None:
    """Have something done at the end of each scope, in its transaction."""
    _at_end.append(call)


def role_of(actor: Actor | None) -> str:
    """Give the role of the database in which an actor acts."""
    if actor is None or not is_over_country(actor):
        return DATABASE_ROLE
    return NAMED_ROLE if "cases.identity" in actor.may else NATION_ROLE


@contextmanager
def acting(actor: Actor | None) -> Iterator[Acting]:
    """Let an actor act: one transaction in which only rows within the actor's reach exist."""
    with transaction.atomic():
        before = _set({"role": role_of(actor), **variables(actor)})
        now = Acting(actor=actor)
        yield from _during(now, before)


@contextmanager
def system(reason: str) -> Iterator[Acting]:
    """Let the system act on all rows: jobs, commands, migrations of data.

    Inside a person's scope the person stays the actor on record, and only the bounds are lifted;
    use it where the gate has answered and the rows lie beyond the bounds, as in a hand-over.
    """
    outer = _now.get()
    with transaction.atomic():
        before = _set({"role": "none", **variables(None)})
        now = Acting(actor=outer.actor if outer else None, reason=reason, is_system=True)
        yield from _during(now, before)


def _during(now: Acting, before: dict[str, str]) -> Iterator[Acting]:
    """Run a scope; what was set is set back by a rollback, or here where there is none."""
    token = _now.set(now)
    try:
        yield now
        if not connection.needs_rollback:
            for call in _at_end:
                call(now)
            if before:
                _set(before)
    finally:
        _now.reset(token)


def _set(settings: dict[str, str]) -> dict[str, str]:
    """Set variables of the running transaction; give what they were.

    In the outermost transaction nothing is given: what is set there ends with it, and no question
    stands between the last entry of the audit trail and the commit that frees its lock.
    """
    names = list(settings)
    before: dict[str, str] = {}
    with connection.cursor() as cursor:
        if connection.savepoint_ids:
            cursor.execute("SELECT " + ", ".join("current_setting(%s, true)" for _ in names), names)
            before = dict(zip(names, (v or "" for v in cursor.fetchone()), strict=True))
            before["role"] = before.get("role") or "none"
        cursor.execute(
            "SELECT " + ", ".join("set_config(%s, %s, true)" for _ in names),
            [part for name in names for part in (name, settings[name])],
        )
    return before
