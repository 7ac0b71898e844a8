"""Pages of a long list by keyset: the page after a row begins where an index finds that row.

However far down a page lies it costs the same, because nothing before it is read. Rows without a
value come last in either direction.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Field, Q

from tongchou.station.desk.lists import Rows

SIZE = 50
"""Rows on a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some rows of a list and the way on from them; ``first`` counts from 1."""

    rows: list[Any]
    count: int
    first: int
    after: str = ""
    before: str = ""

    @property
    def last(self) -> int:
        """The number of the last row shown."""
        return self.first + len(self.rows) - 1


@dataclass(frozen=True, slots=True)
class _Key:
    """A field of the order: its direction, and whether it may be empty."""

    name: str
    down: bool
    nullable: bool
    field: Field

    def ordering(self, *, reverse: bool) -> Any:
        down = self.down != reverse
        ordered = F(self.name)
        nulls: dict[str, bool] = {}
        if self.nullable:
            nulls = {"nulls_first": True} if reverse else {"nulls_last": True}
        return ordered.desc(**nulls) if down else ordered.asc(**nulls)

    def beyond(self, value: Any, *, reverse: bool) -> Q | None:
        """Give the condition of coming strictly after a value; None where nothing can."""
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if reverse else None
        found = Q(**{f"{self.name}__{'lt' if self.down != reverse else 'gt'}": value})
        if self.nullable and not reverse:
            found |= Q(**{f"{self.name}__isnull": True})
        return found

    def equal(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})


def page_of(
    rows: Rows,
    order: tuple[str, ...],
    count: int,
    *,
    after: str = "",
    before: str = "",
    last: bool = False,
) -> Page:
    """Give a page of a list: the first, the last, or the one beside a mark of an earlier page."""
    keys = _keys(rows, order)
    mark = _read(after or before, keys)
    backwards = last or (bool(before) and mark is not None)
    size = (count % SIZE or SIZE) if last else SIZE
    wanted = (
        rows if last or mark is None else rows.filter(_beyond(keys, mark[1], reverse=backwards))
    )
    found = _whole(rows, wanted.order_by(*(k.ordering(reverse=backwards) for k in keys))[:size])
    if backwards:
        found.reverse()
    if last:
        first = count - len(found) + 1
    elif mark is None:
        first = 1
    elif backwards:
        first = max(1, mark[0] - len(found))
    else:
        first = mark[0] + 1
    ends = first + len(found) - 1
    return Page(
        rows=found,
        count=count,
        first=first if found else 0,
        after=_mark(keys, found[-1], ends) if found and ends < count else "",
        before=_mark(keys, found[0], first) if found and first > 1 else "",
    )


def _whole(rows: Rows, wanted: Rows) -> list[Any]:
    """Give the rows of a page in two steps: their keys alone first, so that only they are joined."""
    keys = list(wanted.values_list("pk", flat=True))
    held = {row.pk: row for row in rows.filter(pk__in=keys)}
    return [held[key] for key in keys if key in held]


def ordered(rows: Rows, order: tuple[str, ...]) -> Rows:
    """Give rows in the order in which pages show them."""
    return rows.order_by(*(k.ordering(reverse=False) for k in _keys(rows, order)))


def _keys(rows: Rows, order: tuple[str, ...]) -> list[_Key]:
    """Give the fields of an order up to the primary key, after which nothing is left to order."""
    pk, keys = rows.model._meta.pk, []
    for name in (*order, "pk"):
        keys.append(_key(rows, name))
        if keys[-1].field is pk:
            break
    return keys


def _key(rows: Rows, name: str) -> _Key:
    plain, model = name.lstrip("-"), rows.model
    parts = plain.split("__")
    nullable = False
    if plain in rows.query.annotations:
        field = rows.query.annotations[plain].output_field
        return _Key(plain, name.startswith("-"), True, field)
    for part in parts:
        field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        nullable = nullable or bool(field.null)
        model = field.related_model or model
    return _Key(plain, name.startswith("-"), nullable, field)


def _beyond(keys: list[_Key], values: list[Any], *, reverse: bool) -> Q:
    """Give the condition that a row comes after the values, compared field by field."""
    found = Q(pk__in=[])
    same = Q()
    for key, value in zip(keys, values, strict=True):
        step = key.beyond(value, reverse=reverse)
        if step is not None:
            found |= same & step
        same &= key.equal(value)
    return found & _bound(keys[0], values[0], reverse=reverse)


def _bound(key: _Key, value: Any, *, reverse: bool) -> Q:
    """Repeat the first comparison by itself: a range that an index can begin at."""
    if key.nullable or value is None:
        return Q()
    return Q(**{f"{key.name}__{'lte' if key.down != reverse else 'gte'}": value})


def _mark(keys: list[_Key], row: Any, place: int) -> str:
    values = []
    for key in keys:
        value = row
        for part in key.name.split("__"):
            value = None if value is None else getattr(value, part)
        values.append(
            value if value is None or isinstance(value, int | float | str) else str(value)
        )
    return base64.urlsafe_b64encode(json.dumps([place, values]).encode()).decode().rstrip("=")


def _read(mark: str, keys: list[_Key]) -> tuple[int, list[Any]] | None:
    """Read a mark of an address; one that was tampered with is no mark."""
    if not mark:
        return None
    try:
        place, values = json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
        if len(values) != len(keys) or not 0 < int(place) < 10**12:
            return None
        return int(place), [k.field.to_python(v) for k, v in zip(keys, values, strict=True)]
    except (ValueError, TypeError, binascii.Error, ValidationError):
        return None
