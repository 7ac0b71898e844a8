"""The outermost layer of every request: its number, its line in the log, and the database's absence.

It stands before sessions, accounts and scope, since each of those needs the database: what it
answers itself works when nothing else does.
"""

import logging
import secrets
import sys
import time
from collections.abc import Callable

from django.core.signals import got_request_exception
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from psycopg.errors import (
    DiskFull,
    LockNotAvailable,
    ProgramLimitExceeded,
    QueryCanceled,
    SerializationFailure,
)

from tongchou.station.operations import health, logs, unavailable

HEALTH = "/healthz"
HEADER = "X-Request-ID"
_RETRY_SECONDS = 15
_NOT_ABSENCE = (LockNotAvailable, ProgramLimitExceeded, QueryCanceled, SerializationFailure)
_log = logging.getLogger("tongchou.station.requests")


class Outermost:
    """Number each request, log it, answer ``/healthz``, and say it plainly when the database is away."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        got_request_exception.connect(_remember, dispatch_uid="station-outermost")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        number = secrets.token_hex(6)
        request.request_id = number
        token = logs.request_id.set(number)
        began = time.perf_counter()
        try:
            if request.path == HEALTH:
                return _healthz()
            response = self.get_response(request)
            fault = getattr(request, "station_fault", None)
            if response.status_code == 500 and is_absence(fault):
                response = unavailable.page(
                    full=isinstance(getattr(fault, "__cause__", None), DiskFull), number=number
                )
                response["Retry-After"] = str(_RETRY_SECONDS)
            response[HEADER] = number
            _line(request, response, began)
            return response
        finally:
            logs.request_id.reset(token)


def is_absence(fault: BaseException | None) -> bool:
    """Whether an exception says that the database is away or full, rather than that we erred."""
    if not isinstance(fault, DatabaseError | InterfaceError):
        return False
    cause = fault.__cause__
    if isinstance(cause, _NOT_ABSENCE):
        return False
    return isinstance(fault, OperationalError | InterfaceError) or isinstance(cause, DiskFull)


def _remember(request: HttpRequest | None = None, **_: object) -> None:
    if request is not None:
        request.station_fault = sys.exc_info()[1]


def _healthz() -> HttpResponse:
    state = health.ask()
    return JsonResponse(
        state.as_dict(), status=200 if state.well else 503, headers={"Cache-Control": "no-store"}
    )


def _line(request: HttpRequest, response: HttpResponse, began: float) -> None:
    match = request.resolver_match
    _log.info(
        "request",
        extra={
            "method": request.method,
            "route": f"/{match.route}" if match else "-",
            "status": response.status_code,
            "milliseconds": round(1000 * (time.perf_counter() - began), 1),
        },
    )
