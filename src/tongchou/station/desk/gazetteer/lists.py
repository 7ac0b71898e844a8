"""Lists of places and of units, what search finds of them, and their place in the navigation."""

from collections.abc import Sequence

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from rapidfuzz import fuzz, process

from tongchou.station.access.context import actor
from tongchou.station.access.policy import below
from tongchou.station.desk.gazetteer.gate import MANAGE
from tongchou.station.desk.gazetteer.services import set_active
from tongchou.station.desk.lists import (
    Badge,
    BulkAction,
    Column,
    Filter,
    ListSpec,
    Rows,
    register_list,
)
from tongchou.station.desk.registry import (
    Hit,
    NavItem,
    SearchSource,
    register_nav,
    register_search,
)
from tongchou.station.places.models import LEVEL_NAMES, UNIT_KIND_NAMES, Level, Place, Unit
from tongchou.station.places.names import query_key
from tongchou.vocabulary.text import Text

PLACES = Text(zh="地区与网格", en="Places and grids")
UNITS = Text(zh="机构", en="Units")
GROUP = Text(zh="底册", en="Registers")
IN_USE, CLOSED = Badge(Text(zh="在用", en="in use"), "good"), Badge(Text(zh="停用", en="closed"))
_CODE, _NAME = Text(zh="编码", en="Code"), Text(zh="名称", en="Name")
_WITHIN = Text(zh="所在地区", en="Within")
_HITS, _CANDIDATES = 12, 200
_SHORTEST, _ALIKE, _COMPARED = 3, 75, 20_000
"""Letters from which a misspelling is looked for, likeness out of 100 that counts, rows compared
(assumptions; likeness is 100 · (1 − edits ÷ letters of both words))."""


def found(rows: Rows, typed: str) -> Rows:
    """Give rows whose name, pinyin, initials or code hold what was typed."""
    key = query_key(typed)
    if not key:
        return rows.none()
    return rows.filter(Q(search__contains=key) | Q(code__startswith=typed.strip().upper()))


def within_post(rows: Rows) -> Rows:
    """Give rows within the area of the present post."""
    return rows.filter(below("path", actor().path))


def search_places(typed: str) -> Sequence[Hit]:
    """Find places by name, pinyin, initials or code; a name that is misspelt finds those it is near to."""
    rows = list(found(Place.objects.select_related("parent"), typed).order_by("path")[:_CANDIDATES])
    chosen = best(rows, typed) or near(Place.objects.exclude(level=Level.GRID).select_related("parent"), typed)  # fmt: skip
    return [
        Hit(
            p.name,
            Text(zh="{level} · {above}", en="{level} · {above}").fill(
                level=LEVEL_NAMES[p.level], above=p.parent.name if p.parent else ""
            ),
            reverse("places:place", args=[p.code]),
        )
        for p in chosen
    ]


def search_units(typed: str) -> Sequence[Hit]:
    """Find units by name, pinyin, initials or code; misspelt names among those of the post's area."""
    rows = list(found(Unit.objects.select_related("place"), typed)[:_CANDIDATES])
    chosen = best(rows, typed) or near(within_post(Unit.objects.select_related("place")), typed)
    return [
        Hit(
            u.name,
            Text(zh="{kind} · {where}", en="{kind} · {where}").fill(
                kind=UNIT_KIND_NAMES[u.kind], where=u.place.name
            ),
            reverse("places:unit", args=[u.code]),
        )
        for u in chosen
    ]


def best(rows: list[Place] | list[Unit], typed: str) -> list[Place] | list[Unit]:
    """Give the best of what was found: whole words first, then beginnings, one's own area before others."""
    key, mine = query_key(typed), actor().path

    def rank(row: Place | Unit) -> tuple[bool, bool, bool]:
        words = row.search.split()
        begins = any(w.startswith(key) for w in words)
        return (key not in words, not begins, not row.path.startswith(mine))

    return sorted(rows, key=rank)[:_HITS]


