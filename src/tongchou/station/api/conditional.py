"""Conditional requests: an answer that has not changed, and a change to what was read.

::

    @router.get("/{number}")
    def one(request, response: HttpResponse, number: str):
        case = Case.objects.get(number=number)
        tag(request, response, case.pk, case.version)          # 304 where the reader has it
        return shown(case)

    @router.patch("/{number}")
    def change(request, number: str, body: Change):
        case = Case.objects.select_for_update().get(number=number)
        require_match(request, case.pk, case.version)          # 412, or 428 without If-Match
"""

import hashlib
import json

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags, quote_etag

from tongchou.station.api.errors import Problem


class NotModified(Exception):
    """The reader already has this version."""

    def __init__(self, etag: str) -> None:
        self.etag = etag
        super().__init__(etag)


def etag(*version: object) -> str:
    """Give the strong tag of a version: any plain values that change whenever the answer does.

    >>> etag("case", 7, 1)
    '"fd6ddd4f1af05a73ae7315b3"'
    """
    written = json.dumps(version, sort_keys=True, default=str, ensure_ascii=True)
    return quote_etag(hashlib.sha256(written.encode()).hexdigest()[:24])


def tag(request: HttpRequest, response: HttpResponse, *version: object) -> str:
    """Put the tag on an answer.

    Raises
    ------
    NotModified
        If the request says that the reader has this version; answered with 304.
    """
    made = etag(*version)
    response["ETag"] = made
    held = parse_etags(request.headers.get("If-None-Match", ""))
    if request.method in ("GET", "HEAD") and (
        "*" in held or made in (h.removeprefix("W/") for h in held)
    ):
        raise NotModified(made)
    return made


def require_match(request: HttpRequest, *version: object) -> None:
    """Let a change through only if it was made on the present version.

    Raises
    ------
    Problem
        428 without If-Match, 412 if the record was changed meanwhile.
    """
    sent = request.headers.get("If-Match", "")
    if not sent:
        raise Problem(428)
    held = parse_etags(sent)
    if "*" not in held and etag(*version) not in held:
        raise Problem(412)
