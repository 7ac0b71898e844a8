"""Accounts that a command makes: those of a demonstration, and the first administrator of real work."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tongchou.station.access.context import system
from tongchou.station.access.roles import Role, role_rules
from tongchou.station.accounts.models import Post, User
from tongchou.station.audit.record import record
from tongchou.station.places.models import LEVEL_NAMES, Place, Unit
from tongchou.vocabulary.errors import UnknownPlace
from tongchou.vocabulary.text import Text

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without signs that look alike on a screen or in handwriting."""
UNIT_KINDS = {
    Role.CLINICIAN: ("designated", "fever_clinic", "general"),
    Role.LABORATORY: ("laboratory",),
    Role.DEPOT: ("depot",),
    Role.ENTERPRISE: ("enterprise",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account and the post it holds; ``password`` only in the moment it is made."""

    username: str
    title: Text
    password: str | None = None


def one_time_password() -> str:
    """Give a password of four groups of four: 79 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def demonstration(county: Place, grid: Place, *, renew: bool) -> list[Account]:
    """Give an account for every role at every level above and in a county, made where missing.

    Parameters
    ----------
    county
        Where the accounts of county level, of grids and of units are.
    grid
        The grid of the grid worker.
    renew
        Whether accounts that exist get new passwords.
    """
    made = []
    with system("accounts of the demonstration"):
        for name, role, place, unit in _posts(county, grid):
            made.append(_account(name, role, place, unit, renew=renew))
    return made


def first_administrator(username: str, place: str) -> Account:
    """Make an administrator whose password must be changed at the first sign-in.

    Raises
    ------
    UnknownPlace
        If the place is not among those of the station.
    """
    with system("first administrator"):
        where = Place.objects.filter(code=place).first()
        if where is None or where.level == "grid":
            raise UnknownPlace(place)
        return _account(username, Role.ADMINISTRATOR, where, None, renew=True, must_change=True)


def _posts(county: Place, grid: Place) -> Iterator[tuple[str, Role, Place, Unit | None]]:
    above: list[Place] = [county]
    while above[-1].parent is not None:
        above.append(above[-1].parent)
    for place in reversed(above):
        for role, rule in role_rules().items():
            if place.level in rule.levels and not rule.in_unit:
                yield f"{role.value}.{place.level}", role, place, None
    for role in role_rules():
        unit = _unit(county, UNIT_KINDS.get(role, ()))
        if unit is not None:
            yield role.value, role, county, unit
    yield Role.GRID_WORKER.value, Role.GRID_WORKER, grid, None


def _unit(county: Place, kinds: Sequence[str]) -> Unit | None:
    for kind in kinds:
        found = Unit.objects.filter(place=county, kind=kind, active=True).order_by("code").first()
        if found is not None:
            return found
    return None


def _account(
    username: str,
    role: Role,
    place: Place,
    unit: Unit | None,
    *,
    renew: bool,
    must_change: bool = False,
) -> Account:
    user, is_new = User.objects.get_or_create(username=username)
    post = user.posts.in_force().first()
    if post is None:
        post = Post.objects.create(user=user, role=role, place=place, unit=unit)
        record("accounts.manage", f"accounts.post:{post.pk}", role=role.value, place=place.code)
    password = one_time_password() if is_new or renew else None
    if password is not None:
        user.set_password(password)
        user.must_change_password = must_change
        user.save()
        record("accounts.manage", f"accounts.user:{user.pk}", change="password")
    return Account(username=username, title=_title(post), password=password)


def _title(post: Post) -> Text:
    title, level = post.title, LEVEL_NAMES[post.place.level]
    return Text(zh=f"{title.zh}（{level.zh}）", en=f"{title.en} ({level.en})")