def near(rows: Rows, typed: str) -> list[Place] | list[Unit]:
    """Give rows with a name spelt nearly like what was typed, the nearest first."""
    key = query_key(typed)
    if len(key) < _SHORTEST:
        return []
    named = rows.order_by("path").values_list("pk", "search")[:_COMPARED]
    words = {(pk, word): word for pk, search in named for word in search.split()}
    scored = process.extract(
        key, words, scorer=fuzz.ratio, processor=None, score_cutoff=_ALIKE, limit=_HITS * 3
    )
    nearest = list(dict.fromkeys(pk for _, _, (pk, _) in scored))[:_HITS]
    held = rows.in_bulk(nearest)
    return [held[pk] for pk in nearest]


def _open(rows: Rows, request: HttpRequest) -> Text:
    return Text(zh="已启用 {n} 个机构。", en="Units put in use: {n}.").fill(
        n=set_active(rows, active=True)
    )


def _close(rows: Rows, request: HttpRequest) -> Text:
    return Text(zh="已停用 {n} 个机构。", en="Units closed: {n}.").fill(
        n=set_active(rows, active=False)
    )


PLACE_LIST = ListSpec(
    name="places",
    title=PLACES,
    action="",
    rows=lambda: Place.objects.select_related("parent"),
    columns=(
        Column("name", _NAME, sort="search"),
        Column("code", _CODE, sort="code"),
        Column("level", Text(zh="层级", en="Level"), value=lambda p: LEVEL_NAMES[p.level]),
        Column("parent", _WITHIN, value=lambda p: p.parent.name if p.parent else None),
        Column("population", Text(zh="居民人数", en="Residents"), kind="count", sort="population"),
    ),
    filters=(
        Filter("level", Text(zh="层级", en="Level"), choices=tuple(LEVEL_NAMES.items())),
        Filter("path", _WITHIN, kind="place"),
        Filter(
            "mine",
            Text(zh="只看本岗位地区", en="Only the area of my post"),
            kind="flag",
            apply=lambda rows, _: within_post(rows),
        ),
    ),
    order=("path",),
    row_url=lambda p: reverse("places:place", args=[p.code]),
    find=found,
)

UNIT_LIST = ListSpec(
    name="units",
    title=UNITS,
    action="",
    rows=lambda: Unit.objects.select_related("place"),
    columns=(
        Column("name", _NAME, sort="search"),
        Column("code", _CODE, sort="code"),
        Column(
            "kind", Text(zh="类别", en="Kind"), value=lambda u: UNIT_KIND_NAMES[u.kind], sort="kind"
        ),
        Column("place", _WITHIN, value=lambda u: u.place.name, sort="path"),
        Column(
            "active", Text(zh="状态", en="State"), kind="badge", badge={True: IN_USE, False: CLOSED}
        ),
    ),
    filters=(
        Filter("kind", Text(zh="类别", en="Kind"), choices=tuple(UNIT_KIND_NAMES.items())),
        Filter("path", _WITHIN, kind="place"),
        Filter(
            "closed",
            Text(zh="只看停用", en="Closed only"),
            kind="flag",
            apply=lambda rows, _: rows.filter(active=False),
        ),
        Filter(
            "mine",
            Text(zh="只看本岗位地区", en="Only the area of my post"),
            kind="flag",
            apply=lambda rows, _: within_post(rows),
        ),
    ),
    bulk=(
        BulkAction("open", Text(zh="启用", en="Put in use"), MANAGE, _open, allowed=within_post),
        BulkAction("close", Text(zh="停用", en="Close"), MANAGE, _close, allowed=within_post),
    ),
    order=("path", "code"),
    row_url=lambda u: reverse("places:unit", args=[u.code]),
    find=found,
    new=(Text(zh="新机构", en="New unit"), "places:new_unit", MANAGE),
)


def register() -> None:
    """Make places and units known to the desk."""
    register_list(PLACE_LIST)
    register_list(UNIT_LIST)
    register_search(SearchSource(name="places", label=PLACES, action="", find=search_places))
    register_search(SearchSource(name="units", label=UNITS, action="", find=search_units))
    register_nav(NavItem(label=PLACES, url_name="places:places", action="", group=GROUP, order=500))
    register_nav(NavItem(label=UNITS, url_name="places:units", action="", group=GROUP, order=510))
