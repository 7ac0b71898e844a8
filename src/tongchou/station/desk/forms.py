"""Labels and help of forms in both languages."""

from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.http import HttpRequest
from django.utils.functional import lazy as _lazy

from tongchou.station.desk.templatetags.words import language
from tongchou.vocabulary.text import Text


def _say(zh: str, en: str) -> str:
    return zh if language() == "zh" else en


_lazily = cast(Callable[[str, str], str], _lazy(_say, str))


def lazy(zh: str, en: str) -> str:
    """Give a label that is written in the language of whoever reads it."""
    return _lazily(zh, en)


def lazy_text(text: Text) -> str:
    """Give a two-language text as a label of a form."""
    return _lazily(text.zh, text.en)


def saved(request: HttpRequest) -> None:
    """Say at the top of the next page that what was entered is saved."""
    messages.success(request, Text(zh="已保存。", en="Saved.")[language()])
