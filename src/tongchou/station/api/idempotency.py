"""The same request sent twice is done once: ``Idempotency-Key`` on every POST.

The key is taken by a row that is written before the work and in the same transaction. A second
request with the key waits for the first one's end: if that kept its work, the stored answer is
given again; if it was undone, the second does the work. No route needs a line for it.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from tongchou.station.access.policy import Actor
from tongchou.station.api.entrance import is_api
from tongchou.station.api.errors import Problem, answer, fault
from tongchou.station.api.models import Answer
from tongchou.vocabulary.text import Text

HEADER, REPLAYED = "Idempotency-Key", "Idempotent-Replay"
KEPT_FOR = timedelta(hours=24)
LONGEST = 200
_REPEATED_HEADERS = ("Content-Type", "ETag", "Location")
_BAD_KEY = Text(
    zh="Idempotency-Key 应为 1 至 200 个可见 ASCII 字符，例如一个 UUID。",
    en="An Idempotency-Key is 1 to 200 visible ASCII characters, such as a UUID.",
)


class OnceOnly:
    """Repeat the answer of a request that was already answered; inside the scope of the actor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request, or repeat its answer."""
        key = request.headers.get(HEADER)
        actor: Actor | None = request.actor
        if key is None or actor is None or request.method != "POST" or not is_api(request):
            return self.get_response(request)
        if not (0 < len(key) <= LONGEST and key.isascii() and key.isprintable()):
            detail = [fault(f"header.{HEADER}", "key", _BAD_KEY)]
            return answer(request, Problem(400, detail=detail))
        print_ = fingerprint(request)
        if not _taken(actor, key, print_):
            return self._repeat(request, actor, key, print_)
        response = self.get_response(request)
        if response.status_code < 400:
            Answer.objects.filter(post_id=actor.post_id, key=key).update(
                status=response.status_code,
                body=response.content.decode(),
                headers={n: response[n] for n in _REPEATED_HEADERS if n in response},
            )
        return response

    def _repeat(self, request: HttpRequest, actor: Actor, key: str, print_: str) -> HttpResponse:
        stored = Answer.objects.get(post_id=actor.post_id, key=key)
        if stored.fingerprint != print_:
            return answer(request, Problem(409, "key_reused"))
        return HttpResponse(
            stored.body, status=stored.status, headers={**stored.headers, REPLAYED: "true"}
        )


def fingerprint(request: HttpRequest) -> str:
    """Give what makes a request the same as another: address, body, and what a token may do."""
    token = getattr(request, "api_token", None)
    parts = (request.get_full_path(), request.content_type or "", str(token.pk if token else ""))
    return hashlib.sha256("\0".join(parts).encode() + b"\0" + request.body).hexdigest()


def _taken(actor: Actor, key: str, print_: str) -> bool:
    """Take a key; False if it was taken before and not longer ago than it is kept."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM api_answer WHERE post_id = %s AND created < %s",
            [actor.post_id, now - KEPT_FOR],
        )
        cursor.execute(
            "INSERT INTO api_answer (user_id, post_id, key, fingerprint, status, headers, body, created) "
            "VALUES (%s, %s, %s, %s, 0, '{}', '', %s) ON CONFLICT (post_id, key) DO NOTHING RETURNING id",
            [actor.user_id, actor.post_id, key, print_, now],
        )
        return cursor.fetchone() is not None
