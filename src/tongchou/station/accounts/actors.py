"""From a signed-in user to the actor of the access gate."""

from types import MappingProxyType

from django.http import HttpRequest

from tongchou.station.access.policy import Actor
from tongchou.station.access.roles import Role, grants
from tongchou.station.accounts.models import Post

ACTIVE_POST = "active_post"
"""Key of the session that holds the post a person with several is working in."""


def from_session(request: HttpRequest) -> Actor | None:
    """Give the actor of a signed-in user: the post chosen, else the first that is in force."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not user.is_active:
        return None
    posts = {post.pk: post for post in user.posts_today()}
    chosen = posts.get(request.session.get(ACTIVE_POST)) or next(iter(posts.values()), None)
    request.posts = list(posts.values())
    return None if chosen is None else actor_of(chosen)


def actor_of(post: Post, *, channel: str = "web", only: frozenset[str] | None = None) -> Actor:
    """Give the actor of a post.

    Parameters
    ----------
    post
        The post held.
    channel
        How the actor came: ``web``, ``api``, ``job``.
    only
        Actions to keep, as a token with a scope allows; all of the role's where not given.
    """
    role = Role(post.role)
    may = {a: r for a, r in grants(role).items() if only is None or a in only}
    return Actor(
        user_id=post.user_id,
        label=post.user.username,
        post_id=post.pk,
        role=role,
        level=post.place.level,
        path=post.place.path,
        unit_id=post.unit_id,
        may=MappingProxyType(may),
        title=post.title,
        channel=channel,
    )
