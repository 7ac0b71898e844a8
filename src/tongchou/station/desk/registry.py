"""What the rooms register at the desk: inbox entries, search sources, places in the navigation, panels."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.safestring import SafeString

from tongchou.station.access.policy import Actor
from tongchou.vocabulary.text import Text

Section = Literal["sign", "do", "late", "new"]
SECTIONS: dict[Section, Text] = {
    "sign": Text(zh="待签署", en="To sign"),
    "do": Text(zh="待办", en="To do"),
    "late": Text(zh="已逾期", en="Late"),
    "new": Text(zh="新到", en="New"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxSource:
    """An entry of the inbox: so many rows wait, the oldest since then.

    Parameters
    ----------
    rows
        The rows that wait, within the reach of the present actor; the very query of the list at
        ``url``, so that the two counts agree. Without a clock anything that has ``count()``.
    url
        Address of the list with that filter, or a function that gives it.
    clock
        Field with the date or time since when, or until when, a row waits.
    """

    name: str
    section: Section
    label: Text
    action: str
    rows: Callable[[], Any]
    url: str | Callable[[], str]
    clock: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that a search found."""

    title: Text
    note: Text
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSource:
    """Where a search looks; ``find`` gives the best first, within the reach of the present actor."""

    name: str
    label: Text
    action: str
    find: Callable[[str], Sequence[Hit]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NavItem:
    """A place in the navigation, shown to those who may do its action (empty: to everyone)."""

    label: Text
    url_name: str
    action: str
    group: Text
    order: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A drawing or table beside the inbox; ``draw`` gives it, or None where there is nothing to show."""

    name: str
    label: Text
    action: str
    draw: Callable[[], SafeString | None]
    order: int = 100


Notice = Callable[[Actor | None], Text | None]
"""What every page says at its top to an actor (None: a stranger), or None where there is nothing to say."""

_inbox: dict[str, InboxSource] = {}
_search: dict[str, SearchSource] = {}
_nav: dict[str, NavItem] = {}
_panels: dict[str, Panel] = {}
_notices: dict[str, Notice] = {}


def register_inbox(source: InboxSource) -> None:
    """Make an entry of the inbox known."""
    _put(_inbox, source.name, source)


def register_search(source: SearchSource) -> None:
    """Make a source of the search known."""
    _put(_search, source.name, source)


def register_nav(item: NavItem) -> None:
    """Make a place in the navigation known."""
    _put(_nav, item.url_name, item)


def register_panel(panel: Panel) -> None:
    """Make a panel of the first page known."""
    _put(_panels, panel.name, panel)


def register_notice(name: str, notice: Notice) -> None:
    """Make a notice of every page known."""
    _put(_notices, name, notice)


def notices_for(actor: Actor | None) -> list[Text]:
    """Give what every page says at its top."""
    return [said for notice in _notices.values() if (said := notice(actor)) is not None]


def inbox_for(actor: Actor) -> list[InboxSource]:
    """Give the entries of an actor's inbox."""
    return _allowed(_inbox.values(), actor)


def search_for(actor: Actor) -> list[SearchSource]:
    """Give the sources that an actor may search."""
    return _allowed(_search.values(), actor)


def panels_for(actor: Actor) -> list[Panel]:
    """Give the panels that an actor may see, in their order."""
    return sorted(_allowed(_panels.values(), actor), key=lambda p: p.order)


def nav_for(actor: Actor) -> list[tuple[Text, list[NavItem]]]:
    """Give the navigation of an actor by group; a group stands where its first item does."""
    groups: dict[Text, list[NavItem]] = {}
    for item in sorted(_allowed(_nav.values(), actor), key=lambda n: n.order):
        groups.setdefault(item.group, []).append(item)
    return list(groups.items())


def _put(known: dict[str, Any], name: str, thing: object) -> None:
    if name in known:
        raise ValueError(f"{type(thing).__name__} {name} is already registered")
    known[name] = thing


def _allowed(known: Iterable[Any], actor: Actor) -> list[Any]:
    return [x for x in known if not x.action or x.action in actor.may]
