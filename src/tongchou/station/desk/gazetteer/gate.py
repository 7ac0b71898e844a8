"""Who may keep which places and units: the area of the post, as for every other record."""

from tongchou.station.access.context import actor
from tongchou.station.access.managers import Refused
from tongchou.station.access.policy import Actor, Scope, decide
from tongchou.station.places.models import Place, Unit

MANAGE = "places.manage"
SCOPE = Scope(view=MANAGE, paths=("path",))


def require_manage(thing: Place | Unit) -> None:
    """Ask the gate whether the present actor may keep a place or unit, or put something into it.

    Raises
    ------
    Refused
        If it lies outside the area of the post.
    """
    answer = decide(actor(), MANAGE, SCOPE, thing, write=True)
    if not answer:
        raise Refused(MANAGE, f"{thing._meta.label_lower}:{thing.pk}", answer)


def may_manage(who: Actor, thing: Place | Unit) -> bool:
    """Say whether an actor may, as for showing a button."""
    return bool(decide(who, MANAGE, SCOPE, thing, write=True))
