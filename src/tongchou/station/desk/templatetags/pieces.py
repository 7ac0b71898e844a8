"""How numbers, clocks and form fields are written on pages; always at hand, like ``say``."""

from datetime import date, datetime
from typing import Any

from django import template
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from tongchou.station.desk import cells
from tongchou.station.desk.lists import Badge
from tongchou.station.desk.templatetags.words import language
from tongchou.vocabulary.text import Text, count

register = template.Library()


@register.filter
def number(value: int) -> str:
    """Write a count, thousands separated."""
    return count(value)


@register.filter
def written(value: object) -> str:
    """Write any value in the reader's language."""
    return cells.written(value, language())


@register.filter
def is_badge(value: object) -> bool:
    """Say whether a value is drawn as a badge."""
    return isinstance(value, Badge)


@register.filter
def amp(query: str) -> str:
    """Give a query that more can be added to."""
    return f"{query}&" if query else ""


@register.filter
def oldest(clock: date | datetime, now: datetime) -> Text:
    """Say how long the oldest has waited, or how soon it is due."""
    if not isinstance(clock, datetime):
        return _days((timezone.localdate(now) - clock).days)
    hours = round((now - clock).total_seconds() / 3600)
    if abs(hours) >= 48:
        return _days(round(hours / 24))
    if hours >= 0:
        return Text(zh="最早 {n} 小时前", en="oldest {n} h ago").fill(n=hours)
    return Text(zh="最早 {n} 小时后", en="first in {n} h").fill(n=-hours)


def _days(days: int) -> Text:
    if days == 0:
        return Text(zh="最早今天", en="oldest today")
    if days > 0:
        return Text(zh="最早 {n} 天前", en="oldest {n} d ago").fill(n=days)
    return Text(zh="最早 {n} 天后", en="first in {n} d").fill(n=-days)


_NOTHING = f">{BLANK_CHOICE_DASH[0][1]}<"
BROWSERS = ("Edg", "Firefox", "MicroMessenger", "Chrome", "Safari")
"""As they name themselves, the more particular first: most also name those they stem from."""
SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "macOS", "Linux": "Linux"}  # fmt: skip


@register.filter
def browser(agent: str) -> Text:
    """Say which browser on which system a session is from.

    >>> browser("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36")["en"]
    'Chrome on Linux'
    """
    name = next((b for b in BROWSERS if b in agent), "")
    system = next((shown for key, shown in SYSTEMS.items() if key in agent), "")
    if not name or not system:
        return Text(zh="其他程序", en="another program")
    return Text(zh="{system} 上的 {name}", en="{name} on {system}").fill(
        name={"Edg": "Edge", "MicroMessenger": "WeChat"}.get(name, name), system=system
    )


@register.filter
def widget_kind(field: BoundField) -> str:
    """Give the kind of a field's widget: how its label and help are laid out."""
    widget = field.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "group"
    return "checkbox" if isinstance(widget, CheckboxInput) else "plain"


@register.filter
def described_by(field: BoundField) -> str:
    """Give the ids of a field's help and errors."""
    ids = [f"{field.auto_id}_help"] if field.help_text else []
    return " ".join([*ids, f"{field.auto_id}_error"] if field.errors else ids)


@register.filter
def dressed(field: BoundField) -> SafeString:
    """Draw a field with the classes of its kind, tied to its help and errors."""
    widget, kind = field.field.widget, widget_kind(field)
    more: dict[str, Any] = {}
    if kind == "plain":
        style = "form-select" if isinstance(widget, Select) else "form-control"
    else:
        style = "form-check-input"
    more["class"] = (
        f"{widget.attrs.get('class', '')} {style}{' is-invalid' if field.errors else ''}".strip()
    )
    if kind == "group":
        return _choices(field, more["class"])
    if ids := described_by(field):
        more["aria-describedby"] = ids
    if field.errors:
        more["aria-invalid"] = "true"
    return mark_safe(field.as_widget(attrs=more).replace(_NOTHING, ">–<"))


def _choices(field: BoundField, style: str) -> SafeString:
    """Draw the choices of a group, each a box with its label beside it."""
    for choice in field.subwidgets:
        choice.data["attrs"]["class"] = style
    drawn = format_html_join(
        "",
        '<label for="{}">{} {}</label>',
        ((c.id_for_label, c.tag(), c.choice_label) for c in field.subwidgets),
    )
    return format_html('<div class="choices" id="{}">{}</div>', field.auto_id, drawn)
