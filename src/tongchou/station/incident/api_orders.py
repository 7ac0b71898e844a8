"""The order of the day through the interface: run it, read it, answer it line by line, sign, publish."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime

from tongchou.station.api.conditional import tag
from tongchou.station.api.paging import Page, Paging, page_of
from tongchou.station.api.routes import TextOut, text_out
from tongchou.station.incident import tasks_orders
from tongchou.station.incident.models import Order, OrderDocument, OrderLine
from tongchou.station.incident.services import orders, signing
from tongchou.station.places.models import Place
from tongchou.vocabulary.text import Text

router = Router()

State = Literal[
    "queued", "running", "failed", "drafted", "signing", "signed", "published", "superseded"
]


class OrderOut(Schema):
    """An order as lists show it."""

    id: int
    place: str
    cut: date
    edition: int
    state: State
    step: int = Field(description="number of the step of the morning run that began last, of 8")
    synthetic: bool
    digest: str = Field(description="SHA-256 of the draft's order.json")
    headline: list[TextOut]
    failure: TextOut | None
    signed_at: datetime | None
    signed_by: TextOut | None
    published_at: datetime | None


class FileOut(Schema):
    """A file of an order."""

    id: int
    name: str
    lang: str
    signed: bool
    public: bool
    size: int
    digest: str


class OrderWhole(OrderOut):
    """An order with what makes it again and the files it has."""

    seed: int
    version: str
    pack: str
    inputs: dict[str, str]
    anchor_seq: int | None
    anchor_hash: str
    files: list[FileOut]


class LineOut(Schema):
    """One decision: what was proposed, and the answer."""

    number: int
    decision: str
    proposed: dict[str, Any]
    reply: Literal["", "sign", "change", "refuse"]
    words: TextOut
    owner: str
    due: datetime
    reason: str
    directive: str | None


class OrderFilter(Paging):
    """Which orders."""

    place: str | None = Field(None, max_length=20)
    state: State | None = None
    cut: date | None = None


class AskIn(Schema):
    """For which place and day an order shall be made; the usual day where none is given."""

    place: str = Field(max_length=20)
    cut: date | None = None
    seed: int = Field(1, ge=0, le=2**31 - 1)


class AnswerIn(Schema):
    """An answer; what is left out stays as proposed."""

    reply: Literal["sign", "change", "refuse"]
    words: TextOut | None = None
    owner: str = Field("", max_length=160)
    due: AwareDatetime | None = None
    reason: str = Field("", max_length=600)


def _found(number: int) -> Order:
    return Order.objects.select_related("place").get(pk=number)


def _shown(order: Order) -> dict[str, Any]:
    return {
        "id": order.pk,
        "place": order.place_id,
        "cut": order.cut,
        "edition": order.edition,
        "state": order.state,
        "step": order.step,
        "synthetic": order.synthetic,
        "digest": order.digest,
        "headline": order.headline,
        "failure": text_out(order.failure) if order.failure_en else None,
        "signed_at": order.signed_at,
        "signed_by": text_out(order.signed_title) if order.signed_at else None,
        "published_at": order.published_at,
    }


def _whole(order: Order) -> dict[str, Any]:
    return {
        **_shown(order),
        "seed": order.seed,
        "version": order.version,
        "pack": order.pack,
        "inputs": order.inputs,
        "anchor_seq": order.anchor_seq,
        "anchor_hash": order.anchor_hash,
        "files": list(order.documents.defer("content")),
    }


def _line(line: OrderLine) -> dict[str, Any]:
    return {
        "number": line.number,
        "decision": line.decision,
        "proposed": line.proposed,
        "reply": line.reply,
        "words": text_out(line.words),
        "owner": line.owner_words.zh,
        "due": line.due or orders.proposed_due(line),
        "reason": line.reason,
        "directive": line.directive.number if line.directive else None,
    }


@router.get("", response=Page[OrderOut], summary="每日工作部署 · Orders of the day")
def orders_page(request: HttpRequest, asked: Query[OrderFilter]) -> dict[str, object]:
    """List orders, the newest day first."""
    rows = Order.objects.select_related("place")
    for name in ("state", "cut"):
        if (value := getattr(asked, name)) is not None:
            rows = rows.filter(**{name: value})
    if asked.place is not None:
        rows = rows.filter(place_id=asked.place)
    return page_of(rows, asked, order=("-cut", "-edition", "path"), show=_shown)


@router.post("", response={202: OrderOut}, summary="启动晨间作业 · Start the morning run")
def ask(request: HttpRequest, body: AskIn) -> dict[str, Any]:
    """Ask for an order; while one of that day waits or is being made, that one is given."""
    place = Place.objects.get(code=body.place)
    order = orders.ask(place, body.cut or orders.usual_cut(place), seed=body.seed)
    tasks_orders.defer(order.pk)
    return _shown(order)


@router.get("/{int:number}", response=OrderWhole, summary="一份部署 · One order")
def one(request: HttpRequest, response: HttpResponse, number: int) -> dict[str, Any]:
    """Give one order with its files and what makes it again."""
    order = _found(number)
    tag(request, response, order.pk, order.state, order.step, order.digest)
    return _whole(order)


@router.get("/{int:number}/lines", response=list[LineOut], summary="逐项决定 · Its lines")
def lines(request: HttpRequest, number: int) -> list[dict[str, Any]]:
    """Give the decisions of an order with their answers."""
    rows = _found(number).lines.select_related("directive", "order")
    return [_line(line) for line in rows.order_by("number")]


@router.post("/{int:number}/lines/{int:line}", response=LineOut, summary="答复一项 · Answer a line")
def answer(request: HttpRequest, number: int, line: int, body: AnswerIn) -> dict[str, Any]:
    """Sign, change or refuse one decision; only the commander of the place may."""
    row = _found(number).lines.select_related("order").get(number=line)
    said = row.words
    orders.answer(
        row,
        body.reply,
        text=said if body.words is None else Text(zh=body.words.zh, en=body.words.en),
        owner=body.owner or row.said("owner").zh,
        due=body.due or orders.proposed_due(row),
        reason=body.reason,
    )
    return _line(row)


@router.post("/{int:number}/sign", response=OrderWhole, summary="签署 · Sign")
def sign(request: HttpRequest, number: int) -> dict[str, Any]:
    """Sign an order whose every line is answered."""
    return _whole(signing.sign(_found(number)))


@router.post(
    "/{int:number}/publish", response=OrderWhole, summary="公布公报 · Publish the bulletin"
)
def publish(request: HttpRequest, number: int) -> dict[str, Any]:
    """Let the public read the bulletin of a signed order."""
    return _whole(signing.publish(_found(number)))


@router.get("/{int:number}/files/{int:document}", summary="一个文件 · One file")
def file(request: HttpRequest, number: int, document: int) -> HttpResponse:
    """Give a file of an order as it is kept."""
    found = OrderDocument.objects.get(order_id=number, pk=document)
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    response["ETag"] = f'"{found.digest}"'
    response["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return response
