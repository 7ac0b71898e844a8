"""Names by value, in templates."""

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def named(names: Mapping[object, object], value: object) -> object:
    """Give what a value is called."""
    return names[value]
