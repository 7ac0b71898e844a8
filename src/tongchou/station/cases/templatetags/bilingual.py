"""A sheet that says everything twice: in a named language, not in the reader's."""

from datetime import date
from typing import Any

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from tongchou.vocabulary.text import Lang, Text, day

register = template.Library()


def _word(value: Any, lang: Lang) -> Any:
    if isinstance(value, Text):
        return value[lang]
    return day(value)[lang] if isinstance(value, date) else value


@register.simple_tag
def two(lang: Lang, zh: str, en: str, **values: Any) -> SafeString:
    """Write a sentence in the given language; named values fill its placeholders, escaped."""
    filled = {k: conditional_escape(_word(v, lang)) for k, v in values.items()}
    sentence = conditional_escape(zh if lang == "zh" else en)
    return mark_safe(sentence.format(**filled) if filled else sentence)


@register.filter(name="in")
def in_language(value: Any, lang: Lang) -> Any:
    """Give a two-language text in the given language."""
    return _word(value, lang)
