"""Rules of a session: it ends with the shift, and some posts need a second factor first."""

from collections.abc import Callable
from datetime import datetime, timedelta

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

BEGAN, SEEN = "session_began", "session_seen"
SEEN_EVERY = timedelta(minutes=5)
"""So often at most the session is written to note that it is in use (assumption)."""


class SessionRules:
    """End sessions that are too old or idle; lead to a new password or second factor where due."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request, or lead elsewhere first."""
        if not request.user.is_authenticated or getattr(request, "actor_is_token", False):
            return self.get_response(request)
        if _is_over(request, timezone.now()):
            auth.logout(request)
            request.actor = None
            return redirect(f"{reverse('account_login')}?over=1")
        step = due_first(request)
        if step is not None and not request.path.startswith(_always_open()):
            return redirect(step)
        return self.get_response(request)


def due_first(request: HttpRequest) -> str | None:
    """Give the page that a user must go through before any other, None where all is done."""
    if request.user.must_change_password:
        return reverse("account_change_password")
    actor = getattr(request, "actor", None)
    if actor and actor.role in settings.STATION_TOTP_ROLES and not is_mfa_enabled(request.user):
        return reverse("mfa_activate_totp")
    return None


def _always_open() -> tuple[str, ...]:
    return (reverse("accounts:home"), "/static/", "/language/")


def _is_over(request: HttpRequest, now: datetime) -> bool:
    session = request.session
    began, seen = (
        datetime.fromisoformat(session[k]) if k in session else now for k in (BEGAN, SEEN)
    )
    if now - began > timedelta(hours=settings.STATION_SESSION_HOURS):
        return True
    if now - seen > timedelta(minutes=settings.STATION_IDLE_MINUTES):
        return True
    if BEGAN not in session:
        session[BEGAN] = now.isoformat()
    if SEEN not in session or now - seen > SEEN_EVERY:
        session[SEEN] = now.isoformat()
    return False
