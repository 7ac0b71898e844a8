"""Lists in pages: a cursor that survives insertions, and the exact count of all pages.

::

    @router.get("", response=Page[CaseOut])
    def some(request, paging: Query[Paging]):
        return page_of(Case.objects.all(), paging, order=("-reported_at",), show=shown)
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Q, QuerySet
from ninja import Field, Schema

from tongchou.station.api.errors import Problem, fault
from tongchou.vocabulary.text import Text

Item = TypeVar("Item")
MOST = 500
"""Rows of one page at most."""

_SALT = "tongchou.api.cursor"
_BAD_CURSOR = Text(
    zh="cursor 不可用：请原样使用上一页返回的 next，且不要更改筛选条件。",
    en="The cursor cannot be used: send the `next` of the page before as it is, with the same filters.",
)


class Paging(Schema):
    """Which page."""

    cursor: str = Field("", max_length=600, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=MOST, description="rows of a page")


class Page(Schema, Generic[Item]):
    """One page: its rows, how many there are in all, and the cursor of the next page."""

    items: list[Item]
    count: int
    next: str | None = None


def page_of(
    rows: "QuerySet[Any]",
    paging: Paging,
    *,
    order: Sequence[str] = ("-pk",),
    show: Callable[[Any], Any] = lambda row: row,
) -> dict[str, Any]:
    """Give a page of rows.

    Parameters
    ----------
    rows
        All rows of the list, filtered and not yet ordered.
    paging
        Where to begin and how many.
    order
        Fields that are never null, as for ``order_by``; the key is added last.
    show
        What becomes of each row.
    """
    fields = [*order, *([] if {"pk", "-pk", "id", "-id"} & set(order) else ["pk"])]
    names = [f.lstrip("-") for f in fields]
    seal = hashlib.sha256(f"{rows.model._meta.label}{fields}".encode()).hexdigest()[:12]
    asked = rows.order_by(*fields)
    if paging.cursor:
        asked = asked.filter(_after(fields, _opened(paging.cursor, seal, len(fields))))
    found = list(asked[: paging.limit + 1])
    more = len(found) > paging.limit
    found = found[: paging.limit]
    return {
        "items": [show(row) for row in found],
        "count": rows.count(),
        "next": _sealed([_value(found[-1], n) for n in names], seal) if more else None,
    }


def _after(fields: Sequence[str], values: Sequence[object]) -> Q:
    condition, equal = Q(), Q()
    for field, value in zip(fields, values, strict=True):
        name = field.lstrip("-")
        beyond = Q(**{f"{name}__{'lt' if field.startswith('-') else 'gt'}": value})
        condition |= equal & beyond
        equal &= Q(**{name: value})
    return condition


def _value(row: Any, name: str) -> object:
    for part in name.split("__"):
        row = getattr(row, part)
    return row.isoformat() if isinstance(row, date | datetime) else row


def _sealed(values: list[object], seal: str) -> str:
    return signing.dumps([seal, *values], salt=_SALT, compress=True)


def _opened(cursor: str, seal: str, many: int) -> list[object]:
    """Give the values in a cursor; one of another list, or not of ours, is refused."""
    try:
        found = signing.loads(cursor, salt=_SALT)
    except signing.BadSignature:
        found = None
    if not isinstance(found, list) or found[:1] != [seal] or len(found) != many + 1:
        raise Problem(422, detail=[fault("query.cursor", "cursor", _BAD_CURSOR)], n=1)
    return found[1:]
