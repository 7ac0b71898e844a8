"""What every page's template may use."""

from django.http import HttpRequest

from tongchou.station.desk.templatetags.words import language


def desk(request: HttpRequest) -> dict[str, object]:
    """Give the present actor, the posts to choose from and the language."""
    return {
        "actor": getattr(request, "actor", None),
        "posts": getattr(request, "posts", []),
        "lang": language(),
    }
