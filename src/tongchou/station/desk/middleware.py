"""At the door: who must sign in first, which language, and what a refusal looks like."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import translation

from tongchou.station.access.context import OutsideScope
from tongchou.station.access.managers import Refused
from tongchou.station.audit.record import record_refusal
from tongchou.station.desk import errors
from tongchou.vocabulary.errors import TongchouError

API = "/api/"
"""Below this address callers show a token or a session, and are answered in JSON."""
WITHOUT_POST = ("account_", "mfa_", "socialaccount_")
"""Names of pages about one's own account, which need no post."""


class DeskMiddleware:
    """Speak the reader's language; let nobody in who is not signed in; show refusals as not there.

    A view is closed unless it says otherwise (``login_not_required``).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the language that the person has chosen, on whatever machine."""
        user = getattr(request, "user", None)
        chosen = user.language if user is not None and user.is_authenticated else ""
        if chosen:
            translation.activate(chosen)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Send strangers to the sign-in page and say what is missing to those without a post."""
        if request.path.startswith(API) or not getattr(view, "login_required", True):
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), resolve_url("account_login"))
        match = request.resolver_match
        own = match is not None and (
            (match.url_name or "").startswith(WITHOUT_POST) or "accounts" in match.app_names
        )
        if request.actor is None and not own:
            return errors.no_post()
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Show what is not yours as what is not there, and a fault of the input as its sentence."""
        if request.path.startswith(API):
            return None
        if isinstance(error, Refused):
            record_refusal(error.action, error.resource, error.decision.reason["en"])
            return errors.page(404)
        if isinstance(error, Http404):
            return errors.page(404)
        if isinstance(error, TongchouError) and not isinstance(error, OutsideScope):
            return errors.page(400, error.text())
        return None
