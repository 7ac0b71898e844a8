"""Lists as every room declares them: what their columns, filters and bulk actions are.

A room describes a list once, in its ``AppConfig.ready()``, and mounts it at an address::

    register_list(ListSpec(name="cases", title=..., action="cases.view", rows=lambda: Case.objects.all(), ...))
    urlpatterns = [path("", list_page("cases"), name="cases")]

One and the same query gives the rows on the page, the count above them and the rows of an export.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from tongchou.station.access.managers import ScopedQuerySet
from tongchou.station.access.policy import below
from tongchou.vocabulary.text import Text

Rows: TypeAlias = QuerySet[Any]
Tone = Literal["neutral", "info", "good", "warn", "bad"]
Choices = Sequence[tuple[str, Text]]


@dataclass(frozen=True, slots=True)
class Badge:
    """A state, tier or clock as a small label; its tone is never its only meaning."""

    text: Text
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list.

    Parameters
    ----------
    key
        Name of the column in addresses and exports; the attribute of the row where ``value`` is
        not given, with ``__`` for a step to a related row.
    value
        Gives the value of a row: a plain value or a ``Text``.
    kind
        How it is written.
    sort
        Field that the column sorts by; without it the column does not sort.
    badge
        Badges by value, or a function from the row.
    """

    key: str
    label: Text
    value: Callable[[Any], object] | None = None
    kind: Literal["text", "count", "date", "datetime", "badge"] = "text"
    sort: str | None = None
    badge: Mapping[Any, Badge] | Callable[[Any], Badge | None] | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of a list.

    What ``apply`` receives depends on the kind: ``choice`` and ``text`` a string, ``dates`` a pair
    of dates either of which may be None, ``place`` the path of the place, ``flag`` True. Without
    ``apply`` the filter compares the field ``key``.
    """

    key: str
    label: Text
    kind: Literal["choice", "text", "dates", "place", "flag"] = "choice"
    choices: Choices | Callable[[], Choices] = ()
    apply: Callable[[Rows, Any], Rows] | None = None

    def options(self) -> Choices:
        """Give the choices, looked up now where they depend on the moment."""
        return self.choices() if callable(self.choices) else self.choices

    def narrow(self, rows: Rows, value: Any) -> Rows:
        """Give the rows that meet the filter."""
        return self.apply(rows, value) if self.apply else rows.filter(_plain(self, value))


def _plain(wanted: Filter, value: Any) -> Q:
    match wanted.kind:
        case "dates":
            first, last = value
            bounds = {f"{wanted.key}__gte": first, f"{wanted.key}__lte": last}
            return Q(**{k: v for k, v in bounds.items() if v is not None})
        case "place":
            return below(wanted.key, value)
        case "text":
            return Q(**{f"{wanted.key}__icontains": value})
        case _:
            return Q(**{wanted.key: value})


@dataclass(frozen=True, slots=True)
class BulkAction:
    """Something done to chosen rows, or to all that match, after a page that states their number.

    ``run`` receives the rows on which the actor may do ``action`` and says what became of them;
    which rows these are the scoped model knows, other models say in ``allowed``.
    """

    key: str
    label: Text
    action: str
    run: Callable[[Rows, HttpRequest], Text]
    allowed: Callable[[Rows], Rows] | None = None

    def may_change(self, rows: Rows) -> Rows:
        """Give those of the rows on which the present actor may do the action."""
        if self.allowed is not None:
            return self.allowed(rows)
        return rows.allowed(self.action) if isinstance(rows, ScopedQuerySet) else rows.none()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSpec:
    """A list.

    Parameters
    ----------
    action
        What the actor must be allowed somewhere in order to see the list at all.
    rows
        Gives the rows within the reach of the present actor.
    order
        Fields the list is ordered by at first; the primary key always comes last.
    row_url
        Address of a row's own page.
    find
        Narrows the rows to what somebody typed into the list's search box.
    personal
        Whether its rows are of persons: each reading is then noted in the audit trail.
    """

    name: str
    title: Text
    action: str
    rows: Callable[[], Rows]
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    bulk: tuple[BulkAction, ...] = ()
    order: tuple[str, ...] = ("-id",)
    row_url: Callable[[Any], str] | None = None
    find: Callable[[Rows, str], Rows] | None = None
    personal: bool = False
    new: tuple[Text, str, str] | None = None
    """Label, name of the address and action of the button that adds a row."""

    def __post_init__(self) -> None:
        taken = [f.key for f in self.filters if f.key in RESERVED]
        if taken:
            raise ValueError(f"list {self.name}: {taken} are words of every list's address")

    @property
    def has_find(self) -> bool:
        """Whether the list has a search box; a template would call ``find`` itself."""
        return self.find is not None

    def filter(self, key: str) -> Filter | None:
        """Give a filter by its key."""
        return next((f for f in self.filters if f.key == key), None)


RESERVED = frozenset({"q", "sort", "after", "before", "last", "format", "row", "all", "bulk", "confirmed"})  # fmt: skip
"""Words that no filter may use as its key."""

_lists: dict[str, ListSpec] = {}


def register_list(spec: ListSpec) -> None:
    """Make a list known; its name must be its own."""
    if spec.name in _lists:
        raise ValueError(f"there is already a list named {spec.name}")
    _lists[spec.name] = spec


def list_of(name: str) -> ListSpec:
    """Give a list by its name."""
    return _lists[name]


def all_lists() -> tuple[ListSpec, ...]:
    """Give every list that is known."""
    return tuple(_lists.values())
