"""Users and posts of an area: who may come in, as what, from when until when.

An account administrator acts within the area of the own post, never on the own account: nobody
gives themselves a duty.
"""

import secrets
from dataclasses import dataclass
from datetime import date

from allauth.mfa.models import Authenticator
from axes.utils import reset as unlock_user
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tongchou.station.access.context import actor
from tongchou.station.access.managers import Refused, require_any
from tongchou.station.access.policy import Decision, below
from tongchou.station.access.roles import ROLE_NAMES, Role, role_rules
from tongchou.station.accounts.models import Post, User
from tongchou.station.audit.record import record
from tongchou.station.places.models import LEVEL_NAMES, Place, Unit
from tongchou.vocabulary.errors import TongchouError
from tongchou.vocabulary.text import Text, join

MANAGE = "accounts.manage"
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that nobody takes for one another on paper."""


class PostRefused(TongchouError):
    """A post that cannot be given as asked."""

    def __init__(self, problem: Text) -> None:
        self.problem = problem
        super().__init__(problem.en)

    def text(self) -> Text:
        """Say what stands in the way."""
        return self.problem


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """A user just made, with the password that is shown once."""

    user: User
    password: str


def one_time_password() -> str:
    """Make a password for the first sign-in: 16 letters and digits, 79 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


def posts_here() -> QuerySet[Post]:
    """Give every post within the present administrator's area."""
    require_any(MANAGE)
    return Post.objects.filter(below("place__path", actor().path)).select_related(
        "user", "place", "unit"
    )


def user_here(username: str) -> User:
    """Give a user who holds or held a post in the area, or one whom nobody has given a post yet.

    Raises
    ------
    Refused
        If the person belongs elsewhere, or does not exist: the same answer.
    """
    require_any(MANAGE)
    found = User.objects.filter(username=username).first()
    posts = [] if found is None else list(found.posts.select_related("place"))
    if found is None or (posts and not any(p.place.path.startswith(actor().path) for p in posts)):
        raise Refused(
            MANAGE, f"accounts.user:{username}", Decision(allowed=False, reason=_ELSEWHERE)
        )
    return found


@transaction.atomic
def create_user(
    username: str,
    display_name: str,
    *,
    role: Role,
    place: Place,
    unit: Unit | None,
    starts: date,
    ends: date | None,
) -> NewUser:
    """Make a user with a first post and a password for the first sign-in.

    Raises
    ------
    PostRefused
        If the post cannot be given; then no user is made either.
    """
    require_any(MANAGE)
    password = one_time_password()
    user = User.objects.create_user(
        username, password=password, display_name=display_name, must_change_password=True
    )
    record(MANAGE, f"accounts.user:{username}", done="created")
    give_post(user, role=role, place=place, unit=unit, starts=starts, ends=ends)
    return NewUser(user=user, password=password)


def give_post(
    user: User, *, role: Role, place: Place, unit: Unit | None, starts: date, ends: date | None
) -> Post:
    """Give a user a post.

    Raises
    ------
    PostRefused
        With the rule that stands in the way.
    """
    problem = what_stands_in_the_way(user, role, place, unit, starts, ends)
    if problem is not None:
        raise PostRefused(problem)
    post = Post.objects.create(
        user=user, role=role, place=place, unit=unit, starts=starts, ends=ends
    )
    record(
        MANAGE,
        f"accounts.user:{user.username}",
        done="post given",
        role=role.value,
        place=place.code,
        unit=unit.code if unit else None,
        ends=ends,
    )
    return post


def what_stands_in_the_way(
    user: User, role: Role, place: Place, unit: Unit | None, starts: date, ends: date | None
) -> Text | None:
    """Give the first rule that a post would break, None where it may be given."""
    rule = role_rules()[role]
    if user.pk == actor().user_id:
        return _NOT_ONESELF
    if not place.path.startswith(actor().path):
        return _OUTSIDE.fill(place=place.name)
    if place.level not in rule.levels:
        levels = join([LEVEL_NAMES[level] for level in rule.levels])
        return _WRONG_LEVEL.fill(role=ROLE_NAMES[role], levels=levels)
    if rule.in_unit and (unit is None or not unit.path.startswith(place.path)):
        return _NEEDS_UNIT.fill(role=ROLE_NAMES[role], place=place.name)
    if not rule.in_unit and unit is not None:
        return _NO_UNIT.fill(role=ROLE_NAMES[role])
    if ends is not None and ends < starts:
        return _ENDS_FIRST
    return None


def end_post(post: Post) -> None:
    """End a post yesterday, so that it is not in force today."""
    _not_oneself(post.user)
    post.ends = timezone.localdate() - timezone.timedelta(days=1)
    post.starts = min(post.starts, post.ends)
    post.save(update_fields=["ends", "starts"])
    record(MANAGE, f"accounts.user:{post.user.username}", done="post ended", post=post.pk)


def reset_password(user: User) -> str:
    """Give a user a new password for one sign-in; second factor and lock are taken off."""
    _not_oneself(user)
    password = one_time_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    Authenticator.objects.filter(user=user).delete()
    unlock_user(username=user.username)
    record(MANAGE, f"accounts.user:{user.username}", done="password reset")
    return password


def close_account(user: User, *, active: bool) -> None:
    """Close an account, or open it again."""
    _not_oneself(user)
    user.is_active = active
    user.save(update_fields=["is_active"])
    record(MANAGE, f"accounts.user:{user.username}", done="opened" if active else "closed")


def _not_oneself(user: User) -> None:
    require_any(MANAGE)
    if user.pk == actor().user_id:
        raise PostRefused(_NOT_ONESELF)


_ELSEWHERE = Text(
    zh="该用户不在本岗位的地区之内", en="the user does not belong to the area of the post"
)
_NOT_ONESELF = Text(
    zh="不能更改自己的账户或岗位：请由另一位账户管理员办理。",
    en="Your own account and posts cannot be changed by yourself: ask another administrator.",
)
_OUTSIDE = Text(
    zh="{place}不在您管理的地区之内。", en="{place} lies outside the area that you administer."
)
_WRONG_LEVEL = Text(
    zh="“{role}”岗位只设在：{levels}。请选择相应级别的地区。",
    en="A post of {role} exists only at these levels: {levels}. Choose a place of such a level.",
)
_NEEDS_UNIT = Text(
    zh="“{role}”岗位须属于{place}内的一个单位。请选择单位。",
    en="A post of {role} belongs to a unit in {place}. Choose the unit.",
)
_NO_UNIT = Text(
    zh="“{role}”岗位不属于单位。请去掉单位。",
    en="A post of {role} belongs to no unit. Leave the unit out.",
)
_ENDS_FIRST = Text(
    zh="离任日期早于到任日期。请核对。", en="The post would end before it starts. Check the dates."
)
