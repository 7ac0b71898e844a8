"""Pages of the administration: users and their posts, the audit trail and its verifier."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from tongchou.station.access.managers import require_any
from tongchou.station.administration import lists, services
from tongchou.station.administration.forms import PostForm, UserForm
from tongchou.station.audit.chain import verify
from tongchou.station.audit.models import Entry
from tongchou.station.audit.record import record
from tongchou.station.desk.templatetags.words import language, tr
from tongchou.vocabulary.text import Text


@login_required
def new_user(request: HttpRequest) -> HttpResponse:
    """Make a user with a first post; the password is shown once."""
    require_any(services.MANAGE)
    form = UserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_user(**form.cleaned_data)
        except services.PostRefused as refused:
            form.add_error(None, refused.text()[language()])
        else:
            return render(
                request,
                "administration/password.html",
                {"held_by": made.user, "password": made.password},
            )
    return render(request, "administration/new_user.html", {"form": form})


@login_required
def user(request: HttpRequest, username: str) -> HttpResponse:
    """Show a user with posts; give another post."""
    found = services.user_here(username)
    form = PostForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.give_post(found, **form.cleaned_data)
        except services.PostRefused as refused:
            form.add_error(None, refused.text()[language()])
        else:
            messages.success(request, tr(_GIVEN))
            return redirect("administration:user", username=username)
    posts = services.posts_here().filter(user=found)
    return render(
        request, "administration/user.html", {"found": found, "held": posts, "form": form}
    )


@login_required
@require_POST
def end_post(request: HttpRequest, pk: int) -> HttpResponse:
    """End a post."""
    post = get_object_or_404(services.posts_here(), pk=pk)
    return _done(request, post.user.username, lambda: services.end_post(post), _ENDED)


@login_required
@require_POST
def reset_password(request: HttpRequest, username: str) -> HttpResponse:
    """Make a new password for one sign-in and show it once."""
    found = services.user_here(username)
    try:
        password = services.reset_password(found)
    except services.PostRefused as refused:
        messages.error(request, refused.text()[language()])
        return redirect("administration:user", username=username)
    return render(request, "administration/password.html", {"held_by": found, "password": password})


@login_required
@require_POST
def close_account(request: HttpRequest, username: str) -> HttpResponse:
    """Close an account, or open it again."""
    found = services.user_here(username)
    return _done(
        request,
        username,
        lambda: services.close_account(found, active=not found.is_active),
        _CLOSED if found.is_active else _OPENED,
    )


@login_required
def entry(request: HttpRequest, seq: int) -> HttpResponse:
    """Show one entry of the audit trail."""
    require_any("audit.view")
    found = get_object_or_404(Entry.objects, seq=seq)
    context = {"entry": found, **lists.words_of(found)}
    return render(request, "administration/entry.html", context)


@login_required
@require_POST
def verify_trail(request: HttpRequest) -> HttpResponse:
    """Walk the whole chain and say whether it holds."""
    require_any("audit.view")
    verdict = verify()
    record("audit.view", "audit.chain", holds=verdict.holds, entries=verdict.entries)
    return render(request, "administration/verdict.html", {"verdict": verdict})


def _done(
    request: HttpRequest, username: str, act: Callable[[], object], said: Text
) -> HttpResponse:
    try:
        act()
        messages.success(request, tr(said))
    except services.PostRefused as refused:
        messages.error(request, refused.text()[language()])
    return redirect("administration:user", username=username)


_GIVEN = Text(zh="岗位已设立。", en="The post is given.")
_ENDED = Text(zh="岗位已结束。", en="The post is ended.")
_CLOSED = Text(zh="账户已停用。", en="The account is closed.")
_OPENED = Text(zh="账户已恢复。", en="The account is open again.")
