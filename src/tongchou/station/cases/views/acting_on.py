"""What the pages of this room share: running a service for a form, saying what was done."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest

from tongchou.station.cases.forms.fields import refuse
from tongchou.station.cases.problems import NotAccepted
from tongchou.station.desk.templatetags.words import language
from tongchou.vocabulary.text import Text

T = TypeVar("T")


def kept(form: forms.Form, run: Callable[[dict[str, Any]], T]) -> T | None:
    """Run a service with a valid form; where it refuses, put its problems on the form and keep nothing."""
    if not form.is_valid():
        return None
    try:
        with transaction.atomic():
            return run(form.cleaned_data)
    except NotAccepted as refused:
        refuse(form, refused)
        return None


def tried(request: HttpRequest, run: Callable[[], T]) -> T | None:
    """Run a service for a button; where it refuses, say why and keep nothing."""
    try:
        with transaction.atomic():
            return run()
    except NotAccepted as refused:
        messages.error(request, refused.text()[language()])
        return None


def say(request: HttpRequest, zh: str, en: str, **values: object) -> None:
    """Tell the reader what was done."""
    messages.success(request, Text(zh=zh, en=en).fill(**values)[language()])
