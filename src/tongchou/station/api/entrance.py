"""Before anything is read: who asks, how often, and what they send.

:class:`Border` is the outermost layer. It names the request, refuses what no part of the station
could store or understand, and gives every refusal under ``/api/`` the one shape.
:class:`Entrance` stands before the scope of the actor. It knows tokens and counts requests.
"""

import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from tongchou.station.api.errors import Problem, answer, reshaped
from tongchou.station.api.registry import Mounted, rule_for
from tongchou.station.api.tokens import bearer, valid

Next = Callable[[HttpRequest], HttpResponse]
PREFIX = "/api/"
RETRY_SECONDS = 15
WINDOW = 60
"""Seconds over which requests are counted."""
_WITH_BODY = ("POST", "PUT", "PATCH", "DELETE")


def is_api(request: HttpRequest) -> bool:
    """Whether a request is one to the interface."""
    return request.path_info.startswith(PREFIX)


class Border:
    """Name the request, refuse the unreadable, give refusals one shape."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        if not is_api(request):
            if _has_nul(request):
                raise BadRequest("a NUL character in the address")
            return self.get_response(request)
        response = self._api(request)
        if not getattr(response, "in_shape", False):
            response = _shaped(request, response)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _api(self, request: HttpRequest) -> HttpResponse:
        try:
            if _has_nul(request):
                raise Problem(400)
            if settings.SECURE_SSL_REDIRECT and not request.is_secure():
                raise Problem(403, "unencrypted")
            if request.method in _WITH_BODY:
                _check_body(request, rule_for(request.path_info.removeprefix("/api")))
        except Problem as problem:
            return answer(request, problem)
        return self.get_response(request)


def _shaped(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Give the one shape to what another layer refused, led elsewhere, or broke on."""
    broken = getattr(request, "station_fault", None)
    if isinstance(broken, OperationalError | InterfaceError):
        headers = {"Retry-After": str(RETRY_SECONDS)}
        return answer(request, Problem(503, headers=headers, wait=RETRY_SECONDS))
    if response.status_code in (301, 302, 303, 307, 308):
        return answer(request, Problem(403, "sign_in_unfinished"))
    return response if response.status_code < 400 else reshaped(request, response)


def _has_nul(request: HttpRequest) -> bool:
    """Whether the address holds what the database cannot store."""
    query = request.META.get("QUERY_STRING", "")
    return "\0" in request.path_info or "%00" in query or "\0" in query


def _check_body(request: HttpRequest, rule: Mounted) -> None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    size = int(length) if length.isascii() and length.isdigit() else 0
    if size > rule.body_limit:
        raise Problem(413, limit=rule.body_limit)
    if size and request.content_type not in rule.content_types:
        raise Problem(415, types=", ".join(rule.content_types))
    # Read here, where the limit of this very address holds: Django's own is for forms.
    request._body = request.read() if size else b""


class Entrance:
    """Know the token, and count."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request, if it comes with a good token or none, and not too often."""
        if not is_api(request):
            return self.get_response(request)
        secret = bearer(request)
        request.api_token = None if secret is None else valid(secret, timezone.now())
        request.actor_is_token = request.api_token is not None
        wait = too_often(list(_who(request)))
        if wait:
            headers = {"Retry-After": str(wait)}
            return answer(request, Problem(429, headers=headers, wait=wait))
        if secret is not None and request.api_token is None:
            return answer(request, not_signed_in())
        return self.get_response(request)


def not_signed_in() -> Problem:
    """Give the answer to a request of nobody."""
    return Problem(401, headers={"WWW-Authenticate": 'Bearer realm="tongchou"'})


def _who(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """Give under which names a request counts, and by which limit."""
    token = request.api_token
    user = token.user_id if token else request.user.pk if request.user.is_authenticated else None
    if token is not None:
        yield f"token:{token.pk}", "token"
    if user is not None:
        yield f"user:{user}", "user"
    if user is None:
        yield f"address:{request.META.get('REMOTE_ADDR', '')[:60]}", "address"


def too_often(names: list[tuple[str, str]]) -> int:
    """Count a request; give how many seconds to wait, 0 if it may pass.

    The count stands outside the transaction of the request, so that refused ones count too.
    """
    now = int(time.time())
    window = now // WINDOW
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO api_usage (who, "window", requests) VALUES '
            + ", ".join(["(%s, %s, 1)"] * len(names))
            + ' ON CONFLICT (who, "window") DO UPDATE SET requests = api_usage.requests + 1 '
            "RETURNING who, requests",
            [part for who, _ in sorted(names) for part in (who, window)],
        )
        counts = dict(cursor.fetchall())
    over = any(counts[who] > settings.API_REQUESTS_PER_MINUTE[kind] for who, kind in names)
    return WINDOW - now % WINDOW if over else 0
