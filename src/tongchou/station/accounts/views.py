"""Signing in, and one's own account."""

from typing import Any

from allauth.account.views import LoginView
from allauth.mfa.utils import is_mfa_enabled
from axes.decorators import axes_dispatch, axes_form_invalid
from django.conf import settings
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator

from tongchou.station.access.roles import Role, actions, role_rules


@method_decorator(axes_dispatch, name="dispatch")
@method_decorator(axes_form_invalid, name="form_invalid")
class SignIn(LoginView):
    """Sign in by username and password; five failures lock the pair of name and address."""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Add whether the last session ended by itself, and whether a provider is set up."""
        return super().get_context_data(
            over="over" in self.request.GET,
            provider=bool(settings.SOCIALACCOUNT_PROVIDERS),
            **context,
        )


@login_not_required
def closed(request: HttpRequest) -> HttpResponse:
    """Answer for the ways in that this station does not have."""
    raise Http404


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Show a person's own account: posts, what each may do, second factor, sessions, password."""
    posts = [
        {
            "post": post,
            "rule": role_rules()[Role(post.role)],
            "active": request.actor is not None and post.pk == request.actor.post_id,
        }
        for post in request.posts
    ]
    may = [actions()[name] for name in (request.actor.may if request.actor else ())]
    return render(
        request,
        "accounts/home.html",
        {"held": posts, "may": may, "second_factor": is_mfa_enabled(request.user)},
    )
