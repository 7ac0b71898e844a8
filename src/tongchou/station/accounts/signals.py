"""What the audit trail is told about signing in."""

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from tongchou.station.access.context import maybe_current
from tongchou.station.accounts.actors import actor_of
from tongchou.station.accounts.models import User
from tongchou.station.audit.record import record_sign_in


@receiver(user_logged_in)
def _came(user: User, **_: object) -> None:
    _note("accounts.sign_in", user)


@receiver(user_logged_out)
def _left(user: User | None, **_: object) -> None:
    if user is not None:
        _note("accounts.sign_out", user)


@receiver(user_login_failed)
def _failed(credentials: dict[str, str], **_: object) -> None:
    name = str(credentials.get("username", ""))[:150]
    known = User.objects.filter(username=name).first()
    if known is not None:
        _note("accounts.sign_in", known, refused=True)
    elif maybe_current() is not None:
        record_sign_in("accounts.sign_in", "unknown", None, refused=True)


def _note(action: str, user: User, *, refused: bool = False) -> None:
    if maybe_current() is None:
        return
    post = user.posts_today().first()
    record_sign_in(action, user.username, actor_of(post) if post else None, refused=refused)
