"""The register of routers: each app puts its own under ``/api/`` when it is made ready.

::

    from tongchou.station.api.registry import add_router

    add_router("/cases", "tongchou.station.cases.api.router")

The name is imported when the addresses are first needed, so that the order in which apps are made
ready does not matter.
"""

from dataclasses import dataclass

JSON = "application/json"
BODY_LIMIT = 2 * 1024 * 1024
"""Bytes of a request's body, unless a router needs more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounted:
    """A router and what bodies it takes."""

    prefix: str
    router: str
    content_types: tuple[str, ...] = (JSON,)
    body_limit: int = BODY_LIMIT

    def covers(self, path: str) -> bool:
        """Whether an address, counted from ``/api``, belongs to the router."""
        return path == self.prefix or path.startswith(f"{self.prefix}/")


_mounted: dict[str, Mounted] = {}


def add_router(
    prefix: str,
    router: str,
    *,
    content_types: tuple[str, ...] = (JSON,),
    body_limit: int = BODY_LIMIT,
) -> None:
    """Put a router under a prefix.

    Parameters
    ----------
    prefix
        Such as ``/cases``; each has one router, and adding it again replaces it.
    router
        Dotted name of a ``ninja.Router``.
    content_types
        What its bodies may be; others are answered with 415.
    body_limit
        Bytes of a body; more is answered with 413.
    """
    _mounted[prefix] = Mounted(
        prefix=prefix, router=router, content_types=content_types, body_limit=body_limit
    )


def mounted() -> tuple[Mounted, ...]:
    """Give the routers in the order of their prefixes."""
    return tuple(_mounted[prefix] for prefix in sorted(_mounted))


def rule_for(path: str) -> Mounted:
    """Give what holds for the bodies sent to an address, counted from ``/api``.

    >>> rule_for("/nowhere/at/all").content_types
    ('application/json',)
    """
    covering = [m for m in _mounted.values() if m.covers(path)]
    return max(covering, key=lambda m: len(m.prefix), default=Mounted(prefix="", router=""))
