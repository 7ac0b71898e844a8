"""The scoped manager: through it a model's rows are those that the present actor may see."""

from typing import Any, ClassVar

from django.db import models

from tongchou.station.access import policy
from tongchou.station.access.context import current
from tongchou.station.access.policy import Decision, Scope
from tongchou.station.access.roles import Reach
from tongchou.vocabulary.errors import TongchouError
from tongchou.vocabulary.text import Text


class Refused(TongchouError):
    """An action that the gate refuses; shown as "not there", its reason kept for the audit."""

    def __init__(self, action: str, resource: str, decision: Decision) -> None:
        self.action, self.resource, self.decision = action, resource, decision
        super().__init__(action)

    def text(self) -> Text:
        """Say that it is not there: whether it exists elsewhere is nobody's business."""
        return Text(
            zh="找不到，或不在您的职责范围内。请核对编号；如应由您处理，请联系账户管理员。",
            en="Not found, or not within your duties. Check the number; if it should be yours, ask your account administrator.",
        )


class ScopedQuerySet(models.QuerySet[Any]):
    """Rows bounded by the present actor."""

    def allowed(self, action: str) -> "ScopedQuerySet":
        """Give the rows on which the present actor may do an action that changes them."""
        now = current()
        if now.is_system:
            return self
        if now.actor is None:
            return self.none()
        scope: Scope = self.model.scope
        return self.filter(policy.condition(now.actor, action, scope, write=True))


class ScopedManager(models.Manager.from_queryset(ScopedQuerySet)):
    """Give only rows within reach; outside any scope it refuses to give a query at all."""

    def get_queryset(self) -> ScopedQuerySet:
        """Give the rows that the present actor may see."""
        rows = super().get_queryset()
        now = current()
        if now.is_system:
            return rows
        if now.actor is None:
            return rows.none()
        return rows.filter(policy.condition(now.actor, self.model.scope.view, self.model.scope))


class ScopedModel(models.Model):
    """A record that belongs to places or units, and says how in ``scope``."""

    scope: ClassVar[Scope]

    objects = ScopedManager()

    class Meta:
        abstract = True


def require(action: str, resource: models.Model, *, write: bool = True) -> Decision:
    """Ask the gate for the present actor.

    Raises
    ------
    Refused
        If it says no; views show it as 404.
    """
    now = current()
    if now.is_system:
        return Decision(allowed=True, reason=Text(zh=now.reason, en=now.reason))
    scope: Scope = type(resource).scope
    where = f"{resource._meta.label_lower}:{resource.pk}"
    if now.actor is None:
        raise Refused(action, where, Decision(allowed=False, reason=_NOBODY))
    answer = policy.decide(now.actor, action, scope, resource, write=write)
    if not answer:
        raise Refused(action, where, answer)
    return answer


def require_any(action: str) -> Reach:
    """Ask whether the present actor may do an action anywhere at all, as before a form is shown."""
    now = current()
    if now.is_system:
        return "area"
    if now.actor is None or action not in now.actor.may:
        raise Refused(action, "", Decision(allowed=False, reason=_NOBODY))
    return now.actor.may[action]


_NOBODY = Text(zh="未登录或岗位无此权限", en="nobody is signed in, or the post does not allow it")
