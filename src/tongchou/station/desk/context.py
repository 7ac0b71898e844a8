"""What every page's template may use."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from tongchou.station.desk.home import THEMES
from tongchou.station.desk.registry import nav_for, notices_for
from tongchou.station.desk.templatetags.words import language
from tongchou.vocabulary.text import Text


def desk(request: HttpRequest) -> dict[str, object]:
    """Give the present actor, the posts to choose from, the navigation, the language and the theme."""
    actor = getattr(request, "actor", None)
    theme = request.COOKIES.get("theme", "auto")
    return {
        "actor": actor,
        "posts": getattr(request, "posts", []),
        "lang": language(),
        "theme": theme if theme in THEMES else "auto",
        "notices": notices_for(actor),
        "nav": _navigation(request) if actor else [],
    }


def _navigation(request: HttpRequest) -> list[tuple[Text, list[dict[str, Any]]]]:
    """Give the navigation with addresses; the item whose address the page lies under is the present one."""
    groups: list[tuple[Text, list[dict[str, Any]]]] = [
        (group, [{"label": i.label, "url": reverse(i.url_name)} for i in items])
        for group, items in nav_for(request.actor)
    ]
    under = [i for _, items in groups for i in items if request.path.startswith(i["url"])]
    if under:
        max(under, key=lambda i: len(i["url"]))["here"] = True
    return groups
