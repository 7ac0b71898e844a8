"""What the audit trail is told about signing in."""

from allauth.account.signals import password_changed, password_set
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from tongchou.station.access.context import maybe_current
from tongchou.station.accounts.actors import actor_of
from tongchou.station.accounts.models import User
from tongchou.station.audit.record import record, record_sign_in


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


@receiver([password_changed, password_set])
def _chosen(user: User, **_: object) -> None:
    """Take off the mark of a one-time password once the person has chosen another."""
    User.objects.filter(pk=user.pk).update(must_change_password=False)
    user.must_change_password = False
    record("accounts.password", f"accounts.user:{user.username}")


def lockout_name(request: HttpRequest | None, credentials: dict[str, str] | None) -> str | None:
    """Give the username that the counter of failures counts for."""
    if credentials:
        return credentials.get("username") or credentials.get("login")
    return request.POST.get("login") if request is not None else None


def _note(action: str, user: User, *, refused: bool = False) -> None:
    if maybe_current() is None:
        return
    post = user.posts_today().first()
    record_sign_in(action, user.username, actor_of(post) if post else None, refused=refused)
