"""Where the present post stands to a piece of work: its owner, its issuer, the level that holds it."""

from tongchou.station.access.context import actor, current
from tongchou.station.access.managers import Refused
from tongchou.station.access.policy import Decision
from tongchou.station.incident.models import Task
from tongchou.station.incident.models.ledger import ISSUING_ACTION
from tongchou.station.places.models import Place
from tongchou.vocabulary.text import Text

ALL_HANDS = frozenset({"owner", "issuer", "holder"})


def own_place() -> Place:
    """Give the place of the present post; what it issues is issued in this place's name."""
    return Place.objects.get(code=actor().place)


def hands(task: Task) -> frozenset[str]:
    """Give what the present post is to a task.

    A level above the owner may read, verify what it issued and help where work was raised to it;
    it does not accept or report in the owner's name.
    """
    now = current()
    who = now.actor
    if now.is_system:
        return ALL_HANDS
    if who is None:
        return frozenset()
    found = set()
    reach = who.may.get("incident.receipt")
    own_unit = who.unit_id is not None and task.unit_id == who.unit_id
    if reach is not None and (own_unit or (reach == "area" and who.path == task.path)):
        found.add("owner")
    if reach == "area" and task.held_path != task.path and who.path == task.held_path:
        found.add("holder")
    if who.may.get(ISSUING_ACTION[task.origin]) == "area" and task.from_path.startswith(who.path):
        found.add("issuer")
    return frozenset(found)


def not_yours(action: str, resource: str) -> Refused:
    """Give the refusal of something that is not for this post."""
    return Refused(
        action,
        resource,
        Decision(
            allowed=False,
            reason=Text(
                zh="本岗位不是承办、下达或受理方", en="the post neither owns, issued nor holds it"
            ),
        ),
    )
