"""Pages of the interface: tokens are made, seen once and revoked; every route is described."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from tongchou.station.access.managers import require_any
from tongchou.station.access.roles import actions
from tongchou.station.api import tokens
from tongchou.station.api.ground import ground
from tongchou.station.api.reference import routes
from tongchou.station.audit.record import record
from tongchou.station.desk.forms import lazy, lazy_text
from tongchou.vocabulary.text import Text

STATES = {
    "valid": Text(zh="有效", en="valid"),
    "expired": Text(zh="已过期", en="expired"),
    "revoked": Text(zh="已吊销", en="revoked"),
}
TONES = {"valid": "good", "expired": "neutral", "revoked": "neutral"}


class TokenForm(forms.Form):
    """What a token is for, what it may do, and until when."""

    name = forms.CharField(
        label=lazy("名称", "Name"),
        max_length=80,
        help_text=lazy(
            "写明哪个程序使用，例如“检验系统”。",
            "Say which program uses it, such as “laboratory system”.",
        ),
    )
    days = forms.IntegerField(
        label=lazy("有效天数", "Days it is valid"),
        min_value=1,
        max_value=tokens.LONGEST_DAYS,
        initial=30,
        help_text=lazy("最多 90 天。", "At most 90 days."),
    )
    actions = forms.MultipleChoiceField(
        label=lazy("允许的操作", "What it may do"),
        widget=forms.CheckboxSelectMultiple,
        help_text=lazy("只勾选程序用得到的。", "Tick only what the program needs."),
    )

    def __init__(self, *args: object, allowed: list[str], **options: object) -> None:
        super().__init__(*args, **options)
        known = actions()
        self.fields["actions"].choices = [(a, lazy_text(known[a].meaning)) for a in allowed]


def token_list(request: HttpRequest) -> HttpResponse:
    """List the tokens of whoever is signed in."""
    require_any("api.tokens")
    rows = [{"token": t, "state": STATES[t.state], "tone": TONES[t.state]} for t in tokens.own()]
    record("api.tokens", "tokens", rows=len(rows))
    return render(request, "api/tokens.html", {"rows": rows})


def token_new(request: HttpRequest) -> HttpResponse:
    """Make a token; its secret stands on the answer and nowhere else."""
    require_any("api.tokens")
    form = TokenForm(request.POST or None, allowed=tokens.allowed_actions(request.actor))
    if request.method == "POST" and form.is_valid():
        token, secret = tokens.make(**form.cleaned_data)
        return render(request, "api/token_made.html", {"token": token, "secret": secret})
    return render(request, "api/token_new.html", {"form": form})


def token_revoke(request: HttpRequest, number: int) -> HttpResponse:
    """Revoke a token, after asking."""
    require_any("api.tokens")
    token = get_object_or_404(tokens.own(), pk=number)
    if request.method == "POST":
        tokens.revoke(token)
        return redirect("tokens:list")
    return render(request, "api/token_revoke.html", {"token": token})


def reference(request: HttpRequest) -> HttpResponse:
    """Describe every route, made from the OpenAPI document."""
    return render(request, "api/reference.html", {"groups": routes(ground().get_openapi_schema())})
