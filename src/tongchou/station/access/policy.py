"""The one gate: whether this actor may do this action on this resource.

Pure functions over plain values, so that the whole table of answers can be tested without a
database. The answer keeps its reason, for the audit trail and for the person who is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from tongchou.station.access.roles import Reach, Role
from tongchou.station.places.models import until
from tongchou.vocabulary.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: a person in a post, or a token that stands for one.

    ``path`` is the place of the post with a closing stroke; ``may`` the actions granted and how
    far each goes.
    """

    user_id: int
    label: str
    post_id: int
    role: Role
    level: str
    path: str
    unit_id: int | None
    may: Mapping[str, Reach] = field(hash=False)
    title: Text = field(default_factory=lambda: Text(zh="", en=""))
    channel: str = "web"

    @property
    def place(self) -> str:
        """The code of the post's place."""
        return self.path.rstrip("/").rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """How rows of a table belong to places and units.

    Parameters
    ----------
    view
        The action that lets a row be seen.
    paths, units
        Columns with place paths and unit numbers: a row is within reach if any of them is.
    write_paths, write_units
        Those of them that also allow a change; all of them where not given.
    """

    view: str
    paths: tuple[str, ...] = ("path",)
    units: tuple[str, ...] = ()
    write_paths: tuple[str, ...] | None = None
    write_units: tuple[str, ...] | None = None

    @property
    def written_by_paths(self) -> tuple[str, ...]:
        """The path columns that allow a change."""
        return self.paths if self.write_paths is None else self.write_paths

    @property
    def written_by_units(self) -> tuple[str, ...]:
        """The unit columns that allow a change."""
        return self.units if self.write_units is None else self.write_units


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer of the gate, with its reason."""

    allowed: bool
    reason: Text

    def __bool__(self) -> bool:
        return self.allowed


_NO_GRANT = Text(
    zh="“{role}”岗位无此权限：{action}", en="the post “{role}” does not allow {action}"
)
_ELSEWHERE = Text(
    zh="不在本岗位的地区或单位之内", en="it lies outside the area or unit of the post"
)
_WITHIN = Text(zh="在本岗位的地区之内", en="it lies within the area of the post")
_OWN_UNIT = Text(zh="属于本单位", en="it belongs to the post's own unit")


def decide(
    actor: Actor, action: str, scope: Scope, resource: object, *, write: bool = False
) -> Decision:
    """Say whether an actor may do an action on one resource.

    ``resource`` is anything that has the columns of ``scope`` as attributes.
    """
    reach = actor.may.get(action)
    if reach is None:
        return Decision(allowed=False, reason=_NO_GRANT.fill(role=actor.role.value, action=action))
    paths = scope.written_by_paths if write else scope.paths
    units = scope.written_by_units if write else scope.units
    if reach == "area" and any(
        str(getattr(resource, p) or "").startswith(actor.path) for p in paths
    ):
        return Decision(allowed=True, reason=_WITHIN)
    if actor.unit_id is not None and any(getattr(resource, u) == actor.unit_id for u in units):
        return Decision(allowed=True, reason=_OWN_UNIT)
    return Decision(allowed=False, reason=_ELSEWHERE)


def condition(actor: Actor, action: str, scope: Scope, *, write: bool = False) -> Q:
    """Give the same answer as :func:`decide` as a query condition over a whole table."""
    reach = actor.may.get(action)
    if reach is None:
        return nothing()
    paths = scope.written_by_paths if write else scope.paths
    units = scope.written_by_units if write else scope.units
    found = Q()
    if reach == "area":
        for path in paths:
            found |= below(path, actor.path)
    if actor.unit_id is not None:
        for unit in units:
            found |= Q(**{unit: actor.unit_id})
    return found or nothing()


def below(column: str, path: str) -> Q:
    """Give the condition that a path column lies at or below a place: one range of its index."""
    return Q(**{f"{column}__gte": path, f"{column}__lt": until(path)})


def nothing() -> Q:
    """Give a condition that no row meets."""
    return Q(pk__in=[])


def is_over_country(actor: Actor) -> bool:
    """Say whether the area of an actor is the whole country, of which a station holds one."""
    return actor.path.count("/") == 1 and "area" in actor.may.values()


def variables(actor: Actor | None) -> dict[str, Any]:
    """Give the settings of the database session that row-level security reads.

    They open the widest reach that any grant of the actor has; :func:`condition` is finer.
    """
    wide = actor is not None and "area" in actor.may.values()
    return {
        "station.from_path": actor.path if actor and wide else "",
        "station.until_path": until(actor.path) if actor and wide else "",
        "station.unit": str(actor.unit_id or "") if actor else "",
        "station.identity": "on" if actor and "cases.identity" in actor.may else "off",
        "station.user": str(actor.user_id) if actor else "",
    }
