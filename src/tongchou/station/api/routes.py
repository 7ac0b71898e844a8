"""Routes of the ground: who I am, places, units, my tokens."""

from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from tongchou.station.access.roles import ROLE_NAMES
from tongchou.station.api import tokens
from tongchou.station.api.conditional import tag
from tongchou.station.api.models import ApiToken
from tongchou.station.api.paging import Page, Paging, page_of
from tongchou.station.places.models import Place, Unit
from tongchou.station.places.names import query_key
from tongchou.vocabulary.text import Text

me_router, places_router, units_router, tokens_router = Router(), Router(), Router(), Router()


class TextOut(Schema):
    """A term in both languages."""

    zh: str
    en: str


class Me(Schema):
    """The post that a request acts in."""

    user: str
    post: int
    title: TextOut
    role: str
    role_name: TextOut
    level: str
    place: str
    unit: int | None
    actions: dict[str, Literal["area", "unit"]]
    channel: str


class PlaceOut(Schema):
    """A unit of administration."""

    code: str
    level: str
    name: TextOut
    parent: str | None
    path: str
    population: int | None
    longitude: float | None
    latitude: float | None


class UnitOut(Schema):
    """A hospital, laboratory, depot, firm or office."""

    id: int
    code: str
    kind: str
    name: TextOut
    place: str
    path: str
    active: bool


class TokenOut(Schema):
    """A token, without its secret."""

    prefix: str
    name: str
    post: int
    actions: list[str]
    created: datetime
    expires: datetime
    last_used: datetime | None
    state: Literal["valid", "expired", "revoked"]


class PlaceFilter(Paging):
    """Which places."""

    q: str = Field(
        "", max_length=80, description="name in Chinese or English, pinyin, initials, or code"
    )
    level: Literal["nation", "province", "prefecture", "county", "grid"] | None = None
    parent: str | None = Field(None, max_length=20, description="code; its children")
    within: str | None = Field(None, max_length=20, description="code; it and all below it")


class UnitFilter(Paging):
    """Which units."""

    q: str = Field("", max_length=80)
    kind: str | None = Field(None, max_length=16)
    within: str | None = Field(None, max_length=20)


def text_out(text: Text) -> dict[str, str]:
    """Give a text as JSON."""
    return {"zh": text.zh, "en": text.en}


@me_router.get("", response=Me, summary="当前岗位 · The post I act in")
def me(request: HttpRequest) -> dict[str, object]:
    """Give the post that the session or token acts in, and what it may do how far."""
    actor = request.actor
    return {
        "user": actor.label,
        "post": actor.post_id,
        "title": text_out(actor.title),
        "role": actor.role,
        "role_name": text_out(ROLE_NAMES[actor.role]),
        "level": actor.level,
        "place": actor.place,
        "unit": actor.unit_id,
        "actions": dict(actor.may),
        "channel": actor.channel,
    }


@places_router.get("", response=Page[PlaceOut], summary="地区 · Places")
def places(request: HttpRequest, asked: Query[PlaceFilter]) -> dict[str, object]:
    """List places: by name, by level, the children of one, or all within one."""
    rows = Place.objects.all()
    if asked.q:
        rows = _named(rows, asked.q) | Place.objects.filter(code=asked.q.strip())
    if asked.level:
        rows = rows.filter(level=asked.level)
    if asked.parent is not None:
        rows = rows.filter(parent_id=asked.parent)
    if asked.within is not None:
        rows = rows.filter(path__startswith=Place.objects.get(code=asked.within).path)
    return page_of(rows, asked, order=("path",), show=_place)


@places_router.get("/{code}", response=PlaceOut, summary="一个地区 · One place")
def place(request: HttpRequest, response: HttpResponse, code: str) -> dict[str, object]:
    """Give one place by its code."""
    shown = _place(Place.objects.get(code=code))
    tag(request, response, shown)
    return shown


@units_router.get("", response=Page[UnitOut], summary="机构 · Units")
def units(request: HttpRequest, asked: Query[UnitFilter]) -> dict[str, object]:
    """List hospitals, laboratories, depots, firms and offices."""
    rows = Unit.objects.all()
    if asked.q:
        rows = _named(rows, asked.q) | Unit.objects.filter(code=asked.q.strip())
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.within is not None:
        rows = rows.filter(path__startswith=Place.objects.get(code=asked.within).path)
    return page_of(rows, asked, order=("path", "code"), show=_unit)


@units_router.get("/{code}", response=UnitOut, summary="一个机构 · One unit")
def unit(request: HttpRequest, response: HttpResponse, code: str) -> dict[str, object]:
    """Give one unit by its code."""
    shown = _unit(Unit.objects.get(code=code))
    tag(request, response, shown)
    return shown


@tokens_router.get("", response=Page[TokenOut], summary="我的令牌 · My tokens")
def my_tokens(request: HttpRequest, asked: Query[Paging]) -> dict[str, object]:
    """List the tokens of whoever asks; they are made and revoked on the page of tokens."""
    return page_of(tokens.own(), asked, show=_token)


def _named(rows: "QuerySet[Any]", typed: str) -> "QuerySet[Any]":
    """Give the rows whose name in either language, pinyin or initials holds what was typed."""
    key = query_key(typed)
    return rows.filter(search__contains=key) if key else rows.none()


def _place(row: Place) -> dict[str, object]:
    return {
        "code": row.code,
        "level": row.level,
        "name": text_out(row.name),
        "parent": row.parent_id,
        "path": row.path,
        "population": row.population,
        "longitude": row.longitude,
        "latitude": row.latitude,
    }


def _unit(row: Unit) -> dict[str, object]:
    return {
        "id": row.pk,
        "code": row.code,
        "kind": row.kind,
        "name": text_out(row.name),
        "place": row.place_id,
        "path": row.path,
        "active": row.active,
    }


def _token(row: ApiToken) -> dict[str, object]:
    return {
        "prefix": row.prefix,
        "name": row.name,
        "post": row.post_id,
        "actions": row.actions,
        "created": row.created,
        "expires": row.expires,
        "last_used": row.last_used,
        "state": row.state,
    }
