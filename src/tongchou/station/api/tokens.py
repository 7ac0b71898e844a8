"""Tokens: made once, shown once, checked by their hash; each stands for a post, never for more."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone

from tongchou.station.access.context import actor as present
from tongchou.station.access.managers import require_any
from tongchou.station.access.policy import Actor
from tongchou.station.accounts.actors import actor_of
from tongchou.station.accounts.models import Post
from tongchou.station.api.models import ApiToken
from tongchou.station.audit.record import record

LONGEST_DAYS = 90
"""How long a token may live; assumption, whoever runs the station may shorten it."""
SEEN_EVERY = timedelta(minutes=1)
"""How finely the last use is kept."""
_SHAPE = re.compile(r"tch_[A-Za-z0-9_-]{43}")
_NEVER = frozenset({"api.tokens"})
"""Actions that no token may carry: a token cannot make tokens."""


def digest(secret: str) -> str:
    """Give what is kept of a token: a plain hash, enough for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def allowed_actions(actor: Actor) -> list[str]:
    """Give the actions that a token of this actor may carry."""
    return sorted(set(actor.may) - _NEVER)


def make(name: str, actions: Iterable[str], days: int) -> tuple[ApiToken, str]:
    """Make a token for the present post; give it and its secret, which is shown this once."""
    require_any("api.tokens")
    who = present()
    kept = sorted(set(actions) & set(allowed_actions(who)))
    secret = f"tch_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        user_id=who.user_id,
        post_id=who.post_id,
        name=name,
        prefix=secret[:10],
        digest=digest(secret),
        actions=kept,
        expires=timezone.now() + timedelta(days=min(max(days, 1), LONGEST_DAYS)),
    )
    record("api.tokens", token, made=kept, expires=token.expires.isoformat())
    return token, secret


def revoke(token: ApiToken) -> None:
    """Revoke one of the present user's tokens; a revoked one stays so."""
    if token.revoked is None:
        token.revoked = timezone.now()
        token.save(update_fields=["revoked"])
        record("api.tokens", token, revoked=True)


def own() -> "Iterable[ApiToken]":
    """Give the present user's tokens, newest first."""
    return ApiToken.objects.filter(user_id=present().user_id).select_related(
        "post__place", "post__unit"
    )


def bearer(request: HttpRequest) -> str | None:
    """Give the token that a request carries; None where it carries none."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else None


def valid(secret: str, now: datetime) -> ApiToken | None:
    """Give the token behind a secret if it, its user and its post are in force."""
    if not _SHAPE.fullmatch(secret):
        return None
    token = (
        ApiToken.objects.filter(digest=digest(secret), revoked__isnull=True, expires__gt=now)
        .filter(user__is_active=True, post__in=Post.objects.in_force())
        .select_related("post__place", "post__unit", "post__user")
        .first()
    )
    if token is not None and (token.last_used is None or now - token.last_used > SEEN_EVERY):
        ApiToken.objects.filter(pk=token.pk).update(last_used=now)
    return token


def from_bearer(request: HttpRequest) -> Actor | None:
    """Give the actor of a token that :class:`~tongchou.station.api.entrance.Entrance` has let in."""
    token: ApiToken | None = getattr(request, "api_token", None)
    if token is None:
        return None
    return actor_of(token.post, channel="api", only=frozenset(token.actions) - _NEVER)
