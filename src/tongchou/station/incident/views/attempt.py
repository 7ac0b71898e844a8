"""Trying a step for a page: done whole or not at all, and a refusal said in the reader's language."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tongchou.station.desk.templatetags.words import language
from tongchou.station.incident.errors import NotPossible
from tongchou.vocabulary.text import Text


def attempt(request: HttpRequest, do: Callable[[], Any], done: Text | None = None) -> bool:
    """Do a step; say what came of it. Whether it was done."""
    try:
        with transaction.atomic():
            do()
    except NotPossible as refused:
        messages.error(request, refused.text()[language()])
        return False
    if done is not None:
        messages.success(request, done[language()])
    return True


def typed(request: HttpRequest, name: str, most: int = 600) -> str:
    """Give what was typed into a field outside a form, without what no database can hold."""
    return request.POST.get(name, "").replace("\x00", "").strip()[:most]


def form_page(
    request: HttpRequest,
    form: BaseForm,
    save: Callable[[Any], str],
    *,
    title: Text,
    button: Text,
    back: str,
    done: Text | None = None,
    note: Text | None = None,
    template: str = "incident/form_page.html",
    **more: object,
) -> HttpResponse:
    """Show a form and save it; ``save`` gets the cleaned data and gives the address to go to.

    What the desk refuses stands above the form, with everything that was typed still in it.
    """
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                where = save(form.cleaned_data)
        except NotPossible as refused:
            form.add_error(None, refused.text()[language()])
        else:
            if done is not None:
                messages.success(request, done[language()])
            return redirect(where)
    context = {"form": form, "title": title, "button": button, "back": back, "note": note, **more}
    return render(request, template, context)
