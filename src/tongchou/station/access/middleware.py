"""Every request runs as its actor: one transaction, rows bounded, audit written with it."""

from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from tongchou.station.access.context import acting
from tongchou.station.access.policy import Actor

FIRST_REFUSAL = 400
"""From this status on nothing that the request wrote is kept."""
TOO_MANY = 429
"""But the count of failed attempts is, or nobody would ever be locked out."""


class ScopeMiddleware:
    """Find the actor, open the scope, and undo everything if the answer is a refusal or an error.

    What the audit noted of a refusal is written in a transaction of its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.sources = [import_string(name) for name in settings.STATION_ACTOR_SOURCES]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request inside the scope of its actor."""
        actor = self._actor(request)
        request.actor = actor
        with acting(actor) as now:
            response = self.get_response(request)
            undone = response.status_code >= FIRST_REFUSAL and response.status_code != TOO_MANY
            if undone:
                kept, now.pending = now.pending, []
                transaction.set_rollback(True)
        if undone and kept:
            with acting(actor) as after:
                after.pending.extend(e for e in kept if getattr(e, "survives_refusal", False))
        return response

    def _actor(self, request: HttpRequest) -> Actor | None:
        return next((a for source in self.sources if (a := source(request)) is not None), None)
