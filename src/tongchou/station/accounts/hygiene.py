"""What every response says to browsers, and how fast one person may ask."""

import time
from collections.abc import Callable
from threading import Lock

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.module_loading import import_string

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
CLEARED_AT = "/accounts/logout/"


class Hygiene:
    """Keep pages of people who are signed in out of caches; refuse methods nobody uses here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request and add the headers."""
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        response = self.get_response(request)
        if not request.path.startswith(("/static/", "/public/")):
            response.headers.setdefault("Cache-Control", "no-store")
        if request.path == CLEARED_AT and request.method == "POST":
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=()"
        )
        return response


class Pace:
    """Let one person or address ask so many pages a minute (each process counts for itself).

    The limit stands in ``STATION_REQUESTS_PER_MINUTE``: far above what hands can do, far below
    what a copying program wants.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.refuse = import_string(settings.STATION_TOO_MANY)
        self.counts: dict[str, int] = {}
        self.minute, self.lock = 0, Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request, or say that it was one too many."""
        if request.path.startswith(("/static/", "/api/")):
            return self.get_response(request)
        user = request.user
        who = (
            f"user:{user.pk}" if user.is_authenticated else f"ip:{request.META.get('REMOTE_ADDR')}"
        )
        if self._count(who) > settings.STATION_REQUESTS_PER_MINUTE:
            response = self.refuse(request)
            response.headers["Retry-After"] = str(60 - int(time.time()) % 60)
            return response
        return self.get_response(request)

    def _count(self, who: str) -> int:
        minute = int(time.time()) // 60
        with self.lock:
            if minute != self.minute:
                self.counts.clear()
                self.minute = minute
            self.counts[who] = self.counts.get(who, 0) + 1
            return self.counts[who]
