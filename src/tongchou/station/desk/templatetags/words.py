"""Two languages side by side in every template: ``{% say "中文" "English" %}``."""

from typing import Any

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from tongchou.vocabulary.text import Lang, Text

register = template.Library()


def language() -> Lang:
    """Give the language that the present reader reads."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


@register.simple_tag
def say(zh: str, en: str, **values: Any) -> SafeString:
    """Write a sentence in the reader's language; named values fill its placeholders, escaped."""
    sentence = zh if language() == "zh" else en
    filled = {
        k: conditional_escape(v[language()] if isinstance(v, Text) else v)
        for k, v in values.items()
    }
    return mark_safe(
        conditional_escape(sentence).format(**filled) if filled else conditional_escape(sentence)
    )


@register.filter
def tr(text: object) -> object:
    """Give a two-language text in the reader's language; anything else as it is."""
    return text[language()] if isinstance(text, Text) else text
